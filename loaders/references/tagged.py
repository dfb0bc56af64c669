"""RIS, MEDLINE (``.nbib``) and Web of Science's tagged files -> records, through rispy.

A file is first cut into entries, so that one that lacks its end does not swallow the next and each is known by its
line, and lines that go on a value are joined to it: rispy would make values of their own of them. What databases write
between entries (numbers, the search strategy, links) is passed over, unless it holds a title or an author.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rispy.parser import RisParser, WokParser

from kg.loaders.references.entries import TYPES, Entry, check_length, database_named, record_of_entry
from kg.model.ids import normalise_doi
from kg.model.notices import RETRACTED_TYPES
from kg.model.records import Record
from kg.problems import Problem, shorten

Tags = dict[str, list[str]]


class _Same(dict[str, str]):
    """Every tag is its own name."""

    def __missing__(self, tag: str) -> str:
        return tag


class _Every(list[str]):
    """Every tag may come again."""

    def __contains__(self, tag: object) -> bool:
        return True


class _Medline(RisParser):  # type: ignore[misc]
    """Tags of up to four letters before a hyphen: ``PMID- 12345``."""

    START_TAG = "PMID"

    def parse_line(self, line: str) -> tuple[str, str] | tuple[None, str]:
        """Return the tag and what stands behind it."""
        found = _MEDLINE_TAG.match(line)
        return (found[1], line[6:].strip()) if found else (None, line.strip())


_MEDLINE_TAG = re.compile(r"([A-Z]{2,4}) {0,2}- ?")


@dataclass(frozen=True)
class _Format:
    """How a file of entries is cut, and what its tags mean."""

    name: str
    parser: type[RisParser]
    tag: re.Pattern[str]
    starts: re.Pattern[str]
    start: str
    end: str
    entry: Callable[[Tags], Entry]


def read_tagged(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every entry of a RIS, MEDLINE or Web of Science file, or what is wrong with it."""
    form = format_of(text)
    if form is None:
        accepted = "lines that begin with TY  - (RIS), PMID- (MEDLINE) or PT (Web of Science)"
        yield Problem(name, "no entry begins in this file", accepted=accepted)
        return
    for row, lines in _cut(text, form):
        check_length(sum(map(len, lines)), name, row, "the entry")
        joined = _joined(lines, form)
        if not joined[0].startswith(form.start):
            if any(line[:2] in _ENTRY_TAGS for line in joined):
                reason = "these lines stand outside of every entry"
                accepted = f"entries that begin with {form.start}"
                yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted=accepted)
            continue
        parser = form.parser(mapping=_Same(), list_tags=_Every(), delimiter_tags_mapping={}, ignore=[])
        found: list[dict[str, Any]] = parser.parse_lines(
            iter([*joined, "ER" if form.parser is WokParser else "ER  - "])
        )
        fields: Tags = {tag: v if isinstance(v, list) else [v] for tag, v in found[0].items()} if found else {}
        record = record_of_entry(form.entry(fields), _database(fields, form), name, row)
        if record is None:
            reason = "the entry has no title, DOI or PMID to be known by"
            yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted="an entry with a title")
        else:
            yield record


def format_of(text: str) -> _Format | None:
    """Return the format whose entries begin in a text; None where none of the three does."""
    lines = text[: 1 << 16].split("\n")
    return next((form for form in _FORMATS if any(map(form.starts.match, lines))), None)


def _cut(text: str, form: _Format) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of each entry, and of what stands between two, with the number of the first."""
    entry: list[str] = []
    first = 0
    for number, line in enumerate(text.split("\n"), start=1):
        begins = form.starts.match(line) is not None
        ends = bool(form.end) and line[: len(form.end)] == form.end and not line[len(form.end) :].strip()
        if (begins or ends) and entry:
            yield first, entry
            entry = []
        if not ends and (entry or line.strip()):
            first = first if entry else number
            entry.append(line)
    if entry:
        yield first, entry


def _joined(lines: list[str], form: _Format) -> list[str]:
    """Return lines of which each has a tag, unless what they begin with has none."""
    joined: list[str] = []
    for line in lines:
        if form.tag.match(line) or not joined:
            joined.append(line)
        elif line.strip():
            if form.parser is WokParser and joined[-1][:2] in _LISTED:
                joined.append(f"{joined[-1][:2]} {line.strip()}")
            else:
                joined[-1] = f"{joined[-1]} {line.strip()}"
    return joined


#: Tags of Web of Science of which every line is a value.
_LISTED = ("AU", "AF", "BA", "BE", "CA", "OI", "RI")
#: Tags without which nothing is an entry.
_ENTRY_TAGS = ("TI", "T1", "AU", "A1")


def _database(tags: Tags, form: _Format) -> str:
    """Return the database that an entry is from: as it says, else by its accession number, else the format's name.

    ``DP`` is the provider, which is a database as often as not, and in MEDLINE the date.
    """
    if form.parser is not RisParser:
        return form.name
    said = [text for tag in ("DB", "DP") for text in tags.get(tag, ()) if text and not text[0].isdigit()]
    number = _one(tags, "AN") or ""
    by_number = "Web of Science" if number.startswith("WOS:") else "Cochrane Library" if number[:3] == "CN-" else None
    return database_named(" ".join(said)) or by_number or next(iter(said), form.name)


def _one(tags: Tags, *names: str) -> str | None:
    return next((text for name in names for text in tags.get(name, ()) if text), None)


def _all(tags: Tags, *names: str) -> list[str]:
    return [text for name in names for text in tags.get(name, ()) if text]


def _ris(tags: Tags) -> Entry:
    database = database_named(" ".join(_all(tags, "DB", "DP")))
    kind, work = _one(tags, "TY"), (_one(tags, "M3") or "").casefold()
    if kind == "JOUR" and (work in TYPES or work in RETRACTED_TYPES):
        kind = work  # databases say there what kind of article it is
    notes = [text for text in _all(tags, "M3", "L3", "N1") if normalise_doi(text)]  # others name other publications
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
        accession=_one(tags, "AN"),  # and not ID: reference managers count their entries there
    )


def _ris_pmid(tags: Tags, database: str | None) -> str | None:
    """Return the PMID, which every database puts elsewhere."""
    if own := _one(tags, "PM"):
        return own
    if found := re.search(r"\bPUBMED (\d+)", _one(tags, "C3") or ""):  # Cochrane
        return found[1]
    if any("embase.com/" in text for text in _all(tags, "UR")):
        return _one(tags, "C5")
    if "Ovid MEDLINE" in (_one(tags, "DB") or "") and (own := _one(tags, "ID")):
        return own
    place = {"Scopus": "C2", "PubMed": "AN", "MEDLINE": "AN"}.get(database or "")
    return _one(tags, place) if place else None


def _dates(tags: Tags, years: list[str], day: str) -> list[str]:
    """Return the dates of an entry; a day without a year (``SEP 22``) is given that of the entry."""
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
    )


_FORMATS = (
    _Format("RIS", RisParser, re.compile(r"[A-Z][A-Z0-9]  -"), re.compile("TY  -"), "TY  -", "ER  -", _ris),
    _Format("PubMed", _Medline, _MEDLINE_TAG, re.compile("PMID-"), "PMID-", "", _medline),
    _Format(
        "Web of Science", WokParser, re.compile(r"[A-Z][A-Z0-9](?: |$)"), re.compile("PT(?: |$)"), "PT", "ER", _wok
    ),
)
