"""The evidence as one self-contained HTML page: the map, the graph, tables, figures and the studies. See ``page``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.export.figures.flow import read_flow
from kg.export.page.data import page_data
from kg.export.page.render import render

if TYPE_CHECKING:
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph


def page_of(
    graph: Graph,
    info: ReviewInfo | None = None,
    *,
    language: str = "en",
    with_coders: bool = False,
    stages: Iterable[tuple[Any, ...]] = (),
) -> str:
    """Return the page of a graph as HTML.

    ``info`` has the words and colours that the review chose, and ``stages`` are the rows of its study flow
    (``Review.flow``). Raises UnknownName for a language that the page does not speak.
    """
    data = page_data(graph, info, with_coders=with_coders)
    data["flow"] = _flow([(name, n, printed) for name, n, printed, *_ in stages])
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
