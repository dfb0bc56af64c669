"""What the columns of a table hold: the texts of each, counted once, and what they look like. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from kg.loaders.sheets.words import ANSWERS, DIRECTION_WORDS, MARKS, STATUSES, is_status, own_words
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable
from kg.model.normalise import fold_term, fold_words

#: A column with more different texts than this holds no marks.
_MOST_WORDS = 40
#: The share of the filled cells of a column of marks that are known words.
_MOSTLY = 0.8


class Profile:
    """The texts of the columns of a table. A column is counted when it is first asked for."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        self._columns: list[tuple[Cell, ...]] | None = None
        self._counts: dict[int, Counter[str]] = {}

    def _cells(self, index: int) -> tuple[Cell, ...]:
        if self._columns is None:
            self._columns = list(zip_longest(*(cells for _, cells in self.table.rows), fillvalue=""))
        return self._columns[index] if index < len(self._columns) else ("",) * len(self.table.rows)

    def column(self, index: int) -> list[str]:
        """Return the stripped text of each row; "" for a cell that is blank or no text."""
        return ["" if isinstance(cell, Mangled) else cell.strip() for cell in self._cells(index)]

    def counts(self, index: int) -> Counter[str]:
        """Return each text of a column and the number of its cells; blank ones are left out."""
        if index not in self._counts:
            stripped: Counter[str] = Counter()
            for cell, number in Counter(self._cells(index)).items():
                if not isinstance(cell, Mangled) and (text := cell.strip()):
                    stripped[text] += number
            self._counts[index] = stripped
        return self._counts[index]

    def texts(self, index: int) -> Counter[str]:
        """Return the counts of a column without the words for a coding status."""
        return Counter({text: n for text, n in self.counts(index).items() if not is_status(text)})

    def is_blank(self, index: int) -> bool:
        """Return whether no cell of a column holds a text."""
        return not self.counts(index)

    def mean_length(self, index: int) -> float:
        """Return the mean number of characters of the filled cells of a column."""
        counts = self.texts(index)
        total = sum(counts.values())
        return sum(len(text) * n for text, n in counts.items()) / total if total else 0.0

    def mark_style(self, index: int, header: str, label: str = "", words: Mapping[str, object] | None = None) -> str:
        """Return how the cells of a column mark it: "own", "yes", "direction", "blank", or "" where they do not.

        They repeat its name, are words for yes and no, or are directions. ``words`` are further words for marks.
        """
        counts = self.counts(index)
        if not counts:
            return "blank"
        if len(counts) > _MOST_WORDS:
            return ""
        if label and all(fold_words(text) in own_words(label) for text in counts):
            return "own"
        found: Counter[str] = Counter()
        for text, number in counts.items():
            found[_style(text, own_words(header), words or {})] += number
        total = sum(found.values()) - found["status"]
        if total - found[""] < _MOSTLY * total or not total or _counts_things(counts):
            return ""
        if found["own"]:
            return "own"
        if found["answer"] and not found["direction"]:
            return ""
        return "direction" if found["direction"] else "yes"


def _counts_things(texts: Iterable[str]) -> bool:
    """Return whether texts are numbers, and not all of them 0 or 1."""
    others = [text for text in texts if not is_status(text)]
    return all(text.isdigit() for text in others) and bool(set(others) - {"0", "1"})


def _style(text: str, own: frozenset[str], words: Mapping[str, object]) -> str:
    folded = fold_term(text)
    if folded in words:
        return "yes"
    if fold_words(text) in own and fold_words(text):
        return "own"
    if folded in MARKS:
        return "yes"
    if folded in STATUSES:
        return "status"
    if folded in ANSWERS:
        return "answer"
    return "direction" if folded in DIRECTION_WORDS else ""
