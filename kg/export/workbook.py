"""The charting workbook of a review: studies to chart, drop-down lists of the values, and the codebook.

``kg add`` reads the filled workbook. The same folder gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kg.export.codebook import KINDS, Codebook, Entry, codebook_of, codebook_table, constants
from kg.export.tables import write_cell
from kg.graph.build import short_citation
from kg.table import Table

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from kg.folder.review import Review
    from kg.model.records import Evidence, Study

#: The rows below the last one that is filled in which still have drop-down lists.
_SPARE_ROWS = 1000
#: A note on a header lists at most this many values; the codebook lists them all.
_MOST_IN_A_NOTE = 25
_WIDTHS = {
    "study": 20, "study_label": 28, "factor": 34, "direction": 14, "outcomes": 34, "pole": 12, "locator": 12,
    "note": 50, "key": 20, "label": 10, "doi": 26, "authors": 30, "year": 8, "title": 50, "sample_size": 10,
}  # fmt: skip
#: Kind of column -> its width, for columns without one of their own.
_KIND_WIDTHS = {"text": 40, "number": 12, "year": 8, "yes/no": 10, "categories": 28}
#: The columns that help the reader of the sheet, shown in grey.
_HELP = ("study_label",)
_CODEBOOK_WIDTHS = (10, 20, 9, 34, 50, 30, 24, 50, 34)
_TEXT_FORMAT = "@"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Charting:
    """A charting workbook as ``content``: ``rows`` studies without findings, of ``studies`` in the review.

    ``rows`` is None for a review that charts no findings, and the workbook has no sheet for them.
    """

    content: bytes
    rows: int | None
    studies: int


def charting_workbook(review: Review) -> Charting:
    """Return the charting workbook of a review folder. Raises BadInput for a folder that cannot be read."""
    import openpyxl

    loaded = review.load()
    evidence = loaded.evidence
    book = codebook_of(review, evidence)
    # A review of tags has no sheet of findings, and no terms that they could be about.
    charts_findings = bool(evidence.factors) or any(reading.has_findings for reading in loaded.readings)
    if not charts_findings:
        book = replace(book, findings=())
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    names = (*(["findings"] if charts_findings else []), "studies", "codebook", "lists")
    sheets = {name: workbook.create_sheet(name) for name in names}
    reported = {finding.study for finding in evidence.findings}
    to_chart = [study for study in evidence.studies if study.id not in reported]
    filler = _Filler(evidence, book, _Lists(sheets["lists"]))
    if charts_findings:
        given = constants(review.config)
        filler.fill(sheets["findings"], book.findings, [_finding_row(study, given) for study in to_chart], "C2")
    filler.fill(sheets["studies"], book.studies, [filler.study_row(study) for study in evidence.studies], "B2")
    _write_codebook(sheets["codebook"], codebook_table(book))
    sheets["lists"].sheet_state = "hidden"
    return Charting(packed(workbook), len(to_chart) if charts_findings else None, len(evidence.studies))


def _finding_row(study: Study, given: Mapping[str, str]) -> dict[str, str]:
    return {**given, "study": study.key, "study_label": short_citation(study)}


class _Lists:
    """The hidden sheet with the values of the drop-down lists, one list a column."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, name: str, values: Sequence[str]) -> str:
        """Return the reference of the cells that hold ``values``; equal lists are written once."""
        from openpyxl.utils import get_column_letter

        key = tuple(values)
        if key not in self._ranges:
            column = len(self._ranges) + 1
            for row, text in enumerate((name, *values), start=1):
                write_cell(self._sheet, row, column, text)
            letter = get_column_letter(column)
            self._ranges[key] = f"lists!${letter}$2:${letter}${len(values) + 1}"
        return self._ranges[key]


