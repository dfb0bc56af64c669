"""Changes of a vocabulary as records: a term is renamed, merged into another, split into several, or moved. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kg.model.normalise import fold_term

#: The changes that a vocabulary can have -> what is said of a term that has it.
CHANGES: Final = {"rename": "renamed", "merge": "merged", "split": "split", "move": "moved"}
#: The columns of the file of migrations.
COLUMNS: Final = ("number", "date", "change", "vocabulary", "term", "label", "to", "to_labels", "reason")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_day(text: str) -> bool:
    """Return whether a text is a day such as 2026-11-30."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Migration:
    """One change of a vocabulary.

    ``vocabulary`` is "factor", "outcome" or the id of a facet. ``term`` is the id of the term, ``label`` its label
    before the change, and ``date`` a day (ISO 8601). ``to`` has the ids of what it became: of a renamed term its own
    id, of a merged one the term that it is part of now, of a split one at least two terms, and of a moved one its
    broader term, if it has one. ``row`` is the row of the file.
    """

    number: int
    date: str
    change: str
    vocabulary: str
    term: str
    label: str
    to: tuple[str, ...] = ()
    to_labels: tuple[str, ...] = ()
    reason: str = ""
    row: int = 0

    def says(self) -> str:
        """Return what happened to the term, as the end of a sentence.

        >>> Migration(1, "2026-11-30", "split", "factor", "pay", "Pay", ("a", "b"), ("Salary", "Bonus")).says()
        "split into 'Salary' and 'Bonus' on 2026-11-30"
        """
        names = [repr(label) for label in self.to_labels]
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        words = {"rename": "renamed to", "merge": "merged into", "split": "split into", "move": "moved to"}
        return f"{words[self.change]} {listed or 'the top'} on {self.date}"

    def row_values(self) -> tuple[str, ...]:
        """Return the change as a row of ``COLUMNS``; in lists, a semicolon of a label is a comma."""
        labels = "; ".join(label.replace(";", ",") for label in self.to_labels)
        own = str(self.number), self.date, self.change, self.vocabulary, self.term, self.label
        return (*own, "; ".join(self.to), labels, self.reason)


def migration_of(row: Mapping[str, str]) -> Migration:
    """Return a change of a vocabulary from a row of ``COLUMNS``."""
    to, labels = (tuple(part for part in row[name].split("; ") if part) for name in ("to", "to_labels"))
    return Migration(
        int(row["number"]),
        row["date"],
        row["change"],
        row["vocabulary"],
        row["term"],
        row["label"],
        to,
        labels,
        row["reason"],
    )


def merged(migrations: Iterable[Migration], vocabulary: str) -> dict[str, str]:
    """Return the id of each term that was merged -> the id of the term that it is part of now."""
    found: dict[str, str] = {}
    for migration in migrations:
        if migration.vocabulary == vocabulary and migration.change == "merge":
            (into,) = migration.to
            found = {old: into if now == migration.term else now for old, now in found.items()}
            found[migration.term] = into
    return found


def splits(migrations: Iterable[Migration], vocabulary: str) -> dict[str, Migration]:
    """Return the id of each term that was split -> the change."""
    return {m.term: m for m in migrations if m.vocabulary == vocabulary and m.change == "split"}


def former_names(migrations: Iterable[Migration], vocabulary: str) -> dict[str, tuple[str, Migration]]:
    """Return each name that terms had before, folded -> the id of the term that it stands for now, and the change.

    The name of a term that was split stands for that term: nobody has decided which of the new terms is meant.
    """
    listed = [m for m in migrations if m.vocabulary == vocabulary]
    now = merged(listed, vocabulary)
    found: dict[str, tuple[str, Migration]] = {}
    for migration in listed:
        if migration.change in ("rename", "merge"):
            names = (migration.label, *((migration.term,) if migration.change == "merge" else ()))
            id_ = now.get(migration.term, migration.term)
            found |= {fold_term(name): (id_, migration) for name in names}
    for migration in splits(listed, vocabulary).values():
        found |= {fold_term(name): (migration.term, migration) for name in (migration.label, migration.term)}
    return found
