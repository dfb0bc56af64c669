"""``kg build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import print_problems
from kg.cli.options import folder_option, progress_bar
from kg.errors import counted

if TYPE_CHECKING:
    from kg.folder.review import Built


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
@click.option("--replace", is_flag=True, help="Replace the graph of another review that the store holds.")
def build(folder: Path, store: str | None, partial: bool, force: bool, replace: bool) -> None:
    """Turn the review folder into a graph.

    Building twice gives the same graph; where no file changed, nothing is done. A reader sees the old graph or the new
    one. If any row of any file cannot be accepted, every such row is named and the graph stays as it was.

    Where DIR is no review folder but holds some, each of them is built.
    """
    from kg.folder.review import open_reviews

    for review in open_reviews(folder):
        with progress_bar() as progress:
            built = review.build(store, partial=partial, force=force, other=replace, progress=progress)
        _report(built)


def _report(built: Built) -> None:
    """Write what was built to stderr, and the rows that were left out."""
    print_problems(built.rejected, "left out: ")
    print_problems(built.notes, "note: ")
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
