"""The folder's own graph, which is built again if it disappears while it is read, such as by deleting ``.kg``."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kg.errors import StoreError
from kg.store import Limits, Manifest, Progress, Rows, Store, silent

if TYPE_CHECKING:
    from kg.graph.rows import GraphData

T = TypeVar("T")

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


class OwnStore:
    """A store that builds its graph once more where it cannot be read. Otherwise as the store that it wraps."""

    def __init__(self, store: Store, build: Callable[[], object]) -> None:
        self.url = store.url
        self._store, self._build = store, build

    def manifest(self) -> Manifest | None:
        """Return the manifest of the graph."""
        return self._store.manifest()

    def touch(self, manifest: Manifest) -> None:
        """Replace the manifest."""
        self._store.touch(manifest)

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Replace the graph. Raises StoreError."""
        self._store.write(graph, manifest, progress)

    def drop(self) -> str:
        """Remove the graph. Raises StoreError."""
        return self._store.drop()

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        """Run a read-only query; where the graph is gone, build it and try once more."""
        return self._twice(lambda: self._store.read(cypher, parameters, summary=summary, limits=limits))

    def rows(self, review: str) -> GraphData:
        """Return the whole graph; where it is gone, build it and try once more."""
        return self._twice(lambda: self._store.rows(review))

    def _twice(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except StoreError:
            self._store.close()
            build_own(self._build)
            return ask()

    def close(self) -> None:
        """Close the store."""
        self._store.close()


def build_own(build: Callable[[], object]) -> None:
    """Build the folder's own graph, a second time if the first fails because the graph is being deleted.

    Raises StoreError; for a folder that cannot be written, the message names the way around.
    """
    try:
        build()
    except StoreError as error:
        number = getattr(error.__cause__, "errno", None)
        if number in _READ_ONLY:
            raise StoreError(
                f"{error}; build the graph elsewhere with kg build --store embedded:PATH, and read that with "
                "--store embedded:PATH"
            ) from error
        build()
