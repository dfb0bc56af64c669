"""[[references]] in review.toml: the columns of a table of references."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import BadInput
from kg.folder.review import Review
from kg.model.literature import Author
from tests import exports as an
from tests.conftest import MakeReview, Run

TABLE = 'Document,Writers,Yr,Where,Code\nA title,"Ng, A. / Li, B.",2020,A journal,10.1000/A\n,,,,\nB,,,,\n'
DECLARED = """
[[references]]
file = "references/hits.csv"
database = "PsycINFO"
columns = { title = "Document", authors = "Writers", year = "Yr", journal = "Where", doi = "Code" }
split = "/"
"""


@pytest.fixture
def review(make_review: MakeReview, tmp_path: Path) -> Review:
    (tmp_path / "hits.csv").write_text(TABLE, encoding="utf-8")
    return make_review({"sheets/studies.csv": "key,title,year\nbrady,A study,2022\n"})


def declare(review: Review, text: str) -> Review:
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return Review(review.root)


def test_columns_are_declared(review: Review, run: Run, tmp_path: Path) -> None:
    (review.root / "references").mkdir()
    (review.root / "references" / "hits.csv").write_text(TABLE, encoding="utf-8")
    review = declare(review, DECLARED)
    first, second = review.load().evidence.records
    assert (first.database, first.title, first.authors, first.year, first.venue, first.doi, first.row) == (
        "PsycINFO", "A title", (Author("Ng, A."), Author("Li, B.")), 2020, "A journal", "10.1000/a", 2,
    )  # fmt: skip
    assert (second.title, second.row) == ("B", 4)
    ran = run("add", tmp_path / "hits.csv", "--replace", "-C", review.root)
    assert (ran.code, ran.err.splitlines()[0]) == (
        0, f"added {review.root / 'references' / 'hits.csv'}: 2 records; next: kg build",
    )  # fmt: skip


def test_sheets_can_be_added_beside_a_declaration(review: Review, run: Run, tmp_path: Path) -> None:
    """They are tried in a copy of the folder that has no references."""
    (tmp_path / "more.csv").write_text("key,title\nx,X\n", encoding="utf-8")
    review = declare(review, DECLARED)
    assert run("add", tmp_path / "hits.csv", tmp_path / "more.csv", "-C", review.root).code == 0
    assert run("add", tmp_path / "more.csv", "--replace", "-C", review.root).code == 0
    assert len(review.load().evidence.records) == 2


def test_explain_prints_the_declaration(review: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(an.RAYYAN, encoding="utf-8")
    ran = run("add", tmp_path / "r.csv", "--explain", "-C", review.root)
    assert (ran.code, ran.out) == (
        0,
        "# references/r.csv: read as references, from Rayyan\n"
        '[[references]]\nfile = "references/r.csv"\ndatabase = "Rayyan"\n'
        'columns = { title = "title", authors = "authors", year = "year", doi = "doi", url = "url", '
        'pmid = "pubmed_id", pmcid = "pmc_id", journal = "journal", language = "language", abstract = "abstract" }\n',
    )
    before, _ = (review.root / "references").exists(), declare(review, "\n" + ran.out)
    assert not before and run("add", tmp_path / "r.csv", "-C", review.root).code == 0
    (record,) = review.load().evidence.records
    assert (record.doi, record.pmid, len(record.authors)) == (an.DOI, "35979915", 2), "the declaration reads the same"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("references = 3", "review.toml, key 'references': has the wrong type; accepted: [[references]], in double brackets"),
        ("[[references]]", "review.toml, key '[[references]] file': is missing; accepted: file = \"references/…\""),
        (DECLARED + DECLARED,
         "review.toml, key '[[references]] file': 'references/hits.csv': is declared twice, and one of the two would be "
         "ignored; accepted: one for a file"),
        (DECLARED.replace("title", "tilte"),
         "review.toml, key '[[references]] columns.tilte': is not a known key; did you mean title?; accepted: title, "
         "authors, year, date, doi, url, pmid, pmcid, openalex, type, journal, language, abstract, accession"),
        (DECLARED.replace("split", "spilt"),
         "review.toml, key '[[references]] spilt': is not a known key; did you mean split?; accepted: file, database, "
         "columns, split"),
        (DECLARED.replace('"Yr"', "3"),
         "review.toml, key '[[references]] columns.year': '3': has the wrong type; accepted: text in quotes"),
        (DECLARED, "review.toml, key '[[references]] file': 'references/hits.csv': the file is not there; "
         "did you mean 'references/hits2.csv'?; accepted: references/hits2.csv"),
        (DECLARED.replace("hits", "hits2").replace('"Code"', '"DOI"'),
         "references/hits2.csv, row 1: 'Document,Writers,Yr,Where,Code': columns that [[references]] in review.toml "
         "names are not there: doi; accepted: names of columns as in the file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(review: Review, text: str, message: str) -> None:
    (review.root / "references").mkdir()
    header = "title,x\nA,b\n" if "hits2" not in text else TABLE
    (review.root / "references" / "hits2.csv").write_text(header, encoding="utf-8")
    if text == "references = 3":
        path = review.root / "review.toml"
        path.write_text(text + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        review = Review(review.root)
    else:
        review = declare(review, "\n" + text + "\n")
    with pytest.raises(BadInput) as error:
        review.load()
    assert [str(problem) for problem in error.value.problems] == [message]
