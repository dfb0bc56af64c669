"""Embase's CSV with one field on each line, its name in front, and an empty line between records -> records."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from kg.loaders.references.entries import Entry, check_length, record_of_entry
from kg.loaders.tables.read import QUOTATION
from kg.loaders.tables.separators import lines_of
from kg.model.literature import Record
from kg.problems import Problem

#: Names of fields of which a file has some in the first cells of its lines.
_NAMES = ("TITLE", "AUTHOR NAMES", "SOURCE", "PUBLICATION YEAR", "DOI", "EMBASE LINK", "ABSTRACT", "SOURCE TITLE")
_FIELD_START = re.compile(r'(?m)^"?([A-Z][A-Za-z/() -]*[A-Z)])"?[,;\t]')
_SOME = 3
Fields = dict[str, list[str]]


def is_field_lines(text: str) -> bool:
    """Return whether a text is such a file: the lines begin with the names of fields."""
    names = {found[1] for found in _FIELD_START.finditer(text[: 1 << 16])}
    first = text.lstrip().partition("\n")[0]
    return len(names.intersection(_NAMES)) >= _SOME and not sum(name in first for name in _NAMES) >= _SOME


def read_field_lines(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every block of lines that has a title or begins a record, or a problem.

    The row is the line where the record begins.
    """
    fields: Fields = {}
    first, line = 1, 1
    reader = csv.reader(lines_of(text), strict=True)
    try:
        for cells in reader:
            key = cells[0].strip() if cells else ""
            if fields and (not key or (key == "TITLE" and "TITLE" in fields)):
                yield from _record(fields, name, first)
                fields = {}
            if key:
                first = first if fields else line
                fields.setdefault(key, []).extend(filter(None, map(str.strip, cells[1:])))
                check_length(sum(map(len, cells)), name, line, "the field")
            line = reader.line_num + 1
    except csv.Error:
        value = text.split("\n")[line - 1]
        reason = "a quotation mark opens a cell in this row and does not end it: nothing from here on can be read"
        yield Problem(name, reason, row=line, value=value, accepted=QUOTATION)
    if fields:
        yield from _record(fields, name, first)


def _record(fields: Fields, name: str, row: int) -> Iterator[Record | Problem]:
    if not fields.keys() & {"TITLE", "AUTHOR NAMES", "DOI", "MEDLINE PMID", "SOURCE"}:
        return  # what the search was, and the like

    def one(*names: str) -> str | None:
        return next((text for key in names for text in fields.get(key, ())), None)

    entry = Entry(
        title=one("TITLE"),
        authors=fields.get("AUTHOR NAMES", []),
        dates=[text for key in ("PUBLICATION YEAR", "DATE OF PUBLICATION") for text in fields.get(key, ())],
        identifiers=[text for key in ("DOI", "FULL TEXT LINK") for text in fields.get(key, ())],
        pmid=one("MEDLINE PMID"),
        type=one("PUBLICATION TYPE"),
        venue=one("SOURCE TITLE", "SOURCE"),
        language=one("LANGUAGE OF ARTICLE", "ARTICLE LANGUAGE"),
        abstract=one("ABSTRACT"),
        accession=one("EMBASE ACCESSION ID", "PUI"),
    )
    reason = "the record has no title, DOI or PMID to be known by"
    yield record_of_entry(entry, "Embase", name, row) or Problem(
        name, reason, row=row, accepted="a record with a title"
    )
