"""Read CSV, TSV, XLSX and ODS files as rows of text, with the row numbers that a spreadsheet shows.

Cells are not interpreted here. What a spreadsheet did to a cell (a date where text was typed, a formula, a merge) is
kept, because a silent conversion would change the evidence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import cast

from kg.loaders.tables.rawtable import MAX_CELL, Cell, RawTable, Row, fill_table, unreadable
from kg.loaders.tables.workbooks import read_ods, read_xlsx
from kg.model.layout import SHEETS
from kg.problems import Problem
from kg.text import unguarded

#: What a problem with quotation marks names as accepted.
QUOTATION = 'quotation marks in pairs around a cell, and doubled inside one: "the ""helper"" role"'


def read_tables(
    path: Path,
    name: str,
    *,
    encoding: str | None = None,
    header_row: int = 1,
    header_rows: Mapping[str, int] | None = None,
) -> list[RawTable]:
    """Return the sheets of a file; ``name`` is the file name in problems. An unreadable file gives one broken table.

    ``header_row`` is the row of the header, ``header_rows`` overrides it for single sheets of a workbook by sheet name.
    """
    suffix = path.suffix.lower()
    own_header_rows = header_rows or {}
    try:
        if suffix in (".csv", ".tsv", ".txt"):
            return [_read_text(path, name, encoding, header_row)]
        if suffix not in SHEETS:
            return [unreadable(name, f"files of type {suffix or 'none'!r} are not read", ", ".join(SHEETS))]
        if path.stat().st_size == 0:
            return [unreadable(name, "the workbook is empty (0 bytes): was it saved or copied completely?")]
        read = read_xlsx if suffix == ".xlsx" else read_ods
        tables = list(read(path, name, header_row, own_header_rows))
    except OSError as error:
        return [unreadable(name, f"cannot be read: {error.strerror or error}")]
    return tables or [
        unreadable(
            name, "no visible sheet of the workbook has anything in it", "a header row and at least one row under it"
        )
    ]


def _read_text(path: Path, name: str, encoding: str | None, header_row: int) -> RawTable:
    data = path.read_bytes()
    if not data.strip():
        return unreadable(name, "the file is empty", accepted="a header row and at least one row under it")
    text = decode_text(data, name, encoding)
    if isinstance(text, Problem):
        return RawTable(name, broken=[text])
    table = RawTable(name)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text, header_row)
    records: list[Row] = []
    lines = 0
    try:
        # Strict, because the lenient reader lets an unclosed quotation mark swallow all rows below it.
        reader = csv.reader(lines_of(text), delimiter=delimiter, strict=True)
        for record in reader:
            records.append((len(records) + 1, cast("list[Cell]", record)))
            lines = reader.line_num
    except csv.Error as error:
        first = next(islice(lines_of(text), lines, None), "")
        table.broken.append(_broken_row(str(error), name, len(records) + 1, first))
        return table
    if "'" in text:
        for _, cells in records:
            cells[:] = [unguarded(cell) if isinstance(cell, str) else cell for cell in cells]
    fill_table(table, records, header_row)
    return table


def _broken_row(error: str, name: str, row: int, value: str) -> Problem:
    """Return the problem of the row at which the CSV reader stopped with ``error``."""
    if "field limit" in error:
        reason = f"the cell has more than {csv.field_size_limit():,} characters: is a quotation mark missing its end?"
        return Problem(
            name, reason, row=row, value=value, accepted=f"at most {MAX_CELL:,} characters, as in a spreadsheet"
        )
    return Problem(
        name,
        "a quotation mark opens a cell in this row and "
        + ("the next one does not end the cell" if "expected after" in error else "is never closed"),
        row=row,
        value=value,
        accepted=QUOTATION,
    )


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text, each with its line break. ``io.StringIO`` would need four bytes per character."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def decode_text(data: bytes, name: str, encoding: str | None) -> str | Problem:
    """Return the text of a file with ``\\n`` line breaks and no byte order mark, or the problem of its encoding."""
    codec = encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    declare = f', or [[sheet]] in review.toml with file = "{name}" and encoding = "{{}}"'
    if not name.startswith("sheets/"):
        declare = ""  # only sheets can be declared in review.toml
    half = len(data) // 2
    wide = "utf-16-le" if data[1::2].count(0) > half // 2 else "utf-16-be" if data[0::2].count(0) > half // 2 else ""
    if encoding is None and wide and codec == "utf-8":
        return Problem(
            name,
            "looks like UTF-16 without a byte order mark",
            accepted='UTF-8 (Excel: save as type "CSV UTF-8")' + declare.format(wide),
        )
    try:
        text = data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        excerpt = data[max(0, error.start - 12) : error.start + 12].decode("cp1252", "replace")
        return Problem(
            name,
            f"is not valid {codec.upper() if codec == 'utf-8' else codec}",
            row=line,
            value=excerpt,
            accepted="the encoding that the file was saved in"
            if encoding
            else 'UTF-8 (Excel: save as type "CSV UTF-8")' + declare.format("cp1252"),
        )
    except (LookupError, ValueError):  # ValueError: a Python codec that is not a text encoding
        return Problem(name, f"no encoding of text is called {encoding!r}", accepted="utf-8, cp1252, latin-1, utf-16")
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # so that cells do not depend on the platform
    nul = text.find("\0")
    if nul >= 0:
        return Problem(
            name,
            "holds a NUL character: the file is damaged, or no text file",
            row=text.count("\n", 0, nul) + 1,
            value=text[max(0, nul - 12) : nul + 12],
            accepted="text; open the file in a spreadsheet and save it as CSV UTF-8 again",
        )
    return text


def _delimiter(text: str, header_row: int) -> str:
    """Return the separator of the header line. Spreadsheets write ``;`` in locales with a decimal comma."""
    start = "".join(islice(lines_of(text), header_row - 1, header_row + 20))
    first = re.sub(r'"[^"]*"', "", start).lstrip("\n").partition("\n")[0]
    return max(",;\t", key=first.count)
