"""Counts, crosstabs, filters and maps give what is counted from the records without a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product

from hypothesis import HealthCheck, Phase, given, settings

from kg.graph.build import assemble
from kg.graph.select import select
from kg.model.records import Evidence, Finding, Study
from tests.answers import assembled_rows
from tests.tallies import DIMENSIONS, MAPS, evidences, graph_of, in_order, pairs, placements, tabulated

_LIKE_ALL = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # making a failure small takes minutes
    suppress_health_check=list(HealthCheck),
)
some_reviews = settings(_LIKE_ALL, max_examples=20)
few_reviews = settings(_LIKE_ALL, max_examples=6)  # each makes a store for every filter


@given(evidence=evidences())
@some_reviews
def test_counts(evidence: Evidence) -> None:
    with graph_of(evidence) as graph:
        for name, by in product(DIMENSIONS, ("study", "report", "finding")):
            cells, everything = tabulated(evidence, [name], by)
            table = graph.counts(name, by)
            of = [row for row in table.rows if row[-4 if by == "study" else -3]]
            at = table.columns.index(name)
            found = {row[at]: row[at + 1] for row in of}
            total = found.pop("total", 0)
            assert found == {cell[0]: len(things) for cell, things in cells.items()}, (name, by)
            assert total == len(everything)
            if by == "study":
                labels = {row[at]: row[-1] for row in of if row[at] != "total"}
                assert labels == {cell[0]: in_order(evidence, things) for cell, things in cells.items()}


@given(evidence=evidences())
@some_reviews
def test_crosstabs(evidence: Evidence) -> None:
    with graph_of(evidence) as graph:
        for names in (
            *combinations(DIMENSIONS, 2),
            ("design", "tone", "factor"),
            ("outcome", "factor", "direction", "year"),
        ):
            for by in ("study", "report", "finding"):
                cells, everything = tabulated(evidence, names, by)
                table = graph.crosstab(names, by, long=True)
                found = {row[: len(names)]: row[len(names)] for row in table.rows}
                assert found == {cell: len(things) for cell, things in cells.items()}, (names, by)
                assert {row[len(names) + 1] for row in table.rows} <= {len(everything)}


@given(evidence=evidences())
@some_reviews
def test_totals_of_grids(evidence: Evidence) -> None:
    with graph_of(evidence) as graph:
        for names in combinations(DIMENSIONS, 2):
            cells, everything = tabulated(evidence, names, "study")
            table = graph.crosstab(names)
            header, total = table.columns[1:-1], table.rows[-1]
            assert total == (
                "total",
                *(len({s for cell, own in cells.items() if str(cell[1]) == name for s in own}) for name in header),
                len(everything),
            )
            for row in table.rows[:-1]:
                assert row[-1] == len({s for cell, own in cells.items() if cell[0] == row[0] for s in own})


@given(evidence=evidences())
@some_reviews
def test_pairs_of_values(evidence: Evidence) -> None:
    with graph_of(evidence) as graph:
        for name in DIMENSIONS:
            found = {frozenset(row[:2]): row[2] for row in graph.crosstab([name, name]).rows}
            assert found == pairs(evidence, name), name


@given(evidence=evidences())
@some_reviews
def test_maps(evidence: Evidence) -> None:
    with graph_of(evidence) as graph:
        for spec in MAPS:
            cells, crossings = placements(evidence, spec.rows, spec.columns)
            table = graph.gap_map(spec.name)
            found: dict[tuple[object, object], dict[object, bool]] = {}
            for told in table.dicts():
                cell = found.setdefault(tuple(told[name] for name in table.columns[:2]), {})
                cell.update({label: label not in told["implied_labels"] for label in told["study_labels"]})
            wanted = {
                cell: {in_order(evidence, [study])[0]: paired for study, paired in own.items()}
                for cell, own in cells.items()
            }
            assert found == wanted, spec
            (pairing,) = graph.pairing(spec.name).rows
            paired = sum(sum(own.values()) for own in cells.values())
            total = sum(len(own) for own in cells.values())
            assert pairing[3:7] == (total, paired, total - paired, crossings)
            known = {row[1:4]: row[4] for row in graph.gaps(map=spec.name).rows}
            rows, columns = {cell[0] for cell in cells}, {cell[1] for cell in cells}
            gaps = {("no-study", *pair): 0 for pair in product(rows, columns) if pair not in cells}
            gaps |= {("one-study", *cell): 1 for cell, own in cells.items() if len(own) == 1}
            gaps |= {("pairing-unknown", *cell): len(own) for cell, own in cells.items() if not any(own.values())}
            assert known == gaps


@given(evidence=evidences())
@some_reviews
def test_pairs_with_one_design_and_pairs_that_are_implied_only(evidence: Evidence) -> None:
    studies = {study.id: study for study in evidence.studies}
    designs, implied = {}, {}
    for factor, outcome in product(evidence.factors, evidence.outcomes):
        tied = [f for f in evidence.findings if f.factor == factor.id and outcome.id in f.outcomes]
        given = {f.study for f in tied if studies[f.study].facets.get("design")}
        values = {value for study in given for value in studies[study].facets["design"]}
        if len(given) > 1 and len(values) == 1 and 2 * len(given) >= len({f.study for f in tied}):
            designs[factor.label, outcome.label] = in_order(evidence, given)
        if tied and all(f.implied for f in tied):
            implied[factor.label, outcome.label] = set(in_order(evidence, {f.study for f in tied}))
    with graph_of(evidence) as graph:
        assert {row[2:4]: row[7] for row in graph.gaps("one-design").rows} == designs
        assert {row[2:4]: set(row[7]) for row in graph.gaps("pairing-unknown").rows} == implied


#: Conditions -> the same as a function of a study and a finding of it, or None for the study by itself.
CONDITIONS: dict[tuple[str, ...], Callable[[Study, Finding | None], bool]] = {
    ("design=survey, talk",): lambda s, f: bool({"survey", "talk"} & set(s.facets.get("design", ()))),
    ("Study design=Field work",): lambda s, f: bool({"survey", "talk", "field"} & set(s.facets.get("design", ()))),
    ("design=Lab, small",): lambda s, f: "lab" in s.facets.get("design", ()),
    ('design="Lab, small",survey',): lambda s, f: bool({"lab", "survey"} & set(s.facets.get("design", ()))),
    ("year>=2015",): lambda s, f: s.facets.get("year", ("0",))[0] >= "2015",
    ("year<2015", "design!=lab"): lambda s, f: s.facets.get("year") == ("1999",) and "lab" not in s.facets.get("design", ()),
    ("design=not coded",): lambda s, f: "design" not in s.facets,
    ("design=not reported,lab",): lambda s, f: s.not_coded.get("design") == "not reported" or "lab" in s.facets.get("design", ()),
    ("tone=warm",): lambda s, f: "warm" in (f or s).facets.get("tone", ()),
    ("direction=barrier,mixed", "tone!=warm"): (
        lambda s, f: f is not None and f.direction in ("barrier", "mixed") and "warm" not in f.facets.get("tone", ())
    ),
    ("factor=pay", "year=2020"): lambda s, f: f is not None and f.factor == "pay" and s.facets.get("year") == ("2020",),
}  # fmt: skip


@given(evidence=evidences())
@few_reviews
def test_filters(evidence: Evidence) -> None:
    """A filtered graph is that of a review which charted nothing else."""
    with graph_of(evidence) as graph:
        for conditions, holds in CONDITIONS.items():
            of = {study.id: [f for f in evidence.findings if f.study == study.id] for study in evidence.studies}
            findings = [f for s in evidence.studies for f in of[s.id] if holds(s, f)]
            alone = {s.id for s in evidence.studies if not of[s.id] and holds(s, None)}
            studies = [s for s in evidence.studies if s.id in alone or s.id in {f.study for f in findings}]
            if any(name in conditions[0] for name in ("tone", "direction", "factor")):
                studies = [
                    replace(
                        s,
                        outcomes=tuple(o for f in findings if f.study == s.id for o in f.outcomes)
                        or s.outcomes * (s.id in alone),
                    )
                    for s in studies
                ]
            part = replace(
                evidence, studies=tuple(studies), findings=tuple(f for f in evidence.findings if f in findings)
            )
            with graph.where(conditions) as found:
                rows, wanted = assembled_rows(found.rows()), assembled_rows(assemble(part))
                for key in (*wanted, *rows):
                    if key not in ("Study", "Report"):  # a study keeps its place
                        assert rows.get(key) == wanted.get(key), (conditions, key)
                assert (
                    found.only.endswith(
                        f"{len(studies)} of {len(evidence.studies)} stud{'y' if len(evidence.studies) == 1 else 'ies'}"
                    )
                    or "finding" in found.only
                )
                assert found.table("evidence-counts").title == f"Evidence counts by factor, in studies ({found.only})"


@given(evidence=evidences())
@some_reviews
def test_the_whole_of_a_graph_is_the_graph(evidence: Evidence) -> None:
    data = assemble(evidence)
    whole = select(data, {s.id for s in evidence.studies}, {f.id for f in evidence.findings})
    assert assembled_rows(whole) == assembled_rows(data)
    with graph_of(evidence) as graph:
        assert assembled_rows(graph.rows()) == assembled_rows(data)
