"""``kg drop``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option
from kg.errors import NoReview


@click.command(epilog="Example: kg drop --store neo4j://localhost#peer-workforce")
@folder_option
@click.option(
    "--store",
    metavar="URL",
    required=True,
    help="The store to take the graph out of, e.g. embedded:PATH or neo4j://HOST.",
)
def drop(folder: Path, store: str) -> None:
    """Take a graph out of a store.

    In a database that holds several reviews or other data, only what kg wrote of this review goes: the one of the
    review folder, or the one that the URL names. The files of the folder stay, and kg build makes the graph again.
    """
    from kg.folder.review import open_review
    from kg.store import drop_graph

    try:
        dropped = open_review(folder).drop(store)
    except NoReview:
        dropped = drop_graph(store)
    click.echo(f"dropped: {dropped} from {store}", err=True)
