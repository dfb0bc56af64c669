"""A review folder and its graph, as the command line and notebooks use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import KgError, NoReview, StoreError, UsageProblem
from kg.folder.among_sheets import lists_among_sheets
from kg.folder.files import digests, input_files
from kg.folder.fingerprint import model
from kg.folder.own import OwnStore, build_own
from kg.garbage import garbage_collection_paused
from kg.model.layout import CONFIG
from kg.problems import Problem
from kg.query.graph import Graph, open_graph
from kg.store import Manifest, Progress, Store, drop_graph, is_shared, open_store, silent

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.folder.kept import KeptRecords
    from kg.folder.read import Loaded
    from kg.graph.rows import GraphData
    from kg.table import Table

#: File -> its size in bytes, time in nanoseconds and hash.
Stamps: TypeAlias = dict[str, tuple[int, int, str]]

#: The number of attempts to read files that change while they are read.
_MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class Built:
    """The result of a build.

    ``changed`` is False if the graph was up to date. ``rejected`` holds the problems of the rows that were left out,
    and ``left_out`` is the number of those rows, which an earlier build may have left out. ``notes`` are what a build
    that read the files doubts.
    """

    url: str
    changed: bool
    counts: dict[str, int]
    rejected: list[Problem]
    left_out: int = 0
    notes: tuple[Problem, ...] = ()


class Review:
    """A review folder: the files that hold the evidence, and the graph that is built from them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def config(self) -> Config:
        """The current configuration, read from ``review.toml``. Raises BadInput."""
        from kg.folder.config import read_config

        return read_config(self.root / CONFIG)

    @property
    def store_url(self) -> str:
        """The URL of the folder's own embedded graph."""
        return f"embedded:{self.root / '.kg' / 'graph'}"

    def load(self, *, partial: bool = False, kept: KeptRecords | None = None) -> Loaded:
        """Read and check every file, or what is ``kept`` of it. Raises BadInput with all problems at once."""
        from kg.folder.read import read_folder

        return read_folder(self.root, self.config, partial=partial, kept=kept)

    def assembled(self) -> GraphData:
        """Return the graph of the files, without writing to a store. Raises BadInput."""
        with garbage_collection_paused():
            loaded, _ = self._read(self._stamps({}), partial=False)
            return _assembled(loaded)

    def build(
        self,
        store_url: str | None = None,
        *,
        partial: bool = False,
        force: bool = False,
        other: bool = False,
        progress: Progress = silent,
    ) -> Built:
        """Build the graph of the folder. If no file changed since the last build, nothing is built, unless ``force``,
        which also reads what is kept of earlier builds again.

        With ``partial``, rows that cannot be accepted are left out and reported. A store that holds the graph of
        another review is refused, unless ``other``. Raises BadInput, and then the graph is unchanged, or StoreError.
        ``progress`` is called with the number of rows written to the store and their total.
        """
        from kg.folder.kept import KeptRecords

        url = store_url or self.store_url
        store = self._open(url)
        try:
            may_be_another = url != self.store_url and not other
            held = _manifest(store) if may_be_another or not force else None
            if may_be_another:
                self._check_review(store.url, held)
            if force:
                held = None
            files = self._stamps({})
            if held and self._same_content(held, files) and (not held.rejected or partial):
                if held.files != files:
                    store.touch(replace(held, files=files))
                return Built(url, False, held.counts, [], held.rejected)
            with garbage_collection_paused():
                kept = KeptRecords(self.root, read=not force, write=True)
                loaded, files = self._read(files, partial=partial, kept=kept)
                graph = _assembled(loaded)
                manifest = _manifest_of(loaded, graph, files)
                store.write(graph, manifest, progress)
            notes = tuple(lists_among_sheets(loaded))
            return Built(url, True, manifest.counts, loaded.rejected, manifest.rejected, notes)
        finally:
            store.close()

    def _read(self, files: Stamps, *, partial: bool, kept: KeptRecords | None = None) -> tuple[Loaded, Stamps]:
        """Read the files, again if one changes meanwhile, and return their content and their stamps.

        The stamps must be those of the content, or a later build could take a stale graph as up to date.
        """
        for _ in range(_MAX_ATTEMPTS):
            loaded = self.load(partial=partial, kept=kept)
            now = self._stamps(files)
            if now == files:
                return loaded, files
            files = now
        raise KgError(f"the files in {self.root} are being changed while they are read: build again when that is done")

    def graph(self, store_url: str | None = None) -> Graph:
        """Open the graph for reading. The folder's own graph is built first if it is missing or stale; the graph in
        another store is read as it is."""
        config = self.config
        if store_url is None:
            store = self._open(self.store_url)
            held = _manifest(store)
            if held is None or not self._fresh(held):
                store.close()
                build_own(self.build)
            return Graph(OwnStore(store, lambda: self.build(force=True)), config.review.words, config.maps)
        return open_graph(store_url, self._id_in(store_url), config.review.words, config.maps)

    def flow(self) -> Table:
        """Return the stages of the study flow, counted in the screening files and as printed. Raises BadInput."""
        from kg.folder.flow import flow_table
        from kg.folder.published import read_stages

        return flow_table(self.root, self.config.flow, read_stages(self.root))

    def drop(self, store_url: str) -> str:
        """Delete this review's graph from a store, keep the files, and return its id. Raises StoreError."""
        return drop_graph(store_url, self._id_in(store_url))

    def _open(self, url: str) -> Store:
        return open_store(url, self._id_in(url))

    def _check_review(self, url: str, held: Manifest | None) -> None:
        """Raise StoreError where a store holds the graph of another review."""
        own = self.config.review.id
        if held and held.review != own:
            raise StoreError(
                f"{url} holds the graph of the review {held.review!r}, and the folder is the review {own!r}: "
                "name another store, or replace that graph with kg build --replace"
            )

    def _id_in(self, url: str) -> str | None:
        """Return the review's id for a store that other reviews may share, or None for a store of its own."""
        return self.config.review.id if is_shared(url) else None

    def _fresh(self, held: Manifest) -> bool:
        return self._same_content(held, self._stamps(held.files))

    def _same_content(self, held: Manifest, files: Mapping[str, tuple[int, int, str]]) -> bool:
        return held.model == model() and {p: s[2] for p, s in held.files.items()} == {p: s[2] for p, s in files.items()}

    def _stamps(self, known: Mapping[str, tuple[int, int, str]]) -> Stamps:
        """Return size, time and hash of every input file; a file with a ``known`` size and time keeps its hash."""
        stamps: Stamps = {}
        unhashed: dict[str, Path] = {}
        for path in input_files(self.root):
            name, stat = path.relative_to(self.root).as_posix(), path.stat()
            before = known.get(name)
            if before is None or before[:2] != (stat.st_size, stat.st_mtime_ns):
                unhashed[name] = path
            stamps[name] = (stat.st_size, stat.st_mtime_ns, before[2] if before else "")
        for name, digest in zip(unhashed, digests(list(unhashed.values())), strict=True):
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
    """Return the manifest of a store, or None if there is no graph or it is damaged, so that it is built again."""
    try:
        return store.manifest()
    except StoreError:
        return None


