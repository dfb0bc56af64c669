"""The tables of a snapshot, read from a graph or a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.folder.frozen import read_rows
from kg.query.dependence import values_of
from kg.query.maps import DEFAULT, Map
from kg.query.part import EMPIRICAL, empirical_part
from kg.release.classes import other_class
from kg.release.snapshot import COLUMNS, Snapshot, from_texts, snapshot, texts_of
from kg.store.whole import read_nodes
from kg.table import Table

if TYPE_CHECKING:
    from kg.folder.frozen import Release
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph
    from kg.release.beside import Beside

#: The properties of a review in ``review.toml`` that a release holds.
REVIEW_KEYS = (
    "id", "title", "citation", "doi", "year", "question", "search_date", "authors", "version", "changes",
    "inclusion_criteria", "exclusion_criteria", "protocol", "registration", "licence", "update_every",
)  # fmt: skip

#: Kinds of facets whose values are terms; a number is none.
_LISTED = ("category", "categories", "yes/no")


def review_says(info: ReviewInfo) -> dict[str, Any]:
    """Return what ``review.toml`` says of the review, as plain data without blanks."""
    found = {name: getattr(info, name) for name in REVIEW_KEYS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value}


def snapshot_of(graph: Graph, info: ReviewInfo, more: Beside, name: str = "now", evidence: str = EMPIRICAL) -> Snapshot:
    """Return the state of a graph and what is ``more`` in the folder; ``evidence`` is what is counted."""
    part = empirical_part(graph)
    with part or nullcontext():
        tables = snapshot_tables(graph, more, part)
    return from_texts(name, review_says(info), texts_of(tables), evidence=evidence)


def snapshot_of_release(release: Release, evidence: str = EMPIRICAL) -> Snapshot:
    """Return the state that a release holds; a column that an older release lacks is blank.

    Raises BadInput for a release that was edited, and KgError for one that does not tell the empirical studies from the
    others that it has, if they are asked for.
    """
    release.checked()
    if evidence == EMPIRICAL and _is_of_all_classes(release):
        raise KgError(
            f"release {release.name} has studies that are not empirical, and its gaps and numbers count them too: "
            "compare with --evidence all"
        )
    tables = {
        name: [{column: row.get(column, "") for column in columns} for row in release.table(name)]
        for name, columns in COLUMNS.items()
        if release.has(name)
    }
    return snapshot(release.name, release.says["review"], tables, release.says["date"], evidence)


def _is_of_all_classes(release: Release) -> bool:
    """Return whether a release was made before its snapshot had classes of evidence, and its sheet has other ones."""
    if any("evidence" in row for row in release.table("studies")):
        return False
    rows = read_rows((release.root / "studies.csv").read_text(encoding="utf-8"))
    return any(other_class(row.get("evidence", "").split("; ")) for row in rows)


def snapshot_tables(graph: Graph, more: Beside, part: Graph | None = None) -> dict[str, Table]:
    """Return the tables of a snapshot of a graph; their rows are in no particular order.

    ``more`` is what the folder has beside the graph, ``part`` the graph of the empirical studies where there are others
    (see ``kg.query.part.empirical_part``).
    """
    findings = list(graph.table("findings").dicts())
    maps = [(spec.name, Map(graph, spec)) for spec in graph.maps if not spec.is_of_findings]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "studies": _studies(graph, more.came),
        "findings": [
            (
                *(row[name] for name in ("id", "study_id", "factor_id", "direction", "pole")),
                sorted(row["outcome_ids"]),
                *(row[name] for name in ("locator", "tabulated", "certainty", "file")),
            )
            for row in findings
        ],
        "cells": [
            *placements(
                (row["factor_id"], row["outcome_ids"], row["direction"], row["pole"], row["study_id"])
                for row in findings
            ),
            *(placement for name, found in maps for placement in _placements_of_map(name, found)),
        ],
        "gaps": _of_classes(_all_gaps, graph, part),
        "terms": _terms(graph),
        "searches": [tuple(row.get(name) for name in COLUMNS["searches"]) for row in _nodes(graph, "Search")],
        "numbers": _of_classes(_numbers, graph, part),
        "flow": more.flow.only(*COLUMNS["flow"]).rows,
        "criteria": [(each.rule, each.criterion, each.field, each.accepted) for each in more.criteria],
        "migrations": [migration.row_values() for migration in more.migrations],
        "reviews": _inclusions(graph),
    }
    return {name: Table(name, columns, rows[name]) for name, columns in COLUMNS.items()}


def _nodes(graph: Graph, label: str) -> list[dict[str, Any]]:
    return read_nodes(graph.store.read, graph.review, label)


def _studies(graph: Graph, came: Mapping[str, str]) -> list[tuple[Any, ...]]:
    notices: dict[tuple[Any, str], str] = {}
    for row in graph.table("standing").dicts():
        says = " ".join(str(row[name]) for name in ("source", "date") if row[name])
        notices.setdefault((row["study_label"], row["status"]), f"{says}: {row['reason']}" if row["reason"] else says)
    ids = {place: id_ for place, id_, _ in graph.table("units").rows}
    classes = {ids[place]: other_class(values) for place, values in values_of(graph, "evidence").items()}
    return [
        (
            *(row[name] for name in ("id", "key", "label", "study", "title", "doi", "year", "standing")),
            notices.get((row["label"], row["standing"])),
            classes.get(row["id"], ""),
            came.get(row["id"]),
        )
        for row in graph.table("characteristics").dicts()
    ]


def _inclusions(graph: Graph) -> list[tuple[Any, ...]]:
    """Return which review includes which study, where there are several reviews."""
    if len(graph.table("reviews").rows) < 2:
        return []
    ids = {row["label"]: row["id"] for row in graph.table("characteristics").dicts()}
    return [(ids[row["study_label"]], row["review"]) for row in graph.table("inclusions").dicts()]


def placements(found: Iterable[tuple[str, Iterable[str], str, str | None, str]]) -> list[tuple[Any, ...]]:
    """Return the placements of findings, each given as factor, outcomes, direction, pole and study."""
    rows = (
        (DEFAULT.name, factor, outcome, f"absence {direction}" if pole == "absence" else direction, study)
        for factor, outcomes, direction, pole, study in found
        for outcome in outcomes
    )
    return list(dict.fromkeys(rows))


def _placements_of_map(name: str, found: Map) -> Iterator[tuple[Any, ...]]:
    ids = found.units.ids
    for (row, column), cell in found.cells.items():
        place = name, found.rows.values[row].id, found.columns.values[column].id
        if found.segments is None:
            yield from ((*place, "", ids[study]) for study in cell.studies)
            continue
        for key, (studies, _) in cell.segments.items():
            segment = found.segments.values[key].id if found.segments.is_coded(key) else found.segments.name(key)
            yield from ((*place, segment, ids[study]) for study in studies)


def _of_classes(
    count: Callable[[Graph], Iterable[tuple[Any, ...]]], graph: Graph, part: Graph | None
) -> list[tuple[Any, ...]]:
    """Return what is counted in a graph and in its empirical part, with the class of evidence last."""
    rows = [(*row, "") for row in count(graph)]
    return rows + [(*row, EMPIRICAL) for row in count(part)] if part else rows


def _term_ids(graph: Graph) -> dict[tuple[str, str], str]:
    return {(row["kind"], row["label"]): row["id"] for row in graph.table("vocabulary").dicts()}


def _all_gaps(graph: Graph) -> Iterator[tuple[Any, ...]]:
    yield from _gaps(graph)
    for spec in graph.maps:
        if not spec.is_of_findings:
            yield from _gaps_of_map(graph, spec.name, Map(graph, spec))


def _gaps(graph: Graph) -> list[tuple[Any, ...]]:
    terms = _term_ids(graph)
    rows = [
        (DEFAULT.name, row["kind"], *(terms.get((of, row[of])) for of in ("factor", "outcome")))
        for row in graph.gaps().dicts()
        if row["kind"] != "stated"
    ]
    return [*dict.fromkeys(rows), *((DEFAULT.name, "stated", row["id"], None) for row in _nodes(graph, "StatedGap"))]


def _gaps_of_map(graph: Graph, name: str, found: Map) -> Iterator[tuple[Any, ...]]:
    table = graph.gaps(map=name)
    ids = [{value.shown: value.id for value in dimension.values} for dimension in (found.rows, found.columns)]
    for row in table.dicts():
        yield name, row["kind"], *(of[row[column]] for of, column in zip(ids, found.names, strict=True))


def _terms(graph: Graph) -> list[tuple[Any, ...]]:
    names, facets = ("id", "label", "broader", "definition"), list(graph.table("facets").dicts())
    return [
        *((row["kind"], *(row[name] for name in names)) for row in graph.table("vocabulary").dicts()),
        *(("facet", row["facet"], row["label"], None, row["definition"]) for row in facets),
        *(
            (facet["facet"], *(row[name] for name in names))
            for facet in facets
            if facet["kind"] in _LISTED
            for row in graph.table("facet-values", facet=facet["facet"]).dicts()
        ),
    ]


def _numbers(graph: Graph) -> Iterator[tuple[Any, ...]]:
    terms = _term_ids(graph)
    for row in graph.table("evidence-counts").dicts():
        yield "evidence-counts", terms["factor", row["factor"]], row["direction"], row["studies"]
    for row in graph.table("outcomes").dicts():
        yield "outcomes", terms["outcome", row["outcome"]], "", row["studies"]
