"""The study flow as a diagram: the boxes of PRISMA 2020, or the same in the words of PRISMA-ScR."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kg.errors import counted
from kg.export.figures.flow import Flow, read_flow
from kg.export.figures.frame import MARGIN, About, Figure, about, caption, foot, new_sheet
from kg.export.figures.layout import clean, fitted
from kg.export.figures.render import width_of
from kg.export.figures.sheet import CAPITAL, INK, LINE, SMALL, Shape, Sheet, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kg.folder.review import Review

#: Box -> its words in PRISMA 2020 (Page et al. 2021) and in PRISMA-ScR (Tricco et al. 2018), which counts sources of
#: evidence.
_WORDS: Final = {
    "identified": ("Records identified from databases and registers", "Sources identified from databases"),
    "removed": ("Records removed before screening", "Sources removed before screening"),
    "screened": ("Records screened", "Sources of evidence screened"),
    "excluded": ("Records excluded", "Sources excluded"),
    "sought": ("Reports sought for retrieval", "Full texts sought"),
    "not retrieved": ("Reports not retrieved", "Full texts not retrieved"),
    "assessed": ("Reports assessed for eligibility", "Full texts assessed for eligibility"),
    "not eligible": ("Reports excluded", "Full texts excluded"),
    "other identified": ("Records identified from other sources", "Sources identified by other methods"),
    "other not retrieved": ("Reports not retrieved", "Full texts not retrieved"),
    "other assessed": ("Reports assessed for eligibility", "Full texts assessed for eligibility"),
    "other not eligible": ("Reports excluded", "Full texts excluded"),
    "included": ("Studies included in the review", "Sources of evidence included in the review"),
    "reports included": ("Reports of included studies", "Reports of included sources"),
}
#: The phases, and the boxes of the middle column in each with what goes out to the right.
_PHASES: Final = (
    ("Identification", (("identified", "removed"),)),
    ("Screening", (("screened", "excluded"), ("sought", "not retrieved"), ("assessed", "not eligible"))),
)
_UNSTATED: Final = "(n\u00a0not\u00a0stated)"
_BAND, _GAP, _PAD, _ARROW = 5.0, 4.5, 1.2, 1.5


def prisma(review: Review, name: str, width: str | float, fonts: Sequence[str | Path]) -> Figure:
    """Return the study flow of a review folder; ``name`` is prisma or prisma-scr. Raises KgError."""
    table = review.flow()
    with review.graph() as graph:
        origin = about(graph, {})
        (row,) = graph.table("review").dicts()
        searches = [(clean(s["source"]), s["hits"]) for s in graph.table("searches").dicts()]
    flow = read_flow((stage, n, printed) for stage, n, printed, _ in table.rows)
    hits = _sources(searches)
    digest = hashlib.sha256(repr(table.rows).encode()).hexdigest()[:12]
    origin = About((*origin.facts, f"flow {digest}"))
    drawing = _Diagram(new_sheet(width, fonts), flow, hits, 1 if name == "prisma-scr" else 0, row["studies"])
    foot(drawing.sheet, drawing.draw(), origin)
    title = "Flow of studies through the review" if name == "prisma" else "Flow of sources of evidence"
    return Figure(name, title, caption(title, drawing.said(), origin), drawing.sheet)


def _sources(searches: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    """Return the hits of each source of the search log, or nothing where a search has none."""
    hits: dict[str, int] = {}
    for source, n in searches:
        if n is None:
            return {}
        hits[source] = hits.get(source, 0) + n
    return hits


def _n(number: int) -> str:
    return f"(n\u00a0=\u00a0{number:,})"


@dataclass
class _Box:
    """A box of the diagram: its lines, and its place in millimetres."""

    lines: list[str]
    x: float
    y: float
    width: float
    height: float = field(init=False)

    def __post_init__(self) -> None:
        self.height = len(self.lines) * SMALL * LINE + 2 * _PAD

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


class _Diagram:
    """The boxes of a flow on a sheet, and what draws them."""

    def __init__(self, sheet: Sheet, flow: Flow, hits: dict[str, int], words: int, in_the_graph: int) -> None:
        self.sheet, self.flow, self.words = sheet, flow, words
        self.hits, self.found = hits, sum(hits.values())
        self.in_the_graph = in_the_graph
        self.has_others = any(box.startswith("other") for box in flow.numbers)
        columns = 3 if self.has_others else 2
        self.column = (sheet.width - 2 * MARGIN - _BAND - _GAP / 2 - (columns - 1) * _GAP) / columns
        self.unstated: list[str] = []

    def _x(self, column: int) -> float:
        return MARGIN + _BAND + _GAP / 2 + column * (self.column + _GAP)

    def _counted(self, box: str) -> str:
        n = self.flow.numbers.get(box)
        if n is None:
            self.unstated.append(_WORDS[box][self.words])
            return _UNSTATED
        return _n(n)

    def _box(self, box: str, column: int, y: float, listed: Sequence[tuple[str, int]] = ()) -> _Box:
        lines = self._wrapped(f"{_WORDS[box][self.words]} {self._counted(box)}")
        for name, n in listed or self.flow.reasons.get(box, ()):
            named = clean(name.replace("_", " "))
            lines += ["  " + line for line in self._wrapped(f"{named[:1].upper()}{named[1:]} {_n(n)}", 2)]
        return _Box(lines, self._x(column), y, self.column)

    def _sources(self) -> list[tuple[str, int]]:
        """Return the hits of each source, where they add up to what was identified."""
        return list(self.hits.items()) if self.flow.numbers.get("identified") == self.found else []

    def _wrapped(self, text: str, less: float = 0) -> list[str]:
        return fitted(text, self.column - 2 * _PAD - less, SMALL, fonts=self.sheet.fonts)

    def draw(self) -> float:
        """Draw the diagram, and return the y below it."""
        y, above = MARGIN, None
        others: _Box | None = None
        for phase, pairs in _PHASES:
            start = y
            for box, out in pairs:
                if box == "sought" and not any(name in self.flow.numbers for name in (box, out)):
                    continue
                main = self._box(box, 0, y, self._sources() if box == "identified" else ())
                side = self._box(out, 1, y)
                aside = self._aside(box, y)
                tall = max(each.height for each in (main, side, aside) if each)
                if len(pairs) == 1:
                    tall = max(tall, self._room_for(phase))
                for each in (main, side, aside):
                    if each:
                        each.height = tall
                        self._put(each)
                self._across(main, side)
                if above:
                    self._down(above, main)
                if aside:
                    if others:
                        self._down(others, aside)
                    others = aside
                above, y = main, y + tall + _GAP
            self._phase(phase, start, y - _GAP)
        last = self._included(y)
        last.height = max(last.height, self._room_for("Included"))
        self._put(last)
        if above:
            self._down(above, last)
        if others:
            self._corner(others, last)
        self._phase("Included", y, last.bottom)
        return last.bottom

    def _aside(self, box: str, y: float) -> _Box | None:
        """Return the box of other sources beside a box of the middle column."""
        other = {"identified": "other identified", "assessed": "other assessed"}.get(box)
        if not self.has_others or other is None or (box == "assessed" and other not in self.flow.numbers):
            return None
        made = self._box(other, 2, y)
        for less in ("other not retrieved", "other not eligible"):
            if box == "assessed" and less in self.flow.numbers:
                made.lines += self._box(less, 2, y).lines
        made.height = len(made.lines) * SMALL * LINE + 2 * _PAD
        return made

    def _included(self, y: float) -> _Box:
        if "included" in self.flow.numbers:
            lines = self._wrapped(f"{_WORDS['included'][self.words]} {self._counted('included')}")
        else:
            lines = self._wrapped(f"{_WORDS['included'][self.words]} {_n(self.in_the_graph)}")
        if "reports included" in self.flow.numbers:
            lines += self._wrapped(f"{_WORDS['reports included'][self.words]} {self._counted('reports included')}")
        return _Box(lines, self._x(0), y, self.column)

    def _put(self, box: _Box) -> None:
        self.sheet.box(box.x, box.y, box.width, box.height, None, INK)
        top = box.y + (box.height - len(box.lines) * SMALL * LINE) / 2
        for line in box.lines:
            indent = 2.0 if line.startswith("  ") else 0.0
            top = self.sheet.lines(box.x + _PAD + indent, top, [line.strip()], SMALL)

    def _room_for(self, phase: str) -> float:
        return width_of(phase, SMALL, True) + 1.2

    def _phase(self, name: str, y: float, bottom: float) -> None:
        wide = _BAND - 0.8
        self.sheet.box(MARGIN, y, wide, bottom - y, "#e3e3e3")
        x = MARGIN + wide / 2 + SMALL * CAPITAL / 2
        self.sheet.add(Words(x, (y + bottom) / 2, name, SMALL, bold=True, anchor="middle", turned=True))

    def _down(self, above: _Box, below: _Box) -> None:
        self._line([(above.middle, above.bottom), (above.middle, below.y)], (0, 1))

    def _across(self, main: _Box, side: _Box) -> None:
        y = main.y + main.height / 2
        self._line([(main.x + main.width, y), (side.x, y)], (1, 0))

    def _corner(self, above: _Box, last: _Box) -> None:
        y = last.y + last.height / 2
        self._line([(above.middle, above.bottom), (above.middle, y), (last.x + last.width, y)], (-1, 0))

    def _line(self, points: list[tuple[float, float]], heading: tuple[int, int]) -> None:
        (x, y), (dx, dy) = points[-1], heading
        back = (x - dx * _ARROW, y - dy * _ARROW)
        self.sheet.add(Shape([*points[:-1], back], None, INK, 0.25, closed=False))
        wing = _ARROW * 0.4
        corners = [(x, y), (back[0] + dy * wing, back[1] + dx * wing), (back[0] - dy * wing, back[1] - dx * wing)]
        self.sheet.add(Shape(corners, INK))

    def said(self) -> list[str]:
        """Return the sentences of the caption."""
        flow, words = self.flow, self.words
        computed = [f"{_WORDS[box][words]} {_n(flow.numbers[box])}" for box in flow.computed]
        stated = flow.numbers.get("included", self.in_the_graph)
        return [
            "The boxes are those of PRISMA-ScR" if words else "The boxes are those of PRISMA 2020",
            f"Computed from the other numbers: {'; '.join(computed)}" if computed else "",
            f"Not stated: {'; '.join(self.unstated)}" if self.unstated else "",
            f"The hits in the search log add up to {self.found:,}" if self.hits and not self._sources() else "",
            "" if "included" in flow.numbers else "The number of studies included is that of the graph",
            f"{counted(self.in_the_graph, 'study', 'studies')} of them in the graph"
            if stated != self.in_the_graph
            else "",
        ]
