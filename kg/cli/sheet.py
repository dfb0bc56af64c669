"""``kg sheet``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import folder_option, review_of
from kg.cli.output import written
from kg.errors import UsageProblem, counted


@click.command(epilog="Example: kg sheet -o charting.xlsx")
@folder_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("charting.xlsx"),
    help="The workbook to write; charting.xlsx by default.",
)
@click.option("--replace", is_flag=True, help="Overwrite a file of the same name.")
def sheet(folder: Path, output: Path, replace: bool) -> None:
    """Write a charting workbook: the studies without findings, with drop-down lists.

    The sheet findings has a row for each study that has no findings yet, and the sheet studies a row for each study. A
    review that charts no findings, such as one of tags, has no sheet for them.
    Vocabularies, facets and fixed values are drop-down lists; the codebook is in the notes of the headers and in a
    sheet of its own. Fill it in, and give it to kg add.
    """
    from kg.export.workbook import charting_workbook

    if output.suffix.lower() != ".xlsx":
        raise UsageProblem(f"{output}: a charting workbook is an .xlsx file")
    if output.exists() and not replace:
        raise UsageProblem(f"{output} is already there; use --replace to overwrite it and what was typed into it")
    charting = charting_workbook(review_of(folder))
    with written(output) as path:
        path.write_bytes(charting.content)
    of = counted(charting.studies, "study", "studies")
    if charting.rows is not None:
        of = f"{charting.rows:,} of {of} without findings"
    click.echo(f"{of}; fill it in, then: kg add {output}", err=True)
