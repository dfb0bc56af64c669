"""``kg overlap``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, listing, review_of
from kg.cli.output import emit, format_of


@click.command(epilog="Example: kg overlap ../cmha")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@folder_option
@listing
def overlap(folders: tuple[Path, ...], folder: Path, format_: str | None, output: Path | None) -> None:
    """Compare the studies of this review folder with those of others.

    Studies with one DOI or OpenAlex id are one study; so are those whose titles, authors and years agree, which the
    column "by" tells apart. The corrected covered area says how much the reviews overlap (Pieper 2014). Nothing is
    merged in the folders.
    """
    from kg.folder.overlap import overlap_of

    found = overlap_of([review_of(path) for path in (folder, *folders)])
    emit(found, format_, output)
    if format_of(format_, output) != "table":
        click.echo(found.title, err=True)
