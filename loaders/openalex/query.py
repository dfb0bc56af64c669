"""What is asked of OpenAlex, what it costs, and the shape of what comes: values, without a wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

#: A work as OpenAlex gives it.
Work: TypeAlias = dict[str, Any]

#: Works a page, the most that the documentation allows.
PER_PAGE = 100
#: Credits a call, as of August 2026: looking up one work, a list with filters, a list with a search.
PRICES = {"one": 0, "list": 1, "search": 10}


@dataclass(frozen=True)
class Query:
    """A list of works: ``search`` is full text, ``filters`` are pairs of a name and a value (all have to hold)."""

    search: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    corpus: str | None = None

    @property
    def price(self) -> int:
        """Credits a page."""
        searching = self.search or any(".search" in name for name, _ in self.filters)
        return PRICES["search" if searching else "list"]

    def grouped(self) -> dict[str, list[str]]:
        """Return the filters by name; values of one name that is given twice all have to hold."""
        found: dict[str, list[str]] = {}
        for name, value in self.filters:
            found.setdefault(name, []).append(value)
        return found

    def text(self) -> str:
        """Return the filters as they are sent."""
        return ",".join(f"{name}:{'+'.join(values)}" for name, values in self.grouped().items())


@dataclass(frozen=True)
class Page:
    """Works, how many there are in all, and where the next page begins (None: this is the last).

    ``repeated`` is True where the service named a place for the next page that it had named before: there may be more.
    """

    works: list[Work]
    hits: int
    cursor: str | None
    repeated: bool = False


@dataclass
class Found:
    """What looking up by identifier gave: works, names without one, and what became of works that are gone, by name."""

    works: list[Work] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
