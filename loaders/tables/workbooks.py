"""Read XLSX, XLSB, XLS and ODS workbooks. Dates, formulas, errors and merges are kept as ``Mangled`` cells.

python-calamine reads the values; what else is in the cells is found while the workbook is checked.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import counted
from kg.limits import WORKBOOK_SIZE, check_size
from kg.loaders.tables.archives import Scan, scan_archive
from kg.loaders.tables.biff import BiffScan
from kg.loaders.tables.compound import SIGNATURE, CompoundError, read_stream, write_stream
from kg.loaders.tables.fill import fill_table
from kg.loaders.tables.marks import Marks
from kg.loaders.tables.ods import OdsScan
from kg.loaders.tables.rawtable import Cell, Mangled, Merge, RawTable, Row, display_text, has_content, unreadable
from kg.loaders.tables.xlsb import XlsbScan
from kg.loaders.tables.xlsx import XlsxScan

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_SCANS: dict[str, type[Scan]] = {".xlsx": XlsxScan, ".xlsb": XlsbScan, ".ods": OdsScan}
#: The extensions of workbooks that are read.
WORKBOOKS = (*_SCANS, ".xls")
#: The streams that hold the workbook of Excel 97 and later, and of Excel 5 and 95.
_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")


def read_workbook(
    path: Path, name: str, header_row: int | None, header_rows: Mapping[str, int | None]
) -> Iterator[RawTable]:
    """Yield the visible sheets of a workbook that are not empty; the first tells which sheets are hidden."""
    import python_calamine

    suffix = path.suffix.lower()
    visible = python_calamine.SheetVisibleEnum.Visible
    try:
        book, marks = _open(path, name, suffix)
        listed = [s for s in book.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet]
        titles = [sheet.name for sheet in listed if sheet.visible == visible]
        sheets = [(t, *_records(book.get_sheet_by_name(t), marks.get(t, Marks()))) for t in titles]
    except BaseException as error:
        if not _is_unreadable(error):
            raise
        reason = f"is not an {suffix[1:].upper()} workbook ({_looks_like(path)})"
        yield unreadable(name, reason, accepted=f"a workbook saved as {suffix}, or text saved as .csv")
        return
    notes = []
    if hidden := [repr(sheet.name) for sheet in listed if sheet.visible != visible]:
        notes.append(f"hidden sheets are not read: {', '.join(hidden)}")
    for title, records, merges in sheets:
        if any(any(map(has_content, cells)) for _, cells in records):
            table = RawTable(name, title)
            fill_table(table, records, header_rows.get(title, header_row), merges)
            if title in marks and (formulas := marks[title].formulas):
                table.notes.append(f"{counted(formulas, 'formula')} read as the last value of each")
            table.notes += notes
            notes.clear()
            yield table


def _open(path: Path, name: str, suffix: str) -> tuple[CalamineWorkbook, Mapping[str, Marks]]:
    """Check a workbook, and return what reads its values and the marks of its sheets by their names."""
    import python_calamine

    if suffix == ".xls":
        check_size(path.stat().st_size, WORKBOOK_SIZE, name)
        stream = read_stream(path.read_bytes(), _STREAMS)
        if stream is None:
            raise CompoundError("a document of another kind")
        binary = BiffScan(name, bytearray(stream))
        found = binary.sheets()
        file = io.BytesIO(write_stream(_STREAMS[0], bytes(binary.stream)))
        book = python_calamine.CalamineWorkbook.from_filelike(file)
        return book, dict(zip(book.sheet_names, found, strict=False))
    scan = _SCANS[suffix](name)
    scan_archive(path, scan)
    marks = scan.marks()
    return python_calamine.CalamineWorkbook.from_path(str(path)), marks


def _is_unreadable(error: BaseException) -> bool:
    """Return whether an error says that a file is no workbook that can be read.

    Where the reader of the values meets what it did not expect, it raises an exception that is no ``Exception``.
    """
    import python_calamine

    kinds = (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError)
    if isinstance(error, OSError):
        return not error.errno
    return isinstance(error, kinds) or type(error).__name__ == "PanicException"


def _records(sheet: CalamineSheet, marks: Marks) -> tuple[list[Row], list[Merge]]:
    """Return the rows of a sheet, and the merges that hold a value."""
    top, left = sheet.start or (0, 0)
    before: list[Cell] = [""] * left
    rows: dict[int, list[Cell]] = {}
    for number, values in enumerate(sheet.to_python(), start=top + 1):
        rows[number] = before + [value if value.__class__ is str else _text(value) for value in values]
    for (number, column), found in marks.mangled.items():
        cells = rows.setdefault(number, [])
        cells.extend([""] * (column - len(cells)))
        if found.kind == "formula" and has_content(cells[column - 1]):
            marks.formulas += 1
        else:
            cells[column - 1] = found
    merges = _merges(rows, marks)
    return sorted(rows.items()), merges


def _merges(rows: Mapping[int, list[Cell]], marks: Marks) -> list[Merge]:
    """Return the merges that hold a value, and mark the cells that they cover in rows that hold anything else."""
    merges = []
    if marks.merges:
        filled = {number: cells for number, cells in rows.items() if any(map(has_content, cells))}
        width = max(map(len, rows.values()), default=0)
    for area in marks.merges:
        cells, first = filled.get(area.rows.start, []), area.columns.start - 1
        if first >= len(cells) or not has_content(cells[first]):
            continue
        merges.append(Merge(str(area), area.rows, area.columns, display_text(cells[first])))
        covered = Mangled("merged", str(area))
        for number in area.rows if len(area.rows) < len(filled) else filled:
            if number in area.rows and (cells := filled.get(number, [])):
                cells.extend([""] * (min(area.columns.stop - 1, width) - len(cells)))
                for column in range(first + (number == area.rows.start), min(area.columns.stop - 1, width)):
                    cells[column] = covered
    return sorted(merges, key=lambda merge: (merge.rows.start, merge.columns.start))


def _looks_like(path: Path) -> str:
    """Describe a file that is not a workbook by its first bytes."""
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(SIGNATURE[:4]):
        if path.suffix.lower() == ".xls":
            return "it is damaged, protected by a password, or a document of another kind"
        return "it is in the old .xls format, or protected by a password"
    if start[:2] == b"PK":
        return "a zip archive of another kind, or cut off"
    try:
        return f"it starts with the text {start.decode('utf-8')[:20]!r}"
    except UnicodeDecodeError:
        return f"it starts with the bytes {start[:4].hex(' ')}"


def _text(value: object) -> Cell:
    """Return the value of a workbook cell as text; a date becomes ``Mangled``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Mangled("date", str(value).removesuffix(" 00:00:00"))
    return str(value)
