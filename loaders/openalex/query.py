"""Queries of OpenAlex, their prices, and their results, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

#: A work as OpenAlex returns it.
Work: TypeAlias = dict[str, Any]

#: Works per page; the documented maximum.
PER_PAGE = 100
#: Credits per call, as of August 2026: looking up one work, a list with filters, a list with a search.
PRICES = {"one": 0, "list": 1, "search": 10}


@dataclass(frozen=True)
class Query:
    """A query for works: ``search`` is full text, ``filters`` are pairs of name and value, all of which must hold."""

    search: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    corpus: str | None = None

    @property
    def kind(self) -> str:
        """The kind of call, a key of ``PRICES``."""
        return "search" if self.search or any(".search" in name for name, _ in self.filters) else "list"

    @property
    def price(self) -> int:
        """Credits per page, by the price list."""
        return PRICES[self.kind]

    def grouped(self) -> dict[str, list[str]]:
        """Return the values of the filters by name; all values of one name must hold."""
        found: dict[str, list[str]] = {}
        for name, value in self.filters:
            found.setdefault(name, []).append(value)
        return found

    def text(self) -> str:
        """Return the filters in the notation of the API."""
        return ",".join(f"{name}:{'+'.join(values)}" for name, values in self.grouped().items())


@dataclass(frozen=True)
class Page:
    """Works, the number of all matching works, and the cursor of the next page (None on the last).

    ``repeated`` is True where the service returned a cursor a second time, so that further works may be missing.
    """

    works: list[Work]
    hits: int
    cursor: str | None
    repeated: bool = False


@dataclass
class Found:
    """The result of a look-up: the works, the names that were not found, and what became of merged or deleted works."""

    works: list[Work] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
