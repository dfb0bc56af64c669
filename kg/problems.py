"""Problems of input files as data: the location, the value, what is wrong, and what is accepted instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """One rejected value.

    ``row`` is the row number of a spreadsheet (the header of a plain sheet is row 1); 0 means the file as a whole. In
    ``review.toml`` the ``column`` is a key.
    """

    file: str
    reason: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    accepted: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        where = self.file + (f" [{self.sheet}]" if self.sheet else "")
        where += f", row {self.row}" if self.row else ""
        kind = "key" if self.file.endswith(".toml") else "column"
        where += f", {kind} {self.column!r}" if self.column else ""
        value = f": {shorten(self.value)!r}" if self.value else ""
        parts = [f"{where}{value}: {self.reason}"]
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion}?")
        if self.accepted:
            parts.append(f"accepted: {self.accepted}")
        return "; ".join(parts)

    def to_dict(self) -> dict[str, object]:
        """Return the fields as a plain dictionary."""
        return asdict(self)


def shorten(text: str, width: int = 60) -> str:
    """Return ``text`` on one line, cut to ``width`` characters."""
    line = " ".join(text[: 50 * width].split())  # a value may be as long as the file
    return line if len(line) <= width else line[: width - 1] + "…"


def nearest(value: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return at most ``most`` known words that are similar to ``value``, the most similar first.

    >>> nearest("facilitater", ["facilitator", "barrier"])
    ['facilitator']
    """
    import difflib

    lowered = {word.casefold(): word for word in known}
    wanted = value.casefold().strip()
    close = difflib.get_close_matches(wanted, lowered, n=most, cutoff=0.6)
    if not close:
        close = [word for word in lowered if wanted and wanted in word][:most]
    return [lowered[word] for word in close]
