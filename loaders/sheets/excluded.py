"""Sheets that list what was excluded from a review: by a column with the reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.sheets.words import is_status
from kg.loaders.tables.rawtable import RawTable
from kg.model.normalise import fold_words

_REASON = frozenset(("reason", "reasons", "why", "rationale", "justification"))
_OUT = frozenset(("exclusion", "exclusions", "exclude", "excluded", "excluding", "rejection", "rejected", "ineligible"))
#: Words that say that a column is about people who were left out of a study, and not about studies.
_PEOPLE = frozenset(("participant", "participants", "patient", "patients", "people", "subjects", "sample", "cases"))
#: Cells that state that there is no reason.
_NO_REASON = frozenset(("", "no", "none", "included", "include", "yes"))


class Reasons(NamedTuple):
    """The column that says why rows were excluded, the number of rows with a reason, and of all rows."""

    column: str
    given: int
    rows: int


def find_reasons(table: RawTable) -> Reasons | None:
    """Return the column of reasons for exclusion, or None where there is none, or no row has a reason.

    >>> find_reasons(RawTable("a.csv", header=["id", "Reason for exclusion"], rows=[(2, ["1", "Wrong topic"])]))
    Reasons(column='Reason for exclusion', given=1, rows=1)
    """
    for index, name in enumerate(table.header):
        words = set(fold_words(name).split())
        if words & _REASON and words & _OUT and not words & _PEOPLE:
            given = sum(_is_reason(cells, index) for _, cells in table.rows)
            if given:
                return Reasons(name, given, len(table.rows))
    return None


def lists_excluded(table: RawTable, spec: SheetSpec | None) -> Reasons | None:
    """Return the column of reasons if most rows have one; None for a sheet that is declared by its name."""
    reasons = None if spec and spec.sheet else find_reasons(table)
    return reasons if reasons and 2 * reasons.given > reasons.rows else None


def _is_reason(cells: Sequence[object], index: int) -> bool:
    cell = cells[index] if index < len(cells) else ""
    return isinstance(cell, str) and fold_words(cell) not in _NO_REASON and not is_status(cell)
