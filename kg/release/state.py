"""The tables of a snapshot, read from a graph or made of the evidence of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kg.query.maps import DEFAULT, Map
from kg.query.rows import read_nodes
from kg.release.snapshot import COLUMNS, Snapshot, from_texts, snapshot, texts_of
from kg.table import Table

if TYPE_CHECKING:
    from kg.folder.frozen import Release
    from kg.model.records import Evidence, ReviewInfo
    from kg.query.graph import Graph

#: The properties of a review in ``review.toml`` that a release holds.
REVIEW_KEYS = (
    "id", "title", "citation", "doi", "year", "question", "search_date", "authors", "version", "changes",
    "inclusion_criteria", "exclusion_criteria", "protocol", "registration", "licence",
)  # fmt: skip

#: Kinds of facets whose values are terms; a number is none.
_LISTED = ("category", "categories", "yes/no")


def review_says(info: ReviewInfo) -> dict[str, Any]:
    """Return what ``review.toml`` says of the review, as plain data without blanks."""
    found = {name: getattr(info, name) for name in REVIEW_KEYS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value}


def snapshot_of(graph: Graph, info: ReviewInfo, flow: Table, name: str = "now") -> Snapshot:
    """Return the state of a graph; ``flow`` is the table of the study flow."""
    return from_texts(name, review_says(info), texts_of(snapshot_tables(graph, flow)))


def snapshot_of_release(release: Release) -> Snapshot:
    """Return the state that a release holds; a column that an older release lacks is blank.

    Raises BadInput for a release that was edited.
    """
    release.checked()
    tables = {
        name: [{column: row.get(column, "") for column in columns} for row in release.table(name)]
        for name, columns in COLUMNS.items()
    }
    return snapshot(release.name, release.says["review"], tables, release.says["date"])


def snapshot_of_evidence(evidence: Evidence, name: str) -> Snapshot:
    """Return the state of evidence that is in no store: its studies, findings, terms, numbers and the cells of the map
    of factors and outcomes."""
    from kg.graph.bibliography import gravest_standings
    from kg.graph.build import assemble, short_citation, study_labels

    labels, standings = study_labels(evidence.studies), gravest_standings(evidence.standings)
    studies = [
        (s.id, s.key, labels[s.id], short_citation(s), s.title, s.doi, s.year, standings.get(s.id), None)
        for s in evidence.studies
    ]
    findings = [
        (
            f.id,
            f.study,
            f.factor,
            f.direction,
            f.pole,
            sorted(f.outcomes),
            f.locator,
            f.tabulated,
            f.certainty,
            f.source,
        )
        for f in evidence.findings
    ]
    terms = [
        (vocabulary, term.id, term.label, term.broader, term.definition)
        for vocabulary, concepts in (("factor", evidence.factors), ("outcome", evidence.outcomes))
        for term in concepts
    ]
    placed = ((f.factor, f.outcomes, f.direction, f.pole, f.study) for f in evidence.findings)
    numbers = [_number(tally) for tally in assemble(evidence).nodes.get("Tally", ())]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "studies": studies,
        "findings": findings,
        "cells": _placements(placed),
        "terms": terms,
        "numbers": [number for number in numbers if number],
    }
    tables = {table: Table(table, COLUMNS[table], found) for table, found in rows.items()}
    return from_texts(name, review_says(evidence.review), texts_of(tables))


def _number(tally: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the number of a tally that a printed table has."""
    kind, scope, rest = tally["id"].split(":", 2)
    term, _, direction = rest.rpartition(":")
    if kind == "outcome":
        return "outcomes", term, "", tally["studies"]
    is_printed = scope == "tabulated" and direction != "any"
    return ("evidence-counts", term, direction, tally["studies"]) if is_printed else None


def snapshot_tables(graph: Graph, flow: Table) -> dict[str, Table]:
    """Return the tables of a snapshot of a graph; their rows are in no particular order.

    ``flow`` is the table of the study flow, which is counted in files.
    """
    terms = {(row["kind"], row["label"]): row["id"] for row in graph.table("vocabulary").dicts()}
    findings = list(graph.table("findings").dicts())
    maps = [(spec.name, Map(graph, spec)) for spec in graph.maps if not spec.is_of_findings]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "studies": _studies(graph),
        "findings": [
            (
                *(row[name] for name in ("id", "study_id", "factor_id", "direction", "pole")),
                sorted(row["outcome_ids"]),
                *(row[name] for name in ("locator", "tabulated", "certainty", "file")),
            )
            for row in findings
        ],
        "cells": [
            *_placements(
                (row["factor_id"], row["outcome_ids"], row["direction"], row["pole"], row["study_id"])
                for row in findings
            ),
            *(placement for name, found in maps for placement in _placements_of_map(name, found)),
        ],
        "gaps": [*_gaps(graph, terms), *(gap for name, found in maps for gap in _gaps_of_map(graph, name, found))],
        "terms": _terms(graph),
        "searches": [tuple(row.get(name) for name in COLUMNS["searches"]) for row in _nodes(graph, "Search")],
        "numbers": list(_numbers(graph, terms)),
        "flow": flow.only(*COLUMNS["flow"]).rows,
    }
    return {name: Table(name, columns, rows[name]) for name, columns in COLUMNS.items()}


def _nodes(graph: Graph, label: str) -> list[dict[str, Any]]:
    return read_nodes(graph.store, graph.review, label)


def _studies(graph: Graph) -> list[tuple[Any, ...]]:
    notices: dict[tuple[Any, str], str] = {}
    for row in graph.table("standing").dicts():
        says = " ".join(str(row[name]) for name in ("source", "date") if row[name])
        notices.setdefault((row["study_label"], row["status"]), f"{says}: {row['reason']}" if row["reason"] else says)
    return [
        (
            *(row[name] for name in ("id", "key", "label", "study", "title", "doi", "year", "standing")),
            notices.get((row["label"], row["standing"])),
        )
        for row in graph.table("characteristics").dicts()
    ]


def _placements(found: Iterable[tuple[str, Iterable[str], str, str | None, str]]) -> list[tuple[Any, ...]]:
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


def _gaps(graph: Graph, terms: Mapping[tuple[str, str], str]) -> list[tuple[Any, ...]]:
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


def _numbers(graph: Graph, terms: Mapping[tuple[str, str], str]) -> Iterator[tuple[Any, ...]]:
    for row in graph.table("evidence-counts").dicts():
        yield "evidence-counts", terms["factor", row["factor"]], row["direction"], row["studies"]
    for row in graph.table("outcomes").dicts():
        yield "outcomes", terms["outcome", row["outcome"]], "", row["studies"]
