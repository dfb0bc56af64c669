"""Where the nodes stand: in columns, computed from their order, so that the same graph always looks the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

#: x to the right and y downwards, in pixels.
Position: TypeAlias = tuple[float, float]

#: The least distance between the columns, and the distance between the rows of the longest one.
ACROSS: Final = 760
DOWN: Final = 40


def columns(nodes: Iterable[tuple[str, str, str]]) -> dict[str, Position]:
    """Return the position of each node, given as id, kind and group in the order of the review.

    With studies, there are columns of studies, factors and outcomes. Without, half of the factors are on either side of
    the outcomes, and a group stays on one side if the sides then still have about the same length.
    """
    of_kind: dict[str, list[tuple[str, str]]] = {"study": [], "factor": [], "outcome": []}
    for id_, kind, group in nodes:
        of_kind[kind].append((id_, group))
    studies, factors, outcomes = of_kind.values()
    if studies:
        listed = [studies, factors, outcomes]
    else:
        middle = _middle([group for _, group in factors])
        listed = [factors[:middle], outcomes, factors[middle:]]
    height = DOWN * max(map(len, listed))
    width = max(ACROSS, height // 2)
    return {
        id_: (float(width * (number - 1)), round((place + 0.5) * height / len(column) - height / 2, 1))
        for number, column in enumerate(listed)
        for place, (id_, _) in enumerate(column)
    }


def _middle(groups: Sequence[str]) -> int:
    """Return where to part a list: between the two groups nearest to its half, or at its half if they are far off."""
    half = (len(groups) + 1) // 2
    between = [place for place in range(1, len(groups)) if groups[place] != groups[place - 1]]
    nearest = min(between, key=lambda place: abs(place - half), default=half)
    return nearest if abs(nearest - half) <= len(groups) / 6 else half
