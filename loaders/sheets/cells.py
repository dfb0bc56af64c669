"""Turn the cells of one row into values, collecting what cannot be accepted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TypeVar

from kg.limits import check_problems
from kg.loaders.sheets.columns import SheetSpec, spellings
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable
from kg.model.ids import slug
from kg.model.normalise import fold_term, fold_words
from kg.model.records import Concept
from kg.problems import Problem, nearest

T = TypeVar("T")

_MONTH = r"(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
_DATE_TEXT = re.compile(
    rf"(?i)\d{{1,2}}(?:[-/ ]|\. ?){_MONTH}[a-zé]{{0,2}}\.?|{_MONTH}[- ]\d{{2}}|"
    r"\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{2,4}"
)
#: What only a spreadsheet writes, as against a date that a person would: for columns where dates may stand.
_TURNED = re.compile(r"(?i)\d{1,2}-[a-z]{3}|[a-z]{3}-\d{2}|\d{4}-\d{2}-\d{2} 00:00:00")
_LIST = re.compile(r"[;\n|]")


def looks_like_date(text: str) -> bool:
    """Return whether a spreadsheet may have turned a range such as 3-4 into this text."""
    return bool(_DATE_TEXT.fullmatch(text.strip()))


def turned_into_date(text: str) -> bool:
    """Return whether text that could be anything is written as only a spreadsheet writes a date (04-Mar, Mar-04)."""
    return bool(_TURNED.fullmatch(text) and _DATE_TEXT.fullmatch(text))


#: Kind of mangled cell -> why it is not read, and what to do.
_MANGLED = {
    "date": ("the cell holds a date", "text; format the cell as Text and type it again (or 3-4 becomes a date)"),
    "formula": ("the cell holds a formula", "its value; copy the cell and paste it as a value"),
    "error": ("the cell holds a spreadsheet error", "a value, or blank"),
    "merged": ("the cell is merged with others", "unmerged cells, each with its own value"),
}


class RowReader:
    """Reads named cells of the rows of one table; ``fail`` notes a problem and marks the row as rejected."""

    def __init__(self, table: RawTable, places: Mapping[str, int], spec: SheetSpec | None) -> None:
        self.table, self.places, self.spec = table, places, spec
        self._values = {name: spellings(name, spec) for name in places if name in _VALUED}
        self._near: dict[tuple[str, str], str] = {}
        self.number = 0
        self.rejected = False
        self._cells: list[Cell] = []

    def start(self, number: int, cells: list[Cell]) -> None:
        """Go to a row."""
        self.number, self._cells, self.rejected = number, cells, False

    def fail(self, column: str, value: str, reason: str, *, suggestion: str = "", accepted: str = "") -> None:
        """Reject the row for one of its values."""
        header = self.table.header[self.places[column]] if column in self.places else column
        self.rejected = True
        self.table.problems.append(
            Problem(self.table.file, reason, self.table.sheet, self.number, header, value, accepted, suggestion)
        )
        check_problems(self.table.problems)

    def follow(self, column: str, value: str, reason: str) -> None:
        """Leave the row out for something that was rejected elsewhere, and is told there."""
        self.rejected = True
        self.table.followed.append(
            Problem(
                self.table.file, reason, self.table.sheet, self.number, self.table.header[self.places[column]], value
            )
        )

    def text(self, column: str) -> str:
        """Return the cell's text, stripped; "" where it is blank or the column is not there."""
        place = self.places.get(column)
        if place is None or place >= len(self._cells):
            return ""
        cell = self._cells[place]
        if isinstance(cell, Mangled):
            reason, accepted = _MANGLED[cell.kind]
            self.fail(column, cell.text, reason, accepted=accepted)
            return ""
        return cell.strip()

    def once(self, column: str, read: Callable[[], T]) -> Callable[[], T]:
        """Return ``read`` so that every distinct cell of the column is read once; rejected ones are, to be told, each
        time."""
        place = self.places.get(column)
        known: dict[Cell, T] = {}

        def value() -> T:
            cell = self._cells[place] if place is not None and place < len(self._cells) else ""
            if cell in known:
                return known[cell]
            told = len(self.table.problems) + len(self.table.followed)
            found = read()
            if len(self.table.problems) + len(self.table.followed) == told:
                known[cell] = found
            return found

        return value

    def is_blank(self, column: str) -> bool:
        """Return whether the cell holds nothing, or the column is not there."""
        place = self.places.get(column)
        if place is None or place >= len(self._cells):
            return True
        cell = self._cells[place]
        return not isinstance(cell, Mangled) and not cell.strip()

    def number_of(self, column: str, low: int, high: int) -> int | None:
        """Return a whole number between ``low`` and ``high``, or None where the cell is blank."""
        text = self.text(column)
        if not text:
            return None
        # Other programs write whole numbers as 2019.0 where a column also has blanks.
        digits = re.sub(r"(?<=\d)[,\u00a0\u202f '](?=\d{3}\b)|\.0+$", "", text)
        whole = re.fullmatch(r"\d{1,18}", digits)
        if whole and low <= int(digits) <= high:
            return int(digits)
        reason = "is out of range" if whole else "is not a whole number"
        self.fail(column, text, reason, accepted=f"{low} to {high if high < 10_000 else f'{high:,}'}, or blank")
        return None

    def choice(self, column: str) -> str | None:
        """Return the accepted value that the cell spells, or None where it is blank."""
        if column not in self.places or not (text := self.text(column)):
            return None
        known = self._values[column]
        found = known.get(text.casefold()) or known.get(fold_words(text))
        if found is None:
            self.fail(
                column,
                text,
                f"is not {_VALUED[column]}",
                suggestion=self._suggested(column, text, known),
                accepted=", ".join(dict.fromkeys(known.values())),
            )
        return found

    def _suggested(self, column: str, text: str, known: Mapping[str, str]) -> str:
        """Return the accepted values that come near a word, looked for once a word and not for every word of many."""
        if (column, text) not in self._near and len(self._near) < MOST_SUGGESTIONS:
            near = dict.fromkeys(known[name] for name in nearest(text, known))
            self._near[column, text] = " or ".join(near)
        return self._near.get((column, text), "")

    def flag(self, column: str, *, blank: bool) -> bool:
        """Return a yes/no cell; ``blank`` is what an empty cell or a missing column means."""
        found = self.choice(column)
        return blank if found is None else found == "yes"

    def several(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that may hold several, separated by ``;``."""
        return tuple(part.strip() for part in _LIST.split(self.text(column)) if part.strip())


#: Column with a fixed set of values -> what one of them is called.
_VALUED = {
    "direction": "a direction", "tabulated": "yes or no", "associated": "yes or no", "approach": "an approach",
    "certainty": "a certainty", "methods": "a class of methods", "favourable": "an end of the scale",
}  # fmt: skip

#: Nearest words are looked for this often in one vocabulary: each look-up goes through all of it, and where most
#: of a sheet is unknown, the cause is elsewhere.
MOST_SUGGESTIONS = 100


class Terms:
    """Finds the concept that a text names, by id, label or synonym, in any case.

    Without a vocabulary (``concepts`` is None) every text is a term, in the order of its first mention.
    """

    def __init__(self, kind: str, concepts: Iterable[Concept] | None) -> None:
        self.kind, self.open = kind, concepts is None
        self.concepts: dict[str, Concept] = {c.id: c for c in concepts or ()}
        self._named: dict[str, str] = {}
        for concept in self.concepts.values():
            for name in (concept.id, concept.label, *concept.synonyms):
                self._named[fold_term(name)] = concept.id
        self._found: dict[str, str] = {}
        self._suggested: dict[str, str] = {}

    def find(self, text: str) -> str | None:
        """Return the id of the concept called ``text``, or None."""
        found = self._found.get(text)
        if found is None:
            found = self._named.get(fold_term(text))
            if found is None and self.open:
                found = self._add(text)
            if found is not None:
                self._found[text] = found
        return found

    def suggest(self, text: str) -> str:
        """Return the labels that come near ``text``."""
        if text not in self._suggested and len(self._suggested) < MOST_SUGGESTIONS:
            ids = dict.fromkeys(self._named[n] for n in nearest(fold_term(text), self._named))
            self._suggested[text] = " or ".join(repr(self.concepts[i].label) for i in ids)
        return self._suggested.get(text, "")

    def examples(self) -> str:
        """Return what would be accepted, in short."""
        labels = [c.label for c in islice(self.concepts.values(), 8)]
        count = len(self.concepts)
        return "; ".join(labels) + (f"; … ({count} in vocabulary/{self.kind}s)" if count > 8 else "")

    def _add(self, text: str) -> str:
        made = slug(text)
        while made in self.concepts:
            made += "-2"
        self.concepts[made] = Concept(made, " ".join(text.split()))
        self._named[fold_term(text)] = made
        return made
