"""``kg table``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import filtering, listing, map_option, open_graph_of, reading, review_of
from kg.cli.output import emit, emit_pages, format_of
from kg.errors import UnknownName, UsageProblem, counted
from kg.problems import nearest

if TYPE_CHECKING:
    from kg.query.graph import Graph
    from kg.query.part import Part
    from kg.table import Table

TABLES = {
    "evidence-counts": "studies per factor and direction",
    "outcomes": "studies per outcome",
    "counts": "studies per value of a facet or vocabulary",
    "crosstab": "studies per combination of values of two facets or more",
    "coverage": "how full each facet is",
    "facets": "what the review charts",
    "gap-map": "studies per factor, outcome and direction, or per cell of --map",
    "matrix": "the gap map as a grid of factors and outcomes, or of --map",
    "pairing": "placements of a map that are known, and those of a map of tags",
    "designs": "studies per methods class, design, setting, population, country",
    "characteristics": "one row a study",
    "contested": "pairs with findings in both directions on one pole of the factor",
    "single-study": "pairs that rest on one study",
    "evidence-by-year": "studies and findings per year",
    "stated-gaps": "gaps that the authors state",
    "searches": "the search log",
    "flow": "the study flow, counted in the screening files",
    "vocabulary": "factors and outcomes",
    "findings": "one row a finding",
    "review": "the review itself",
    "reviews": "the review, and the others that include some of its studies",
    "overlap": "studies that several reviews share, and the corrected covered area",
    "citation-matrix": "which review includes which study",
    "agreement": "what several reviews say of the same study and factor",
    "records": "one row a record of a database",
    "sources": "the files, and what became of their records",
    "citations": "included studies that cite each other",
    "citing": "candidates that cite included studies",
    "cited": "works that included studies cite",
    "standing": "whether the studies still stand, by source",
}


#: The columns that a terminal shows of a wide table.
SHOWN = {
    "characteristics": ("label", "study", "year", "methods", "design", "setting", "population", "outcomes"),
    "findings": ("study_label", "study", "factor", "direction", "pole", "outcomes", "locator", "note"),
    "vocabulary": ("kind", "id", "label", "group", "studies"),
    "searches": ("date", "source", "platform", "query", "hits", "fetched"),
    "records": ("id", "database", "study_label", "reason", "authors", "year", "title"),
    "sources": ("file", "rows", "records", "studies", "merged", "left"),
    "citing": ("candidate", "year", "title", "cites", "study_labels", "id"),
    "cited": ("work", "year", "title", "cited_by", "study_labels", "id"),
    "review": ("id", "title", "year", "search_date", "studies", "findings"),
}


#: The tables that take facets as arguments.
COUNTING = ("counts", "crosstab")
#: The tables that can be of a map in review.toml.
OF_MAPS = ("gap-map", "matrix", "pairing")


#: The tables that compare reviews.
OF_REVIEWS: dict[str, Callable[[Graph], Table]] = {
    "overlap": lambda graph: graph.overlap(),
    "citation-matrix": lambda graph: graph.citation_matrix(),
    "agreement": lambda graph: graph.agreement(),
}


_HELP = """Show a table: evidence counts, outcomes, designs, ...

The tables counts and crosstab take the ids or labels of facets, which kg table facets lists, as well as factor,
outcome, direction, pole, approach and certainty.

\b
NAME is one of
""" + "\n".join(f"  {name:16}  {what}" for name, what in TABLES.items())


@click.command(help=_HELP, epilog="Example: kg table evidence-counts --where design=survey --format md")
@click.argument("name", metavar="NAME")
@click.argument("facets", nargs=-1, metavar="[FACET]...")
@click.option(
    "--by", metavar="UNIT", help="What to count: study, report, finding, sample, review or team (counts, crosstab)."
)
@click.option("--long", is_flag=True, help="A row for each combination that occurs, not a grid (crosstab).")
@map_option
@click.option("--level", help="Only the factors of this group, e.g. Individual.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Count the findings of the prose as well, not only those of the review's tables.",
)
@click.option(
    "--least",
    type=click.IntRange(1),
    help="Only works that cite, or are cited by, so many included studies (citing, cited).",
)
@click.option(
    "--without-retracted",
    is_flag=True,
    help="Count without the retracted studies, and show what that changes (evidence-counts).",
)
@filtering
@reading
@listing
def table(
    name: str,
    facets: tuple[str, ...],
    by: str | None,
    long: bool,
    map_: str | None,
    level: str | None,
    everything: bool,
    least: int | None,
    without_retracted: bool,
    where: Part,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show a table in a format, in a terminal or in a file."""
    _check_options(name, {"--by": by, "--long": long, "--map": map_, "FACET": facets})
    name, given = _query_of(name, level, everything, least, without_retracted)
    if name == "flow":
        emit(review_of(folder).flow(), format_, output)
        return
    with open_graph_of(folder, store, where) as graph:
        _check_level(graph, level)
        if name == "findings" and _emit_findings(graph, format_, output):
            return
        found = _found(graph, name, given, facets, by or "study", long, map_)
        emit(_shown(found, name) if format_of(format_, output) == "table" else found, format_, output)
        if without_retracted:
            click.echo(_difference(graph, found), err=True)


