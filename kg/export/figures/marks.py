"""The marks of figures: a shape with a number in it, as on the page, and large enough for the number.

The shape tells directions and segments apart without colour. A hollow mark with a dashed line is of studies that are
only implied: nothing says that they examined the pair.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.export.figures.render import width_of
from kg.export.figures.sheet import CAPITAL, INK, SMALL, WHITE, Disc, Item, Point, Shape, Words
from kg.export.page.marks import COLOURS, text_colour
from kg.query.signs import ABSENCE_SIGN
from kg.text import is_colour

#: Direction -> its shape; a ring is a circle with a thick line and nothing in it but the number.
SHAPES: Final = {
    "facilitator": "circle", "barrier": "square", "mixed": "diamond", "no_effect": "ring", "unspecified": "hexagon",
}  # fmt: skip
#: The shapes and colours of the values of other segments, in their order; colours after Okabe and Ito (2008).
SEGMENTS: Final = (
    ("circle", "#0072b2"), ("square", "#e69f00"), ("diamond", "#cc79a7"), ("triangle", "#009e73"), ("ring", "#56b4e9"),
    ("hexagon", "#d55e00"), ("pentagon", "#999999"),
)  # fmt: skip
#: The mark of a map without segments.
PLAIN: Final = ("tile", "#475467")

_REGULAR: Final = {"pentagon": 5, "hexagon": 6}
#: The space around a number in a mark, and the width of the line of a ring, in millimetres.
_ROOM, _RING = 0.35, 0.55
#: The width of the mark of one study and that of the largest mark, in millimetres; the area grows with the count.
SMALLEST, LARGEST = 3.2, 5.4
#: The height of a triangle of width 1.
_TALL: Final = math.sqrt(3) / 2


@dataclass(frozen=True)
class Style:
    """The shape and the colour of a mark, and what a legend says of it."""

    shape: str
    colour: str
    says: str


@dataclass(frozen=True)
class Mark:
    """A mark: its style, the number of studies in it, and the sign before the number."""

    style: Style
    n: int
    implied: bool = False
    absent: bool = False

    @property
    def text(self) -> str:
        """What stands in the mark."""
        return f"{ABSENCE_SIGN if self.absent else ''}{self.n}"


def styles_of_directions(colours: Mapping[str, str], says: Mapping[str, str]) -> dict[str, Style]:
    """Return the style of each direction; ``colours`` are those of the review, ``says`` the words of the legend."""
    found = {}
    for direction, shape in SHAPES.items():
        own = colours.get(direction) or ""
        found[direction] = Style(shape, own if is_colour(own) else COLOURS[direction], says[direction])
    return found


def side_of(mark: Mark, largest: int) -> float:
    """Return the width of a mark in millimetres; ``largest`` is the count that the largest mark has."""
    share = min(1.0, max(0, mark.n - 1) / max(1, largest - 1))
    side = math.sqrt(SMALLEST**2 + (LARGEST**2 - SMALLEST**2) * share)
    return max(side, _least(mark.style.shape, width_of(mark.text, SMALL), SMALL * CAPITAL))


def _least(shape: str, width: float, height: float) -> float:
    """Return the width of the smallest mark of a shape that has room for a number of ``width`` by ``height``."""
    wide, high = width + 2 * _ROOM, height + 2 * _ROOM
    if shape in ("square", "tile"):
        return max(wide, high)
    if shape == "diamond":
        return wide + high
    if shape == "triangle":  # the number stands just above its base
        return wide + (height + _ROOM * 2) / _TALL
    round_ = math.hypot(width, height) + 2 * _ROOM
    return round_ + 2 * _RING if shape == "ring" else round_ / (math.cos(math.pi / _REGULAR.get(shape, 1000)))


def height_of(shape: str, side: float) -> float:
    """Return the height of a mark of ``side`` width."""
    return side * _TALL if shape == "triangle" else side


def drawn(mark: Mark, x: float, y: float, side: float, *, number: bool = True) -> list[Item]:
    """Return what draws a mark around the point x, y; without its number for a legend."""
    style = mark.style
    hollow = mark.implied or style.shape == "ring"
    ink = INK if hollow else text_colour(style.colour)
    items = [_outline(style, x, y, side, mark.implied)]
    if number:
        baseline = y + SMALL * CAPITAL / 2
        if style.shape == "triangle":
            baseline = y + side * _TALL / 2 - _ROOM
        items.append(Words(x, baseline, mark.text, SMALL, anchor="middle", colour=ink))
    return items


def _outline(style: Style, x: float, y: float, side: float, implied: bool) -> Item:
    ring = style.shape == "ring"
    width = _RING if ring else 0.3
    dash: Sequence[float] = (0.7, 0.45) if implied else ()
    fill = WHITE if implied or ring else style.colour
    stroke = style.colour if implied or ring else None
    inset = width / 2 if stroke else 0.0
    radius = side / 2 - inset
    if ring or style.shape == "circle":
        return Disc(x, y, radius, fill, stroke, width, dash)
    return Shape(_corners(style.shape, x, y, radius), fill, stroke, width, dash=dash)


def _corners(shape: str, x: float, y: float, radius: float) -> list[Point]:
    if shape == "square":
        return [(x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius), (x - radius, y + radius)]
    if shape == "diamond":
        return [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    if shape == "triangle":
        half = radius * _TALL
        return [(x, y - half), (x + radius, y + half), (x - radius, y + half)]
    if shape == "tile":
        return _rounded(x, y, radius)
    count = _REGULAR[shape]
    first = 0.0 if shape == "hexagon" else -math.pi / 2  # a hexagon stands on a side
    turns = [2 * math.pi * n / count + first for n in range(count)]
    return [(round(x + radius * math.cos(t), 4), round(y + radius * math.sin(t), 4)) for t in turns]


def _rounded(x: float, y: float, half: float) -> list[Point]:
    """Return a square with rounded corners, in steps of 18 degrees."""
    arc = half * 0.45
    centres = [(half - arc, half - arc), (arc - half, half - arc), (arc - half, arc - half), (half - arc, arc - half)]
    turns = [[math.pi / 2 * (n + step / 5) for step in range(6)] for n in range(4)]
    return [
        (round(x + a + arc * math.cos(turn), 4), round(y + b + arc * math.sin(turn), 4))
        for (a, b), corner in zip(centres, turns, strict=True)
        for turn in corner
    ]


def legend_mark(style: Style, x: float, y: float, *, implied: bool = False) -> list[Item]:
    """Return what draws the mark of a legend in the middle of a line of small text."""
    return drawn(Mark(style, 0, implied), x, y, 2.4, number=False)
