"""``kg compare``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import emit, format_of, listing, open_graph_of, reading


@click.command(epilog="Example: kg compare published/table-2.csv")
@click.argument("published", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--table", "name", metavar="NAME", help="The table that it reprints, where its columns do not tell.")
@reading
@listing
def compare(
    published: tuple[Path, ...],
    name: str | None,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Compare a table as it was printed with the graph, cell by cell.

    Ends with exit code 1 where any cell differs, and names both values and the studies that only one side has.
    """
    from kg.compare import compare as compare_tables

    differ = False
    with open_graph_of(folder, store) as graph:
        for given in published:
            path = given if given.exists() else folder / given
            result = compare_tables(graph, path, name)
            if result.differences:
                differ = True
                emit(result.differences, format_, output)
                click.echo(f"{path}: {result.differing} of {result.cells} cells differ", err=True)
            elif format_of(format_, output) == "table":
                click.echo(f"{path}: all {result.cells} cells agree")
            else:
                emit(result.differences, format_, output)
                click.echo(f"{path}: all {result.cells} cells agree", err=True)
    click.get_current_context().exit(1 if differ else 0)
