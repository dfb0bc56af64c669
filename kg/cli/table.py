"""``kg table``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import emit, listing, open_graph_of, reading
from kg.errors import UsageProblem

TABLES = {
    "evidence-counts": "studies per factor and direction",
    "outcomes": "studies per outcome",
    "gap-map": "studies per factor, outcome and direction",
    "matrix": "the gap map as a grid of factors and outcomes",
    "designs": "studies per methods class, design, setting, population, country",
    "characteristics": "one row a study",
    "contested": "pairs with findings in both directions",
    "single-study": "pairs that rest on one study",
    "evidence-by-year": "studies and findings per year",
    "stated-gaps": "gaps that the authors state",
    "searches": "the search log",
    "vocabulary": "factors and outcomes",
    "findings": "one row a finding",
    "review": "the review itself",
}


@click.command(epilog="Example: kg table evidence-counts --where design=survey --format md")
@click.argument("name", type=click.Choice(list(TABLES)), metavar="NAME")
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
@reading
@listing
def table(
    name: str,
    level: str | None,
    everything: bool,
    where: tuple[str, ...],
    folder: Path,
    store: str | None,
    format_: str,
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
      contested         pairs with findings in both directions
      single-study      pairs that rest on one study
      evidence-by-year  studies and findings per year
      stated-gaps       gaps that the authors state
      searches          the search log
      vocabulary        factors and outcomes
      findings          one row a finding
      review            the review itself
    """
    parameters = {"level": level, "all": True if everything else None}
    given = {key: value for key, value in parameters.items() if value is not None}
    if where:
        if name != "evidence-counts":
            raise UsageProblem("--where filters evidence-counts only; kg query takes any query of your own")
        name = "evidence-counts-where"
        given.update(pair(text) for text in where)
    with open_graph_of(folder, store) as graph:
        emit(
            graph.matrix(level, everything=everything) if name == "matrix" else graph.table(name, **given),
            format_,
            output,
        )


def pair(text: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises UsageProblem."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise UsageProblem(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()
