"""A sheet in millimetres: words, shapes and curves at their places, before anything draws them.

The origin is the upper left corner and y grows downwards. ``kg.export.figures.render`` measures text and draws sheets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

#: A place: x and y in millimetres.
Point: TypeAlias = tuple[float, float]

#: Sizes of text in points, and of a line of text in millimetres for each point.
SMALL, NORMAL = 6.0, 7.0
LINE: Final = 0.44
#: The height of a capital letter or digit in millimetres for each point.
CAPITAL: Final = 0.257

INK, GREY, PALE, WHITE = "#1a1a1a", "#595959", "#c4c4c4", "#ffffff"


@dataclass(frozen=True)
class Words:
    """One line of text; ``x`` and ``y`` are the point on the baseline that ``anchor`` names: start, middle or end.

    ``size`` is in points. Where it is ``turned``, the text runs upwards.
    """

    x: float
    y: float
    text: str
    size: float = NORMAL
    bold: bool = False
    anchor: str = "start"
    colour: str = INK
    turned: bool = False


@dataclass(frozen=True)
class Shape:
    """A polygon, or an open line, with its ``fill`` and ``stroke`` colours; ``width`` and ``dash`` in millimetres."""

    points: Sequence[Point]
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.2
    closed: bool = True
    dash: Sequence[float] = ()


@dataclass(frozen=True)
class Disc:
    """A circle around a point; the line has half of its width inside of the radius."""

    x: float
    y: float
    radius: float
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.2
    dash: Sequence[float] = ()


@dataclass(frozen=True)
class Lines:
    """Straight lines of one colour and width, such as a hatching."""

    ends: Sequence[tuple[Point, Point]]
    stroke: str = PALE
    width: float = 0.15


@dataclass(frozen=True)
class Curve:
    """A curve from the first point to the last, bent towards the one between them."""

    points: tuple[Point, Point, Point]
    stroke: str = GREY
    width: float = 0.2


Item: TypeAlias = Words | Shape | Disc | Lines | Curve


@dataclass
class Sheet:
    """What is drawn on a page of ``width`` by ``height`` millimetres, from the back to the front.

    ``fonts`` are files of fonts for the characters that DejaVu Sans does not have.
    """

    width: float
    fonts: tuple[Path, ...] = ()
    height: float = 0.0
    items: list[Item] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        """Draw items in front of what is there."""
        self.items += items

    def rule(self, x: float, y: float, to_x: float, to_y: float, stroke: str = INK, width: float = 0.2) -> None:
        """Draw a straight line."""
        self.add(Lines([((x, y), (to_x, to_y))], stroke, width))

    def box(self, x: float, y: float, width: float, height: float, fill: str | None, stroke: str | None = None) -> None:
        """Draw a rectangle."""
        self.add(Shape([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], fill, stroke))

    def lines(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        size: float = NORMAL,
        *,
        bold: bool = False,
        anchor: str = "start",
        colour: str = INK,
    ) -> float:
        """Write lines of text below ``y``, and return the y below them."""
        for line in lines:
            self.add(Words(x, y + size * (LINE + CAPITAL) / 2, line, size, bold, anchor, colour))
            y += size * LINE
        return y


def hatching(
    x: float, y: float, width: float, height: float, gap: float, *, falling: bool = False
) -> list[tuple[Point, Point]]:
    """Return the lines at 45 degrees, ``gap`` apart on the horizontal, that fill a rectangle.

    They rise to the right, or fall.

    >>> hatching(0, 0, 2, 1, 1)
    [((0.0, 1.0), (1.0, 0.0)), ((1.0, 1.0), (2.0, 0.0))]
    """
    ends = []
    count = int((width + height) / gap - 1e-9)
    for n in range(1, count + 1):
        at = n * gap
        start = (max(0.0, at - height), min(at, height))
        end = (min(at, width), max(0.0, at - width))
        if end[0] - start[0] < 1e-6:
            continue
        if falling:
            start, end = (start[0], height - start[1]), (end[0], height - end[1])
        ends.append(((round(x + start[0], 4), round(y + start[1], 4)), (round(x + end[0], 4), round(y + end[1], 4))))
    return ends
