"""BibTeX -> records. The grammar is in ``bibtex_fields``, which explains why no library reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kg.limits import BIBTEX, OverLimit
from kg.loaders.references.bibtex_fields import NO_CLOSE, NO_END, TOO_EARLY, RawEntry, Stray, parse_entries
from kg.loaders.references.entries import Entry, check_length, database_named, record_of_entry
from kg.loaders.references.latex import decode_latex, decode_prose
from kg.model.ids import normalise_doi
from kg.model.literature import Record
from kg.problems import Note, Problem, shorten

_NO_ENTRIES = ("comment", "string", "preamble")
_ACCEPTED = "an entry with a title or DOI, between braces in pairs"
_MONTHS = {
    name[:3].lower(): name
    for name in (
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December"),
    )
}


def read_bibtex(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every entry of a BibTeX file, or a problem; the row is the line where the entry begins.

    What cannot be read of an entry is a note beside its record.
    """
    strings = dict(_MONTHS)
    row, counted, number = 1, 0, 0
    for found in parse_entries(text):
        row, counted = row + text.count("\n", counted, found.start), found.start
        if isinstance(found, Stray):
            reason = "fields stand outside of every entry"
            accepted = "entries that begin with @ and their type, as in @article{key,"
            yield Problem(name, reason, row=row, value=shorten(found.text), accepted=accepted)
            number += 1
        elif found.kind == "string":
            _define(found, strings, name, row)
        elif found.kind not in _NO_ENTRIES:
            number += 1
            check_length(found.end - found.start, name, row, "the entry with its strings", BIBTEX)
            yield from _read_entry(found, strings, text, name, row)
    if not number:
        yield Problem(
            name, "no entry begins in this file", accepted="BibTeX entries, such as @article{key, title = {…}}"
        )


def is_bibtex(text: str) -> bool:
    """Return whether a text begins as BibTeX does: with an entry, if only comments stand before it."""
    return _FIRST_ENTRY.search(text[: 1 << 16]) is not None


#: The start of an entry with a key, at the start of a line.
_FIRST_ENTRY = re.compile(r"(?m)^[^\S\n]{0,10}@[^\S\n]*[A-Za-z]+\s*[{(][^\s,={}]*[\s,]")


def _read_entry(
    found: RawEntry, strings: Mapping[str, str], text: str, name: str, row: int
) -> Iterator[Record | Problem]:
    fields = _joined(found, strings, name, row)
    entry = _entry(fields, found.kind)
    if not entry.title and entry.venue and (entry.authors or entry.dates):
        entry.title = entry.venue  # of what others cite, Scopus knows only where it is from
        found.notes.append(("title", "is not there; what the entry is from stands for it"))
    record = record_of_entry(entry, _database(fields), name, row)
    if record is None:
        value = shorten(text[found.start : min(found.end, found.start + 400)])
        yield Problem(name, "the entry has no title or DOI to be known by", row=row, value=value, accepted=_ACCEPTED)
        return
    yield record
    for column, reason in dict.fromkeys(found.notes):
        accepted = "braces in pairs" if reason in (TOO_EARLY, NO_END, NO_CLOSE) else ""
        yield Note(name, reason, row=row, column=column, accepted=accepted)


def _define(found: RawEntry, strings: dict[str, str], name: str, row: int) -> None:
    """Define the strings of an entry, such as abbreviated journals.

    A string may be built from others, so that its length can grow exponentially; it is bounded before it is made.
    """
    for key, parts in found.fields.items():
        values = [strings.get(part.casefold(), part) if is_name else part for part, is_name in parts]
        if sum(map(len, values)) > BIBTEX.most:
            reason = f"stands for more than {BIBTEX.number:,} characters"
            raise OverLimit(BIBTEX, name, reason, row=row, column="string", value=key)
        strings[key] = "".join(values)


def _joined(found: RawEntry, strings: Mapping[str, str], name: str, row: int) -> dict[str, str]:
    """Return the fields with the strings that they name; one that is not defined stands for itself."""
    fields: dict[str, str] = {}
    length = 0
    for key, parts in found.fields.items():
        values = [strings.get(part.casefold(), part) if is_name else part for part, is_name in parts]
        length += sum(map(len, values))
        check_length(length, name, row, "the entry with its strings", BIBTEX)
        fields[key.replace(" ", "-")] = "".join(values)
    return fields


def _database(fields: Mapping[str, str]) -> str:
    """Return the database that wrote an entry, by its number or what it says of its source."""
    if fields.get("unique-id", "").strip("{} ").startswith(("WOS:", "ISI:")):
        return "Web of Science"
    return database_named(fields.get("source", "")) or "BibTeX"


def _entry(fields: Mapping[str, str], kind: str) -> Entry:
    """Return the entry with the fields of BibTeX or biblatex."""

    def text(*names: str) -> str | None:
        value = next((fields[name] for name in names if fields.get(name)), None)
        return decode_latex(value) if value else None

    def prose(*names: str) -> str | None:
        value = next((fields[name] for name in names if fields.get(name)), None)
        return decode_prose(value) if value else None

    note, number = text("note"), text("pmcid", "pmc")
    date_parts = [value for field in ("year", "month", "day") if (value := text(field))]
    return Entry(
        title=prose("title"),
        authors=[decode_latex(author.replace("~", " ")) for author in _authors(fields.get("author", ""))],
        dates=[
            *(value for field in ("date", "year", "earlyaccessdate", "early-access-date") if (value := text(field))),
            ("-" if all(part.isdigit() for part in date_parts) else " ").join(date_parts),
        ],
        identifiers=[
            *(value for field in ("doi", "url") if (value := text(field))),
            *([note] if note and normalise_doi(note) else []),
        ],
        pmid=text("pmid", "pubmed_id"),
        pmcid=f"PMC{number}" if number and number.isdigit() else number,
        type=text("type", "document_type") if fields.get("unique-id") or fields.get("document_type") else kind,
        venue=prose("journal", "journaltitle", "booktitle", "school", "institution"),
        language=text("language", "langid"),
        abstract=fields.get("abstract"),
        accession=text("unique-id", "eid") or None,
        volume=text("volume"),
        issue=text("number", "issue"),
        pages=text("pages"),
    )


_AND = re.compile(r"[{}]|\s(?:and|AND|And)\s")


def _authors(names: str) -> Iterator[str]:
    """Yield the names separated by ``and`` outside of braces: ``{Health and Human Services}`` is one name."""
    names = " ".join(names.split())
    depth, start = 0, 0
    for found in _AND.finditer(names):
        sign = found.group()
        if sign in "{}":
            depth += 1 if sign == "{" else -1
        elif depth == 0:
            yield names[start : found.start()]
            start = found.end()
    last = names[start:]
    if last.strip() and last.strip() != "others":
        yield last
