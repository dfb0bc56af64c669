"""Figures for papers and notebooks: sized in millimetres, with a legend and a caption, as SVG, PNG or PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import UnknownName, UsageProblem
from kg.export.figures.frame import Figure
from kg.problems import nearest

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.query.graph import Graph

__all__ = ["FIGURES", "FLOWS", "Figure", "figure", "flow_figure"]

#: The figures of a graph by name, and what each shows.
FIGURES: Final = {
    "gap-map": "the gap map, or that of --map",
    "evidence-counts": "facilitators to the right, barriers to the left",
    "evidence-by-year": "studies by year of publication",
    "counts": "bars of studies, reports or findings by a facet",
    "upset": "values that occur together in studies; of factors by default",
    "citations": "included studies that cite each other",
}
#: The figures of the study flow, which is counted in the files of the folder.
FLOWS: Final = {
    "prisma": "the study flow as in PRISMA 2020",
    "prisma-scr": "the study flow in the words of PRISMA-ScR",
}


def figure(
    graph: Graph,
    name: str,
    facet: str | None = None,
    *,
    map: str | None = None,
    by: str | None = None,
    everything: bool = False,
    width: str | float = "page",
    colours: Mapping[str, str] | None = None,
    fonts: Sequence[str | Path] = (),
) -> Figure:
    """Return the figure of a graph that is called ``name``, which is one of FIGURES.

    ``facet`` is the facet or vocabulary of counts and upset, ``by`` is what counts counts: study, report or finding.
    ``map`` is the name of a map in ``review.toml``, and ``everything`` counts the findings of the prose in
    evidence-counts. ``width`` is column (85 mm), page (180 mm) or a number of millimetres. ``colours`` are those of
    directions; ``fonts`` are files with fonts for the characters that DejaVu Sans does not have.

    Raises UnknownName for a name that does not exist, UsageProblem for an option that the figure does not have, and
    KgError without matplotlib.
    """
    check_figure(name, facet=facet, map=map, by=by, everything=everything)
    from kg.export.figures import bars, frame, years
    from kg.export.figures.citations import citations
    from kg.export.figures.gapmap import gap_map
    from kg.export.figures.upset import upset

    sheet, origin = frame.new_sheet(width, fonts), frame.about(graph, colours or {})
    if name == "gap-map":
        return gap_map(graph, sheet, origin, map)
    if name == "evidence-counts":
        return bars.evidence_counts(graph, sheet, origin, everything=everything)
    if name == "evidence-by-year":
        return years.by_year(graph, sheet, origin)
    if name == "counts":
        return bars.counts(graph, sheet, origin, facet or "", by or "study")
    if name == "upset":
        return upset(graph, sheet, origin, facet or "factor")
    return citations(graph, sheet, origin)


def flow_figure(
    review: Review, name: str = "prisma", *, width: str | float = "page", fonts: Sequence[str | Path] = ()
) -> Figure:
    """Return the study flow of a review folder as a diagram; ``name`` is one of FLOWS.

    Its numbers are those of ``kg table flow``, and the hits of the search log by source. What the review does not state
    and what follows from no other number is "not stated". Raises KgError where the numbers do not add up.
    """
    if name not in FLOWS:
        raise UnknownName("figure", name, nearest(name, FLOWS) or list(FLOWS))
    from kg.export.figures.prisma import prisma

    return prisma(review, name, width, fonts)


def check_figure(name: str, **given: object) -> None:
    """Raise UnknownName for a name of no figure, and UsageProblem for an option that the figure does not have."""
    if name not in {**FIGURES, **FLOWS}:
        raise UnknownName("figure", name, nearest(name, {**FIGURES, **FLOWS}) or [*FIGURES, *FLOWS])
    for option, value in given.items():
        if value and name not in _OPTIONS[option]:
            figures = " and ".join(_OPTIONS[option])
            raise UsageProblem(f"{option} belongs to the figure{'s' * (' and ' in figures)} {figures}, not to {name}")
    if name == "counts" and not given["facet"]:
        raise UsageProblem("counts takes a facet, e.g. kg export figure counts design; kg table facets lists them")


#: Option -> the figures that have it.
_OPTIONS: Final = {
    "facet": ("counts", "upset"),
    "map": ("gap-map",),
    "by": ("counts",),
    "everything": ("evidence-counts",),
    "where": tuple(FIGURES),
    "store": tuple(FIGURES),
}
