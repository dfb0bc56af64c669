"""The exceptions of kg. They carry data; only ``kg.cli`` turns them into exit codes and output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.problems import Problem


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 problem, 2 problems; ``plural`` is for other plurals than -s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


class KgError(Exception):
    """A failure that a user can act on; its message is a sentence for the user."""

    #: The exit code of a command that ends with this error: 1 for a failure, 2 for wrong usage.
    exit_code = 1


class UsageProblem(KgError):
    """The request is invalid: an option, an argument or a name."""

    exit_code = 2


class NoReview(UsageProblem):
    """The folder has no ``review.toml``."""


class UnknownName(UsageProblem):
    """A name is unknown or ambiguous; ``choices`` are the nearest known names, or all matches."""

    def __init__(self, kind: str, name: str, choices: Sequence[str], *, ambiguous: bool = False) -> None:
        self.kind, self.name, self.choices, self.ambiguous = kind, name, list(choices), ambiguous
        message = f"{name!r} could be any of several {kind}s" if ambiguous else f"no {kind} is called {name!r}"
        if ambiguous:
            message += ":\n  " + "\n  ".join(self.choices)
        elif len(self.choices) > 3:
            message += "; known are " + ", ".join(self.choices)
        elif self.choices:
            message += "; did you mean " + " or ".join(self.choices) + "?"
        super().__init__(message)


class BadInput(KgError):
    """Files of the review folder contain invalid values; ``problems`` lists all of them."""

    def __init__(self, problems: Sequence[Problem], consequence: str = "nothing was loaded") -> None:
        self.problems = list(problems)
        files = sorted({p.file for p in self.problems})
        super().__init__(f"{counted(len(self.problems), 'problem')} in {', '.join(files)}; {consequence}")


class StoreError(KgError):
    """The graph store cannot be opened, read or written."""


class QueryError(UsageProblem):
    """A query does not parse, has an unknown parameter, or is refused by the engine."""


class ReadOnlyViolation(QueryError):
    """A query does more than read the graph."""


class LimitExceeded(QueryError):
    """A query exceeds its limit on time, rows or memory."""
