"""The embedded engine: a graph in a folder, without a server. The only module that imports kglite.

A build has a folder of its own with the graph, its summary and the manifest (``kg.store.builds``). It is written beside
the current build and then becomes the current one, so a reader sees the old graph or the new one. A reader locks the
build that it reads. A superseded build is removed when no reader holds it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kg.cypher.catalogue import statements
from kg.cypher.readonly import read_only
from kg.errors import QueryError, ReadOnlyViolation, StoreError, UsageProblem
from kg.store.base import Manifest, Progress, Rows, silent
from kg.store.builds import BuildFolders, lock_for_reading
from kg.store.bulk import load
from kg.store.limits import Limits
from kg.store.whole import read_whole

if TYPE_CHECKING:
    from kglite import FrozenGraph, KnowledgeGraph

    from kg.graph.rows import GraphData
    from kg.store.worker import Worker

GRAPH, SUMMARY = "graph.kgl", "summary.kgl"

#: The least memory of an intermediate row in bytes, from which the engine's work limit for a query is derived.
_BYTES_A_ROW = 200


class EmbeddedStore:
    """A graph in the folder named by ``embedded:PATH``; the folder is made on the first write."""

    def __init__(self, url: str) -> None:
        self.url = url
        if not url.partition(":")[2]:
            raise UsageProblem("embedded: needs a folder, for example embedded:.kg/graph")
        self.path = Path(url.partition(":")[2])
        self._builds = BuildFolders(self.path)
        self._open: dict[str, FrozenGraph] = {}
        self._workers: dict[str, Worker] = {}
        self._pinned: tuple[Path, IO[bytes]] | None = None
        self._manifest: Manifest | None = None

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current build, or None."""
        return self._read_manifest()

    def touch(self, manifest: Manifest) -> None:
        """Replace the manifest of the current build."""
        build = self._pin()
        if build is None:
            raise StoreError(f"no graph in {self.path}: run kg build")
        with _storing(self.path):
            _write_manifest(build, manifest)
        self.close()

    def write(self, graph: GraphData, manifest: Manifest, progress: Progress = silent) -> None:
        """Build the graph beside the current one and switch to it."""
        from concurrent.futures import ThreadPoolExecutor

        from kglite import KgError as EngineError

        with _storing(self.path, EngineError), self._builds.create() as build:
            with _quiet(), ThreadPoolExecutor(1) as executor:  # the engine releases the GIL
                summary = executor.submit(_save, graph.summary(), build / SUMMARY)
                _save(graph, build / GRAPH)
                summary.result()
            _write_manifest(build, manifest)
            self.close()  # this store's own lock would keep the old build

    def drop(self) -> str:
        """Remove the graph; a build that is being read is removed by a later build or drop."""
        held = self.manifest()
        if held is None:
            raise StoreError(f"no graph in {self.url}: there is nothing to drop")
        self.close()
        with _storing(self.path):
            self._builds.drop()
        return held.review

    def read(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        summary: bool = False,
        limits: Limits | None = None,
    ) -> Rows:
        """Run a read-only query on the current build; one with limits runs in a separate process."""
        statement, given, name = read_only(cypher), dict(parameters or {}), SUMMARY if summary else GRAPH
        if limits is None:
            return _answer(self._frozen(name), statement, given, None)
        return self._worker(name).ask(statement, given, limits)

    def rows(self, review: str) -> GraphData:
        """Return all nodes and relationships of a review."""
        return read_whole(self.read, review)

    def close(self) -> None:
        """Release the graphs in memory and the lock on the build."""
        self._open.clear()
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()
        self._manifest = None
        if self._pinned:
            self._pinned[1].close()
            self._pinned = None

    def _current(self) -> Path | None:
        try:
            return self._builds.current()
        except (OSError, ValueError) as error:
            raise self._incomplete() from error

    def _incomplete(self) -> StoreError:
        return StoreError(f"the graph in {self.path} is damaged or cannot be read: run kg build --force")

    def _pin(self) -> Path | None:
        """Return the build that this store reads from now on, locked against removal; None where there is none."""
        while self._pinned is None:
            build = self._current()
            if build is None:
                return None
            try:
                lock = lock_for_reading(build)
            except FileNotFoundError:
                if build == self._current():
                    raise self._incomplete() from None
                continue  # another process has switched builds and removed this one
            except (OSError, ValueError) as error:
                raise self._incomplete() from error
            if lock is not None:
                self._pinned = (build, lock)
        return self._pinned[0]

    def _read_manifest(self) -> Manifest | None:
        """Return the manifest as it was when the build was pinned."""
        build = self._pin()
        if build is not None and self._manifest is None:
            try:
                held = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
                held["files"] = {path: tuple(stamp) for path, stamp in held["files"].items()}
                self._manifest = Manifest(**held)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                self.close()
                raise self._incomplete() from error
        return self._manifest

    def _frozen(self, name: str) -> FrozenGraph:
        if name not in self._open:
            if name == GRAPH:  # do not hold both: with many studies, the summary has long lists
                self._open.pop(SUMMARY, None)
            self._open[name] = _open_graph(*self._graph(name), indexed=name == SUMMARY)
        return self._open[name]

    def _worker(self, name: str) -> Worker:
        from kg.store.worker import Worker

        if name not in self._workers or not self._workers[name].alive:
            self._workers[name] = Worker(*self._graph(name))
        return self._workers[name]

    def _graph(self, name: str) -> tuple[Path, Path]:
        """Return the arguments of ``_open_graph`` for one of the two graphs of the current build."""
        build = self._pin()
        if build is None:
            raise StoreError(f"no graph in {self.path}: run kg build")
        return self.path, build / name


