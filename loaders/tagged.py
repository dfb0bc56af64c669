"""RIS, MEDLINE (``.nbib``) and Web of Science's tagged files -> records, through rispy.

A file is first cut into entries, so that one that lacks its end does not swallow the next and each is known by its
line, and lines that go on a value are joined to it: rispy would make values of their own of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rispy.parser import RisParser, WokParser

from kg.loaders.entries import Entry, record_of_entry
from kg.model import Record
from kg.problems import Problem, shorten

#: What a field on the database says, in part -> the name of the database.
_DATABASES = {
    "pubmed": "PubMed", "medline": "MEDLINE", "scopus": "Scopus", "web of science": "Web of Science",
    "psycinfo": "PsycINFO", "apa psyc": "PsycINFO", "cinahl": "CINAHL", "embase": "Embase",
    "cochrane": "Cochrane Library", "eric": "ERIC",
}  # fmt: skip
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
        joined = _joined(lines, form)
        if joined is None:
            reason = "no tag begins this line, which stands outside of every entry"
            yield Problem(
                name, reason, row=row, value=shorten(lines[0]), accepted=f"entries that begin with {form.start}"
            )
            continue
        parser = form.parser(mapping=_Same(), list_tags=_Every(), delimiter_tags_mapping={}, ignore=[])
        found: list[dict[str, Any]] = parser.parse_lines(iter([*joined, _end_of(form)]))
        fields: Tags = {tag: v if isinstance(v, list) else [v] for tag, v in found[0].items()} if found else {}
        record = record_of_entry(form.entry(fields), _database(fields) or form.name, name, row)
        if record is None:
            reason = "the entry has no title, DOI or PMID to be known by"
            yield Problem(name, reason, row=row, value=shorten(" ".join(lines[:2])), accepted="an entry with a title")
        else:
            yield record


def format_of(text: str) -> _Format | None:
    """Return the format whose entries begin in a text; None where none of the three does."""
    return next((f for f in _FORMATS if re.search(rf"(?m)^{re.escape(f.start)}(?: |$)", text[: 1 << 16])), None)


def _end_of(form: _Format) -> str:
    return "ER  - " if form.parser is RisParser or form.parser is _Medline else "ER "


def _cut(text: str, form: _Format) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of each entry with the number of its first; lines between entries as one that has no tag."""
    entry: list[str] = []
    first, blank = 0, False
    for number, line in enumerate(text.split("\n"), start=1):
        begins = line.startswith(form.start) and (form.parser is not _Medline or blank or not entry)
        ends = (bool(form.end) and line.rstrip() == form.end.rstrip()) or line.startswith(f"{form.end} ")
        if begins and entry:
            yield first, entry
            entry = []
        blank = not line.strip()
        if ends and form.end:
            if entry:
                yield first, entry
            entry = []
        elif entry or begins or (not blank and not line.startswith(_AROUND)):
            first = first if entry else number
            entry.append(line)
    if any(line.strip() for line in entry):
        yield first, entry


#: Lines that stand around the entries of Web of Science, and headings that databases put before theirs.
_AROUND = ("FN ", "VR ", "EF", "Provider:", "Database:", "Content:")


def _joined(lines: list[str], form: _Format) -> list[str] | None:
    """Return lines of which each has a tag; None where the first has none."""
    joined: list[str] = []
    for line in lines:
        if form.tag.match(line):
            joined.append(line)
        elif line.strip():
            if not joined:
                return None
            if form.parser is WokParser and joined[-1][:2] in _LISTED:
                joined.append(f"{joined[-1][:2]} {line.strip()}")
            else:
                joined[-1] = f"{joined[-1]} {line.strip()}"
    return joined if joined and joined[0].startswith(form.start) else None


#: Tags of Web of Science of which every line is a value.
_LISTED = ("AU", "AF", "BA", "BE", "CA", "OI", "RI")


def _database(tags: Tags) -> str | None:
    """Return the database that an entry names itself."""
    said = " ".join(text for tag in ("DB", "DP") for text in tags.get(tag, ()) if not text[:4].isdigit()).casefold()
    return next((database for part, database in _DATABASES.items() if part in said), None)


def _one(tags: Tags, *names: str) -> str | None:
    return next((text for name in names for text in tags.get(name, ()) if text), None)


def _all(tags: Tags, *names: str) -> list[str]:
    return [text for name in names for text in tags.get(name, ()) if text]


def _ris(tags: Tags) -> Entry:
    return Entry(
        title=_one(tags, "TI", "T1", "CT", "BT"),
        authors=_all(tags, "AU", "A1"),
        dates=_all(tags, "PY", "Y1", "DA"),
        identifiers=_all(tags, "DO", "M3", "UR", "L1", "L2", "LK", "N1"),
        pmid=_one(tags, "PM")
        or (_one(tags, "AN") if "pubmed" in " ".join(_all(tags, "DB", "DP")).casefold() else None),
        pmcid=_one(tags, "C2"),
        type=_one(tags, "TY"),
        venue=_one(tags, "JO", "JF", "T2", "JA", "J2"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB", "N2"),
        accession=_one(tags, "AN", "ID"),
    )


def _medline(tags: Tags) -> Entry:
    types = _all(tags, "PT")
    return Entry(
        title=_one(tags, "TI", "BTI"),
        authors=_all(tags, "FAU") or _all(tags, "AU"),
        dates=_all(tags, "DP", "DEP"),
        identifiers=[*(t for t in _all(tags, "LID", "AID") if "[doi]" in t), *_all(tags, "SO")],
        pmid=_one(tags, "PMID"),
        pmcid=_one(tags, "PMC"),
        type=next(
            (t for t in types if t.casefold() in ("journal article", "preprint", "published erratum")), _one(tags, "PT")
        ),
        venue=_one(tags, "JT", "TA"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB"),
        is_retracted=True if any(t.casefold() == "retracted publication" for t in types) else None,
    )


def _wok(tags: Tags) -> Entry:
    return Entry(
        title=_one(tags, "TI"),
        authors=_all(tags, "AF") or _all(tags, "AU"),
        dates=_all(tags, "PY", "EY"),
        identifiers=_all(tags, "DI"),
        pmid=_one(tags, "PM"),
        type=_one(tags, "DT"),
        venue=_one(tags, "SO"),
        language=_one(tags, "LA"),
        abstract=_one(tags, "AB"),
        accession=_one(tags, "UT"),
        is_retracted=True if "Retracted Publication" in (_one(tags, "DT") or "") else None,
    )


_FORMATS = (
    _Format("RIS", RisParser, re.compile(r"[A-Z][A-Z0-9]  -"), "TY  -", "ER  -", _ris),
    _Format("PubMed", _Medline, _MEDLINE_TAG, "PMID-", "", _medline),
    _Format("Web of Science", WokParser, re.compile(r"[A-Z][A-Z0-9](?: |$)"), "PT", "ER", _wok),
)
