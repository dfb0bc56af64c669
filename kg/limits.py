"""Limits on input: their names, their defaults, and the errors for input that exceeds one.

A small file can expand to a very large amount of data. Every limit can be raised by an environment variable, and not by
``review.toml``: an untrusted folder must not raise the limits that protect its reader.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from kg.errors import BadInput, UsageProblem
from kg.problems import Problem

_MB = 1_000_000
_OPENING = frozenset(b"[{")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True)
class Limit:
    """A limit: the environment variable that sets it, its default, its unit, and a description of what it limits."""

    variable: str
    default: int
    unit: str
    what: str

    @property
    def number(self) -> int:
        """The limit in its unit. Raises UsageProblem where the variable is not a whole number above 0."""
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        if not (text.isascii() and text.isdigit() and int(text[:18]) > 0):
            raise UsageProblem(f"{self.variable} is {text[:60]!r}; accepted: a whole number above 0")
        return int(text[:18])

    @property
    def most(self) -> int:
        """The limit in bytes where its unit is MB, else in its unit."""
        return self.number * (_MB if self.unit == "MB" else 1)

    @property
    def accepted(self) -> str:
        """The accepted amount and the variable that raises the limit, as a part of a sentence."""
        return f"at most {self.number:,} {self.unit}; the environment variable {self.variable} raises the limit"


CONFIG_SIZE = Limit("KG_MAX_CONFIG_MB", 1, "MB", "the size of review.toml")
TURTLE_SIZE = Limit("KG_MAX_TURTLE_MB", 8, "MB", "the size of a vocabulary in Turtle")
FILE_SIZE = Limit("KG_MAX_FILE_MB", 100, "MB", "the size of any other file but records, which are read line by line")
JSON_SIZE = Limit("KG_MAX_JSON_MB", 32, "MB", "one JSON value: a line of a record file, a JSON document, an answer")
RATIO = Limit("KG_MAX_RATIO", 100, "times its size", "how far a gzip file may expand, beyond the first 2 MB")
WORKBOOK_SIZE = Limit("KG_MAX_WORKBOOK_MB", 100, "MB", "a workbook after decompression")
WORKBOOK_CELLS = Limit("KG_MAX_WORKBOOK_CELLS", 1_000_000, "cells", "the cells of a workbook, merged ones included")
COLUMNS = Limit("KG_MAX_COLUMNS", 2_000, "columns", "the columns of a table")
FIELD = Limit("KG_MAX_FIELD", 1_000_000, "characters", "one entry of RIS, MEDLINE, Web of Science or EndNote")
BIBTEX = Limit("KG_MAX_BIBTEX", 200_000, "characters", "one entry of BibTeX, with the strings that it names")
DEPTH = Limit("KG_MAX_DEPTH", 100, "levels", "the nesting of XML, and of JSON that OpenAlex answers with")
PROBLEMS = Limit("KG_MAX_PROBLEMS", 100_000, "problems", "the problems of one file, after which reading stops")

#: All limits, in the order of the table in docs/review-folder.md.
LIMITS = (
    CONFIG_SIZE, TURTLE_SIZE, FILE_SIZE, JSON_SIZE, RATIO, WORKBOOK_SIZE, WORKBOOK_CELLS, COLUMNS, FIELD, BIBTEX,
    DEPTH, PROBLEMS,
)  # fmt: skip

#: The number of lines that list problems; ``kg check --format csv`` lists every problem.
MOST_SHOWN = 1_000
#: The bytes to which a gzip file of any size may expand.
RATIO_FROM = 2 * _MB


class OverLimit(BadInput):
    """A file exceeds a limit, and reading stopped there."""

    def __init__(
        self, limit: Limit, file: str, reason: str, *, sheet: str = "", row: int = 0, column: str = "", value: str = ""
    ) -> None:
        self.problem = Problem(file, reason, sheet, row, column, value, limit.accepted)
        super().__init__([self.problem])


class TooManyProblems(BadInput):
    """A file has so many problems that reading stopped; ``problems`` are those found until then."""

    def __init__(self, problems: Sequence[Problem], consequence: str = "nothing was loaded") -> None:
        super().__init__(problems, consequence)
        last = problems[-1]
        where = f"row {last.row} of {last.file}" + (f" [{last.sheet}]" if last.sheet else "")
        self.args = (f"reading stopped at {where}, with more than {PROBLEMS.number:,} problems; {consequence}",)


def check_problems(problems: Sequence[Problem], consequence: str = "nothing was loaded") -> None:
    """Raise TooManyProblems where a file has more than its limit."""
    if len(problems) > PROBLEMS.most:
        raise TooManyProblems(problems, consequence)


def check_size(size: int, limit: Limit, file: str) -> None:
    """Raise OverLimit where a file has more bytes than its limit."""
    if size > limit.most:
        raise OverLimit(limit, file, f"has {size / _MB:,.1f} MB")


def too_deep(data: bytes | bytearray) -> bool:
    """Return whether JSON is nested deeper than the limit: parsers recurse once for each level."""
    most = DEPTH.most
    if data.count(b"[") + data.count(b"{") <= most:
        return False
    import re

    # Strings, and all bytes that are no brackets, are removed first: the loop in Python then sees brackets only.
    outside = re.sub(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', b"", data, flags=re.DOTALL)
    depth = 0
    for sign in outside.translate(None, _NO_BRACKETS):
        if sign in _OPENING:
            depth += 1
            if depth > most:
                return True
        else:
            depth -= 1
    return False
