"""``kg build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import print_problems
from kg.cli.options import folder_option
from kg.cli.output import progress_bar
from kg.errors import BadInput, KgError, counted

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

    Where DIR is no review folder but holds some, each of them is built, into a graph of its own. Those that cannot be
    accepted are named, and the others are built.
    """
    from kg.folder.review import check_one_store, open_reviews

    reviews = open_reviews(folder)
    check_one_store(reviews, store)
    failed = []
    for review in reviews:
        try:
            with progress_bar() as progress:
                built = review.build(store, partial=partial, force=force, other=replace, progress=progress)
        except KgError as error:
            if len(reviews) == 1:
                raise
            failed.append(review.root.name)
            print_problems(error.problems if isinstance(error, BadInput) else (), f"{review.root.name}/")
            click.echo(f"{review.root.name}: {error}", err=True)
        else:
            _report(built)
    if failed:
        was = "was" if len(failed) == 1 else "were"
        raise KgError(f"{len(failed)} of {len(reviews)} review folders {was} not built: {', '.join(failed)}")


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
