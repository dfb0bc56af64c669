"""Small reviews with facets, and what is counted in them, computed from the records without a graph."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from kg.graph.build import assemble, study_labels, study_orders
from kg.model.fields import CODING_STATUSES, VALUES
from kg.model.records import Concept, Evidence, Facet, Finding, ReviewInfo, Study
from kg.query.graph import Graph
from kg.query.maps import MapSpec
from kg.store import Manifest, open_store

FACTORS = (Concept("pay", "Pay"), Concept("team", "Team"), Concept("else", "Other", residual=True))
OUTCOMES = (Concept("stay", "Retention"), Concept("joy", "Joy"), Concept("calm", "Calm"))
DESIGNS = (
    Concept("field", "Field work"),
    Concept("survey", "Survey", "field"),
    Concept("talk", "Interviews", "field"),
    Concept("lab", "Lab, small"),
)
TONES = (Concept("warm", "Warm"), Concept("cold", "Cold"))
YEARS = tuple(Concept(text, text) for text in ("1999", "2015", "2020"))
FACETS = (
    Facet("year", "Year", "study", "year", YEARS),
    Facet("design", "Study design", "study", "categories", DESIGNS),
    Facet("tone", "Tone", "finding", "categories", TONES),
)
#: Dimensions of small reviews -> whether they are of findings.
DIMENSIONS = {
    "year": False, "design": False, "tone": True, "factor": True, "outcome": True, "direction": True, "pole": True,
}  # fmt: skip
MAPS = (
    MapSpec("designs", "design", "year"),
    MapSpec("tones", "tone", "factor", "direction"),
    MapSpec("mixed", "design", "outcome", "tone", "A map"),
    MapSpec("tags", "factor", "outcome", "year"),
)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Return the evidence of a review of up to six studies."""

    def some(values: Sequence[Any], most: int) -> tuple[Any, ...]:
        return tuple(draw(st.lists(st.sampled_from(values), max_size=most, unique=True)))

    def coded(**facets: Sequence[Concept]) -> dict[str, Any]:
        values = {name: tuple(v.id for v in some(own, 1 if name == "year" else 2)) for name, own in facets.items()}
        blank = {name: draw(st.sampled_from((None, *CODING_STATUSES[:2]))) for name, own in values.items() if not own}
        return {
            "facets": {name: own for name, own in values.items() if own},
            "not_coded": {name: status for name, status in blank.items() if status},
        }

    studies = [
        Study(f"key:s{n}", f"s{n}", str(9 - n), outcomes=tuple(o.id for o in some(OUTCOMES, 2)), reports=some(("r1", "r2"), 2), **coded(year=YEARS, design=DESIGNS))
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    findings = [
        Finding(
            f"f{n}",
            draw(st.sampled_from(studies)).id,
            draw(st.sampled_from(FACTORS)).id,
            draw(st.sampled_from(tuple(VALUES["direction"]))),
            tuple(o.id for o in some(OUTCOMES, 2)),
            pole=draw(st.sampled_from((None, "presence", "absence"))),
            implied=draw(st.booleans()),
            **coded(tone=TONES),
        )
        for n in range(draw(st.integers(0, 10)) if studies else 0)
    ]
    return Evidence(ReviewInfo("r", "R"), tuple(studies), tuple(findings), FACTORS, OUTCOMES, facets=FACETS)


@contextmanager
def graph_of(evidence: Evidence, maps: Sequence[MapSpec] = MAPS) -> Iterator[Graph]:
    """Open the graph of evidence in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"embedded:{folder}/graph")
        store.write(assemble(evidence), Manifest(evidence.review.id, "test"))
        with Graph(store, maps=maps) as graph:
            yield graph


#: A value by the name that tables have for it, or a coding status, and whether it is a value.
Code = tuple[bool, Any]


def label(dimension: str, value: str) -> Any:
    """Return what tables call a value."""
    concepts = {"factor": FACTORS, "outcome": OUTCOMES, "design": DESIGNS, "tone": TONES}.get(dimension)
    return int(value) if dimension == "year" else next((c.label for c in concepts or () if c.id == value), value)


def codes(unit: Study | Finding, dimension: str) -> list[Code]:
    """Return the codes of a study or finding by itself."""
    if dimension == "outcome":
        values: Sequence[str | None] = unit.outcomes
    elif dimension in ("factor", "direction", "pole"):
        values = [getattr(unit, dimension)] if isinstance(unit, Finding) else []
    else:
        values = unit.facets.get(dimension, ())
    found = [(True, label(dimension, value)) for value in values if value]
    blank = "none" if dimension in ("factor", "outcome") else unit.not_coded.get(dimension, "not extracted")
    return found or [(False, blank)]


def rows_of(
    evidence: Evidence, study: Study, dimensions: Sequence[str], *, together: bool
) -> list[tuple[Finding | None, list[list[Code]]]]:
    """Return what a study is counted by: a row for the study, or (``together``) one for each of its findings and one
    for what only the study itself has.
    """
    own = [finding for finding in evidence.findings if finding.study == study.id]
    if not together:
        merged = []
        for d in dimensions:
            units: list[Study | Finding] = [study, *(own if DIMENSIONS[d] else [])]
            found = {code for unit in units for code in codes(unit, d)}
            merged.append([c for c in found if c[0]] or _statuses(found, units, d))
        return [(None, merged)]
    rows: list[tuple[Finding | None, list[list[Code]]]] = [
        (finding, [codes(finding if DIMENSIONS[d] else study, d) for d in dimensions]) for finding in own
    ]
    said = [{code for _, row in rows for code in row[n]} for n in range(len(dimensions))]
    if not own:
        return [(None, [codes(study, d) for d in dimensions])]
    rest = [
        [c for c in codes(study, d) if DIMENSIONS[d] and c[0] and c not in said[n]] for n, d in enumerate(dimensions)
    ]
    if any(rest):
        blank = ["none" if d in ("factor", "outcome") else "not extracted" for d in dimensions]
        rows.append(
            (
                None,
                [
                    codes(study, d) if not DIMENSIONS[d] else rest[n] or [(False, blank[n])]
                    for n, d in enumerate(dimensions)
                ],
            )
        )
    return rows


def _statuses(found: set[Code], units: Iterable[Study | Finding], dimension: str) -> list[Code]:
    """Return the coding statuses that a study and its findings have: blank only where nothing else is said."""
    said = {unit.not_coded[dimension] for unit in units if dimension in unit.not_coded}
    return [(False, status) for status in said] or [code for code in found if not code[0]][:1]


def tabulated(
    evidence: Evidence, dimensions: Sequence[str], by: str
) -> tuple[dict[tuple[Any, ...], set[Any]], set[Any]]:
    """Return the cells of a crosstab with everything that is counted in them, and everything that is counted."""
    together = by == "finding" or sum(DIMENSIONS[d] for d in dimensions) > 1
    cells: dict[Any, set[tuple[Code, ...]]] = {}
    for study in evidence.studies:
        for finding, row in rows_of(evidence, study, dimensions, together=together):
            things: Sequence[Any] = {
                "study": [study.id], "report": study.reports or [study.id], "finding": [finding.id] if finding else [],
            }[by]  # fmt: skip
            for thing in things:
                cells.setdefault(thing, set()).update(product(*row))
    everything = set(cells) if by != "finding" else {finding.id for finding in evidence.findings}
    found: dict[tuple[Any, ...], set[Any]] = {}
    for thing, own in cells.items():
        for cell in own:
            less = any(
                other != cell
                and all(not a[0] or a == b for a, b in zip(cell, other, strict=True))
                and sum(b[0] for b in other) > sum(a[0] for a in cell)
                for other in own
            )
            if not less:
                found.setdefault(tuple(name for _, name in cell), set()).add(thing)
    return found, everything


def pairs(evidence: Evidence, dimension: str) -> dict[frozenset[Any], int]:
    """Return how many studies have each pair of different values."""
    found: dict[frozenset[Any], int] = {}
    for study in evidence.studies:
        ((_, (own,)),) = rows_of(evidence, study, [dimension], together=False)
        for pair in combinations(sorted({name for coded, name in own if coded}), 2):
            found[frozenset(pair)] = found.get(frozenset(pair), 0) + 1
    return found


def placements(evidence: Evidence, rows: str, columns: str) -> tuple[dict[tuple[Any, Any], dict[str, bool]], int]:
    """Return the studies in each cell of a map, whether they are paired, and the crossings that tags would draw."""
    found: dict[tuple[Any, Any], dict[str, bool]] = {}
    crossings = 0
    together = DIMENSIONS[rows] or DIMENSIONS[columns]
    for study in evidence.studies:
        ((_, tags),) = rows_of(evidence, study, [rows, columns], together=False)
        counts = [sum(coded for coded, _ in own) for own in tags]
        crossings += counts[0] * counts[1]
        for finding, own in rows_of(evidence, study, [rows, columns], together=together):
            for (is_row, row), (is_column, column) in product(*own):
                if is_row and is_column:
                    stated = finding is not None and not finding.implied and DIMENSIONS[rows] and DIMENSIONS[columns]
                    cell = found.setdefault((row, column), {})
                    cell[study.id] = cell.get(study.id, False) or stated or 1 in counts
    return found, crossings


def in_order(evidence: Evidence, studies: Iterable[str]) -> list[int | str]:
    """Return the labels of studies in the order of the review."""
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    return [labels[id_] for id_ in sorted(studies, key=orders.__getitem__)]
