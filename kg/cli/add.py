"""``kg add``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, review_of
from kg.errors import counted


@click.command(epilog="Example: kg add extraction.xlsx")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@folder_option
@click.option("--replace", is_flag=True, help="Overwrite a sheet of the same name.")
def add(files: tuple[Path, ...], folder: Path, replace: bool) -> None:
    """Check extraction sheets and put them into the review folder.

    A sheet with a row that cannot be accepted is not added, and every such row is named. CSV, TSV, XLSX and ODS are
    read.
    """
    from kg.create import add_sheets

    for path, rows in add_sheets(review_of(folder), files, replace=replace):
        click.echo(f"added {path}: {counted(rows, 'row')}; next: kg build", err=True)
