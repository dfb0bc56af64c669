"""A review folder and its graph: what the command line and notebooks work with."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from kg import __version__, catalogue
from kg.collector import collector_off
from kg.errors import KgError, NoReview, StoreError, UnknownName
from kg.files import CONFIG, digests, input_files
from kg.problems import Problem, nearest
from kg.store import Limits, Manifest, Progress, Store, is_shared, open_store, silent
from kg.table import Table

if TYPE_CHECKING:
    from kg.config import Config
    from kg.graphdata import GraphData
    from kg.loaders.folder import Loaded


#: File -> its size in bytes, time in nanoseconds and hash.
Stamps: TypeAlias = dict[str, tuple[int, int, str]]

#: How often files are read that change while they are read.
_TRIES = 5


#: The modules that decide which graph comes of what was read.
_SHAPING = (
    "assemble.py",
    "bibliography.py",
    "identity.py",
    "joins.py",
    "standing.py",
    "sums.py",
    "vocab.py",
)


@cache
def model() -> str:
    """Return what a graph must be built as to answer today's queries: the version, and the code that shapes it."""
    shape = b"".join(Path(__file__).with_name(name).read_bytes() for name in _SHAPING)
    return f"{__version__}/{zlib.crc32(shape):08x}"


@dataclass(frozen=True)
class Built:
    """What a build did. ``changed`` is False where the graph was up to date; ``rejected`` holds the problems of the
    rows left out, ``left_out`` how many rows those are (also of an earlier build)."""

    url: str
    changed: bool
    counts: dict[str, int]
    rejected: list[Problem]
    left_out: int = 0


