"""``kg compare``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import listing, open_graph_of, reading, review_of
from kg.cli.output import emit, format_of
from kg.errors import NoReview, UsageProblem
from kg.model.published import PRINTED_TABLES, PrintedAs, printed_as

if TYPE_CHECKING:
    from kg.query.graph import Graph


@click.command(epilog="Example: kg compare published/table-2.csv")
@click.argument("published", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--table",
    "name",
    metavar="NAME",
    help='The table that it reprints, e.g. "counts design", where review.toml and its columns do not tell.',
)
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

    A table under [published] is compared with the studies and findings of the release that is named there, if one is.
    A path is looked for from here, then from the review folder. Ends with exit code 1 where any cell differs, and names
    both values and the studies that only one side has.
    """
    from kg.check.compare import compare as compare_tables
    from kg.check.printed import COLUMNS
    from kg.table import Table

    with open_graph_of(folder, store) as graph, _as_printed(folder, graph) as printed:
        declared = _declared(folder)
        paths = [_found(given, folder) for given in published]
        of = {path: declared.get(path.resolve()) for path in paths}
        results = [
            (path, compare_tables(printed if of[path] else graph, path, _printed_as(name) or of[path]))
            for path in paths
        ]
    as_text = format_of(format_, output) == "table"
    for path, result in results:
        if not result.differences:
            click.echo(f"{path}: all {result.cells} cells agree", err=not as_text)
    differ = any(result.differences for _, result in results)
    if as_text and len(results) == 1:
        table = results[0][1].differences  # the title of the table has the file
    else:
        rows = [(str(path), *row) for path, result in results for row in result.differences.rows]
        table = Table("differences", ("file", *COLUMNS), rows, "Printed tables against the graph")
    if differ or output or not as_text:
        emit(table, format_, output)
    for path, result in results:
        if result.differences:
            click.echo(f"{path}: {result.differing} of {result.cells} cells differ", err=True)
    click.get_current_context().exit(1 if differ else 0)


def _printed_as(name: str | None) -> PrintedAs | None:
    """Return the table that ``--table`` names. Raises UsageProblem."""
    if name is None:
        return None
    found = printed_as(name)
    if found is None:
        raise UsageProblem(
            f"--table {name!r} is no table that can be compared; accepted: {', '.join(PRINTED_TABLES)}, "
            f'"counts FACET", "crosstab ROWS COLUMNS"'
        )
    return found


def _declared(folder: Path) -> dict[Path, PrintedAs]:
    """Return the printed tables that ``review.toml`` declares, by their absolute paths."""
    try:
        review = review_of(folder)
    except NoReview:  # with --store there need not be a folder
        return {}
    return {(review.root / file).resolve(): printed for file, printed in review.config.published.items()}


@contextmanager
def _as_printed(folder: Path, graph: Graph) -> Iterator[Graph]:
    """Yield the graph that declared tables are compared with: of the release that ``[published]`` names, or whole."""
    from kg.check.asof import printed_part

    try:
        review = review_of(folder)
    except NoReview:  # with --store there need not be a folder
        yield graph
        return
    with printed_part(review, graph) as part:
        yield part


def _found(given: Path, folder: Path) -> Path:
    """Return the path of a file relative to the current directory or, failing that, to the root of the review."""
    if given.is_file() or given.is_absolute():
        return given
    try:
        root = review_of(folder).root
    except NoReview:  # with --store there need not be a folder
        return given
    # A path relative to the given folder is easier to read in messages than an absolute one.
    inside = folder / os.path.relpath(root, folder.resolve()) / given
    return inside if inside.is_file() else given
