"""The rows of a studies sheet: what is read, what is said of a row that is not, and how a study is found by name."""

from __future__ import annotations

from datetime import date

import pytest

from kg.loaders.sheets.facets import Facets
from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.studies import StudyIndex, read_studies
from kg.loaders.sheets.terms import Terms
from kg.loaders.tables.rawtable import Cell, RawTable
from kg.model.records import Concept, Study

OUTCOMES = (Concept("stay", "Retention"), Concept("joy", "Joy"))


def read(
    head: str, *rows: list[Cell], malformed: tuple[list[Cell], ...] = ()
) -> tuple[list[tuple[int, Study]], RawTable, dict[str, str]]:
    """Return the studies of a sheet, the sheet with its problems, and the names of rejected studies."""
    numbered = list(enumerate(rows, start=2))
    table = RawTable("s.csv", header=head.split(","), rows=numbered, malformed=list(enumerate(malformed, start=9)))
    rejected: dict[str, str] = {}
    reading = guess(table, "studies")
    found = read_studies(table, reading, Terms("outcome", OUTCOMES), Facets(), rejected)
    assert (table.broken, reading.question) == ([], None)
    assert list(found.of_row.values()) == [study.key for _, study in found.studies]
    return found.studies, table, rejected


def test_a_row_is_a_study() -> None:
    head = (
        "key,label,reference,doi,openalex,authors,year,title,publication_type,methods,design,setting,population,country,"
        "sample_size,outcomes,basis"
    )
    cells: list[Cell] = [
        "k", "7", "12", "https://doi.org/10.1000/K", "https://openalex.org/w5", "Lee, A", "2001", "T", "article", "qual",
        "Survey; survey ; RCT", "Clinic|clinic", "Peers", "Chile", "1,200", "joy; Retention; Joy", "full text",
    ]  # fmt: skip
    found, table, rejected = read(head, cells, ["", "", "", "", "W5", "", "", "Only a title"])
    assert (table.problems, rejected) == ([], {})
    assert found == [
        (
            2,
            Study(
                "doi:10.1000/k",
                "k",
                "7",
                "12",
                "10.1000/k",
                "Lee, A",
                2001,
                "T",
                ("joy", "stay"),
                "full text",
                facets={
                    "year": ("2001",),
                    "publication_type": ("article",),
                    "methods": ("qualitative",),
                    "design": ("survey", "rct"),
                    "setting": ("clinic",),
                    "population": ("peers",),
                    "country": ("chile",),
                    "sample_size": ("1200",),
                },
            ),
        ),
        (3, Study("openalex:W5", "only-a-title", title="Only a title")),
    ]


@pytest.mark.parametrize(
    ("cells", "id_", "key"),
    [
        (["k", "7", "", "Lee, A", "2001", "T"], "key:k", "k"),
        (["", "7", "10.1000/a", "Lee, A", "2001", "T"], "doi:10.1000/a", "7"),
        (["", "", "10.1000/a", "Lee, A", "2001", "T"], "doi:10.1000/a", "10.1000/a"),
        (["", "", "", "Lee, A", "2001", "T"], "key:lee-2001-t", "lee-2001-t"),
        (["", "", "", "", "", "T"], "key:t", "t"),
        (["", "", "", "Lee", "", "x" * 99], "key:lee-" + "x" * 56, "lee-" + "x" * 56),
    ],
)
def test_the_key_of_a_study(cells: list[Cell], id_: str, key: str) -> None:
    ((_, study),), _, _ = read("key,label,doi,authors,year,title", cells)
    assert (study.id, study.key) == (id_, key)


LATEST = date.today().year + 2


@pytest.mark.parametrize(
    ("column", "value", "reason", "accepted"),
    [
        ("year", "1499", "is out of range", f"1500 to {LATEST}, or blank"),
        ("year", str(LATEST + 1), "is out of range", f"1500 to {LATEST}, or blank"),
        ("sample_size", "1000000001", "is out of range", "0 to 1,000,000,000, or blank"),
        ("doi", "PMID: 3", "is not a DOI", "10.…/…, with or without https://doi.org/, or blank"),
        ("openalex", "5", "is not an OpenAlex work", "W followed by digits, or blank"),
        ("outcomes", "stays", "no outcome of the vocabulary is called this", "Retention; Joy"),
        ("methods", "new", "is not a class of methods", "quantitative, qualitative, mixed"),
    ],
)
def test_a_cell_that_is_not_accepted_rejects_its_study(column: str, value: str, reason: str, accepted: str) -> None:
    found, table, rejected = read(f"key,label,title,{column}", ["K", "7", "T", value], ["L", "8", "U", ""])
    assert [study.key for _, study in found] == ["L"]
    assert [(p.row, p.column, p.value, p.reason) for p in table.problems] == [(2, column, value, reason)]
    assert accepted in table.problems[0].accepted
    assert rejected == {"key:k": "s.csv, row 2", "k": "s.csv, row 2", "7": "s.csv, row 2"}


