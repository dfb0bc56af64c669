"""The text of a graph file, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kg.errors import UnknownName
from kg.export.graphs.files import to_gexf, to_graphml, to_json
from kg.export.graphs.network import Network, network
from kg.export.graphs.page import graph_page

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: Ending -> the function that writes a network with the colours of the review.
FORMATS: Final[Mapping[str, Callable[[Network, Mapping[str, str | None]], str]]] = {
    ".html": graph_page,
    ".gexf": to_gexf,
    ".graphml": lambda made, _: to_graphml(made),
    ".json": lambda made, _: to_json(made),
}


def graph_file(
    graph: Graph, ending: str, level: str = "factors", colours: Mapping[str, str | None] | None = None
) -> str:
    """Return a graph in the format of an ending, such as ".gexf", at a level: "factors" or "studies".

    ``colours`` maps directions to the colours of the review. Raises UnknownName for another level or ending,
    UsageProblem for a graph that is too large for a page, and KgError for a page without pyvis.
    """
    if ending not in FORMATS:
        raise UnknownName("format", ending, list(FORMATS))
    return FORMATS[ending](network(graph, level), colours or {})
