"""``kg build``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli import print_problems
from kg.cli.options import folder_option, progress_bar, review_of
from kg.errors import counted


@click.command(epilog="Example: kg build --store embedded:/data/peer-workforce")
@folder_option
@click.option(
    "--store",
    metavar="URL",
    help="Build into this store instead of the folder's own, e.g. embedded:PATH or neo4j://HOST.",
)
@click.option(
    "--partial", is_flag=True, help="Leave out rows that cannot be accepted, and say which, instead of loading nothing."
)
@click.option("--force", is_flag=True, help="Build even where nothing changed.")
def build(folder: Path, store: str | None, partial: bool, force: bool) -> None:
    """Turn the review folder into a graph.

    Building twice gives the same graph; where no file changed, nothing is done. A reader sees the old graph or the new
    one. If any row of any file cannot be accepted, every such row is named and the graph stays as it was.
    """
    with progress_bar() as progress:
        built = review_of(folder).build(store, partial=partial, force=force, progress=progress)
    print_problems(built.rejected, "left out: ")
    counts = ", ".join(
        counted(built.counts.get(label, 0), *nouns)
        for label, nouns in (
            ("Study", ("study", "studies")),
            ("Finding", ("finding",)),
            ("Factor", ("factor",)),
            ("Outcome", ("outcome",)),
            ("Record", ("record",)),
            ("Candidate", ("candidate",)),
        )
        if label in ("Study", "Finding", "Factor", "Outcome") or built.counts.get(label)
    )
    state = "built" if built.changed else "up to date"
    click.echo(
        f"{state}: {counts} in {built.url}"
        + (f"; {counted(built.left_out, 'row')} left out" if built.left_out else ""),
        err=True,
    )
