"""The bundled review: its tables, computed from study-level rows, equal the printed ones."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from kg.check.compare import compare
from kg.folder.review import Review
from kg.model.ids import expand_numbers
from kg.query.graph import Graph
from tests.conftest import Run
from tests.paths import TESTS

PRINTED = ("published/table-2.csv", "published/table-3.csv", "published/outcomes.csv")


def rows(review: Review, name: str) -> list[dict[str, str]]:
    with (review.root / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_32_printed_rows_are_computed(example: Review, run: Run) -> None:
    ran = run("table", "evidence-counts", "--format", "json", "-C", example.root)
    computed = json.loads(ran.out)
    printed = [row for name in PRINTED[:2] for row in rows(example, name)]
    assert len(computed) == len(printed) == 32
    for here, there in zip(computed, printed, strict=True):
        assert list(here) == ["level", "factor", "direction", "studies", "study_labels", "outcomes"]
        assert here["factor"] == there["factor"]
        assert here["direction"] == there["direction"].lower()
        assert here["studies"] == int(there["studies"]) == len(here["study_labels"])
        assert here["study_labels"] == (expand_numbers(there["study_labels"]) if there["study_labels"] else [])
        assert {o.lower().replace(" and turnover", "") for o in here["outcomes"]} == {
            o.strip().lower() for o in there["outcomes"].split(",") if o != "Not discussed"
        }
    assert [row["level"] for row in computed] == ["Organizational"] * 22 + ["Individual"] * 10


def test_the_six_outcome_totals(example: Review, run: Run) -> None:
    computed = json.loads(run("table", "outcomes", "--format", "json", "-C", example.root).out)
    assert [row["studies"] for row in computed] == [13, 9, 7, 6, 4, 3]
    assert all(row["studies"] == len(row["study_labels"]) for row in computed)
    assert [row["outcome"] for row in computed] == [row["outcome"] for row in rows(example, "published/outcomes.csv")]


def test_every_printed_cell_agrees(example: Review, graph: Graph) -> None:
    cells = {name: compare(graph, example.root / name).cells for name in PRINTED}
    assert cells == {"published/table-2.csv": 66, "published/table-3.csv": 30, "published/outcomes.csv": 12}
    assert not any(compare(graph, example.root / name).differing for name in PRINTED)


def test_a_changed_finding_changes_the_numbers(own_example: Review, run: Run) -> None:
    """Removing one row changes the table, the comparison and the gaps, so none of their numbers is fixed."""
    path = own_example.root / "sheets" / "findings.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    dropped = next(line for line in lines if line.startswith("cronise-2016,role-autonomy,barrier") and ",yes," in line)
    path.write_text("".join(line for line in lines if line != dropped), encoding="utf-8")
    counts = json.loads(run("table", "evidence-counts", "--format", "json", "-C", own_example.root).out)
    row = next(r for r in counts if r["factor"] == "Role autonomy" and r["direction"] == "barrier")
    assert (row["studies"], row["study_labels"]) == (1, [17])
    ran = run("compare", own_example.root / "published/table-2.csv", "-C", own_example.root)
    assert ran.code == 1
    assert "2 of 66 cells differ" in ran.err
    assert re.search(r"Role autonomy / barrier\s+studies\s+2\s+1\n", ran.out)
    assert re.search(r"study_labels\s+8, 17\s+17\s+8\n", ran.out)


def table_lists(review: Review) -> Iterator[tuple[tuple[str, str], set[int]]]:
    """Yield (factor, direction) and the article numbers of each printed row; with direction "", of both rows together."""
    both: dict[str, set[int]] = {}
    for name in PRINTED[:2]:
        for row in rows(review, name):
            numbers = set(expand_numbers(row["study_labels"]) or []) if row["study_labels"] else set()
            yield (row["factor"].casefold(), row["direction"].lower()), numbers
            both[row["factor"].casefold()] = both.get(row["factor"].casefold(), set()) | numbers
    yield from (((factor, ""), numbers) for factor, numbers in both.items())


def prose_lists(review: Review) -> Iterator[tuple[tuple[str, str], set[int]]]:
    """Yield (factor, direction or "") and the reference numbers that the text lists for it."""
    labels = {row["id"]: row["label"].casefold() for row in rows(review, "vocabulary/factors.csv")}
    for row in rows(review, "published/statements.csv"):
        if row["scope"] == "list" and row["factor"] and row["studies"]:
            yield (labels[row["factor"]], row["direction"]), set(expand_numbers(row["studies"]) or [])


def test_the_two_numberings_have_exactly_one_mapping(example: Review) -> None:
    """Tables number the studies 1 to 20, the text cites references: only one mapping fits both.

    Every article is in some table rows and every reference in some lists of the text. An article can only be the
    reference that is in the corresponding lists.
    """
    tables, prose = dict(table_lists(example)), dict(prose_lists(example))
    shared = [key for key in tables if key in prose]
    differ = [key for key in shared if len(tables[key]) != len(prose[key])]
    assert differ == [("employment benefits", "")], "the review counts its articles in 3.3.10 in two ways; see kg check"
    shared.remove(("employment benefits", ""))
    references = {int(row["reference"]) for row in rows(example, "sheets/studies.csv")}
    articles = range(1, 21)
    candidates = {
        a: {r for r in references if all((a in tables[k]) == (r in prose[k]) for k in shared)} for a in articles
    }
    mappings = list(assignments(candidates))
    coded = {int(row["label"]): int(row["reference"]) for row in rows(example, "sheets/studies.csv")}
    assert mappings == [coded]
    assert len(shared) >= 25


def assignments(candidates: dict[int, set[int]]) -> Iterator[dict[int, int]]:
    """Yield one-to-one assignments of the candidates, at most three."""
    open_ = sorted(candidates, key=lambda a: len(candidates[a]))

    def extend(done: dict[int, int]) -> Iterator[dict[int, int]]:
        if len(done) == len(open_):
            yield dict(sorted(done.items()))
            return
        article = open_[len(done)]
        for reference in sorted(candidates[article] - set(done.values())):
            yield from extend({**done, article: reference})

    return itertools.islice(extend({}), 3)


def test_every_finding_can_be_traced(example: Review) -> None:
    with example.graph() as graph:
        for row in graph.table("findings").dicts():
            assert row["locator"], row
            assert row["note"], row
            assert row["file"] == "sheets/findings.csv"
            assert row["row"] >= 2


def test_no_note_repeats_the_source_text_of_another_finding(example: Review) -> None:
    """A note is specific to its finding: one sentence for every study would be no evidence for any of them."""
    notes = [row["note"] for row in rows(example, "sheets/findings.csv")]
    most = max(notes.count(note) for note in set(notes))
    assert most <= 4


def test_studies_are_complete_where_the_text_is(example: Review) -> None:
    studies = rows(example, "sheets/studies.csv")
    assert len(studies) == 20
    assert sorted(int(s["label"]) for s in studies) == list(range(1, 21))
    assert all(s["authors"] and s["title"] and s["year"] and s["country"] == "United States" for s in studies)
    assert sum(bool(s["doi"]) for s in studies) == 16
    assert not any(s["sample_size"] for s in studies), "the text gives no sample size"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("records/searches.csv", 13),  # five databases and eight websites
        ("screening/flow.csv", 4),
        ("screening/eligibility.csv", 9),  # Table 1: five and four
        ("screening/agreement.csv", 1),
        ("published/gaps.csv", 13),
        ("published/facts.csv", 30),
        ("published/references.csv", 89),
        ("published/table-2.csv", 22),
        ("published/table-3.csv", 10),
    ],
)
def test_the_other_files_have_all_rows(example: Review, name: str, count: int) -> None:
    assert len(rows(example, name)) == count
    assert not any(value is None or None in row for row in rows(example, name) for value in row.values())


def test_the_study_flow_agrees_with_the_studies_and_facts(example: Review) -> None:
    flow = {row["stage"]: int(row["n"]) for row in rows(example, "screening/flow.csv")}
    stated = {(row["key"], row["value"]) for row in rows(example, "published/facts.csv")}
    assert flow["included"] == len(rows(example, "sheets/studies.csv"))
    assert flow["included"] <= flow["after_removal"] + flow["added_from_grey_literature"] < flow["identified"]
    assert {("records identified", str(flow["identified"])), ("studies included", str(flow["included"]))} <= stated


def test_poles(example: Review) -> None:
    """Numbers of docs/peer-workforce.md and of coding/agreement.csv."""
    findings = rows(example, "sheets/findings.csv")
    assert Counter(row["pole"] for row in findings) == {"presence": 144, "absence": 44, "": 11}
    assert {(row["direction"], row["pole"]) for row in findings} == {
        ("facilitator", "presence"), ("barrier", "presence"), ("barrier", "absence"), ("barrier", ""), ("no_effect", "presence"),
        ("unspecified", ""),
    }  # fmt: skip
    agreed = rows(example, "coding/agreement.csv")[-1]
    assert agreed["what"].startswith("pole")
    assert int(agreed["settled"]) == 144 + 44 == int(agreed["both"])
    assert int(agreed["units"]) == int(agreed["both"]) + int(agreed["first_only"]) + int(agreed["second_only"])


def test_nominal_factors_are_neither_facilitator_nor_barrier(example: Review) -> None:
    nominal = {row["id"] for row in rows(example, "vocabulary/factors.csv") if row["nominal"]}
    assert nominal == {"race-ethnicity", "region"}
    found = [
        (row["factor"], row["direction"]) for row in rows(example, "sheets/findings.csv") if row["factor"] in nominal
    ]
    assert found == [("race-ethnicity", "unspecified"), ("region", "unspecified"), ("race-ethnicity", "unspecified")]


def test_no_pair_is_contested_and_four_are_told_from_two_poles(graph: Graph) -> None:
    assert graph.gaps("contested").rows == []
    assert graph.gaps("two-sided").only("factor", "outcome", "reason").rows == [
        ("Supervisory support and characteristics", "Burnout", "its presence helps (4), its absence harms (3)"),
        ("Role autonomy", "Job satisfaction", "its presence helps (1), its absence harms (1)"),
        ("Engaging in self-care maintenance", "Burnout", "its presence helps (1), its absence harms (4)"),
        ("Recovery-oriented culture", "Return to uncontrolled use", "its presence helps (1), its absence harms (1)"),
    ]


def test_27_of_55_cells_rest_on_joint_or_inferred_citations_only(graph: Graph) -> None:
    """Counted from the findings, by a query of their own; the gaps count from the cells."""
    cells = graph.query(
        "MATCH (f:Factor {review: $review})<-[:ABOUT]-(x:Finding) MATCH (x)-[:AFFECTS]->(o:Outcome) "
        "WITH f.label AS factor, o.label AS outcome, count(x) AS findings, count(x.certainty) AS indirect "
        "RETURN factor, outcome, findings = indirect AS only"
    ).rows
    indirect = sorted((factor, outcome) for factor, outcome, only in cells if only)
    assert (len(indirect), len(cells)) == (27, 55)
    assert sorted(graph.gaps("indirect").only("factor", "outcome").rows) == indirect


def test_golden_tables(example: Review, run: Run, request: pytest.FixtureRequest) -> None:
    """The exact output of every table of the bundled review; regenerate with KG_UPDATE_GOLDEN=1."""
    import os

    golden = TESTS / "golden"
    for name in ("evidence-counts", "outcomes", "designs", "gap-map", "contested", "evidence-by-year"):
        out = run("table", name, "--format", "csv", "-C", example.root).out
        if os.environ.get("KG_UPDATE_GOLDEN"):
            golden.mkdir(exist_ok=True)
            (golden / f"{name}.csv").write_text(out, encoding="utf-8", newline="\n")
        assert out == (golden / f"{name}.csv").read_text(encoding="utf-8")
