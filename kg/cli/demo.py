"""``kg demo``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.output import window_width


@click.command(epilog="Example: kg demo --keep my-review")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Make the review folder here instead of in a temporary one.",
)
@click.option(
    "--example", default="peer-workforce", show_default=True, metavar="NAME", help="The bundled review to show."
)
def demo(keep: Path | None, example: str) -> None:
    """Build the bundled review and show its tables, gaps and map.

    The published review is rebuilt from its study-level findings, compared with the tables that were printed, and
    searched for gaps and contradictions: the five-minute tour.
    """
    from kg.cli.tour import demo as run

    for part in run(keep, example, window_width()):
        click.echo(part)
