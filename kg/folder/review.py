"""A review folder and its graph: what the command line and notebooks work with."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import KgError, NoReview, StoreError
from kg.folder.files import digests, input_files
from kg.garbage import garbage_collection_paused
from kg.model.layout import CONFIG
from kg.problems import Problem
from kg.query.graph import Graph, drop_graph, open_graph
from kg.store import Manifest, Progress, Store, is_shared, open_store, silent
from kg.version import __version__

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.folder.read import Loaded
    from kg.graph.rows import GraphData


#: File -> its size in bytes, time in nanoseconds and hash.
Stamps: TypeAlias = dict[str, tuple[int, int, str]]

#: How often files are read that change while they are read.
_TRIES = 5


#: The packages of kg that only ask a graph, or bring files into a folder: they do not shape what is built.
_ASKING = ("check", "cli", "export", "fetch", "query")


@cache
def model() -> str:
    """Return what a graph must be built as to answer today's queries: the version, and the code that shapes it.

    That is every module of kg outside the packages in ``_ASKING``, the readers of all kinds of files included.
    """
    home = Path(__file__).parents[1]
    modules: list[Path] = []
    for folder, inner, names in os.walk(home, followlinks=True):  # in a checkout, kg/loaders is a link
        inner[:] = [name for name in inner if Path(folder) != home or name not in _ASKING]
        modules += [Path(folder, name) for name in names if name.endswith(".py")]
    shape = zlib.crc32(b"".join(path.read_bytes() for path in sorted(modules)))
    return f"{__version__}/{shape:08x}"


@dataclass(frozen=True)
class Built:
    """What a build did. ``changed`` is False where the graph was up to date; ``rejected`` holds the problems of the
    rows left out, ``left_out`` how many rows those are (also of an earlier build)."""

    url: str
    changed: bool
    counts: dict[str, int]
    rejected: list[Problem]
    left_out: int = 0


class Review:
    """A review folder: the files that are the evidence base, and the graph derived from them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def config(self) -> Config:
        """What ``review.toml`` says now. Raises BadInput."""
        from kg.folder.config import read_config

        return read_config(self.root / CONFIG)

    @property
    def store_url(self) -> str:
        """The folder's own embedded graph."""
        return f"embedded:{self.root / '.kg' / 'graph'}"

    def load(self, *, partial: bool = False) -> Loaded:
        """Read and check every file. Raises BadInput with all problems at once."""
        from kg.folder.read import read_folder

        return read_folder(self.root, self.config, partial=partial)

    def assembled(self) -> tuple[GraphData, Manifest]:
        """Return the graph of the files and what it is made from, without a store. Raises BadInput."""
        with garbage_collection_paused():
            loaded, files = self._read(self._stamps({}), partial=False)
            graph = _assembled(loaded)
        return graph, _manifest_of(loaded, graph, files)

    def build(
        self,
        store_url: str | None = None,
        *,
        partial: bool = False,
        force: bool = False,
        progress: Progress = silent,
    ) -> Built:
        """Turn the folder into a graph; where nothing changed since the last build, only the files are hashed, unless
        ``force``.

        With ``partial`` rows that cannot be accepted are left out and reported. Raises BadInput, and then the graph is
        what it was before, or StoreError. ``progress`` is told how many rows the store has written, of how many.
        """
        url = store_url or self.store_url
        store = self._open(url)
        try:
            held = None if force else _manifest(store)
            files = self._stamps({})
            if held and self._same_content(held, files) and (not held.rejected or partial):
                if held.files != files:
                    store.touch(replace(held, files=files))
                return Built(url, False, held.counts, [], held.rejected)
            with garbage_collection_paused():
                loaded, files = self._read(files, partial=partial)
                graph = _assembled(loaded)
                manifest = _manifest_of(loaded, graph, files)
                store.write(graph, manifest, progress)
            return Built(url, True, manifest.counts, loaded.rejected, manifest.rejected)
        finally:
            store.close()

    def _read(self, files: Stamps, *, partial: bool) -> tuple[Loaded, Stamps]:
        """Read the files, again where one was changed meanwhile, and return what they say and what they are.

        A graph that is said to be of other content than it was read from would be taken as up to date one day.
        """
        for _ in range(_TRIES):
            loaded = self.load(partial=partial)
            now = self._stamps(files)
            if now == files:
                return loaded, files
            files = now
        raise KgError(f"the files in {self.root} are being changed while they are read: build again when that is done")

    def graph(self, store_url: str | None = None) -> Graph:
        """Open the graph for reading. The folder's own is built where it is missing or stale; another store is read as
        it is."""
        if store_url is None:
            store = self._open(self.store_url)
            held = _manifest(store)
            if held is None or not self._fresh(held):
                store.close()
                self.build()
            return Graph(store)
        return open_graph(store_url, self._id_in(store_url))

    def drop(self, store_url: str) -> str:
        """Take this review's graph out of a store; the files stay. Returns its id. Raises StoreError."""
        return drop_graph(store_url, self._id_in(store_url))

    def _open(self, url: str) -> Store:
        return open_store(url, self._id_in(url))

    def _id_in(self, url: str) -> str | None:
        """Return what this review is called in a store; only for one that others may share, its id has to be read."""
        return self.config.review.id if is_shared(url) else None

    def _fresh(self, held: Manifest) -> bool:
        return self._same_content(held, self._stamps(held.files))

    def _same_content(self, held: Manifest, files: Mapping[str, tuple[int, int, str]]) -> bool:
        return held.model == model() and {p: s[2] for p, s in held.files.items()} == {p: s[2] for p, s in files.items()}

    def _stamps(self, known: Mapping[str, tuple[int, int, str]]) -> Stamps:
        """Return size, time and hash of every input file; a file whose size and time are known keeps its hash."""
        stamps: Stamps = {}
        unknown: dict[str, Path] = {}
        for path in input_files(self.root):
            name, stat = path.relative_to(self.root).as_posix(), path.stat()
            before = known.get(name)
            if before is None or before[:2] != (stat.st_size, stat.st_mtime_ns):
                unknown[name] = path
            stamps[name] = (stat.st_size, stat.st_mtime_ns, before[2] if before else "")
        for name, digest in zip(unknown, digests(list(unknown.values())), strict=True):
            stamps[name] = (*stamps[name][:2], digest)
        return stamps


def _assembled(loaded: Loaded) -> GraphData:
    from kg.graph.build import assemble

    return assemble(loaded.evidence)


def _manifest_of(loaded: Loaded, graph: GraphData, files: Stamps) -> Manifest:
    left_out = len({(p.file, p.sheet, p.row) for p in loaded.rejected})
    counts = {label: len(rows) for label, rows in graph.nodes.items() if rows}
    return Manifest(loaded.evidence.review.id, model(), files, left_out, counts)


def _manifest(store: Store) -> Manifest | None:
    """Return what a store was built from; a damaged graph is as good as none to those who can build it again."""
    try:
        return store.manifest()
    except StoreError:
        return None


def open_review(path: str | Path = ".") -> Review:
    """Return the review folder at ``path`` or above it, found by ``review.toml``. Raises NoReview."""
    start = Path(path).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return Review(folder)
    raise NoReview(
        f"no review.toml in {start} or above it: make a review folder with kg init DIR, or name one with -C DIR"
    )
