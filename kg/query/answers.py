"""The interface of a graph that the functions of this package need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kg.table import Table


class Answers(Protocol):
    """A graph that answers the canned queries."""

    @property
    def words(self) -> Mapping[str, str]:
        """What the review calls factors, outcomes and directions, for those that it names."""

    @property
    def flags(self) -> Mapping[Any, str]:
        """Label -> standing of the studies that were retracted, corrected or the like."""

    def table(self, name: str, **parameters: Any) -> Table:
        """Return the answer to a canned query."""

    @property
    def scope(self) -> str:
        """What titles say of the studies that are counted; blank for a whole graph of one class of evidence."""
