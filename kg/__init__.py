"""A literature evidence knowledge graph: extraction sheets in, evidence tables, gap maps and gaps out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.version import __version__

__all__ = ["Graph", "KgError", "Review", "Table", "__version__", "open_graph", "open_review"]

if TYPE_CHECKING:
    from kg.errors import KgError
    from kg.folder.review import Review, open_review
    from kg.query.graph import Graph, open_graph
    from kg.table import Table

_MODULES = {
    "Graph": "kg.query.graph", "KgError": "kg.errors", "Review": "kg.folder.review", "Table": "kg.table",
    "open_graph": "kg.query.graph", "open_review": "kg.folder.review",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``kg --help`` starts fast."""
    if name in _MODULES:
        import importlib

        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
