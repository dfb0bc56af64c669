"""``records/searches.csv``, the search log: a row is added, and what stands there stays byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from kg.errors import KgError
from kg.folder.files import check_file
from kg.model.layout import SEARCHES
from kg.text import guarded, without_controls

#: The columns of a new log; an older one is given those that it lacks and the search fills, at the end.
SEARCH_COLUMNS = (
    "id", "date", "source", "platform", "query", "filters", "hits", "locator", "corpus", "fetched", "missing",
    "credits", "file",
)  # fmt: skip
_BOM = "\ufeff"


def check_log(root: Path) -> None:
    """Raise KgError where the log of a review folder cannot be read: a search could not be logged."""
    if (root / SEARCHES).exists():
        check_file(root / SEARCHES, SEARCHES, root)
    try:
        _read(root / SEARCHES)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(root / SEARCHES, error) from error


def logged_as(root: Path, file: str) -> str | None:
    """Return the search of the log that a file of the folder comes from; None where the log does not say.

    Raises KgError where the log cannot be read.
    """
    try:
        _, _, before = _read(root / SEARCHES)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(root / SEARCHES, error) from error
    places = _places(before)
    for number, cells in enumerate(before[1:], start=1):
        logged = _cells(cells, places)
        if logged.get("file") == file:
            return logged.get("id") or f"search-{number:02d}"
    return None


def append_search(root: Path, row: Mapping[str, object]) -> str:
    """Add a search to the log of a review folder, unless the log has its ``file`` already, and return its id.

    The log keeps its separator, its line ends and its byte order mark. Raises KgError where it cannot be read or
    written; then it is as it was.
    """
    path = root / SEARCHES
    try:
        text, delimiter, before = _read(path)
        places = _places(before)
        listed = [_cells(cells, places) for cells in before[1:]]
        for logged in listed:
            if row.get("file") and logged.get("file") == row["file"]:
                return logged.get("id", "")
        ids = {logged.get("id") or f"search-{number:02d}" for number, logged in enumerate(listed, start=1)}
        number = len(before) or 1
        while f"search-{number:02d}" in ids:
            number += 1
        values = {"id": f"search-{number:02d}", **row}
        added = [
            name for name in SEARCH_COLUMNS if name not in places and (not places or values.get(name) not in (None, ""))
        ]
        line = io.StringIO(newline="")
        end = "\r\n" if "\r\n" in text else "\n"
        cells = [_cell(name, values.get(name)) for name in (*places, *added)]
        csv.writer(line, delimiter=delimiter, lineterminator=end).writerow(cells)
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(_widened(text, added, delimiter, end) + line.getvalue(), encoding="utf-8", newline="")
        part.replace(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(path, error) from error
    return str(values["id"])


def _cell(name: str, value: object) -> object:
    """Return a value as the log holds it; the name of a file stays as it is, because it is compared with the folder."""
    if not isinstance(value, str):
        return "" if value is None else value
    return guarded(value if name == "file" else without_controls(value))


def _failed(path: Path, error: Exception) -> KgError:
    why = "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
    return KgError(f"cannot add a search to {path}: {why}")


def _read(path: Path) -> tuple[str, str, list[list[str]]]:
    """Return the text of a log, the separator that its header has, and its rows."""
    text = path.read_bytes().decode() if path.is_file() else ""
    plain = text.removeprefix(_BOM)
    delimiter = max(",;\t", key=plain.partition("\n")[0].count)
    return text, delimiter, list(csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter, strict=True))


def _places(before: list[list[str]]) -> dict[str, int]:
    """Return the columns of a log by their names."""
    header = before[0] if before and any(before[0]) else []
    return {" ".join(name.casefold().split()): place for place, name in enumerate(header)}


def _cells(cells: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place] for name, place in places.items() if place < len(cells)}


def _widened(text: str, added: list[str], delimiter: str, end: str) -> str:
    """Return the log with further columns: their names behind the header, nothing behind the rows."""
    if not text.removeprefix(_BOM).strip():
        return delimiter.join(added) + end
    if not text.endswith("\n"):
        text += end
    if not added:
        return text
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter)
    made, done = [], 0
    for number, _ in enumerate(reader):
        record = "".join(lines[done : reader.line_num])
        done = reader.line_num
        body = record.rstrip("\r\n")
        more = delimiter + delimiter.join(added) if number == 0 else delimiter * len(added)
        made.append(body + more + record[len(body) :] if body else record)
    return "".join(made)
