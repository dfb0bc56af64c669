"""``kg gaps``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import emit, format_of, listing, open_graph_of, reading


@click.command(epilog="Example: kg gaps --kind contested")
@click.option(
    "--kind",
    metavar="KIND",
    help="Only gaps of one kind: no-study, one-study, one-direction, contested, two-sided, indirect, "
    "factor-without-outcome, outcome-without-factor, one-design, one-setting or stated.",
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="Only the first N.")
@reading
@listing
def gaps(
    kind: str | None, most: int | None, folder: Path, store: str | None, format_: str | None, output: Path | None
) -> None:
    """Show what is missing, typed, explained and ranked.

    Ranked by attention: the number of studies that report the factor plus the number that discuss the outcome. A gap
    between two well-studied things comes first; what the authors state comes last.
    """
    with open_graph_of(folder, store) as graph:
        found = graph.gaps(kind)
        if format_of(format_, output) == "table":
            found = found.only("rank", "kind", "factor", "outcome", "studies", "reason")
        emit(found.head(most) if most else found, format_, output)
