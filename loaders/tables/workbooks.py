"""Read XLSX and ODS workbooks. Dates, formulas, errors and merges are kept as ``Mangled`` cells."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadInput
from kg.limits import WORKBOOK_CELLS, OverLimit
from kg.loaders.tables.archives import check_workbook
from kg.loaders.tables.rawtable import (
    Cell,
    Mangled,
    Merge,
    RawTable,
    Row,
    display_text,
    fill_table,
    has_content,
    unreadable,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def read_xlsx(path: Path, name: str, header_row: int, header_rows: Mapping[str, int]) -> Iterator[RawTable]:
    """Yield the visible sheets of an XLSX workbook that are not empty; a formula is read as a formula."""
    import openpyxl

    try:
        check_workbook(path, name)
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # openpyxl warns of what it cannot write back, such as drop-down lists
            book = openpyxl.load_workbook(file, data_only=False)
    except BadInput:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise
        yield unreadable(
            name,
            f"is not an XLSX workbook ({_looks_like(path)})",
            accepted="a workbook saved as .xlsx, or text saved as .csv",
        )
        return
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        records, merges = _xlsx_records(sheet, name)
        if records:
            table = RawTable(name, sheet.title)
            fill_table(table, records, header_rows.get(sheet.title, header_row), merges)
            yield table
    book.close()


def _xlsx_records(sheet: Worksheet, name: str) -> tuple[list[Row], list[Merge]]:
    """Return the rows that are not blank, and the merges.

    Only the cells in the file are visited. ``iter_rows`` creates every cell up to the last one, so that one coloured
    cell in row 1,048,576 would use all memory.
    """
    rows: dict[int, dict[int, Cell]] = {}
    for (number, column), cell in sheet._cells.items():
        content = _xlsx_cell(cell)
        if has_content(content):
            rows.setdefault(number, {})[column] = content
    widest = max((max(cells) for cells in rows.values()), default=0)
    merges = []
    for area in sheet.merged_cells.ranges:
        value = rows.get(area.min_row, {}).get(area.min_col)
        if value is None:
            continue
        merge = Merge(
            area.coord,
            range(area.min_row, area.max_row + 1),
            range(area.min_col, area.max_col + 1),
            display_text(value),
        )
        merges.append(merge)
        for number in merge.rows:
            if cells := rows.get(number):
                for column in range(merge.columns.start, min(merge.columns.stop, widest + 1)):
                    cells.setdefault(column, Mangled("merged", merge.where))
    if sum(map(max, rows.values())) > WORKBOOK_CELLS.most:  # each row becomes a list up to its last cell
        raise OverLimit(WORKBOOK_CELLS, name, f"has more than {WORKBOOK_CELLS.most:,} cells", sheet=sheet.title)
    merges.sort(key=lambda m: (m.rows.start, m.columns.start))
    return [(number, [row.get(c, "") for c in range(1, max(row) + 1)]) for number, row in sorted(rows.items())], merges


def _xlsx_cell(cell: object) -> Cell:
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "")
    if kind == "f":
        return Mangled("formula", str(getattr(value, "text", value)))
    return Mangled("error", str(value)) if kind == "e" else _text(value)


def read_ods(path: Path, name: str, header_row: int, header_rows: Mapping[str, int]) -> Iterator[RawTable]:
    """Yield the visible sheets of an ODS workbook that are not empty; a formula is read as its last value."""
    import python_calamine

    try:
        check_workbook(path, name)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        visible = [s.name for s in book.sheets_metadata if s.visible == python_calamine.SheetVisibleEnum.Visible]
        sheets = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in visible}
    except (python_calamine.CalamineError, ValueError, zipfile.BadZipFile):
        yield unreadable(
            name,
            f"is not an ODS workbook ({_looks_like(path)})",
            accepted="a workbook saved as .ods, or text saved as .csv",
        )
        return
    for title, rows in sheets.items():
        records = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
        if any(any(map(has_content, cells)) for _, cells in records):
            table = RawTable(name, title)
            fill_table(table, records, header_rows.get(title, header_row))
            yield table


def _looks_like(path: Path) -> str:
    """Describe a file that is not a workbook by its first bytes."""
    start = path.read_bytes()[:64]
    if start[:4] == b"\xd0\xcf\x11\xe0":
        return "it is in the old .xls format, or protected by a password"
    if start[:2] == b"PK":
        return "a zip archive of another kind, or cut off"
    try:
        return f"it starts with the text {start.decode('utf-8')[:20]!r}"
    except UnicodeDecodeError:
        return f"it starts with the bytes {start[:4].hex(' ')}"


def _text(value: object) -> Cell:
    """Return the value of a workbook cell as text; a date becomes ``Mangled``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Mangled("date", str(value).removesuffix(" 00:00:00"))
    return str(value)
