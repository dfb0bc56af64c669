"""``kg release``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import day_of, folder_option, review_of
from kg.errors import counted


@click.command(epilog="Example: kg release v1.0 --date 2026-11-30")
@click.argument("name")
@click.option("--date", metavar="DAY", help="The day of the release, e.g. 2026-11-30; by default today.")
@folder_option
def release(name: str, date: str | None, folder: Path) -> None:
    """Freeze the review as it is under releases/NAME, ready to be deposited.

    The folder has the tables, maps, gaps, studies and findings with their ids, vocabularies, searches and standing, the
    hashes of all files, and descriptions for archives (CITATION.cff, datapackage.json, ro-crate-metadata.json). It is
    never written over, and an edit is found.
    """
    from kg.release.make import make_release

    made = make_release(review_of(folder), name, day_of(date))
    counts = made.says["counts"]
    numbers = f"{counted(counts['studies'], 'study', 'studies')}, {counted(counts['findings'], 'finding')}"
    click.echo(f"wrote {made.root}: {counted(len(made.says['files']) + 1, 'file')}; {numbers}", err=True)
