"""A graph in a store as rows, read through queries on any engine."""

from __future__ import annotations

from kg.cypher.catalogue import REVIEW, statement
from kg.graph.rows import GraphData, Row
from kg.model.vocabulary import LABELS, PROPERTIES, RELATIONSHIPS
from kg.store import Store
from kg.store.loading import fill


def read_rows(store: Store, review: str) -> GraphData:
    """Return all nodes and relationships of a review, in the form in which the graph was assembled."""
    data = GraphData()
    given = {REVIEW: review}
    for label in LABELS:
        data.nodes[label] = read_nodes(store, review, label)
    for kind, pairs in RELATIONSHIPS.items():
        names = PROPERTIES.get(kind, ())
        columns = ", ".join(("a.id AS `from`", "b.id AS `to`", *(f"r.{name} AS {name}" for name in names)))
        for start, end in pairs:
            if data.nodes[start] and data.nodes[end]:
                text = fill(statement("server/read-edges"), Type=kind, Start=start, End=end, Columns=columns)
                rows = [_row(row) for row in store.read(text, given).dicts()]
                if rows:
                    data.edges[kind, start, end] = rows
    data.nodes["Review"].sort(key=lambda row: row["id"] != review)
    for label in ("Study", "Factor", "Outcome", "Facet", "Value"):
        data.nodes[label].sort(key=lambda row: int(row["order"]))
    return data


def read_nodes(store: Store, review: str, label: str) -> list[Row]:
    """Return the nodes of a review with this label, with their properties."""
    columns = ", ".join(f"n.{name} AS {name}" for name in PROPERTIES[label])
    text = fill(statement("server/read-nodes"), Label=label, Columns=columns)
    return [_row(row) for row in store.read(text, {REVIEW: review}).dicts()]


def _row(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
