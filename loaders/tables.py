"""Read CSV, TSV, XLSX and ODS files as rows of text, with the row numbers that a spreadsheet shows.

Nothing is given a meaning here, but what a spreadsheet did to a cell (a date where text was typed, a formula, a merge)
is kept, since that is where evidence is lost.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from kg.files import SHEETS
from kg.problems import Problem

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

#: What a spreadsheet cell can hold at most; a longer one in a CSV is almost always an unbalanced quote.
MAX_CELL = 32_767

_ONE_NAME = "one name a column: unmerge the cells, or say header_row = N in review.toml if the names are further down"


@dataclass(frozen=True)
class Mangled:
    """A cell that is neither text nor a number; ``kind`` is date, formula, error or merged.

    ``text`` shows the user which cell is meant: what it holds, or, where it is merged, the cells that are.
    """

    kind: str
    text: str

    def __len__(self) -> int:
        return len(self.text)


Cell = str | Mangled


@dataclass
class RawTable:
    """One sheet: its header and its rows, each with its row number; rows that are blank throughout are left out.

    ``broken`` holds what is wrong with the sheet as a whole, ``problems`` what is wrong with single rows, ``followed``
    the rows that are sound in themselves but stand on something that was rejected elsewhere.
    """

    file: str
    sheet: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    followed: list[Problem] = field(default_factory=list)
    #: The rows of ``problems`` that were rejected at reading, for the names they hold.
    unfit: list[tuple[int, list[Cell]]] = field(default_factory=list)
    header_row: int = 1


class _Merge(NamedTuple):
    """Merged cells that hold a value: their range as a spreadsheet writes it, the rows and columns, the value."""

    where: str
    rows: range
    columns: range
    value: str


def read_tables(
    path: Path,
    name: str,
    *,
    encoding: str | None = None,
    header_row: int = 1,
    header_rows: Mapping[str, int] | None = None,
) -> list[RawTable]:
    """Return the sheets of a file; ``name`` is what problems call it. Unreadable files come back as problems.

    ``header_rows`` gives the header's row for single sheets of a workbook, by sheet name.
    """
    suffix = path.suffix.lower()
    heads = header_rows or {}
    try:
        if suffix in (".csv", ".tsv"):
            return [_read_text(path, name, encoding, header_row)]
        if suffix not in SHEETS:
            return [_failed(name, f"files of type {suffix or 'none'!r} are not read", ", ".join(SHEETS))]
        if path.stat().st_size == 0:
            return [_failed(name, "the workbook is empty (0 bytes): was it saved or copied completely?")]
        read = _read_xlsx if suffix == ".xlsx" else _read_ods
        tables = list(read(path, name, header_row, heads))
    except OSError as error:
        return [_failed(name, f"cannot be read: {error.strerror or error}")]
    return tables or [
        _failed(
            name, "no visible sheet of the workbook has anything in it", "a header row and at least one row under it"
        )
    ]


def _failed(name: str, reason: str, accepted: str = "") -> RawTable:
    return RawTable(name, broken=[Problem(name, reason, accepted=accepted)])


def _read_text(path: Path, name: str, encoding: str | None, header_row: int) -> RawTable:
    data = path.read_bytes()
    if not data.strip():
        return _failed(name, "the file is empty", accepted="a header row and at least one row under it")
    text = _decoded(data, name, encoding)
    if isinstance(text, Problem):
        return RawTable(name, broken=[text])
    table = RawTable(name)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text, header_row)
    records: list[tuple[int, list[Cell]]] = []
    lines = 0
    try:
        # Strict, because the lenient reader takes a quotation mark without an end for a cell that holds all rows below.
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        for record in reader:
            records.append((len(records) + 1, cast("list[Cell]", record)))
            lines = reader.line_num
    except csv.Error as error:
        first = next(islice(io.StringIO(text), lines, None), "")
        ended = "expected after" not in str(error)
        table.broken.append(
            Problem(
                name,
                "a quotation mark opens a cell in this row and "
                + ("is never closed" if ended else "the next one does not end the cell"),
                row=len(records) + 1,
                value=first,
                accepted='quotation marks in pairs around a cell, and doubled inside one: "the ""helper"" role"',
            )
        )
        return table
    _fill(table, records, header_row)
    return table


def _decoded(data: bytes, name: str, encoding: str | None) -> str | Problem:
    """Return the text of a file, without its byte order mark, or why it is none."""
    used = encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    declare = f', or [[sheet]] in review.toml with file = "{name}" and encoding = "{{}}"'
    if not name.startswith("sheets/"):
        declare = ""  # only sheets are declared
    half = len(data) // 2
    wide = "utf-16-le" if data[1::2].count(0) > half // 2 else "utf-16-be" if data[0::2].count(0) > half // 2 else ""
    if encoding is None and wide and used == "utf-8":
        return Problem(
            name,
            "looks like UTF-16 without a byte order mark",
            accepted='UTF-8 (Excel: save as type "CSV UTF-8")' + declare.format(wide),
        )
    try:
        text = data.decode(used).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        seen = data[max(0, error.start - 12) : error.start + 12].decode("cp1252", "replace")
        return Problem(
            name,
            f"is not valid {used.upper() if used == 'utf-8' else used}",
            row=line,
            value=seen,
            accepted="the encoding that the file was saved in"
            if encoding
            else 'UTF-8 (Excel: save as type "CSV UTF-8")' + declare.format("cp1252"),
        )
    except (LookupError, ValueError):  # ValueError: encodings of Python that are not for files
        return Problem(name, f"no encoding of text is called {encoding!r}", accepted="utf-8, cp1252, latin-1, utf-16")
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # a line break in a cell is not the machine's that saved it
    at = text.find("\0")
    if at >= 0:
        return Problem(
            name,
            "holds a NUL character: the file is damaged, or no text file",
            row=text.count("\n", 0, at) + 1,
            value=text[max(0, at - 12) : at + 12],
            accepted="text; open the file in a spreadsheet and save it as CSV UTF-8 again",
        )
    return text


def _delimiter(text: str, header_row: int) -> str:
    """Return the separator of the header line: spreadsheets write ``;`` where the comma is the decimal sign."""
    start = "".join(islice(io.StringIO(text), header_row - 1, header_row + 20))
    first = re.sub(r'"[^"]*"', "", start).lstrip("\n").partition("\n")[0]
    return max(",;\t", key=first.count)


def _filled(cell: Cell) -> bool:
    return bool(cell) and not (isinstance(cell, str) and cell.isspace())


def _shown(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text


def _fill(
    table: RawTable, records: list[tuple[int, list[Cell]]], header_row: int, merges: Sequence[_Merge] = ()
) -> None:
    """Split records into header and rows, and note what cannot be right about either."""
    at = next((i for i, (n, cells) in enumerate(records) if n >= header_row and any(map(_filled, cells))), None)
    if at is None:
        table.broken.append(
            Problem(
                table.file,
                "the sheet is empty" if header_row == 1 else f"the sheet is empty from row {header_row} on",
                sheet=table.sheet,
                accepted="a header row and at least one row under it",
            )
        )
        return
    table.header_row, cells = records[at]
    header = ["" if isinstance(c, Mangled) and c.kind == "merged" else _shown(c).strip() for c in cells]
    while header and not header[-1]:
        header.pop()
    table.header = header
    merged: set[int] = set()
    for merge in merges:
        if table.header_row in merge.rows:
            merged.update(column - 1 for column in merge.columns)
            table.broken.append(
                Problem(
                    table.file,
                    f"header cells {merge.where} are merged",
                    table.sheet,
                    table.header_row,
                    value=merge.value,
                    accepted=_ONE_NAME,
                )
            )
    named: dict[str, int] = {}
    for place, column in enumerate(header):
        if column and named.setdefault(" ".join(column.casefold().split()), place) != place:
            table.broken.append(
                Problem(
                    table.file,
                    "two columns have this name",
                    table.sheet,
                    table.header_row,
                    column,
                    accepted="a name of its own for each column",
                )
            )
    for number, cells in records[at + 1 :]:
        if cells and (_filled(cells[0]) or any(map(_filled, cells))):
            wrong = _row_problem(table, number, cells)
            if wrong:
                table.problems.append(wrong)
                table.unfit.append((number, cells))
            else:
                table.rows.append((number, cells))
    if merged:
        table.problems.clear()  # rows do not fit a header that is none
    for place in (p for p, column in enumerate(header) if not column and p not in merged):
        under = next(((n, c[place]) for n, c in table.rows if place < len(c) and _filled(c[place])), None)
        if under:
            table.broken.append(
                Problem(
                    table.file,
                    f"the column has values but no name in row {table.header_row}: were header cells merged?",
                    table.sheet,
                    under[0],
                    _letters(place),
                    _shown(under[1]),
                    _ONE_NAME,
                )
            )


def _row_problem(table: RawTable, number: int, cells: list[Cell]) -> Problem | None:
    width = len(table.header)
    if len(cells) > width and any(map(_filled, cells[width:])):
        extra = next(cell for cell in cells[width:] if _filled(cell))
        return Problem(
            table.file,
            "the row has more cells than the header",
            table.sheet,
            number,
            value=_shown(extra),
            accepted=f"{width} cells; "
            + (
                "give the column a name"
                if table.sheet
                else "put quotation marks around a cell that contains the separator"
            ),
        )
    if max(map(len, cells)) > MAX_CELL:
        place = max(range(len(cells)), key=lambda p: len(cells[p]))
        return Problem(
            table.file,
            f"the cell has {len(cells[place]):,} characters: is a quotation mark missing its end?",
            table.sheet,
            number,
            table.header[place],
            _shown(cells[place]),
            accepted=f"at most {MAX_CELL:,} characters, as in a spreadsheet",
        )
    return None


def _letters(place: int) -> str:
    """Return what a spreadsheet calls the column at ``place``, counted from 0: A, B, … Z, AA, …"""
    letters, rest = "", place + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def _read_xlsx(path: Path, name: str, header_row: int, header_rows: Mapping[str, int]) -> Iterator[RawTable]:
    import openpyxl

    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of what it would not write back, drop-down lists among them
            book = openpyxl.load_workbook(file, data_only=False)
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise
        yield _failed(
            name,
            f"is not an XLSX workbook ({_looks_like(path)})",
            accepted="a workbook saved as .xlsx, or text saved as .csv",
        )
        return
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        records, merges = _xlsx_records(sheet)
        if records:
            table = RawTable(name, sheet.title)
            _fill(table, records, header_rows.get(sheet.title, header_row), merges)
            yield table
    book.close()


def _xlsx_records(sheet: Worksheet) -> tuple[list[tuple[int, list[Cell]]], list[_Merge]]:
    """Return the rows that hold anything, and the merges.

    Only the cells that the file holds are gone through: ``iter_rows`` makes a cell for every place up to the last one,
    and one coloured cell in row 1,048,576 is enough for that to take all memory.
    """
    rows: dict[int, dict[int, Cell]] = {}
    for (number, column), cell in sheet._cells.items():
        shown = _xlsx_cell(cell)
        if _filled(shown):
            rows.setdefault(number, {})[column] = shown
    widest = max((max(cells) for cells in rows.values()), default=0)
    merges = []
    for area in sheet.merged_cells.ranges:
        value = rows.get(area.min_row, {}).get(area.min_col)
        if value is None:
            continue
        merge = _Merge(
            area.coord, range(area.min_row, area.max_row + 1), range(area.min_col, area.max_col + 1), _shown(value)
        )
        merges.append(merge)
        for number, cells in rows.items():
            if number in merge.rows:
                for column in range(merge.columns.start, min(merge.columns.stop, widest + 1)):
                    cells.setdefault(column, Mangled("merged", merge.where))
    merges.sort(key=lambda m: (m.rows.start, m.columns.start))
    return [(number, [row.get(c, "") for c in range(1, max(row) + 1)]) for number, row in sorted(rows.items())], merges


def _xlsx_cell(cell: object) -> Cell:
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "")
    if kind == "f":
        return Mangled("formula", str(getattr(value, "text", value)))
    return Mangled("error", str(value)) if kind == "e" else _text(value)


def _read_ods(path: Path, name: str, header_row: int, header_rows: Mapping[str, int]) -> Iterator[RawTable]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        shown = [s.name for s in book.sheets_metadata if s.visible == python_calamine.SheetVisibleEnum.Visible]
        sheets = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in shown}
    except (python_calamine.CalamineError, ValueError):
        yield _failed(
            name,
            f"is not an ODS workbook ({_looks_like(path)})",
            accepted="a workbook saved as .ods, or text saved as .csv",
        )
        return
    for title, rows in sheets.items():
        records = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
        if any(any(map(_filled, cells)) for _, cells in records):
            table = RawTable(name, title)
            _fill(table, records, header_rows.get(title, header_row))
            yield table


def _looks_like(path: Path) -> str:
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
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Mangled("date", str(value).removesuffix(" 00:00:00"))
    return str(value)
