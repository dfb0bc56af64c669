"""One Work of OpenAlex -> a record. Pure, and total: no content of a field raises an exception.

Real works require this care: identifiers come in several spellings, every nested object may be null, and the keys of
works change between months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kg.loaders.markup import plain_text
from kg.loaders.openalex.abstracts import has_abstract
from kg.loaders.values import iso_date, mapping_of, mappings_in
from kg.model.ids import normalise_doi
from kg.model.literature import Author, Funder, Institution, Record, Topic

DATABASE = "OpenAlex"

#: The digits of an OpenAlex id.
_MOST_DIGITS = 18
_WORK_ADDRESSES = re.compile(r"https://openalex\.org/W[0-9]{1,18}(?:\nhttps://openalex\.org/W[0-9]{1,18})*")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DIGITS = re.compile(r"[0-9]{1,12}")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", re.IGNORECASE | re.ASCII)
_ROR = re.compile(r"0[a-z0-9]{8}")


def record_of(work: Mapping[str, Any], *, source: str = "", row: int = 0, seen: str | None = None) -> Record | None:
    """Return the record of a Work, or None where the id is not that of an OpenAlex work.

    ``source`` and ``row`` are the file and line where it was read, ``seen`` is the date (ISO 8601) when it was fetched.
    Unknown keys are ignored; a value of an unexpected type counts as absent.
    """
    openalex = short_id(work.get("id"), "W")
    if openalex is None:
        return None
    ids = mapping_of(work.get("ids"))
    locations = work.get("locations")
    primary, best = mapping_of(work.get("primary_location")), mapping_of(work.get("best_oa_location"))
    venue, host = mapping_of(primary.get("source")), mapping_of(work.get("host_venue"))
    access, biblio = mapping_of(work.get("open_access")), mapping_of(work.get("biblio"))
    pages = [page for name in ("first_page", "last_page") if (page := _text(biblio.get(name)))]
    doi, retracted, references = work.get("doi"), work.get("is_retracted"), work.get("referenced_works")
    return Record(
        id=f"openalex:{openalex}",
        database=DATABASE,
        openalex=openalex,
        doi=_doi(doi) or _doi(ids.get("doi")),
        pmid=_pmid(ids.get("pmid")),
        pmcid=_pmcid(ids.get("pmcid")),
        locations=_locations(locations) if isinstance(locations, list) else (),
        title=plain_text(work.get("title")) or plain_text(work.get("display_name")),
        authors=tuple(_authors(work.get("authorships"))),
        year=_whole(work.get("publication_year")),
        date=_date(work.get("publication_date")),
        type=_text(work.get("type")),
        venue=plain_text(venue.get("display_name"))
        or plain_text(host.get("display_name"))
        or plain_text(primary.get("raw_source_name")),
        language=_text(work.get("language")),
        oa_url=_text(access.get("oa_url")) or _text(best.get("landing_page_url")) or _text(best.get("pdf_url")),
        oa_status=_text(access.get("oa_status")),
        cited_by=_whole(work.get("cited_by_count")),
        references=_references(references, openalex) if isinstance(references, list) else (),
        topics=tuple(_topics(work.get("topics"))),
        funders=tuple(_funders(work)),
        has_abstract=has_abstract(work),
        is_retracted=retracted if isinstance(retracted, bool) else None,
        updated=_text(work.get("updated_date")),
        seen=seen,
        source=source,
        row=row,
        volume=_text(biblio.get("volume")),
        issue=_text(biblio.get("issue")),
        pages="-".join(dict.fromkeys(pages)) or None,
    )


def short_id(value: object, kind: str) -> str | None:
    """Return an OpenAlex id as letter and digits, such as ``W196``; None if it is not one with the letter ``kind``.

    >>> short_id("https://openalex.org/works/w196", "W")
    'W196'
    """
    if not isinstance(value, str):
        return None
    tail = value.rpartition("/")[2].strip()
    digits = tail[1:]  # three checks of text are faster than one with a regular expression
    valid = digits.isdigit() and len(digits) <= _MOST_DIGITS and tail.isascii() and tail[0].upper() == kind
    return tail.upper() if valid else None


def doubtful_year(record: Record, this_year: int) -> str | None:
    """Return a warning about an implausible year of publication, or None; the record is still valid."""
    if record.year is None or 1500 <= record.year <= this_year + 2:
        return None
    return f"the year {record.year} is {'before 1500' if record.year < 1500 else 'more than two years ahead'}"


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def work_id(work: Mapping[str, object]) -> str:
    """Return the OpenAlex id of a work, or "" where it has none."""
    return short_id(work.get("id"), "W") or ""


def _whole(value: object) -> int | None:
    """Return an integer that fits into the 64 bits that graph stores have."""
    return value if type(value) is int and -(1 << 63) <= value < 1 << 63 else None


def _date(value: object) -> str | None:
    """Return a date as ISO 8601, but None for January 1, which OpenAlex writes where it only knows the year."""
    return _day(_text(value) or "")


@lru_cache(maxsize=1 << 14)  # works share the days of a few decades
def _day(text: str) -> str | None:
    found = _DATE.fullmatch(text)
    return iso_date(*found.groups()) if found and found.groups()[1:] != ("01", "01") else None


def _doi(value: object) -> str | None:
    return normalise_doi(value) if isinstance(value, str) else None


def _pmid(value: object) -> str | None:
    """Return the PMID at the end of a PubMed address."""
    text = str(value).strip().rstrip("/").rpartition("/")[2] if isinstance(value, str | int) else ""
    return text if _DIGITS.fullmatch(text) else None


def _pmcid(value: object) -> str | None:
    """Return ``PMC`` and digits from an address that ends in the digits, with or without PMC before them."""
    text = value.strip().rstrip("/").rpartition("/")[2].upper().removeprefix("PMC") if isinstance(value, str) else ""
    return f"PMC{text}" if _DIGITS.fullmatch(text) else None


def _locations(locations: list[Any]) -> tuple[str, ...]:
    ids = [item.get("id") for item in locations if isinstance(item, dict)]
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and id_))


def _references(references: list[Any], own: str) -> tuple[str, ...]:
    """Return the distinct short ids of the cited works, without the work itself."""
    try:
        well_formed = _WORK_ADDRESSES.fullmatch("\n".join(references))  # one match is faster than one for each id
    except TypeError:  # an item is not text
        well_formed = None
    ids: list[str | None]
    if well_formed:
        ids = [address.removeprefix("https://openalex.org/") for address in references]
    else:
        ids = [short_id(item, "W") for item in references]
    found = dict.fromkeys(ids)
    found.pop(own, None)
    return tuple([id_ for id_ in found if id_ is not None])


def _authors(authorships: object) -> Iterator[Author]:
    for authorship in mappings_in(authorships):
        author = mapping_of(authorship.get("author"))
        name = plain_text(author.get("display_name")) or plain_text(authorship.get("raw_author_name"))
        if name is None:
            continue
        orcid = author.get("orcid")
        found = _ORCID.search(orcid) if isinstance(orcid, str) else None
        institutions = authorship.get("institutions")
        yield Author(
            name,
            short_id(author.get("id"), "A"),
            found.group().upper() if found else None,
            tuple(_institutions(institutions)) if institutions else (),
        )


def _institutions(institutions: object) -> Iterator[Institution]:
    for item in mappings_in(institutions):
        values = item.get("display_name"), item.get("id"), item.get("ror"), item.get("country_code")
        try:
            found = _institution(*values)
        except TypeError:  # a value is a list or an object
            found = _institution(*map(_text, values))
        if found is not None:
            yield found


@lru_cache(maxsize=1 << 16)  # the works of one field share a few thousand institutions
def _institution(*values: object) -> Institution | None:
    name, id_, ror, country = map(_text, values)
    label, found = plain_text(name), _ROR.search(ror) if ror else None
    if label is None:
        return None
    code = country.upper() if country and len(country) == 2 else None
    return Institution(label, short_id(id_, "I"), found.group() if found else None, code)


def _topics(topics: object) -> Iterator[Topic]:
    for item in mappings_in(topics):
        label = plain_text(item.get("display_name"))
        if label is not None:
            levels = (mapping_of(item.get(level)).get("display_name") for level in ("subfield", "field", "domain"))
            yield Topic(label, short_id(item.get("id"), "T"), *map(plain_text, levels))


#: The lists that contain funders, with their keys for the id, the name and the award; they changed over time.
_FUNDING = (
    ("funders", "id", "display_name", ""),
    ("awards", "funder_id", "funder_display_name", "funder_award_id"),
    ("grants", "funder", "funder_display_name", "award_id"),  # until November 2025
)


def _funders(work: Mapping[str, Any]) -> Iterator[Funder]:
    """Yield the distinct funders of a work with their awards. A funder is identified by id, or by name without one."""
    ids: dict[str, str] = {}  # name -> id
    names: dict[str, str] = {}  # id or name -> name
    awards: dict[str, dict[str, None]] = {}
    for list_key, id_key, name_key, award_key in _FUNDING:
        for item in mappings_in(work.get(list_key)):
            name, id_ = plain_text(item.get(name_key)), short_id(item.get(id_key), "F")
            award = _text(item.get(award_key))
            key = id_ or ids.get(name or "") or name
            if key is None:
                continue
            if name is not None:
                names.setdefault(key, name)
                if id_ is not None:
                    ids.setdefault(name, id_)
            if award is not None:
                awards.setdefault(key, {})[award] = None
    for key, name in names.items():
        yield Funder(name, key if short_id(key, "F") else None, tuple(awards.get(key, ())))
