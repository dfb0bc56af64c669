"""The embedded engine: a graph in a folder, no server. The only module that imports kglite.

A build is a folder of its own with the graph, its summary and the manifest; ``current`` names the build in use. Builds
are written beside the current one and switched to by renaming ``current``, so a reader sees the old graph or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.assemble import Graph
from kg.catalogue import statements
from kg.errors import QueryError, ReadOnlyViolation, StoreError
from kg.store.base import Manifest, Rows

if TYPE_CHECKING:
    from kglite import FrozenGraph, KnowledgeGraph

_LEFTOVER_AFTER = 3600.0  # seconds; a build folder that nobody switched to within an hour was interrupted


class EmbeddedStore:
    """A graph in the folder named by ``embedded:PATH``; the folder is made on the first write."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.partition(":")[2])
        self._open: dict[str, FrozenGraph] = {}

    def manifest(self) -> Manifest | None:
        """Return what the current build was made from, or None."""
        build = self._current()
        if build is None:
            return None
        held = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
        held["files"] = {path: tuple(stamp) for path, stamp in held["files"].items()}
        return Manifest(**held)

    def touch(self, manifest: Manifest) -> None:
        """Replace the manifest of the current build."""
        build = self._current()
        if build is None:
            raise StoreError(f"no graph in {self.path}: run kg build")
        with _storing(self.path):
            _write_manifest(build, manifest)

    def write(self, graph: Graph, manifest: Manifest) -> None:
        """Build the graph beside the current one and switch to it."""
        with _storing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            build = Path(tempfile.mkdtemp(prefix="build-", dir=self.path))
            try:
                pointer = build / "current"  # while it is here, nobody else sweeps this folder away
                pointer.write_text(build.name, encoding="utf-8")
                _engine_graph(graph).save(str(build / "graph.kgl"))
                _engine_graph(graph.summary()).save(str(build / "summary.kgl"))
                _write_manifest(build, manifest)
                os.replace(pointer, self.path / "current")
            except BaseException:
                shutil.rmtree(build, ignore_errors=True)
                raise
        self._open.clear()
        self._sweep(keep=build)

    def read(self, cypher: str, parameters: Mapping[str, Any] | None = None, *, summary: bool = False) -> Rows:
        """Run a read-only query on the current build."""
        import kglite

        graph = self._frozen("summary.kgl" if summary else "graph.kgl")
        try:
            with _quiet():
                result = graph.cypher(cypher, params=dict(parameters or {}))
                columns = tuple(result.columns)
                values = [tuple(row[name] for name in columns) for row in result.to_dicts()]
        except kglite.ReadOnlyError as error:
            raise ReadOnlyViolation("this query writes; only reading is allowed") from error
        except kglite.KgError as error:
            raise QueryError(f"the engine refuses the query: {error}") from error
        return Rows(columns, values, tuple(str(w) for w in result.warnings))

    def close(self) -> None:
        """Forget the graphs held in memory."""
        self._open.clear()

    def _current(self) -> Path | None:
        try:
            return self.path / (self.path / "current").read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _frozen(self, name: str) -> FrozenGraph:
        if name not in self._open:
            import kglite

            for attempt in (1, 2, 3):
                build = self._current()
                if build is None:
                    raise StoreError(f"no graph in {self.path}: run kg build")
                try:
                    self._open[name] = kglite.load(str(build / name)).freeze()
                    break
                except (kglite.KgError, OSError) as error:  # another process may have switched builds in between
                    if attempt == 3:
                        raise StoreError(f"the graph in {self.path} cannot be read ({error}): build it again") from error
        return self._open[name]

    def _sweep(self, keep: Path) -> None:
        for folder in self.path.glob("build-*"):
            if folder == keep:
                continue
            finished = (folder / "manifest.json").exists() and not (folder / "current").exists()
            if finished or time.time() - folder.stat().st_mtime > _LEFTOVER_AFTER:
                shutil.rmtree(folder, ignore_errors=True)


def _engine_graph(graph: Graph) -> KnowledgeGraph:
    """Load ``graph`` through the engine's bulk call, add the further labels, declare the constraints."""
    import kglite

    # Few edges first: the engine looks through the edges that a node already has, and factors end up with thousands.
    edges = sorted(graph.edges.items(), key=lambda item: len(item[1]))
    spec = {
        "nodes": [
            {"type": label, "id_field": "id", "title_field": "title" if label in ("Study", "Review") else "id",
             "records": rows}
            for label, rows in graph.nodes.items()
            if rows
        ],
        "connections": [
            {"type": kind, "source_type": start, "source_id_field": "from", "target_type": end,
             "target_id_field": "to", "records": rows}
            for (kind, start, end), rows in edges
            if rows
        ],
    }
    # As one JSON text the engine takes it twice as fast as object by object.
    engine = kglite.from_records(json.dumps(spec, ensure_ascii=False, allow_nan=False), on_missing_endpoint="error")
    with _quiet():
        for statement in (*statements("load/labels"), *statements("schema/constraints")):
            engine.cypher(statement)
    return engine


def _write_manifest(build: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
    part = build / "manifest.part"
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, build / "manifest.json")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the engine's announcements off stderr: warnings travel with the rows, and the caller decides."""
    import kglite

    before = kglite.get_query_warning_policy()
    kglite.set_query_warning_policy("silent")
    try:
        yield
    finally:
        kglite.set_query_warning_policy(before)


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot write the graph into {path}: {error.strerror or error}") from error
