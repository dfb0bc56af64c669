"""What can go wrong, as a small tree of exceptions that carry data; only the command line turns them into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.problems import Problem


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 problem, 2 problems, 3 studies."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


class KgError(Exception):
    """Any failure that a user can act on; its message is a sentence to show them."""

    #: The exit code of a command that ends with this error: 1 a finding of the command, 2 wrong usage.
    exit_code = 1


class UsageProblem(KgError):
    """The request cannot be carried out as it was put."""

    exit_code = 2


class NoReview(UsageProblem):
    """There is no ``review.toml`` where a review folder was looked for."""


class UnknownName(UsageProblem):
    """A name matches nothing, or more than one thing; ``choices`` are those that come near."""

    def __init__(self, kind: str, name: str, choices: Sequence[str], *, ambiguous: bool = False) -> None:
        self.kind, self.name, self.choices, self.ambiguous = kind, name, list(choices), ambiguous
        lead = f"{name!r} could be any of several {kind}s" if ambiguous else f"no {kind} is called {name!r}"
        tail = ""
        if ambiguous:
            tail = ":\n  " + "\n  ".join(self.choices)
        elif len(self.choices) > 3:
            tail = "; known are " + ", ".join(self.choices)
        elif self.choices:
            tail = "; did you mean " + " or ".join(self.choices) + "?"
        super().__init__(lead + tail)


class BadInput(KgError):
    """Files of the review folder hold values that cannot be loaded; ``problems`` names every one."""

    def __init__(self, problems: Sequence[Problem], consequence: str = "nothing was loaded") -> None:
        self.problems = list(problems)
        files = sorted({p.file for p in self.problems})
        super().__init__(f"{counted(len(self.problems), 'problem')} in {', '.join(files)}; {consequence}")


class StoreError(KgError):
    """The graph store cannot be opened, read or written."""


class QueryError(UsageProblem):
    """A query does not parse, names an unknown parameter, or the engine refuses it."""


class ReadOnlyViolation(QueryError):
    """A query tried to write where only reading is allowed."""


class LimitExceeded(QueryError):
    """A query would take more time, rows or memory than it may."""
