"""A sheet as it was read: its header, its numbered rows, and the problems found before any column has a meaning."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.limits import COLUMNS, OverLimit, check_problems
from kg.problems import Problem

#: The most characters that a spreadsheet cell can hold. A longer cell in a CSV file is almost always an unbalanced
#: quotation mark.
MAX_CELL = 32_767

_ONE_NAME = "one name a column: unmerge the cells, or say header_row = N in review.toml if the names are further down"


@dataclass(frozen=True)
class Mangled:
    """A cell that is neither text nor a number; ``kind`` is date, formula, error or merged.

    ``text`` identifies the cell for the user: its content or, for a merged cell, the range of the merge.
    """

    kind: str
    text: str

    def __len__(self) -> int:
        return len(self.text)


Cell = str | Mangled
#: The row number that a spreadsheet shows, and the cells of the row.
Row = tuple[int, list[Cell]]


@dataclass
class RawTable:
    """One sheet: its header and its rows, each with its row number; blank rows are left out.

    ``broken`` holds the problems of the sheet as a whole, ``problems`` those of single rows. ``skipped`` holds the rows
    that are correct in themselves but refer to something that was rejected elsewhere.
    """

    file: str
    sheet: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    #: Rows that do not fit the header and are not in ``rows``. They are kept because they may contain names of studies.
    malformed: list[Row] = field(default_factory=list)
    header_row: int = 1

    def problem(
        self, reason: str, row: int, column: str = "", value: str = "", *, accepted: str = "", suggestion: str = ""
    ) -> Problem:
        """Return a problem of one row of this sheet."""
        return Problem(self.file, reason, self.sheet, row, column, value, accepted, suggestion)

    def location(self, row: int) -> str:
        """Return a row of this sheet as text, such as ``sheets/all.xlsx [Studies], row 4``."""
        return self.file + (f" [{self.sheet}]" if self.sheet else "") + f", row {row}"


class Merge(NamedTuple):
    """Merged cells that hold a value: their range as a spreadsheet writes it, the rows and columns, the value."""

    where: str
    rows: range
    columns: range
    value: str


def unreadable(name: str, reason: str, accepted: str = "") -> RawTable:
    """Return the table of a file that could not be read at all."""
    return RawTable(name, broken=[Problem(name, reason, accepted=accepted)])


def has_content(cell: Cell) -> bool:
    """Return whether a cell holds anything but white space."""
    return bool(cell) and not (isinstance(cell, str) and cell.isspace())


def display_text(cell: Cell) -> str:
    """Return a cell as text to show to the user."""
    return cell if isinstance(cell, str) else cell.text


def fill_table(table: RawTable, records: list[Row], header_row: int, merges: Sequence[Merge] = ()) -> None:
    """Split records into header and rows, and record structural problems of either.

    The header is the first row from ``header_row`` on that is not blank.
    """
    at = next((i for i, (n, cells) in enumerate(records) if n >= header_row and any(map(has_content, cells))), None)
    if at is None:
        reason = "the sheet is empty" if header_row == 1 else f"the sheet is empty from row {header_row} on"
        table.broken.append(table.problem(reason, 0, accepted="a header row and at least one row under it"))
        return
    table.header_row, cells = records[at]
    _set_header(table, cells)
    merged = _merged_header_columns(table, merges)
    for number, cells in records[at + 1 :]:
        # The first cell is tested on its own because it decides for most rows.
        if cells and (has_content(cells[0]) or any(map(has_content, cells))):
            _add_row(table, number, cells)
    if merged:
        table.problems.clear()  # the rows were checked against a header that is invalid
    _check_unnamed_columns(table, merged)


def _set_header(table: RawTable, cells: list[Cell]) -> None:
    """Set the header from its cells. Raises OverLimit where it has too many columns."""
    width = next(size for size in range(len(cells), 0, -1) if has_content(cells[size - 1]))
    if width > COLUMNS.most:
        reason = f"the header has {width:,} columns"
        raise OverLimit(COLUMNS, table.file, reason, sheet=table.sheet, row=table.header_row)
    header = ["" if isinstance(c, Mangled) and c.kind == "merged" else display_text(c).strip() for c in cells]
    while header and not header[-1]:
        header.pop()
    table.header = header


def _merged_header_columns(table: RawTable, merges: Sequence[Merge]) -> set[int]:
    """Return the indexes of columns whose header cells are merged, and record a problem for each merge."""
    merged: set[int] = set()
    for merge in merges:
        if table.header_row in merge.rows:
            merged.update(column - 1 for column in merge.columns)
            reason = f"header cells {merge.where} are merged"
            table.broken.append(table.problem(reason, table.header_row, value=merge.value, accepted=_ONE_NAME))
    return merged


def check_duplicate_names(table: RawTable, among: Container[str] | None = None) -> None:
    """Record a problem for each column that has the name of another; ``among`` limits it to these names, folded."""
    seen: set[str] = set()
    for column in filter(None, table.header):
        folded = " ".join(column.casefold().split())
        if folded in seen and (among is None or folded in among):
            accepted = "a name of its own for each column"
            table.broken.append(
                table.problem("two columns have this name", table.header_row, column, accepted=accepted)
            )
        seen.add(folded)


def _add_row(table: RawTable, number: int, cells: list[Cell]) -> None:
    """Add a row to ``rows``, or to ``malformed`` with a problem where it does not fit the header."""
    problem = _row_problem(table, number, cells)
    if problem is None:
        table.rows.append((number, cells))
        return
    table.problems.append(problem)
    check_problems(table.problems)
    table.malformed.append((number, cells))


def _check_unnamed_columns(table: RawTable, merged: set[int]) -> None:
    """Record a problem for each column that has values but no name; merged header cells have one already."""
    reason = f"the column has values but no name in row {table.header_row}: were header cells merged?"
    for index in (i for i, column in enumerate(table.header) if not column and i not in merged):
        below = next(((n, c[index]) for n, c in table.rows if index < len(c) and has_content(c[index])), None)
        if below:
            number, cell = below
            table.broken.append(
                table.problem(reason, number, column_letters(index), display_text(cell), accepted=_ONE_NAME)
            )


def _row_problem(table: RawTable, number: int, cells: list[Cell]) -> Problem | None:
    """Return the problem of a row that is longer than the header or has a cell that is too long."""
    width = len(table.header)
    if len(cells) > width and any(map(has_content, cells[width:])):
        extra = next(cell for cell in cells[width:] if has_content(cell))
        remedy = "put quotation marks around a cell that contains the separator"
        if table.sheet:
            remedy = "give the column a name"
        reason = "the row has more cells than the header"
        return table.problem(reason, number, value=display_text(extra), accepted=f"{width} cells; {remedy}")
    if max(map(len, cells)) > MAX_CELL:
        index = max(range(len(cells)), key=lambda i: len(cells[i]))
        reason = f"the cell has {len(cells[index]):,} characters: is a quotation mark missing its end?"
        accepted = f"at most {MAX_CELL:,} characters, as in a spreadsheet"
        return table.problem(reason, number, table.header[index], display_text(cells[index]), accepted=accepted)
    return None


def column_letters(index: int) -> str:
    """Return the spreadsheet name of a column by its index from 0.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters, rest = "", index + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
