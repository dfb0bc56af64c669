"""A whole graph as rows, read by statements that every engine knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg.cypher.catalogue import REVIEW, statement
from kg.graph.rows import GraphData, Row
from kg.model.vocabulary import LABELS, PROPERTIES, RELATIONSHIPS
from kg.store.base import Rows
from kg.store.loading import fill

#: Run a statement with its parameters.
Reads = Callable[[str, Mapping[str, Any]], Rows]


def read_whole(read: Reads, review: str) -> GraphData:
    """Return all nodes and relationships of a review, in the order of the engine."""
    data = GraphData()
    given = {REVIEW: review}
    for label in LABELS:
        data.nodes[label] = read_nodes(read, review, label)
    for kind, pairs in RELATIONSHIPS.items():
        for start, end in pairs:
            if data.nodes[start] and data.nodes[end]:
                text = fill(
                    statement("server/read-edges"), Type=kind, Start=start, End=end, Columns=columns_of_edges(kind)
                )
                rows = [as_row(row) for row in read(text, given).dicts()]
                if rows:
                    data.edges[kind, start, end] = rows
    return data


def read_nodes(read: Reads, review: str, label: str) -> list[Row]:
    """Return the nodes of a review with this label, with their properties."""
    text = fill(statement("server/read-nodes"), Label=label, Columns=columns_of_nodes(label))
    return [as_row(row) for row in read(text, {REVIEW: review}).dicts()]


def columns_of_nodes(label: str) -> str:
    """Return the properties of a node ``n`` as columns in Cypher."""
    return ", ".join(f"n.{name} AS {name}" for name in PROPERTIES[label])


def columns_of_edges(kind: str) -> str:
    """Return the ends and properties of a relationship ``r`` from ``a`` to ``b`` as columns in Cypher."""
    return ", ".join(("a.id AS `from`", "b.id AS `to`", *(f"r.{name} AS {name}" for name in PROPERTIES.get(kind, ()))))


def as_row(row: Row) -> Row:
    """Return a row of an answer without the columns that are null."""
    return {name: value for name, value in row.items() if value is not None}
