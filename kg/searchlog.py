"""``records/searches.csv``, the search log: a row is added, and what stands there stays byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from kg.errors import KgError
from kg.files import SEARCHES

#: The columns of a new log; an older one is given those that it lacks, at the end.
COLUMNS = (
    "id", "date", "source", "platform", "query", "filters", "hits", "locator", "corpus", "fetched", "missing", "credits",
    "file",
)  # fmt: skip


def append_search(root: Path, row: Mapping[str, object]) -> str:
    """Add a search to the log of a review folder, unless the log has its ``file`` already, and return its id.

    Raises KgError where the log cannot be read or written; then it is as it was.
    """
    path = root / SEARCHES
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
        before = list(csv.reader(io.StringIO(text, newline="")))
        header = before[0] if before and any(before[0]) else []
        places = {name.strip().casefold(): place for place, name in enumerate(header)}
        listed = [_cells(cells, places) for cells in before[1:]]
        for logged in listed:
            if row.get("file") and logged.get("file") == row["file"]:
                return logged.get("id", "")
        ids = {logged.get("id") for logged in listed}
        number = len(before) or 1
        while f"search-{number:02d}" in ids:
            number += 1
        values = {"id": f"search-{number:02d}", **row}
        added = [name for name in COLUMNS if name not in places and (not header or values.get(name) not in (None, ""))]
        line = io.StringIO(newline="")
        names = [*(name.strip().casefold() for name in header), *added]
        end = "\r\n" if "\r\n" in text else "\n"
        csv.writer(line, lineterminator=end).writerow(["" if values.get(n) is None else values[n] for n in names])
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(_widened(text, added, end) + line.getvalue(), encoding="utf-8", newline="")
        part.replace(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KgError(f"cannot add the search to {path}: {getattr(error, 'strerror', None) or error}") from error
    return str(values["id"])


def _cells(cells: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place] for name, place in places.items() if place < len(cells)}


def _widened(text: str, added: list[str], end: str) -> str:
    """Return the log with further columns: their names behind the header, nothing behind the rows."""
    if not text.strip():
        return ",".join(added) + end
    if not text.endswith("\n"):
        text += end
    if not added:
        return text
    lines = text.splitlines(keepends=True)
    reader = csv.reader(iter(lines))
    made, done = [], 0
    for number, _ in enumerate(reader):
        record = "".join(lines[done : reader.line_num])
        done = reader.line_num
        body = record.rstrip("\r\n")
        more = ("," + ",".join(added)) if number == 0 else "," * len(added)
        made.append(body + more + record[len(body) :] if body else record)
    return "".join(made)
