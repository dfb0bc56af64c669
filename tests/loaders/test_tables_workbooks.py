"""Workbooks of all formats give the same tables: values as text, and marks on what a spreadsheet did to a cell."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from struct import pack

import openpyxl
import pytest

from kg.loaders.tables.compound import write_stream
from kg.loaders.tables.marks import area_of
from kg.loaders.tables.rawtable import Mangled, RawTable
from kg.loaders.tables.read import read_tables
from tests.binaries import Record, edit_archive, label, number, wide, write_xlsb, xls_stream
from tests.paths import DATA
from tests.security.probe import sheet_xml
from tests.security.probe import write_xlsx as write_raw_xlsx
from tests.spreadsheets import Rows, Value, write_ods, write_xlsx

Sheets = Mapping[str, Rows]
Merges = Mapping[str, Sequence[str]]


def read(path: Path, header_row: int | None = None) -> list[RawTable]:
    return read_tables(path, path.name, header_row=header_row)


def problems(table: RawTable) -> list[str]:
    return [str(problem) for problem in (*table.broken, *table.problems)]


def merged(area: str) -> Mangled:
    return Mangled("merged", area)


def write_xls(path: Path, sheets: Sheets, merge: Merges | None = None) -> None:
    """Write an XLS workbook of texts and numbers."""
    made = {}
    for title, rows in sheets.items():
        packed = [pack("<4H", *_corners(area)) for area in (merge or {}).get(title, ())]
        cells = [_xls_cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row) if v is not None]
        made[title] = [*cells, (0x00E5, pack("<H", len(packed)) + b"".join(packed))]
    path.write_bytes(write_stream("Workbook", xls_stream(made)))


def _corners(area: str) -> tuple[int, int, int, int]:
    """Return the first and last row and the first and last column of an area, from 0."""
    rows, columns = area_of(area)
    return rows.start - 1, rows.stop - 2, columns.start - 1, columns.stop - 2


def _xls_cell(row: int, column: int, value: Value) -> Record:
    if isinstance(value, int | float):
        return number(row, column, value)
    if str(value).startswith("="):
        return 0x0006, pack("<HHHdHIH", row, column, 0, 3.0, 0, 0, 3) + b"\x1e\x03\x00"
    return label(row, column, str(value))


def write_binary(path: Path, sheets: Sheets, merge: Merges | None = None) -> None:
    """Write an XLSB workbook of texts and numbers."""
    made = {}
    for title, rows in sheets.items():
        records: list[Record] = []
        for r, row in enumerate(rows):
            records.append((0x00, pack("<I", r)))
            records += [_xlsb_cell(c, value) for c, value in enumerate(row) if value is not None]
        records += [(0xB0, pack("<4I", *_corners(area))) for area in (merge or {}).get(title, ())]
        made[title] = records
    write_xlsb(path, made)


def _xlsb_cell(column: int, value: Value) -> Record:
    if isinstance(value, int | float):
        return 0x05, pack("<IId", column, 0, value)
    if str(value).startswith("="):
        return 0x09, pack("<IIdHI", column, 0, 3.0, 0, 0)
    return 0x06, pack("<II", column, 0) + wide(str(value))


Writer = Callable[[Path, Sheets, Merges | None], None]
FORMATS: dict[str, Writer] = {".xlsx": write_xlsx, ".xlsb": write_binary, ".xls": write_xls, ".ods": write_ods}


@pytest.fixture(params=FORMATS)
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    def written(sheets: Sheets, merge: Merges | None = None) -> Path:
        path = tmp_path / f"t{request.param}"
        FORMATS[request.param](path, sheets, merge)
        return path

    return written


# All formats.


def test_values_are_read_as_text(write: Callable[..., Path]) -> None:
    path = write(
        {"Coding": [["id", "n", "note"], ["ng", 3, "two\nlines"], ["li", 2.5, None], [None], ["x", -999, "-"]]}
    )
    (table,) = read(path)
    assert (table.file, table.sheet, table.header) == (path.name, "Coding", ["id", "n", "note"])
    assert table.rows == [(2, ["ng", "3", "two\nlines"]), (3, ["li", "2.5", ""]), (5, ["x", "-999", "-"])]
    assert (table.notes, problems(table)) == ([], [])


def test_groups_above_the_names_are_merged_cells(write: Callable[..., Path]) -> None:
    rows: Rows = [
        ["Study", "Barriers", None, None, "Outcomes", None, "Notes"],
        [None, "pay", "hours", "rota", "stay", "pay", None],
        ["ng", 1, None, None, 1, None, "said so"],
    ]
    (table,) = read(write({"Coding": rows}, {"Coding": ["A1:A2", "B1:D1", "E1:F1"]}))
    assert (table.header_row, problems(table)) == (2, [])
    assert table.header == ["Study", "pay", "hours", "rota", "stay", "pay (2)", "Notes"]
    assert table.groups == ["", *["Barriers"] * 3, *["Outcomes"] * 2, ""]
    assert table.rows == [(3, ["ng", "1", "", "", "1", "", "said so"])]
    assert table.notes[0] == "the header is in row 2"


def test_groups_of_groups_below_a_title(write: Callable[..., Path]) -> None:
    rows: Rows = [
        ["Extraction, May"],
        [None],
        [None, "Factors", None, None, None],
        [None, "Barriers", None, "Facilitators", None],
        ["study", "pay", "hours", "rota", "rest"],
        ["ng", "x", "x", None, None],
        ["li", None, "y", None, "z"],
    ]
    (table,) = read(write({"Coding": rows}, {"Coding": ["A1:E1", "B3:E3", "B4:C4", "D4:E4"]}))
    assert (table.header_row, table.header) == (5, ["study", "pay", "hours", "rota", "rest"])
    assert table.groups == ["", *["Factors > Barriers"] * 2, *["Factors > Facilitators"] * 2]
    (declared,) = read(write({"Coding": rows}, {"Coding": ["A1:E1", "B3:E3", "B4:C4", "D4:E4"]}), 5)
    assert (declared.header, declared.groups, declared.notes) == (table.header, table.groups, [])


def test_merged_header_cells_without_names_below_stay_a_problem(write: Callable[..., Path]) -> None:
    path = write(
        {"F": [["study", "factor", None, None], ["a", "Pay", "more", "x"], ["b", "Pay", None, None]]}, {"F": ["B1:D1"]}
    )
    (table,) = read(path)
    assert problems(table) == [
        f"{path.name} [F], row 1: 'factor': header cells B1:D1 are merged; accepted: one name a column: unmerge the "
        "cells, or say header_row = N in review.toml if the names are further down"
    ]


def test_cells_that_a_merge_covers_are_marked_in_rows_with_other_values(write: Callable[..., Path]) -> None:
    rows: Rows = [["id", "a", "b"], ["x", 1, 2], [None, 3, None], [None, None, None], ["y", 5, 6], [None, None, 7]]
    (table,) = read(write({"F": rows}, {"F": ["A2:A4", "B3:C3", "A5:B6"]}))
    assert table.rows == [
        (2, ["x", "1", "2"]),
        (3, ["x", "3", merged("B3:C3")]),
        (5, ["y", merged("A5:B6"), "6"]),
        (6, [merged("A5:B6"), merged("A5:B6"), "7"]),
    ]
    assert table.notes == ["1 cell merged with the one above: read as its value"]


def test_cells_that_are_merged_down_have_one_value(write: Callable[..., Path]) -> None:
    rows: Rows = [["id", "when", "n"], ["x", "May", 1], [None, None, 2], [None, None, 3], ["y", None, 4], ["z", "w", 5]]
    (table,) = read(write({"F": rows}, {"F": ["A2:A4", "B2:B3"]}))
    assert table.rows == [
        (2, ["x", "May", "1"]),
        (3, ["x", "May", "2"]),
        (4, ["x", "", "3"]),
        (5, ["y", "", "4"]),
        (6, ["z", "w", "5"]),
    ]
    assert table.notes == ["3 cells merged with the one above: read as its value"]


def test_a_name_that_is_merged_with_cells_below_the_header_is_no_value(write: Callable[..., Path]) -> None:
    rows: Rows = [["id", "a", "b"], [None, 1, 2], ["y", 5, 6]]
    (table,) = read(write({"F": rows}, {"F": ["A1:A2"]}), header_row=1)
    assert table.rows == [(2, [merged("A1:A2"), "1", "2"]), (3, ["y", "5", "6"])]


def test_a_header_two_rows_high(write: Callable[..., Path]) -> None:
    (table,) = read(write({"F": [["id", "a"], [None, None], ["x", 1]]}, {"F": ["A1:A2", "B1:B2"]}))
    assert (table.header, table.rows, problems(table)) == (["id", "a"], [(3, ["x", "1"])], [])


def test_columns_beside_the_header_are_called_by_their_letter(write: Callable[..., Path]) -> None:
    (table,) = read(write({"F": [["id", "a"], ["x", 1, None, "my remark"], ["y", 2]]}))
    assert table.header == ["id", "a", "", "column D"]
    assert [cells[3:] for _, cells in table.rows] == [["my remark"], [""]]
    assert table.notes == ["column D has values but no name: it is called 'column D'"]


def test_sheets_without_values_are_left_out(write: Callable[..., Path]) -> None:
    tables = read(write({"A": [["x"]], "Empty": [[None]], "Blank": [[" "]], "B": [["y"]]}))
    assert [table.sheet for table in tables] == ["A", "B"]
    path = write({"A": [[None]], "B": [[" "]]})
    assert [problems(table) for table in read(path)] == [
        [f"{path.name}: no visible sheet of the workbook has anything in it; accepted: a header row and at least one "
         "row under it"]
    ]  # fmt: skip


def test_rows_and_columns_before_the_first_value_count(write: Callable[..., Path]) -> None:
    (table,) = read(write({"F": [[], [], [None, None, "a", "b"], [None, None, "x", 1]]}))
    assert (table.header_row, table.header) == (3, ["", "", "a", "b"])
    assert table.rows == [(4, ["", "", "x", "1"])]
    assert table.notes == ["the header is in row 3", "columns A to B have no name and no values"]


def test_a_formula_of_xlsx_is_read_as_its_last_value(tmp_path: Path) -> None:
    cells = (
        '<row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>n</t></is></c></row>'
        '<row><c t="str"><f>A1</f><v>x</v></c><c><f>1+2</f><v>3</v></c></row>'
        '<row><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c><f>A2</f></c></row>'
    )
    write_raw_xlsx(tmp_path / "t.xlsx", sheet_xml(cells))
    (table,) = read(tmp_path / "t.xlsx")
    assert table.rows == [(2, ["x", "3"]), (3, [Mangled("error", "#DIV/0!"), Mangled("formula", "=A2")])]
    assert table.notes == ["2 formulas read as the last value of each"]


@pytest.mark.parametrize("suffix", [".xlsb", ".xls", ".ods"])
def test_a_formula_is_read_as_its_last_value(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    FORMATS[suffix](path, {"F": [["id", "n"], ["x", "=A1"], ["y", "=A2"]], "G": [["id"], ["z"]]}, None)
    first, second = read(path)
    assert [cells for _, cells in first.rows] == [["x", "3"], ["y", "3"]]
    assert (first.notes, second.notes) == (["2 formulas read as the last value of each"], [])


def test_a_workbook_of_500_columns(write: Callable[..., Path]) -> None:
    names: list[Value] = [f"name {n}" for n in range(500)]
    path = write({"F": [names, *[[f"r{r}", *range(1, 500)] for r in range(100)]]})
    (table,) = read(path)
    assert (table.header, len(table.rows), table.rows[-1][1][499]) == (names, 100, "499")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("content", [b"<html><table>", b"PK\x03\x04" + bytes(40), b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_a_file_of_another_kind(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"t{suffix}").write_bytes(content)
    (problem,) = problems(read(tmp_path / f"t{suffix}")[0])
    assert problem.startswith(f"t{suffix}: is not an {suffix[1:].upper()} workbook (")
    assert problem.endswith(f"; accepted: a workbook saved as {suffix}, or text saved as .csv")


# XLSX.


def test_a_workbook_with_a_drawing_that_is_not_there(tmp_path: Path) -> None:
    """R's openxlsx writes such workbooks, which openpyxl refuses."""
    path = tmp_path / "t.xlsx"
    write_xlsx(path, {"Sheet 1": [["id", "n"], ["x", "=A1"]]})
    drawing = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{drawing}" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    edit_archive(
        path,
        {"xl/worksheets/sheet1.xml": ("</worksheet>", f'<drawing xmlns:r="{space}" r:id="rId1"/></worksheet>')},
        {"xl/worksheets/_rels/sheet1.xml.rels": relations},
    )
    with pytest.raises(KeyError):
        openpyxl.load_workbook(path)
    (table,) = read(path)
    assert (table.header, table.rows) == (["id", "n"], [(2, ["x", Mangled("formula", "=A1")])])