class Graph:
    """A built graph, to ask. Use as a context manager, or close it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        #: What the engine remarked on the last query, e.g. a relationship type that the graph does not know.
        self.warnings: tuple[str, ...] = ()

    @cached_property
    def review(self) -> str:
        """The id of the review whose graph this is."""
        held = self.store.manifest()
        return held.review if held else ""

    @property
    def left_out(self) -> int:
        """How many rows of the files were not accepted and are not in the graph (kg build --partial)."""
        held = self.store.manifest()
        return held.rejected if held else 0

    @property
    def digest(self) -> str:
        """A hash of the content of the files the graph was built from."""
        import hashlib

        held = self.store.manifest()
        files = sorted((path, stamp[2]) for path, stamp in held.files.items()) if held else []
        return hashlib.sha256(repr(files).encode()).hexdigest()

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def table(self, name: str, **parameters: Any) -> Table:
        """Return a canned query's answer, e.g. ``table("evidence-counts", level="Individual")``.

        Raises UnknownName, or QueryError for a parameter it does not take.
        """
        found = self._run(catalogue.canned(name), parameters)
        self.warnings = ()  # its names are those of the model, whether this graph has such things or not
        return found

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float = Limits.timeout,
        rows: int = Limits.rows,
        memory: int = Limits.memory,
        **more: Any,
    ) -> Table:
        """Return the answer to read-only Cypher of your own.

        Parameters are ``$name`` in the text, given as a mapping or by keyword; ``$review`` is the id of the review.
        ``timeout`` is in seconds, ``rows`` counts rows of the answer, ``memory`` is in megabytes. Raises LimitExceeded
        where the query would take more, ReadOnlyViolation where it could do more than read, and QueryError.
        """
        given = {catalogue.REVIEW: self.review, **(parameters or {}), **more}
        found = self.store.read(cypher, given, limits=Limits(timeout, rows, memory))
        self.warnings = found.warnings
        return Table("query", found.columns, found.values, query=cypher)

    def run(self, query: catalogue.Query, parameters: Mapping[str, Any], limits: Limits | None = None) -> Table:
        """Return the answer to a query from a file, within ``limits`` where they are given."""
        return self._run(query, parameters, limits)

    def gaps(self, kind: str | None = None) -> Table:
        """Return what is missing, typed, explained and ranked; ``kind`` is one of GAP_KINDS."""
        from kg.gaps import gaps

        return gaps(self, kind)

    def matrix(self, level: str | None = None, *, everything: bool = False) -> Table:
        """Return the gap map as a grid: one row a factor, one column an outcome, marks that count studies per
        direction."""
        from kg.matrix import matrix

        return matrix(self, level, everything=everything)

    def why(self, factor: str, outcome: str | None = None) -> Table:
        """Return the findings behind a factor (and an outcome), each named by id, label or an unambiguous part."""
        ids = {
            "factor": self.concept("factor", factor),
            "outcome": self.concept("outcome", outcome) if outcome else None,
        }
        found = self.table("why", **{kind: term["id"] for kind, term in ids.items() if term})
        return replace(found, title="Findings: " + " → ".join(term["label"] for term in ids.values() if term))

    def concept(self, kind: str, name: str) -> dict[str, Any]:
        """Return the row of ``vocabulary`` for the factor or outcome called ``name``.

        An id, a label or a synonym is taken before a part of one. Raises UnknownName with the choices.
        """
        rows = [row for row in self._vocabulary if row["kind"] == kind]
        wanted = " ".join(name.casefold().split())
        for match in (_is_named, _has_part):
            found = [row for row in rows if match(row, wanted)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownName(kind, name, [f"{row['label']} ({row['id']})" for row in found], ambiguous=True)
        raise UnknownName(kind, name, nearest(name, [row["label"] for row in rows]))

    @cached_property
    def _vocabulary(self) -> list[dict[str, Any]]:
        return list(self.table("vocabulary").dicts())

    def _run(self, query: catalogue.Query, parameters: Mapping[str, Any], limits: Limits | None = None) -> Table:
        bound = {catalogue.REVIEW: self.review, **query.bind(parameters)}
        rows = self.store.read(query.text, bound, summary=query.summary, limits=limits)
        self.warnings = rows.warnings
        flags = {} if query.name == "cautions" else self.flags
        return Table(query.name, rows.columns, rows.values, query.title, query.name, flags)

    @cached_property
    def flags(self) -> dict[Any, str]:
        """The studies that do not stand as published: what the review calls them -> their standing, gravest first."""
        query = catalogue.canned("cautions")
        found = self.store.read(query.text, {catalogue.REVIEW: self.review}, summary=query.summary)
        return {label: status for status, _, labels in found.values for label in labels}


def _names(row: Mapping[str, Any]) -> list[str]:
    names = (row["id"], row["label"], *(row["synonyms"] or "").split("; "))
    return [" ".join(name.casefold().split()) for name in names if name]


def _is_named(row: Mapping[str, Any], wanted: str) -> bool:
    return wanted in _names(row)


def _has_part(row: Mapping[str, Any], wanted: str) -> bool:
    return any(wanted in name for name in _names(row))


class Review:
    """A review folder: the files that are the evidence base, and the graph derived from them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def config(self) -> Config:
        """What ``review.toml`` says now. Raises BadInput."""
        from kg.config import read_config

        return read_config(self.root / CONFIG)

    @property
    def store_url(self) -> str:
        """The folder's own embedded graph."""
        return f"embedded:{self.root / '.kg' / 'graph'}"

    def load(self, *, partial: bool = False) -> Loaded:
        """Read and check every file. Raises BadInput with all problems at once."""
        from kg.loaders.folder import read_folder

        return read_folder(self.root, self.config, partial=partial)

    def assembled(self) -> tuple[GraphData, Manifest]:
        """Return the graph of the files and what it is made from, without a store. Raises BadInput."""
        with collector_off():
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
            with collector_off():
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
    from kg.assemble import assemble

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


def drop_graph(store_url: str, review: str | None = None) -> str:
    """Take a graph out of a store and return the id of its review; ``review`` is the one that is meant where the store
    holds several and the URL names none. Raises StoreError where there is none."""
    store = open_store(store_url, review)
    try:
        return store.drop()
    finally:
        store.close()


def open_graph(store_url: str, review: str | None = None) -> Graph:
    """Open the graph in a store for reading; ``review`` says whose, where the store holds several reviews.

    Raises StoreError where nothing was built there.
    """
    store = open_store(store_url, review)
    try:
        if store.manifest() is None:
            raise StoreError(f"no graph in {store_url}: run kg build --store {store_url}")
    except KgError:
        store.close()
        raise
    return Graph(store)


def open_review(path: str | Path = ".") -> Review:
    """Return the review folder at ``path`` or above it, found by ``review.toml``. Raises NoReview."""
    start = Path(path).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return Review(folder)
    raise NoReview(
        f"no review.toml in {start} or above it: make a review folder with kg init DIR, or name one with -C DIR"
    )
