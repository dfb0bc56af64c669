"""Turn the cells of one row into values, collecting what cannot be accepted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kg.loaders.columns import SheetSpec, plain, spellings
from kg.loaders.tables import Cell, Mangled, RawTable
from kg.model import Concept
from kg.problems import Problem, nearest

_DATE_TEXT = re.compile(
    r"(?i)(\d{1,2}[-/. ](jan|feb|m[aä]r|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zé]*|"
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/. ]\d{1,4}|\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{2,4})"
)
_LIST = re.compile(r"\s*[;\n|]\s*")


def looks_like_date(text: str) -> bool:
    """Return whether a spreadsheet may have turned a range such as 3-4 into this text."""
    return bool(_DATE_TEXT.fullmatch(text.strip()))


class RowReader:
    """Reads named cells of the rows of one table; ``fail`` notes a problem and marks the row as rejected."""

    def __init__(self, table: RawTable, places: Mapping[str, int], spec: SheetSpec | None) -> None:
        self.table, self.places, self.spec = table, places, spec
        self._values = {name: spellings(name, spec) for name in places if name in _VALUED}
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
        self.table.problems.append(Problem(
            self.table.file, reason, self.table.sheet, self.number, header, value, accepted, suggestion))

    def text(self, column: str) -> str:
        """Return the cell's text, stripped; "" where it is blank or the column is not there."""
        place = self.places.get(column)
        if place is None or place >= len(self._cells):
            return ""
        cell = self._cells[place]
        if isinstance(cell, Mangled):
            if cell.kind == "date":
                self.fail(column, cell.text, "the spreadsheet holds a date here",
                          accepted="text: a range such as 3-4 must be typed into a cell formatted as Text")
            else:
                self.fail(column, cell.text, "the cell holds a formula", accepted="its value, pasted as text")
            return ""
        return cell.strip()

    def number_of(self, column: str, low: int, high: int) -> int | None:
        """Return a whole number between ``low`` and ``high``, or None where the cell is blank."""
        text = self.text(column)
        if not text:
            return None
        digits = re.sub(r"(?<=\d)[,  '](?=\d{3}\b)", "", text)
        if re.fullmatch(r"\d+", digits) and low <= int(digits) <= high:
            return int(digits)
        self.fail(column, text, "is not a whole number in range", accepted=f"{low} to {high}, or blank")
        return None

    def choice(self, column: str) -> str | None:
        """Return the accepted value that the cell spells, or None where it is blank."""
        text = self.text(column)
        if not text:
            return None
        known = self._values[column]
        found = known.get(text.casefold()) or known.get(plain(text))
        if found is None:
            values = list(dict.fromkeys(known.values()))
            self.fail(column, text, f"is not a {column.replace('_', ' ')}",
                      suggestion=" or ".join(dict.fromkeys(known[n] for n in nearest(text, known))), accepted=", ".join(values))
        return found

    def flag(self, column: str, *, blank: bool) -> bool:
        """Return a yes/no cell; ``blank`` is what an empty cell or a missing column means."""
        found = self.choice(column) if column in self.places else None
        return blank if found is None else found == "yes"

    def several(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that may hold several, separated by ``;``."""
        return tuple(part for part in _LIST.split(self.text(column)) if part)


_VALUED = ("direction", "tabulated", "associated", "approach", "certainty", "methods", "favourable")


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
                self._named[_fold(name)] = concept.id

    def find(self, text: str) -> str | None:
        """Return the id of the concept called ``text``, or None."""
        found = self._named.get(text) or self._named.get(_fold(text))
        if found is None and self.open:
            found = self._add(text)
        return found

    def suggest(self, text: str) -> str:
        """Return the labels that come near ``text``."""
        ids = dict.fromkeys(self._named[n] for n in nearest(_fold(text), self._named))
        return " or ".join(repr(self.concepts[i].label) for i in ids)

    def examples(self) -> str:
        """Return what would be accepted, in short."""
        labels = [c.label for c in self.concepts.values()]
        return "; ".join(labels[:8]) + (f"; … ({len(labels)} in vocabulary/{self.kind}s)" if len(labels) > 8 else "")

    def _add(self, text: str) -> str:
        from kg.ids import slug

        made = slug(text)
        while made in self.concepts:
            made += "-2"
        self.concepts[made] = Concept(made, " ".join(text.split()))
        self._named[_fold(text)] = made
        return made


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
