"""Several reviews in one folder: which includes which study, how much they overlap, and where they disagree."""

from __future__ import annotations

import pytest

from kg.errors import BadInput, UnknownName, UsageProblem
from kg.folder.overlap import overlap_of
from kg.folder.review import Review
from kg.query.graph import Graph, open_graph
from kg.query.overlap import band, covered_area
from kg.query.part import Part
from tests.answers import assembled_rows, graph_rows
from tests.conftest import MakeReview, Run
from tests.stores import Engine

TOML = """id = "{id}"
title = "Ours"
[[review]]
id = "cmha-bc"
title = "CMHA"
year = 2020
[[review]]
id = "third"
title = "A third"
"""
STUDIES = """key,label,review,design
a,1,,survey
b,2,{id}; cmha-bc:23,survey
c,,cmha-bc:S7; third,interviews
d,9,cmha-bc,survey
e,3,{id}; cmha-bc; third: 4,survey
"""
FINDINGS = """study,factor,direction,outcomes,review
a,Pay,barrier,Retention,
b,Pay,barrier,Retention,
b,Pay,facilitator,Retention,cmha-bc
cmha-bc:S7,Team,facilitator,Joy,
third:4,Pay,barrier,Joy,third
e,Pay,barrier,Retention,cmha-bc
cmha-bc:9,Team,barrier,Joy,cmha-bc
"""


def files(id_: str) -> dict[str, str]:
    return {
        "review.toml": TOML.format(id=id_),
        "sheets/studies.csv": STUDIES.format(id=id_),
        "sheets/findings.csv": FINDINGS,
    }


@pytest.fixture
def several(make_review: MakeReview) -> Review:
    return make_review(files("ours"))


@pytest.fixture
def graph(engine: Engine, make_review: MakeReview) -> Graph:
    """A graph of three reviews in a store; the folder's own is called as the prefix of the tests."""
    review = make_review(files(engine.prefix))
    review.build(engine.url("several"))
    return open_graph(engine.url("several"), engine.prefix)


def test_every_store_has_the_reviews(graph: Graph, engine: Engine, make_review: MakeReview) -> None:
    own = engine.prefix
    with graph:
        assert graph.table("reviews").only("id", "title", "year", "studies", "findings").rows == [
            (own, "Ours", None, 3, 2),
            ("cmha-bc", "CMHA", 2020, 4, 4),
            ("third", "A third", None, 2, 1),
        ]
        assert graph.table("review").only("id", "studies", "findings").rows == [(own, 5, 7)]
        assert graph.citation_matrix().rows == [
            ("1", "a", "1", None, None, 1),
            ("2", "b", "2", "23", None, 2),
            ("3", "e", "3", "e", "4", 3),
            ("c", "c", None, "S7", "c", 2),
            ("d", "d", None, "9", None, 1),
        ]
        assert graph_rows(graph) == assembled_rows(make_review(files(own)).assembled())


def test_the_overlap_by_hand(graph: Graph, engine: Engine) -> None:
    """Nine inclusions of five studies in three reviews: (9 - 5) / (3 * 5 - 5) is 40 percent."""
    own = engine.prefix
    with graph:
        rows = graph.overlap().rows
    assert rows == [
        ("all studies", [own, "cmha-bc", "third"], 3, 9, 5, 3, 40.0, "very high", ["2", "3", "c"]),
        ("all studies", [own, "cmha-bc"], 2, 7, 5, 2, 40.0, "very high", ["2", "3"]),
        ("all studies", [own, "third"], 2, 5, 4, 1, 25.0, "very high", ["3"]),
        ("all studies", ["cmha-bc", "third"], 2, 6, 4, 2, 50.0, "very high", ["3", "c"]),
        ("Pay", [own, "cmha-bc", "third"], 3, 5, 3, 2, 33.3, "very high", ["2", "3"]),
        ("Pay", [own, "cmha-bc"], 2, 4, 3, 1, 33.3, "very high", ["2"]),
        ("Pay", [own, "third"], 2, 3, 3, 0, 0.0, "slight", []),
        ("Pay", ["cmha-bc", "third"], 2, 3, 2, 1, 50.0, "very high", ["3"]),
    ]


def test_reviews_side_by_side(graph: Graph) -> None:
    with graph:
        found = graph.agreement()
    assert found.rows == [
        ("2", "Pay", ["barrier"], ["facilitator"], None, False),
        ("3", "Pay", None, ["barrier"], ["barrier"], True),
    ]
    assert found.title == (
        "What the reviews say of the same study and factor: 2 pairs of a study and a factor, the reviews agree on 1"
    )


def test_the_part_of_one_review(several: Review, run: Run) -> None:
    """A study of two reviews is in the part of each, with the findings of that review only."""
    with Part(reviews=("ours",)).of(several.graph()) as part:
        assert part.only == "review = ours: 3 of 5 studies"
        assert part.table("evidence-counts").only("factor", "direction", "study_labels").rows == [
            ("Pay", "facilitator", []),
            ("Pay", "barrier", ["1", "2"]),
        ]
        assert part.table("reviews").only("id", "studies", "findings").rows == [
            ("ours", 3, 2),
            ("cmha-bc", 2, 0),
            ("third", 1, 0),
        ]
    with Part(reviews=("third", "cmha-bc")).of(several.graph()) as part:
        assert part.counts("factor").column("studies") == [2, 2, 4]
    ran = run("table", "outcomes", "--review", "third", "-C", several.root, "--format", "csv")
    assert ran.out == 'outcome,studies,study_labels\nJoy,2,"3, c"\nRetention,1,3\n'
    with several.graph() as whole, pytest.raises(UnknownName, match="no value of review is called 'fourth'"):
        Part(reviews=("fourth",)).of(whole)


