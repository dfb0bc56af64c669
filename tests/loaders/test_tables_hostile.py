"""Workbooks that make their reader reserve, copy or repeat more than they hold are refused before they are read."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path
from struct import pack, pack_into

import pytest

from kg.errors import BadInput
from kg.loaders.tables.biff import shared_lengths
from kg.loaders.tables.compound import CompoundError, read_stream, write_stream
from kg.loaders.tables.marks import column_number
from kg.loaders.tables.read import read_tables
from kg.loaders.tables.xlsx import XlsxScan
from tests.binaries import Record, biff, edit_archive, label, write_archive, write_xlsb, xls_stream
from tests.security.probe import sheet_xml, write_xlsx
from tests.spreadsheets import Rows
from tests.spreadsheets import write_xlsx as write_book

CELLS = (
    "has more than 1,000,000 cells; accepted: at most 1,000,000 cells; the environment variable KG_MAX_WORKBOOK_CELLS "
    "raises the limit"
)
SIZE = (
    "has more than 100 MB when decompressed; accepted: at most 100 MB; the environment variable KG_MAX_WORKBOOK_MB "
    "raises the limit"
)
SAVED = "accepted: a workbook saved again in a spreadsheet program"


def refused(path: Path, most: int = 150_000_000) -> str:
    """Return the only problem of a workbook, which must not be found with much memory."""
    tracemalloc.start()
    try:
        (table,) = read_tables(path, path.name)
        (problem,) = table.broken
    except BadInput as error:
        (problem,) = error.problems
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < most
    return str(problem)


# XLSX.

FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "cells",
    [
        FAR,
        FAR.replace(' r="XFD1048576"', "").replace("<c><v>", '<c r="XFC1048576"><v>1</v></c><c><v>'),
        FAR.replace("<v>1</v></c></row>", "<f>1</f></c></row>"),
        '<row><c r="XFD1"><v>1</v></c>' + "<row>" * 9 + "</row>" * 9 + "</row>" + "<row></row>" * 90 + "<row><c><v>1</v></c></row>",
    ],
)  # fmt: skip
def test_a_sheet_with_a_cell_far_away(tmp_path: Path, cells: str) -> None:
    write_xlsx(tmp_path / "t.xlsx", sheet_xml(cells))
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx [Coding]: {CELLS}"


def test_a_column_of_very_many_letters() -> None:
    """To read the letters as a number took time that grows with the square of them."""
    assert [column_number(letters) for letters in ("XFD", "ZZZZZZ", "A" * 7)] == [16_384, 321_272_406, 1 << 31]


def test_sheets_that_have_too_many_cells_together(tmp_path: Path) -> None:
    rows: Rows = [[1], *[[]] * 898, [*[None] * 899, 1]]
    write_book(tmp_path / "t.xlsx", {"F": rows, "G": rows})
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx: {CELLS}"


def test_a_coloured_cell_far_away_is_no_value(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", sheet_xml(FAR.replace('"XFD1048576"><v>1</v>', '"XFD1048576" s="0">')))
    assert read_tables(tmp_path / "t.xlsx", "t")[0].header == ["1"]


def test_a_long_text_that_many_cells_share(tmp_path: Path) -> None:
    write_shared(tmp_path / "t.xlsx", '<c t="s"><v>{}</v></c>' * 10, "0")
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx: {SIZE}"


@pytest.mark.parametrize("index", ["0<!-- -->1", "0<![CDATA[1]]>", "0&#49;", "x", "00", "99999999999999999999999999"])
def test_indexes_that_another_reader_takes_for_0(tmp_path: Path, index: str) -> None:
    write_shared(tmp_path / "t.xlsx", '<c t="s"><v>{}</v></c>' * 10, index)
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx: {SIZE}"


def write_shared(path: Path, cell: str, index: str, count: str = "2") -> None:
    """Write a workbook whose shared strings are a long and a short one."""
    write_xlsx(path, sheet_xml(f"<row>{cell.format(*[index] * 10)}</row>"))
    texts = "<si><t>" + "a" * 11_000_000 + "</t></si><si><r><t>b</t></r></si>"
    edit_archive(path, {}, {"xl/sharedStrings.xml": f'<sst uniqueCount="{count}">{texts}</sst>'})


def test_a_list_of_strings_that_says_to_be_long(tmp_path: Path) -> None:
    write_shared(tmp_path / "t.xlsx", "<c><v>1</v></c>", "", "99999999999")
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx: {CELLS}"


def test_a_long_text_that_few_cells_share(tmp_path: Path) -> None:
    write_shared(tmp_path / "t.xlsx", '<c t="s"><v>1</v></c><c t="s"><v>{}</v></c>', "0")
    (table,) = read_tables(tmp_path / "t.xlsx", "t")
    assert [len(name) for name in table.header] == [1, 11_000_000]


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData></wrong><row/></sheetData></worksheet>",
        b"<!DOCTYPE a [<!-- > -->]><worksheet><sheetData/></worksheet>",
        "<worksheet><sheetData/></worksheet>".encode("utf-16"),
        "<worksheet><sheetData/></worksheet>".encode("utf-16-le"),
        b'<?xml version="1.0" encoding="UTR-8"?><worksheet><sheetData/></worksheet>',
        b'<?xml version="1.0" encoding="shift_jis"?><worksheet><sheetData/></worksheet>',
    ],
)
def test_a_sheet_that_other_readers_see_otherwise(tmp_path: Path, sheet: bytes) -> None:
    write_xlsx(tmp_path / "t.xlsx", sheet)
    assert refused(tmp_path / "t.xlsx") == (
        f"t.xlsx: the workbook is damaged: xl/worksheets/sheet1.xml is not valid XML; {SAVED}"
    )


def test_an_index_of_a_shared_string_that_comes_in_two_blocks() -> None:
    scan = XlsxScan("t.xlsx")
    part = scan.part("xl/worksheets/sheet1.xml")
    for block in (b'<s><c r="A1" t="s"><v>1', b'2</v></c><c r="B1"><v>3</v></c></s>', b""):
        part.feed(block)
    assert scan.parts[0].marks().strings == {1: 1, 12: 1}


@pytest.mark.parametrize(
    ("target", "member"),
    [
        ("other.bin", "xl/other.bin"),
        ("../xl/./other.bin", "xl/other.bin"),
        ("/xl/other.bin", "xl/other.bin"),
        ("OTHER.bin", "xl/Other.bin"),
        ("a&#98;.bin", "xl/a&#98;.bin"),
    ],
)
def test_a_sheet_in_an_unusual_place(tmp_path: Path, target: str, member: str) -> None:
    write_book(tmp_path / "t.xlsx", {"F": [["x"]]})
    edit_archive(
        tmp_path / "t.xlsx",
        {"xl/_rels/workbook.xml.rels": ("/xl/worksheets/sheet1.xml", target)},
        {member: "<worksheet><sheetData></wrong></sheetData></worksheet>"},
    )
    reason = f"the workbook is damaged: {member.lower()} is not valid XML"
    assert refused(tmp_path / "t.xlsx") == f"t.xlsx: {reason}; {SAVED}"


# XLSB.


def test_a_binary_sheet_with_a_cell_far_away(tmp_path: Path) -> None:
    cells: list[Record] = [(0x00, pack("<I", 1)), (0x05, pack("<IId", 4_000_000_000, 0, 1.0))]
    write_xlsb(tmp_path / "t.xlsb", {"F": cells})
    assert refused(tmp_path / "t.xlsb") == f"t.xlsb [F]: {CELLS}"


def test_a_binary_sheet_in_an_unusual_place(tmp_path: Path) -> None:
    """A reader that compares names as they are written opens this member, whose name stands for another."""
    cells: list[Record] = [(0x00, pack("<I", 1)), (0x05, pack("<IId", 4_000_000_000, 0, 1.0))]
    write_xlsb(tmp_path / "t.xlsb", {"F": [], "G": cells})
    with zipfile.ZipFile(tmp_path / "t.xlsb") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/a&#98;.bin"] = members.pop("xl/worksheets/sheet2.bin")
    relations = members["xl/_rels/workbook.bin.rels"]
    members["xl/_rels/workbook.bin.rels"] = relations.replace(b"sheet2.bin", b"a&#98;.bin")
    write_archive(tmp_path / "t.xlsb", members)
    assert refused(tmp_path / "t.xlsb") == f"t.xlsb: {CELLS}"


def test_a_binary_sheet_of_many_rows_or_merged_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_xlsb(tmp_path / "t.xlsb", {"F": [(0xB0, pack("<4I", 0, 1_000_000, 0, 0))]})
    assert refused(tmp_path / "t.xlsb") == f"t.xlsb: {CELLS}"
    monkeypatch.setenv("KG_MAX_WORKBOOK_CELLS", "100000")
    write_xlsb(tmp_path / "t.xlsb", {"F": [(0x00, pack("<I", 1))] * 100_000})
    assert len(read_tables(tmp_path / "t.xlsb", "t.xlsb")) == 1
    write_xlsb(tmp_path / "t.xlsb", {"F": [(0x00, pack("<I", 1))] * 100_001})
    assert refused(tmp_path / "t.xlsb", 15_000_000) == f"t.xlsb: {CELLS.replace('1,000,000', '100,000')}"


def test_a_long_text_that_many_binary_cells_share(tmp_path: Path) -> None:
    cells: list[Record] = [(0x00, pack("<I", 0)), *[(0x07, pack("<III", n, 0, 0)) for n in range(1000)]]
    write_xlsb(tmp_path / "t.xlsb", {"F": cells}, ["a" * 200_000])
    assert refused(tmp_path / "t.xlsb") == f"t.xlsb: {SIZE}"


def test_a_binary_sheet_with_a_record_that_is_too_short(tmp_path: Path) -> None:
    write_xlsb(tmp_path / "t.xlsb", {"F": [(0x00, b"")]})
    assert refused(tmp_path / "t.xlsb") == (
        f"t.xlsb: the workbook is damaged: xl/worksheets/sheet1.bin has a record that is too short; {SAVED}"
    )


def test_a_binary_part_that_is_no_sheet_may_hold_anything(tmp_path: Path) -> None:
    write_xlsb(tmp_path / "t.xlsb", {"F": [(0x00, pack("<I", 0)), (0x05, pack("<IId", 0, 0, 1.0))]})
    with zipfile.ZipFile(tmp_path / "t.xlsb", "a") as archive:
        archive.writestr("xl/printerSettings1.bin", bytes(1000))
        archive.writestr("xl/vba.bin", b"\x05\x08" + b"\xff" * 60)
    assert read_tables(tmp_path / "t.xlsb", "t")[0].header == ["1"]


# XLS.


def write_xls(path: Path, *arguments: object, **named: object) -> None:
    path.write_bytes(write_stream("Workbook", xls_stream(*arguments, **named)))  # type: ignore[arg-type]


def test_an_old_sheet_with_a_cell_far_away(tmp_path: Path) -> None:
    write_xls(tmp_path / "t.xls", {"F": [label(65_535, 0, "x"), label(0, 65_535, "x")]})
    assert refused(tmp_path / "t.xls") == f"t.xls: {CELLS}"


def test_what_an_old_sheet_says_of_its_size_is_not_read(tmp_path: Path) -> None:
    size = (0x0200, pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))
    write_xls(tmp_path / "t.xls", {"F": [size, label(0, 0, "id"), label(1, 0, "x")]})
    assert read_tables(tmp_path / "t.xls", "t")[0].rows == [(2, ["x"])]


def test_names_and_formulas_of_an_old_workbook_are_not_read(tmp_path: Path) -> None:
    name = (0x0018, b"\xff" * 40)
    formula = (0x0006, pack("<HHHdHIH", 1, 0, 0, 5.0, 0, 0, 1) + b"\x3a")
    write_xls(tmp_path / "t.xls", {"F": [label(0, 0, "id"), formula]}, [name])
    (table,) = read_tables(tmp_path / "t.xls", "t")
    assert (table.rows, table.notes) == ([(2, ["5"])], ["1 formula read as the last value of each"])


def test_an_old_workbook_that_merges_many_cells(tmp_path: Path) -> None:
    areas = pack("<H", 100) + pack("<4H", 0, 65_535, 0, 255) * 100
    write_xls(tmp_path / "t.xls", {"F": [label(0, 0, "x"), (0x00E5, areas)]})
    assert refused(tmp_path / "t.xls") == f"t.xls: {CELLS}"


def test_a_long_text_that_many_old_cells_share(tmp_path: Path) -> None:
    text = pack("<IIHB", 9000, 1, 60_000, 0) + b"a" * 8000
    rest = [(0x003C, b"\0" + b"a" * 8000)] * 6 + [(0x003C, b"\0" + b"a" * 4000)]
    cells = [(0x00FD, pack("<HHHI", n, 0, 0, 0)) for n in range(2000)]
    write_xls(tmp_path / "t.xls", {"F": cells}, [(0x00FC, text), *rest])
    assert refused(tmp_path / "t.xls") == f"t.xls: {SIZE}"
    write_xls(tmp_path / "t.xls", {"F": cells[:2]}, [(0x00FC, text), *rest])
    assert [len(cells[0]) for _, cells in read_tables(tmp_path / "t.xls", "t")[0].malformed] == [60_000]


@pytest.mark.parametrize(
    ("parts", "lengths"),
    [
        ([bytes(8)], []),
        ([bytes(8) + b"\2\0\0ab\1\0\1c\0"], [2, 1]),
        ([bytes(8) + b"\2\0\x08\1\0abRUNS\1\0\x04\3\0\0\0cEXT\1\0\0d"], [2, 1, 1]),
        ([bytes(8) + b"\4\0\0ab", b"\1c\0d\0\2\0\1e\0f\0"], [4, 2]),
        ([bytes(8) + b"\2\0\x08\2\0ab", b"RUNSRUNS\1\0\0c"], [2, 1]),
        ([bytes(8) + b"\4\0\0ab"], [4]),
        ([b""], []),
    ],
)
def test_the_lengths_of_shared_strings(parts: list[bytes], lengths: list[int]) -> None:
    assert shared_lengths(parts) == lengths


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"positions": [0, 0]}, "two sheets are in the same place"),
        ({"before": [(0x003C, b"")] * 50_001}, "a record is longer than the file"),
        ({"before": [(0x0085, b"")]}, "a record is too short"),
        ({"before": [(0x00FC, bytes(9))]}, "a record is too short"),
    ],
)
def test_an_old_workbook_that_is_damaged(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    write_xls(tmp_path / "t.xls", {"F": [label(0, 0, "x")], "G": [label(0, 0, "y")]}, **change)
    assert refused(tmp_path / "t.xls") == f"t.xls: the workbook is damaged: {reason}; {SAVED}"


def test_an_old_workbook_whose_records_end_too_early(tmp_path: Path) -> None:
    stream = xls_stream({"F": [label(0, 0, "x" * 5000)]})
    (tmp_path / "t.xls").write_bytes(write_stream("Workbook", stream[:4500]))
    assert refused(tmp_path / "t.xls") == f"t.xls: the workbook is damaged: a record is longer than the file; {SAVED}"


def test_an_old_workbook_with_a_password(tmp_path: Path) -> None:
    write_xls(tmp_path / "t.xls", {"F": [label(0, 0, "x")]}, [(0x002F, b"\1\0")])
    assert refused(tmp_path / "t.xls") == (
        "t.xls: is not an XLS workbook (it is damaged, protected by a password, or a document of another kind); "
        "accepted: a workbook saved as .xls, or text saved as .csv"
    )


# Compound files.


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 100_000, 5_000_000])
def test_a_stream_is_written_and_read_again(size: int) -> None:
    content = bytes(range(1, 251)) * (size // 250 + 1)
    found = read_stream(write_stream("Book", content[:size]), ("Workbook", "Book"))
    assert found is not None
    assert found[:size] == content[:size] and not found[size:].strip(b"\0")
    assert read_stream(write_stream("Other", b"x"), ("Workbook", "Book")) is None


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (0, 1, "no compound file"),
        (30, 10, "the size of its sectors is unknown"),
        (48, 900, "it ends too early"),
        (4096 + 8192 + 4096 + 8, 2, "its parts run in a circle"),
        (76, 900, "it ends too early"),
        (68, 3, None),
    ],
)
def test_a_damaged_compound_file(offset: int, value: int, reason: str | None) -> None:
    data = bytearray(write_stream("Workbook", b"a" * 8192))
    pack_into("<H" if offset == 30 else "<I", data, offset, value)
    if reason is None:
        assert read_stream(bytes(data), ("Workbook",)) == b"a" * 8192
        return
    with pytest.raises(CompoundError, match=reason):
        read_stream(bytes(data), ("Workbook",))


def test_records_of_an_old_workbook_are_as_long_as_they_say() -> None:
    assert biff([(1, b"ab"), (2, b"")]) == b"\1\0\2\0ab\2\0\0\0"
