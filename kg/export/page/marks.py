"""The mark of each direction on the map: its shape and colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kg.model.vocabulary import DIRECTIONS
from kg.text import is_colour

#: Direction -> outline of its mark in a box of 24 by 24, and the y coordinate of the number in it.
OUTLINES: Final[dict[str, tuple[str, float]]] = {
    "facilitator": ("M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22z", 12.5),
    "barrier": ("M2.5 2.5h19v19h-19z", 12.5),
    "mixed": ("M12 0l12 12l-12 12l-12-12z", 12.5),
    "no_effect": ("M12 2.2a9.8 9.8 0 1 1 0 19.6a9.8 9.8 0 1 1 0-19.6z", 12.5),
    "unspecified": ("M6.5 2.5h11l6 9.5l-6 9.5h-11l-6-9.5z", 12.5),
    "plain": ("M7 2h10a5 5 0 0 1 5 5v10a5 5 0 0 1-5 5h-10a5 5 0 0 1-5-5v-10a5 5 0 0 1 5-5z", 12.5),
}
#: After Okabe and Ito (2008): distinguishable with any kind of colour vision; contrast 3:1 to white and near-black.
COLOURS: Final = {
    "facilitator": "#0072b2", "barrier": "#d55e00", "mixed": "#cc79a7",
    "no_effect": "#767676", "unspecified": "#767676",
}  # fmt: skip


def colour_rules(chosen: Mapping[str, str | None]) -> str:
    """Return the CSS that gives each direction its colour and the text colour on it.

    ``chosen`` has the colours of the review; the default replaces one that is absent or not a colour.
    """
    rules, variables = [], []
    for direction in DIRECTIONS:
        colour = str(chosen.get(direction) or "")
        if not is_colour(colour):
            colour = COLOURS[direction]
        variables.append(f"--{direction.replace('_', '-')}:{colour}")
        rules.append(f".{direction}{{--mark:{colour};--ink:{text_colour(colour)}}}\n")
    return f":root{{{';'.join(variables)}}}\n{''.join(rules)}"


def text_colour(colour: str) -> str:
    """Return black or white, whichever has the greater contrast (WCAG 2.2) to the colour."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#fff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000"
