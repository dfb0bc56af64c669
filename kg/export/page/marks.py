"""The mark of each direction on the map: its shape, size and colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from kg.export.page import Html, tag
from kg.model.vocabulary import DIRECTIONS
from kg.text import is_colour

#: Direction -> outline of its mark in a box of 24 by 24, and the y coordinate of the number in it.
OUTLINES: Final[dict[str, tuple[str, float]]] = {
    "facilitator": ("M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22z", 12.5),
    "barrier": ("M2.5 2.5h19v19h-19z", 12.5),
    "mixed": ("M12 0l12 12l-12 12l-12-12z", 12.5),
    "no_effect": ("M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20z", 12.5),
    "unspecified": ("M12 1.5l11.5 20.5h-23z", 16),
}
#: After Okabe and Ito (2008): distinguishable with any kind of colour vision; contrast 3:1 to white and near-black.
COLOURS: Final = {
    "facilitator": "#0072b2", "barrier": "#d55e00", "mixed": "#cc79a7",
    "no_effect": "#767676", "unspecified": "#767676",
}  # fmt: skip
#: The widths of the mark of one study and of the largest mark, in pixels. The area grows linearly with the count.
SMALLEST, LARGEST = 22, 38


#: The sign before the number of studies that speak of the absence of the factor, as in the grid of the terminal.
ABSENCE_SIGN: Final = "∅"


def mark(direction: str, n: int | None, largest: int, *, absent: bool = False) -> Html:
    """Return the mark of a direction with the number of studies in it; without a number for the legend.

    ``largest`` is the count that the largest mark has, ``absent`` says that it is the absence of the factor which has
    the effect.
    """
    path, y = OUTLINES[direction]
    share = min(1.0, ((n or 1) - 1) / (largest - 1))
    side = round(math.sqrt(SMALLEST**2 + (LARGEST**2 - SMALLEST**2) * share), 1)
    number = f"{ABSENCE_SIGN if absent else ''}{n}" if n else ""
    text = tag("text", number, x=12, y=y) if n else None
    long = " long" if len(number) > 2 else ""
    return tag("svg", tag("path", d=path), text, class_=f"mark {direction}{long}", width=side, height=side,
               viewBox="0 0 24 24", aria_hidden="true")  # fmt: skip


def colour_rules(chosen: Mapping[str, str | None]) -> str:
    """Return the CSS that gives each direction its colour and the text colour on it.

    ``chosen`` has the colours of the review; the default replaces one that is absent or not a colour.
    """
    rules = []
    for direction in DIRECTIONS:
        colour = str(chosen.get(direction) or "")
        if not is_colour(colour):
            colour = COLOURS[direction]
        rules.append(f".{direction}{{--mark:{colour};--ink:{_text_colour(colour)}}}\n")
    return "".join(rules)


def _text_colour(colour: str) -> str:
    """Return black or white, whichever has the greater contrast (WCAG 2.2) to the colour."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#fff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000"
