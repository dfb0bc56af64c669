"""What is on the sheet of a figure."""

from __future__ import annotations

from kg.export.figures import Figure
from kg.export.figures.sheet import Words


def words(figure: Figure) -> list[str]:
    """Return the lines of text, in the order in which they are drawn."""
    return [item.text for item in figure.sheet.items if isinstance(item, Words)]


def word(figure: Figure, text: str) -> Words:
    """Return the only line with this text."""
    (found,) = (item for item in figure.sheet.items if isinstance(item, Words) and item.text == text)
    return found


def in_row(figure: Figure, label: str, within: float = 1.5) -> list[str]:
    """Return the texts beside a label, from the left to the right; ``within`` is the distance of baselines in mm."""
    at = word(figure, label)
    beside = [i for i in figure.sheet.items if isinstance(i, Words) and i is not at and abs(i.y - at.y) <= within]
    return [item.text for item in sorted(beside, key=lambda item: item.x)]
