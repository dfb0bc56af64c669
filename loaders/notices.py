"""Files of notices -> what was announced about which publication: Retraction Watch's CSV, and works of Crossref as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.ids import normalise_doi
from kg.problems import Problem
from kg.standing import NATURES, Notice, NoticeFile

RETRACTION_WATCH, CROSSREF = "Retraction Watch", "Crossref"
#: The columns of Retraction Watch's table that are read; others are left alone.
COLUMNS = ("RetractionNature", "RetractionDate", "RetractionDOI", "OriginalPaperDOI", "OriginalPaperPubMedID", "Reason")

_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?")
_IN_NAME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_NATURE = ", ".join(NATURES)


def read_notices(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    """Return the notices of a file, and what could not be read. ``name`` is what problems call it.

    The day as of which a file of Retraction Watch speaks is the one in its name (``2026-11-01`` or ``20261101``), else
    that of its newest notice. Raises KgError for a file that cannot be opened.
    """
    try:
        if path.suffix.lower() == ".csv":
            return _retraction_watch(path, name)
        return _crossref(path, name)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error


def is_retraction_watch(header: Iterable[str]) -> bool:
    """Return whether a header is that of Retraction Watch's table."""
    return {"RetractionNature", "OriginalPaperDOI"} <= set(header)


def _retraction_watch(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    problems: list[Problem] = []
    notices: list[Notice] = []
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as file:
            notices = list(_rows(csv.DictReader(file), name, problems))
    except UnicodeDecodeError:
        problems.clear()
        with path.open(encoding="cp1252", newline="", errors="replace") as file:
            notices = list(_rows(csv.DictReader(file), name, problems))
    found = _IN_NAME.search(path.stem)
    as_of = "-".join(found.groups()) if found else max((n.date for n in notices if n.date), default=None)
    return NoticeFile(RETRACTION_WATCH, tuple(notices), as_of), problems


def _rows(reader: csv.DictReader[str], name: str, problems: list[Problem]) -> Iterator[Notice]:
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        reason = f"columns of Retraction Watch's table are missing: {', '.join(missing)}"
        problems.append(Problem(name, reason, row=1, value=", ".join(reader.fieldnames or ()), accepted=", ".join(COLUMNS)))
        return
    for number, row in enumerate(reader, start=2):  # a quoted line break makes no row of its own
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        if not any(cells.values()):
            continue
        nature = cells["RetractionNature"].casefold()
        doi, pmid = normalise_doi(cells["OriginalPaperDOI"]), cells["OriginalPaperPubMedID"].lstrip("0")
        date = _day(cells["RetractionDate"])
        for column, value, sound, accepted in (
            ("RetractionNature", cells["RetractionNature"], nature in NATURES, _NATURE),
            ("RetractionDate", cells["RetractionDate"], date is not None or not cells["RetractionDate"], "1/31/2020 0:00"),
        ):
            if not sound:
                problems.append(Problem(name, "is not understood", "", number, column, value, accepted))
        if nature in NATURES and (doi or pmid.isdigit()):
            reason = "; ".join(part.strip(" +") for part in cells["Reason"].split(";") if part.strip(" +"))
            notice = normalise_doi(cells["RetractionDOI"])
            yield Notice(nature, doi, pmid if pmid.isdigit() else None, date, reason or None, notice)


def _day(text: str) -> str | None:
    if found := _AMERICAN.fullmatch(text):
        month, day, year = map(int, found.groups())
        return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None
    found = _ISO.fullmatch(text)
    return found[1] if found else None


def _crossref(path: Path, name: str) -> tuple[NoticeFile, list[Problem]]:
    problems: list[Problem] = []
    notices: list[Notice] = []
    listed: set[str] = set()
    days: list[str] = []
    for place, work in _works(path, name, problems):
        doi = normalise_doi(str(work.get("DOI") or ""))
        if doi is None:
            problems.append(Problem(name, "is no work of Crossref", row=place, column="DOI", accepted="a work with its DOI"))
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
        yield Notice(nature, doi, None, _crossref_day(update.get("updated")), update.get("label"), notice)


def _crossref_day(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    if len(first) == 3 and all(isinstance(part, int) for part in first):
        return f"{first[0]:04}-{first[1]:02}-{first[2]:02}"
    text = str(value.get("date-time") or "")
    found = _ISO.fullmatch(text)
    return found[1] if found else None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
