"""Sheets of excluded studies: by a column of reasons, which are passed over, or about which the team is asked."""

from __future__ import annotations

import pytest

from kg.folder.explain import declare, explain
from kg.folder.review import Review
from kg.loaders.sheets.excluded import Reasons, find_reasons, lists_excluded
from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.reading import Question
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable
from tests.conftest import MakeReview
from tests.spreadsheets import Rows, write_xlsx

WHY = "Reason for exclusion"


def table(column: str, *cells: Cell) -> RawTable:
    rows: list[tuple[int, list[Cell]]] = [(n, [f"T{n}", cell]) for n, cell in enumerate(cells, start=2)]
    return RawTable("f.csv", header=["title", column, "year"], rows=rows)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (WHY, True),
        ("exclusion_reason", True),
        ("Why excluded?", True),
        ("Rationale for rejection", True),
        ("Reason ineligible", True),
        ("Reason", False),
        ("Exclusion criteria", False),
        ("Excluded", False),
        ("Reasons for exclusion of participants", False),
        ("Reason for dropout", False),
    ],
)
def test_a_column_of_reasons_is_known_by_its_name(column: str, found: bool) -> None:
    assert find_reasons(table(column, "wrong topic", "", "no data")) == (Reasons(column, 2, 3) if found else None)


@pytest.mark.parametrize("cell", ["", " ", "No", "none", "NR", "N/A", "included", "-999", Mangled("date", "x")])
def test_cells_without_a_reason(cell: Cell) -> None:
    assert find_reasons(table(WHY, cell)) is None
    assert find_reasons(table(WHY, cell, "no data")) == Reasons(WHY, 1, 2)


def test_a_row_that_ends_before_the_column() -> None:
    sheet = table(WHY, "no data")
    sheet.rows.append((3, ["T3"]))
    assert find_reasons(sheet) == Reasons(WHY, 1, 2)


@pytest.mark.parametrize(("cells", "most"), [(("x", ""), False), (("x", "y", ""), True), (("x",), True)])
def test_most_rows_have_a_reason(cells: tuple[str, ...], most: bool) -> None:
    sheet = table(WHY, *cells)
    assert (lists_excluded(sheet, None) is not None) == most
    assert (lists_excluded(sheet, SheetSpec("f.csv")) is not None) == most
    assert lists_excluded(sheet, SheetSpec("f.csv", sheet="S")) is None


def test_the_question() -> None:
    options = (
        ("the sheet lists what was excluded", 'kind = "ignore"'),
        ("all of its rows were included", 'kind = "studies"'),
    )
    all_of_them = f"'{WHY}' has a reason in 1 of 1 row: were they excluded?"
    assert guess(table(WHY, "x"), "studies").question == Question(all_of_them, options)
    some = f"'{WHY}' has a reason in 1 of 2 rows: were they excluded? (if only these were, take them out of the sheet)"
    assert guess(table(WHY, "x", ""), "studies").question == Question(some, options)
    for spec in (SheetSpec("f.csv", kind="studies"), SheetSpec("f.csv", ignore=(WHY,))):
        assert guess(table(WHY, "x"), "studies", spec).question is None


INCLUDED: Rows = [["Author", "Year", "Title", "Design"], ["Ng", 2020, "A", "survey"], ["Lee", 2021, "B", "diary"]]
EXCLUDED: Rows = [["Author", "Year", "Title", WHY], ["Roe", 2020, "X", "no data"], ["Poe", 2021, "Y", "no data"]]


def workbook(review: Review, sheets: dict[str, Rows]) -> Review:
    write_xlsx(review.root / "sheets" / "a.xlsx", sheets)
    return review


def test_a_sheet_of_reasons_is_passed_over_beside_another(make_review: MakeReview) -> None:
    loaded = workbook(make_review({}), {"Data": INCLUDED, "More": EXCLUDED}).load()
    assert [study.title for study in loaded.evidence.studies] == ["A", "B"]
    assert dict(loaded.passed) == {
        ("sheets/a.xlsx", "More"): f"passed over: '{WHY}' says why its rows were excluded",
    }
    assert [source.rows for source in loaded.evidence.sources] == [2]


def test_a_sheet_of_reasons_is_read_if_it_is_declared(make_review: MakeReview) -> None:
    toml = 'id = "r"\ntitle = "R"\n[[sheet]]\nfile = "sheets/a.xlsx"\nsheet = "More"\nkind = "studies"\n'
    loaded = workbook(make_review({"review.toml": toml}), {"Data": INCLUDED, "More": EXCLUDED}).load()
    assert [study.title for study in loaded.evidence.studies] == ["A", "B", "X", "Y"]
    assert dict(loaded.passed) == {}


@pytest.mark.parametrize(("answer", "titles"), [(0, []), (1, ["X", "Y"])])
def test_the_answer_is_written_down(make_review: MakeReview, answer: int, titles: list[str]) -> None:
    review = workbook(make_review({}), {"All": EXCLUDED})
    (found,) = explain(review, review.root / "sheets" / "a.xlsx")
    assert found.question
    declare(review, found, found.question.options[answer][1])
    review = Review(review.root)
    assert [study.title for study in review.load().evidence.studies] == titles
    assert [each.question for each in explain(review, review.root / "sheets" / "a.xlsx")] == [None]
