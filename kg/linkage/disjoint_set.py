"""A disjoint set (union-find) over the numbers from 0."""

from __future__ import annotations


class DisjointSet:
    """A partition of ``range(size)`` into sets; each set has one member as its root."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """Return the root of the set that contains ``item``."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]  # path halving
            item = parent[item]
        return item

    def attach(self, root: int, to: int) -> None:
        """Merge the set of one root into that of another root, which stays the root."""
        self._parent[root] = to
