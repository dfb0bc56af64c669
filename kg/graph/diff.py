"""The difference between two graphs: the rows to write and the rows to remove. Pure.

A store with a large graph receives only what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from kg.graph.rows import EdgeKey, GraphData, Row

Key = TypeVar("Key")


@dataclass(frozen=True)
class Change:
    """Rows to write and the keys of rows to remove. A written row replaces all properties of the old one.

    ``gone_nodes`` has rows with ``id`` by label, ``gone_edges`` rows with ``from`` and ``to`` by (type, start, end).
    The edges of a removed node are listed too.
    """

    nodes: dict[str, list[Row]] = field(default_factory=dict)
    edges: dict[EdgeKey, list[Row]] = field(default_factory=dict)
    gone_nodes: dict[str, list[Row]] = field(default_factory=dict)
    gone_edges: dict[EdgeKey, list[Row]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(
            len(rows) for part in (self.nodes, self.edges, self.gone_nodes, self.gone_edges) for rows in part.values()
        )


def difference(old: GraphData, new: GraphData) -> Change:
    """Return the change from ``old`` to ``new``; from an empty graph, all of ``new``."""
    nodes, gone_nodes = _compared(old.nodes, new.nodes, lambda row: row["id"], ("id",))
    edges, gone_edges = _compared(old.edges, new.edges, lambda row: (row["from"], row["to"]), ("from", "to"))
    return Change(nodes, edges, gone_nodes, gone_edges)


def _compared(
    old: Mapping[Key, Iterable[Row]],
    new: Mapping[Key, Iterable[Row]],
    identity: Callable[[Row], Hashable],
    names: tuple[str, ...],
) -> tuple[dict[Key, list[Row]], dict[Key, list[Row]]]:
    written: dict[Key, list[Row]] = {}
    gone: dict[Key, list[Row]] = {}
    for key in dict.fromkeys((*old, *new)):
        before = {identity(row): row for row in old.get(key, ())}
        after = {identity(row): row for row in new.get(key, ())}
        if changed := [row for row_key, row in after.items() if before.get(row_key) != row]:
            written[key] = changed
        if lost := [{name: row[name] for name in names} for row_key, row in before.items() if row_key not in after]:
            gone[key] = lost
    return written, gone
