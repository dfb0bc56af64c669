"""A literature evidence knowledge graph: extraction sheets in, evidence tables, gap maps and gaps out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.version import __version__

__all__ = ["Graph", "KgError", "Review", "Table", "__version__", "open_graph", "open_review"]

if TYPE_CHECKING:
    from kg.errors import KgError
    from kg.graphview import Graph, open_graph
    from kg.review import Review, open_review
    from kg.table import Table

_WHERE = {
    "Graph": "kg.review", "KgError": "kg.errors", "Review": "kg.review", "Table": "kg.table",
    "open_graph": "kg.review", "open_review": "kg.review",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that ``kg --help`` costs nothing."""
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
