"""Counts that know what depends on what: samples, author teams and reviews."""

from __future__ import annotations

import pytest

from kg.query.dependence import author_names, person
from kg.query.graph import Graph, open_graph
from tests.conftest import MakeReview
from tests.stores import Engine

TOML = """id = "{id}"
title = "Ours"
[[review]]
id = "other"
title = "Other"
"""
STUDIES = """key,label,review,sample,authors,openalex
a,1,,Panel A,"Ng, A.; Bell, C.",
b,2,{id}; other:7,panel a,Bell C,
c,3,,,"Diaz, D.",W3
d,,other:3,,Diaz,W4
e,5,,Panel B,,
f,6,,,"Cole, E.; Ng, Alan",
"""
FINDINGS = """study,factor,direction,outcomes,review
a,Pay,barrier,Joy,
b,Pay,barrier,Joy,
b,Team,facilitator,Joy,other
c,Pay,facilitator,Joy,
d,Pay,barrier,Joy,
e,Team,facilitator,Joy,
f,Pay,barrier,Joy,
"""
AUTHOR = '{{"author": {{"id": "https://openalex.org/A1", "display_name": "{name}"}}, "institutions": []}}'
WORK = '{{"id": "https://openalex.org/W{n}", "display_name": "A title of work {n}", "authorships": [{author}]}}\n'


@pytest.fixture
def graph(engine: Engine, make_review: MakeReview) -> Graph:
    works = "".join(
        WORK.format(n=n, author=AUTHOR.format(name=name)) for n, name in ((3, "D. Diaz"), (4, "Dora Other"))
    )
    review = make_review(
        {
            "review.toml": TOML.format(id=engine.prefix),
            "sheets/studies.csv": STUDIES.format(id=engine.prefix),
            "sheets/findings.csv": FINDINGS,
            "records/works.jsonl": works,
        }
    )
    review.build(engine.url("dependent"))
    return open_graph(engine.url("dependent"), engine.prefix)


def test_counts_by_what_studies_share(graph: Graph) -> None:
    """Samples: A (1, 2), B (5), and 3, d, 6 by themselves. Teams: 1, 2 and 6; 3 and d by the id A1; 5 alone."""
    with graph:
        found = {
            by: [tuple(row[1:3]) for row in graph.counts("factor", by).rows]
            for by in ("study", "sample", "team", "review")
        }
        assert found == {
            "study": [(5, 6), (2, 6), (6, 6)],
            "sample": [(4, 5), (2, 5), (5, 5)],
            "team": [(2, 3), (2, 3), (3, 3)],
            "review": [(2, 2), (2, 2), (2, 2)],
        }
        assert graph.counts("factor", "team").title == "Teams by factor; percentages are of all 3 teams"
        grid = graph.crosstab(["factor", "direction"], "team")
        assert [row[:3] for row in grid.rows] == [("Pay", 1, 2), ("Team", 2, 0), ("total", 3, 2)]
        assert grid.title.endswith("of all 3 teams; totals count each team once")
        by_review = graph.crosstab(["factor", "direction"], "review")
        assert [row[:3] for row in by_review.rows] == [("Pay", 1, 2), ("Team", 2, 0), ("total", 2, 2)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ng, A.; Bell, C.", ["Ng, A.", "Bell, C."]),
        ("Ng, A., Bell, C., & Roe, B.-D.", ["Ng, A.", "Bell, C.", "Roe, B.-D."]),
        ("Felton JW, Abidogun TM et al.", ["Felton JW", "Abidogun TM"]),
        ("Lauren Brady and Bo Xu", ["Lauren Brady", "Bo Xu"]),
        ("Ng, Alice", ["Ng, Alice"]),
        ("", []),
    ],
)
def test_names_in_a_cell(text: str, names: list[str]) -> None:
    assert author_names(text) == names


def test_who_is_the_same_person() -> None:
    spellings = ("Brady, L.", "Lauren A. Brady", "Brady LA", "BRADY, Lauren")
    assert {person(name) for name in spellings} == {"brady l"}
    assert person("van der Berg, A") == "berg a"
    assert person("Brady") is None, "many people have this name"
    assert person("World Health Organization") == "world health organization"
