"""``kg queue``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, listing, map_option, review_of
from kg.cli.output import emit


@click.command(epilog="Example: kg queue --most 20")
@click.option(
    "--stage",
    type=click.Choice(["abstract", "full-text"]),
    default="abstract",
    show_default=True,
    help="What is to be read: title and abstract, or the full text of what was included by them.",
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="Only the first N.")
@map_option
@folder_option
@listing
def queue(
    stage: str, most: int | None, map_: str | None, folder: Path, format_: str | None, output: Path | None
) -> None:
    """Rank the candidates by what they could do to the map.

    First come those that seem to fill a cell without a study, to be the second study of a cell or to contest one, and
    that are like the included studies. The map is that of factors and outcomes, or the one that --map names. Each
    comes with the reason and the cells. Nothing is decided.
    """
    from kg.screening.queue import queue as ranked

    table = ranked(review_of(folder), stage, map_)
    emit(table.head(most) if most else table, format_, output)
