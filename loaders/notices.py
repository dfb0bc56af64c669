"""Files of retraction and correction notices -> notices: Retraction Watch's CSV, works of Crossref as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.limits import check_problems
from kg.linkage.retractions import Notice, NoticeFile
from kg.loaders.values import iso_date, mapping_of, mappings_in
from kg.model.ids import normalise_doi
from kg.model.notices import NATURES
from kg.problems import Note, Problem

RETRACTION_WATCH, CROSSREF = "Retraction Watch", "Crossref"
#: The columns of Retraction Watch's table that are read; others are ignored.
COLUMNS = ("RetractionNature", "RetractionDate", "RetractionDOI", "OriginalPaperDOI", "OriginalPaperPubMedID", "Reason")

_PUBLISHED = "OriginalPaperDate"
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?")
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_ACCEPTED_NATURES = ", ".join(NATURES)


def read_notices(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    """Return the notices of a file, and the problems; ``name`` is the file name in problems.

    What is wrong with single rows of Retraction Watch's table is a Note each: nobody can correct that table, and the
    other rows count. Rows that name no work are counted in one Note.

    A file of Retraction Watch is as of the date in its name (``2026-11-01`` or ``20261101``), else as of its newest
    notice. Raises KgError for a file that cannot be opened.
    """
    try:
        if path.suffix.lower() in (".csv", ".tsv"):
            return _read_retraction_watch(path, name)
        return _read_crossref(path, name)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error


def is_retraction_watch(header: Iterable[str]) -> bool:
    """Return whether a header is that of Retraction Watch's table."""
    return {"RetractionNature", "OriginalPaperDOI"} <= set(header)


