"""Fitting text into a width: lines that wrap, and an ellipsis after the last that fits."""

from __future__ import annotations

import re
from pathlib import Path

from kg.export.figures.render import width_of
from kg.text import printable

#: The characters of scripts that have no spaces.
_UNSPACED = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
#: Where a line may end: after a space or a hyphen, and around the characters of such scripts.
_PART = re.compile(rf"[{_UNSPACED}] *|[^ {_UNSPACED}-]+-? *|- *| +")


def clean(text: object) -> str:
    """Return a value as one line of text without characters that cannot be seen."""
    return " ".join(printable(str(text)).split())


def fitted(
    text: str, width: float, size: float, *, bold: bool = False, most: int = 0, fonts: tuple[Path, ...] = ()
) -> list[str]:
    """Return text as lines that are at most ``width`` millimetres wide; ``most`` lines where that is not 0.

    A word that is too long is broken. Text that does not fit ends in an ellipsis.
    """

    def fits(line: str) -> bool:
        return width_of(line.rstrip(), size, bold, fonts) <= width

    lines: list[str] = []
    line = ""
    for part in _PART.findall(text):
        if fits(line + part):
            line += part
            continue
        if line:
            lines.append(line.rstrip())
        while not fits(part) and len(part) > 1:
            cut = next(n for n in range(len(part) - 1, 0, -1) if n == 1 or fits(part[:n]))
            lines.append(part[:cut])
            part = part[cut:]
        line = part
    lines.append(line.rstrip())
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and not fits(last + "…"):
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + "…"]
    return lines
