"""What loaders make and the graph is built from: studies, findings and what describes them. Frozen, without behaviour.

A field that a source does not give is None (or an empty tuple), never a default that looks like a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.model.migrations import Migration

if TYPE_CHECKING:  # tables need no records, and importing msgspec takes some milliseconds
    from kg.model.literature import Record, Report, Standing, Work


@dataclass(frozen=True, slots=True)
class Study:
    """A primary study: the unit of counting. A report may hold several studies, and a study may have several reports.

    ``reports`` are the names of its reports, ``facets`` maps the id of a facet to the ids of the study's values, and
    ``not_coded`` the id of a facet to one of ``CODING_STATUSES``. A facet that is in neither is not extracted.
    ``labels`` maps the id of another review to what it calls the study.
    """

    id: str
    key: str
    label: str | None = None
    reference: str | None = None
    doi: str | None = None
    authors: str | None = None
    year: int | None = None
    title: str | None = None
    outcomes: tuple[str, ...] = ()
    basis: str | None = None
    reports: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_coded: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim by one study: a factor, a direction, the outcomes it is tied to (none is allowed), and its locator.

    ``study`` is a Study.id, ``factor`` and ``outcomes`` are Concept ids. ``tabulated`` is True where the review's own
    table counts the study in the factor's row; ``associated`` where its table lists these outcomes for the factor
    although it does not count the study. ``pole`` is the pole of the factor that the finding speaks of: "presence",
    "absence", or None where the source does not say. ``implied`` is True where a sheet tags the study with several
    factors and several outcomes and does not say which of them were studied together. ``facets`` and ``not_coded`` are
    those of Study. ``row`` is the row number of a spreadsheet.
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
    pole: str | None = None
    implied: bool = False
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_coded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Concept:
    """A vocabulary term.

    ``favourable`` (outcomes) is the good end of the scale: "higher" or "lower". A ``nominal`` factor has no good end,
    such as a region. A ``residual`` term says that no other term fits, such as "other" or "unclear". ``colour`` is
    written #rrggbb.
    """

    id: str
    label: str
    broader: str | None = None
    definition: str | None = None
    synonyms: tuple[str, ...] = ()
    favourable: str | None = None
    source: str = ""
    row: int = 0
    nominal: bool = False
    residual: bool = False
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """Something that a review charts of its studies or findings, such as the design, with its values in their order.

    ``of`` is "study" or "finding", ``kind`` one of ``FACET_KINDS``. The values of a number or year are its texts.
    ``definition`` says what is charted, where the review declares it.
    """

    id: str
    label: str
    of: str
    kind: str
    values: tuple[Concept, ...] = ()
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One mapping of an overlay: the id of a value, one of ``MATCHES``, the id of a factor or outcome, and why.

    ``groups`` is True where findings about the factor or outcome have the value.
    """

    value: str
    predicate: str
    concept: str
    groups: bool
    justification: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A second vocabulary of factors or outcomes, which is also the facet ``id`` of findings.

    ``of`` is "factor" or "outcome". ``prefix`` stands before the ids of attributes in the file of the mappings, and
    ``iri`` is what it is short for.
    """

    id: str
    of: str
    prefix: str
    matches: tuple[Match, ...] = ()
    iri: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one source: the query, its date, and the number of hits."""

    id: str
    source: str
    date: str | None = None
    platform: str | None = None
    query: str | None = None
    filters: str | None = None
    hits: int | None = None
    locator: str | None = None
    corpus: str | None = None
    fetched: int | None = None
    missing: tuple[str, ...] = ()
    credits: int | None = None
    file: str | None = None


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
    """One loaded file, as a path relative to the review folder.

    For a file of records, ``records`` is their number: ``studies`` are the first records of a study or other work,
    ``merged`` the further records of one, and ``left`` notices and other records that report no study.
    """

    path: str
    sha256: str
    rows: int
    records: int | None = None
    studies: int | None = None
    merged: int | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewInfo:
    """The properties of the review in ``review.toml``.

    The nodes of the graph have those up to ``search_date``; the page shows all. ``update_every`` is in months.
    """

    id: str
    title: str
    citation: str | None = None
    doi: str | None = None
    year: int | None = None
    question: str | None = None
    search_date: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)
    authors: str | None = None
    version: str | None = None
    changes: str | None = None
    inclusion_criteria: tuple[str, ...] = ()
    exclusion_criteria: tuple[str, ...] = ()
    protocol: str | None = None
    registration: str | None = None
    licence: str | None = None
    contact: str | None = None
    update_every: int | None = None
    screeners: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The content of a review folder, validated and typed: the input of the graph.

    ``reviews`` are the other reviews that include some of its studies, ``migrations`` the changes of the vocabularies.
    The ``records`` of a folder are packed (``kg.model.packed``).
    """

    review: ReviewInfo
    studies: tuple[Study, ...] = ()
    findings: tuple[Finding, ...] = ()
    factors: tuple[Concept, ...] = ()
    outcomes: tuple[Concept, ...] = ()
    searches: tuple[Search, ...] = ()
    gaps: tuple[StatedGap, ...] = ()
    sources: tuple[Source, ...] = ()
    records: Sequence[Record] = ()
    works: tuple[Work, ...] = ()
    reports: tuple[Report, ...] = ()
    standings: tuple[Standing, ...] = ()
    facets: tuple[Facet, ...] = ()
    reviews: tuple[ReviewInfo, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    migrations: tuple[Migration, ...] = ()