def test_dates_formulas_and_errors_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    day = datetime.datetime(2024, 3, 4, 9)
    write_xlsx(path, {"F": [["id", "n"], [day.date(), day], ["=A1", '=B1&"é"'], ["#N/A", datetime.time(9, 30)]]})  # type: ignore[list-item]
    book = openpyxl.load_workbook(path)
    book["F"]["A4"].data_type = "e"
    book.save(path)
    (table,) = read(path)
    assert table.rows == [
        (2, [Mangled("date", "2024-03-04"), Mangled("date", "2024-03-04 09:00:00")]),
        (3, [Mangled("formula", "=A1"), Mangled("formula", '=B1&"é"')]),
        (4, [Mangled("error", "#N/A"), Mangled("date", "09:30:00")]),
    ]
    assert table.notes == []


def test_truth_values_and_long_numbers(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", {"F": [["id"], [True], [False], [1234567890123456], [0.1], ["01"], [1e-7]]})
    (table,) = read(tmp_path / "t.xlsx")
    assert [cells[0] for _, cells in table.rows] == ["yes", "no", "1234567890123456", "0.1", "01", "1e-07"]


def test_cells_without_a_position_formulas_of_a_group_and_what_stands_after_the_cells(tmp_path: Path) -> None:
    cells = (
        '<row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>n</t></is></c></row>'
        '<row r="4"><c r="B4"><f t="shared" ref="B4:C4" si="0">A4+1</f><v>2</v></c><c><f t="shared" si="0"/></c></row>'
        '<row><c><v>7</v></c><c t="e"><v>#DIV/0!</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    after = (
        '<extLst xmlns:xm="urn:x"><ext><xm:f>Lists!A1:A5</xm:f></ext></extLst>'
        '<mergeCells><mergeCell ref="A5:A6"/></mergeCells>'
    )
    write_raw_xlsx(tmp_path / "t.xlsx", sheet_xml(cells, after=after))
    (table,) = read(tmp_path / "t.xlsx")
    assert table.header == ["id", "n", "column C"]
    assert table.rows == [
        (4, ["", "2", Mangled("formula", "=A4+1")]),
        (5, ["7", Mangled("error", "#DIV/0!"), Mangled("error", "#DIV/0!")]),
    ]


def test_names_of_elements_with_a_prefix(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<x:worksheet xmlns:x="{space}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>id</x:t></x:is>'
        '</x:c></x:row><x:row r="2"><x:c r="A2"><x:f>B1</x:f><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    write_raw_xlsx(tmp_path / "t.xlsx", sheet.encode())
    assert read(tmp_path / "t.xlsx")[0].rows == [(2, ["1"])]


def test_a_part_in_utf_16_that_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_xlsx(path, {"F": [["id"], ["x"]]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("customXml/item1.xml", '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"))
    assert read(path)[0].rows == [(2, ["x"])]


def test_hidden_sheets_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_xlsx(path, {"Lists": [["a"]], "F": [["id"], ["x"]], "G": [["id"], ["y"]], "Old": [["b"]]})
    book = openpyxl.load_workbook(path)
    book["Lists"].sheet_state, book["Old"].sheet_state = "hidden", "veryHidden"
    book.save(path)
    first, second = read(path)
    assert (first.sheet, first.notes) == ("F", ["hidden sheets are not read: 'Lists', 'Old'"])
    assert (second.sheet, second.notes) == ("G", [])


def test_columns_with_one_name_and_formulas_are_both_kept(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", {"F": [["n", "n"], ["=A1", "=A1"]]})
    assert read(tmp_path / "t.xlsx")[0].header == ["n", "n (2)"]


# XLS.


def test_a_workbook_that_xlwt_wrote() -> None:
    """``coding.xls`` was written once with xlwt 1.3.0, which reads and writes nothing else of this project."""
    (table,) = read(DATA / "tables" / "coding.xls")
    assert (table.sheet, table.header_row, problems(table)) == ("Coding", 3, [])
    assert table.header == ["study", "pay", "hours", "note", "date"]
    assert table.groups == ["", "Barriers", "Barriers", "Other", ""]
    assert table.rows == [
        (4, ["ng-2021", "1", "2.5", "Löhne – «pay»", Mangled("date", "2024-03-04")]),
        (5, ["diaz-2023", "yes", "", "two\nlines", Mangled("error", "#N/A")]),
    ]
    assert table.notes == [
        "the header is in row 3",
        "1 formula read as the last value of each",
        "hidden sheets are not read: 'Lists'",
    ]


def test_formulas_of_xls_whose_value_is_an_error(tmp_path: Path) -> None:
    error = pack("<HHH", 1, 0, 0) + b"\x02\x00\x07\x00\x00\x00\xff\xff" + pack("<HIH", 0, 0, 0)
    stream = xls_stream({"F": [label(0, 0, "id"), (0x0006, error), (0x0205, pack("<HHHBB", 2, 0, 0, 0x2A, 1))]})
    (tmp_path / "t.xls").write_bytes(write_stream("Workbook", stream))
    (table,) = read(tmp_path / "t.xls")
    assert table.rows == [(2, [Mangled("error", "#DIV/0!")]), (3, [Mangled("error", "#N/A")])]


def test_a_short_xls_workbook_in_small_sectors(tmp_path: Path) -> None:
    """A stream below 4,096 bytes is kept in sectors of 64 bytes."""
    stream = xls_stream({"F": [label(0, 0, "id"), label(1, 0, "x" * 200)]})
    (tmp_path / "t.xls").write_bytes(small_compound(stream))
    assert read(tmp_path / "t.xls")[0].rows == [(2, ["x" * 200])]


def small_compound(content: bytes) -> bytes:
    """Return a compound file with sectors of 512 bytes: directory, table, table of small sectors, small sectors."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    small = -(-len(content) // 64)
    used = -(-small // 8)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += pack("<10I", 0, 1, 0, 0, 4096, 2, 1, end, 0, 1) + pack("<I", free) * 108
    directory = _entry("Root Entry", 5, 3, used * 512) + _entry("Workbook", 2, 0, len(content))
    table = [end, 0xFFFFFFFD, end, *range(4, 3 + used), end]
    chain = [*range(1, small), end]
    parts = [header, directory, pack(f"<{len(table)}I", *table).ljust(512, b"\xff")]
    parts += [pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff"), content.ljust(used * 512, b"\0")]
    return b"".join(part.ljust(-(-len(part) // 512) * 512, b"\0") for part in parts)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + pack("<HBB", len(text) + 2, kind, 1)
        + b"\xff" * 12
        + bytes(36)
        + pack("<IQ", start, size)
    )


# XLSB.


def test_errors_and_shared_strings_of_xlsb(tmp_path: Path) -> None:
    cells: list[Record] = [
        (0x00, pack("<I", 0)), (0x07, pack("<III", 0, 0, 1)), (0x07, pack("<III", 1, 0, 0)),
        (0x00, pack("<I", 1)), (0x03, pack("<IIB", 0, 0, 0x17)), (0x0B, pack("<IIBHI", 1, 0, 0x2A, 0, 0)),
    ]  # fmt: skip
    write_xlsb(tmp_path / "t.xlsb", {"F": cells}, ["n", "id"])
    (table,) = read(tmp_path / "t.xlsb")
    assert table.header == ["id", "n"]
    assert table.rows == [(2, [Mangled("error", "#REF!"), Mangled("error", "#N/A")])]
