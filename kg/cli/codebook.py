"""``kg codebook``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, review_of
from kg.cli.output import put


@click.command(epilog="Example: kg codebook -o codebook.md")
@folder_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["md", "csv"]),
    help="How to write it; by default as the name of the -o file says, or else as Markdown.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of stdout.",
)
def codebook(folder: Path, format_: str | None, output: Path | None) -> None:
    """Print the codebook: every column, its values and what they mean.

    It is made from the sheets, the vocabularies and review.toml, so that it always says what kg accepts.
    """
    from kg.export.codebook import codebook_of, to_text

    suffix = output.suffix.lower().lstrip(".") if output else ""
    put(to_text(codebook_of(review_of(folder)), format_ or ("csv" if suffix == "csv" else "md")), output)
