"""Files of notices -> what was announced about which publication: Retraction Watch's CSV, works of Crossref as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.limits import check_problems
from kg.linkage.retractions import Notice, NoticeFile
from kg.model.ids import normalise_doi
from kg.model.notices import NATURES
from kg.problems import Problem

RETRACTION_WATCH, CROSSREF = "Retraction Watch", "Crossref"
#: The columns of Retraction Watch's table that are read; others are left alone.
COLUMNS = ("RetractionNature", "RetractionDate", "RetractionDOI", "OriginalPaperDOI", "OriginalPaperPubMedID", "Reason")

_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?")
_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_NATURE = ", ".join(NATURES)


def read_notices(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    """Return the notices of a file, and what could not be read. ``name`` is what problems call it.

    The day as of which a file of Retraction Watch speaks is the one in its name (``2026-11-01`` or ``20261101``), else
    that of its newest notice. Raises KgError for a file that cannot be opened.
    """
    try:
        if path.suffix.lower() in (".csv", ".tsv"):
            return _retraction_watch(path, name)
        return _crossref(path, name)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error


def is_retraction_watch(header: Iterable[str]) -> bool:
    """Return whether a header is that of Retraction Watch's table."""
    return {"RetractionNature", "OriginalPaperDOI"} <= set(header)


def _retraction_watch(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    try:
        notices, problems = _table(path, name, "utf-8-sig")
    except UnicodeDecodeError:  # its older files are in the encoding of Windows
        notices, problems = _table(path, name, "cp1252")
    days = [day for found in _IN_NAME.finditer(path.stem) if (day := _date(*found.groups()))]
    as_of = days[-1] if days else max((n.date for n in notices if n.date), default=None)
    return NoticeFile(RETRACTION_WATCH, tuple(notices), as_of), problems


def _table(path: Path, name: str, encoding: str) -> tuple[list[Notice], list[Problem]]:
    """Read the table row by row: of 60,000 rows with 20 columns, six columns are kept. Raises UnicodeDecodeError."""
    problems: list[Problem] = []
    notices: list[Notice] = []
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open(encoding=encoding, newline="", errors="strict" if encoding != "cp1252" else "replace") as file:
        reader = csv.reader(file, delimiter=separator)
        row = 0
        try:
            header = next(reader, [])
            places = [header.index(column) if column in header else -1 for column in COLUMNS]
            if -1 in places:
                missing = ", ".join(column for column in COLUMNS if column not in header)
                reason = f"columns of Retraction Watch's table are missing: {missing}"
                return [], [Problem(name, reason, row=1, value=", ".join(header), accepted=", ".join(COLUMNS))]
            for row, cells in enumerate(reader, start=2):  # a quoted line break makes no row of its own
                wanted = [cells[place].strip() if place < len(cells) else "" for place in places]
                if any(wanted):
                    notices += _notice(wanted, name, row, problems)
                    check_problems(problems)
        except csv.Error as error:
            problems.append(Problem(name, f"is no table from here on: {error}", row=row + 1))
    return notices, problems


def _notice(cells: list[str], name: str, row: int, problems: list[Problem]) -> Iterator[Notice]:
    """Yield the notice of a row with the cells of COLUMNS, unless its publication has neither DOI nor PMID."""
    said, day, notice, paper, pubmed, reasons = cells
    nature, doi, pmid, on = said.casefold(), normalise_doi(paper), pubmed.lstrip("0"), _day(day)
    if nature not in NATURES:
        problems.append(Problem(name, "is not understood", "", row, "RetractionNature", said, _NATURE))
    if day and on is None:
        problems.append(Problem(name, "is not understood", "", row, "RetractionDate", day, "1/31/2020 0:00"))
    if nature in NATURES and (doi or pmid.isdecimal()):
        reason = "; ".join(part.strip(" +") for part in reasons.split(";") if part.strip(" +"))
        yield Notice(nature, doi, pmid if pmid.isdecimal() else None, on, reason or None, normalise_doi(notice))


def _day(text: str) -> str | None:
    """Return a day as it is written in the United States, or in ISO 8601, in the latter."""
    if found := _AMERICAN.fullmatch(text):
        return _date(found[3], found[1], found[2])
    found = _ISO.fullmatch(text)
    return _date(*found.groups()) if found else None


def _date(year: str | int, month: str | int, day: str | int) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return None


def _crossref(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    problems: list[Problem] = []
    notices: list[Notice] = []
    listed: set[str] = set()
    days: list[str] = []
    for place, work in _works(path, name, problems):
        check_problems(problems)
        doi = normalise_doi(str(work.get("DOI") or ""))
        if doi is None:
            problems.append(
                Problem(name, "is no work of Crossref", row=place, column="DOI", accepted="a work with its DOI")
            )
            continue
        listed.add(doi)
        if day := _crossref_day(work.get("indexed")):
            days.append(day)
        for update in _dicts(work.get("update-to")):
            notices += _update(update, normalise_doi(str(update.get("DOI") or "")), doi, name, place, problems)
        for update in _dicts(work.get("updated-by")):
            notices += _update(update, doi, normalise_doi(str(update.get("DOI") or "")), name, place, problems)
    return NoticeFile(CROSSREF, tuple(notices), max(days, default=None), False, frozenset(listed)), problems


def _works(path: Path, name: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the works of an answer of the API, of a list, or of JSON lines."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2:
            problems.append(Problem(name, f"is not valid JSON: {error}", accepted="works of Crossref as JSON"))
        for number, line in lines if len(lines) > 1 else ():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as wrong:
                problems.append(Problem(name, f"is not valid JSON: {wrong}", row=number, accepted="a work of Crossref"))
                continue
            yield number, value if isinstance(value, dict) else {}
        return
    message = value.get("message", value) if isinstance(value, dict) else value
    items = message.get("items", message) if isinstance(message, dict) else message
    for place, item in enumerate(items if isinstance(items, list) else [items], start=1):
        yield place, item if isinstance(item, dict) else {}


def _update(
    update: dict[str, Any], doi: str | None, notice: str | None, name: str, place: int, problems: list[Problem]
) -> Iterator[Notice]:
    nature = str(update.get("type") or "").replace("_", " ").replace("-", " ").casefold()
    if nature not in NATURES:
        problems.append(Problem(name, "is not understood", "", place, "type", str(update.get("type")), _NATURE))
    elif doi:
        label = update.get("label")
        reason = label if isinstance(label, str) and label else None
        yield Notice(nature, doi, None, _crossref_day(update.get("updated")), reason, notice)


def _crossref_day(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    if len(first) == 3 and all(type(part) is int for part in first):
        return _date(*first)
    return _day(str(value.get("date-time") or ""))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
