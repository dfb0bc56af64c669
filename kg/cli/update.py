"""``kg update``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import budget_option, folder_option, review_of
from kg.cli.output import progress_bar, put
from kg.errors import counted
from kg.table import Table

if TYPE_CHECKING:
    from kg.fetch.digest import Digest
    from kg.fetch.update import Steps
    from kg.folder.review import Review


@click.command(epilog="Example: kg update --snowball 1 --dry-run")
@click.option(
    "--snowball", type=click.IntRange(1, 9), metavar="N", help="Also N rounds of citations, from the included studies."
)
@click.option(
    "--most", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="So many to read next."
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it costs, and end.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the digest to this file, not stdout."
)
@budget_option
@folder_option
def update(
    snowball: int | None, most: int, dry_run: bool, output: Path | None, budget: int | None, folder: Path
) -> None:
    """Run the saved searches again, refresh the included studies, and print what is new.

    Each search of OpenAlex in the search log is run from its last day on. The digest, in Markdown, says what came and
    what of it was known, which included studies have changed their standing, and which candidates to read first. What
    was interrupted goes on when the command is given again. Nothing is decided.
    """
    from kg.fetch.digest import digest
    from kg.fetch.update import steps
    from kg.screening.queue import queue

    review, today = review_of(folder), date.today()
    found = steps(review, today, rounds=snowball or 0)
    for name in found.done:
        click.echo(f"{name}: done today", err=True)
    _fetch(review, found, budget, dry_run=dry_run)
    if not dry_run:
        put(digest_text(digest(review, today), found, queue(review), most), output)


def _fetch(review: Review, found: Steps, budget: int | None, *, dry_run: bool) -> None:
    """Say what each step costs, and run it, unless this is a dry run."""
    from kg.fetch.run import fetch, plan
    from kg.loaders.openalex.client import Client

    calls = credits = 0
    with Client(tell=lambda text: click.echo(text, err=True), budget=budget) as client:
        for step in found.open:
            planned = plan(review, client, step.request)
            least = "at least " if planned.at_least else ""
            since = f" since {step.since}" if step.since else ""
            price = f"{counted(planned.calls, 'call')}, {counted(planned.credits, 'credit')}"
            click.echo(f"{step.name}{since}: {least}{counted(planned.works, 'work')}, {price}", err=True)
            calls, credits = calls + planned.calls, credits + planned.credits
            if dry_run:
                continue
            try:
                with progress_bar("fetching", "works") as progress:
                    fetch(review, client, step.request, progress, planned.works)
            except KeyboardInterrupt:
                click.echo("stopped: what has come is kept, and the same command goes on from there", err=True)
                click.get_current_context().exit(130)
    click.echo(f"in all: {counted(calls, 'call')}, {counted(credits, 'credit')}", err=True)
    if budget is not None:
        click.echo(f"  {client.costs.report()}", err=True)


def digest_text(found: Digest, steps: Steps, queue: Table, most: int) -> str:
    """Return the digest of an update in Markdown; text from records is escaped."""
    return "\n".join((f"# Update of {found.day}\n", *_parts(found, steps, queue, most)))


def _parts(found: Digest, steps: Steps, queue: Table, most: int) -> Iterator[str]:
    from kg.export.tables import to_markdown

    yield "## What came\n"
    rows = [(s.id, s.source, s.query, s.filters, records) for s, records in found.searches]
    if rows:
        yield to_markdown(Table("searches", ("search", "source", "query", "filters", "records"), rows))
    new, known = counted(len(found.candidates), "new candidate"), f"{found.known:,} known or twice"
    yield f"{counted(found.records, 'record')}: {new}, {known}; {counted(found.pairs, 'new possible duplicate')}.\n"
    if found.reports:
        yield to_markdown(Table("reports", ("included study with a new record",), [(name,) for name in found.reports]))
    if steps.not_repeated:
        yield "Not repeated:\n"
        yield to_markdown(Table("not-repeated", ("search", "why"), list(steps.not_repeated)))
    yield "## Standing\n"
    if found.standings:
        yield to_markdown(Table("standings", ("study", "before", "now"), list(found.standings)))
    else:
        yield "No included study has changed its standing.\n"
    if found.retracted:
        yield to_markdown(Table("retracted", ("retracted candidate",), [(id_,) for id_ in found.retracted]))
    yield "## To read first\n"
    fresh = set(found.candidates)
    listed = [row for row in queue.dicts() if row["work"] in fresh][:most]
    columns = ("rank", "work", "year", "title", "reason", "cells")
    if listed:
        yield to_markdown(Table("queue", columns, [tuple(row[name] for name in columns) for row in listed]))
    waiting = "candidate awaits" if len(queue) == 1 else "candidates await"
    yield f"{len(queue):,} {waiting} a decision; kg queue lists them.\n"
