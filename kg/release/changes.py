"""What changed from one state of a review to another, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kg.release.classes import class_numbers
from kg.release.snapshot import CellKey, Snapshot
from kg.table import Table

#: What changed, in the order in which it is listed -> the changes that it can have.
PARTS = {
    "study": ("in", "renamed", "changed", "out"),
    "finding": ("in", "out"),
    "standing": ("changed", "retracted"),
    "cell": ("opened", "strengthened", "weakened", "flipped", "contested", "settled", "changed", "closed"),
    "gap": ("new", "closed"),
    "number": ("new", "changed", "gone"),
    "vocabulary": ("renamed", "merged", "split", "moved", "joined", "divided"),
    "term": ("new", "changed", "gone"),
    "criterion": ("new", "changed", "gone"),
    "search": ("new", "changed", "gone"),
    "flow": ("new", "changed", "gone"),
}


@dataclass(frozen=True)
class Change:
    """One change: of which part (a key of PARTS), which change, of what, and the values before and after.

    ``why`` says what it follows from, ``studies`` are the short citations of the studies concerned. ``cell`` is the
    map, row and column of a changed cell, by their ids.
    """

    part: str
    change: str
    what: str
    before: str = ""
    after: str = ""
    why: str = ""
    studies: tuple[str, ...] = ()
    cell: CellKey | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Difference:
    """The changes from ``before`` to ``after``, in the order of PARTS.

    ``by_vocabulary`` is the number of gaps that are new or closed only because terms were merged or split, and are not
    among the changes.
    """

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]
    by_vocabulary: int = 0

    def of(self, part: str, *kinds: str) -> list[Change]:
        """Return the changes of a part, of all kinds or of some."""
        return [c for c in self.changes if c.part == part and (not kinds or c.change in kinds)]

    def counted(self) -> Iterator[tuple[str, int, int]]:
        """Yield everything that is counted, with its number before and after."""
        before = self.before.counts()
        for name, number in self.after.counts().items():
            yield name, before[name], number

    def says_classes(self) -> str:
        """Return what a title says of the classes of evidence that are counted; blank where every study counts."""
        left = [
            f"{class_numbers(state.left_out)} in {state.name}" for state in (self.before, self.after) if state.left_out
        ]
        return f" (evidence = empirical or not coded; without {' and '.join(left)})" if left else ""

    def table(self) -> Table:
        """Return the changes as a table, the counts last, whether or not they changed."""
        by = f"{self.by_vocabulary} new or closed by changes of the vocabularies" if self.by_vocabulary else ""
        counts: list[tuple[Any, ...]] = [
            ("count", "same" if a == b else "changed", name, str(a), str(b), by if name == "gaps" else "", [])
            for name, a, b in self.counted()
        ]
        rows = [(c.part, c.change, c.what, c.before, c.after, c.why, list(c.studies)) for c in self.changes]
        columns = ("part", "change", "what", "before", "after", "why", "studies")
        title = f"What changed from {self.before.name} to {self.after.name}{self.says_classes()}"
        return Table("diff", columns, [*rows, *counts], title)
