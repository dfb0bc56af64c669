"""What the printed tables and statements are compared with: the graph, or the part of it that one release has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.folder.asof import as_printed, printed_release, terms_of
from kg.folder.flow import count_stages

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.model.records import Evidence
    from kg.query.graph import Graph


def as_printed_by(review: Review, evidence: Evidence) -> Evidence:
    """Return the evidence that the published review is about: of the release that ``[published]`` names, or all of it.

    It has the terms of the release: where the vocabularies were changed since, the sheets are read with those.
    Raises BadInput where there is no such release, or where it was edited.
    """
    from kg.folder.read import read_folder

    name = review.config.release
    if name is None:
        return evidence
    release = printed_release(review.root, name)
    if as_of := terms_of(release, evidence):
        evidence = read_folder(review.root, review.config, partial=True, as_of=as_of).evidence
    return as_printed(evidence, release)


@contextmanager
def printed_graph(review: Review, store_url: str | None, evidence: Evidence, printed: Evidence) -> Iterator[Graph]:
    """Open the graph of the evidence, or that of its part ``printed``."""
    with review.graph(store_url) as graph, _part(graph, evidence, printed, review.config.release) as part:
        yield part


@contextmanager
def printed_part(review: Review, graph: Graph) -> Iterator[Graph]:
    """Yield the part of a graph that the published review is about: of a release, or all of it. Raises BadInput."""
    if review.config.release is None:
        yield graph
        return
    evidence = review.load().evidence
    with _part(graph, evidence, as_printed_by(review, evidence), review.config.release) as part:
        yield part


@contextmanager
def _part(graph: Graph, evidence: Evidence, printed: Evidence, release: str | None) -> Iterator[Graph]:
    if printed.migrations != evidence.migrations:
        from kg.graph.build import assemble

        with graph.with_rows(assemble(printed), f"release {release}") as part:
            yield part
        return
    if (len(printed.studies), len(printed.findings)) == (len(evidence.studies), len(evidence.findings)):
        yield graph
        return
    findings = {finding.id for finding in printed.findings}
    examined = {study.id: study.outcomes for study in printed.studies}
    with graph.part(examined.keys(), findings, f"release {release}", examined=examined) as part:
        yield part


def stages_of(review: Review) -> dict[str, int]:
    """Return stage -> number of rows of the study flow: as the release that ``[published]`` names counted it, or now.

    Raises BadInput for a file that cannot be read.
    """
    name = review.config.release
    if name is None:
        return count_stages(review.root, review.config.flow)
    rows = printed_release(review.root, name).table("flow")
    return {row["stage"]: int(row["counted"]) for row in rows if row["counted"].isdecimal()}
