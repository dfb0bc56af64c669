"""``kg table``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import emit, format_of, listing, open_graph_of, reading
from kg.errors import UnknownName, UsageProblem, counted
from kg.problems import nearest

if TYPE_CHECKING:
    from kg.query.graph import Graph
    from kg.table import Table

TABLES = {
    "evidence-counts": "studies per factor and direction",
    "outcomes": "studies per outcome",
    "gap-map": "studies per factor, outcome and direction",
    "matrix": "the gap map as a grid of factors and outcomes",
    "designs": "studies per methods class, design, setting, population, country",
    "characteristics": "one row a study",
    "contested": "pairs with findings in both directions on one pole of the factor",
    "single-study": "pairs that rest on one study",
    "evidence-by-year": "studies and findings per year",
    "stated-gaps": "gaps that the authors state",
    "searches": "the search log",
    "vocabulary": "factors and outcomes",
    "findings": "one row a finding",
    "review": "the review itself",
    "records": "one row a record of a database",
    "sources": "the files, and what became of their records",
    "citations": "included studies that cite each other",
    "citing": "candidates that cite included studies",
    "cited": "works that included studies cite",
    "standing": "whether the studies still stand, by source",
}


#: The columns that a terminal shows of a wide table; the other formats have every column.
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


@click.command(epilog="Example: kg table evidence-counts --where design=survey --format md")
@click.argument("name", metavar="NAME")
@click.option("--level", help="Only the factors of this group, e.g. Individual.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Count the findings of the prose as well, not only those of the review's tables.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only studies with this design, setting, population, methods, from_year or to_year (evidence-counts).",
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
@reading
@listing
def table(
    name: str,
    level: str | None,
    everything: bool,
    where: tuple[str, ...],
    least: int | None,
    without_retracted: bool,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show a table: evidence counts, outcomes, designs, ...

    \b
    NAME is one of
      evidence-counts   studies per factor and direction
      outcomes          studies per outcome
      gap-map           studies per factor, outcome and direction
      matrix            the gap map as a grid of factors and outcomes
      designs           studies per methods class, design, setting, population, country
      characteristics   one row a study
      contested         pairs with findings in both directions on one pole of the factor
      single-study      pairs that rest on one study
      evidence-by-year  studies and findings per year
      stated-gaps       gaps that the authors state
      searches          the search log
      vocabulary        factors and outcomes
      findings          one row a finding
      review            the review itself
      records           one row a record of a database
      sources           the files, and what became of their records
      citations         included studies that cite each other
      citing            candidates that cite included studies
      cited             works that included studies cite
      standing          whether the studies still stand, by source
    """
    if name not in TABLES:
        raise UnknownName("table", name, nearest(name, TABLES) or list(TABLES))
    name, given = _query_of(name, level, everything, where, least, without_retracted)
    with open_graph_of(folder, store) as graph:
        _check_values(graph, given)
        found = graph.matrix(level, everything=everything) if name == "matrix" else graph.table(name, **given)
        if name in SHOWN and format_of(format_, output) == "table":
            found = found.only(*SHOWN[name])
        emit(found, format_, output)
        if without_retracted:
            click.echo(_difference(graph, found), err=True)


def _query_of(
    name: str, level: str | None, everything: bool, where: tuple[str, ...], least: int | None, without_retracted: bool
) -> tuple[str, dict[str, Any]]:
    """Return the canned query and its parameters. Raises UsageProblem for an option that the table does not have."""
    parameters = {"level": level, "all": True if everything else None}
    given: dict[str, Any] = {key: value for key, value in parameters.items() if value is not None}
    if least is not None:
        if name not in ("citing", "cited"):
            raise UsageProblem("--least belongs to the tables citing and cited")
        given["least"] = least
    if without_retracted:
        if name != "evidence-counts" or where:
            raise UsageProblem("--without-retracted belongs to evidence-counts, without --where")
        return "evidence-counts-without-retracted", given
    if where:
        if name != "evidence-counts":
            raise UsageProblem("--where filters evidence-counts only; kg query takes any query of your own")
        for key, value in map(pair, where):
            if key in given:
                raise UsageProblem(f"--where {key}=… is given twice, or as an option of its own too")
            given[key] = value
        return "evidence-counts-where", given
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


def _check_values(graph: Graph, given: Mapping[str, Any]) -> None:
    """Raise UnknownName for a group, design, ... that the review does not have; an empty table would be misleading."""
    known: dict[str, set[str]] = {}
    if given.get("level"):
        known["level"] = {row["group"] for row in graph.table("vocabulary").dicts() if row["group"]}
    if {"design", "setting", "population", "methods"} & set(given):
        for row in graph.table("designs").dicts():
            known.setdefault(row["group"], set()).add(row["value"])
    for name, value in given.items():
        values = known.get(name, set()) - {"not given"}
        if name in known and value.casefold() not in {v.casefold() for v in values}:
            raise UnknownName(name, value, nearest(value, values) or sorted(values))


def pair(text: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises UsageProblem."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise UsageProblem(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()
