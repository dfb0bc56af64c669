"""``kg decide``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, review_of


@click.command(epilog='Example: kg decide 10.1007/s11192-025-05436-6 exclude --reason "no outcome of interest"')
@click.argument("work", metavar="WORK")
@click.argument("decision", type=click.Choice(["include", "exclude", "maybe"]))
@click.option("--reason", help='Why; needed to exclude a full text. "not retrieved" says that no full text was found.')
@click.option(
    "--stage",
    type=click.Choice(["abstract", "full-text"]),
    default="abstract",
    show_default=True,
    help="What was read: title and abstract, or the full text.",
)
@click.option("--by", metavar="NAME", help="Who decides; by default KG_CODER or git's user.name.")
@click.option("--revise", is_flag=True, help="Replace the same person's earlier decision; its row stays.")
@folder_option
def decide(
    work: str, decision: str, reason: str | None, stage: str, by: str | None, revise: bool, folder: Path
) -> None:
    """Record a decision on a candidate: include, exclude or maybe.

    WORK is its DOI, OpenAlex id, PMID or any other id that kg shows. The decision is a row in screening/decisions.csv;
    rows are appended and never changed. kg flow counts them.
    """
    from kg.screening.decide import decide as record

    made = record(review_of(folder), work, decision, stage=stage, reason=reason, by=by, revise=revise)
    click.echo(f"{made.work}: {made.decision} at the stage {made.stage}, by {made.by}", err=True)
