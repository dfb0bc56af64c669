"""Counts, crosstabs, filters and maps give what is counted from the records without a graph."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import HealthCheck, given, settings

from kg.graph.build import assemble
from kg.graph.select import select
from kg.model.records import Evidence
from tests.answers import assembled_rows
from tests.tallies import DIMENSIONS, MAPS, evidences, graph_of, in_order, pairs, placements, tabulated

some_reviews = settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


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
        for names in (*combinations(DIMENSIONS, 2), ("design", "tone", "factor"), ("outcome", "factor", "direction", "year")):
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
            for row in table.dicts():
                cell = found.setdefault(tuple(row[name] for name in table.columns[:2]), {})
                cell.update({label: label not in row["implied_labels"] for label in row["study_labels"]})
            wanted = {
                cell: {in_order(evidence, [study])[0]: paired for study, paired in own.items()}
                for cell, own in cells.items()
            }
            assert found == wanted, spec
            (row,) = graph.pairing(spec.name).rows
            paired = sum(sum(own.values()) for own in cells.values())
            total = sum(len(own) for own in cells.values())
            assert row[3:7] == (total, paired, total - paired, crossings)
            known = {row[1:4]: row[4] for row in graph.gaps(map=spec.name).rows}
            rows, columns = {cell[0] for cell in cells}, {cell[1] for cell in cells}
            gaps = {("no-study", *pair): 0 for pair in product(rows, columns) if pair not in cells}
            gaps |= {("one-study", *cell): 1 for cell, own in cells.items() if len(own) == 1}
            gaps |= {("pairing-unknown", *cell): len(own) for cell, own in cells.items() if not any(own.values())}
            assert known == gaps


@given(evidence=evidences())
@some_reviews
def test_the_whole_of_a_graph_is_the_graph(evidence: Evidence) -> None:
    data = assemble(evidence)
    whole = select(data, {s.id for s in evidence.studies}, {f.id for f in evidence.findings})
    assert assembled_rows(whole) == assembled_rows(data)
    with graph_of(evidence) as graph:
        assert assembled_rows(graph.rows()) == assembled_rows(data)
