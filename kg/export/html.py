"""The evidence as one self-contained HTML page: the map, the graph, tables, figures and the studies. See ``page``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.export.page.data import page_data
from kg.export.page.render import render

if TYPE_CHECKING:
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph


def page_of(graph: Graph, info: ReviewInfo | None = None, *, language: str = "en", with_coders: bool = False) -> str:
    """Return the page of a graph as HTML; ``info`` has the words and colours that the review chose.

    Raises UnknownName for a language that the page does not speak.
    """
    data = page_data(graph, info, with_coders=with_coders)
    (first, *_) = data["maps"]
    plain = graph.matrix(everything=True, map=None if first["name"] == "factors and outcomes" else first["name"])
    return render(data, plain.worded(), language)
