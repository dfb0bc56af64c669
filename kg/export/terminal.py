"""A table as text for a terminal: columns side by side, long cells on several lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kg import text as texts
from kg.table import Table, as_text


def to_terminal(table: Table, width: int = 100) -> str:
    """Return the table for a terminal of ``width`` columns; long cells wrap, so that no line is longer."""
    return "".join(terminal_pages([table], width))


def terminal_pages(pages: Iterable[Table], width: int) -> Iterator[str]:
    """Yield the text of a table that is given in pages, a piece for each page.

    ``pages`` are iterated twice: once to find the widths of the columns, and once to write the rows.
    """
    columns: list[_Column] = []
    first: Table | None = None
    for page in pages:
        table = _shown(page)
        first = first or page
        columns = columns or [_Column(one_line(name.replace("_", " "))) for name in table.columns]
        for column, values in zip(columns, zip(*table.rows, strict=True), strict=False):
            column.measure(values)
    if first is None:
        return
    if not any(column.types for column in columns):
        yield "\n".join(wrap(f"{first.title or first.name}: none", width)) + "\n"
        return
    widths = _fit(columns, width)
    if first.title:
        yield "\n".join(wrap(first.title, width)) + "\n"
    right = [are_numbers(column.types) for column in columns]
    yield _lines([column.name for column in columns], widths, right)
    yield "  ".join("─" * w for w in widths) + "\n"
    for page in pages:
        yield "".join(_lines(map(_cell, row), widths, right) for row in _shown(page).rows)
    yield "".join(f"{line}\n" for note in first.notes() for line in wrap(note, width))


def one_line(text: str, clean: Callable[[str], str] = texts.printable) -> str:
    """Return cleaned text on one line; white space is collapsed before and after the cleaning."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # most texts: there is nothing to clean
    return " ".join(clean(" ".join(text.split())).split())


def are_numbers(types: Iterable[type]) -> bool:
    """Return whether a column with values of these types has numbers, and apart from them only blank cells."""
    found = {*types} - {type(None)}
    return bool(found) and all(issubclass(one, int | float) and one is not bool for one in found)


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` as lines of at most ``width`` terminal columns; only words longer than a line are broken."""
    flat = one_line(text)
    if _text_width(flat) <= width:
        return [flat]
    lines: list[str] = []
    line = ""
    for word in flat.split():
        while _text_width(word) > width:
            cut = width - _text_width(line) - 1 if line else width
            if cut < 3 and line:
                lines.append(line)
                line, cut = "", width
            head = word[:cut]
            while _text_width(head) > cut:
                head = head[:-1]
            line = f"{line} {head}" if line else head
            word = word[len(head) :]
            lines.append(line)
            line = ""
        if not word:
            continue
        if line and _text_width(line) + 1 + _text_width(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


class _Column:
    """The name of a column, the types of its values, and the widths of its widest cell and word."""

    def __init__(self, name: str) -> None:
        self.name, self.types = name, set[type]()
        self.word = self.cell = max((_text_width(word) for word in name.split()), default=1)

    def measure(self, values: Sequence[Any]) -> None:
        """Take account of the values of a page."""
        self.types.update(map(type, values))
        for text in {_cell(value) for value in values}:
            if (width := _text_width(text)) > self.word:
                self.cell = max(self.cell, width)
                self.word = max(self.word, *map(_text_width, text.split()))


def _shown(page: Table) -> Table:
    return page.marked().joined().worded()


def _cell(value: Any) -> str:
    return one_line(as_text(value))


def _lines(row: Iterable[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    """Return the lines of a row; cells are aligned to the ``right`` or left."""
    wrapped = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
    lines = ""
    for k in range(max(map(len, wrapped))):
        parts = [cell[k] if k < len(cell) else "" for cell in wrapped]
        lines += "  ".join(map(_pad, parts, widths, right)).rstrip() + "\n"
    return lines


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _text_width(text))
    return space + text if right else text + space


def _text_width(text: str) -> int:
    """Return the width of a text in terminal columns: 2 for wide East Asian characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(columns: Sequence[_Column], width: int) -> list[int]:
    """Return the widths of the columns: what the cells need, at most a common limit that makes the table fit.

    A name may wrap: only its longest word counts. Words are broken only where the longest words of all columns do not
    fit side by side.
    """
    needs = [column.cell for column in columns]
    room = max(width - 2 * (len(columns) - 1), 4 * len(columns))
    if sum(needs) <= room:
        spare = room - sum(needs)
        for i, column in enumerate(columns):  # use spare room to keep names on one line
            name = _text_width(column.name)
            more = min(max(name - needs[i], 0), spare)
            if needs[i] + more >= name:
                needs[i], spare = needs[i] + more, spare - more
        return needs
    words = [column.word for column in columns]
    floors = words if sum(words) <= room else [0] * len(columns)

    def limited(level: int) -> list[int]:
        return [max(floor, min(need, level)) for floor, need in zip(floors, needs, strict=True)]

    level = max(n for n in range(1, max(needs) + 1) if sum(limited(n)) <= room)
    widths = limited(level)
    while sum(widths) < room and (short := [i for i, need in enumerate(needs) if widths[i] < need]):
        for i in short[: room - sum(widths)]:
            widths[i] += 1
    return widths
