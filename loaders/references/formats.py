"""Exports of bibliographic databases and reference managers -> records: which file is read by which reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kg.errors import KgError
from kg.limits import check_problems
from kg.loaders.references.bibtex import read_bibtex
from kg.loaders.references.csv_exports import is_export, read_export
from kg.loaders.references.endnote import read_endnote
from kg.loaders.references.tagged import read_tagged
from kg.loaders.tables.read import decoded
from kg.model.records import Record
from kg.problems import Problem


def read_references(path: Path, name: str) -> tuple[list[Record], list[Problem]]:
    """Return the records of an export, in its order, and what could not be read.

    ``name`` is what problems call the file. RIS, MEDLINE and Web of Science's tagged files, BibTeX, EndNote's XML, and
    the CSV or TSV of databases. Raises KgError for a file that cannot be opened.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    try:
        for found in _read(path, name):
            if isinstance(found, Problem):
                problems.append(found)
                check_problems(problems)
            else:
                records.append(found)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error
    return records, problems


def _read(path: Path, name: str) -> Iterator[Record | Problem]:
    suffix = path.suffix.lower()
    if suffix == ".xml":
        yield from read_endnote(path, name)
        return
    text = read_text(path, name)
    if isinstance(text, Problem):
        yield text
    elif suffix in (".csv", ".tsv") or (suffix == ".txt" and is_export(text)):
        yield from read_export(text, name)
    elif suffix == ".bib":
        yield from read_bibtex(text, name)
    else:
        yield from read_tagged(text, name)


def read_text(path: Path, name: str) -> str | Problem:
    """Return the text of an export, or why it is none.

    What is no UTF-8 at all is in the encoding of Windows, as old reference managers write it. A file that is UTF-8 but
    for some damage is not read as such: it would be garbled throughout.
    """
    data = path.read_bytes()
    text = decoded(data, name, None)
    if isinstance(text, str) or _UTF_8.search(data) or b"\0" in data:
        return text
    other = decoded(data, name, "cp1252")
    return other if isinstance(other, str) else text


#: A letter of more than one byte.
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
