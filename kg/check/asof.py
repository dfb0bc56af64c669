"""What the printed tables and statements are compared with: the graph, or the part of it that one release has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.folder.asof import as_printed, printed_release
from kg.folder.flow import count_stages

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.model.records import Evidence
    from kg.query.graph import Graph


def as_printed_by(review: Review, evidence: Evidence) -> Evidence:
    """Return the evidence that the published review is about: of the release that ``[published]`` names, or all of it.

    Raises BadInput where there is no such release, or where it was edited.
    """
    name = review.config.release
    return as_printed(evidence, printed_release(review.root, name)) if name else evidence


@contextmanager
def printed_graph(review: Review, store_url: str | None, evidence: Evidence, printed: Evidence) -> Iterator[Graph]:
    """Open the graph, or that of the part ``printed`` of the evidence."""
    with review.graph(store_url) as graph:
        if (len(printed.studies), len(printed.findings)) == (len(evidence.studies), len(evidence.findings)):
            yield graph
            return
        with part_of(graph, printed, review.config.release or "") as part:
            yield part


def part_of(graph: Graph, printed: Evidence, name: str) -> Graph:
    """Return the graph of the studies and findings of the release ``name``."""
    return graph.part({s.id for s in printed.studies}, {f.id for f in printed.findings}, f"release {name}")


def stages_of(review: Review) -> dict[str, int]:
    """Return stage -> number of rows of the study flow: as the release that ``[published]`` names counted it, or now.

    Raises BadInput for a file that cannot be read.
    """
    name = review.config.release
    if name is None:
        return count_stages(review.root, review.config.flow)
    rows = printed_release(review.root, name).table("flow")
    return {row["stage"]: int(row["counted"]) for row in rows if row["counted"].isdecimal()}
