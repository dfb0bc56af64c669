"""How nodes and edges look, in every format that has a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kg.export.graphs.network import Edge
from kg.model.vocabulary import DIRECTIONS
from kg.text import is_colour

#: Kind of node -> its fill.
FILLS: Final = {"study": "#e4e4e4", "factor": "#cfdcea", "outcome": "#f4dfa0"}
#: Direction -> its colour, after Okabe and Ito (2008): distinguishable with any kind of colour vision.
_COLOURS: Final = {
    "facilitator": "#0072b2", "barrier": "#d55e00", "mixed": "#b0508a", "no_effect": "#767676",
    "unspecified": "#767676", "": "#b4b4b4",
}  # fmt: skip
#: Direction -> the head of its arrow in vis-network and how the legend calls it, so that no direction is told by its
#: colour alone.
ARROWS: Final = {
    "facilitator": ("arrow", "arrow"), "barrier": ("bar", "bar"), "mixed": ("diamond", "diamond"),
    "no_effect": ("circle", "circle"), "unspecified": ("vee", "open arrow"), "": ("", "no head"),
}  # fmt: skip


@dataclass(frozen=True)
class Colours:
    """The colour of each direction; ``chosen`` has those of the review, and what is not a colour is passed over."""

    chosen: Mapping[str, str | None]

    def of(self, direction: str) -> str:
        """Return the colour of a direction as # and six hexadecimal digits."""
        colour = str(self.chosen.get(direction) or "") if direction in DIRECTIONS else ""
        return colour if is_colour(colour) else _COLOURS[direction]


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour, from 0 to 255.

    >>> channels("#0072b2")
    (0, 114, 178)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def bends(edges: Iterable[Edge]) -> dict[str, float]:
    """Return edge id -> how far it bends to the right: edges between the same two nodes spread to both sides."""
    listed = list(edges)
    number = Counter((edge.source, edge.target) for edge in listed)
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for edge in listed:
        ends = edge.source, edge.target
        step = min(0.12, 0.8 / number[ends])
        found[edge.id] = round((seen[ends] - (number[ends] - 1) / 2) * step, 3)
        seen[ends] += 1
    return found
