"""What loaders make of the literature: records of databases, the works that they report, their standing. Frozen.

A field that a source does not give is None (or an empty tuple), never a default that looks like a value.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


class Packed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What ``kg.model.packed`` packs: JSON arrays of the fields in their order."""


class Institution(Packed, frozen=True):
    """An affiliation of an author. ``id`` is an OpenAlex id (I…), ``country`` an ISO 3166-1 alpha-2 code."""

    name: str
    id: str | None = None
    ror: str | None = None
    country: str | None = None


class Author(Packed, frozen=True):
    """One author of a record. ``id`` is an OpenAlex id (A…), ``orcid`` bare (0000-0002-…)."""

    name: str
    id: str | None = None
    orcid: str | None = None
    institutions: tuple[Institution, ...] = ()


class Topic(Packed, frozen=True):
    """A topic of a record in the source's own classification. ``id`` is an OpenAlex id (T…)."""

    label: str
    id: str | None = None
    subfield: str | None = None
    field: str | None = None
    domain: str | None = None


class Funder(Packed, frozen=True):
    """A funder of a publication. ``id`` is an OpenAlex id (F…)."""

    name: str
    id: str | None = None
    awards: tuple[str, ...] = ()


class Record(Packed, frozen=True):
    """The record of one publication in one source: a report of a study, not the study itself.

    ``id`` is ``openalex:W…`` for works of OpenAlex, else ``ref:`` and a hash of the record's content. Identifiers are
    bare and in one spelling: ``openalex`` W…, ``doi`` lower-case, ``pmid`` digits, ``pmcid`` PMC…; ``locations`` are
    OpenAlex's location ids (``doi:…``, ``pmid:…``, ``pmh:…``, ``mag:…``), which move with a work that is merged.
    ``date`` is given where the source has the day. ``references`` are the OpenAlex ids of the cited works.
    ``is_retracted`` is None where the source does not state it. ``updated`` is the time of the last change in the
    source, ``seen`` the day (ISO 8601) on which the record was fetched; ``source`` is the file and ``row`` the position
    in it, from 1. ``volume``, ``issue`` and ``pages`` are as the source writes them.
    """

    id: str
    database: str
    openalex: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    locations: tuple[str, ...] = ()
    title: str | None = None
    authors: tuple[Author, ...] = ()
    year: int | None = None
    date: str | None = None
    type: str | None = None
    venue: str | None = None
    language: str | None = None
    oa_url: str | None = None
    oa_status: str | None = None
    cited_by: int | None = None
    references: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    funders: tuple[Funder, ...] = ()
    has_abstract: bool = False
    is_retracted: bool | None = None
    updated: str | None = None
    seen: str | None = None
    source: str = ""
    row: int = 0
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A publication that the review does not include, with the records that report it; the first is the one shown.

    ``id`` is that of the first record's DOI (``doi:…``), else ``openalex:W…``, else the record's own.
    """

    id: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The link from a record to the study or other work that it reports, with the reason."""

    record: str
    work: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The merge of a record into a work; ``reason`` is the shared key or the decision."""

    record: str
    into: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works that may be one, for a person to decide; ``evidence`` states what agrees and what differs."""

    a: str
    b: str
    evidence: str
    decision: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of a study by one source.

    ``status`` is one of ``kg.model.vocabulary.STANDINGS``; it is "not checked" where a look-up had no answer. ``date``
    is the day of the notice, ``seen`` the day on which the source was asked, or the day of its file.
    """

    study: str
    source: str
    status: str
    date: str | None = None
    seen: str | None = None
    reason: str | None = None
    notice: str | None = None
