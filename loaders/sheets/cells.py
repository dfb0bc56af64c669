"""Read the cells of one row as values and collect what cannot be accepted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from kg.limits import check_problems
from kg.loaders.sheets.columns import spellings
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.sheets.suggestions import Suggester
from kg.loaders.sheets.words import is_status, split_list, without_letter
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable
from kg.model.fields import VALUE_NAMES
from kg.model.normalise import fold_words

T = TypeVar("T")

_MONTH = r"(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
_DATE_TEXT = re.compile(
    rf"(?i)\d{{1,2}}(?:[-/ ]|\. ?){_MONTH}[a-zé]{{0,2}}\.?|{_MONTH}[- ]\d{{2}}|"
    r"\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{2,4}"
)
#: Dates as only a spreadsheet writes them, for columns where a person may have typed a date.
_SPREADSHEET_DATE = re.compile(r"(?i)\d{1,2}-[a-z]{3}|[a-z]{3}-\d{2}|\d{4}-\d{2}-\d{2} 00:00:00")


def looks_like_date(text: str) -> bool:
    """Return whether a spreadsheet may have converted a range such as 3-4 into this text."""
    return bool(_DATE_TEXT.fullmatch(text.strip()))


def turned_into_date(text: str) -> bool:
    """Return whether free text is a date in the form that only a spreadsheet writes (04-Mar, Mar-04)."""
    return bool(_SPREADSHEET_DATE.fullmatch(text) and _DATE_TEXT.fullmatch(text))


#: Kind of mangled cell -> the reason of the problem, and what is accepted instead.
MANGLED = {
    "date": ("the cell holds a date", "text; format the cell as Text and type it again (or 3-4 becomes a date)"),
    "formula": ("the cell holds a formula", "its value; copy the cell and paste it as a value"),
    "error": ("the cell holds a spreadsheet error", "a value, or blank"),
    "merged": ("the cell is merged with others", "unmerged cells, each with its own value"),
}


class RowReader:
    """Reads the cells of a table by canonical column name, one row after the other.

    ``columns`` maps canonical names to column indexes, as ``find_columns`` returns it. ``rejected`` is True once a cell
    of the current row could not be accepted. The ``constant`` of the declaration stands for columns that are missing,
    and its ``values`` replace what cells hold.
    """

    def __init__(self, table: RawTable, columns: Mapping[str, int], spec: SheetSpec | None) -> None:
        self.table, self.columns, self.spec = table, columns, spec
        self.constant = dict(spec.constant) if spec else {}
        names = (*columns, *self.constant)
        self._values = {name: spellings(name, spec) for name in names if name in VALUE_NAMES}
        self._words = {
            name: {word.casefold(): value for word, value in words.items() if name not in VALUE_NAMES or not value}
            for name, words in (spec.values.items() if spec else ())
        }
        self._suggester = Suggester()
        self.number = 0
        self.rejected = False
        self._cells: list[Cell] = []

    def start(self, number: int, cells: list[Cell]) -> None:
        """Make a row the current one."""
        self.number, self._cells, self.rejected = number, cells, False

    def fail(self, column: str, value: str, reason: str, *, suggestion: str = "", accepted: str = "") -> None:
        """Reject the current row because of one of its values."""
        header = self.table.header[self.columns[column]] if column in self.columns else column
        self.rejected = True
        self.table.problems.append(
            self.table.problem(reason, self.number, header, value, accepted=accepted, suggestion=suggestion)
        )
        check_problems(self.table.problems)

    def skip(self, column: str, value: str, reason: str) -> None:
        """Leave out the current row because it refers to something that was rejected, and reported, elsewhere."""
        header = self.table.header[self.columns[column]]
        self.rejected = True
        self.table.skipped.append(self.table.problem(reason, self.number, header, value))

    def _cell(self, column: str) -> Cell:
        """Return a cell of the current row; "" where the column is missing or the row is shorter."""
        index = self.columns.get(column)
        if index is None:
            return self.constant.get(column, "")
        return "" if index >= len(self._cells) else self._cells[index]

    def text(self, column: str) -> str:
        """Return the stripped text of a cell; "" where it is blank or the column is missing."""
        index = self.columns.get(column)  # _cell inlined: this is called a dozen times for each row
        cell: Cell = self.constant.get(column, "")
        if index is not None:
            cell = self._cells[index] if index < len(self._cells) else ""
        if isinstance(cell, Mangled):
            reason, accepted = MANGLED[cell.kind]
            self.fail(column, cell.text, reason, accepted=accepted)
            return ""
        text = cell.strip()
        return self._words[column].get(text.casefold(), text) if column in self._words else text

    def row(self) -> list[Cell]:
        """Return the cells of the current row."""
        return self._cells

    def text_at(self, index: int) -> str:
        """Return the stripped text of the cell in a column that has no canonical name."""
        cell = self._cells[index] if index < len(self._cells) else ""
        if isinstance(cell, Mangled):
            reason, accepted = MANGLED[cell.kind]
            self.fail(self.table.header[index], cell.text, reason, accepted=accepted)
            return ""
        return cell.strip()

    def is_blank(self, column: str) -> bool:
        """Return whether a cell is blank or the column is missing."""
        cell = self._cell(column)
        return not isinstance(cell, Mangled) and not cell.strip()

    def cached(self, column: str, read: Callable[[], T]) -> Callable[[], T]:
        """Return ``read`` with a cache by the content of the column's cell.

        A cell for which ``read`` recorded a problem is read again each time, so that every row reports its problem.
        """
        if column not in self.columns:
            blank = read()
            return lambda: blank
        known: dict[Cell, T] = {}
        index = self.columns[column]

        def value() -> T:
            cell = self._cells[index] if index < len(self._cells) else ""
            if cell in known:
                return known[cell]
            before = len(self.table.problems) + len(self.table.skipped)
            found = read()
            if len(self.table.problems) + len(self.table.skipped) == before:
                known[cell] = found
            return found

        return value

    def number_of(self, column: str, low: int, high: int) -> int | None:
        """Return a whole number between ``low`` and ``high``, or None where the cell is blank."""
        text = self.text(column)
        if not text or is_status(text):
            return None
        # Some programs write whole numbers as 2019.0 if the column also has blanks.
        digits = re.sub(r"(?<=\d)[,\u00a0\u202f '](?=\d{3}\b)|\.0+$", "", text)
        digits = without_letter(digits) if column == "year" else digits
        whole = re.fullmatch(r"\d{1,18}", digits)
        if whole and low <= int(digits) <= high:
            return int(digits)
        reason = "is out of range" if whole else "is not a whole number"
        self.fail(column, text, reason, accepted=f"{low} to {high if high < 10_000 else f'{high:,}'}, or blank")
        return None

    def choice(self, column: str) -> str | None:
        """Return the accepted value that a cell spells, or None where it is blank."""
        if (column not in self.columns and column not in self.constant) or not (text := self.text(column)):
            return None
        return self.spelled(column, text, column)

    def spelled(self, column: str, text: str, place: str) -> str | None:
        """Return the accepted value of a column that a text spells; the row is rejected, at ``place``, for no value."""
        known = self._values.get(column) or self._values.setdefault(column, spellings(column, self.spec))
        found = known.get(text.casefold()) or known.get(fold_words(text))
        if found is None and not (column != "direction" and is_status(text)):
            similar = dict.fromkeys(known[name] for name in self._suggester.similar(text, known, column))
            self.fail(
                place,
                text,
                f"is not {VALUE_NAMES[column]}",
                suggestion=" or ".join(similar),
                accepted=", ".join(dict.fromkeys(known.values())),
            )
        return found

    def flag(self, column: str, *, blank: bool) -> bool:
        """Return a yes/no cell; ``blank`` is the value of a blank cell or a missing column."""
        found = self.choice(column)
        return blank if found is None else found == "yes"

    def several(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that may hold several, separated by ``;``, ``|`` or line breaks."""
        return split_list(self.text(column))
