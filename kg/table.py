"""A table of plain values: the answer to a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any
from unicodedata import category

if TYPE_CHECKING:
    import pandas

#: The number of rows that a notebook shows of a table.
MOST_IN_NOTEBOOK = 60
#: Columns that contain labels of studies, one or a list.
STUDY_COLUMNS = ("study_labels", "study_label", "cites_label", "facilitator_studies", "barrier_studies")
#: Standing -> the mark after the label of a study that was retracted, corrected or superseded.
STANDING_MARKS = {"retracted": "†", "concern": "‡", "corrected": "§", "superseded": "¶"}
#: Standing -> its wording in a sentence.
STANDING_WORDS = {
    "retracted": "retracted",
    "concern": "of concern",
    "corrected": "corrected",
    "superseded": "superseded",
}


@dataclass(frozen=True)
class Table:
    """Rows of plain values (text, numbers, booleans, None, lists of those) under named columns.

    ``query`` is the name of the query or command that made the table; ``title`` is printed above it. ``flags`` maps the
    labels of studies that were retracted, corrected or superseded, or are of concern, to their standing. ``words`` maps
    columns, and the values of a column ``direction``, to what a terminal shows instead.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    title: str = ""
    query: str = ""
    flags: Mapping[Any, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dictionary."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def column(self, name: str) -> list[Any]:
        """Return the values of a column."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def only(self, *columns: str) -> Table:
        """Return the table with only these columns, in this order."""
        indices = [self.columns.index(name) for name in columns]
        return replace(self, columns=columns, rows=[tuple(row[i] for i in indices) for row in self.rows])

    def head(self, most: int) -> Table:
        """Return the table with its first ``most`` rows."""
        return replace(self, rows=self.rows[:most])

    def worded(self) -> Table:
        """Return the table in the words of the review: the names of columns, and the directions in their column."""
        if not self.words:
            return self
        at = self.columns.index("direction") if "direction" in self.columns else None
        rows = self.rows
        if at is not None:
            rows = [(*row[:at], self.words.get(row[at], row[at]), *row[at + 1 :]) for row in rows]
        columns = tuple(self.words.get(name, name) for name in self.columns)
        return replace(self, columns=columns, rows=rows)

    def with_standing(self) -> Table:
        """Return the table with a last column ``standing`` that lists the flagged studies of each row, such as
        ``["7 retracted"]``. A table without flags, without studies or with a standing of its own stays as it is.
        """
        indices = self._study_columns()
        if not self.flags or not indices or "standing" in (self.name, *self.columns):
            return self
        rows = [(*row, self._flagged(row, indices)) for row in self.rows]
        return replace(self, columns=(*self.columns, "standing"), rows=rows)

    def marked(self) -> Table:
        """Return the table with a mark after every flagged study; ``notes`` explains the marks."""
        return self._with_labels(self._mark) if self.flags else self

    def joined(self) -> Table:
        """Return the table with each list of study labels as one text, whether the labels are numbers or not."""
        return self._with_labels(lambda value: _joined(value) if isinstance(value, list | tuple) else value)

    def _with_labels(self, change: Callable[[Any], Any]) -> Table:
        """Return the table with ``change`` applied to the cells of the columns with labels of studies."""
        indices = {*self._study_columns(), *(index for index, name in enumerate(self.columns) if name == "left_out")}
        if not indices:
            return self
        rows = [tuple(change(v) if index in indices else v for index, v in enumerate(row)) for row in self.rows]
        return replace(self, rows=rows)

    def notes(self) -> list[str]:
        """Return the notes below the table about flagged studies: one line for each standing."""
        counts = {"studies", "findings"} & set(self.columns) and self.name != "sources"
        if not self.flags or not (self._study_columns() or counts):
            return []
        listed: dict[str, list[Any]] = {}
        for label, status in self.flags.items():
            listed.setdefault(status, []).append(label)
        return [
            f"{STANDING_MARKS[status]} {STANDING_WORDS[status]}: "
            f"{'study' if len(labels) == 1 else 'studies'} {_joined(labels)}"
            for status, labels in listed.items()
        ]

    def _study_columns(self) -> list[int]:
        of_studies = (*STUDY_COLUMNS, "label") if self.name == "characteristics" else STUDY_COLUMNS
        return [index for index, name in enumerate(self.columns) if name in of_studies]

    def _flagged(self, row: tuple[Any, ...], indices: list[int]) -> list[str]:
        cells = (row[index] for index in indices)
        labels = (label for cell in cells for label in (cell if isinstance(cell, list | tuple) else [cell]))
        return [f"{label} {self.flags[label]}" for label in dict.fromkeys(labels) if label in self.flags]

    def _mark(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._mark(item) for item in value]
        return f"{value}{STANDING_MARKS[self.flags[value]]}" if value in self.flags else value

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a data frame, flagged studies in a column ``standing``; lists stay lists."""
        import pandas

        table = self.with_standing()
        return pandas.DataFrame(table.rows, columns=list(table.columns))

    def _repr_html_(self) -> str:
        """Return the table as HTML for a notebook, in the words of the review with MOST_IN_NOTEBOOK rows at most."""
        notes, table = self.notes(), self.marked().joined().worded()
        numeric = [all(isinstance(v, int | float) or v is None for v in self.column(name)) for name in self.columns]
        head = "".join(f"<th>{_html(name.replace('_', ' '))}</th>" for name in table.columns)
        rows = ["".join(map(_cell, row, numeric)) for row in table.rows[:MOST_IN_NOTEBOOK]]
        left = len(table) - len(rows)
        if left:
            notes = [f"and {left:,} more row{'s' * (left > 1)}", *notes]
        body = "".join(f"<tr>{row}</tr>\n" for row in rows)
        below = "".join(f"<p>{_html(note)}</p>\n" for note in notes)
        caption = f"<caption>{_html(self.title)}</caption>\n" if self.title else ""
        return f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{below}"


def _cell(value: Any, numeric: bool) -> str:
    style = ' style="text-align: right"' if numeric else ' style="text-align: left"'
    return f"<td{style}>{_html(as_text(value))}</td>"


def _html(text: str) -> str:
    """Return text without control characters and lone surrogates, with the characters of markup escaped."""
    return escape("".join(c for c in text if category(c) not in ("Cc", "Cs") or c in "\t\n"))


def _joined(labels: Sequence[Any]) -> str:
    """Return labels of studies as one text; one with a comma in it is quoted.

    >>> _joined([1, 2]), _joined(["1", "Ng, A. 2020"])
    ('1, 2', '1, "Ng, A. 2020"')
    """
    texts = [as_text(label) for label in labels]
    return ", ".join(f'"{text}"' if "," in text else text for text in texts)


def as_text(value: Any) -> str:
    """Return a value as one line of text: blank for None, yes/no for booleans, lists joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return (", " if all(isinstance(item, int) for item in value) else "; ").join(as_text(item) for item in value)
    return str(value)
