"""What an export says of one publication, in whatever format, -> a record. Pure."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from kg.limits import FIELD, Limit, OverLimit
from kg.loaders.openalex.works import without_markup
from kg.model.ids import normalise_doi
from kg.model.notices import RETRACTED_TYPES
from kg.model.records import Author, Record

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d)(?=\D|\d{4}$|$)")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_NAMED_DAY = re.compile(r"(\d{4}) ([A-Za-z]{3})[a-z]* (\d{1,2})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"\d{1,9}")
_PMCID = re.compile(r"PMC(\d{1,9})(?:\.\d+)?", re.IGNORECASE)
_PUBMED_URL = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})")
_PMC_URL = re.compile(r"/PMC(\d{1,9})", re.IGNORECASE)
#: No DOI is as long as this.
_LONGEST_DOI = 2_000
#: What addresses have behind a DOI and is no part of it.
_TAIL = re.compile(r"(?:/(?:full|abstract|pdf|epdf|html|meta|fulltext)|\.pdf|\.html?)+$", re.IGNORECASE)
#: The DOIs that Cochrane gives the entries of its register are not those of the publications.
_NO_PUBLICATION = "10.1002/central/"
#: What a field on the database says, in part -> the name of the database. EBSCO has codes for its databases.
_DATABASES = {
    "pubmed": "PubMed", "medline": "MEDLINE", "scopus": "Scopus", "web of science": "Web of Science",
    "psycinfo": "PsycINFO", "cinahl": "CINAHL", "embase": "Embase", "cochrane": "Cochrane Library", "eric": "ERIC",
    "psyh": "PsycINFO", "rzh": "CINAHL", "ccm": "CINAHL", "cin20": "CINAHL", "mdc": "MEDLINE", "cmedm": "MEDLINE",
}  # fmt: skip
_DATABASE = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_DATABASES)})(?![a-z0-9])")
#: What publishers and databases call a type -> what OpenAlex does; a type that is not here stays as it comes.
TYPES = {
    "jour": "article", "journal article": "article", "article": "article", "ejour": "article",
    "magazine article": "article", "journalarticle": "article", "chap": "book-chapter", "book section": "book-chapter",
    "incollection": "book-chapter", "inbook": "book-chapter", "book chapter": "book-chapter",
    "bookchapter": "book-chapter", "bk": "book", "thes": "dissertation", "phdthesis": "dissertation",
    "mastersthesis": "dissertation", "thesis": "dissertation", "rprt": "report", "techreport": "report",
    "preprint": "preprint", "unpb": "preprint", "published erratum": "erratum", "erratum": "erratum",
    "correction": "erratum", "review": "review", "letter": "letter", "editorial": "editorial",
}  # fmt: skip


@dataclass
class Entry:
    """The fields of one entry as text, as they stand; lists in their order."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    pmid: str | None = None
    pmcid: str | None = None
    openalex: str | None = None
    type: str | None = None
    venue: str | None = None
    language: str | None = None
    abstract: str | None = None
    accession: str | None = None
    oa_url: str | None = None
    cited_by: int | None = None
    is_retracted: bool | None = None


def check_length(length: int, name: str, row: int, what: str, limit: Limit = FIELD) -> None:
    """Raise OverLimit where an entry is longer than any is."""
    if length > limit.most:
        raise OverLimit(limit, name, f"{what} is longer than {limit.number:,} characters", row=row)


def record_of_entry(entry: Entry, database: str, source: str, row: int) -> Record | None:
    """Return the record of an entry, or None where it says nothing that a publication could be known by.

    Its id is that of OpenAlex, else a hash of what it says, so that an entry which is exported again is the same
    record. ``identifiers`` are searched for a DOI, and for addresses of PubMed, in their order.
    """
    title = without_markup(entry.title)
    doi = next(filter(None, map(doi_in, entry.identifiers)), None)
    pmid = _first(_PMID, entry.pmid) or _found(_PUBMED_URL, entry.identifiers)
    pmcid = _first(_PMCID, entry.pmcid) or _found(_PMC_URL, entry.identifiers)
    year = next((int(found[1]) for text in entry.dates if (found := _YEAR.search(text))), None)
    if not (title or doi or pmid or entry.openalex):
        return None
    names = [name for name in (without_markup(name.strip(" ,;")) for name in entry.authors) if name]
    first, venue = names[0] if names else "", without_markup(entry.venue)
    # Of entries that no number tells apart, editorials for one, the journal does.
    number = entry.accession or ("" if doi or pmid else venue)
    parts = (database, doi, pmid, " ".join((title or "").casefold().split()), year, first, number)
    digest = hashlib.sha256("\x1f".join(str(part or "") for part in parts).encode()).hexdigest()[:16]
    kinds = [kind.strip() for kind in (without_markup(entry.type) or "").split(";") if kind.strip()]
    retracted = any(kind.casefold() in RETRACTED_TYPES for kind in kinds)
    return Record(
        id=f"openalex:{entry.openalex}" if entry.openalex else f"ref:{digest}",
        database=database,
        openalex=entry.openalex,
        doi=doi,
        pmid=pmid,
        pmcid=f"PMC{pmcid}" if pmcid else None,
        title=title,
        authors=tuple(Author(name) for name in names),
        year=year,
        date=next(filter(None, map(_day, entry.dates)), None),
        type=TYPES.get(kinds[0].casefold(), kinds[0]) if kinds else None,
        venue=venue,
        language=without_markup(entry.language),
        oa_url=entry.oa_url,
        cited_by=entry.cited_by,
        has_abstract=bool(entry.abstract and entry.abstract.strip()),
        is_retracted=True if retracted else entry.is_retracted,
        source=source,
        row=row,
    )


def database_named(text: str) -> str | None:
    """Return the database that a text names first, in one spelling; None where it names none that is known.

    >>> database_named("APA PsycInfo <2021>")
    'PsycINFO'
    """
    found = _DATABASE.search(text.casefold())
    return _DATABASES[found.group()] if found else None


def doi_in(text: str) -> str | None:
    """Return the DOI that a field is, or that stands in it, as in ``10.1000/a [doi]`` and in addresses.

    >>> doi_in("https://example.org/doi/full/10.1000/A?download=true")
    '10.1000/a'
    """
    doi = normalise_doi(text)
    if doi is None and (found := _DOI.search(unquoted := urllib.parse.unquote(text))):
        bare = found.group()[:_LONGEST_DOI]
        if "://" in unquoted[: found.start()]:
            bare = _TAIL.sub("", re.split(r"[?#&]", bare)[0])
        doi = normalise_doi(bare)
    return None if doi is None or doi.startswith(_NO_PUBLICATION) else doi


def _first(pattern: re.Pattern[str], text: str | None) -> str | None:
    match = pattern.fullmatch(text.strip()) if text else None
    return match.group(match.lastindex or 0) if match else None


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    return next((match[1] for text in texts if (match := pattern.search(text))), None)


def _day(text: str) -> str | None:
    """Return a day in ISO 8601 from 2020/03/04, 2020-3-4 or 2020 Mar 4; None where no day is given."""
    if found := _DAY.match(text.strip()):
        year, month, day = map(int, found.groups())
    elif (found := _NAMED_DAY.match(text.strip())) and found[2].lower() in _MONTHS:
        year, month, day = int(found[1]), _MONTHS.index(found[2].lower()) + 1, int(found[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
