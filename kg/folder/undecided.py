"""The problems of sheets of which the header does not tell how to read them."""

from __future__ import annotations

from kg.loaders.sheets.kinds import what_to_declare
from kg.loaders.sheets.reading import Question
from kg.loaders.tables.rawtable import RawTable
from kg.problems import Problem


def header_further_down(table: RawTable, header_row: int) -> Problem:
    """Return the problem of a sheet whose header seems to be in another row."""
    sheet = f' and sheet = "{table.sheet}"' if table.sheet else ""
    return Problem(
        table.file,
        f"the header seems to be row {header_row}",
        table.sheet,
        table.header_row,
        value=", ".join(filter(None, table.header)),
        accepted=f'header_row = {header_row} under [[sheet]] with file = "{table.file}"{sheet} in review.toml',
    )


def list_of_references(table: RawTable, database: str) -> Problem:
    """Return the problem of a list of candidates among the sheets."""
    name = table.file.rpartition("/")[2]
    ending = "" if name.lower().endswith((".csv", ".tsv")) else ", saved as CSV UTF-8"
    return table.problem(
        f"is a list of references as {database} writes it, and its rows would count as included studies",
        table.header_row,
        accepted=f'the file in references/{ending} (kg add); or [[sheet]] with file = "{table.file}" and '
        'kind = "studies" in review.toml, if every row is an included study',
    )


def asked(table: RawTable, question: Question) -> Problem:
    """Return the problem of a sheet that can be read in two ways."""
    answers = "; or ".join(
        f"{toml} under [[sheet]] in review.toml, if {sentence}" for sentence, toml in question.options
    )
    return table.problem(question.text, table.header_row, accepted=answers)


def unknown_kind(table: RawTable, row: int, value: str) -> Problem:
    """Return the problem of a sheet or workbook that holds neither studies nor findings."""
    return Problem(
        table.file,
        "cannot tell what the sheet holds" if row else "no sheet of the workbook holds studies or findings",
        table.sheet,
        row,
        value=value,
        accepted=what_to_declare(table),
    )
