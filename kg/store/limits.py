"""The limits of a query, and the errors for a query that exceeds them."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import LimitExceeded, UsageProblem


@dataclass(frozen=True)
class Limits:
    """The limits of one query.

    ``timeout`` is in seconds, ``rows`` counts rows of the answer, ``memory`` is in megabytes (2**20 bytes). Raises
    UsageProblem for a limit that is not above zero.
    """

    timeout: float = 30.0
    rows: int = 100_000
    memory: int = 2_048

    def __post_init__(self) -> None:
        for name, value in (("timeout", self.timeout), ("rows", self.rows), ("memory", self.memory)):
            if not value > 0:
                raise UsageProblem(f"{name} must be above 0, not {value}")

    def too_slow(self) -> LimitExceeded:
        """Return the error for a query that runs longer than ``timeout``."""
        return LimitExceeded(f"the query took more than {self.timeout:g} s: narrow it, or allow more with --timeout")

    def too_long(self) -> LimitExceeded:
        """Return the error for an answer of more than ``rows``."""
        return LimitExceeded(f"the answer has more than {self.rows:,} rows: add LIMIT, or allow more with --rows")

    def too_large(self) -> LimitExceeded:
        """Return the error for a query that needs more than ``memory``."""
        return LimitExceeded(f"the query needs more than {self.memory:,} MB: narrow it, or allow more with --memory")
