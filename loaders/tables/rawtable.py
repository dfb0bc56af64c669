"""A sheet as it was read: its header, its rows with their numbers, and what is wrong with them before any meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.limits import COLUMNS, OverLimit, check_problems
from kg.problems import Problem

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


class Merge(NamedTuple):
    """Merged cells that hold a value: their range as a spreadsheet writes it, the rows and columns, the value."""

    where: str
    rows: range
    columns: range
    value: str


def failed(name: str, reason: str, accepted: str = "") -> RawTable:
    """Return a table that could not be read at all."""
    return RawTable(name, broken=[Problem(name, reason, accepted=accepted)])


def filled(cell: Cell) -> bool:
    """Return whether a cell holds anything but spaces."""
    return bool(cell) and not (isinstance(cell, str) and cell.isspace())


def shown(cell: Cell) -> str:
    """Return a cell as text to show."""
    return cell if isinstance(cell, str) else cell.text


def fill(table: RawTable, records: list[tuple[int, list[Cell]]], header_row: int, merges: Sequence[Merge] = ()) -> None:
    """Split records into header and rows, and note what cannot be right about either."""
    at = next((i for i, (n, cells) in enumerate(records) if n >= header_row and any(map(filled, cells))), None)
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
    width = next(place for place in range(len(cells), 0, -1) if filled(cells[place - 1]))
    if width > COLUMNS.most:
        reason = f"the header has {width:,} columns"
        raise OverLimit(COLUMNS, table.file, reason, sheet=table.sheet, row=table.header_row)
    header = ["" if isinstance(c, Mangled) and c.kind == "merged" else shown(c).strip() for c in cells]
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
        if cells and (filled(cells[0]) or any(map(filled, cells))):
            wrong = _row_problem(table, number, cells)
            if wrong:
                table.problems.append(wrong)
                check_problems(table.problems)
                table.unfit.append((number, cells))
            else:
                table.rows.append((number, cells))
    if merged:
        table.problems.clear()  # rows do not fit a header that is none
    for place in (p for p, column in enumerate(header) if not column and p not in merged):
        under = next(((n, c[place]) for n, c in table.rows if place < len(c) and filled(c[place])), None)
        if under:
            table.broken.append(
                Problem(
                    table.file,
                    f"the column has values but no name in row {table.header_row}: were header cells merged?",
                    table.sheet,
                    under[0],
                    letters(place),
                    shown(under[1]),
                    _ONE_NAME,
                )
            )


def _row_problem(table: RawTable, number: int, cells: list[Cell]) -> Problem | None:
    width = len(table.header)
    if len(cells) > width and any(map(filled, cells[width:])):
        extra = next(cell for cell in cells[width:] if filled(cell))
        return Problem(
            table.file,
            "the row has more cells than the header",
            table.sheet,
            number,
            value=shown(extra),
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
            shown(cells[place]),
            accepted=f"at most {MAX_CELL:,} characters, as in a spreadsheet",
        )
    return None


def letters(place: int) -> str:
    """Return what a spreadsheet calls the column at ``place``, counted from 0: A, B, … Z, AA, …"""
    letters, rest = "", place + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
