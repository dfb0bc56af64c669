"""``kg query``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import emit, listing, open_graph_of, reading
from kg.cli.table import pair


@click.command(epilog="Example: kg query why -p factor=role-autonomy -p outcome=job-satisfaction")
@click.argument("name", required=False)
@click.option(
    "-p", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter of the query; repeatable."
)
@click.option("--show", is_flag=True, help="Print the query instead of running it.")
@reading
@listing
def query(
    name: str | None,
    params: tuple[str, ...],
    show: bool,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """List, show or run a canned query, or one of your own.

    Without NAME the canned queries are listed. NAME is one of them, or a file (*.cypher) with a query of your own:
    read-only, its $parameters given with -p.
    """
    from kg import catalogue

    if name is None:
        emit(catalogue.listing(), format_, output)
        return
    found = catalogue.from_file(Path(name)) if name.endswith(".cypher") else catalogue.canned(name)
    if show:
        click.echo(found.text, nl=not found.text.endswith("\n"))
        return
    with open_graph_of(folder, store) as graph:
        table = graph.run(found, dict(pair(text) for text in params))
        emit(table, format_, output)
        for warning in graph.warnings if name.endswith(".cypher") else ():  # a canned query's names are the model's
            click.echo(f"note: {warning}", err=True)
