"""A sheet as it was read: its header, its numbered rows, and the problems found before any column has a meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.problems import Problem

#: The most characters that a spreadsheet cell can hold. A longer cell in a CSV file is almost always an unbalanced
#: quotation mark.
MAX_CELL = 32_767


#: A message names at most this many columns.
_MOST_NAMES = 20


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
    #: For each column, the text of the cells above its name that group columns; from the top, with " > " between them.
    groups: list[str] = field(default_factory=list)
    #: What the reader assumed, each as a part of a sentence: "the header is in row 3".
    notes: list[str] = field(default_factory=list)
    #: Names that were made for columns whose name stands twice -> the name in the file.
    duplicates: dict[str, str] = field(default_factory=dict)

    def problem(
        self, reason: str, row: int, column: str = "", value: str = "", *, accepted: str = "", suggestion: str = ""
    ) -> Problem:
        """Return a problem of one row of this sheet."""
        return Problem(self.file, reason, self.sheet, row, column, value, accepted, suggestion)

    def names(self) -> str:
        """Return the names of the columns for a message."""
        return first_names(filter(None, self.header))

    def location(self, row: int) -> str:
        """Return a row of this sheet as text, such as ``sheets/all.xlsx [Studies], row 4``."""
        return self.file + (f" [{self.sheet}]" if self.sheet else "") + f", row {row}"


def first_names(columns: Iterable[str]) -> str:
    """Return names of columns for a message: all, or the first ones of very many.

    >>> first_names(["a", "b"])
    'a, b'
    """
    names = list(columns)
    more = f", … ({len(names):,} columns)" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


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
