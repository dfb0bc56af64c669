"""The evidence as one self-contained HTML page: the map, the graph, tables, figures and the studies. See ``page``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.export.figures.flow import read_flow
from kg.export.page.data import page_data
from kg.export.page.render import render

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.query.graph import Graph


def page_of(graph: Graph, review: Review | None = None, *, language: str = "en", with_coders: bool = False) -> str:
    """Return the page of a graph as HTML.

    ``review`` is its folder, which has the words and colours of the review, and the study flow. Raises UnknownName for
    a language that the page does not speak.
    """
    data = page_data(graph, review.config.review if review else None, with_coders=with_coders)
    data["flow"] = _flow([(name, n, printed) for name, n, printed, *_ in review.flow().rows]) if review else None
    (first, *_) = data["maps"]
    plain = graph.matrix(everything=True, map=None if first["name"] == "factors and outcomes" else first["name"])
    return render(data, plain.worded(), language)


def _flow(stages: list[tuple[str, int | None, int | None]]) -> dict[str, Any] | None:
    """Return the numbers of the boxes of the flow and the reasons, or what is wrong with them."""
    if not stages:
        return None
    try:
        flow = read_flow(stages)
    except KgError as error:
        return {"problem": str(error)}
    return {"numbers": flow.numbers, "reasons": flow.reasons}
