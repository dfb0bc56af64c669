"""A graph as rows: the form in which it is assembled, compared, loaded into stores and exported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kg.model.vocabulary import SUMMARY_LABELS, SUMMARY_RELATIONSHIPS

Row: TypeAlias = dict[str, Any]
#: Relationship type, start label, end label.
EdgeKey: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class GraphData:
    """Nodes by label, edges by (type, start label, end label); every row is a flat dictionary.

    Node rows carry ``id``; edge rows carry ``from`` and ``to``. A property without a value is absent.
    """

    nodes: dict[str, list[Row]] = field(default_factory=dict)
    edges: dict[EdgeKey, list[Row]] = field(default_factory=dict)

    def summary(self) -> GraphData:
        """Return the part that tables and maps read: the summary labels and relationships."""
        return GraphData(
            {label: rows for label, rows in self.nodes.items() if label in SUMMARY_LABELS},
            {
                key: rows
                for key, rows in self.edges.items()
                if key[0] in SUMMARY_RELATIONSHIPS and SUMMARY_LABELS.issuperset(key[1:])
            },
        )