def test_a_folder_of_one_review(make_review: MakeReview) -> None:
    review = make_review({"sheets/studies.csv": "key,title\na,A\n", "sheets/findings.csv": "study,factor,direction\n"})
    with review.graph() as graph:
        assert Part(reviews=("r",)).of(graph) is graph
        assert graph.table("reviews").only("id", "studies", "findings").rows == [("r", 1, 0)]
        with pytest.raises(UsageProblem, match=r"^this folder has one review: declare others with \[\[review\]\]"):
            graph.overlap()
        with pytest.raises(UnknownName, match="no review is called 'other'; did you mean r"):
            Part(reviews=("other",)).of(graph)


def test_two_sheets_of_two_reviews_are_one_study(make_review: MakeReview) -> None:
    """The number 7 of one review is not the number 7 of the other; what a DOI joins keeps both labels."""
    review = make_review(
        {
            "review.toml": TOML.format(id="ours"),
            "sheets/a.csv": "key,label,doi\nx,7,10.1000/x\ny,8,\n",
            "sheets/b.csv": "key,label,doi,review\nx,3,10.1000/x,cmha-bc\nz,7,10.1000/z,cmha-bc\n",
            "sheets/findings.csv": "study,factor,direction\ncmha-bc:7,Pay,barrier\n",
        }
    )
    with review.graph() as graph:
        found = graph.table("inclusions").only("study_label", "review", "label").rows
    assert found == [("7", "ours", "7"), ("7", "cmha-bc", "3"), ("8", "ours", "8"), ("z", "cmha-bc", "7")]


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('[[review]]\nid = "x"\n', "is missing"),
        ('[[review]]\nid = "r"\ntitle = "T"\n', "is the id of two reviews"),
        ('[[review]]\nid = "x"\ntitle = "T"\nyears = 3\n', "is not a known key"),
        ('[review]\nid = "x"\n', "has the wrong type"),
    ],
)
def test_a_declaration_that_cannot_be_accepted(make_review: MakeReview, toml: str, says: str) -> None:
    review = make_review({"review.toml": f'id = "r"\ntitle = "R"\n{toml}'})
    with pytest.raises(BadInput) as error:
        review.build()
    assert [problem.reason for problem in error.value.problems] == [says]


def test_a_review_that_is_not_declared(make_review: MakeReview) -> None:
    review = make_review(files("ours") | {"sheets/studies.csv": "key,review\na,cmha:2\n"})
    with pytest.raises(BadInput) as error:
        review.build()
    assert "no value of review is called this" in {problem.reason for problem in error.value.problems}


def test_bands() -> None:
    areas = [0, 5, 5.01, 10, 15, 15.01, 100]
    assert [band(area) for area in areas] == [
        "slight", "slight", "moderate", "moderate", "high", "very high", "very high",
    ]  # fmt: skip
    assert (covered_area(5, 4, 2), covered_area(4, 4, 1), covered_area(0, 0, 2)) == (25.0, None, None)
    assert band(None) is None


ONE = """key,label,doi,authors,year,title
x,1,10.1000/x,"Ng, A",2019,Peer support in community mental health teams of the north
y,2,,"Bell, C; Roe, B",2020,Supervision of peer workers and their intention to stay in the job
z,3,,"Diaz, D",2021,Something else entirely about pay and its distribution
"""
OTHER = """key,doi,authors,year,title
x,,"Cole",2001,A third thing
p,https://doi.org/10.1000/X,"Ng, A",2019,Peer support in community mental health teams of the north
q,10.1000/y,"Bell, C",2020,Supervision of peer workers and their intention to stay in the job
"""


def test_folders_by_identifier_and_else_by_title(make_review: MakeReview, run: Run) -> None:
    """The key x is of two studies; what is joined by title says so. (6 - 4) / (2 * 4 - 4) is 50 percent."""
    one, other = (
        make_review(
            {
                "review.toml": f'id = "{name}"\ntitle = "R"\n',
                "sheets/studies.csv": studies,
                "sheets/findings.csv": "study,factor,direction\n",
            },
            name,
        )
        for name, studies in (("one", ONE), ("other", OTHER))
    )
    found = overlap_of([one, other])
    assert found.columns == ("study", "year", "one", "other", "reviews", "by")
    assert found.rows == [
        ("Ng 2019", 2019, "1", "p", 2, "DOI"),
        ("Bell 2020", 2020, "2", "q", 2, "title"),
        ("Diaz 2021", 2021, "3", None, 1, None),
        ("Cole 2001", 2001, None, "x", 1, None),
    ]
    assert found.title == (
        "Studies by review: N = 6 inclusions of r = 4 studies in c = 2 reviews; the corrected covered area is 50.0 "
        "percent (very high); 2 studies in several reviews, 1 of them joined by title, to be checked"
    )
    ran = run("overlap", "-C", one.root, other.root, "--format", "csv")
    assert (ran.code, ran.err) == (0, f"{found.title}\n")
    with pytest.raises(UsageProblem, match=r"two reviews or more with different ids; these are one, one$"):
        overlap_of([one, one])
