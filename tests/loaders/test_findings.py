"""The rows of a findings sheet: what is read, and what is said of a row that is not."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.facets import Facets
from kg.loaders.sheets.findings import read_findings
from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import finding_id
from kg.model.records import Concept, Finding, Study

HEAD = [
    "study",
    "factor",
    "direction",
    "outcomes",
    "locator",
    "note",
    "tabulated",
    "associated",
    "approach",
    "certainty",
    "coder",
]
STUDIES = (Study("doi:10.1000/a", "a", "1", doi="10.1000/a"), Study("key:b", "b", "2"))
REJECTED = {"gone": "s.csv, row 4", "10.1000/z": "s.csv, row 5"}
FACTORS, OUTCOMES = (Concept("pay", "Pay"), Concept("team", "Team")), (Concept("joy", "Joy"),)
STUDY = "a key, article number or DOI of the studies sheet; several with ; between them"
DIRECTIONS = "facilitator, barrier, mixed, no_effect, unspecified"
AS_TEXT = "text such as 3-4, typed into a cell formatted as Text"


def read(
    *cells: str,
    head: list[str] = HEAD,
    studies: StudyIndex | None = None,
    factors: tuple[Concept, ...] | None = FACTORS,
) -> tuple[list[Finding], RawTable]:
    table = RawTable("f.csv", header=head, rows=[(2, list(cells))])
    index = studies or StudyIndex(STUDIES, REJECTED)
    terms = Terms("factor", factors), Terms("outcome", OUTCOMES)
    return read_findings(table, guess(table, "findings"), index, *terms, Facets()), table


def test_a_row_is_a_finding_for_each_of_its_studies_and_factors() -> None:
    found, table = read("1; b", "Pay; Team", "hinders", "Joy", "3-4", "low", "no", "yes", "quant", "joint", "X")
    assert table.problems == table.skipped == []
    assert found == [
        Finding(
            finding_id(study, factor, "barrier", ("joy",), "3-4"),
            study,
            factor,
            "barrier",
            ("joy",),
            False,
            True,
            "3-4",
            "low",
            "quantitative",
            "joint",
            "X",
            "f.csv",
            2,
        )
        for study in ("doi:10.1000/a", "key:b")
        for factor in ("pay", "team")
    ]
    (bare,), _ = read("a", "Pay", "barrier")
    assert bare == Finding(
        finding_id("doi:10.1000/a", "pay", "barrier", (), ""), "doi:10.1000/a", "pay", "barrier", source="f.csv", row=2
    )


@pytest.mark.parametrize(
    ("cells", "column", "value", "reason", "accepted"),
    [
        (("", "Pay", "barrier"), "study", "", "the cell is blank", STUDY),
        (("a", "", "barrier"), "factor", "", "the cell is blank", "Pay; Team"),
        (("a", "Pay", ""), "direction", "", "the cell is blank", DIRECTIONS),
        (("a", "Pay", "up"), "direction", "up", "is not a direction", DIRECTIONS),
        (("a", "Low", "barrier"), "factor", "Low", "no factor of the vocabulary is called this", "Pay; Team"),
        (
            ("a", "Pay", "barrier", "", "", "", "yes", "yes"),
            "associated",
            "yes",
            "the review's table counts this row already",
            "yes only where tabulated says no",
        ),
        (
            ("a", "Pay", "barrier", "", "04-Mar"),
            "locator",
            "04-Mar",
            "looks like pages that a spreadsheet turned into a date",
            AS_TEXT,
        ),
        (
            ("04-Mar", "Pay", "barrier"),
            "study",
            "04-Mar",
            "looks like article numbers that a spreadsheet turned into a date",
            AS_TEXT,
        ),
        (
            ("1; 04-Mar", "Pay", "barrier"),
            "study",
            "1; 04-Mar",
            "looks like article numbers that a spreadsheet turned into a date",
            AS_TEXT,
        ),
        (("q", "Pay", "barrier"), "study", "q", "no sheet defines this study", STUDY),
        (("1; q", "Pay", "barrier"), "study", "q", "no sheet defines this study (of '1; q')", STUDY),
        (("z; 1", "Pay", "barrier"), "study", "z", "no sheet defines this study (of 'z; 1')", STUDY),
    ],
)
def test_a_cell_that_is_not_accepted_rejects_its_row(
    cells: tuple[str, ...], column: str, value: str, reason: str, accepted: str
) -> None:
    found, table = read(*cells)
    assert (found, table.skipped) == ([], [])
    assert [(p.row, p.column, p.value, p.reason, p.accepted) for p in table.problems] == [
        (2, column, value, reason, accepted)
    ]


def test_what_is_accepted_where_there_is_no_vocabulary_or_no_study() -> None:
    assert [p.accepted for p in read("a", "", "barrier", factors=None)[1].problems] == [""]
    assert [p.accepted for p in read("a", "Pay", "barrier", studies=StudyIndex(()))[1].problems] == [
        "a studies sheet in sheets/ with a row for each study"
    ]


@pytest.mark.parametrize(
    ("name", "rejected_at"),
    [("Gone", "s.csv, row 4"), ("https://doi.org/10.1000/Z", "s.csv, row 5"), ("10.1000/z", "s.csv, row 5")],
)
def test_a_row_of_a_rejected_study_is_skipped(name: str, rejected_at: str) -> None:
    found, table = read(name, "Pay", "barrier")
    assert (found, table.problems) == ([], [])
    assert [(p.value, p.reason) for p in table.skipped] == [
        (name, f"the row of this study was rejected ({rejected_at})")
    ]


def test_a_row_is_skipped_if_its_study_may_be_in_a_sheet_that_could_not_be_read() -> None:
    found, table = read("q", "Pay", "barrier", studies=StudyIndex(STUDIES, complete=False))
    assert (found, table.problems) == ([], [])
    assert [p.reason for p in table.skipped] == ["no sheet that could be read defines this study"]


def test_a_sheet_without_a_required_column_has_no_findings() -> None:
    found, table = read("a", "Pay", head=["study", "factor"])
    assert (found, [p.column for p in table.broken]) == ([], ["direction"])
