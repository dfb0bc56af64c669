"""RIS, MEDLINE (``.nbib``) and Web of Science's tagged files -> records, through rispy.

A file is first split into entries, so that an entry without an end does not swallow the next one and the line of each
is known. Continuation lines are joined to their value, which rispy would read as values of their own. Text between
entries (numbers, the search strategy, links) is ignored, unless it contains a title or an author.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rispy.parser import RisParser, WokParser

from kg.loaders.references.entries import TYPES, Entry, check_length, database_named, record_of_entry
from kg.model.ids import normalise_doi
from kg.model.literature import Record
from kg.model.notices import RETRACTED_TYPES
from kg.problems import Problem, shorten

Tags = dict[str, list[str]]


class _IdentityMapping(dict[str, str]):
    """The mapping of rispy from tags to names, where each tag is its own name."""

    def __missing__(self, tag: str) -> str:
        return tag


class _EveryTag(list[str]):
    """The list of rispy of tags that may be repeated, which contains every tag."""

    def __contains__(self, tag: object) -> bool:
        return True


class _Medline(RisParser):  # type: ignore[misc]
    """A parser for tags of up to four letters before a hyphen, as in ``PMID- 12345``."""

    START_TAG = "PMID"

    def parse_line(self, line: str) -> tuple[str, str] | tuple[None, str]:
        """Return the tag of a line and the text after it; a continuation line has no tag."""
        found = _MEDLINE_TAG.match(line)
        return (found[1], line[found.end() :].strip()) if found else (None, line.strip())


_MEDLINE_TAG = re.compile(r"([A-Z]{2,4}) {0,2}- ?")


@dataclass(frozen=True)
class _Format:
    """A tagged format: ``starts`` and ``end`` delimit entries, ``tag`` begins a field, ``entry`` maps the fields."""

    name: str
    parser: type[RisParser]
    tag: re.Pattern[str]
    starts: re.Pattern[str]
    start: str
    end: str
    entry: Callable[[Tags], Entry]


def read_tagged(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every entry of a RIS, MEDLINE or Web of Science file, or a problem."""
    format_ = format_of(text)
    if format_ is None:
        accepted = "lines that begin with TY  - (RIS), PMID- (MEDLINE) or PT (Web of Science)"
        yield Problem(name, "no entry begins in this file", accepted=accepted)
        return
    for row, lines in _split_entries(text, format_):
        check_length(sum(map(len, lines)), name, row, "the entry")
        joined = _join_continuations(lines, format_)
        if not format_.starts.match(joined[0]):
            if any(line[:2] in _ENTRY_TAGS for line in joined):
                reason = "these lines stand outside of every entry"
                accepted = f"entries that begin with {format_.start}"
                yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted=accepted)
            continue
        if format_.parser is _Medline:
            joined[0] = format_.starts.sub(format_.start, joined[0], count=1)
        if format_.parser is _Medline and sum(line.startswith("TI  -") for line in joined) > 1:
            reason = "two entries are in these lines, and the second has no start"
            accepted = f"entries that begin with {format_.start}"
            yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted=accepted)
            continue
        parser = format_.parser(mapping=_IdentityMapping(), list_tags=_EveryTag(), delimiter_tags_mapping={}, ignore=[])
        found: list[dict[str, Any]] = parser.parse_lines(
            iter([*joined, "ER" if format_.parser is WokParser else "ER  - "])
        )
        fields: Tags = {tag: v if isinstance(v, list) else [v] for tag, v in found[0].items()} if found else {}
        record = record_of_entry(format_.entry(fields), _database(fields, format_), name, row)
        if record is None:
            reason = "the entry has no title, DOI or PMID to be known by"
            yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted="an entry with a title")
        else:
            yield record


def format_of(text: str) -> _Format | None:
    """Return the format of a text, by how an entry near its beginning starts; None where no entry does."""
    lines = text[: 1 << 16].split("\n")
    return next((format_ for format_ in _FORMATS if any(map(format_.starts.match, lines))), None)


