"""``kg diff``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import evidence_option, folder_option, review_of
from kg.cli.output import FORMAT_NAMES, emit, put

_LSR = "prisma-lsr"


@click.command(epilog="Example: kg diff v1.0 --format prisma-lsr")
@click.argument("before")
@click.argument("after", default="now")
@folder_option
@evidence_option
@click.option(
    "--format",
    "format_",
    type=click.Choice([*FORMAT_NAMES, _LSR]),
    help="How to write it; by default as the name of the -o file says, or else as a table.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead of stdout."
)
def diff(before: str, after: str, folder: Path, evidence: str, format_: str | None, output: Path | None) -> None:
    """Show what changed between two releases, revisions of git, or now.

    BEFORE and AFTER are names of releases, revisions of git such as v1.0 or HEAD~3, or now, which is the folder as it
    is. The format prisma-lsr is the text that PRISMA-LSR asks a version of a living review to give.
    """
    from kg.release.between import difference
    from kg.release.prisma import prisma_lsr

    found = difference(review_of(folder), before, after, evidence)
    if format_ == _LSR:
        put(prisma_lsr(found), output)
    else:
        emit(found.table(), format_, output)
