"""The interface of a graph store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from kg.graph.rows import GraphData
    from kg.store.limits import Limits

#: Is called with the number of rows written and the number of all rows.
Progress: TypeAlias = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Rows:
    """The result of a query: column names and rows of values, in the order of the query."""

    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]
    warnings: tuple[str, ...] = ()

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dictionary."""
        for row in self.values:
            yield dict(zip(self.columns, row, strict=True))


@dataclass(frozen=True)
class Manifest:
    """What a graph was built from; it shows whether the graph still matches the review folder.

    ``files`` maps a path relative to the review folder to (size in bytes, mtime in ns, sha256).
    """

    review: str
    model: str
    files: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    rejected: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A hash of the content of the files."""
        import hashlib

        files = sorted((path, stamp[2]) for path, stamp in self.files.items())
        return hashlib.sha256(repr(files).encode()).hexdigest()


class Store(Protocol):
    """A place that holds one built graph.

    ``read`` answers from the old graph or from the new one, never from a part of one. The module of each engine
    documents how, and what happens to a reader that has to wait.
    """

    url: str

    def manifest(self) -> Manifest | None:
        """Return the manifest of the graph, or None where nothing was built yet."""

    def touch(self, manifest: Manifest) -> None:
        """Replace the manifest only: the files have new times and the same content."""

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Replace the graph with ``graph``. Raises StoreError."""

    def drop(self) -> str:
        """Remove the graph and its manifest; return the id of its review. Raises StoreError."""

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        """Run a read-only query: the statement that ``kg.cypher.readonly.read_only`` returns for it.

        With ``summary``, the query uses only labels and relationships of the summary graph. Queries that a user wrote
        get ``limits``. Raises ReadOnlyViolation for a query that could do more than read, LimitExceeded for one that
        exceeds a limit, and QueryError for one that does not parse or run.
        """

    def rows(self, review: str) -> GraphData:
        """Return all nodes and relationships of a review, in the order of the engine."""

    def close(self) -> None:
        """Close files and connections."""
