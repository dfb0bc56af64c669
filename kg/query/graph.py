"""A built graph: canned and custom queries, gaps, the gap map, and the findings behind a cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kg.cypher import catalogue
from kg.errors import KgError, StoreError
from kg.query import crosstab as tabulation
from kg.query import maps
from kg.query import overlap as overlapping
from kg.query.behind import behind
from kg.query.concepts import find_concept
from kg.query.gaps import gaps as rank_gaps
from kg.query.gaps import map_gaps as gaps_of_map
from kg.query.maps import Map, MapSpec
from kg.query.matrix import matrix as draw_matrix
from kg.query.words import in_words, spoken
from kg.store import Limits, Manifest, Store, open_store
from kg.table import Table

if TYPE_CHECKING:
    from kg.graph.rows import GraphData


class Graph:
    """A built graph for queries. Use it as a context manager, or close it."""

    def __init__(
        self,
        store: Store,
        words: Mapping[str, str] | None = None,
        maps: Sequence[MapSpec] = (),
        only: str = "",
    ) -> None:
        self.store = store
        #: The maps that ``review.toml`` declares.
        self.maps = tuple(maps)
        #: What the review calls factors, outcomes and directions, for those that it names.
        self.words: Mapping[str, str] = spoken(words or {})
        #: What a filtered graph holds, for titles; blank for a whole graph.
        self.only = only
        #: What titles say of the classes of evidence where studies of several are counted; blank where it goes without.
        self.classes = ""
        self._scratch: TemporaryDirectory[str] | None = None
        #: The engine's warnings about the last query, e.g. a relationship type that the graph does not have.
        self.warnings: tuple[str, ...] = ()

    @cached_property
    def review(self) -> str:
        """The id of the review."""
        manifest = self.store.manifest()
        return manifest.review if manifest else ""

    @property
    def left_out(self) -> int:
        """The number of rejected rows, which are not in the graph (kg build --partial)."""
        manifest = self.store.manifest()
        return manifest.rejected if manifest else 0

    @property
    def scope(self) -> str:
        """What titles say of the studies that are counted; blank for a whole graph of one class of evidence."""
        return "; ".join(filter(None, (self.only, self.classes)))

    @property
    def digest(self) -> str:
        """A hash of the content of the files the graph was built from."""
        return (self.store.manifest() or Manifest("", "")).digest

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()
        self.__dict__.pop("_whole", None)
        if self._scratch:
            self._scratch.cleanup()

    def where(self, conditions: Sequence[str]) -> Graph:
        """Return the graph of a part of the studies and findings, e.g. ``where(["design=survey", "year>=2015"])``.

        It is a graph of its own, in a temporary folder that ``close`` removes: every table, gap and export of it counts
        only what meets all conditions (see ``kg.query.where``). Raises UnknownName for an unknown facet or value.
        """
        from kg.query.where import kept

        found = kept(self, conditions)
        return self.part(found.studies, found.findings, found.says, tied=found.of_findings)

    def part(
        self,
        studies: Collection[str],
        findings: Collection[str],
        says: str,
        *,
        tied: bool = False,
        examined: Mapping[str, Collection[str]] | None = None,
    ) -> Graph:
        """Return the graph of the studies and findings with these ids (see ``kg.graph.select``).

        ``says`` is what titles say of it.
        """
        from kg.graph.select import select

        part = select(self._whole, studies, findings, tied=tied, examined=examined)
        return self.with_rows(part, "; ".join(filter(None, (self.only, says))))

    def rows(self) -> GraphData:
        """Return the whole graph as rows, in the form in which it was assembled."""
        from kg.query.rows import read_rows

        return read_rows(self.store, self.review)

    @cached_property
    def _whole(self) -> GraphData:
        """The whole graph as rows, read once for all parts that are taken of it."""
        return self.rows()

    def with_rows(self, data: GraphData, only: str) -> Graph:
        """Return a graph of these rows, with the words and maps of this one; ``only`` is what titles say of it."""
        scratch = TemporaryDirectory(prefix="kg-")
        try:
            held = self.store.manifest()
            counts = {label: len(rows) for label, rows in data.nodes.items() if rows}
            store = open_store(f"embedded:{scratch.name}/graph")
            store.write(data, replace(held, counts=counts) if held else Manifest(self.review, "", counts=counts))
            graph = Graph(store, self.words, self.maps, only)
        except BaseException:
            scratch.cleanup()
            raise
        graph._scratch = scratch
        return graph

    def table(self, name: str, **parameters: Any) -> Table:
        """Return the answer to a canned query, e.g. ``table("evidence-counts", level="Individual")``.

        Raises UnknownName for an unknown query, and QueryError for an unknown parameter.
        """
        found = self.run(catalogue.canned(name), parameters)
        self.warnings = ()  # a canned query uses names of the model, even where this graph has no such nodes
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
        """Return the answer to a read-only Cypher query.

        Parameters are ``$name`` in the text, given as a mapping or by keyword; ``$review`` is the id of the review.
        ``timeout`` is in seconds, ``rows`` is a number of rows of the answer, ``memory`` is in megabytes. Raises
        LimitExceeded for a query that exceeds them, ReadOnlyViolation for one that does more than read, and QueryError.
        """
        given = {catalogue.REVIEW: self.review, **(parameters or {}), **more}
        found = self.store.read(cypher, given, limits=Limits(timeout, rows, memory))
        self.warnings = found.warnings
        return Table("query", found.columns, found.values, query=cypher)

    def run(self, query: catalogue.Query, parameters: Mapping[str, Any], limits: Limits | None = None) -> Table:
        """Return the answer to a query from a file, within ``limits`` if they are given."""
        bound = {catalogue.REVIEW: self.review, **query.bind(parameters)}
        rows = self.store.read(query.text, bound, summary=query.summary, limits=limits)
        self.warnings = rows.warnings
        flags = {} if query.name == "cautions" else self.flags
        title = in_words(query.title, self.words)
        return self._titled(Table(query.name, rows.columns, rows.values, title, query.name, flags, self.words))

    def gaps(self, kind: str | None = None, map: str | None = None) -> Table:
        """Return the ranked gaps, each with its kind and reason; ``kind`` is one of GAP_KINDS.

        ``map`` is the name of a map in ``review.toml``; the gaps are then those of its rows and columns.
        """
        spec = self._spec(map)
        return self._titled(rank_gaps(self, kind) if spec.is_of_findings else gaps_of_map(self, spec, kind))

    def gap_map(self, map: str | None = None, level: str | None = None) -> Table:
        """Return the non-empty cells of the map of factors and outcomes, or of the map called ``map``."""
        spec = self._spec(map)
        return self.table("gap-map", level=level) if spec.is_of_findings else self._titled(maps.map_table(self, spec))

    def matrix(self, level: str | None = None, *, everything: bool = False, map: str | None = None) -> Table:
        """Return the gap map as a grid: a row per factor, a column per outcome, numbers of studies per direction.

        ``map`` is the name of a map in ``review.toml``, which is drawn instead.
        """
        spec = self._spec(map)
        if spec.is_of_findings:
            return self._titled(draw_matrix(self, level, everything=everything))
        return Map(self, spec).grid()

    def map(self, name: str | None = None) -> Map:
        """Return the map of factors and outcomes, or the map called ``name``; a notebook shows it as a grid.

        Its ``cells`` hold the studies and findings of each pair.
        """
        return Map(self, self._spec(name))

    def pairing(self, map: str | None = None) -> Table:
        """Return how many placements on a map, or on every map, are paired, implied, or would be drawn from tags."""
        return self._titled(maps.pairing(self, [self._spec(map)] if map else [maps.DEFAULT, *self.maps]))

    def _spec(self, name: str | None) -> MapSpec:
        return maps.find_map(self.maps, name)

    def counts(self, facet: str, by: str = "study") -> Table:
        """Return how many studies, reports or findings (``by``) have each value of a facet or vocabulary."""
        return self._titled(tabulation.counts(self, facet, by))

    def crosstab(self, facets: Sequence[str], by: str = "study", *, long: bool = False) -> Table:
        """Return how many studies, reports or findings (``by``) have each combination of values of facets."""
        return self._titled(tabulation.crosstab(self, facets, by, long=long))

    def overlap(self) -> Table:
        """Return the corrected covered area of the reviews (see ``kg.query.overlap``), over all and by factor."""
        return self._titled(overlapping.overlap(self))

    def citation_matrix(self) -> Table:
        """Return which review includes which study, as a grid."""
        return self._titled(overlapping.citation_matrix(self))

    def agreement(self) -> Table:
        """Return what several reviews say of the same study and factor, side by side."""
        return self._titled(overlapping.agreement(self))

    def coverage(self) -> Table:
        """Return how full each facet is, by coding status."""
        return self._titled(tabulation.coverage(self))

    def why(self, factor: str, outcome: str | None = None, map: str | None = None) -> Table:
        """Return the findings on a factor (and an outcome), each given by id, label, synonym or an unambiguous part;
        with a ``map`` of ``review.toml``, those behind values of its rows and columns (see ``kg.query.behind``).
        """
        spec = self._spec(map)
        if not spec.is_of_findings:
            return self._titled(behind(self, spec, factor, outcome))
        ids = {
            "factor": self.concept("factor", factor),
            "outcome": self.concept("outcome", outcome) if outcome else None,
        }
        found = self.table("why", **{kind: term["id"] for kind, term in ids.items() if term})
        title = "Findings: " + " → ".join(term["label"] for term in ids.values() if term)
        return self._titled(replace(found, title=title))

    def concept(self, kind: str, name: str) -> dict[str, Any]:
        """Return the row of ``vocabulary`` for the factor or outcome called ``name``.

        A whole id, label or synonym takes precedence over a part of one. Raises UnknownName with the choices.
        """
        return find_concept(self._vocabulary, kind, name)

    def _titled(self, table: Table) -> Table:
        """Return a table with what the graph is filtered by in its title."""
        if not self.scope or table.title.endswith(f"({self.scope})"):
            return table
        return replace(table, title=f"{table.title} ({self.scope})")

    @cached_property
    def _vocabulary(self) -> list[dict[str, Any]]:
        return list(self.table("vocabulary").dicts())

    @cached_property
    def flags(self) -> dict[Any, str]:
        """Label -> standing of the studies that were retracted, corrected or the like, the gravest first."""
        query = catalogue.canned("cautions")
        found = self.store.read(query.text, {catalogue.REVIEW: self.review}, summary=query.summary)
        return {label: status for status, _, labels in found.values for label in labels}


def open_graph(
    store_url: str, review: str | None = None, words: Mapping[str, str] | None = None, maps: Sequence[MapSpec] = ()
) -> Graph:
    """Open the graph in a store for reading; ``review`` is the id of its review where the store has several.

    ``words`` and ``maps`` are those of its ``review.toml``. Raises StoreError where the store has no graph.
    """
    store = open_store(store_url, review)
    try:
        if store.manifest() is None:
            raise StoreError(f"no graph in {store_url}: run kg build --store {store_url}")
    except KgError:
        store.close()
        raise
    return Graph(store, words, maps)