@pytest.mark.parametrize(
    ("column", "value"), [("year", 1500), ("year", LATEST), ("sample_size", 0), ("sample_size", 10**9)]
)
def test_the_first_and_the_last_number_that_are_accepted(column: str, value: int) -> None:
    ((_, study),), _, _ = read(f"key,{column}", ["k", str(value)])
    assert study.facets == {column: (str(value),)}
    assert study.year == (value if column == "year" else None)


def test_a_row_that_names_no_study() -> None:
    _, table, _ = read("key,authors,doi", ["", "Lee", ""], ["", "Lee", "no"])
    assert [(p.row, p.column, p.reason, p.accepted) for p in table.problems] == [
        (2, "key", "the row names no study", "a key, an article number, a DOI or a title"),
        (3, "doi", "is not a DOI", "10.…/…, with or without https://doi.org/, or blank"),
    ]


def test_rows_that_do_not_fit_the_header_may_name_studies() -> None:
    rows: tuple[list[Cell], ...] = (["Lee", "T", "7", "x", "y"], ["", "Two", "8"], ["Roy"])
    _, _, rejected = read("key,title,label", malformed=rows)
    assert rejected == {"lee": "s.csv, row 9", "7": "s.csv, row 9", "8": "s.csv, row 10", "roy": "s.csv, row 11"}


def test_a_study_is_found_by_each_of_its_names() -> None:
    study = Study("doi:10.1000/a", "Lee-2020", "7", doi="10.1000/a")
    index = StudyIndex([study, Study("key:b", "b", "lee-2020")])
    assert index.complete
    for name in ("LEE-2020", "7", "10.1000/A", "https://doi.org/10.1000/a", "doi:10.1000/a", "DOI:10.1000/A"):
        assert index.find(name) == study.id, name
    assert index.find("key:B") == index.find("b") == "key:b"
    for name in ("10.1000/b", "8", ""):
        assert index.find(name) is None, name
    assert (index.suggest("lee-2021"), index.suggest("77"), index.suggest("nothing like it")) == ("'Lee-2020'", "", "")


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("01;02", ["01", "02"]),
        ("01, 02", ["01", "02"]),
        ("01-03", ["01", "02", "03"]),
        ("05,7-8", ["5", "7", "8"]),
        ("5; 01\n7", ["5", "01", "7"]),
        ("3-4", ["3-4"]),
        ("3-4,02", ["3-4", "02"]),
        ("3-4; 7", ["3-4", "7"]),
        ("ng-2021, diaz-2023", ["ng-2021", "diaz-2023"]),
        ("Lee, 2020", ["Lee, 2020"]),
        ("Lee, 2020; ng-2021,7", ["Lee, 2020", "ng-2021", "7"]),
        ("01;;02;", ["01", "02"]),
    ],
)
def test_names_of_studies_in_a_cell(cell: str, named: list[str]) -> None:
    """``01;02`` used to be read as the numbers 1 and 2, which no sheet defined."""
    labels = ("01", "02", "03", "3-4", "5", "7", "8", "ng-2021", "diaz-2023", "Lee, 2020")
    index = StudyIndex(Study(f"key:{label}", label, label) for label in labels)
    assert index.find_all(cell) == [f"key:{label}" for label in named]


@pytest.mark.parametrize(
    ("cell", "unknown"),
    [
        ("01;04", "04"),
        ("01-03", "03"),
        ("01, x", "x"),
        ("1", "1"),
        ("Ng, 2021", "Ng, 2021"),
        ("Ng 2021", "Ng 2021"),
        ("gone, also gone", "gone"),
        ("5-4", "5-4"),
    ],
)
def test_the_first_unknown_name_of_a_cell(cell: str, unknown: str) -> None:
    index = StudyIndex((Study(f"key:{key}", key) for key in ("01", "02")), {"gone": "f.csv, row 2"})
    assert index.find_all(cell) == unknown


def test_a_report_that_is_named_twice_is_one_report() -> None:
    ((_, study),), table, _ = read("key,title,report", ["a", "A", "R1; R2 | R1"])
    assert (table.problems, study.reports) == ([], ("R1", "R2"))
