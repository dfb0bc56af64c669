"""Blank cells that stand for the value above them, as in a sheet where a study is named in its first row only. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.errors import counted
from kg.loaders.sheets.columns import FINDINGS, STUDIES, match_columns
from kg.loaders.sheets.declared import find_column
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import Cell, RawTable, has_content
from kg.problems import nearest


def fill_down(table: RawTable, spec: SheetSpec) -> None:
    """Fill the blank cells of the columns that ``fill_down`` declares with the value above them.

    A column is called by its name in the sheet or its canonical name. One that is not there goes to ``table.broken``.
    """
    for name in spec.fill_down:
        index = column_to_fill(table.header, spec, name)
        if index is None:
            table.broken.append(
                table.problem(
                    "the column that review.toml names under fill_down is not there",
                    table.header_row,
                    name,
                    suggestion=" or ".join(map(repr, nearest(name, table.header))),
                    accepted=table.names(),
                )
            )
        elif filled := _fill(table, index):
            has = "has" if filled == 1 else "have"
            table.notes.append(f"{counted(filled, 'blank cell')} of {table.header[index]!r} {has} the value above")


def column_to_fill(header: Sequence[str], spec: SheetSpec, name: str) -> int | None:
    """Return the index of a column that is called by its name in the sheet or its canonical name."""
    index = find_column(header, name)
    known = (match_columns(header, layout, dict(spec.columns)).get(name) for layout in (FINDINGS, STUDIES))
    return index if index is not None else next((found for found in known if found is not None), None)


def _fill(table: RawTable, index: int) -> int:
    """Fill one column and return the number of cells that were filled."""
    above: Cell = ""
    filled = 0
    for _, cells in table.rows:
        if _is_filled(cells, index):
            above = cells[index]
        elif above:
            cells.extend([""] * (index + 1 - len(cells)))
            cells[index] = above
            filled += 1
    return filled


def _is_filled(cells: Sequence[Cell], index: int) -> bool:
    return index < len(cells) and has_content(cells[index])


class Below(NamedTuple):
    """The rows that name no study below one that names it: their numbers, what is wrong, and what to declare."""

    rows: frozenset[int]
    reason: str
    declare: str


def find_below(table: RawTable, naming: Sequence[int], of_study: Iterable[int]) -> Below:
    """Return the rows in which all columns that name a study are blank, below a row in which one of them is not.

    ``of_study`` are all columns of the study; those that are blank in each of these rows are to be filled down.
    """
    found: dict[int, list[Cell]] = {}
    named = False
    for number, cells in table.rows if naming else ():
        # The first column is tested on its own because it decides for most rows.
        if _is_filled(cells, naming[0]) or any(_is_filled(cells, index) for index in naming[1:]):
            named = True
        elif named:
            found[number] = cells
    reason = f"the cell is blank in {counted(len(found), 'row')} below one that names its study"
    names = [table.header[i] for i in sorted(of_study) if not any(_is_filled(cells, i) for cells in found.values())]
    listed = json.dumps(names, ensure_ascii=False)
    declare = f"fill_down = {listed} under [[sheet]] in review.toml, if a blank cell means the value above it"
    return Below(frozenset(found), reason, declare)
