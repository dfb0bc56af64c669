"""Exports of bibliographic databases and reference managers -> records: which file is read by which reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.errors import KgError
from kg.loaders.bibtex import read_bibtex
from kg.loaders.endnote import read_endnote
from kg.loaders.exports import read_export
from kg.loaders.tables import decoded, read_tables
from kg.loaders.tagged import read_tagged
from kg.model import Record
from kg.problems import Problem


def read_references(path: Path, name: str) -> tuple[list[Record], list[Problem]]:
    """Return the records of an export, and what could not be read; an entry that stands twice is one record.

    ``name`` is what problems call the file. RIS, MEDLINE and Web of Science's tagged files, BibTeX, EndNote's XML, and
    the CSV or TSV of databases. Raises KgError for a file that cannot be opened.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    try:
        for found in _read(path, name):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                records.append(found)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error
    return records, problems


def _read(path: Path, name: str) -> Iterator[Record | Problem]:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv") or (suffix == ".txt" and _is_table(path)):
        yield from _tables(path, name)
    elif suffix == ".xml":
        yield from read_endnote(path, name)
    else:
        text = decoded(path.read_bytes(), name, None)
        if isinstance(text, Problem):
            yield text
        else:
            yield from read_bibtex(text, name) if suffix == ".bib" else read_tagged(text, name)


def _tables(path: Path, name: str) -> Iterable[Record | Problem]:
    for table in read_tables(path, name):
        yield from read_export(table)


def _is_table(path: Path) -> bool:
    """Return whether a text file has columns with tabs between them, as Web of Science writes them."""
    with path.open("rb") as file:
        return file.readline(1 << 16).replace(b"\0", b"").count(b"\t") > 3