class _Filler:
    """Fills the sheets of findings and of studies."""

    def __init__(self, evidence: Evidence, book: Codebook, lists: _Lists) -> None:
        self._lists = lists
        self._book = book
        self._keys = [study.key for study in evidence.studies]
        self._labels = {facet.id: {v.id: v.label for v in facet.values} for facet in evidence.facets}
        self._outcomes = {concept.id: concept.label for concept in evidence.outcomes}

    def fill(self, sheet: Worksheet, entries: Sequence[Entry], rows: Sequence[Mapping[str, Any]], freeze: str) -> None:
        """Write the header, the rows, the drop-down lists and the notes of a sheet."""
        for column, entry in enumerate(entries, start=1):
            self._write_header(sheet, column, entry)
            for number, row in enumerate(rows, start=2):
                if (value := row.get(entry.name)) not in (None, ""):
                    cell = write_cell(sheet, number, column, value)
                    if isinstance(value, str):
                        cell.number_format = _TEXT_FORMAT
                    if entry.name in _HELP:
                        cell.font = _font(color="00808080", italic=True)
            self._add_validation(sheet, column, entry, len(rows) + 1 + _SPARE_ROWS)
        sheet.freeze_panes = freeze

    def study_row(self, study: Study) -> dict[str, Any]:
        """Return the cells of a study by the names of their columns."""
        row: dict[str, Any] = {
            name: getattr(study, name)
            for name in ("key", "label", "doi", "authors", "year", "title", "reference", "basis")
        }
        row["openalex"] = study.id.removeprefix("openalex:") if study.id.startswith("openalex:") else None
        row["report"] = "; ".join(study.reports)
        row["outcomes"] = "; ".join(self._outcomes[outcome] for outcome in study.outcomes)
        for entry in self._book.studies:
            if entry.name in study.facets and entry.name not in row:
                labels = [self._labels[entry.name][value] for value in study.facets[entry.name]]
                row[entry.name] = _number(labels[0]) if entry.kind in ("number", "year") else "; ".join(labels)
            elif status := study.not_coded.get(entry.name):
                row[entry.name] = next((w for w, s in (entry.statuses or {}).items() if s == status), status)
        return row

    @staticmethod
    def _write_header(sheet: Worksheet, column: int, entry: Entry) -> None:
        from openpyxl.comments import Comment
        from openpyxl.styles import Alignment, PatternFill
        from openpyxl.utils import get_column_letter

        cell = write_cell(sheet, 1, column, entry.header)
        cell.font = _font(bold=True)
        cell.fill = PatternFill("solid", fgColor="00DDE5EE")
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        text = _note(entry)
        lines = text.count("\n") + len(text) // 50 + 1
        cell.comment = Comment(text, "kg", height=min(24 + 16 * lines, 600), width=380)
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width = _WIDTHS.get(entry.name) or _KIND_WIDTHS.get(entry.kind, 20)
        if entry.kind not in ("number", "year"):
            dimension.number_format = _TEXT_FORMAT  # or a spreadsheet turns pages such as 3-4 into a date

    def _add_validation(self, sheet: Worksheet, column: int, entry: Entry, last: int) -> None:
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.datavalidation import DataValidation

        choices = self._choices(entry)
        if choices:
            rule = DataValidation("list", formula1=self._lists.range_of(entry.header, choices), allow_blank=True)
            rule.showErrorMessage = entry.closed or entry.kind == "study"
            rule.errorStyle = "warning" if entry.several else "stop"
        elif entry.kind in ("number", "year"):
            rule = DataValidation("decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
            rule.showErrorMessage, rule.errorStyle = True, "warning"
        else:
            return
        rule.errorTitle = "Not in the list" if choices else "Not a number"
        rule.error = "Several are separated by ; - check the spelling." if entry.several else _expected(entry)
        letter = get_column_letter(column)
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)

    def _choices(self, entry: Entry) -> list[str]:
        if entry.kind == "study":
            return self._keys
        values = [value.label for value in entry.values]
        statuses = [word for word, status in (entry.statuses or {}).items() if status != "not extracted"]
        return [*values, *statuses] if values else []


def _expected(entry: Entry) -> str:
    return "The codebook lists what is accepted." if entry.values else f"The column holds {KINDS[entry.kind]}."


def _font(**style: Any) -> Any:
    from openpyxl.styles import Font

    return Font(**style)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _note(entry: Entry) -> str:
    """Return the note on a header: what the column holds, and its first values."""
    lines = [f"{'Required. ' if entry.required else ''}Holds {KINDS[entry.kind]}."]
    if entry.help:
        lines.append(entry.help)
    shown = entry.values[:_MOST_IN_A_NOTE]
    lines += [f"- {value.label}{': ' if value.meaning else ''}{value.meaning}" for value in shown]
    if len(entry.values) > len(shown):
        lines.append(f"… and {len(entry.values) - len(shown)} more in the sheet codebook")
    lines += [f"- {word}: {status}" for word, status in (entry.statuses or {}).items() if word != status]
    return "\n".join(lines)


def _write_codebook(sheet: Worksheet, table: Table) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    header = [name.replace("_", " ") for name in table.columns]
    for number, row in enumerate([header, *table.rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = write_cell(sheet, number, column, value or None)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                cell.font = _font(bold=True)
    for column, width in enumerate(_CODEBOOK_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"


def packed(workbook: Workbook) -> bytes:
    """Return a workbook as a file without the time at which it was made, so that equal workbooks are equal files."""
    saved, out = io.BytesIO(), io.BytesIO()
    workbook.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _STAMP.sub(b"2000-01-01T00:00:00Z", data)
            target.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
