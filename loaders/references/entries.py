"""One entry of an export, in any format -> a record. Pure."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.limits import FIELD, Limit, OverLimit
from kg.loaders.markup import plain_text
from kg.loaders.values import iso_date
from kg.model.ids import normalise_doi
from kg.model.literature import Author, Record
from kg.model.notices import RETRACTED_TYPES

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d)(?=\D|\d{4}$|$)")
_NUMERIC_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_NAMED_DATE = re.compile(r"(\d{4}) ([A-Za-z]{3})[a-z]* (\d{1,2})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"\d{1,9}")
_PMCID = re.compile(r"PMC(\d{1,9})(?:\.\d+)?", re.IGNORECASE)
_PUBMED_URL = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})")
_PMC_URL = re.compile(r"/PMC(\d{1,9})", re.IGNORECASE)
#: The most characters of a DOI.
_LONGEST_DOI = 2_000
#: The end of a URL after a DOI.
_URL_SUFFIX = re.compile(r"(?:/(?:full|abstract|pdf|epdf|html|meta|fulltext)|\.pdf|\.html?)+$", re.IGNORECASE)
_EMAIL = re.compile(r"(?:e-?mail:?\s*)?[^\s@]{1,100}@[^\s@]{1,100}\.[a-z]{2,24}", re.IGNORECASE)
#: Publishers that Web of Science and IEEE Xplore list behind the authors.
_PUBLISHERS = frozenset(("IEEE",))
#: DOIs of the entries in Cochrane's register, which are not DOIs of the publications.
_COCHRANE_ENTRY = "10.1002/central/"
#: Part of a field that names a database, in lower case, or one of EBSCO's codes -> the name of the database.
_DATABASES = {
    "pubmed": "PubMed", "medline": "MEDLINE", "scopus": "Scopus", "web of science": "Web of Science",
    "psycinfo": "PsycINFO", "cinahl": "CINAHL", "embase": "Embase", "cochrane": "Cochrane Library", "eric": "ERIC",
    "psyh": "PsycINFO", "rzh": "CINAHL", "ccm": "CINAHL", "cin20": "CINAHL", "mdc": "MEDLINE", "cmedm": "MEDLINE",
    "nlm": "PubMed",
}  # fmt: skip
_DATABASE = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_DATABASES)})(?![a-z0-9])")
#: A type as publishers and databases call it -> its name in OpenAlex; an unknown type is kept.
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
    """The fields of one entry as text, unchanged and in their order."""

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
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None


def check_length(length: int, name: str, row: int, what: str, limit: Limit = FIELD) -> None:
    """Raise OverLimit where an entry is longer than its limit."""
    if length > limit.most:
        raise OverLimit(limit, name, f"{what} is longer than {limit.number:,} characters", row=row)


def record_of_entry(entry: Entry, database: str, source: str, row: int) -> Record | None:
    """Return the record of an entry, or None where it has neither a title nor an identifier.

    Its id is the OpenAlex id, else a hash of its main fields, so that a later export of an entry gives the same
    record. ``identifiers`` are searched, in their order, for a DOI and for URLs of PubMed.
    """
    title = plain_text(entry.title)
    doi = next(filter(None, map(doi_in, entry.identifiers)), None)
    pmid = _match(_PMID, entry.pmid) or _search(_PUBMED_URL, entry.identifiers)
    pmcid = _match(_PMCID, entry.pmcid) or _search(_PMC_URL, entry.identifiers)
    year = next((int(found[1]) for text in entry.dates if (found := _YEAR.search(text))), None)
    if not (title or doi or pmid or entry.openalex):
        return None
    names = _people(name for name in (plain_text(name.strip(" ,;")) for name in entry.authors) if name)
    first, venue = names[0] if names else "", plain_text(entry.venue)
    # Entries without a number, such as editorials of the same title, differ by journal.
    number = entry.accession or ("" if doi or pmid else venue)
    parts = (database, doi, pmid, " ".join((title or "").casefold().split()), year, first, number)
    digest = hashlib.sha256("\x1f".join(str(part or "") for part in parts).encode()).hexdigest()[:16]
    kinds = [kind.strip() for kind in (plain_text(entry.type) or "").split(";") if kind.strip()]
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
        date=next(filter(None, map(_iso_day, entry.dates)), None),
        type=TYPES.get(kinds[0].casefold(), kinds[0]) if kinds else None,
        venue=venue,
        language=plain_text(entry.language),
        oa_url=entry.oa_url,
        cited_by=entry.cited_by,
        has_abstract=bool(entry.abstract and entry.abstract.strip()),
        is_retracted=True if retracted else entry.is_retracted,
        source=source,
        row=row,
        volume=plain_text(entry.volume),
        issue=plain_text(entry.issue),
        pages=plain_text(entry.pages),
    )


def _people(names: Iterable[str]) -> list[str]:
    """Return names of authors, each once, without e-mail addresses and the publisher that databases add to them."""
    found: dict[str, str] = {}
    for name in names:
        if not _EMAIL.fullmatch(name):
            found.setdefault(name.casefold(), name)
    return [name for name in found.values() if name not in _PUBLISHERS] or list(found.values())


def database_named(text: str) -> str | None:
    """Return the normalised name of the first database that a text mentions; None if it mentions no known one.

    >>> database_named("APA PsycInfo <2021>")
    'PsycINFO'
    """
    found = _DATABASE.search(text.casefold())
    return _DATABASES[found.group()] if found else None


def doi_in(text: str) -> str | None:
    """Return the DOI in a field, which may have other text around it, as in ``10.1000/a [doi]`` or in a URL.

    >>> doi_in("https://example.org/doi/full/10.1000/A?download=true")
    '10.1000/a'
    """
    doi = normalise_doi(text)
    if doi is None and (found := _DOI.search(unquoted := urllib.parse.unquote(text))):
        bare = found.group()[:_LONGEST_DOI]
        if "://" in unquoted[: found.start()]:
            bare = _URL_SUFFIX.sub("", re.split(r"[?#&]", bare)[0])
        doi = normalise_doi(bare)
    return None if doi is None or doi.startswith(_COCHRANE_ENTRY) else doi


def _match(pattern: re.Pattern[str], text: str | None) -> str | None:
    match = pattern.fullmatch(text.strip()) if text else None
    return match.group(match.lastindex or 0) if match else None


def _search(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    return next((match[1] for text in texts if (match := pattern.search(text))), None)


def _iso_day(text: str) -> str | None:
    """Return a date as ISO 8601 from 2020/03/04, 2020-3-4 or 2020 Mar 4; None where there is no day or no such day."""
    if found := _NUMERIC_DATE.match(text.strip()):
        return iso_date(*found.groups())
    if (found := _NAMED_DATE.match(text.strip())) and found[2].lower() in _MONTHS:
        return iso_date(found[1], _MONTHS.index(found[2].lower()) + 1, found[3])
    return None
