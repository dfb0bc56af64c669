"""Split the rows of a sheet into header and rows, and record what is wrong with either, or was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from kg.errors import counted
from kg.limits import COLUMNS, OverLimit, check_problems
from kg.loaders.tables.header import guess_header_row, letters, read_header
from kg.loaders.tables.rawtable import (
    MAX_CELL,
    Cell,
    Mangled,
    Merge,
    RawTable,
    Row,
    column_letters,
    display_text,
    has_content,
)
from kg.problems import Problem

_ONE_NAME = "one name a column: unmerge the cells, or say header_row = N in review.toml if the names are further down"


def fill_table(
    table: RawTable, records: Sequence[Row], header_row: int | None, merges: Sequence[Merge] = (), separator: str = ""
) -> None:
    """Fill a table from the rows of its sheet.

    The header is the first row from ``header_row`` on that is not blank; it is guessed where that is None.
    ``separator`` names what separates the cells of a text file, such as "a comma".
    """
    start = guess_header_row(records, merges) if header_row is None else header_row
    at = next((i for i, (n, cells) in enumerate(records) if n >= start and any(map(has_content, cells))), None)
    if at is None:
        reason = "the sheet is empty" if start == 1 else f"the sheet is empty from row {start} on"
        table.broken.append(table.problem(reason, 0, accepted="a header row and at least one row under it"))
        return
    table.header_row, cells = records[at]
    _check_width(table, cells)
    header = read_header(records, at, merges)
    if header_row is None and table.header_row > 1:
        table.notes.append(f"the header is in row {table.header_row}")
    table.header, table.groups, table.notes = header.names, header.groups, table.notes + header.notes
    named = max((index + 1 for index, name in enumerate(table.header) if name), default=0)
    merged = _merged_header_columns(table, merges)
    rows = [row for row in islice(records, at + 1, None) if _is_filled(row[1])]
    _fill_merged(table, rows, merges)
    if not separator:
        widest = max((len(cells) for _, cells in rows), default=0)
        _set_width(table, min(max(len(table.header), widest), COLUMNS.most))
    _add_rows(table, rows, separator, is_spaced=_is_spaced(cells))
    if merged:
        table.problems.clear()  # the rows were checked against a header that is invalid
    _name_columns(table, merged, len(cells) if separator else named)
    _part_duplicates(table)


def _fill_merged(table: RawTable, rows: Sequence[Row], merges: Sequence[Merge]) -> None:
    """Give each row the value of a cell that is merged down over it: such cells are known to have one value."""
    by_number = dict(rows)
    filled = 0
    for merge in merges:
        if len(merge.columns) > 1 or merge.rows.start <= table.header_row:
            continue
        index = merge.columns.start - 1
        value = by_number[merge.rows.start][index]
        for number in merge.rows[1:] if len(merge.rows) < len(rows) else by_number:
            if number in merge.rows[1:] and number in by_number:
                by_number[number][index] = value
                filled += 1
    if filled:
        table.notes.append(f"{counted(filled, 'cell')} merged with the one above: read as its value")


def _is_filled(cells: Sequence[Cell]) -> bool:
    # The first cell is tested on its own because it decides for most rows.
    return bool(cells) and (has_content(cells[0]) or any(map(has_content, cells)))


def _is_spaced(cells: Sequence[Cell]) -> bool:
    """Return whether any cell but the first starts with a space, as what follows a comma in a text does."""
    return any(isinstance(cell, str) and cell.startswith(" ") for cell in cells[1:])


def _check_width(table: RawTable, cells: Sequence[Cell]) -> None:
    """Raise OverLimit where the header has too many columns."""
    width = next(size for size in range(len(cells), 0, -1) if has_content(cells[size - 1]))
    if width > COLUMNS.most:
        reason = f"the header has {width:,} columns"
        raise OverLimit(COLUMNS, table.file, reason, sheet=table.sheet, row=table.header_row)


def _set_width(table: RawTable, width: int) -> None:
    """Set the number of columns; those that are added have no name."""
    added = [""] * (width - len(table.header))
    table.header, table.groups = (table.header + added)[:width], (table.groups + added)[:width]


def _merged_header_columns(table: RawTable, merges: Sequence[Merge]) -> set[int]:
    """Return the indexes of columns that share a header cell, and record a problem for each merge."""
    merged: set[int] = set()
    for merge in merges:
        if table.header_row in merge.rows and len(merge.columns) > 1:
            merged.update(column - 1 for column in merge.columns)
            reason = f"header cells {merge.where} are merged"
            table.broken.append(table.problem(reason, table.header_row, value=merge.value, accepted=_ONE_NAME))
    return merged


def _add_rows(table: RawTable, rows: Sequence[Row], separator: str, *, is_spaced: bool) -> None:
    """Add each row to ``rows``, or to ``malformed`` with a problem where it does not fit the header.

    A row of a text file may be too long only by blank cells. It is refused if a separator may be part of a text: where
    another row has too many values, or a cell starts with a space although the header, ``is_spaced``, has no such name.
    """
    width = len(table.header)
    longer = (cells for _, cells in rows if len(cells) > width)
    is_ragged = bool(separator) and any(any(map(has_content, cells[width:])) for cells in longer)
    for number, cells in rows:
        problem: Problem | None = None
        if len(cells) > width:
            is_cut = is_ragged or (bool(separator) and not is_spaced and _is_spaced(cells))
            if is_cut or any(map(has_content, cells[width:])):
                problem = _too_many_cells(table, number, cells, separator)
        elif _is_long(cells, separator):
            problem = _too_long(table, number, cells)
        if problem is None:
            table.rows.append((number, cells))
            continue
        table.problems.append(problem)
        check_problems(table.problems)
        table.malformed.append((number, cells))


def _is_long(cells: list[Cell], separator: str) -> bool:
    """Return whether a cell is too long; the cells of a text file are first measured together, which is faster."""
    if separator and len("".join(cells)) <= MAX_CELL:  # type: ignore[arg-type]
        return False
    return max(map(len, cells)) > MAX_CELL


def _too_many_cells(table: RawTable, number: int, cells: Sequence[Cell], separator: str) -> Problem:
    width = len(table.header)
    if separator:
        reason = f"the row has {len(cells):,} cells and the header {width:,}"
        return table.problem(
            reason, number, accepted=f"{width:,} cells; put quotation marks around a cell that contains {separator}"
        )
    index = next(i for i in range(width, len(cells)) if has_content(cells[i]))
    reason = f"the row goes on beyond column {column_letters(width - 1)}"
    return table.problem(reason, number, column_letters(index), display_text(cells[index]), accepted=COLUMNS.accepted)


def _too_long(table: RawTable, number: int, cells: Sequence[Cell]) -> Problem:
    index = max(range(len(cells)), key=lambda i: len(cells[i]))
    reason = f"the cell has {len(cells[index]):,} characters: is a quotation mark missing its end?"
    accepted = f"at most {MAX_CELL:,} characters, as in a spreadsheet"
    return table.problem(reason, number, table.header[index], display_text(cells[index]), accepted=accepted)


def _name_columns(table: RawTable, merged: set[int], noted: int) -> None:
    """Name the columns that have values but no name by their letters; below merged header cells they have one already.

    Columns without either end the table; they are noted if they are among the first ``noted`` ones.
    """
    unnamed = [index for index, name in enumerate(table.header) if not name and index not in merged]
    used = [i for i in unnamed if any(i < len(cells) and has_content(cells[i]) for _, cells in table.rows)]
    for index in used:
        table.header[index] = f"column {column_letters(index)}"
    if len(used) == 1:
        name = table.header[used[0]]
        table.notes.append(f"{name} has values but no name: it is called {name!r}")
    elif used:
        name = table.header[used[0]]
        table.notes.append(f"columns {letters(used)} have values but no names: they are called {name!r} and so on")
    if blank := letters(index for index in unnamed if index < noted and index not in used):
        has = "columns {} have" if "," in blank or " " in blank else "column {} has"
        table.notes.append(f"{has.format(blank)} no name and no values")
    _set_width(table, max((index + 1 for index, name in enumerate(table.header) if name), default=0))


def _part_duplicates(table: RawTable) -> None:
    """Give columns with the name of an earlier one another name, or leave them out if they have the same values."""
    taken = {_folded(name) for name in table.header}
    known: dict[str, list[int]] = {}
    left_out: list[int] = []
    for index, name in enumerate(table.header):
        earlier = known.setdefault(_folded(name), []) if name else []
        if not name or not earlier:
            earlier.append(index)
            continue
        where = f"columns {column_letters(earlier[0])} and {column_letters(index)} are both called {name!r}"
        if any(_is_same(table, other, index) for other in earlier):
            left_out.append(index)
            table.notes.append(f"{where} and have the same values: column {column_letters(index)} is left out")
            continue
        number = len(earlier) + 1
        while _folded(f"{name} ({number})") in taken:
            number += 1
        new = f"{name} ({number})"
        taken.add(_folded(new))
        table.header[index], table.duplicates[new] = new, name
        table.notes.append(f"{where}: column {column_letters(index)} is called {new!r}")
        earlier.append(index)
    for index in reversed(left_out):
        del table.header[index], table.groups[index]
        for _, cells in table.rows:
            del cells[index : index + 1]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _is_same(table: RawTable, first: int, second: int) -> bool:
    """Return whether two columns are in one group and have the same value in each row."""
    return table.groups[first] == table.groups[second] and all(
        _is_equal(_cell(cells, first), _cell(cells, second)) for _, cells in table.rows
    )


def _cell(cells: Sequence[Cell], index: int) -> Cell:
    return cells[index] if index < len(cells) else ""


def _is_equal(first: Cell, second: Cell) -> bool:
    """Return whether two cells have the same value; that of a formula is not known."""
    if isinstance(first, str) and isinstance(second, str):
        return first.strip() == second.strip()
    return first == second and isinstance(first, Mangled) and first.kind != "formula"
