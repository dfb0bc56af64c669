"""One Work of OpenAlex -> a record. Pure, and total: whatever a field holds, nothing raises.

What real works look like decides what is done here: identifiers come in several spellings, every nested object may be
null, abstracts have holes and markup, and lists of keys change between months.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kg.ids import normalise_doi
from kg.model import Author, Funder, Institution, Record, Topic

DATABASE = "OpenAlex"

_SHORT = re.compile(r"[A-Z]\d{1,18}", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DIGITS = re.compile(r"\d{1,12}")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.IGNORECASE)
_ROR = re.compile(r"0[a-z0-9]{8}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_LEAD = re.compile(r"(?:abstract|summary)(?:[:.\s\u2014\u2013-]+|(?=[A-Z]))", re.IGNORECASE)
#: What stands where an abstract should: sentences of repositories and publishers.
_PLACEHOLDER = re.compile(
    r"(?:no abstract (?:is )?(?:provided|available)\b.{0,40}|contains full ?text\s*:.*|abstract not available\.?"
    r"|(?:an )?abstract is not available\b.{0,80}|(?:click|see) (?:here|pdf|article)\b.*|n/?a|\[no abstract.*)",
    re.IGNORECASE,
)
#: An abstract has at least so many words; 9 of 7,233 works of SYNERGY hold fewer than a hundred characters there.
FEWEST_WORDS = 10
#: And at most so many; beyond that the field holds the whole text, or a volume of abstracts.
MOST_WORDS = 2500
#: No placeholder is as long as this.
_SURELY_TEXT = 60


def record_of(work: Mapping[str, Any], *, source: str = "", row: int = 0, seen: str | None = None) -> Record | None:
    """Return the record of a Work, or None for one without an OpenAlex id of a work.

    ``source`` and ``row`` say where it was read, ``seen`` on which day (ISO 8601) it was fetched. Keys that are not
    known are ignored; a value of another type than expected counts as absent.
    """
    openalex = short_id(work.get("id"), "W")
    if openalex is None:
        return None
    ids = _dict(work.get("ids"))
    locations = work.get("locations")
    primary, best = _dict(work.get("primary_location")), _dict(work.get("best_oa_location"))
    venue = _dict(primary.get("source")) or _dict(work.get("host_venue"))
    access = _dict(work.get("open_access"))
    doi = _text(work.get("doi")) or _text(ids.get("doi"))
    date, year = _text(work.get("publication_date")), work.get("publication_year")
    cited_by, retracted = work.get("cited_by_count"), work.get("is_retracted")
    references = work.get("referenced_works")
    return Record(
        id=f"openalex:{openalex}",
        database=DATABASE,
        openalex=openalex,
        doi=normalise_doi(doi) if doi else None,
        pmid=_tail(ids.get("pmid")),
        pmcid=_pmcid(ids.get("pmcid")),
        locations=_locations(locations) if isinstance(locations, list) else (),
        title=plain(work.get("title")) or plain(work.get("display_name")),
        authors=tuple(_authors(work.get("authorships"))),
        year=year if type(year) is int else None,
        date=date if date and _DAY.fullmatch(date) and not date.endswith("-01-01") else None,
        type=_text(work.get("type")),
        venue=plain(venue.get("display_name")) or plain(primary.get("raw_source_name")),
        language=_text(work.get("language")),
        oa_url=_text(access.get("oa_url")) or _text(best.get("landing_page_url")) or _text(best.get("pdf_url")),
        oa_status=_text(access.get("oa_status")),
        cited_by=cited_by if type(cited_by) is int else None,
        references=_references(references, openalex) if isinstance(references, list) else (),
        topics=tuple(_topics(work.get("topics"))),
        funders=tuple(_funders(work)),
        has_abstract=has_abstract(work),
        is_retracted=retracted if isinstance(retracted, bool) else None,
        updated=_text(work.get("updated_date")),
        seen=seen,
        source=source,
        row=row,
    )


def short_id(value: object, kind: str) -> str | None:
    """Return an OpenAlex id as its letter and digits, e.g. ``W196``; ``kind`` is the letter. None for anything else.

    >>> short_id("https://openalex.org/works/w196", "W")
    'W196'
    """
    if not isinstance(value, str):
        return None
    tail = value.rpartition("/")[2].strip()
    return tail.upper() if tail[:1].upper() == kind and _SHORT.fullmatch(tail) else None


def plain(value: object) -> str | None:
    """Return text without markup and entities, on one line; None for what is blank or no text."""
    if not isinstance(value, str):
        return None
    if "&" in value or "<" in value:
        value = _TAG.sub("", html.unescape(html.unescape(value)))
    return " ".join(value.split()) or None


def abstract_of(work: Mapping[str, Any]) -> str | None:
    """Return the abstract as text, or None where there is none or only what stands in for one.

    The inverted index may be a dictionary, one under ``InvertedIndex`` (snapshots before September 2023) or the JSON of
    either; positions may have holes. Markup, entities and a leading "Abstract" go.
    """
    index = _index_of(work)
    number = sum(map(len, index.values())) if index else 0
    if index is None or not FEWEST_WORDS <= number <= MOST_WORDS:
        return None
    placed = [(at, word) for word, places in index.items() for at in places if type(at) is int]
    placed.sort()
    joined = " ".join([word for _, word in placed]).replace("\\n", " ")  # repositories send line ends as two signs
    text = plain(joined) or ""
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    if number < _SURELY_TEXT and (len(text.split()) < FEWEST_WORDS or _PLACEHOLDER.fullmatch(text)):
        return None
    return text


def has_abstract(work: Mapping[str, Any]) -> bool:
    """Return whether ``abstract_of`` gives a text, without building one that is long."""
    index = _index_of(work)
    number = sum(map(len, index.values())) if index else 0
    return number <= MOST_WORDS if number >= _SURELY_TEXT else number > 0 and abstract_of(work) is not None


def _index_of(work: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Return the inverted index, word -> positions, in whichever wrapping it comes; None where there is none."""
    index = work.get("abstract_inverted_index")
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return None
    if isinstance(index, dict) and isinstance(index.get("InvertedIndex"), dict):
        index = index["InvertedIndex"]
    if not isinstance(index, dict) or not index:
        return None
    if set(map(type, index.values())) == {list}:
        return index
    return {word: places for word, places in index.items() if isinstance(places, list)} or None


