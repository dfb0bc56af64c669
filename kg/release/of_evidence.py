"""The state of evidence that is in no store, such as what a preview or an older revision gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kg.model.fields import REVIEW
from kg.model.records import Evidence
from kg.query.part import EMPIRICAL
from kg.release.classes import other_class
from kg.release.snapshot import COLUMNS, Snapshot, from_texts, texts_of
from kg.release.state import placements, review_says
from kg.table import Table


def snapshot_of_evidence(evidence: Evidence, name: str, counted: str = EMPIRICAL) -> Snapshot:
    """Return the state of evidence that is in no store: its studies, findings, terms, numbers and the cells of the map
    of factors and outcomes; ``counted`` says which classes of evidence."""
    from kg.graph.bibliography import gravest_standings
    from kg.graph.build import short_citation, study_labels

    labels, standings = study_labels(evidence.studies), gravest_standings(evidence.standings)
    classes = {s.id: other_class(s.facets.get("evidence", ())) for s in evidence.studies}
    studies = [
        (
            s.id, s.key, labels[s.id], short_citation(s), s.title, s.doi, s.year, standings.get(s.id), None,
            classes[s.id], None,
        )
        for s in evidence.studies
    ]  # fmt: skip
    findings = [
        (
            f.id, f.study, f.factor, f.direction, f.pole, sorted(f.outcomes), f.locator, f.tabulated, f.certainty,
            f.source,
        )
        for f in evidence.findings
    ]  # fmt: skip
    terms = [
        (vocabulary, term.id, term.label, term.broader, term.definition)
        for vocabulary, concepts in (("factor", evidence.factors), ("outcome", evidence.outcomes))
        for term in concepts
    ]
    placed = ((f.factor, f.outcomes, f.direction, f.pole, f.study) for f in evidence.findings)
    others = {id_ for id_, class_ in classes.items() if class_}
    numbers = [(*number, "") for number in _numbers_of(evidence, set())]
    numbers += [(*number, EMPIRICAL) for number in _numbers_of(evidence, others)] if others else []
    rows: dict[str, list[tuple[Any, ...]]] = {
        "studies": studies,
        "findings": findings,
        "cells": placements(placed),
        "terms": terms,
        "numbers": numbers,
        "migrations": [migration.row_values() for migration in evidence.migrations],
        "reviews": [
            (s.id, review) for s in evidence.studies for review in s.facets.get(REVIEW, ()) if evidence.reviews
        ],
    }
    tables = {table: Table(table, COLUMNS[table], found) for table, found in rows.items()}
    return from_texts(name, review_says(evidence.review), texts_of(tables), evidence=counted)


def _numbers_of(evidence: Evidence, without: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the printed numbers of evidence without the studies of these ids."""
    from kg.graph.build import assemble

    part = Evidence(
        evidence.review,
        studies=tuple(study for study in evidence.studies if study.id not in without),
        findings=tuple(finding for finding in evidence.findings if finding.study not in without),
        factors=evidence.factors,
        outcomes=evidence.outcomes,
        facets=evidence.facets,
    )
    yield from filter(None, map(_number, assemble(part).nodes.get("Tally", ())))


def _number(tally: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the number of a tally that a printed table has."""
    kind, scope, rest = tally["id"].split(":", 2)
    term, _, direction = rest.rpartition(":")
    if kind == "outcome":
        return "outcomes", term, "", tally["studies"]
    is_printed = scope == "tabulated" and direction != "any"
    return ("evidence-counts", term, direction, tally["studies"]) if is_printed else None
