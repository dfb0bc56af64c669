"""The records that loaders make and the graph is built from. Frozen, comparable, without behaviour.

A field that a source does not give is None (or an empty tuple), never a default that looks like a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Study:
    """A primary study: the unit of counting."""

    id: str
    key: str
    label: str | None = None
    reference: str | None = None
    doi: str | None = None
    authors: str | None = None
    year: int | None = None
    title: str | None = None
    publication_type: str | None = None
    methods: str | None = None
    design: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    population: tuple[str, ...] = ()
    country: str | None = None
    sample_size: int | None = None
    outcomes: tuple[str, ...] = ()
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim by one study: a factor, a direction, the outcomes it is tied to (none is allowed), and where it stands.

    ``study`` is a Study.id, ``factor`` and ``outcomes`` are Concept ids. ``tabulated`` says whether the review's own
    table counts the study in the factor's row; ``associated`` whether its table names these outcomes for the factor
    even though it does not count the study. ``row`` counts as a spreadsheet does.
    """

    id: str
    study: str
    factor: str
    direction: str
    outcomes: tuple[str, ...] = ()
    tabulated: bool = True
    associated: bool = False
    locator: str | None = None
    note: str | None = None
    approach: str | None = None
    certainty: str | None = None
    coder: str | None = None
    source: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Concept:
    """A vocabulary term. ``favourable`` (outcomes) is the good end of the scale: "higher" or "lower"."""

    id: str
    label: str
    broader: str | None = None
    definition: str | None = None
    synonyms: tuple[str, ...] = ()
    favourable: str | None = None
    source: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one source: what was asked, when, and how much came back."""

    id: str
    source: str
    date: str | None = None
    platform: str | None = None
    query: str | None = None
    filters: str | None = None
    hits: int | None = None
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class StatedGap:
    """A research gap that the review's authors state, with the concepts it concerns."""

    id: str
    kind: str
    statement: str
    factors: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One loaded file, as a path relative to the review folder."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class ReviewInfo:
    """What ``review.toml`` says of the review itself."""

    id: str
    title: str
    citation: str | None = None
    doi: str | None = None
    year: int | None = None
    question: str | None = None
    search_date: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the files of a review folder say, checked and typed: the input of the graph."""

    review: ReviewInfo
    studies: tuple[Study, ...] = ()
    findings: tuple[Finding, ...] = ()
    factors: tuple[Concept, ...] = ()
    outcomes: tuple[Concept, ...] = ()
    searches: tuple[Search, ...] = ()
    gaps: tuple[StatedGap, ...] = ()
    sources: tuple[Source, ...] = ()
