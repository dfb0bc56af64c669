"""Every mark has room for its number, and no two styles have one shape."""

from __future__ import annotations

import math

import pytest

from kg.export.figures.marks import SEGMENTS, SHAPES, Mark, Style, drawn, side_of, styles_of_directions
from kg.export.figures.render import width_of
from kg.export.figures.sheet import CAPITAL, WHITE, Disc, Shape, Words
from kg.export.page.marks import COLOURS

FORMS = ("circle", "square", "diamond", "triangle", "ring", "hexagon", "pentagon", "tile")


def holds(outline: Disc | Shape, x: float, y: float) -> bool:
    """Return whether a point is inside of an outline, and of the line around it."""
    if isinstance(outline, Disc):
        line = outline.width / 2 if outline.stroke else 0
        return math.hypot(x - outline.x, y - outline.y) <= outline.radius - line + 1e-6
    inside = True
    corners = list(outline.points)
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= -1e-6
    return inside


@pytest.mark.parametrize("shape", FORMS)
@pytest.mark.parametrize("implied", [False, True])
def test_a_number_is_inside_of_its_mark(shape: str, implied: bool) -> None:
    for n in (1, 4, 10, 28, 88, 100, 999, 1234):
        for absent in (False, True):
            mark = Mark(Style(shape, "#0072b2", "x"), n, implied, absent)
            outline, number = drawn(mark, 3, 5, side_of(mark, 10))
            assert isinstance(outline, Disc | Shape) and isinstance(number, Words)
            half, top = width_of(number.text, number.size) / 2, number.y - number.size * CAPITAL
            for x in (number.x - half, number.x + half):
                assert holds(outline, x, number.y) and holds(outline, x, top), (n, absent)


def test_a_mark_is_larger_where_there_are_more_studies() -> None:
    sides = [side_of(Mark(Style("circle", "#000000", "x"), n), 20) for n in (1, 5, 20)]
    assert sides == sorted(sides) and sides[0] == 3.2 and sides[2] == 5.4


def test_shapes_alone_tell_directions_and_segments_apart() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES)
    assert len({shape for shape, _ in SEGMENTS}) == len(SEGMENTS)


def test_an_implied_mark_is_hollow_and_dashed() -> None:
    for shape in FORMS:
        outline, number = drawn(Mark(Style(shape, "#0072b2", "x"), 1, implied=True), 0, 0, 4)
        assert isinstance(outline, Disc | Shape) and isinstance(number, Words)
        assert (outline.fill, outline.stroke, bool(outline.dash)) == (WHITE, "#0072b2", True)
        assert number.colour == "#1a1a1a"


def test_the_colours_are_those_of_the_review_or_of_the_page() -> None:
    says = dict.fromkeys(SHAPES, "x")
    styles = styles_of_directions({"barrier": "#123456", "facilitator": "red;}"}, says)
    assert styles["barrier"].colour == "#123456"
    assert styles["facilitator"].colour == COLOURS["facilitator"]