def doubtful_year(record: Record, this_year: int) -> str | None:
    """Return what is odd about a record's year of publication, if anything: a warning, no reason to leave it out."""
    if record.year is None or 1500 <= record.year <= this_year + 2:
        return None
    return f"the year {record.year} is {'before 1500' if record.year < 1500 else 'more than two years ahead'}"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _tail(value: object) -> str | None:
    """Return the digits at the end of a PubMed address."""
    text = str(value).rstrip("/").rpartition("/")[2] if isinstance(value, str | int) else ""
    return text if _DIGITS.fullmatch(text) else None


def _pmcid(value: object) -> str | None:
    """Return ``PMC`` and digits from an address that has the digits alone, or with PMC before them."""
    text = value.rstrip("/").rpartition("/")[2].upper().removeprefix("PMC") if isinstance(value, str) else ""
    return f"PMC{text}" if _DIGITS.fullmatch(text) else None


def _locations(locations: list[Any]) -> tuple[str, ...]:
    ids = [item.get("id") for item in locations if isinstance(item, dict)]
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and id_))


def _references(references: list[Any], own: str) -> tuple[str, ...]:
    """Return the short ids of the works that are cited, each once, without the work itself."""
    found = dict.fromkeys([r[21:] if isinstance(r, str) and r.startswith("https://openalex.org/W") else short_id(r, "W")
                           for r in references])  # fmt: skip
    found.pop(None, None)
    found.pop(own, None)
    return tuple(id_ for id_ in found if id_)


def _authors(authorships: object) -> Iterator[Author]:
    for authorship in _dicts(authorships):
        author = _dict(authorship.get("author"))
        name = plain(author.get("display_name")) or plain(authorship.get("raw_author_name"))
        if name is None:
            continue
        orcid = author.get("orcid")
        found = _ORCID.search(orcid) if isinstance(orcid, str) else None
        places = authorship.get("institutions")
        yield Author(
            name,
            short_id(author.get("id"), "A"),
            found.group().upper() if found else None,
            tuple(_institutions(places)) if places else (),
        )


def _institutions(institutions: object) -> Iterator[Institution]:
    for item in _dicts(institutions):
        found = _institution(*[_text(item.get(name)) for name in ("display_name", "id", "ror", "country_code")])
        if found is not None:
            yield found


@lru_cache(maxsize=1 << 16)  # the same few thousand stand in all works of a field
def _institution(name: str | None, id_: str | None, ror: str | None, country: str | None) -> Institution | None:
    named, found = plain(name), _ROR.search(ror) if ror else None
    if named is None:
        return None
    code = country.upper() if country and len(country) == 2 else None
    return Institution(named, short_id(id_, "I"), found.group() if found else None, code)


def _topics(topics: object) -> Iterator[Topic]:
    for item in _dicts(topics):
        label = plain(item.get("display_name"))
        if label is not None:
            above = (plain(_dict(item.get(name)).get("display_name")) for name in ("subfield", "field", "domain"))
            yield Topic(label, short_id(item.get("id"), "T"), *above)


def _funders(work: Mapping[str, Any]) -> Iterator[Funder]:
    """Yield the funders of a work, each once, with their awards: of ``funders``, ``awards`` or the older ``grants``."""
    names: dict[str, str | None] = {}
    awards: dict[str, dict[str, None]] = {}
    for item in _dicts(work.get("funders")):
        name = plain(item.get("display_name"))
        if name is not None:
            names.setdefault(name, short_id(item.get("id"), "F"))
    for item in _dicts(work.get("awards")):
        name, award = plain(item.get("funder_display_name")), _text(item.get("funder_award_id"))
        if name is not None:
            names[name] = names.get(name) or short_id(item.get("funder_id"), "F")
            awards.setdefault(name, {}).update({award: None} if award else {})
    for item in _dicts(work.get("grants")):
        name, award = plain(item.get("funder_display_name")), _text(item.get("award_id"))
        if name is not None:
            names[name] = names.get(name) or short_id(item.get("funder"), "F")
            awards.setdefault(name, {}).update({award: None} if award else {})
    for name, id_ in names.items():
        yield Funder(name, id_, tuple(awards.get(name, ())))
