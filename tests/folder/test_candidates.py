"""Lists of references are candidates, and never become included studies by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import BadInput
from kg.folder.review import Review
from kg.loaders.references.candidates import may_be_references
from kg.loaders.tables.compound import write_stream
from tests import exports as an
from tests.binaries import label, xls_stream
from tests.conftest import MakeReview, Run

#: A list whose header no known tool writes.
LIST = 'title,authors,year,journal,abstract,my notes\nA title,"Ng, A.",2020,A journal,An abstract.,look\n'
EITHER = "could be references that a search found, or a sheet of included studies"


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": "key,title,year\nbrady,A study,2022\n"})


def studies(review: Review) -> list[str]:
    return [study.key for study in review.load().evidence.studies]


@pytest.mark.parametrize(
    "text",
    [
        an.RAYYAN,
        an.EMBASE,
        an.EMBASE_PLAIN,
        an.EMBASE_LINES,
        an.COVIDENCE,
        an.REVTOOLS,
        an.ASREVIEW,
        an.POP,
        an.OVID_SHORT,
    ],
    ids=[
        "rayyan",
        "embase",
        "embase-plain",
        "embase-lines",
        "covidence",
        "revtools",
        "asreview",
        "publish-or-perish",
        "ovid",
    ],
)
def test_a_screening_file_adds_no_study(review: Review, run: Run, tmp_path: Path, text: str) -> None:
    """They used to be built as included studies, with exit code 0."""
    path = tmp_path / "screening.csv"
    path.write_text(text, encoding="utf-8")
    ran = run("add", path, "-C", review.root)
    assert (ran.code, ran.err) == (
        0, f"added {review.root / 'references' / 'screening.csv'}: 1 record; next: kg build\n",
    )  # fmt: skip
    assert studies(review) == ["brady"]


def test_a_table_that_could_be_either_is_asked_about(review: Review, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    for more in ((), ("--no-input",)):
        ran = run("add", path, *more, "-C", review.root)
        assert (ran.code, ran.err) == (2, f"Error: {path} {EITHER}: say --as references or --as sheet\n")
    assert run("add", path, "--as", "references", "-C", review.root).code == 0
    assert studies(review) == ["brady"] and [r.authors[0].name for r in review.load().evidence.records] == ["Ng, A."]
    (review.root / "references" / "list.csv").unlink()
    (review.root / "records" / "searches.csv").unlink()
    assert run("add", path, "--as", "sheet", "-C", review.root).code == 0
    assert len(studies(review)) == 2


def test_a_list_in_a_workbook_is_asked_about(review: Review, run: Run, tmp_path: Path) -> None:
    rows = [line.split(",") for line in ("title,authors,year,journal,abstract", "A title,Ng,2020,J,An abstract.")]
    cells = [label(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    path = tmp_path / "list.xls"
    path.write_bytes(write_stream("Workbook", xls_stream({"Hits": cells})))
    how = "save it as CSV UTF-8 and add that, or say --as sheet"
    ran = run("add", path, "-C", review.root)
    assert (ran.code, ran.err) == (2, f"Error: {path} [Hits] {EITHER}: {how}\n")
    assert not (review.root / "sheets" / "list.xls").exists()
    ran = run("add", path, "--as", "references", "-C", review.root)
    assert ran.code == 2 and ran.err.endswith(".csv, .tsv, .txt; save a workbook as CSV UTF-8\n")
    assert run("add", path, "--as", "sheet", "-C", review.root).code == 0
    assert len(studies(review)) == 2


def test_an_export_among_the_sheets_is_a_problem(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(an.RAYYAN, encoding="utf-8")
    message = (
        "sheets/r.csv, row 1: is a list of references as Rayyan writes it, and its rows would count as included "
        'studies; accepted: the file in references/ (kg add); or [[sheet]] with file = "sheets/r.csv" and '
        'kind = "studies" in review.toml, if every row is an included study'
    )
    ran = run("add", tmp_path / "r.csv", "--as", "sheet", "-C", review.root)
    assert (ran.code, ran.err.splitlines()[0]) == (1, message)
    (review.root / "sheets" / "r.csv").write_text(an.RAYYAN, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        review.load()
    assert [str(problem) for problem in error.value.problems] == [message]
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[sheet]]\nfile = "sheets/r.csv"\nkind = "studies"\n')
    assert len(studies(Review(review.root))) == 2
    (review.root / "sheets" / "r.csv").unlink()
    assert "1 row read as studies" in run("add", tmp_path / "r.csv", "-C", review.root).err
    assert len(studies(Review(review.root))) == 2, "the declaration says what the file is"


def test_a_list_that_was_copied_among_the_sheets_is_noted(review: Review, run: Run) -> None:
    """By hand, without kg add: its rows count as included studies, and nothing else said so."""
    sheets = review.root / "sheets"
    (sheets / "list.csv").write_text(LIST, encoding="utf-8")
    message = (
        "sheets/list.csv: 1 row is read as included studies, and the columns are those of a list of references; accepted: "
        'if each row is an included study, [[sheet]] with file and kind = "studies" in review.toml; if a search found them, '
        "the file outside of sheets/ and kg add --as references"
    )
    built = run("build", "-C", review.root)
    assert (built.code, built.err.splitlines()[0]) == (0, f"note: {message}")
    assert [note.file for note in review.build(force=True).notes] == ["sheets/list.csv"]
    kind = ("check", "--kind", "sheet-may-be-candidates", "--format", "json", "-C", review.root)
    assert [(row["severity"], row["message"]) for row in json.loads(run(*kind).out)] == [("note", message)]
    key = next(study.key for study in review.load().evidence.studies if study.key != "brady")
    (sheets / "findings.csv").write_text(f"study,factor,direction\n{key},Walks,barrier\n", encoding="utf-8")
    (sheets / "studies.csv").unlink()
    assert json.loads(run(*kind).out) == [], "a sheet whose studies are charted is none"
    (sheets / "findings.csv").unlink()
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[sheet]]\nfile = "sheets/list.csv"\nkind = "studies"\n')
    assert json.loads(run(*kind).out) == [] and Review(review.root).build(force=True).notes == ()


@pytest.mark.parametrize(
    ("header", "either"),
    [
        ("title,abstract,screener.id,decision", True),
        ("title,reference,screened,full text screened", True),
        ("title.x,abstract.x,decision.x", True),
        ("title,authors,year,journal,volume,doi", True),
        ("Authors,Title,Year,DOI,Link", True),
        ("title,authors,year,doi", False),
        ("key,title,authors,year,doi,url", False),
        ("title,abstract,decision,factor,direction", False),
        ("title,contributor,publisher,isbn,issn,url,volume,issue,pages,language", True),
        ("title,literature screening," + ",".join(f"Q{n}" for n in range(20)), False),
        ("study,title,journal,abstract,design,country", False),
        ("key,title,journal,year,a,b,c,d", False),
    ],
)
def test_what_could_be_either(header: str, either: bool) -> None:
    assert may_be_references(header.split(",")) is either