def _emit_findings(graph: Graph, format_: str | None, output: Path | None) -> bool:
    """Write all findings page by page, and return whether the format allows that."""
    from kg.export.tables import STREAMED
    from kg.query.pages import FindingPages

    format_ = format_of(format_, output)
    if format_ not in ("table", *STREAMED):
        return False
    columns = SHOWN["findings"] if format_ == "table" else ()
    emit_pages(FindingPages(graph, *columns), format_, output)
    return True


def _shown(found: Table, name: str) -> Table:
    """Return the columns that a terminal shows; the other formats have every column."""
    if name in SHOWN:
        return found.only(*SHOWN[name])
    if found.name in COUNTING:  # the lists of studies are long
        return found.only(*(column for column in found.columns if column != "study_labels"))
    return found


def _found(
    graph: Graph, name: str, given: dict[str, Any], facets: tuple[str, ...], by: str, long: bool, map_: str | None
) -> Table:
    if name == "counts":
        return graph.counts(facets[0], by)
    if name == "crosstab":
        return graph.crosstab(facets, by, long=long)
    if name in OF_REVIEWS:
        return OF_REVIEWS[name](graph)
    if name == "coverage":
        return graph.coverage()
    if name == "pairing":
        return graph.pairing(map_)
    if name == "matrix":
        return graph.matrix(given.get("level"), everything=given.get("all", False), map=map_)
    return graph.gap_map(map_) if name == "gap-map" and map_ else graph.table(name, **given)


def _check_options(name: str, given: Mapping[str, Any]) -> None:
    """Raise UnknownName for an unknown table, and UsageProblem for facets or an option that the table does not have."""
    if name not in TABLES:
        raise UnknownName("table", name, nearest(name, TABLES) or list(TABLES))
    tables = {"--by": COUNTING, "--long": ("crosstab",), "--map": OF_MAPS, "FACET": COUNTING}
    for option, value in given.items():
        if value and name not in tables[option]:
            raise UsageProblem(
                f"{option} belongs to the table{'s' * (len(tables[option]) > 1)} {' and '.join(tables[option])}"
            )
    if name == "counts" and len(given["FACET"]) != 1:
        raise UsageProblem("counts takes one facet, e.g. kg table counts design; kg table facets lists them")


def _query_of(
    name: str, level: str | None, everything: bool, least: int | None, without_retracted: bool
) -> tuple[str, dict[str, Any]]:
    """Return the canned query and its parameters. Raises UsageProblem for an option that the table does not have."""
    parameters = {"level": level, "all": True if everything else None}
    given: dict[str, Any] = {key: value for key, value in parameters.items() if value is not None}
    if least is not None:
        if name not in ("citing", "cited"):
            raise UsageProblem("--least belongs to the tables citing and cited")
        given["least"] = least
    if without_retracted:
        if name != "evidence-counts":
            raise UsageProblem("--without-retracted belongs to evidence-counts")
        return "evidence-counts-without-retracted", given
    return name, given


def _difference(graph: Graph, found: Table) -> str:
    """Return how many rows the retracted studies change or, where none is known, how many studies were checked."""
    retracted = sum(status == "retracted" for status in graph.flags.values())
    if retracted:
        changed = sum(bool(labels) for labels in found.column("left_out"))
        rows = f"{counted(changed, 'row')} {'is' if changed == 1 else 'are'} other than with"
        return f"without {counted(retracted, 'retracted study', 'retracted studies')}, {rows}"
    checked: dict[str, bool] = {}
    for row in graph.table("standing").dicts():
        checked[row["study_label"]] = checked.get(row["study_label"], False) or row["status"] != "not checked"
    of = f"{sum(checked.values())} of {counted(len(checked), 'study', 'studies')}"
    return f"no study is known to be retracted; {of} {'was' if sum(checked.values()) == 1 else 'were'} checked"


def _check_level(graph: Graph, level: str | None) -> None:
    """Raise UnknownName for a group of factors that the review does not have; an empty table would be misleading."""
    if level:
        groups = {row["group"] for row in graph.table("vocabulary").dicts() if row["group"]}
        if level.casefold() not in {group.casefold() for group in groups}:
            raise UnknownName("level", level, nearest(level, groups) or sorted(groups))


def pair(text: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises UsageProblem."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise UsageProblem(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()
