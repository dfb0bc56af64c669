"""Bars: facilitators and barriers to either side, and studies, reports or findings by a facet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from kg.export.figures.frame import MARGIN, About, Figure, Key, caption, foot, legend, nothing
from kg.export.figures.grid import group_of, styles_said
from kg.export.figures.layout import clean
from kg.export.figures.marks import PLAIN, Mark, Style, drawn, legend_mark, side_of
from kg.export.figures.render import width_of
from kg.export.figures.rows import band, by_group, label_lines, label_width, write_label
from kg.export.figures.sheet import GREY, INK, LINE, SMALL, WHITE, Item, Lines, Shape, Sheet
from kg.export.figures.sheet import hatching as hatched
from kg.model.vocabulary import OPPOSITES
from kg.query.crosstab import shown as keys_shown
from kg.query.crosstab import tabulate
from kg.query.dimensions import countable, notes
from kg.query.units import COUNTED

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The thickness of a bar in millimetres.
_THICK = 2.8
#: A longest bar of fewer studies than this is shorter in proportion.
FEW = 5
#: The directions whose bars go to the left and to the right.
_SIDES: Final = ("barrier", "facilitator")
#: The style of bars that stand for one kind of thing.
ONE_KIND: Final = Style(*PLAIN, "studies")


def bar(x: float, y: float, width: float, height: float, style: Style, *, striped: bool = False) -> list[Item]:
    """Return what draws a bar; stripes tell the bars of barriers from others without colour."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    items: list[Item] = [Shape(corners, style.colour)]
    if striped:
        items.append(Lines(hatched(x, y, width, height, 1.0), WHITE, 0.25))
    return items


@dataclass
class Row:
    """A factor with its studies by direction."""

    group: str
    label: str
    studies: dict[str, int] = field(default_factory=dict)


def evidence_counts(graph: Graph, sheet: Sheet, origin: About, *, everything: bool = False) -> Figure:
    """Return the factors with facilitators to the right and barriers to the left, and other directions beside them."""
    rows, styles = _by_direction(graph, origin, everything)
    y = _Diverging(sheet, rows, styles).draw() if rows else nothing(sheet, 0, "There is no finding to count.")
    keys: list[Key] = [
        (bar(-1.2, -0.9, 2.4, 1.8, style, striped=name == "barrier"), style.says)
        if name in OPPOSITES
        else (legend_mark(style, 0, 0), style.says)
        for name, style in styles.items()
    ]
    foot(sheet, legend(sheet, y + 1.2, keys), origin)
    title = f"Evidence counts by {origin.word('factor')}"
    scope = "all findings" if everything else "the findings that the review's own tables count"
    others = [style.says for name, style in styles.items() if name not in OPPOSITES]
    sides = "barrier" in styles and f"{styles['facilitator'].says} to the right, {styles['barrier'].says} to the left"
    said = [
        f"Bars are the numbers of studies of each {origin.word('factor')}, from {scope}",
        sides or "",
        f"marks beside the bars are studies with the directions {', '.join(others)}" if others else "",
    ]
    return Figure("evidence-counts", title, caption(title, said, origin), sheet)


def _by_direction(graph: Graph, origin: About, everything: bool) -> tuple[list[Row], dict[str, Style]]:
    """Return the rows with their numbers, and the styles of the directions that occur."""
    rows: dict[tuple[str, str], Row] = {}
    for row in graph.table("evidence-counts", all=everything).dicts():
        group, label = clean(row["level"] or ""), clean(row["factor"])
        rows.setdefault((group, label), Row(group, label)).studies[row["direction"]] = row["studies"]
    listed = by_group(list(rows.values()), lambda row: row.group)
    used = {direction for row in listed for direction, n in row.studies.items() if n}
    if used == {"unspecified"}:  # a review without directions has bars to one side
        for each in listed:
            each.studies = {"facilitator": each.studies["unspecified"]}
        return listed, {"facilitator": ONE_KIND}
    styles = styles_said(origin)
    return listed, {name: style for name, style in styles.items() if name in used or name in OPPOSITES}


