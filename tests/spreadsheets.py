"""Write small XLSX and ODS workbooks, so that none has to be kept in the repository."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape

import openpyxl

from kg.loaders.tables.marks import area_of

Value: TypeAlias = str | int | float | datetime.date | datetime.datetime | None
Rows: TypeAlias = Sequence[Sequence[Value]]

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_MIME = "application/vnd.oasis.opendocument.spreadsheet"


def write_xlsx(path: Path, sheets: Mapping[str, Rows], merge: Mapping[str, Sequence[str]] | None = None) -> None:
    """Write a workbook; text that starts with = becomes a formula, as where somebody types it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(number, place).value = value
        for area in (merge or {}).get(title, ()):
            sheet.merge_cells(area)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_ods(path: Path, sheets: Mapping[str, Rows], merge: Mapping[str, Sequence[str]] | None = None) -> None:
    """Write an OpenDocument workbook; None is a cell that a merge covers or that is blank."""
    tables = ""
    for title, rows in sheets.items():
        areas = map(area_of, (merge or {}).get(title, ()))
        spans = {(area.rows.start, area.columns.start): (len(area.columns), len(area.rows)) for area in areas}
        tables += f'<table:table table:name="{escape(title)}">'
        for number, row in enumerate(rows, start=1):
            cells = (_ods_cell(value, spans.get((number, place))) for place, value in enumerate(row, start=1))
            tables += f"<table:table-row>{''.join(cells)}</table:table-row>"
        tables += "</table:table>"
    names = " ".join(f'xmlns:{short}="{_OFFICE}:{short}:1.0"' for short in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _MIME)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)


def _ods_cell(value: Value, span: tuple[int, int] | None = None) -> str:
    cell = "table:table-cell"
    if span:
        cell += f' table:number-columns-spanned="{span[0]}" table:number-rows-spanned="{span[1]}"'
    if value is None:
        return f"<{cell}/>"
    if isinstance(value, datetime.date):
        return f'<{cell} office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, int | float):
        return f'<{cell} office:value-type="float" office:value="{value}"/>'
    if value.startswith("="):
        return f'<{cell} table:formula="of:{escape(value)}" office:value-type="float" office:value="3"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
    return f'<{cell} office:value-type="string">{lines}</table:table-cell>'