def work() -> None:
    """Answer queries in a separate process, for a ``Worker``."""
    from kg.store.worker import serve

    serve(_open_graph, _answer)


def _open_graph(path: Path, file: Path, *, indexed: bool = True) -> FrozenGraph:
    """Open a graph of the store in the folder ``path``. Raises StoreError.

    Building the indexes takes twice as long as the rest. They find a node by its id. A query of a user may do so in
    each row; the canned queries of the whole graph do not: they start from few nodes and follow relationships.
    """
    import kglite

    try:
        return kglite.load(str(file), defer_index_rebuild=not indexed).freeze()
    except (kglite.KgError, OSError, ValueError) as error:
        raise StoreError(f"the graph in {path} cannot be read ({error}): run kg build --force") from error


def _answer(graph: FrozenGraph, statement: str, parameters: dict[str, Any], limits: Limits | None) -> Rows:
    """Run a statement. Raises QueryError, and LimitExceeded where the engine detects that a limit is exceeded."""
    import kglite

    bounds: dict[str, Any] = {}
    if limits is not None:
        bounds = {
            "timeout_ms": max(int(limits.timeout * 1000), 1),
            "row_limit": limits.rows,
            "max_work_units": (limits.memory << 20) // _BYTES_A_ROW,
        }
    try:
        with _quiet():
            result = graph.cypher(statement, params=parameters, **bounds)
            if limits is not None and (result.diagnostics or {}).get("total_rows") is not None:
                raise limits.too_long()
            columns = tuple(result.columns)
            values = [tuple(row.values()) for row in result]  # one at a time: they are large as dictionaries
    except kglite.ReadOnlyError as error:
        raise ReadOnlyViolation("this query writes; only reading is allowed") from error
    except kglite.CypherTimeoutError as error:
        raise limits.too_slow() if limits else QueryError(f"the engine ended the query: {error}") from error
    except kglite.KgError as error:
        if limits is not None and "max_work_units" in str(error):
            raise limits.too_large() from error
        raise QueryError(f"the engine refuses the query: {error}") from error
    return Rows(columns, values, tuple(str(w) for w in result.warnings))


def _save(graph: GraphData, path: Path) -> None:
    _engine_graph(graph).save(str(path))


def _engine_graph(graph: GraphData) -> KnowledgeGraph:
    """Return ``graph`` in the engine, with the other labels and the constraints."""
    import kglite

    engine = kglite.KnowledgeGraph()
    load(engine, graph)
    for statement in (*statements("load/labels"), *statements("schema/constraints")):
        engine.cypher(statement)
    return engine


def _write_manifest(build: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
    part = build / f"manifest-{os.getpid()}.part"
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(build / "manifest.json")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the engine from printing warnings; they are returned with the rows."""
    import kglite

    before = kglite.get_query_warning_policy()
    kglite.set_query_warning_policy("silent")
    try:
        yield
    finally:
        kglite.set_query_warning_policy(before)


@contextmanager
def _storing(path: Path, *engine_errors: type[Exception]) -> Iterator[None]:
    errors: tuple[type[Exception], ...] = (OSError, *engine_errors)
    try:
        yield
    except errors as error:
        raise StoreError(f"cannot write the graph into {path}: {getattr(error, 'strerror', None) or error}") from error
