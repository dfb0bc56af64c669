"""A built graph, to ask: tables, queries of one's own, gaps, the map, and the findings behind a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import Any

from kg.cypher import catalogue
from kg.errors import KgError, StoreError, UnknownName
from kg.model.normalise import fold_term
from kg.problems import nearest
from kg.query.gaps import gaps as find_gaps
from kg.query.matrix import matrix as draw_matrix
from kg.store import Limits, Store, open_store
from kg.table import Table


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
        return find_gaps(self, kind)

    def matrix(self, level: str | None = None, *, everything: bool = False) -> Table:
        """Return the gap map as a grid: one row a factor, one column an outcome, marks that count studies per
        direction."""
        return draw_matrix(self, level, everything=everything)

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
        wanted = fold_term(name)
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
    return [fold_term(name) for name in names if name]


def _is_named(row: Mapping[str, Any], wanted: str) -> bool:
    return wanted in _names(row)


def _has_part(row: Mapping[str, Any], wanted: str) -> bool:
    return any(wanted in name for name in _names(row))


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