def open_reviews(path: str | Path = ".") -> list[Review]:
    """Return the review folder at ``path`` or above it, or else every review folder in ``path``, by name.

    Raises NoReview where there is none.
    """
    try:
        return [open_review(path)]
    except NoReview:
        found = [Review(config.parent) for config in sorted(Path(path).resolve().glob(f"*/{CONFIG}"))]
        if not found:
            raise
        return found


def check_one_store(reviews: Sequence[Review], url: str | None) -> None:
    """Raise UsageProblem where one store cannot hold all these reviews."""
    if url is None or len(reviews) < 2:
        return
    if not is_shared(url):
        raise UsageProblem(
            f"{url} holds one review, and the folder has {len(reviews)}: leave --store out, so that each folder has a "
            "graph of its own, or name a server"
        )
    folders: dict[str, list[str]] = {}
    for review in reviews:
        folders.setdefault(review.config.review.id, []).append(review.root.name)
    for id_, names in folders.items():
        if len(names) > 1:
            raise UsageProblem(
                f"the folders {' and '.join(names)} are both the review {id_!r}: a server holds a review once"
            )


def open_review(path: str | Path = ".") -> Review:
    """Return the review folder at ``path`` or above it: the nearest with a ``review.toml``. Raises NoReview."""
    start = Path(path).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return Review(folder)
    raise NoReview(
        f"no review.toml in {start} or above it: make a review folder with kg init DIR, or name one with -C DIR"
    )
