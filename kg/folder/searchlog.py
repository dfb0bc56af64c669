"""The search log, ``records/searches.csv``: reading its searches, and adding a row without changing the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from kg.errors import KgError
from kg.folder.files import check_file, variant_of
from kg.folder.writing import folder_lock, write_whole
from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns, match_columns
from kg.loaders.tables.rawtable import Cell, RawTable, display_text
from kg.model.layout import SEARCHES
from kg.model.records import Search
from kg.text import guarded, without_controls

#: The columns of a log, with the names that teams give them. Many of these come from PRISMA-S.
_SYNONYMS = {
    "id": ("search id", "search number", "search no"),
    "date": (
        "date searched", "search date", "date of search", "date of the search", "date run", "run date", "searched on",
        "date last searched", "last searched",
    ),
    "source": (
        "database", "databases", "database name", "database searched", "information source", "data source", "website",
        "register", "source name",
    ),
    "platform": ("interface", "host", "provider", "vendor", "search platform", "database platform", "searched through"),
    "query": (
        "search string", "search strategy", "search terms", "search query", "strategy", "string", "terms", "search",
        "full search strategy", "keywords",
    ),
    "filters": ("filter", "limits", "limiters", "restrictions", "limits applied", "filters applied", "limits used"),
    "hits": (
        "results", "number of results", "no of results", "number of hits", "no of hits", "records", "records found",
        "records identified", "records retrieved", "number of records", "no of records", "results retrieved",
        "retrieved", "number retrieved", "total results", "results found", "references", "citations", "yield", "n",
    ),
    "locator": ("page", "location", "reported in"),
    "corpus": ("collection", "collections", "index", "indexes"),
    "fetched": ("downloaded", "exported", "records exported", "records downloaded", "imported", "records imported"),
    "missing": ("not found",),
    "credits": (),
    "file": ("file name", "export file"),
}  # fmt: skip
#: The columns of a new log. An existing log gets, at the end, those that it lacks and that a new search fills.
SEARCH_COLUMNS = tuple(_SYNONYMS)
LAYOUT = Layout("searches", _SYNONYMS, ("source",))
_TEXT_COLUMNS = ("date", "platform", "query", "filters", "locator", "corpus", "file")
_NUMBER_COLUMNS = ("hits", "fetched", "credits")
_BOM = "\ufeff"


def read_searches(tables: Iterable[RawTable]) -> list[Search]:
    """Return the searches of the log; the problems of rejected rows go to their table."""
    searches: dict[str, Search] = {}
    for table in tables:
        columns = find_columns(table, LAYOUT)
        cells = RowReader(table, columns, None)
        for number, row in table.rows:
            cells.start(number, _with_date(row, columns.get("date")))
            id_ = cells.text("id") or f"search-{number - 1:02d}"
            text = {name: cells.text(name) or None for name in _TEXT_COLUMNS}
            numbers = {name: cells.number_of(name, 0, 10**9) for name in _NUMBER_COLUMNS}
            missing = tuple(cells.several("missing"))
            search = Search(id_, cells.text("source"), missing=missing, **text, **numbers)  # type: ignore[arg-type]
            if id_ in searches:
                cells.fail("id", id_, "two searches have this id", accepted="an id of its own for each, or blank")
            if not cells.rejected:
                searches[id_] = search
    return list(searches.values())


def _with_date(row: list[Cell], index: int | None) -> list[Cell]:
    """Return a row with the date of its search as text; in this column, a date of a workbook is what was meant."""
    if index is None or index >= len(row) or getattr(row[index], "kind", "") != "date":
        return row
    return [*row[:index], display_text(row[index]), *row[index + 1 :]]


def check_log(root: Path) -> None:
    """Raise KgError if the log of a review folder cannot be read, so that no search could be added to it."""
    path = _log(root)
    if path.exists():
        check_file(path, path.relative_to(root).as_posix(), root)
    try:
        _read(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(path, error) from error


def _log(root: Path) -> Path:
    """Return the path of the log. Raises KgError for a workbook, to which no row can be added."""
    path = root / variant_of(root, SEARCHES)
    if path.suffix not in (".csv", ".tsv"):
        raise KgError(f"cannot add a search to {path}: it is a workbook; save it as {Path(SEARCHES).name}")
    return path


def logged_as(root: Path, file: str) -> str | None:
    """Return the id of the search that a file of the folder comes from, or None if the log does not list the file.

    Raises KgError if the log cannot be read.
    """
    try:
        _, _, rows = _read(_log(root))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(_log(root), error) from error
    indexes = _column_indexes(rows)
    for number, cells in enumerate(rows[1:], start=1):
        logged = _cells(cells, indexes)
        if logged.get("file") == file:
            return logged.get("id") or f"search-{number:02d}"
    return None


def append_search(root: Path, row: Mapping[str, object]) -> str:
    """Add a search to the log of a review folder, unless the log already lists its ``file``, and return its id.

    The log keeps its separator, line endings and byte order mark. Waits for other processes that write into the
    folder. Raises KgError if the log cannot be read or written; then it is unchanged.
    """
    with folder_lock(root):
        return write_search(root, row)


def write_search(root: Path, row: Mapping[str, object]) -> str:
    """Do the same as ``append_search`` for a caller that holds the lock of the folder."""
    path = _log(root)
    try:
        text, delimiter, rows = _read(path)
        indexes = _column_indexes(rows)
        listed = [_cells(cells, indexes) for cells in rows[1:]]
        for logged in listed:
            if row.get("file") and logged.get("file") == row["file"]:
                return logged.get("id", "")
        ids = {logged.get("id") or f"search-{number:02d}" for number, logged in enumerate(listed, start=1)}
        number = len(rows) or 1
        while f"search-{number:02d}" in ids:
            number += 1
        values = {"id": f"search-{number:02d}", **row}
        missing = [name for name in SEARCH_COLUMNS if name not in indexes]
        header = [name for name, _ in sorted(indexes.items(), key=lambda item: item[1])]
        added = [name for name in missing if not indexes or values.get(name) not in (None, "")]
        line = io.StringIO(newline="")
        end = "\r\n" if "\r\n" in text else "\n"
        cells = [_cell(name, values.get(name)) for name in (*header, *added)]
        csv.writer(line, delimiter=delimiter, lineterminator=end).writerow(cells)
        path.parent.mkdir(exist_ok=True)
        whole = _with_columns(text, added, delimiter, end) + line.getvalue()
        write_whole(path, lambda part: part.write_text(whole, encoding="utf-8", newline=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _failed(path, error) from error
    return str(values["id"])


def _cell(name: str, value: object) -> object:
    """Return a value as it is written to the log. A file name stays as it is: it is compared with the folder."""
    if not isinstance(value, str):
        return "" if value is None else value
    return guarded(value if name == "file" else without_controls(value))


def _failed(path: Path, error: Exception) -> KgError:
    why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
    return KgError(f"cannot add a search to {path}: {why}")


def _read(path: Path) -> tuple[str, str, list[list[str]]]:
    """Return the text of a log, the separator of its header, and its rows."""
    text = path.read_bytes().decode() if path.is_file() else ""
    plain = text.removeprefix(_BOM)
    delimiter = max(",;\t", key=plain.partition("\n")[0].count)
    return text, delimiter, list(csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter, strict=True))


def _column_indexes(rows: list[list[str]]) -> dict[str, int]:
    """Return the index of each column of a log by its canonical name, or by its number where it has none."""
    header = rows[0] if rows and any(rows[0]) else []
    indexes = match_columns(header, LAYOUT)
    matched = set(indexes.values())
    return indexes | {f"column {index}": index for index in range(len(header)) if index not in matched}


def _cells(cells: list[str], indexes: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[index] for name, index in indexes.items() if index < len(cells)}


def _with_columns(text: str, added: list[str], delimiter: str, end: str) -> str:
    """Return the text of a log with more columns: their names after the header, blank cells after the rows."""
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
