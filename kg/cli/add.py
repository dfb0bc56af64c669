"""``kg add``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import folder_option, review_of
from kg.errors import counted
from kg.problems import row_numbers

if TYPE_CHECKING:
    from kg.folder.review import Review

#: The options that describe the search of a file, which are columns of the search log.
_SEARCH = ("date", "source", "platform", "query")


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
def add(
    files: tuple[Path, ...],
    folder: Path,
    replace: bool,
    kind: str | None,
    date: str | None,
    source: str | None,
    platform: str | None,
    query: str | None,
) -> None:
    """Check sheets, exports of databases and the like, and put them into the review folder.

    Extraction sheets (CSV, TSV, XLSX, ODS) go to sheets/; exports (RIS, BibTeX, nbib, EndNote XML, CSV of databases)
    to references/; works of OpenAlex (JSON lines, also gzip) to records/; notices (Retraction Watch's CSV, Crossref's
    JSON) to standing/. A file with anything that cannot be accepted is not added, and all that is wrong is named.
    """
    from kg.folder.add import add_files

    given = dict(zip(_SEARCH, (date, source, platform, query), strict=True))
    search = {name: text for name, text in given.items() if text}
    review = review_of(folder)
    sheets = set()
    for added in add_files(review, files, replace=replace, kind=kind, search=search):
        click.echo(f"added {added.path}: {counted(added.number, added.noun)}; next: kg build", err=True)
        if added.kept:
            click.echo(f"the search log has the file as {added.kept}, and that row stays as it is", err=True)
        if added.noun == "row":
            sheets.add(added.path.resolve().relative_to(review.root.resolve()).as_posix())
    if sheets:
        _suggest_poles(review, sheets)


def _suggest_poles(review: Review, sheets: set[str]) -> None:
    """Say how many of the added findings are worded as a lack of the factor but have no pole."""
    from kg.check.poles import pole_hints

    hints = list(pole_hints(f for f in review.load().evidence.findings if f.source in sheets))
    if hints:
        rows = row_numbers([hint.finding.row for hint in hints])
        are = f"{counted(len(hints), 'finding')} without a pole {'is' if len(hints) == 1 else 'are'} worded as a lack"
        ask = "is it the absence of the factor? kg check --kind pole-suggested lists them"
        click.echo(f"note: {are}, such as {hints[0].words[0]!r} ({rows}): {ask}", err=True)
