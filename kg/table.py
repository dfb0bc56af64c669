"""A table: the answer to a query, with the query it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

#: Columns that hold what the review calls its studies, one or a list.
STUDY_COLUMNS = ("study_labels", "study_label", "cites_label", "facilitator_studies", "barrier_studies")
#: Standing -> the mark behind a study that does not stand as published.
STANDING_MARKS = {"retracted": "†", "concern": "‡", "corrected": "§", "superseded": "¶"}
#: Standing -> how a sentence says it.
STANDING_WORDS = {
    "retracted": "retracted",
    "concern": "of concern",
    "corrected": "corrected",
    "superseded": "superseded",
}


@dataclass(frozen=True)
class Table:
    """Rows of plain values (text, numbers, booleans, None, lists of those) under named columns.

    ``query`` names the query or the command that made it; ``title`` is what to print above it. ``flags`` are the
    studies of the review that do not stand as published: what they are called -> their standing.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    title: str = ""
    query: str = ""
    flags: Mapping[Any, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dictionary."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def column(self, name: str) -> list[Any]:
        """Return one column's values."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def only(self, *columns: str) -> Table:
        """Return the table with these columns alone, in this order."""
        places = [self.columns.index(name) for name in columns]
        return replace(self, columns=columns, rows=[tuple(row[p] for p in places) for row in self.rows])

    def head(self, most: int) -> Table:
        """Return the table with its first ``most`` rows."""
        return replace(self, rows=self.rows[:most])

    def with_standing(self) -> Table:
        """Return the table with a last column ``standing`` that names the flagged studies of each row, e.g.
        ``["7 retracted"]``; the table itself where no study of the review is flagged, no column holds studies, or it
        says so in its own words."""
        places = self._study_places()
        if not self.flags or not places or "standing" in (self.name, *self.columns):
            return self
        rows = [(*row, self._flagged(row, places)) for row in self.rows]
        return replace(self, columns=(*self.columns, "standing"), rows=rows)

    def marked(self) -> Table:
        """Return the table with a mark behind every flagged study; ``notes`` explains the marks."""
        places = [*self._study_places(), *(at for at, name in enumerate(self.columns) if name == "left_out")]
        if not self.flags or not places:
            return self
        return replace(
            self,
            rows=[tuple(self._mark(v) if at in places else v for at, v in enumerate(row)) for row in self.rows],
        )

    def notes(self) -> list[str]:
        """Return what has to be said beneath the table of the studies that are flagged: one line a standing."""
        counts = {"studies", "findings"} & set(self.columns) and self.name != "sources"
        if not self.flags or not (self._study_places() or counts):
            return []
        listed: dict[str, list[Any]] = {}
        for label, status in self.flags.items():
            listed.setdefault(status, []).append(label)
        return [
            f"{STANDING_MARKS[status]} {STANDING_WORDS[status]}: "
            f"{'study' if len(labels) == 1 else 'studies'} {as_text(labels)}"
            for status, labels in listed.items()
        ]

    def _study_places(self) -> list[int]:
        of_studies = (*STUDY_COLUMNS, "label") if self.name == "characteristics" else STUDY_COLUMNS
        return [place for place, name in enumerate(self.columns) if name in of_studies]

    def _flagged(self, row: tuple[Any, ...], places: list[int]) -> list[str]:
        cells = (row[place] for place in places)
        labels = (label for cell in cells for label in (cell if isinstance(cell, list | tuple) else [cell]))
        return [f"{label} {self.flags[label]}" for label in dict.fromkeys(labels) if label in self.flags]

    def _mark(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            if not any(item in self.flags for item in value):
                return value
            numbers = all(isinstance(item, int) for item in value)
            return (", " if numbers else "; ").join(as_text(self._mark(item)) for item in value)
        return f"{value}{STANDING_MARKS[self.flags[value]]}" if value in self.flags else value

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a data frame, flagged studies in a column ``standing``; lists stay lists."""
        import pandas

        table = self.with_standing()
        return pandas.DataFrame(table.rows, columns=list(table.columns))


def as_text(value: Any) -> str:
    """Return a value as one line of text: blank for None, yes/no for booleans, lists joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return (", " if all(isinstance(item, int) for item in value) else "; ").join(as_text(item) for item in value)
    return str(value)
