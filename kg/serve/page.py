"""The page that is served: the one that ``kg export html`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.export.data import map_data
from kg.export.html import gap_map_page

if TYPE_CHECKING:
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph


def page_of(graph: Graph, info: ReviewInfo | None) -> str:
    """Return the map of a graph as a page; ``info`` has the words and colours that the review chose."""
    return gap_map_page(map_data(graph, info))
