"""How a sheet is read: exactly one role for each of its columns. Plain data, which ``guess`` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.loaders.sheets.spec import SheetSpec


@dataclass(frozen=True)
class FieldRole:
    """The column is the canonical column ``name`` of a study, finding, term or link (``of``).

    ``kind`` overrides the kind of a standard facet, where the cells are of another kind.
    """

    of: str
    name: str
    kind: str | None = None


@dataclass(frozen=True)
class FacetRole:
    """The column is a facet of the study or finding."""

    name: str
    of: str
    kind: str


@dataclass(frozen=True)
class MarkRole:
    """The column is the term ``label``, and its cells are marks; ``group`` is an index of ``Reading.groups``."""

    group: int
    label: str


@dataclass(frozen=True)
class DirectedRole:
    """The cells of the column list factors, all of one direction."""

    direction: str


@dataclass(frozen=True)
class NumberedRole:
    """The column is the ``n``-th of several columns that are the canonical column ``name`` of a finding each."""

    name: str
    n: int


@dataclass(frozen=True)
class Ignored:
    """The column is not read."""

    reason: str = field(compare=False)


Role: TypeAlias = FieldRole | FacetRole | MarkRole | DirectedRole | NumberedRole | Ignored


@dataclass(frozen=True)
class MarkGroup:
    """Columns that are terms of ``name``: a factor, an outcome, or a facet of the study or finding.

    ``kind`` is "factor", "outcome", "study" or "finding". ``select`` is the key and value that selects the columns in
    ``review.toml``, None where they have to be listed. ``yes``, ``no`` and ``missing`` are declared words, beyond the
    usual ones. ``directed`` states that the cells hold directions.
    """

    name: str
    kind: str
    select: tuple[str, str] | None = field(default=None, compare=False)
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    direction: str | None = None
    directed: bool = False


@dataclass(frozen=True)
class Question:
    """Two readings of a sheet that are equally likely: each as a sentence, with the lines of ``review.toml`` for it."""

    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """How one sheet is read. ``roles`` has an entry for each column of ``header``, None for one without a name.

    ``key`` are the indexes of the columns that identify a study together, if they are not a canonical column. ``of`` is
    the vocabulary of terms or links. ``notes`` are sentences on what was assumed. ``repeats`` states that a study has
    several rows, and every value in them. ``question`` is one that only the review team can answer.
    """

    file: str
    sheet: str
    kind: str
    header_row: int
    header: tuple[str, ...]
    roles: tuple[Role | None, ...]
    key: tuple[int, ...] = ()
    groups: tuple[MarkGroup, ...] = ()
    of: str | None = None
    constant: Mapping[str, str] = field(default_factory=dict)
    spec: SheetSpec | None = field(default=None, compare=False)
    rows: int = field(default=0, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    repeats: bool = False
    question: Question | None = field(default=None, compare=False)

    def fields(self, of: str) -> dict[str, int]:
        """Return canonical name -> index of the columns of a study, finding, term or link."""
        return {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole) and r.of == of}

    def facets(self, of: str) -> list[tuple[int, FacetRole]]:
        """Return the index and role of the columns that are facets of the study or finding."""
        return [(i, r) for i, r in enumerate(self.roles) if isinstance(r, FacetRole) and r.of == of]

    def marks(self, group: int) -> dict[int, str]:
        """Return index -> term of the columns of a group of marks."""
        return {i: r.label for i, r in enumerate(self.roles) if isinstance(r, MarkRole) and r.group == group}

    def groups_of(self, kind: str) -> list[int]:
        """Return the indexes of the groups of marks of one kind."""
        return [number for number, group in enumerate(self.groups) if group.kind == kind]

    def directed(self) -> dict[int, str]:
        """Return index -> direction of the columns that list factors."""
        return {i: r.direction for i, r in enumerate(self.roles) if isinstance(r, DirectedRole)}

    def numbered(self) -> dict[int, dict[str, int]]:
        """Return number -> canonical name -> index of the numbered columns."""
        found: dict[int, dict[str, int]] = {}
        for index, role in enumerate(self.roles):
            if isinstance(role, NumberedRole):
                found.setdefault(role.n, {})[role.name] = index
        return dict(sorted(found.items()))

    def ignored(self) -> dict[int, str]:
        """Return index -> reason of the columns that are not read."""
        return {i: r.reason for i, r in enumerate(self.roles) if isinstance(r, Ignored)}

    @property
    def has_studies(self) -> bool:
        """Whether the sheet defines studies."""
        return self.kind in ("studies", "studies and findings")

    @property
    def has_findings(self) -> bool:
        """Whether the sheet has findings."""
        return self.kind in ("findings", "studies and findings")
