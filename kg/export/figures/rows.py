"""Rows of a figure: the band above those of a group, and a label beside each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from kg.export.figures.frame import MARGIN
from kg.export.figures.layout import fitted
from kg.export.figures.render import width_of
from kg.export.figures.sheet import LINE, NORMAL, SMALL, Sheet

#: The colour of a band, and the most lines of a label.
BAND, LABEL_LINES = "#ececec", 4
#: The least height of a row in millimetres, and the space above and below a label.
LOWEST, ROOM = 4.4, 0.6
_SIZE: Final = SMALL + 0.5


Item = TypeVar("Item")


def by_group(items: Sequence[Item], group_of: Callable[[Item], str]) -> list[Item]:
    """Return items with those of each group together, groups as they first occur; those without a group come last."""
    groups = {group: n for n, group in enumerate(dict.fromkeys(map(group_of, items)))}
    return sorted(items, key=lambda item: groups[group_of(item)] if group_of(item) else len(groups))


def band(sheet: Sheet, group: str, y: float, right: float) -> float:
    """Draw the band of a group below ``y``, up to ``right``, and return the y below it."""
    lines = fitted(group, right - MARGIN - 1, _SIZE, bold=True, most=2, fonts=sheet.fonts)
    height = len(lines) * _SIZE * LINE + 1
    sheet.box(MARGIN, y, right - MARGIN, height, BAND)
    sheet.lines(MARGIN + 0.5, y + 0.5, lines, _SIZE, bold=True)
    return y + height


def label_width(sheet: Sheet, labels: list[str], least: float, most: float) -> float:
    """Return the width of the labels of rows: as wide as the longest, within shares of the width of the sheet."""
    inner = sheet.width - 2 * MARGIN
    wanted = max((width_of(label, NORMAL, False, sheet.fonts) for label in labels), default=0.0) + 0.5
    return min(max(wanted, inner * least), inner * most)


def label_lines(sheet: Sheet, label: str, width: float) -> tuple[list[str], float]:
    """Return the lines of a label, and the height of its row in millimetres."""
    lines = fitted(label, width - 0.5, NORMAL, most=LABEL_LINES, fonts=sheet.fonts)
    return lines, max(LOWEST, len(lines) * NORMAL * LINE + 2 * ROOM)


def write_label(sheet: Sheet, lines: list[str], y: float, height: float) -> None:
    """Write a label into a row of ``height`` below ``y``."""
    sheet.lines(MARGIN, y + (height - len(lines) * NORMAL * LINE) / 2, lines)
