"""``kg flow``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, listing, review_of
from kg.cli.output import emit, put


@click.command(epilog="Example: kg flow --prisma PRISMA.csv")
@click.option(
    "--prisma",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the numbers to this file, for the R package PRISMA2020.",
)
@folder_option
@listing
def flow(prisma: Path | None, folder: Path, format_: str | None, output: Path | None) -> None:
    """Count the study flow, from records to included studies, and check that it adds up.

    What the review prints comes with what follows from it, and what this folder holds is counted from the search log,
    the records and the decisions. Ends with exit code 1 where something does not add up.
    """
    from kg.screening.prisma import prisma_csv
    from kg.screening.report import report

    review = review_of(folder)
    info = review.config.review
    found = report(review)
    emit(found.table(), format_, output)
    for name, said in (
        ("registration", info.registration),
        ("protocol", info.protocol),
        ("screeners", "; ".join(info.screeners)),
        ("tools", "; ".join(info.tools)),
    ):
        if said:
            click.echo(f"{name}: {said}", err=True)
    if prisma is not None:
        put(prisma_csv(found), prisma)
    for problem in found.problems:
        click.echo(f"does not add up: {problem}", err=True)
    click.get_current_context().exit(1 if found.problems else 0)
