"""Cells that vanish or change sides without a study, a sample, a team, the grey literature or the retracted."""

from __future__ import annotations

import pytest

from kg.folder.review import Review
from kg.query.fragile import Cell
from kg.query.graph import Graph, open_graph
from tests.conftest import MakeReview, Run
from tests.stores import Engine

STUDIES = """key,label,evidence,sample,authors,doi
a,1,,Panel A,"Ng, A.",
b,2,,Panel A,"Bell, C.",
c,3,,,"Diaz, D.",
d,4,grey,,,
e,5,,,"Cole, E.; Fox, F.",
f,6,,,"Fox, F.",10.1000/f
g,7,grey,,,
"""
FINDINGS = """study,factor,direction,outcomes,pole
a,Pay,barrier,Joy,
b,Pay,barrier,Joy,
c,Pay,facilitator,Joy,
d,Rest,facilitator,Joy,
e,Team,facilitator,Joy,
f,Team,facilitator,Joy,
e,Hours,facilitator,Joy,absence
d,Hours,facilitator,Joy,absence
g,Hours,barrier,Joy,absence
d,Night,facilitator,Joy,
g,Night,facilitator,Joy,
c,Night,barrier,Joy,
a,Even,facilitator,Joy,
b,Even,barrier,Joy,
c,Steady,no_effect,Joy,
b,Steady,no_effect,Joy,
f,Law,facilitator,Joy,
c,Law,facilitator,Joy,
e,Law,barrier,Joy,
"""
EXPECTED = {
    ("Pay", "is no longer on the side of barrier without study 1", "1"),
    ("Pay", "is no longer on the side of barrier without study 2", "2"),
    ("Pay", "turns from barrier to facilitator without the sample Panel A (studies 1, 2)", "1, 2"),
    ("Even", "vanishes without the sample Panel A (studies 1, 2)", "1, 2"),
    ("Rest", "vanishes without study 4", "4"),
    ("Team", "vanishes without one team of authors (studies 5, 6)", "5, 6"),
    ("Hours", "by its absence: is no longer on the side of facilitator without study 4", "4"),
    ("Hours", "by its absence: is no longer on the side of facilitator without study 5", "5"),
    ("Night", "is no longer on the side of facilitator without study 4", "4"),
    ("Night", "is no longer on the side of facilitator without study 7", "7"),
    ("Night", "turns from facilitator to barrier without the grey literature (studies 4, 7)", "4, 7"),
    ("Law", "is no longer on the side of facilitator without study 3", "3"),
    ("Law", "is no longer on the side of facilitator without study 6", "6"),
}


@pytest.fixture
def graph(engine: Engine, make_review: MakeReview) -> Graph:
    review = make_review(
        {
            "review.toml": f'id = "{engine.prefix}"\ntitle = "R"\n',
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
        }
    )
    review.build(engine.url("fragile"))
    return open_graph(engine.url("fragile"), engine.prefix)


def test_what_cells_rest_on(graph: Graph) -> None:
    with graph:
        found = graph.gaps("fragile")
        listed = {(r["factor"], r["reason"], ", ".join(map(str, r["study_labels"]))) for r in found.dicts()}
        assert listed == EXPECTED
        assert len(found) == len(EXPECTED)
        assert {row["kind"] for row in graph.gaps().dicts()}.isdisjoint({"fragile"}), "only if asked for"
        rank = [(row["factor"], row["attention"]) for row in found.dicts()]
        assert rank == sorted(rank, key=lambda row: -row[1]) and rank[0][1] == 10


def test_the_option(make_review: MakeReview, run: Run) -> None:
    review = make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})
    ran = run("gaps", "--kind", "fragile", "-C", review.root, "--format", "csv")
    assert ran.code == 0
    assert "grey" not in ran.out, "the grey literature is not counted unless asked for"
    everything = run("gaps", "--kind", "fragile", "--evidence", "all", "-C", review.root, "--format", "csv")
    assert "turns from facilitator to barrier without the grey literature" in everything.out
    assert run("gaps", "--kind", "fragil", "-C", review.root).err == (
        "Error: no kind of gap is called 'fragil'; did you mean fragile?\n"
    )


def test_the_retracted(make_review: MakeReview) -> None:
    review: Review = make_review(
        {
            "sheets/studies.csv": "key,doi\na,10.1000/a\nb,10.1000/b\nc,\n",
            "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Joy\nb,Pay,barrier,Joy\nc,Pay,barrier,Joy\n",
            "records/works.jsonl": "".join(
                f'{{"id": "https://openalex.org/W{n}", "doi": "https://doi.org/10.1000/{name}", '
                f'"display_name": "A title {n}", "is_retracted": true}}\n'
                for n, name in ((1, "a"), (2, "b"))
            ),
        }
    )
    with review.graph() as graph:
        assert sorted(graph.flags) == ["a", "b"]
        assert graph.gaps("fragile").rows == []
    sheet = review.root / "sheets" / "findings.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("c,Pay,barrier", "c,Pay,facilitator"), encoding="utf-8")
    with review.graph() as graph:
        assert graph.gaps("fragile").column("reason") == [
            "is no longer on the side of barrier without study a",
            "is no longer on the side of barrier without study b",
            "turns from barrier to facilitator without the retracted (studies a, b)",
        ]


def test_sides() -> None:
    cell = Cell({"facilitator": {1, 2}, "barrier": {3}, "mixed": {4}})
    assert (cell.side(), cell.side(frozenset({1})), cell.side(frozenset({1, 2}))) == ("facilitator", None, "barrier")
    assert cell.effect(frozenset({4})) is None
    assert Cell({"no_effect": {1, 2}}).effect(frozenset({1})) is None
    assert Cell({"facilitator": {1}, "barrier": {2}}).effect(frozenset({1})) is None, "it has no side to lose"