def _split_entries(text: str, format_: _Format) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of each entry, and of the text between two entries, with the number of the first line."""
    entry: list[str] = []
    first = 0
    for number, line in enumerate(text.split("\n"), start=1):
        begins = format_.starts.match(line) is not None
        ends = bool(format_.end) and line[: len(format_.end)] == format_.end and not line[len(format_.end) :].strip()
        if (begins or ends) and entry:
            yield first, entry
            entry = []
        if not ends and (entry or line.strip()):
            first = first if entry else number
            entry.append(line)
    if entry:
        yield first, entry


def _join_continuations(lines: list[str], format_: _Format) -> list[str]:
    """Return the lines with continuation lines joined to the line of their tag."""
    joined: list[str] = []
    for line in lines:
        if format_.tag.match(line) or not joined:
            joined.append(line)
        elif line.strip():
            if format_.parser is WokParser and joined[-1][:2] in _LIST_TAGS:
                joined.append(f"{joined[-1][:2]} {line.strip()}")
            else:
                joined[-1] = f"{joined[-1]} {line.strip()}"
    return joined


#: Tags of Web of Science of which each line is a value.
_LIST_TAGS = ("AU", "AF", "BA", "BE", "CA", "OI", "RI")
#: Tags that show that lines outside of an entry are a misplaced entry.
_ENTRY_TAGS = ("TI", "T1", "AU", "A1")


def _database(tags: Tags, format_: _Format) -> str:
    """Return the database of an entry: by its fields, else its accession number, else the name of the format.

    ``DP`` in RIS is the provider, which is often a database; in MEDLINE it is the date.
    """
    if format_.parser is not RisParser:
        return format_.name
    providers = [text for tag in ("DB", "DP") for text in tags.get(tag, ()) if text and not text[0].isdigit()]
    number = _one(tags, "AN") or ""
    by_number = "Web of Science" if number.startswith("WOS:") else "Cochrane Library" if number[:3] == "CN-" else None
    return database_named(" ".join(providers)) or by_number or next(iter(providers), format_.name)


def _one(tags: Tags, *names: str) -> str | None:
    return next((text for name in names for text in tags.get(name, ()) if text), None)


def _all(tags: Tags, *names: str) -> list[str]:
    return [text for name in names for text in tags.get(name, ()) if text]


def _ris(tags: Tags) -> Entry:
    database = database_named(" ".join(_all(tags, "DB", "DP")))
    kind, work = _one(tags, "TY"), (_one(tags, "M3") or "").casefold()
    if kind == "JOUR" and (work in TYPES or work in RETRACTED_TYPES):
        kind = work  # databases put the type of article there
    notes = [text for text in _all(tags, "M3", "L3", "N1") if normalise_doi(text)]  # other notes cite other works
    return Entry(
        title=_one(tags, "TI", "T1", "CT", "BT"),
        authors=_all(tags, "AU", "A1"),
        dates=_dates(tags, _all(tags, "PY", "Y1"), "DA"),
        identifiers=[*_all(tags, "DO"), *notes, *_all(tags, "UR", "L1", "L2", "LK")],
        pmid=_ris_pmid(tags, database),
        pmcid=_one(tags, "C2"),
        type=kind,
        venue=_one(tags, "JF", "T2", "JO", "JA", "J2"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB", "N2"),
        accession=_one(tags, "AN"),  # not ID, where reference managers number their entries
        volume=_one(tags, "VL"),
        issue=_one(tags, "IS"),
        pages=_pages(_one(tags, "SP"), _one(tags, "EP")),
    )


def _pages(first: str | None, last: str | None) -> str | None:
    return f"{first}-{last}" if first and last and "-" not in first and first != last else first


def _ris_pmid(tags: Tags, database: str | None) -> str | None:
    """Return the PMID; databases put it into different fields."""
    if own := _one(tags, "PM"):
        return own
    if found := re.search(r"\bPUBMED (\d+)", _one(tags, "C3") or ""):  # Cochrane
        return found[1]
    if any("embase.com/" in text for text in _all(tags, "UR")):
        return _one(tags, "C5")
    if "Ovid MEDLINE" in (_one(tags, "DB") or "") and (own := _one(tags, "ID")):
        return own
    tag = {"Scopus": "C2", "PubMed": "AN", "MEDLINE": "AN"}.get(database or "")
    return _one(tags, tag) if tag else None


def _dates(tags: Tags, years: list[str], day: str) -> list[str]:
    """Return the dates of an entry, with the year of the entry added to dates such as ``SEP 22``."""
    return [*years, *_all(tags, day), *(f"{years[0]} {text}" for text in _all(tags, day) if years)]


def _medline(tags: Tags) -> Entry:
    types = _all(tags, "PT")
    return Entry(
        title=_one(tags, "TI", "BTI"),
        authors=_all(tags, "FAU") or _all(tags, "AU") or _all(tags, "CN"),
        dates=_all(tags, "DP"),
        identifiers=[*(t for t in _all(tags, "LID", "AID") if "[doi]" in t), *_all(tags, "SO")],
        pmid=_one(tags, "PMID"),
        pmcid=_one(tags, "PMC"),
        type=next(
            (t for t in types if t.casefold() in ("journal article", "preprint", "published erratum")), _one(tags, "PT")
        ),
        venue=_one(tags, "JT", "TA"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB"),
        is_retracted=True if _all(tags, "RIN") or RETRACTED_TYPES.intersection(map(str.casefold, types)) else None,
        volume=_one(tags, "VI"),
        issue=_one(tags, "IP"),
        pages=_one(tags, "PG"),
    )


def _wok(tags: Tags) -> Entry:
    return Entry(
        title=_one(tags, "TI"),
        authors=_all(tags, "AF") or _all(tags, "AU"),
        dates=_dates(tags, _all(tags, "PY"), "PD"),
        identifiers=_all(tags, "DI"),
        pmid=_one(tags, "PM"),
        type=_one(tags, "DT"),
        venue=_one(tags, "SO"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB"),
        accession=_one(tags, "UT"),
        volume=_one(tags, "VL"),
        issue=_one(tags, "IS"),
        pages=_pages(_one(tags, "BP", "AR"), _one(tags, "EP")),
    )


_FORMATS = (
    _Format("RIS", RisParser, re.compile(r"[A-Z][A-Z0-9]  -"), re.compile("TY  -"), "TY  -", "ER  -", _ris),
    _Format("PubMed", _Medline, _MEDLINE_TAG, re.compile(" ?PMID {0,2}-"), "PMID-", "", _medline),
    _Format(
        "Web of Science", WokParser, re.compile(r"[A-Z][A-Z0-9](?: |$)"), re.compile("PT(?: |$)"), "PT", "ER", _wok
    ),
)
