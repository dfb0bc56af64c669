"""``kg vocabulary``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.options import day_of, folder_option, review_of
from kg.errors import UsageProblem, counted

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.folder.vocabulary import Changed
    from kg.model.records import Evidence

F = TypeVar("F", bound=Callable[..., Any])


@click.group(epilog='Example: kg vocabulary rename pay "Pay and benefits"')
def vocabulary() -> None:
    """Change a vocabulary: rename, merge, split or move a term, so that older releases stay comparable.

    A change is written into the sheet of the vocabulary and, as a row, into vocabulary/changes/migrations.csv. Sheets
    that use the old name are still read.
    """


_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")


def _changing(command: F) -> F:
    """Add the options of every change; the command returns what the term becomes."""

    @wraps(command)
    def changed(
        term: str, of: str | None, reason: str, date: str | None, dry_run: bool, folder: Path, **given: Any
    ) -> None:
        to = command(**given)
        _change(command.__name__, term, to, of, reason, day_of(date), folder, write=not dry_run)

    of = click.option("--of", metavar="VOCABULARY", help="factor, outcome or a facet, where several have such a term.")
    reason = click.option("--reason", default="", help="Why; it stands in the list of changes.")
    date = click.option("--date", metavar="DAY", help="The day of the change, e.g. 2026-11-30; by default today.")
    made: F = of(reason(date(_dry_run(folder_option(changed)))))  # type: ignore[assignment]
    return made


@vocabulary.command(epilog='Example: kg vocabulary rename pay "Pay and benefits" --reason "as in the protocol"')
@click.argument("term")
@click.argument("label")
@_changing
def rename(label: str) -> tuple[str, ...]:
    """Give TERM another label; the old one becomes a synonym.

    TERM is the id, label or synonym of a term. Its id stays, and no number changes.
    """
    return (label,)


@vocabulary.command(epilog='Example: kg vocabulary merge bonuses pay --reason "no study tells them apart"')
@click.argument("term")
@click.argument("into")
@_changing
def merge(into: str) -> tuple[str, ...]:
    """Make TERM a part of the term INTO: its names become synonyms, and its findings count there.

    Terms below TERM move below INTO.
    """
    return (into,)


@vocabulary.command(epilog="Example: kg vocabulary split workload Caseload Paperwork --dry-run")
@click.argument("term")
@click.argument("new", nargs=-1, required=True)
@_changing
def split(new: tuple[str, ...]) -> tuple[str, ...]:
    """Divide the factor or outcome TERM into the terms NEW, two or more, which are made where they are not there.

    Which of them a finding is about is for a person to say: the findings are listed in
    vocabulary/changes/recode.csv, and stay on TERM until the column new_term there is filled in.
    """
    return new


@vocabulary.command(epilog="Example: kg vocabulary move pay organizational")
@click.argument("term")
@click.argument("broader", required=False)
@_changing
def move(broader: str | None) -> tuple[str, ...]:
    """Put TERM below another broader term, or without BROADER at the top. Only groups change."""
    return (broader,) if broader else ()


@vocabulary.command(epilog="Example: kg vocabulary recode")
@_dry_run
@folder_option
def recode(dry_run: bool, folder: Path) -> None:
    """List findings on split terms that are not in vocabulary/changes/recode.csv yet, by adding them to it.

    They come from sheets that were added after the split and use the old term.
    """
    from kg.folder.vocabulary import list_undecided
    from kg.model.layout import RECODE

    found = list_undecided(review_of(folder), write=not dry_run)
    _say_completed(found)
    would = "would be added" if dry_run else "added"
    click.echo(f"{RECODE}: {counted(found.recode, 'row')} {would}", err=True)


def _change(
    change: str, term: str, to: tuple[str, ...], of: str | None, reason: str, date: str, folder: Path, *, write: bool
) -> None:
    from kg.folder.revise import Asked
    from kg.folder.vocabulary import change_vocabulary
    from kg.model.layout import RECODE

    review = review_of(folder)
    config, effect = review.config, list[str]()
    asked = Asked(change, term, to, date, " ".join(reason.split()), of)
    found = change_vocabulary(review, asked, foresee=lambda a, b: effect.extend(_effect(config, a, b)), write=write)
    _say_completed(found)
    migration = found.migration
    if migration is None:
        raise UsageProblem("nothing was changed")
    numbers = f"{counted(found.findings, 'finding')} of {counted(found.studies, 'study', 'studies')}"
    numbers += f", {counted(found.cells, 'cell')}"
    click.echo(f"{migration.vocabulary} {migration.label!r} ({migration.term}): {numbers}", err=True)
    for line in (*effect, *found.also):
        click.echo(line, err=True)
    done = "written" if write else "nothing was written"
    click.echo(f"{'' if write else 'would be '}{migration.says()}, number {migration.number}; {done}", err=True)
    if found.recode:
        are = "is" if found.recode == 1 else "are"
        where = f"{are if write else 'would be'} listed in {RECODE}"
        click.echo(f"{counted(found.recode, 'row')} to recode {where}: fill in the column new_term", err=True)


def _effect(config: Config, before: Evidence, after: Evidence) -> list[str]:
    from kg.release.preview import preview

    return preview(before, after, config)


def _say_completed(found: Changed) -> None:
    for file in found.completed:
        click.echo(f"completed an earlier command that was interrupted: {file}", err=True)
