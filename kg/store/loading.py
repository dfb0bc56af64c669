"""A change of a graph as Cypher: the statements of ``queries/load/``, each with its rows.

Names of labels, relationship types and properties come from the ontology (kg.model.vocabulary) and are inserted into
the text; values are passed as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg.cypher.catalogue import statement
from kg.graph.diff import Change
from kg.graph.rows import Row
from kg.model.vocabulary import LABELS, PROPERTIES


class Statement(NamedTuple):
    """Cypher with the parameters ``$rows`` and ``$review``, and the rows; ``name`` is its file in ``queries/load/``.

    ``label`` is the node label of a statement about nodes, else empty.
    """

    name: str
    text: str
    rows: list[Row]
    label: str = ""


def load_statements(change: Change) -> Iterator[Statement]:
    """Yield the statements in the order to run them: removals, then nodes, then relationships."""
    for (kind, start, end), rows in change.gone_edges.items():
        yield _statement("remove-edges", rows, Type=kind, Start=start, End=end)
    for label, rows in change.gone_nodes.items():
        yield _statement("remove-nodes", rows, Label=label)
    for label, rows in change.nodes.items():
        names = [name for name in PROPERTIES[label] if name not in ("id", "review")]
        whole = [{"id": row["id"], "properties": _properties(row, names)} for row in rows]
        yield _statement("write-nodes", whole, Label=label, Further=further_labels(label))
    for (kind, start, end), rows in change.edges.items():
        names = list(PROPERTIES.get(kind, ()))
        whole = [{"from": row["from"], "to": row["to"], "properties": _properties(row, names)} for row in rows]
        yield _statement("write-edges", whole, Type=kind, Start=start, End=end)


def _properties(row: Row, names: Iterable[str]) -> Row:
    """Return every property, null where the row has none."""
    return {name: row.get(name) for name in names}


def further_labels(label: str) -> str:
    """Return the labels of a node after the first one, in Cypher syntax, for example ``:Concept``."""
    return "".join(f":{name}" for name in LABELS[label])


def fill(template: str, **names: str) -> str:
    """Return Cypher in which placeholders such as ``{Label}`` are replaced by names of labels, types and columns."""
    for placeholder, name in names.items():
        template = template.replace("{" + placeholder + "}", name)
    return template


def _statement(name: str, rows: list[Row], **names: str) -> Statement:
    return Statement(name, fill(statement(f"load/{name}"), **names), rows, names.get("Label", ""))
