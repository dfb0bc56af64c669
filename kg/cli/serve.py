"""``kg serve``."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from kg.cli.options import filtering, open_graph_of, reading, review_of


@click.command(epilog="Example: kg serve --open")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Listen on this port instead of any free one."
)
@click.option("--open", "open_", is_flag=True, help="Open the map in the web browser.")
@filtering
@reading
def serve(port: int, open_: bool, where: tuple[str, ...], folder: Path, store: str | None) -> None:
    """Show the gap map in a browser on this machine, and keep it up to date.

    When a sheet changes, the map follows. While a sheet has an error, the map stays as it was, and a bar names the
    file, row and value. Ctrl-C ends it. The address has a secret part, and nobody can change anything through it.
    """
    from kg.serve.live import Live, folder_stamp
    from kg.serve.page import page_of, store_stamp
    from kg.serve.server import Server

    gc.enable()  # unlike other commands, this one runs for hours
    review = None if store else review_of(folder)

    def make() -> str:
        info = review.config.review if review else None
        with open_graph_of(folder, store, where) as graph:
            return page_of(graph, info)

    def stamp() -> object:
        if review:
            return folder_stamp(review.root)
        with open_graph_of(folder, store) as graph:
            return store_stamp(graph)

    if store:
        stamp()  # an address without a graph is an error at once
    live = Live(make, stamp, wait=5 if store else 0.5)
    with Server(live, port) as server, live:
        click.echo(server.url)
        click.echo("Ctrl-C ends it", err=True)
        if open_:
            click.launch(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("ended", err=True)
