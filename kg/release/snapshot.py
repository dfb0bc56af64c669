"""A state of a review as it is compared with another: everything by its id, nothing by its place or wording.

A snapshot is made of tables of texts. They come from a graph, from the evidence of a folder or from the files of a
release, so that one state gives one snapshot, whichever way it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from kg.export.tables import to_csv
from kg.folder.frozen import read_rows
from kg.folder.same import Row
from kg.model.migrations import COLUMNS as OF_MIGRATIONS
from kg.model.migrations import Migration, migration_of
from kg.query.part import EMPIRICAL
from kg.release.classes import counted_tables
from kg.table import Table

#: Map, row, column; row and column are ids of a factor and an outcome, or of values of facets.
CellKey: TypeAlias = tuple[str, str, str]
#: Map, kind, row, column.
GapKey: TypeAlias = tuple[str, str, str, str]
#: Segment of a cell, such as "barrier" or "absence barrier" -> ids of studies.
Cell: TypeAlias = Mapping[str, frozenset[str]]

#: Table of a snapshot -> its columns. ``study`` is the id of a study, in ``studies`` its short citation. ``evidence``
#: is the class of a study that is not empirical; of gaps and numbers, it is blank where they are of all studies, and
#: "empirical" where they are of the empirical ones among others. ``came`` says what brought a study.
COLUMNS = {
    "studies": ("id", "key", "label", "study", "title", "doi", "year", "standing", "notice", "evidence", "came"),
    "findings": (
        "id", "study", "factor", "direction", "pole", "outcomes", "locator", "tabulated", "certainty", "file",
    ),
    "cells": ("map", "row", "column", "segment", "study"),
    "gaps": ("map", "kind", "row", "column", "evidence"),
    "terms": ("vocabulary", "id", "label", "broader", "definition"),
    "searches": ("id", "date", "source", "platform", "query", "hits"),
    "numbers": ("table", "row", "column", "number", "evidence"),
    "flow": ("stage", "counted", "printed"),
    "criteria": ("rule", "criterion", "field", "accepted"),
    "migrations": OF_MIGRATIONS,
    "reviews": ("study", "review"),
}  # fmt: skip
#: The tables that are only there where they have a row.
OPTIONAL = ("migrations", "reviews")
#: The tables whose rows keep their order.
_ORDERED = ("flow", "migrations")


@dataclass(frozen=True)
class Snapshot:
    """A state of a review.

    ``studies``, ``findings`` and ``searches`` map an id to its row in ``COLUMNS``; ``terms`` maps (vocabulary, id),
    where the vocabulary is "factor", "outcome", "facet" or the id of a facet. ``numbers`` maps (table, row, column) to
    a number of studies: of ("evidence-counts", factor, direction) and ("outcomes", outcome, ""). ``flow`` maps a stage
    of the study flow to its row. ``review`` holds what ``review.toml`` says. ``date`` is the day of a release, None for
    any other state. ``left_out`` maps the ids of studies that are not counted to their class of evidence. ``criteria``
    maps (rule, criterion) of ``screening/eligibility.csv`` to its row; None for a release that does not have them.
    ``migrations`` are the changes of the vocabularies until then. ``reviews`` maps the id of a study to the reviews
    that include it, where there are several.
    """

    name: str
    review: Mapping[str, Any]
    date: str | None = None
    studies: Mapping[str, Row] = field(default_factory=dict)
    findings: Mapping[str, Row] = field(default_factory=dict)
    cells: Mapping[CellKey, Cell] = field(default_factory=dict)
    gaps: frozenset[GapKey] = frozenset()
    terms: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    searches: Mapping[str, Row] = field(default_factory=dict)
    numbers: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    flow: Mapping[str, Row] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[tuple[str, str], Row] | None = None
    migrations: tuple[Migration, ...] = ()
    reviews: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_ids(self, renamed: Mapping[str, str]) -> Snapshot:
        """Return the state with new ids in place of old ones of studies."""
        if not renamed:
            return self

        def new(id_: str) -> str:
            return renamed.get(id_, id_)

        return replace(
            self,
            studies={new(id_): row for id_, row in self.studies.items()},
            reviews={new(id_): ids for id_, ids in self.reviews.items()},
            findings={id_: {**row, "study": new(row["study"])} for id_, row in self.findings.items()},
            cells={
                key: {part: frozenset(map(new, ids)) for part, ids in cell.items()} for key, cell in self.cells.items()
            },
        )

    def counts(self) -> dict[str, int]:
        """Return what is counted of a state, by name."""
        vocabularies = [vocabulary for vocabulary, _ in self.terms]
        gravest = [row["standing"] for row in self.studies.values()]
        return {
            "studies": len(self.studies),
            "findings": len(self.findings),
            "factors": vocabularies.count("factor"),
            "outcomes": vocabularies.count("outcome"),
            "cells": len(self.cells),
            "contested cells": sum(map(is_contested, self.cells.values())),
            "gaps": len(self.gaps),
            "searches": len(self.searches),
            "retracted studies": gravest.count("retracted"),
        }


def poles(cell: Cell) -> dict[str, tuple[int, int]]:
    """Return pole -> numbers of studies that report a facilitator and a barrier, for each pole that has either."""
    found = {}
    for pole in ("", "absence "):
        helped, hindered = (len(cell.get(f"{pole}{direction}", ())) for direction in ("facilitator", "barrier"))
        if helped or hindered:
            found[pole] = helped, hindered
    return found


def is_contested(cell: Cell) -> bool:
    """Return whether some studies of a cell report a facilitator and some a barrier, of one pole of the factor."""
    return any(helped and hindered for helped, hindered in poles(cell).values())


def studies_in(cell: Cell) -> frozenset[str]:
    """Return the studies in any segment of a cell."""
    return frozenset().union(*cell.values())


def texts_of(tables: Mapping[str, Table]) -> dict[str, str]:
    """Return the tables of a snapshot as CSV text, their rows sorted, apart from those whose order has a meaning.

    A table in ``OPTIONAL`` is left out where it has no row.
    """
    return {
        name: to_csv(table if name in _ORDERED else replace(table, rows=sorted(table.rows, key=_sortable)))
        for name, table in tables.items()
        if table.rows or name not in OPTIONAL
    }


def _sortable(row: tuple[Any, ...]) -> list[str]:
    return ["" if value is None else str(value) for value in row]


def snapshot(
    name: str,
    review: Mapping[str, Any],
    tables: Mapping[str, Iterable[Row]],
    date: str | None = None,
    evidence: str = EMPIRICAL,
) -> Snapshot:
    """Return the snapshot with these tables, which are those of ``COLUMNS``; a missing one is empty.

    ``evidence`` says what is counted (see ``kg.release.classes``).
    """
    kept, left_out = counted_tables(tables, evidence)

    def rows(table: str) -> Iterable[Row]:
        return kept.get(table, ())

    return Snapshot(
        name,
        review,
        date,
        {row["id"]: row for row in rows("studies")},
        {row["id"]: row for row in rows("findings")},
        cells_of(rows("cells")),
        frozenset((row["map"], row["kind"], row["row"], row["column"]) for row in rows("gaps")),
        {(row["vocabulary"], row["id"]): row for row in rows("terms")},
        {row["id"]: row for row in rows("searches")},
        {(row["table"], row["row"], row["column"]): int(row["number"]) for row in rows("numbers")},
        {row["stage"]: row for row in rows("flow")},
        left_out,
        {(row["rule"], row["criterion"]): row for row in rows("criteria")} if "criteria" in tables else None,
        tuple(map(migration_of, rows("migrations"))),
        _reviews(rows("reviews")),
    )


def _reviews(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["study"], []).append(row["review"])
    return {study: tuple(sorted(ids)) for study, ids in found.items()}


def from_texts(
    name: str,
    review: Mapping[str, Any],
    texts: Mapping[str, str],
    date: str | None = None,
    evidence: str = EMPIRICAL,
) -> Snapshot:
    """Return the snapshot whose tables are these CSV texts."""
    return snapshot(name, review, {table: read_rows(text) for table, text in texts.items()}, date, evidence)


def cells_of(placements: Iterable[Row]) -> dict[CellKey, Cell]:
    """Return the cells with these placements, which are rows of map, row, column, segment and study."""
    found: dict[CellKey, dict[str, set[str]]] = {}
    for row in placements:
        cell = found.setdefault((row["map"], row["row"], row["column"]), {})
        cell.setdefault(row["segment"], set()).add(row["study"])
    return {key: {segment: frozenset(ids) for segment, ids in cell.items()} for key, cell in found.items()}
