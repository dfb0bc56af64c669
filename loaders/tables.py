"""Read CSV, TSV, XLSX and ODS files as rows of text, with the row numbers that a spreadsheet shows.

Nothing is given a meaning here, but what a spreadsheet did to a cell (a date where text was typed, a formula, a merge) is
kept, since that is where evidence is lost.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from kg.files import SHEETS
from kg.problems import Problem

#: What a spreadsheet cell can hold at most; a longer one in a CSV is almost always an unbalanced quote.
MAX_CELL = 32_767


@dataclass(frozen=True)
class Mangled:
    """A cell that the spreadsheet changed into something else than text or a number: ``kind`` is date or formula."""

    kind: str
    text: str

    def __len__(self) -> int:
        return len(self.text)


Cell = str | Mangled


@dataclass
class RawTable:
    """One sheet: its header and its rows, each with its row number; rows that are blank throughout are left out.

    ``broken`` holds what is wrong with the sheet as a whole, ``problems`` what is wrong with single rows.
    """

    file: str
    sheet: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_tables(path: Path, name: str, *, encoding: str | None = None, header_row: int = 1) -> list[RawTable]:
    """Return the sheets of a file; ``name`` is what problems call it. Unreadable files come back as problems."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".csv", ".tsv"):
            return [_read_text(path, name, encoding, header_row)]
        if path.stat().st_size == 0:
            return [_failed(name, "the workbook is empty (0 bytes): was it saved or copied completely?")]
        if suffix == ".xlsx":
            return list(_read_xlsx(path, name, header_row))
        if suffix == ".ods":
            return list(_read_ods(path, name, header_row))
    except OSError as error:
        return [_failed(name, f"cannot be read: {error.strerror or error}")]
    return [_failed(name, f"files of type {suffix or 'none'!r} are not read", accepted=", ".join(SHEETS))]


def _failed(name: str, reason: str, accepted: str = "") -> RawTable:
    return RawTable(name, broken=[Problem(name, reason, accepted=accepted)])


def _read_text(path: Path, name: str, encoding: str | None, header_row: int) -> RawTable:
    data = path.read_bytes()
    if not data.strip():
        return _failed(name, "the file is empty", accepted="a header row and at least one row under it")
    if encoding is None:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except LookupError:
        return _failed(name, f"no encoding is called {encoding!r}", accepted="utf-8, cp1252, latin-1, utf-16, …")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        seen = data[max(0, error.start - 12) : error.start + 12].decode("latin-1")
        return RawTable(name, broken=[Problem(
            name, f"is not valid {encoding}", row=line, value=seen,
            accepted='UTF-8, or another encoding declared in review.toml: [[sheet]] file = "…", encoding = "cp1252"',
        )])
    table = RawTable(name)
    dialect = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    records: list[tuple[int, list[Cell]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect)
        for record in reader:
            records.append((len(records) + 1, cast("list[Cell]", record)))
        _fill(table, records, header_row)
    except csv.Error as error:
        table.broken.append(Problem(
            name, f"the row cannot be read ({error}): is a quotation mark missing its end?", row=len(records) + 1))
    return table


def _delimiter(text: str) -> str:
    """Return the separator of the header line: spreadsheets write ``;`` where the comma is the decimal sign."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _fill(table: RawTable, records: list[tuple[int, list[Cell]]], header_row: int) -> None:
    """Split records into header and rows, and note what cannot be right about either."""
    at = next((i for i, (number, cells) in enumerate(records) if number >= header_row and any(cells)), None)
    if at is None:
        table.broken.append(Problem(table.file, "the sheet is empty", sheet=table.sheet,
                                    accepted="a header row and at least one row under it"))
        return
    number, cells = records[at]
    header = [(c.text if isinstance(c, Mangled) else c).strip() for c in cells]
    while header and not header[-1]:
        header.pop()
    table.header = header
    for place, column in enumerate(header):
        if column and column in header[:place]:
            table.broken.append(Problem(table.file, "two columns have this name", table.sheet, number, column))
    for number, cells in records[at + 1 :]:
        if any(cells):
            wrong = _row_problem(table, number, cells)
            if wrong:
                table.problems.append(wrong)
            else:
                table.rows.append((number, cells))


def _row_problem(table: RawTable, number: int, cells: list[Cell]) -> Problem | None:
    if len(cells) > len(table.header) and any(cells[len(table.header) :]):
        extra = next(cell for cell in cells[len(table.header) :] if cell)
        return Problem(table.file, "the row has more cells than the header", table.sheet, number,
                       value=extra if isinstance(extra, str) else extra.text,
                       accepted=f"{len(table.header)} cells; quote a cell that contains the separator")
    if max(map(len, cells)) > MAX_CELL:
        place = max(range(len(cells)), key=lambda p: len(cells[p]))
        return Problem(table.file, f"the cell has {len(cells[place]):,} characters: is a quotation mark missing its end?",
                       table.sheet, number, table.header[place], accepted=f"at most {MAX_CELL:,} characters, as in a spreadsheet")
    return None


def _read_xlsx(path: Path, name: str, header_row: int) -> Iterator[RawTable]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError):
        yield _failed(name, f"is not an XLSX workbook ({_looks_like(path)})",
                      accepted="a workbook saved as .xlsx, or text saved as .csv")
        return
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible" or sheet.max_row == 1 and sheet.max_column == 1 and not sheet["A1"].value:
            continue
        table = RawTable(name, sheet.title)
        for merged in sheet.merged_cells.ranges:
            if merged.min_row <= header_row <= merged.max_row:
                table.broken.append(Problem(
                    name, f"header cells {merged.coord} are merged", sheet.title, header_row,
                    value=str(sheet.cell(merged.min_row, merged.min_col).value or ""),
                    accepted="one name a column; unmerge, or say header_row = N in review.toml if the names are further down"))
        records = [
            (number, [_xlsx_cell(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), start=1)
        ]
        _fill(table, records, header_row)
        yield table
    book.close()


def _xlsx_cell(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f":
        return Mangled("formula", str(getattr(value, "text", value)))
    return _text(value)


def _read_ods(path: Path, name: str, header_row: int) -> Iterator[RawTable]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except (python_calamine.CalamineError, ValueError):
        yield _failed(name, f"is not an ODS workbook ({_looks_like(path)})",
                      accepted="a workbook saved as .ods, or text saved as .csv")
        return
    for title in book.sheet_names:
        rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
        if not any(any(cell != "" for cell in row) for row in rows):
            continue
        table = RawTable(name, title)
        _fill(table, [(n, [_text(cell) for cell in row]) for n, row in enumerate(rows, start=1)], header_row)
        if "" in table.header:
            table.broken.append(Problem(
                name, f"header cell {table.header.index('') + 1} is empty: are header cells merged?", title, header_row,
                accepted="one name a column"))
        yield table


def _looks_like(path: Path) -> str:
    start = path.read_bytes()[:64]
    if start[:4] == b"\xd0\xcf\x11\xe0":
        return "it is in the old .xls format: save it as .xlsx"
    if start[:2] == b"PK":
        return "a zip archive of another kind, or cut off"
    try:
        return f"it starts with the text {start.decode('utf-8')[:20]!r}"
    except UnicodeDecodeError:
        return f"it starts with the bytes {start[:4].hex(' ')}"


def _text(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Mangled("date", value.isoformat() if hasattr(value, "isoformat") else str(value))
    return str(value)
