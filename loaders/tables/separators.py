"""Split the text of a CSV or TSV file into rows, with the separator and the quoting that the file uses."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

from kg.loaders.tables.header import guess_header_row
from kg.loaders.tables.rawtable import Cell, Row, has_content

#: The separators that are looked for, and what a message calls them.
SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
#: The lines and characters at the start of a file that decide on its separator.
_SAMPLE_LINES, _SAMPLE_SIZE = 100, 200_000


@dataclass
class Split:
    """The rows of a text with their numbers, what was assumed, and the error that ended it after so many lines."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    lines: int = 0

    def misfits(self) -> int:
        """Return the number of rows that have another number of cells than most rows; -1 for no rows at all."""
        sizes = Counter(len(cells) for _, cells in self.rows)
        return len(self.rows) - max(sizes.values(), default=1)


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text, each with its line break. ``io.StringIO`` would need four bytes per character."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def split_text(text: str, separator: str) -> Split:
    """Return the rows of a text.

    Quotation marks must surround a cell, and be doubled inside it. Two other ways to write them are tried where they
    are used: after a space (``a, "b, c"``), and with a backslash inside a cell (``"the \\"helper\\" role"``).
    """
    found = _split(text, separator)
    if ' "' in text and any(f'{before}{space}"' in text for before in (separator, "\n") for space in (" ", "  ")):
        other = _split(text, separator, after_space=True)
        if not other.error and (found.error or (other.rows != found.rows and other.misfits() <= found.misfits())):
            other.notes.append("quotation marks after a space are read as those around a cell")
            return other
    if found.error and '\\"' in text:
        other = _split(text.replace('\\"', '""'), separator)
        if not other.error:
            other.notes.append("quotation marks after a backslash are read as part of the text")
            return other
    return found


def _split(text: str, separator: str, *, after_space: bool = False) -> Split:
    rows: list[Row] = []
    lines = 0
    # Strict, because the lenient reader lets an unclosed quotation mark swallow all rows below it.
    reader = csv.reader(lines_of(text), delimiter=separator, strict=True, skipinitialspace=after_space)
    try:
        for row in enumerate(cast("Iterator[list[Cell]]", reader), start=1):
            rows.append(row)
            lines = reader.line_num
    except csv.Error as error:
        return Split(rows, error=str(error), lines=lines)
    return Split(rows)


def guess_separator(text: str, header_row: int | None) -> str:
    """Return the separator of a text: that which divides most rows into as many cells as the header.

    Spreadsheets write ``;`` in locales with a decimal comma.
    """
    start = "".join(islice(lines_of(text), (header_row or 1) - 1, (header_row or 1) - 1 + _SAMPLE_LINES))
    return max(SEPARATORS, key=lambda separator: _fit(start[:_SAMPLE_SIZE], separator, is_guess=header_row is None))


def _fit(text: str, separator: str, *, is_guess: bool) -> tuple[bool, bool, int]:
    """Return whether most rows fit the header, whether the header is the first row, and the cells of the header."""
    rows = _sample(csv.reader(lines_of(text), delimiter=separator))
    if not rows:
        return False, True, text.count(separator)
    start = guess_header_row(rows) if is_guess else rows[0][0]
    number, header = next(row for row in rows if row[0] == start)
    below = [len(cells) for other, cells in rows if other > number]
    fits = len(header) > 1 and 2 * below.count(len(header)) >= len(below)
    return fits, start == rows[0][0], sum(map(has_content, header))


def _sample(reader: Iterable[Sequence[str]]) -> list[Row]:
    """Return the rows that are not blank, up to the first that cannot be read."""
    rows: list[Row] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if any(map(has_content, cells)):
                rows.append((number, list(cells)))
    except csv.Error:
        pass
    return rows
