"""``kg release``."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from kg.cli.options import folder_option, review_of
from kg.errors import UsageProblem, counted


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

    made = make_release(review_of(folder), name, _day(date))
    counts = made.says["counts"]
    numbers = f"{counted(counts['studies'], 'study', 'studies')}, {counted(counts['findings'], 'finding')}"
    click.echo(f"wrote {made.root}: {counted(len(made.says['files']) + 1, 'file')}; {numbers}", err=True)


def _day(text: str | None) -> str:
    """Return the day of a release. Raises UsageProblem for a text that is no day."""
    if text is None:
        return datetime.date.today().isoformat()
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        raise UsageProblem(f"--date {text!r} is not a day; accepted: a day such as 2026-11-30") from error
