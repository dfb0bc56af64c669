"""Find the row that holds the names of the columns, and the groups of columns that the rows above it name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from kg.loaders.tables.rawtable import Cell, Mangled, Merge, Row, column_letters, display_text, has_content

#: The header is searched among this many rows, and compared with as many rows below it.
_SEARCHED, _BELOW = 10, 20


@dataclass
class Header:
    """The names of the columns, the groups above them, and what was assumed."""

    names: list[str]
    groups: list[str]
    notes: list[str]


def guess_header_row(records: Sequence[Row], merges: Sequence[Merge] = ()) -> int:
    """Return the number of the row that holds the names of the columns.

    It is the first row that is not blank, unless that is a title or names groups of columns. A title is one cell, or
    consists of merged cells; a row further down has more than twice as many names, and at least three. Other rows, of
    any number of cells, may follow a title.
    """
    filled = list(islice((row for row in records if any(map(has_content, row[1]))), _SEARCHED + _BELOW))
    at: int | None = 0
    found = 0
    while at is not None:
        found = at
        at = _header_below(filled, at, merges) if at < len(filled) else None
    return filled[found][0] if filled else 1


def _header_below(filled: Sequence[Row], at: int, merges: Sequence[Merge]) -> int | None:
    """Return the index of the row that holds the names below a title or a row of groups, None if it is neither."""
    number, cells = filled[at]
    texts = _filled(cells)
    across = [merge for merge in merges if number in merge.rows and len(merge.columns) > 1]
    merged = {column - 1 for merge in across for column in merge.columns}
    if at > 0 or len(texts) == 1 or merged.issuperset(texts):
        for below in range(at + 1, min(len(filled), _SEARCHED)):
            if _has_names(filled, below, 2 * len(texts)):
                return below
    if at + 2 >= len(filled) or filled[at + 1][0] != number + 1 or _recurs(filled, at + 1):
        return None
    under = filled[at + 1][1]
    if across:
        is_group = all(sum(column - 1 in _filled(under) for column in merge.columns) > 1 for merge in across)
        return at + 1 if is_group and not any(_is_text(under, i) for i in texts if i not in merged) else None
    has_gaps = max(texts, default=-1) >= len(texts)
    names = _filled(under)
    is_full = len(names) == max(names, default=-1) + 1
    return at + 1 if has_gaps and is_full and _has_names(filled, at + 1, 0) and len(names) > 2 * len(texts) else None


def _filled(cells: Sequence[Cell]) -> list[int]:
    """Return the indexes of the cells that have a content of their own."""
    return [i for i, c in enumerate(cells) if has_content(c) and not (isinstance(c, Mangled) and c.kind == "merged")]


def _is_text(cells: Sequence[Cell], index: int) -> bool:
    """Return whether a cell is a text that could be a name."""
    cell = cells[index] if index < len(cells) else ""
    return isinstance(cell, str) and any(map(str.isalpha, cell))


def _has_names(filled: Sequence[Row], at: int, fewer: int) -> bool:
    """Return whether a row has at least three names, and more than ``fewer``, with rows of several cells below it."""
    cells = filled[at][1]
    names = {cell for index, cell in enumerate(cells) if _is_text(cells, index)}
    below = filled[at + 1 : at + 1 + _BELOW]
    several = sum(len(_filled(other)) > 1 for _, other in below)
    return len(names) > max(2, fewer) and 2 * several >= len(below) and not _recurs(filled, at)


def _recurs(filled: Sequence[Row], at: int) -> bool:
    """Return whether a text of a row stands in its column in another row: values recur, names do not."""
    cells = filled[at][1]
    texts = [index for index in range(len(cells)) if _is_text(cells, index)]
    others = (other for index, (_, other) in enumerate(filled[: at + 1 + _BELOW]) if index != at)
    return any(index < len(other) and other[index] == cells[index] for other in others for index in texts)


def read_header(records: Sequence[Row], at: int, merges: Sequence[Merge] = ()) -> Header:
    """Return the names of the columns in the row with the index ``at``, and what the rows above it tell of them.

    A name may be in the row above, if the cell is merged with that of the header row or stands beside merged groups.
    """
    number, cells = records[at]
    names = ["" if isinstance(c, Mangled) and c.kind == "merged" else clean_name(display_text(c)) for c in cells]
    tall = {m.columns.start - 1: m.value for m in merges if len(m.columns) == 1 and number in m.rows[1:]}
    names += [""] * (max(tall, default=-1) + 1 - len(names))
    for index, text in tall.items():
        names[index] = clean_name(text)
    header = Header(names, [""] * len(names), [])
    layers: list[list[str]] = []
    above = at - 1
    while above >= 0 and records[above][0] == number - (at - above):
        layer = _layer(records[above], merges, header, tall)
        if not any(layer):
            break
        if above == at - 1:
            _take_names(header, layer, records[above][0], merges)
        layers.insert(0, layer)
        above -= 1
    header.groups = [" > ".join(dict.fromkeys(filter(None, texts))) for texts in zip(*layers, strict=True)]
    header.groups = header.groups or [""] * len(names)
    return header


def clean_name(text: str) -> str:
    """Return the name of a column without white space and byte order marks around it."""
    return text.strip().strip("\ufeff").strip()


def _layer(row: Row, merges: Sequence[Merge], header: Header, tall: Iterable[int]) -> list[str]:
    """Return the text that a row above the header has for each column; a title has none."""
    number, cells = row
    width = max((i + 1 for i, name in enumerate(header.names) if name), default=0)
    layer = [""] * len(header.names)
    across = [merge for merge in merges if number in merge.rows and len(merge.columns) > 1]
    texts = [i for i in _filled(cells) if i < len(layer) and i not in tall]
    if across:
        if any(merge.columns.start == 1 and len(merge.columns) >= width for merge in across):
            return layer
        for merge in across:
            for column in merge.columns:
                if column <= len(layer):
                    layer[column - 1] = merge.value.strip()
        for index in texts:
            layer[index] = layer[index] or display_text(cells[index]).strip()
    elif texts and texts[-1] >= min(len(texts), width - 1) and all(_is_text(cells, index) for index in texts):
        # Merges are lost in text: a group goes on up to the next one. Without gaps it would be something else.
        parts = []
        for index, end in zip(texts, [*texts[1:], width], strict=True):
            text = display_text(cells[index]).strip()
            layer[index:end] = [text] * (end - index)
            parts.append(f"{text!r} ({letters(range(index, end))})")
        header.notes.append(f"row {number} is read as groups of columns: {', '.join(parts)}")
    return layer


def _take_names(header: Header, layer: list[str], number: int, merges: Sequence[Merge]) -> None:
    """Move what stands right above columns without a name, beside merged groups, from the layer to the names."""
    across = [merge for merge in merges if number in merge.rows and len(merge.columns) > 1]
    merged = {column - 1 for merge in across for column in merge.columns}
    for index, text in enumerate(layer):
        if across and text and not header.names[index] and index not in merged:
            header.names[index], layer[index] = clean_name(text), ""


def letters(indexes: Iterable[int]) -> str:
    """Return columns, by their indexes from 0, as a part of a sentence.

    >>> letters([1, 5, 6, 7])
    'B, F to H'
    """
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    named = [(column_letters(run[0]), column_letters(run[-1])) for run in runs]
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in named)
