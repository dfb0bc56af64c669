"""``kg query``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import listing, open_graph_of, reading
from kg.cli.output import emit
from kg.cli.table import pair
from kg.store.limits import Limits


@click.command(epilog="Example: kg query why -p factor=role-autonomy -p outcome=job-satisfaction")
@click.argument("name", required=False)
@click.option(
    "-p", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter of the query; repeatable."
)
@click.option("--show", is_flag=True, help="Print the query instead of running it.")
@click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    help=f"End a query of your own after this time; {Limits.timeout:g} unless said.",
)
@click.option(
    "--rows",
    type=int,
    metavar="N",
    help=f"Refuse an answer of more rows to a query of your own; {Limits.rows:,} unless said.",
)
@click.option(
    "--memory",
    type=int,
    metavar="MB",
    help=f"End a query of your own that needs more memory; {Limits.memory:,} unless said.",
)
@reading
@listing
def query(
    name: str | None,
    params: tuple[str, ...],
    show: bool,
    timeout: float | None,
    rows: int | None,
    memory: int | None,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """List, show or run a canned query, or one of your own.

    Without NAME the canned queries are listed. NAME is one of them, or a file (*.cypher) with a query of your own:
    read-only, its $parameters given with -p. Only your own queries have limits of time, rows and memory, unless you
    set one.
    """
    from kg.cypher import catalogue

    if name is None:
        emit(catalogue.listing(), format_, output)
        return
    own = name.endswith(".cypher")
    found = catalogue.from_file(Path(name)) if own else catalogue.canned(name)
    if show:
        click.echo(found.text, nl=not found.text.endswith("\n"))
        return
    chosen = {"timeout": timeout, "rows": rows, "memory": memory}
    given = {limit: value for limit, value in chosen.items() if value is not None}
    limits = Limits(**given) if own or given else None  # type: ignore[arg-type]
    with open_graph_of(folder, store) as graph:
        table = graph.run(found, dict(pair(text) for text in params), limits)
        emit(table, format_, output)
        for warning in graph.warnings if own else ():  # names in canned queries are known
            click.echo(f"note: {warning}", err=True)
