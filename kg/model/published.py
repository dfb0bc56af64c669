"""The published review: the tables that it prints, and records of what its text states (the input of the audit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A kind of printed table: ``keys`` are the columns that identify a row, ``cells`` the columns with its values."""

    keys: tuple[str, ...]
    cells: tuple[str, ...]


#: Canned query -> the printed table that reports the same.
PRINTED_TABLES = {
    "evidence-counts": PrintedTable(("factor", "direction"), ("studies", "study_labels", "outcomes")),
    "outcomes": PrintedTable(("outcome",), ("studies", "study_labels")),
    "designs": PrintedTable(("group", "value"), ("studies",)),
}
#: Column of a printed table -> the other names by which reviews print it. ``references`` holds reference numbers in
#: place of ``study_labels``.
PRINTED_COLUMNS: dict[str, tuple[str, ...]] = {
    "factor": (),
    "direction": ("relation to optimal outcomes", "how discussed"),
    "outcome": (),
    "group": (),
    "value": (),
    "studies": ("number of articles",),
    "study_labels": ("articles",),
    "references": (),
    "outcomes": ("outcome(s) affected",),
}


#: The tables of counts of any facet, which are named with their facets: ``counts design``, ``crosstab design country``.
COUNTED_TABLES = ("counts", "crosstab")
#: What a table may count.
UNITS = ("study", "report", "finding")


@dataclass(frozen=True, slots=True)
class PrintedAs:
    """Which table of the graph a printed table reports.

    ``table`` is one of PRINTED_TABLES or COUNTED_TABLES, ``facets`` are the names of facets of the latter. ``by`` is
    one of UNITS, ``where`` holds filters such as ``design=survey``. A ``partial`` table prints only some of the values.
    """

    table: str
    facets: tuple[str, ...] = ()
    by: str = "study"
    where: tuple[str, ...] = ()
    partial: bool = False

    def __str__(self) -> str:
        parts = [self.table, *self.facets, *(() if self.by == "study" else ("by", self.by))]
        return " ".join((*parts, *(f"where {condition}" for condition in self.where)))


def printed_as(text: str) -> PrintedAs | None:
    """Return the table that a text such as ``counts design`` names, or None where it names none."""
    name, *facets = text.split()
    if name in PRINTED_TABLES:
        return None if facets else PrintedAs(name)
    if name == "counts" and len(facets) > 1:
        facets = [" ".join(facets)]
    enough = {"counts": 1, "crosstab": 2}
    return PrintedAs(name, tuple(facets)) if name in enough and len(facets) >= enough[name] else None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a section of the review.

    ``cited`` are reference numbers as printed, ``count`` the number of studies that the sentence states. ``scope`` is
    "list" (the exhaustive list for its factor, direction or outcome), "mention" (some of the studies), "tie" (the
    factor affects the outcomes) or "none" (the section says that no outcome was discussed).
    """

    id: str
    section: str
    factor: str | None
    direction: str | None
    outcomes: tuple[str, ...]
    cited: tuple[int, ...]
    count: int | None
    scope: str
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that the review states at one locator, e.g. the end of the search.

    ``query`` names a table or a canned query that gives the same number, with its ``parameters``.
    """

    key: str
    value: str
    locator: str
    says: str | None = None
    query: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of the reference list."""

    number: int
    authors: str | None
    year: str | None
    title: str
    venue: str | None = None
    doi: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """An eligibility criterion; the ``field`` of an included study must have one of the ``accepted`` values ("*": any
    value that is not blank).
    """

    rule: str
    criterion: str
    field: str | None
    accepted: str | None
    locator: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a printed table: the count, the article numbers, and the outcomes of the factor."""

    file: str
    factor: str
    direction: str
    count: int
    labels: tuple[int, ...]
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One number of the study flow: the records or studies at a stage (identified, ..., included)."""

    name: str
    count: int
    locator: str


@dataclass(frozen=True, slots=True)
class Published:
    """Everything that is coded of the published review."""

    statements: tuple[Statement, ...] = ()
    facts: tuple[Fact, ...] = ()
    references: tuple[Reference, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    rows: tuple[TableRow, ...] = ()
    flow: tuple[Stage, ...] = ()
