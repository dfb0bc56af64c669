"""One Work of OpenAlex -> a record. Pure, and total: whatever a field holds, nothing raises.

What real works look like decides what is done here: identifiers come in several spellings, every nested object may be
null, abstracts have holes and markup, and lists of keys change between months.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date as day
from functools import lru_cache
from itertools import chain
from typing import Any

from kg.model.ids import normalise_doi
from kg.model.normalise import without_tags
from kg.model.records import Author, Funder, Institution, Record, Topic

DATABASE = "OpenAlex"

_SHORT = re.compile(r"[A-Z][0-9]{1,18}", re.IGNORECASE | re.ASCII)
_CITED = re.compile(r"https://openalex\.org/W[0-9]{1,18}(?:\nhttps://openalex\.org/W[0-9]{1,18})*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,12}")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", re.IGNORECASE | re.ASCII)
_ROR = re.compile(r"0[a-z0-9]{8}")
#: What begins every tag and entity.
_MARKUP = re.compile("[<&]/?[a-zA-Z#]")
#: The word itself, in front of the text or glued to it, once or twice; "Abstract thinking is …" is a sentence.
_LEAD = re.compile(
    r"(?:(?i:abstract|summary)(?:\s?[:.\u2014\u2013]+\s?|\s?-+\s|\s(?![a-z]))"
    r"|(?:Abstract|Summary)(?=[A-Z])|(?:ABSTRACT|SUMMARY)(?=[A-Z][a-z])){1,2}"
)
#: What stands where an abstract should: sentences of repositories and publishers.
_PLACEHOLDER = re.compile(
    r"(?:no abstract (?:is )?(?:provided|available)\b.{0,40}|contains full ?text\s*:.*|abstract not available\.?"
    r"|(?:an )?abstract is not available\b.{0,80}|(?:click|see) (?:here|pdf|article)\b.*|n/?a|\[no abstract.*"
    r"|for a searchable version of these abstracts\b.*)",
    re.IGNORECASE,
)
#: An abstract has at least so many words; 9 of 7,233 works of SYNERGY hold fewer than a hundred characters there.
FEWEST_WORDS = 10
#: Or, in scripts that put no spaces between words, so many characters.
FEWEST_SIGNS = 40
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, kana, Han
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
    named, host = _dict(primary.get("source")), _dict(work.get("host_venue"))
    access = _dict(work.get("open_access"))
    doi, retracted, references = work.get("doi"), work.get("is_retracted"), work.get("referenced_works")
    return Record(
        id=f"openalex:{openalex}",
        database=DATABASE,
        openalex=openalex,
        doi=_doi(doi) or _doi(ids.get("doi")),
        pmid=_tail(ids.get("pmid")),
        pmcid=_pmcid(ids.get("pmcid")),
        locations=_locations(locations) if isinstance(locations, list) else (),
        title=without_markup(work.get("title")) or without_markup(work.get("display_name")),
        authors=tuple(_authors(work.get("authorships"))),
        year=_whole(work.get("publication_year")),
        date=_date(work.get("publication_date")),
        type=_text(work.get("type")),
        venue=without_markup(named.get("display_name"))
        or without_markup(host.get("display_name"))
        or without_markup(primary.get("raw_source_name")),
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


def work_id(work: Mapping[str, object]) -> str:
    """Return the OpenAlex id of a work, or nothing where it has none."""
    return short_id(work.get("id"), "W") or ""


def without_markup(value: object) -> str | None:
    """Return text without markup and entities, on one line; None for what is blank or no text."""
    if not isinstance(value, str):
        return None
    if "&" in value:
        value = html.unescape(html.unescape(value))  # what a repository escapes, another escapes again
    return " ".join(without_tags(value).split()) or None


def abstract_of(work: Mapping[str, Any]) -> str | None:
    """Return the abstract as text, or None where there is none or only what stands in for one.

    The inverted index may be a dictionary, one under ``InvertedIndex`` (snapshots before September 2023) or the JSON of
    either; positions may have holes. Markup, entities and a leading "Abstract" go.
    """
    index = _index_of(work)
    number = sum(map(len, index.values()))
    if not 0 < number <= MOST_WORDS:
        return None
    placed = [(at, word) for word, places in index.items() for at in places]
    placed.sort()
    text = without_markup(_spaced(" ".join([word for _, word in placed]))) or ""
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    if len(text.split()) < FEWEST_WORDS and len(_UNSPACED.findall(text)) < FEWEST_SIGNS:
        return None
    return None if number < _SURELY_TEXT and _PLACEHOLDER.fullmatch(text) else text


def has_abstract(work: Mapping[str, Any]) -> bool:
    """Return whether ``abstract_of`` gives a text, without building one that is long and has no markup."""
    index = _index_of(work)
    if _SURELY_TEXT <= sum(map(len, index.values())) <= MOST_WORDS:
        words = _spaced(" ".join(index))
        enough = FEWEST_WORDS + 4  # of them a lead may take four
        if len(words.split(None, enough)) > enough and not (("<" in words or "&" in words) and _MARKUP.search(words)):
            return True
    return bool(index) and abstract_of(work) is not None


def _spaced(text: str) -> str:
    """Return text with spaces for line ends: repositories send them as two signs."""
    return text.replace("\\n", " ")


def _index_of(work: Mapping[str, Any]) -> dict[str, list[int]]:
    """Return the inverted index, word -> positions, in whichever wrapping it comes; empty where there is none."""
    index = work.get("abstract_inverted_index")
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return {}
    if isinstance(index, dict) and isinstance(index.get("InvertedIndex"), dict):
        index = index["InvertedIndex"]
    if not isinstance(index, dict) or not index:
        return {}
    with suppress(TypeError):  # the sum of whole numbers alone is one: the cheapest look at two hundred of them
        if type(sum(chain.from_iterable(index.values()))) is int:
            return index
    return {
        word: [at for at in places if isinstance(at, int)] for word, places in index.items() if isinstance(places, list)
    }


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


def _whole(value: object) -> int | None:
    """Return a whole number that fits where graphs keep one."""
    return value if type(value) is int and -(1 << 63) <= value < 1 << 63 else None


def _date(value: object) -> str | None:
    """Return the day, ISO 8601. The first of January stands for a year of which no more is known."""
    text = _text(value)
    if text is None or not _DAY.fullmatch(text) or text.endswith("-01-01"):
        return None
    try:
        return day.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _doi(value: object) -> str | None:
    return normalise_doi(value) if isinstance(value, str) else None


def _tail(value: object) -> str | None:
    """Return the digits at the end of a PubMed address."""
    text = str(value).strip().rstrip("/").rpartition("/")[2] if isinstance(value, str | int) else ""
    return text if _DIGITS.fullmatch(text) else None


def _pmcid(value: object) -> str | None:
    """Return ``PMC`` and digits from an address that has the digits alone, or with PMC before them."""
    text = value.strip().rstrip("/").rpartition("/")[2].upper().removeprefix("PMC") if isinstance(value, str) else ""
    return f"PMC{text}" if _DIGITS.fullmatch(text) else None


def _locations(locations: list[Any]) -> tuple[str, ...]:
    ids = [item.get("id") for item in locations if isinstance(item, dict)]
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and id_))


def _references(references: list[Any], own: str) -> tuple[str, ...]:
    """Return the short ids of the works that are cited, each once, without the work itself."""
    ids: list[str | None]
    try:
        usual = _CITED.fullmatch("\n".join(references))  # one look at fifty ids costs less than fifty
    except TypeError:  # of an item that is no text
        usual = None
    ids = [text[21:] for text in references] if usual else [short_id(item, "W") for item in references]
    found = dict.fromkeys(ids)
    found.pop(own, None)
    return tuple([id_ for id_ in found if id_ is not None])


def _authors(authorships: object) -> Iterator[Author]:
    for authorship in _dicts(authorships):
        author = _dict(authorship.get("author"))
        name = without_markup(author.get("display_name")) or without_markup(authorship.get("raw_author_name"))
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
    named, found = without_markup(name), _ROR.search(ror) if ror else None
    if named is None:
        return None
    code = country.upper() if country and len(country) == 2 else None
    return Institution(named, short_id(id_, "I"), found.group() if found else None, code)


def _topics(topics: object) -> Iterator[Topic]:
    for item in _dicts(topics):
        label = without_markup(item.get("display_name"))
        if label is not None:
            levels = (_dict(item.get(name)) for name in ("subfield", "field", "domain"))
            above = (without_markup(level.get("display_name")) for level in levels)
            yield Topic(label, short_id(item.get("id"), "T"), *above)


#: Where funders stand, by month of the data: the list, and its keys for the id, the name and the award.
_FUNDING = (
    ("funders", "id", "display_name", ""),
    ("awards", "funder_id", "funder_display_name", "funder_award_id"),
    ("grants", "funder", "funder_display_name", "award_id"),  # until November 2025
)


def _funders(work: Mapping[str, Any]) -> Iterator[Funder]:
    """Yield the funders of a work, each once, with their awards."""
    ids: dict[str, str] = {}  # name -> id, where it is known
    names: dict[str, str] = {}  # id, or name of one without, -> name
    awards: dict[str, dict[str, None]] = {}
    for list_, id_key, name_key, award_key in _FUNDING:
        for item in _dicts(work.get(list_)):
            name = without_markup(item.get(name_key))
            id_, award = short_id(item.get(id_key), "F"), _text(item.get(award_key))
            who = id_ or ids.get(name or "") or name
            if who is None:
                continue
            if name is not None:
                names.setdefault(who, name)
                if id_ is not None:
                    ids.setdefault(name, id_)
            if award is not None:
                awards.setdefault(who, {})[award] = None
    for who, name in names.items():
        yield Funder(name, who if short_id(who, "F") else None, tuple(awards.get(who, ())))
