"""``kg check``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kg.cli.options import listing, reading, review_of
from kg.cli.output import emit, format_of, put
from kg.errors import UnknownName, UsageProblem, counted
from kg.problems import nearest
from kg.text import escaped


@click.command(epilog="Example: kg check --kind outcome-list")
@reading
@click.option("--kind", metavar="KIND", help="Only discrepancies of one kind.")
@click.option(
    "--strict", is_flag=True, help="End with exit code 1 for anything found, not only for errors of the folder."
)
@click.option("--duplicates", is_flag=True, help="List works that may be one study, to be decided by a person.")
@click.option("--merges", is_flag=True, help="List the records that were taken to report one study, and why.")
@click.option(
    "--false-merges",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="With --merges or --duplicates: show what this bound would give, instead of false_merges in review.toml.",
)
@listing
def check(
    kind: str | None,
    strict: bool,
    duplicates: bool,
    merges: bool,
    false_merges: float | None,
    folder: Path,
    store: str | None,
    format_: str | None,
    output: Path | None,
) -> None:
    """Show what contradicts itself, and what is wrong with the folder.

    What the published review says twice and differently is computed from what the folder codes of each section.
    Severity: error, the folder cannot be trusted; conflict, the review contradicts itself; note, worth knowing. Errors
    end with exit code 1. --duplicates and --merges list how records were told apart and put together; the former, with
    the column decision filled in, is what records/duplicates.csv holds.
    """
    from kg.check import run as checks

    if duplicates or merges:
        if kind is not None or strict or (duplicates and merges):
            raise UsageProblem("--duplicates and --merges list something of their own: give one of them alone")
        review = review_of(folder)
        if duplicates:
            emit(checks.duplicates(review, false_merges), format_, output)
        else:
            table, estimated = checks.merges(review, false_merges)
            emit(table, format_, output)
            click.echo(estimated, err=True)
        return
    if false_merges is not None:
        raise UsageProblem("--false-merges goes with --merges or --duplicates; for every build, set it in review.toml")
    if kind is not None and kind not in checks.CHECK_KINDS:
        raise UnknownName("kind of discrepancy", kind, nearest(kind, checks.CHECK_KINDS) or list(checks.CHECK_KINDS))
    found = [f for f in checks.check(review_of(folder), store) if kind in (None, f.kind)]
    file_format = format_of(format_, output)
    if file_format == "json":
        text = escaped(json.dumps([f.to_dict() for f in found], ensure_ascii=False, indent=1) + "\n", bidi=False)
        put(text, output)
    else:
        emit(checks.as_table(checks.group_rows(found) if file_format == "table" else found), format_, output)
    counts = ", ".join(counted(sum(f.severity == s for f in found), s) for s in ("error", "conflict", "note"))
    click.echo(counts, err=True)
    click.get_current_context().exit(1 if any(f.severity == "error" or strict for f in found) else 0)
