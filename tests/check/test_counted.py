"""``kg compare`` of counts and crosstabs, and ``kg check`` of numbers in the text and of the study flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.check.compare import compare
from kg.check.counted import Number, printed_number
from kg.check.run import check
from kg.errors import BadInput
from kg.folder.review import Review
from kg.model.published import PrintedAs, printed_as
from kg.query.graph import Graph
from tests.conftest import MakeReview, Run

STUDIES = (
    "key,title,report,design,country\n"
    "a,A,r1,survey; interviews,Canada\n"
    "b,B,r1,survey,Canada\n"
    "c,C,r2,interviews,Chile\n"
    "d,D,r3,not reported,Chile\n"
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES})


@pytest.fixture
def counted(review: Review) -> Iterator[Graph]:
    with review.graph() as graph:
        yield graph


def printed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "printed.csv"
    path.write_text(text, encoding="utf-8")
    return path


def differences(graph: Graph, path: Path, table: str | PrintedAs) -> list[tuple[object, ...]]:
    found = compare(graph, path, printed_as(table) if isinstance(table, str) else table)
    return [row[:4] for row in found.differences.rows]


def test_counts_with_percentages(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "Study design,No. of studies,%\nSurvey,2,50%\nInterviews,2,50%\nNot reported,1,25%\n")
    result = compare(counted, path, printed_as("counts design"))
    assert (result.cells, result.differing) == (6, 0)


def test_each_cell_that_differs_is_named(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "design,n (%)\nsurvey,3 (75 %)\nfocus groups,1\n")
    assert differences(counted, path, "counts design") == [
        ("survey", "studies", 3, 2),
        ("survey", "percent", "75 %", "50 %"),
        ("focus groups", "studies", 1, 0),
        ("interviews", "studies", None, 2),
    ]


def test_a_partial_table_may_lack_values(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "value,n\nsurvey,2\n")
    assert differences(counted, path, PrintedAs("counts", ("design",), partial=True)) == []


def test_reports_and_filters(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "country,reports\nCanada,1\n")
    assert differences(counted, path, PrintedAs("counts", ("country",), "report", ("design=survey",))) == []


def test_a_matrix(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "design,Canada,Chile,Total\nsurvey,2,–,2\ninterviews,1,1,2\ntotal,2,2,4\n")
    assert differences(counted, path, "crosstab design country") == []
    path = printed(tmp_path, "design,Canada,Chile\nsurvey,2,1\n")
    assert differences(counted, path, "crosstab design country") == [
        ("survey / Chile", "studies", 1, 0),
        ("interviews / Canada", "studies", None, 1),
        ("interviews / Chile", "studies", None, 1),
    ]


def test_a_long_crosstab(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "country,design,n\nCanada,survey,2\nCanada,interviews,1\nChile,interviews,1\n")
    assert differences(counted, path, "crosstab country design") == []


def test_a_misspelt_value_is_an_error(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "design,n\nsurvei,2\ninterviews,two\n")
    with pytest.raises(BadInput) as caught:
        compare(counted, path, printed_as("counts design"))
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}, row 2, column 'design': 'survei': no value of design is called this; did you mean 'survey'?",
        f"{path}, row 3, column 'n': 'two': is not a number; accepted: 45, 34 %, 45 (34 %)",
    ]


def test_columns_that_tell_nothing(counted: Graph, tmp_path: Path) -> None:
    path = printed(tmp_path, "a,b\nsurvey,2\n")
    with pytest.raises(BadInput) as caught:
        compare(counted, path, printed_as("counts design"))
    assert [str(problem) for problem in caught.value.problems] == [
        f"{path}, row 1: 'a, b': the columns do not tell what is counted; "
        "accepted: a column for each of design, and one called n"
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("45", Number(45)),
        ("1,204", Number(1204)),
        ("34 %", Number(None, 34.0)),
        ("45 (52.3%)", Number(45, 52.3, 1)),
        ("45 of 86", Number(45, of=86)),
        ("some", None),
        ("", None),
    ],
)
def test_numbers_as_they_are_printed(text: str, number: Number | None) -> None:
    assert printed_number(text) == number


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("outcomes", PrintedAs("outcomes")),
        ("counts study design", PrintedAs("counts", ("study design",))),
        ("crosstab a b c", PrintedAs("crosstab", ("a", "b", "c"))),
        ("crosstab a", None),
        ("counts", None),
        ("outcomes x", None),
    ],
)
def test_names_of_tables(text: str, table: PrintedAs | None) -> None:
    assert printed_as(text) == table


def test_declared_tables_are_compared_and_checked(review: Review, run: Run) -> None:
    (review.root / "published").mkdir(exist_ok=True)
    (review.root / "published" / "designs.csv").write_text("design,n\nsurvey,3\ninterviews,2\n", encoding="utf-8")
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('[published]\n"published/designs.csv" = { table = "counts", facets = ["design"] }\n')
    ran = run("compare", "published/designs.csv", "-C", review.root)
    assert (ran.code, ran.out.splitlines()[0]) == (1, "designs.csv against counts design")
    found = [d.message for d in check(review) if d.kind == "published-table"]
    assert found == ["published/designs.csv, survey, studies: printed 3, computed 2"]


def test_numbers_in_the_text(review: Review) -> None:
    (review.root / "published").mkdir(exist_ok=True)
    (review.root / "published" / "facts.csv").write_text(
        "key,value,locator,query,parameters\n"
        "surveys,2,3.1,counts,design=survey\n"
        "surveys in Canada,50 %,3.1,counts,country=Canada; where=design=survey\n"
        "reports,2 of 3,3.2,counts,country=Chile; by=report\n"
        "studies,5,3.2,review,column=studies\n"
        "maps,4,3.3,counts,design=mapp\n",
        encoding="utf-8",
    )
    found = [(d.severity, d.message) for d in check(review) if d.kind == "stated-number"]
    assert found == [
        ("error", "maps: no value of design is called 'mapp'; did you mean survey or interviews?"),
        ("conflict", "surveys in Canada: the text prints 50 %; the data give 2 of 2, 100 %"),
        ("conflict", "studies: the text prints 5; the data give 4"),
    ]


def test_the_study_flow(review: Review, run: Run) -> None:
    (review.root / "screening").mkdir()
    (review.root / "screening" / "decisions.csv").write_text(
        "id,decision,reason\n1,Keep,\n2,Drop,design\n3,drop,topic\n4,Keep,\n", encoding="utf-8"
    )
    (review.root / "screening" / "flow.csv").write_text("stage,n,locator\nscreened,4,2.1\ndropped,3,2.1\n", "utf-8")
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        for stage, where in (("screened", []), ("dropped", ["decision=Drop"]), ("off topic", ["reason=topic,other"])):
            file.write(f'[[flow]]\nstage = "{stage}"\nfile = "screening/decisions.csv"\nwhere = {where}\n')
    assert run("table", "flow", "-C", review.root, "--format", "csv").out == (
        "stage,counted,printed,locator\nscreened,4,4,2.1\ndropped,2,3,2.1\noff topic,1,,\n"
    )
    found = [d.message for d in check(review) if d.kind == "stated-number"]
    assert found == ["dropped: the text prints 3; screening/decisions.csv gives 2"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('stage = "x"', "review.toml, key '[[flow]] file': is missing; accepted: file = \"…\""),
        (
            'stage = "x"\nfile = "no.csv"',
            "review.toml, key '[[flow]] file': 'no.csv': the file is not in the review folder; "
            "accepted: a file of the folder, e.g. screening/screened.csv",
        ),
        (
            'stage = "x"\nfile = "sheets/studies.csv"\nwhere = ["design"]',
            "review.toml, key '[[flow]] where': 'design': is no condition; "
            "accepted: COLUMN=WORD, several words with commas between them, or COLUMN!=WORD",
        ),
        (
            'stage = "x"\nfile = "sheets/studies.csv"\nstep = "y"',
            "review.toml, key '[[flow]] step': is not a known key; did you mean stage?; accepted: stage, file, sheet, where",
        ),
    ],
)
def test_problems_of_the_flow(review: Review, entry: str, message: str) -> None:
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write(f"[[flow]]\n{entry}\n")
    with pytest.raises(BadInput) as caught:
        _ = review.config
    assert [str(problem) for problem in caught.value.problems] == [message]


def test_a_condition_on_a_column_that_is_not_there(review: Review) -> None:
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('[[flow]]\nstage = "x"\nfile = "sheets/studies.csv"\nwhere = ["desgn=survey"]\n')
    found = [d.message for d in check(review) if d.kind == "input"]
    assert found == [
        "review.toml, key '[[flow]] where': 'desgn=survey': sheets/studies.csv has no such column; did you mean 'design'?"
    ]
