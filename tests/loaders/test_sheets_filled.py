"""Blank cells that stand for the value above them: what is filled, and what is said of rows without a study."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.filled import Below, fill_down, find_below
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable

DAY = Mangled("date", "2024-03-04")


def table(header: str, *rows: list[Cell]) -> RawTable:
    return RawTable("f.csv", header=header.split(","), rows=list(enumerate(rows, start=4)), header_row=3)


def filled(sheet: RawTable, *names: str) -> list[list[Cell]]:
    """Fill the columns and return the cells of each row."""
    fill_down(sheet, SheetSpec("f.csv", columns={"title": "Was"}, fill_down=names))
    return [cells for _, cells in sheet.rows]


def test_a_blank_cell_has_the_value_above() -> None:
    sheet = table("study,n,note", ["", "1"], ["a", "2", "x"], [" ", "3"], [], [DAY, "5", ""], ["", "6"], ["b"], ["b"])
    assert filled(sheet, "study") == [
        ["", "1"], ["a", "2", "x"], ["a", "3"], ["a"], [DAY, "5", ""], [DAY, "6"], ["b"], ["b"],
    ]  # fmt: skip
    assert (sheet.notes, sheet.broken) == (["3 blank cells of 'study' have the value above"], [])


def test_a_short_row_is_filled_up_to_the_column() -> None:
    sheet = table("n,x,note", ["1", "2", "a"], ["3"])
    assert filled(sheet, "note") == [["1", "2", "a"], ["3", "", "a"]]
    assert sheet.notes == ["1 blank cell of 'note' has the value above"]


@pytest.mark.parametrize(
    ("header", "name"),
    [("Article,n", "study"), ("Article,n", "ARTICLE"), ("Article,n", "label"), ("Was,n", "title"), ("DOI,n", "doi")],
)
def test_a_column_is_called_by_its_name_or_that_of_kg(header: str, name: str) -> None:
    assert filled(table(header, ["a", "1"], ["", "2"]), name) == [["a", "1"], ["a", "2"]]


def test_nothing_is_filled_that_is_not_declared() -> None:
    sheet = table("study,n", ["a", "1"], ["", "2"])
    assert filled(sheet) == [["a", "1"], ["", "2"]]
    assert filled(table("study,n", ["a", "1"], ["b", "2"]), "study") == [["a", "1"], ["b", "2"]]
    assert (sheet.notes, sheet.broken) == ([], [])


def test_a_column_that_is_not_there() -> None:
    sheet = table("study,,n", ["a", "1"])
    filled(sheet, "studie")
    assert list(map(str, sheet.broken)) == [
        "f.csv, row 3, column 'studie': the column that review.toml names under fill_down is not there; did you mean "
        "'study'?; accepted: study, n"
    ]


def test_rows_below_one_that_names_its_study() -> None:
    sheet = table("a,n,b,c", ["", "0"], ["x", "1", "", "c"], ["", "2", "", "c"], ["", "3", "y"], [" ", "4"], ["", "5"])
    assert find_below(sheet, [0, 2], [3, 2, 0]) == Below(
        frozenset((6, 8, 9)),
        "the cell is blank in 3 rows below one that names its study",
        'fill_down = ["a", "b"] under [[sheet]] in review.toml, if a blank cell means the value above it',
    )
    assert find_below(sheet, [1], [1]).rows == frozenset()
    assert find_below(sheet, [0], [0]).rows == frozenset((6, 7, 8, 9))
