"""``kg serve``."""

from __future__ import annotations

import gc
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import filtering, folder_of, open_graph_of, reading, review_of

#: How often to ask a store whether its graph was built again, in seconds.
_WAIT_FOR_STORE = 3

if TYPE_CHECKING:
    from kg.query.part import Part


@click.command(epilog="Example: kg serve --open")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Listen on this port instead of any free one."
)
@click.option("--open", "open_", is_flag=True, help="Open the map in the web browser.")
@filtering
@reading
def serve(port: int, open_: bool, where: Part, folder: Path, store: str | None) -> None:
    """Show the gap map in a browser on this machine, and keep it up to date.

    When a sheet changes, the map follows. While a sheet has an error, the map stays as it was, and a bar names the
    file, row and value. Ctrl-C ends it. The address has a secret part, and nobody can change anything through it.
    """
    from kg.export.html import page_of
    from kg.serve.live import Live, folder_stamp, store_stamp
    from kg.serve.server import Server

    gc.enable()  # unlike other commands, this one runs for hours

    def make() -> str:
        with open_graph_of(folder, store, where) as graph:
            return page_of(graph, folder_of(folder, store))

    if store:
        with open_graph_of(folder, store) as graph:  # a store without a graph is an error at once
            live = Live(make, partial(store_stamp, store, graph.review), wait=_WAIT_FOR_STORE)
    else:
        live = Live(make, partial(folder_stamp, review_of(folder).root))
    with Server(live, port) as server, live:
        click.echo(server.url)
        click.echo("Ctrl-C ends it", err=True)
        if open_:
            click.launch(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
        click.echo("ended", err=True)
