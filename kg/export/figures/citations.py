"""The citation network: the included studies that cite each other, in the order of their years, joined by arcs."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import counted
from kg.export.figures.frame import MARGIN, About, Figure, caption, foot, nothing
from kg.export.figures.layout import clean
from kg.export.figures.rows import label_lines, label_width
from kg.export.figures.sheet import GREY, INK, LINE, NORMAL, PALE, SMALL, Curve, Disc, Shape, Sheet

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: A study: its year, or 0 where it has none, and its name.
Node: TypeAlias = tuple[int, str]

_ARROW, _DOT, _YEAR = 1.4, 0.9, 9.0


def citations(graph: Graph, sheet: Sheet, origin: About) -> Figure:
    """Return the network of the included studies that cite each other; the arrow of an arc points at the cited one."""
    pairs: list[tuple[Node, Node]] = []
    for row in graph.table("citations").dicts():
        citing, cited = (_node(row[name], row[label], row[year]) for name, label, year in _COLUMNS)
        pairs.append((citing, cited))
    nodes = sorted({node for pair in pairs for node in pair})
    (review,) = graph.table("review").dicts()
    y = _Arcs(sheet, nodes, pairs).draw() if nodes else nothing(sheet, 0, "No included study is known to cite another.")
    foot(sheet, y, origin)
    title = "Included studies that cite each other"
    said = [
        f"{counted(len(pairs), 'citation')} among {len(nodes)} of {counted(review['studies'], 'study', 'studies')}, by "
        "year; the others are not shown" if nodes else "",
        "Each arc is a citation, and its arrow points at the cited study" if nodes else "",
        "Numbers are how many of the included studies cite a study" if nodes else "",
        "Citations are those in the loaded records",
    ]  # fmt: skip
    return Figure("citations", title, caption(title, said, origin), sheet)


_COLUMNS = (("study", "study_label", "year"), ("cites", "cites_label", "cites_year"))


def _node(name: str | None, label: object, year: int | None) -> Node:
    shown = clean(name or label)
    mark = clean(label)
    return year or 0, shown if mark in ("", "None") or mark == shown else f"{shown} [{mark}]"


class _Arcs:
    """The sizes of the network on a sheet, and what draws it."""

    def __init__(self, sheet: Sheet, nodes: list[Node], pairs: list[tuple[Node, Node]]) -> None:
        self.sheet, self.nodes, self.pairs = sheet, nodes, pairs
        self.label = label_width(sheet, [name for _, name in nodes], 0.2, 0.5)
        self.cited = Counter(cited for _, cited in pairs)
        self.x = MARGIN + _YEAR + self.label + 5
        self.places: dict[Node, float] = {}

    def draw(self) -> float:
        y = MARGIN
        before = None
        for node in self.nodes:
            year, name = node
            lines, height = label_lines(self.sheet, name, self.label)
            if year != before:
                self.sheet.rule(MARGIN, y, self.sheet.width - MARGIN, y, PALE, 0.12)
                self.sheet.lines(MARGIN, y + (height - SMALL * LINE) / 2, [str(year or "n.d.")], SMALL, colour=GREY)
                before = year
            top = y + (height - len(lines) * NORMAL * LINE) / 2
            self.sheet.lines(MARGIN + _YEAR, top, lines)
            middle = y + height / 2
            number = str(self.cited[node] or "")
            self.sheet.lines(self.x - 1.6, middle - SMALL * LINE / 2, [number], SMALL, anchor="end", colour=GREY)
            self.places[node] = middle
            y += height
        self.sheet.rule(MARGIN, y, self.sheet.width - MARGIN, y, PALE, 0.12)
        longest = max(abs(self.places[a] - self.places[b]) for a, b in self.pairs) or 1
        for citing, cited in self.pairs:
            self._arc(self.places[citing], self.places[cited], longest)
        for middle in self.places.values():
            self.sheet.add(Disc(self.x, middle, _DOT, INK))
        return y

    def _arc(self, start: float, end: float, longest: float) -> None:
        """Draw an arc to the right, wider the more rows it spans, with an arrow at its end."""
        room = min(self.sheet.width - MARGIN - self.x - 2, longest * 0.6 + 4)
        bend = self.x + 2 * room * max(0.12, math.sqrt(abs(start - end) / longest)) * 0.95
        control = (bend, (start + end) / 2)
        dx, dy = self.x - control[0], end - control[1]
        size = math.hypot(dx, dy)
        dx, dy = dx / size, dy / size
        tip = (self.x - dx * _DOT, end - dy * _DOT)
        back = (tip[0] - dx * _ARROW, tip[1] - dy * _ARROW)
        self.sheet.add(Curve(((self.x, start), control, back), GREY, 0.18))
        wing = _ARROW * 0.38
        corners = [tip, (back[0] - dy * wing, back[1] + dx * wing), (back[0] + dy * wing, back[1] - dx * wing)]
        self.sheet.add(Shape(corners, INK))
