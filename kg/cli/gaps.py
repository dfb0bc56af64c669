"""``kg gaps``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import filtering, listing, map_option, open_graph_of, reading
from kg.cli.output import emit, format_of

if TYPE_CHECKING:
    from kg.query.part import Part


@click.command(epilog="Example: kg gaps --kind two-sided")
@click.option(
    "--kind",
    metavar="KIND",
    help="Only gaps of one kind: no-study, one-study, one-direction, contested, two-sided, indirect, "
    "factor-without-outcome, outcome-without-factor, one-design, one-setting, pairing-unknown or stated; "
    "or fragile, which is listed only if asked for.",
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="Only the first N.")
@map_option
@filtering
@reading
@listing
def gaps(
    kind: str | None,
    most: int | None,
    map_: str | None,
    where: Part,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show what is missing, typed, explained and ranked.

    Ranked by attention: the number of studies that report the factor plus the number that discuss the outcome. A gap
    between two well-studied things comes first; what the authors state comes last. With --map, the gaps are those of a
    map that review.toml declares: no-study, one-study and pairing-unknown.
    """
    with open_graph_of(folder, store, where) as graph:
        found = graph.gaps(kind, map_)
        if format_of(format_, output) == "table":
            found = found.only(*found.columns[:-2])  # without attention and study_labels
        emit(found.head(most) if most else found, format_, output)
