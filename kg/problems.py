"""Problems of input files as data: the location, the value, what is wrong, and what is accepted instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace


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
        return self.line((self.row,))

    def line(self, rows: Sequence[int]) -> str:
        """Return the problem as one line that names ``rows`` instead of its own row."""
        where = self.file + (f" [{self.sheet}]" if self.sheet else "")
        where += f", {row_numbers(rows)}" if self.row else ""
        place = "key" if self.file.endswith(".toml") else "column"
        where += f", {place} {self.column!r}" if self.column else ""
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


@dataclass(frozen=True)
class Note(Problem):
    """Something of a row or entry that cannot be read, where the file is read without it."""


@dataclass(frozen=True)
class ProblemGroup:
    """Problems that differ only in their row: the first of them, and the row of each."""

    first: Problem
    rows: tuple[int, ...]

    def __str__(self) -> str:
        return self.first.line(self.rows)


def group_problems(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Group the problems that differ only in their row, in the order of the first problem of each group.

    A problem of a file as a whole is never grouped with a problem of a row.
    """
    groups: dict[tuple[object, ...], tuple[Problem, list[int]]] = {}
    for p in problems:
        key = (p.file, p.sheet, p.row > 0, p.column, p.value, p.reason, p.suggestion, p.accepted)
        groups.setdefault(key, (p, []))[1].append(p.row)
    return [ProblemGroup(first, tuple(rows)) for first, rows in groups.values()]


#: A cause with more different values than this is told once, with some of the values.
_MOST_VALUES = 12
#: The same where nothing is suggested for any of the values, and most of them stand once: each row is an error.
_MOST_ALONE = 3
#: What a reason begins with whose cause is the same in several columns.
_OF_COLUMNS = "is no mark of "


def by_cause(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems with those of one cause alike: the same column and reason with many different values.

    They keep their rows, so that ``group_problems`` makes one line of them, which names the first values.
    """
    causes: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        causes.setdefault(_cause(problem), []).append(problem)
    alike = {cause: _alike(found) for cause, found in causes.items() if _is_one(found)}
    return [replace(alike[cause], row=p.row) if (cause := _cause(p)) in alike else p for p in problems]


def _is_one(problems: Sequence[Problem]) -> bool:
    """Return whether problems of one cause are told once."""
    values = {(problem.column, problem.value) for problem in problems}
    alone = 2 * len(values) > len(problems) and not any(problem.suggestion for problem in problems)
    return len(values) > (_MOST_ALONE if alone else _MOST_VALUES)


def _cause(problem: Problem) -> tuple[str, ...]:
    if not problem.row:
        return (str(id(problem)),)
    column = "" if problem.reason.startswith(_OF_COLUMNS) else problem.column
    return problem.file, problem.sheet, column, re.sub(r"\d+", "0", problem.reason.partition(" (")[0])


def _alike(problems: Sequence[Problem]) -> Problem:
    """Return one problem for all of those with different values and the same cause."""
    first = problems[0]
    values = list(dict.fromkeys(problem.value for problem in problems))
    columns = list(dict.fromkeys(problem.column for problem in problems))
    shown = ", ".join(repr(shorten(value, 30)) for value in values[:3])
    others = len(values) - 3
    reason = f"{first.reason.partition(' (')[0]}: {shown}"
    reason += f" and {others:,} other value{'s' if others > 1 else ''}" if others > 0 else ""
    rows = len({problem.row for problem in problems})
    reason += f" in {rows:,} row{'s' if rows > 1 else ''}"
    if len(columns) > 1:
        reason += (
            f" of {len(columns):,} columns, {', '.join(map(repr, columns[:3]))}{', …' if len(columns) > 3 else ''}"
        )
    accepted = first.accepted.replace(f'["{first.value}"]', "[…]")
    if first.reason.startswith("is not a"):
        accepted += "; or values = { … } or other columns under [[sheet]] in review.toml"
    return replace(
        first, column=columns[0] if len(columns) == 1 else "", value="", reason=reason, suggestion="", accepted=accepted
    )


#: A line names at most this many ranges of rows, and then the number of the other rows.
_MAX_RANGES = 20


def row_numbers(rows: Sequence[int]) -> str:
    """Return row numbers as part of a sentence: row 2, or rows 2-40, 57."""
    ranges: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges[:_MAX_RANGES])
    others = sum(high - low + 1 for low, high in ranges[_MAX_RANGES:])
    return ("row " if len(set(rows)) == 1 else "rows ") + shown + (f" and {others:,} more" if others else "")


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