class _Diverging:
    """The sizes of a chart of bars to either side, and what draws it."""

    def __init__(self, sheet: Sheet, rows: Sequence[Row], styles: dict[str, Style]) -> None:
        self.sheet, self.rows, self.styles = sheet, rows, styles
        self.others = [name for name in styles if name not in OPPOSITES]
        self.label = label_width(sheet, [row.label for row in rows], 0.25, 0.45)
        self.largest = max([10, *(n for row in rows for n in row.studies.values())])
        self.beside = [
            max([3.6, *(side_of(Mark(styles[d], row.studies[d]), self.largest) for row in rows if row.studies.get(d))])
            for d in self.others
        ]
        self.right = sheet.width - MARGIN
        room = self.right - MARGIN - self.label - sum(side + 1 for side in self.beside)
        left, self.unit = self._sides(room)
        self.zero = MARGIN + self.label + left

    def _sides(self, room: float) -> tuple[float, float]:
        """Return the width of the side of barriers and of one study, in millimetres.

        Each side holds its heading; where the two do not fit, there are none.
        """
        heads = [self._head_width(direction) if direction in self.styles else 0.0 for direction in _SIDES]
        self.headed = "barrier" in self.styles and sum(heads) <= room
        if not self.headed:
            heads = [0.0, 0.0]
        most = [self._most(direction) for direction in _SIDES]
        numbers = [
            width_of(str(n), SMALL) + 1.2 if d in self.styles else 0.0 for n, d in zip(most, _SIDES, strict=True)
        ]
        unit = (room - sum(numbers)) / max(1, sum(most))
        for side, other in ((0, 1), (1, 0)):
            if numbers[side] + most[side] * unit < heads[side]:  # a short side is as wide as its heading
                unit = (room - heads[side] - numbers[other]) / max(1, most[other])
                break
        return max(heads[0], numbers[0] + most[0] * unit), unit

    def _head_width(self, direction: str) -> float:
        return width_of(f"→ {self.styles[direction].says}", SMALL, False, self.sheet.fonts) + 1

    def _most(self, direction: str) -> int:
        return max((row.studies.get(direction, 0) for row in self.rows), default=0)

    def draw(self) -> float:
        y = self._head(MARGIN)
        grouped = any(row.group for row in self.rows)
        for group, rows in groupby(self.rows, key=lambda row: row.group):
            if grouped:
                y = band(self.sheet, group or "Ungrouped", y, self.right)
            start = y
            for row in rows:
                y = self._row(row, y)
            self.sheet.rule(self.zero, start, self.zero, y, INK, 0.2)
        self.sheet.rule(MARGIN, y, self.right, y, INK, 0.2)
        return y

    def _head(self, y: float) -> float:
        if self.headed:
            left, right = self.styles["barrier"].says, self.styles["facilitator"].says
            self.sheet.lines(self.zero - 1, y, [f"← {left}"], SMALL, anchor="end", colour=GREY)
            self.sheet.lines(self.zero + 1, y, [f"{right} →"], SMALL, colour=GREY)
            y += SMALL * LINE + 0.8
        self.sheet.rule(MARGIN, y, self.right, y, INK, 0.2)
        return y

    def _row(self, row: Row, y: float) -> float:
        lines, height = label_lines(self.sheet, row.label, self.label)
        height = max(height, *(side + 0.8 for side in self.beside)) if self.beside else height
        write_label(self.sheet, lines, y, height)
        middle = y + height / 2
        for direction, sign in (("barrier", -1), ("facilitator", 1)):
            if direction in self.styles:
                self._bar(row.studies.get(direction, 0), direction, sign, middle)
        x = self.right - sum(side + 1 for side in self.beside)
        for direction, side in zip(self.others, self.beside, strict=True):
            if n := row.studies.get(direction, 0):
                mark = Mark(self.styles[direction], n)
                self.sheet.add(*drawn(mark, x + 1 + side / 2, middle, side_of(mark, self.largest)))
            x += side + 1
        return y + height

    def _bar(self, n: int, direction: str, sign: int, middle: float) -> None:
        length = n * self.unit
        if n:
            start = self.zero if sign > 0 else self.zero - length
            style = self.styles[direction]
            self.sheet.add(*bar(start, middle - _THICK / 2, length, _THICK, style, striped=sign < 0))
        anchor = "start" if sign > 0 else "end"
        at = self.zero + sign * (length + 0.7)
        self.sheet.lines(at, middle - SMALL * LINE / 2, [str(n)], SMALL, anchor=anchor, colour=INK if n else GREY)


def counts(graph: Graph, sheet: Sheet, origin: About, facet: str, by: str = "study") -> Figure:
    """Return a bar for each value of a facet or vocabulary, with the number and the percentage beside it."""
    found = tabulate(graph, [countable(graph, facet)], by)
    (dimension,) = found.dimensions
    margin = found.margin(0)
    rows = [
        (group_of(dimension, key), clean(dimension.name(key)), len(margin.get(key, ())))
        for key in keys_shown(dimension, margin)
    ]
    rows = by_group(rows, lambda row: row[0])
    units = COUNTED[by]
    y = _lying(sheet, rows, found.total) if rows and found.total else nothing(sheet, 0, f"No {units} to count.")
    foot(sheet, y, origin)
    title = f"{units.capitalize()} by {clean(dimension.label)}"
    all_of = f"all {found.total:,} {units}" if found.total != 1 else f"the one {by}"
    said = [f"Bars and numbers are {units}, percentages are of {all_of}"]
    if sum(n for _, _, n in rows) > found.total:
        said.append(f"one {by} may have several values, so that the numbers add up to more than {found.total:,}")
    said += notes(found.dimensions)
    return Figure("counts", title, caption(title, said, origin), sheet)


def _lying(sheet: Sheet, rows: Sequence[tuple[str, str, int]], total: int) -> float:
    """Draw bars that begin beside their labels, and return the y below them."""
    label = label_width(sheet, [label for _, label, _ in rows], 0.25, 0.5)
    most = max(n for _, _, n in rows)
    texts = [f"{n:,} ({100 * n / total:.1f}%)" for _, _, n in rows]
    right = sheet.width - MARGIN
    unit = (right - MARGIN - label - max(width_of(text, SMALL) for text in texts) - 1) / max(1, most)
    zero, y, n = MARGIN + label, MARGIN, 0
    sheet.rule(MARGIN, y, right, y, INK, 0.2)
    grouped = any(group for group, _, _ in rows)
    for group, members in groupby(rows, key=lambda row: row[0]):
        if grouped:
            y = band(sheet, group or "Ungrouped", y, right)
        start = y
        for _, name, count in members:
            lines, height = label_lines(sheet, name, label)
            write_label(sheet, lines, y, height)
            middle = y + height / 2
            if count:
                sheet.add(*bar(zero, middle - _THICK / 2, count * unit, _THICK, ONE_KIND))
            sheet.lines(zero + count * unit + 0.7, middle - SMALL * LINE / 2, [texts[n]], SMALL)
            y, n = y + height, n + 1
        sheet.rule(zero, start, zero, y, INK, 0.2)
    sheet.rule(MARGIN, y, right, y, INK, 0.2)
    return y
