"""The text of a CSV file in which some rows change: every other byte of it stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kg.errors import KgError
from kg.folder.files import check_file
from kg.text import guarded, unguarded, without_controls

_BOM = "\ufeff"


class CsvText:
    """The rows of a CSV file, each with its text; the first is the header.

    The file keeps its separator, line endings, byte order mark and quotation marks. Cells are read without the guards
    of formulas, and written with them.
    """

    def __init__(self, text: str) -> None:
        self._bom = _BOM if text.startswith(_BOM) else ""
        plain = text.removeprefix(_BOM)
        self._end = "\r\n" if "\r\n" in plain else "\n"
        self._separator = max(",;\t", key=plain.partition("\n")[0].count)
        lines = list(io.StringIO(plain, newline=""))
        reader = csv.reader(iter(lines), delimiter=self._separator, strict=True)
        self.rows: list[list[str]] = []
        self._texts: list[str] = []
        done = 0
        for row in reader:
            self.rows.append([unguarded(cell) for cell in row])
            self._texts.append("".join(lines[done : reader.line_num]))
            done = reader.line_num
        if self._texts and not self._texts[-1].endswith("\n"):
            self._texts[-1] += self._end

    def add_column(self, name: str) -> int:
        """Add a column at the end, with blank cells, and return its index."""
        index = len(self.rows[0])
        for at in range(len(self.rows)):
            if self.rows[at]:
                cells = self.rows[at] + [""] * (index - len(self.rows[at]))
                self._put(at, [*cells, name if at == 0 else ""])
        return index

    def set(self, at: int, cells: Mapping[int, str]) -> None:
        """Change cells of a row, given by the index of their column. A row without a change keeps its text."""
        width = max(len(self.rows[at]), *(index + 1 for index in cells), 0)
        row = self.rows[at] + [""] * (width - len(self.rows[at]))
        for index, text in cells.items():
            row[index] = text
        if row != self.rows[at]:
            self._put(at, row)

    def insert(self, at: int, row: Sequence[str]) -> None:
        """Insert a row before the one at an index, or at the end."""
        self.rows.insert(at, [])
        self._texts.insert(at, "")
        self._put(at, row)

    def remove(self, at: int) -> None:
        """Remove a row."""
        del self.rows[at], self._texts[at]

    def _put(self, at: int, row: Sequence[str]) -> None:
        self.rows[at] = [without_controls(cell) for cell in row]
        line = io.StringIO(newline="")
        writer = csv.writer(line, delimiter=self._separator, lineterminator=self._end)
        writer.writerow([guarded(cell) for cell in self.rows[at]])
        self._texts[at] = line.getvalue()

    def text(self) -> str:
        """Return the text of the whole file."""
        return self._bom + "".join(self._texts)


def read_csv(root: Path, name: str, header: Iterable[str] = ()) -> CsvText:
    """Return a file of a folder; one that is not there has the ``header`` only, if one is given.

    Raises KgError for a file that cannot be changed: not UTF-8, not CSV, or not there.
    """
    path, columns = root / name, list(header)
    if columns and not path.exists():
        made = CsvText("")
        made.insert(0, columns)
        return made
    check_file(path, name, root)
    try:
        return CsvText(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = (
            "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", "") or error
        )
        raise KgError(f"cannot change {path}: {why}; save it as CSV UTF-8") from error
