"""``kg add``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import evidence_option, folder_option, review_of
from kg.errors import counted
from kg.problems import row_numbers

if TYPE_CHECKING:
    from kg.folder.config import Config
    from kg.folder.review import Review
    from kg.model.records import Evidence
    from kg.problems import Problem

#: The options that describe the search of a file, which are columns of the search log.
_SEARCH = ("date", "source", "platform", "query")

#: The most notes on a file that are printed.
_MOST_NOTES = 20


@click.command(epilog="Example: kg add extraction.xlsx pubmed.nbib scopus.ris")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@folder_option
@click.option("--replace", is_flag=True, help="Overwrite a file of the same name.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["sheet", "references", "records", "notices"]),
    help="What the files are, where ending and content do not say.",
)
@click.option("--date", help="The day of the search that the files come from, for the search log.")
@click.option("--source", help="The database that was searched; by default what the files say.")
@click.option("--platform", help="Through what it was searched, e.g. Ovid.")
@click.option("--query", help="What was searched for.")
@click.option(
    "--explain",
    is_flag=True,
    help="Print the [[sheet]] or [[references]] that declares how a table is read; write nothing.",
)
@evidence_option
@click.option("--dry-run", is_flag=True, help="Check the files and say what they do to the map; write nothing.")
@click.option("--no-input", is_flag=True, help="Never ask; end with an error that says what to declare.")
def add(
    files: tuple[Path, ...],
    folder: Path,
    replace: bool,
    kind: str | None,
    date: str | None,
    source: str | None,
    platform: str | None,
    query: str | None,
    explain: bool,
    evidence: str,
    dry_run: bool,
    no_input: bool,
) -> None:
    """Check sheets, exports of databases and the like, and put them into the review folder.

    Extraction sheets (CSV, TSV, XLSX, XLSB, XLS, ODS) go to sheets/; exports (RIS, BibTeX, nbib, EndNote XML, CSV of
    databases) to references/; works of OpenAlex (JSON lines, also gzip) to records/; notices (Retraction Watch's CSV,
    Crossref's JSON) to standing/. If anything in a file cannot be accepted, no file is added, and all that is wrong is
    named. Before a sheet is written, its effect is told: cells that it opens, closes or turns, and the numbers of
    printed tables that move.
    """
    from kg.folder.add import add_files

    if explain:
        _explain(review_of(folder), files, kind)
        return
    if not no_input and not dry_run and is_terminal():
        _ask(review_of(folder), files, kind)

    given = dict(zip(_SEARCH, (date, source, platform, query), strict=True))
    search = {name: text for name, text in given.items() if text}
    review = review_of(folder)
    sheets = set()
    foresee = partial(_foresee, review.config, evidence)
    options: dict[str, Any] = {"replace": replace, "kind": kind, "search": search}
    for added in add_files(review, files, **options, foresee=foresee, write=not dry_run):
        if added.completed:
            click.echo(f"completed an earlier kg add of {added.path} that was interrupted", err=True)
        _say(added.description)
        done, then = ("would add", "nothing was written") if dry_run else ("added", "next: kg build")
        click.echo(f"{done} {added.path}: {counted(added.number, added.noun)}; {then}", err=True)
        for note in added.notes[:_MOST_NOTES]:
            click.echo(f"note: {note}", err=True)
        if len(added.notes) > _MOST_NOTES:
            click.echo(f"note: and {counted(len(added.notes) - _MOST_NOTES, 'more note')}", err=True)
        if added.kept:
            click.echo(f"the search log has the file as {added.kept}, and that row stays as it is", err=True)
        if added.noun == "row" and not dry_run:
            sheets.add(added.path.resolve().relative_to(review.root.resolve()).as_posix())
    if sheets:
        _suggest_poles(review, sheets)


def _foresee(config: Config, evidence: str, before: Evidence | None, after: Evidence) -> None:
    """Print what sheets will do to the map, before they are written."""
    from kg.release.preview import preview

    click.echo("\n".join(preview(before, after, config, evidence)), err=True)


def is_terminal() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _say(description: Sequence[str]) -> None:
    """Print how a sheet is read: a line on each sheet, and an indented one on each part of it."""
    for line in description:
        click.echo(("" if line.startswith("sheets/") else "  ") + line, err=True)


def _explain(review: Review, files: Sequence[Path], kind: str | None) -> None:
    """Print the declaration of each sheet or table of references, below the description as comments."""
    from kg.errors import BadInput
    from kg.folder.explain import explain, explain_references
    from kg.folder.formats import kind_in

    problems: list[Problem] = []
    for file in files:
        of_references = (kind or kind_in(review, file)) == "references"
        for found in [explain_references(review, file)] if of_references else explain(review, file):
            problems += found.problems
            for line in found.description:
                click.echo(f"# {line}")
            for text in filter(None, (found.question.text if found.question else "", found.toml)):
                click.echo(text if text == found.toml else f"# {text}")
    if problems:
        raise BadInput(problems, "nothing was written")


def _ask(review: Review, files: Sequence[Path], kind: str | None) -> None:
    """Ask how to read the sheets that can be read in two ways, and append the answers to review.toml."""
    from kg.folder.explain import declare, explain
    from kg.folder.formats import kind_in
    from kg.loaders.sheets.describe import question_lines

    for file in files:
        if (kind or kind_in(review, file)) != "sheet":
            continue
        for found in explain(review, file):
            if found.question is None:
                continue
            click.echo("\n".join(question_lines(found.question.text, found.question.options)), err=True)
            answers = [str(number) for number in range(1, len(found.question.options) + 1)]
            answer = click.prompt("which", type=click.Choice(answers), err=True)
            declare(review, found, found.question.options[int(answer) - 1][1])


def _suggest_poles(review: Review, sheets: set[str]) -> None:
    """Say how many of the added findings are worded as a lack of the factor but have no pole."""
    from kg.check.poles import pole_hints

    hints = list(pole_hints(f for f in review.load().evidence.findings if f.source in sheets))
    if hints:
        rows = row_numbers([hint.finding.row for hint in hints])
        are = f"{counted(len(hints), 'finding')} without a pole {'is' if len(hints) == 1 else 'are'} worded as a lack"
        ask = "is it the absence of the factor? kg check --kind pole-suggested lists them"
        click.echo(f"note: {are}, such as {hints[0].words[0]!r} ({rows}): {ask}", err=True)
