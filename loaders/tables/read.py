"""Read CSV and TSV files and workbooks as rows of text, with the row numbers that a spreadsheet shows.

Cells are not interpreted here. What a spreadsheet did to a cell (a date where text was typed, a formula, a merge) is
kept, because a silent conversion would change the evidence.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import cast

from kg.loaders.tables.fill import fill_table
from kg.loaders.tables.rawtable import MAX_CELL, RawTable, unreadable
from kg.loaders.tables.separators import SEPARATORS, guess_separator, lines_of, split_text
from kg.loaders.tables.workbooks import WORKBOOKS, read_workbook
from kg.problems import Problem
from kg.text import unguarded

_TEXTS = (".csv", ".tsv", ".txt")
#: What a problem with quotation marks names as accepted.
QUOTATION = 'quotation marks in pairs around a cell, and doubled inside one: "the ""helper"" role"'


def read_tables(
    path: Path,
    name: str,
    *,
    encoding: str | None = None,
    header_row: int | None = None,
    header_rows: Mapping[str, int | None] | None = None,
) -> list[RawTable]:
    """Return the sheets of a file; ``name`` is the file name in problems. An unreadable file gives one broken table.

    ``header_row`` is the row of the header; ``header_rows`` overrides it for single sheets of a workbook by sheet name.
    Where it is None, the header is guessed.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in _TEXTS:
            return [_read_text(path, name, encoding, header_row)]
        if suffix not in WORKBOOKS:
            accepted = ", ".join((*_TEXTS[:2], *WORKBOOKS))
            return [unreadable(name, f"files of type {suffix or 'none'!r} are not read", accepted)]
        if path.stat().st_size == 0:
            return [unreadable(name, "the workbook is empty (0 bytes): was it saved or copied completely?")]
        tables = list(read_workbook(path, name, header_row, header_rows or {}))
    except OSError as error:
        return [unreadable(name, f"cannot be read: {error.strerror or error}")]
    return tables or [
        unreadable(
            name, "no visible sheet of the workbook has anything in it", "a header row and at least one row under it"
        )
    ]


def _read_text(path: Path, name: str, encoding: str | None, header_row: int | None) -> RawTable:
    data = path.read_bytes()
    if not data or data.isspace():
        return unreadable(name, "the file is empty", accepted="a header row and at least one row under it")
    text = decode_text(data, name, encoding)
    if isinstance(text, Problem):
        return RawTable(name, broken=[text])
    table = RawTable(name)
    separator = "\t" if path.suffix.lower() == ".tsv" else guess_separator(text, header_row)
    split = split_text(text, separator)
    if split.error:
        first = next(islice(lines_of(text), split.lines, None), "")
        table.broken.append(_broken_row(split.error, name, len(split.rows) + 1, first))
        return table
    if any(f"{before}'" in text for before in (separator, "\n", '"')) or text.startswith("'"):
        for _, cells in split.rows:
            cells[:] = [unguarded(cell) if cell[:1] == "'" else cell for cell in cast("list[str]", cells)]
    table.notes = split.notes
    fill_table(table, split.rows, header_row, separator=SEPARATORS[separator])
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


def decode_text(data: bytes, name: str, encoding: str | None) -> str | Problem:
    """Return the text of a file with ``\\n`` line breaks and no byte order mark, or the problem of its encoding."""
    codec = encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    declare = f', or [[sheet]] in review.toml with file = "{name}" and encoding = "{{}}"'
    if not name.startswith("sheets/"):
        declare = ""  # only sheets can be declared in review.toml
    if encoding is None and codec == "utf-8" and (wide := _wide_encoding(data)):
        return Problem(
            name,
            "looks like UTF-16 without a byte order mark",
            accepted='UTF-8 (Excel: save as type "CSV UTF-8")' + declare.format(wide),
        )
    try:
        text = data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
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


def _wide_encoding(data: bytes) -> str:
    """Return the encoding of text in which every other byte is 0, "" for other text."""
    if b"\0" not in data:
        return ""
    quarter = len(data) // 4
    return "utf-16-le" if data[1::2].count(0) > quarter else "utf-16-be" if data[0::2].count(0) > quarter else ""
