"""``kg releases``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, listing, review_of
from kg.cli.output import emit
from kg.errors import counted


@click.command(epilog="Example: kg releases")
@folder_option
@listing
def releases(folder: Path, format_: str | None, output: Path | None) -> None:
    """List the releases, and say which was edited by hand.

    Ends with exit code 1 where a file of a release is not as it was released.
    """
    from kg.release.make import list_releases

    table = list_releases(review_of(folder).root)
    emit(table, format_, output)
    edited = [row["release"] for row in table.dicts() if row["edited"]]
    if edited:
        click.echo(f"{counted(len(edited), 'release')} edited after the release: {', '.join(edited)}", err=True)
    click.get_current_context().exit(1 if edited else 0)
