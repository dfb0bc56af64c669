"""Detect the kind of a file that is added to a review folder, by its name and by the start of its content."""

from __future__ import annotations

import codecs
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError, UsageProblem
from kg.folder.among_sheets import EITHER
from kg.limits import JSON_SIZE
from kg.model.layout import RECORDS, SHEETS

if TYPE_CHECKING:
    from kg.folder.review import Review

#: Kind of file -> the sub-folder for it.
KINDS = {"sheet": "sheets", "references": "references", "records": "records", "notices": "standing"}
#: The number of bytes of a table that are inspected.
_HEAD_SIZE = 1 << 17


def kind_of(path: Path) -> str:
    """Return the kind of a file: by its suffix, and for tables and JSON also by its content.

    Raises UsageProblem for a file that is missing or of a type that is not read, and for a table that could be a list
    of references as well as a sheet of studies: candidates must not become included studies by a guess.
    """
    from kg.loaders.notices import is_retraction_watch
    from kg.loaders.references.csv_exports import is_export, may_be_list
    from kg.loaders.references.field_lines import is_field_lines

    if not path.is_file():
        raise UsageProblem(f"{path} is not a file")
    name, suffix = path.name.lower(), path.suffix.lower()
    if suffix == ".json":
        return "notices" if _is_crossref(path) else "records"
    if name.endswith(RECORDS["records"]):
        return "records"
    if suffix in (".csv", ".tsv"):
        text = _head(path)
        if any(is_retraction_watch(header) for header in csv.reader(text.split("\n", 1)[:1])):
            return "notices"
        if is_export(text) or is_field_lines(text):
            return "references"
        if may_be_list(text):
            raise UsageProblem(f"{path} {EITHER}: say --as references or --as sheet")
        return "sheet"
    if suffix in RECORDS["references"]:
        return "references"
    if suffix in SHEETS:
        return "sheet"
    known = ", ".join(dict.fromkeys((*SHEETS, *RECORDS["references"], *RECORDS["records"])))
    raise UsageProblem(f"{path}: files of type {path.suffix or 'none'!r} are not read; accepted: {known}")


def kind_in(review: Review, path: Path) -> str:
    """Return the kind of a file that is added to a review: as ``review.toml`` declares it, else by ``kind_of``.

    Raises UsageProblem as ``kind_of`` does.
    """
    if path.is_file():
        if any(spec.file == f"{KINDS['references']}/{path.name}" for spec in review.config.references):
            return "references"
        if any(spec.file == f"{KINDS['sheet']}/{path.name}" for spec in review.config.sheets):
            return "sheet"
    return kind_of(path)


def _head(path: Path) -> str:
    """Return the start of a table; characters other than ASCII may be wrong, but column names are ASCII."""
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD_SIZE)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _is_crossref(path: Path) -> bool:
    """Return whether a JSON file is from Crossref: works of Crossref have a ``DOI``, those of OpenAlex an ``id``."""
    try:
        if path.stat().st_size > JSON_SIZE.most:
            return False
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    message = value.get("message", value) if isinstance(value, dict) else value
    items = message.get("items", [message]) if isinstance(message, dict) else message
    first = items[0] if isinstance(items, list) and items else None
    return isinstance(first, dict) and "DOI" in first and "id" not in first
