"""The evidence as one self-contained HTML page: the map, the graph, tables, figures and the studies. See ``page``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.export.figures.flow import read_flow
from kg.export.page.data import page_data
from kg.export.page.render import render
from kg.query.dimensions import dimension
from kg.query.maps import find_map

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.query.graph import Graph


def page_of(
    graph: Graph,
    review: Review | None = None,
    *,
    language: str = "en",
    with_coders: bool = False,
    since: Mapping[str, Any] | None = None,
) -> str:
    """Return the page of a graph as HTML.

    ``review`` is its folder, which has the words and colours of the review, and the study flow. ``since`` is what
    changed since a release (``kg.release.marks``), which the map marks. Raises UnknownName for a language that the page
    does not speak.
    """
    data = page_data(graph, review.config.review if review else None, with_coders=with_coders)
    data["flow"] = _flow([(name, n, printed) for name, n, printed, *_ in review.flow().rows]) if review else None
    if since:
        data["since"] = {"name": since["name"], "other": since["other"]}
        for each in data["maps"]:
            each["changes"] = _changes(graph, each["name"], since["cells"])
    (first, *_) = data["maps"]
    plain = graph.matrix(everything=True, map=first["name"])
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


def _changes(graph: Graph, map_: str, cells: Iterable[tuple[str, str, str, list[str], str]]) -> list[list[Any]]:
    """Return the changed cells of a map by the places of their row and column; those of terms that are gone, as -1."""
    spec = find_map(graph.maps, map_)
    rows, columns = dimension(graph, spec.rows).index, dimension(graph, spec.columns).index
    return [
        [rows.get(row, -1), columns.get(column, -1), kinds, says]
        for name, row, column, kinds, says in cells
        if name == map_
    ]
