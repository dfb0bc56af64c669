"""Exports of bibliographic databases and reference managers -> records. Selects the reader for each file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kg.errors import KgError
from kg.limits import check_problems
from kg.loaders.references.bibtex import is_bibtex, read_bibtex
from kg.loaders.references.csv_exports import is_export, read_export
from kg.loaders.references.endnote import read_endnote
from kg.loaders.references.field_lines import is_field_lines, read_field_lines
from kg.loaders.references.spec import ReferenceSpec
from kg.loaders.references.tagged import format_of, read_tagged
from kg.loaders.tables.read import decode_text
from kg.model.literature import Record
from kg.problems import Note, Problem


class References(NamedTuple):
    """What a file holds: records and problems, which are its entries, and notes on parts of entries that were left."""

    records: list[Record]
    problems: list[Problem]
    notes: list[Note]


def read_references(path: Path, name: str, spec: ReferenceSpec | None = None) -> tuple[list[Record], list[Problem]]:
    """Return the records of an export, in its order, and the problems; ``name`` is the file name in problems.

    Reads RIS, MEDLINE and tagged files of Web of Science, BibTeX, EndNote's XML, and CSV or TSV of databases; ``spec``
    is what ``review.toml`` declares of the file. Raises KgError for a file that cannot be opened.
    """
    return read_with_notes(path, name, spec)[:2]


def read_with_notes(path: Path, name: str, spec: ReferenceSpec | None = None) -> References:
    """Return what ``read_references`` returns, and the notes on what was not read of entries that were."""
    found = References([], [], [])
    try:
        for each in _read(path, name, spec):
            if isinstance(each, Note):
                found.notes.append(each)
                check_problems(found.notes)
            elif isinstance(each, Problem):
                found.problems.append(each)
                check_problems(found.problems)
            else:
                found.records.append(each)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error
    return found


def _read(path: Path, name: str, spec: ReferenceSpec | None) -> Iterator[Record | Problem]:
    """Yield what a file holds. The content decides on the format where the ending could mislead."""
    suffix = path.suffix.lower()
    if suffix == ".xml":
        yield from read_endnote(path, name)
        return
    text = read_text(path, name)
    if isinstance(text, Problem):
        yield text
        return
    tagged, bibtex = format_of(text) is not None, is_bibtex(text)
    if is_field_lines(text):
        yield from read_field_lines(text, name)
    elif suffix in (".csv", ".tsv") or (not tagged and not bibtex and suffix == ".txt" and is_export(text)):
        yield from read_export(text, name, spec)
    elif bibtex if suffix != ".bib" else not tagged:
        yield from read_bibtex(text, name)
    elif suffix in (".txt", ".ciw") and is_export(text):
        yield from read_export(text, name, spec)
    else:
        yield from read_tagged(text, name)


def read_text(path: Path, name: str) -> str | Problem:
    """Return the text of an export, or the problem of its encoding.

    A file without any UTF-8 sequence is decoded as cp1252, which old reference managers write. A damaged UTF-8 file is
    a problem, because all its letters beyond ASCII would be wrong in cp1252.
    """
    data = path.read_bytes()
    text = decode_text(data, name, None)
    if isinstance(text, str) or _UTF_8_SEQUENCE.search(data) or b"\0" in data:
        return text
    fallback = decode_text(data, name, "cp1252")
    return fallback if isinstance(fallback, str) else text


#: A character of more than one byte in UTF-8.
_UTF_8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
