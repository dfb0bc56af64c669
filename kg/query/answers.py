"""What the functions of this package ask a graph for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kg.table import Table


class Answers(Protocol):
    """A graph that answers the canned queries."""

    @property
    def flags(self) -> Mapping[Any, str]:
        """The studies that do not stand as published: label -> standing."""

    def table(self, name: str, **parameters: Any) -> Table:
        """Return a canned query's answer."""
