"""What every graph store can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from kg.graph.rows import GraphData
    from kg.store.limits import Limits

#: Is told how many rows have been written, of how many.
Progress: TypeAlias = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Rows:
    """The answer to a query: column names and rows of values, in the order the query gave them."""

    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]
    warnings: tuple[str, ...] = ()

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dictionary."""
        for row in self.values:
            yield dict(zip(self.columns, row, strict=True))


@dataclass(frozen=True)
class Manifest:
    """What a graph was built from: enough to tell whether it is still the folder's.

    ``files`` maps a path relative to the review folder to (size in bytes, mtime in ns, sha256).
    """

    review: str
    model: str
    files: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    rejected: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class Store(Protocol):
    """A place that holds one built graph.

    A reader that goes through ``read`` gets answers of the old graph or of the new one, never of a part; each engine's
    module says how, and what it tells a reader that would have to wait.
    """

    url: str

    def manifest(self) -> Manifest | None:
        """Return what the graph was built from, or None where nothing was built yet."""

    def touch(self, manifest: Manifest) -> None:
        """Replace the manifest and leave the graph as it is: the same content under new file times."""

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Make the graph be ``graph``, whatever was there before. Raises StoreError."""

    def drop(self) -> str:
        """Remove the graph and whatever the store kept about it; return the id of its review. Raises StoreError."""

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        """Run a read-only query: the statement that ``kg.cypher.readonly.read_only`` returns for it, and no other.

        ``summary`` promises that it reads summary labels and relationships only. A query of a user's own is given
        ``limits``. Raises ReadOnlyViolation where the query could do more than read, LimitExceeded where it passes a
        limit, and QueryError where it does not parse or run.
        """

    def close(self) -> None:
        """Let go of files and connections."""
