"""What is known of a sheet besides its values: its size, its merged cells, and its cells with formulas and errors.

The reader of the values (python-calamine) tells none of it, so it is collected while a workbook is checked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.loaders.tables.rawtable import Mangled, column_letters

#: The text of the errors that binary workbooks hold as numbers.
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
#: The size of a sheet, for areas that consist of whole columns or rows.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,9}):\$?([A-Za-z]{1,3})\$?(\d{1,9})")


class Area(NamedTuple):
    """A rectangle of cells; rows and columns count from 1."""

    rows: range
    columns: range

    def __str__(self) -> str:
        first, last = column_letters(self.columns.start - 1), column_letters(self.columns.stop - 2)
        return f"{first}{self.rows.start}:{last}{self.rows.stop - 1}"

    @property
    def cells(self) -> int:
        """The number of its cells."""
        return len(self.rows) * len(self.columns)


@dataclass
class Marks:
    """What one sheet holds besides its values.

    ``height`` and ``width`` are the last row and column with a value: the reader makes every cell up to there.
    ``formulas`` is the number of cells whose formula is not in ``mangled``, so that they are read as their values.
    ``strings`` tells how often each entry of the list of shared strings is used: the reader makes a copy each time.
    """

    height: int = 0
    width: int = 0
    formulas: int = 0
    mangled: dict[tuple[int, int], Mangled] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    strings: Counter[int] = field(default_factory=Counter)

    def fill(self, row: int, column: int) -> None:
        """Note a cell with a value."""
        self.height, self.width = max(self.height, row), max(self.width, column)

    @property
    def cells(self) -> int:
        """The number of cells up to the last row and column with a value."""
        return self.height * self.width


def area_of(text: str) -> Area:
    """Return the area that a text such as ``B1:D1`` names; an area of whole rows or columns becomes a whole sheet."""
    found = _AREA.fullmatch(text.strip())
    if found is None:
        return Area(range(1, _MOST_ROWS + 1), range(1, _MOST_COLUMNS + 1))
    rows, columns = (int(found[2]), int(found[4])), (column_number(found[1]), column_number(found[3]))
    return Area(range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1))


def column_number(letters: str) -> int:
    """Return the number of a column, from 1, by its letters; a very large one for many letters.

    >>> column_number("A"), column_number("Z"), column_number("AA")
    (1, 26, 27)
    """
    if len(letters) > 6:
        return 1 << 31
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
