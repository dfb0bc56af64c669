"""What turns one graph into another: the rows to write and the rows that are gone. Pure.

A store that holds a large graph is given what changed instead of everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from kg.graph.rows import EdgeKey, GraphData, Row

Key = TypeVar("Key")


@dataclass(frozen=True)
class Change:
    """Rows to write, whole (a property that a row lacks goes), and the keys of rows to remove.

    ``gone_nodes`` has rows with ``id`` by label, ``gone_edges`` rows with ``from`` and ``to`` by (type, start, end). A
    node that goes is listed with every edge that it had.
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
    """Return what turns ``old`` into ``new``; from an empty graph, all of ``new``."""
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
        if changed := [row for at, row in after.items() if before.get(at) != row]:
            written[key] = changed
        if lost := [{name: row[name] for name in names} for at, row in before.items() if at not in after]:
            gone[key] = lost
    return written, gone