def _read_retraction_watch(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    try:
        notices, problems = _read_table(path, name, "utf-8-sig")
    except UnicodeDecodeError:  # older files of Retraction Watch are in the encoding of Windows
        notices, problems = _read_table(path, name, "cp1252")
    dates = [date for found in _DATE_IN_NAME.finditer(path.stem) if (date := iso_date(*found.groups()))]
    as_of = dates[-1] if dates else max((n.date for n in notices if n.date), default=None)
    return NoticeFile(RETRACTION_WATCH, tuple(notices), as_of), problems


def _read_table(path: Path, name: str, encoding: str) -> tuple[list[Notice], list[Problem]]:
    """Return the notices and problems of Retraction Watch's table. Raises UnicodeDecodeError.

    The table has about 60,000 rows of 20 columns; only the needed columns of each row are kept.
    """
    problems: list[Problem] = []
    notices: list[Notice] = []
    unnamed = rows = 0
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open(encoding=encoding, newline="", errors="strict" if encoding != "cp1252" else "replace") as file:
        reader = csv.reader(file, delimiter=separator)
        row = 0
        try:
            header = next(reader, [])
            missing = ", ".join(column for column in COLUMNS if column not in header)
            if missing:
                reason = f"columns of Retraction Watch's table are missing: {missing}"
                return [], [Problem(name, reason, row=1, value=", ".join(header), accepted=", ".join(COLUMNS))]
            indexes = [header.index(column) for column in COLUMNS]
            published = header.index(_PUBLISHED) if _PUBLISHED in header else None
            for row, cells in enumerate(reader, start=2):  # a record with quoted line breaks counts as one row
                if not any(map(str.strip, cells)):
                    continue
                rows += 1
                if len(cells) != len(header):
                    reason = f"the row has {len(cells)} cells, and the header {len(header)}"
                    problems.append(Note(name, reason, row=row, accepted="as many cells as the header has"))
                    continue
                wanted = [cells[index].strip() for index in indexes]
                if _names_no_work(wanted):
                    unnamed += 1
                else:
                    before = cells[published].strip() if published is not None else ""
                    notices += _table_notice(wanted, before, name, row, problems)
                check_problems(problems)
        except csv.Error as error:
            problems.append(Problem(name, f"is no table from here on: {error}", row=row + 1))
    if unnamed:
        reason = f"{unnamed:,} of {rows:,} rows name no work, because they have neither a DOI nor a PMID of one"
        problems.append(Note(name, reason))
    return notices, problems


def _names_no_work(cells: list[str]) -> bool:
    """Return whether the cells of COLUMNS name no publication."""
    doi, pmid = cells[COLUMNS.index("OriginalPaperDOI")], cells[COLUMNS.index("OriginalPaperPubMedID")]
    return normalise_doi(doi) is None and not pmid.lstrip("0").isdecimal()


def _table_notice(cells: list[str], published: str, name: str, row: int, problems: list[Problem]) -> Iterator[Notice]:
    """Yield the notice in the cells of COLUMNS, if its nature is known; ``published`` is the date of the work."""
    written_nature, written_date, notice_doi, paper_doi, paper_pmid, reasons = cells
    nature, doi, pmid = written_nature.casefold(), normalise_doi(paper_doi), paper_pmid.lstrip("0")
    date = _parse_date(written_date)
    if nature not in NATURES:
        problems.append(Note(name, "is not understood", "", row, "RetractionNature", written_nature, _ACCEPTED_NATURES))
    if written_date and date is None:
        problems.append(Note(name, "is not understood", "", row, "RetractionDate", written_date, "1/31/2020 0:00"))
    paper_date = _parse_date(published)
    if date and paper_date and date < paper_date:
        reason = f"is before the date of the work, {paper_date}"
        problems.append(Note(name, reason, "", row, "RetractionDate", date, "a date on which the work was there"))
    if nature in NATURES:
        reason = "; ".join(part.strip(" +") for part in reasons.split(";") if part.strip(" +"))
        yield Notice(nature, doi, pmid if pmid.isdecimal() else None, date, reason or None, normalise_doi(notice_doi))


def _parse_date(text: str) -> str | None:
    """Return a date in US (month first) or ISO 8601 notation as ISO 8601."""
    if found := _US_DATE.fullmatch(text):
        return iso_date(found[3], found[1], found[2])
    found = _ISO_DATE.fullmatch(text)
    return iso_date(*found.groups()) if found else None


def _read_crossref(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    problems: list[Problem] = []
    notices: list[Notice] = []
    listed: set[str] = set()
    indexed: list[str] = []
    for row, work in _crossref_works(path, name, problems):
        check_problems(problems)
        doi = normalise_doi(str(work.get("DOI") or ""))
        if doi is None:
            problems.append(
                Problem(name, "is no work of Crossref", row=row, column="DOI", accepted="a work with its DOI")
            )
            continue
        listed.add(doi)
        if date := _crossref_date(work.get("indexed")):
            indexed.append(date)
        for update in mappings_in(work.get("update-to")):
            updated_doi = normalise_doi(str(update.get("DOI") or ""))
            notices += _crossref_notice(update, updated_doi, doi, name, row, problems)
        for update in mappings_in(work.get("updated-by")):
            notice_doi = normalise_doi(str(update.get("DOI") or ""))
            notices += _crossref_notice(update, doi, notice_doi, name, row, problems)
    return NoticeFile(CROSSREF, tuple(notices), max(indexed, default=None), False, frozenset(listed)), problems


def _crossref_works(path: Path, name: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the works of a response of the API, a list or JSON lines, each with its line or its number from 1."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2:
            problems.append(Problem(name, f"is not valid JSON: {error}", accepted="works of Crossref as JSON"))
            return
        yield from _crossref_lines(lines, name, problems)
        return
    message = value.get("message", value) if isinstance(value, dict) else value
    items = message.get("items", message) if isinstance(message, dict) else message
    for number, item in enumerate(items if isinstance(items, list) else [items], start=1):
        yield number, mapping_of(item)


def _crossref_lines(
    lines: Iterable[tuple[int, str]], name: str, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the works of numbered JSON lines."""
    for number, line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(name, f"is not valid JSON: {error}", row=number, accepted="a work of Crossref"))
            continue
        yield number, mapping_of(value)


def _crossref_notice(
    update: dict[str, Any], doi: str | None, notice: str | None, name: str, row: int, problems: list[Problem]
) -> Iterator[Notice]:
    """Yield the notice of one update: the publication ``notice`` announces something about the publication ``doi``."""
    nature = str(update.get("type") or "").replace("_", " ").replace("-", " ").casefold()
    if nature not in NATURES:
        problems.append(Problem(name, "is not understood", "", row, "type", str(update.get("type")), _ACCEPTED_NATURES))
    elif doi:
        label = update.get("label")
        reason = label if isinstance(label, str) and label else None
        yield Notice(nature, doi, None, _crossref_date(update.get("updated")), reason, notice)


def _crossref_date(value: object) -> str | None:
    """Return a date of Crossref as ISO 8601, from its parts or its timestamp; None where the day is not given."""
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    if len(first) == 3 and all(type(part) is int for part in first):
        return iso_date(*first)
    return _parse_date(str(value.get("date-time") or ""))
