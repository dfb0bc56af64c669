"""A graph in a store as rows, read through queries on any engine: as a whole, or some rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.cypher.catalogue import REVIEW, statement
from kg.graph.rows import GraphData, Row
from kg.store import Store
from kg.store.loading import fill
from kg.store.whole import as_row, columns_of_edges, columns_of_nodes

#: The number of nodes that are read at a time.
BATCH = 20_000


def read_rows(store: Store, review: str) -> GraphData:
    """Return all nodes and relationships of a review, in the form in which the graph was assembled."""
    data = store.rows(review)
    data.nodes["Review"] = sorted(data.nodes["Review"], key=lambda row: bool(row["id"] != review))
    for label in ("Study", "Factor", "Outcome", "Facet", "Value"):
        data.nodes[label] = sorted(data.nodes[label], key=lambda row: int(row["order"]))
    return data


def ids_of(store: Store, review: str, label: str) -> list[str]:
    """Return the ids of the nodes of a review with this label, sorted."""
    (row,) = store.read(fill(statement("server/ids"), Label=label), {REVIEW: review}).values
    return sorted(row[0])


def nodes_of(store: Store, review: str, label: str) -> Iterator[list[Row]]:
    """Yield the nodes of a review with this label in the order of their ids, at most BATCH at a time."""
    text = fill(statement("server/some-nodes"), Label=label, Columns=columns_of_nodes(label))
    for some in _batches(ids_of(store, review, label)):
        found = {row["id"]: row for row in store.read(text, {REVIEW: review, "ids": some}).dicts()}
        yield [as_row(found[id_]) for id_ in some]


def edges_from(store: Store, review: str, kind: str, start: str, end: str) -> Iterator[list[Row]]:
    """Yield the relationships of a type between two labels in the order of the ids of both ends, some at a time."""
    names = {"Type": kind, "Start": start, "End": end}
    ((number,),) = store.read(fill(statement("server/count-edges"), **names), {REVIEW: review}).values
    text = fill(statement("server/some-edges"), **names, Columns=columns_of_edges(kind))
    for some in _batches(ids_of(store, review, start) if number else ()):
        rows = [as_row(row) for row in store.read(text, {REVIEW: review, "ids": some}).dicts()]
        yield sorted(rows, key=lambda row: (row["from"], row["to"]))


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))
