"""BibTeX -> records, through bibtexparser.

The parser passes over an entry that it cannot read; here every ``@`` that begins one has to give a record or a problem.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from kg.loaders.entries import Entry, record_of_entry
from kg.model import Record
from kg.problems import Problem, shorten

_BEGIN = re.compile(r"(?m)^[ \t]*@[ \t]*(\w+)[ \t]*[{(]")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_NO_ENTRIES = ("comment", "string", "preamble")
_BRACES = re.compile(r"[{}]")


def read_bibtex(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every entry of a BibTeX file, or what is wrong with it, with the line that begins it."""
    starts = list(_BEGIN.finditer(text))
    strings = "".join(
        text[s.start() : e] for s, e in _spans(starts, text) if s.group(1).casefold() == "string"
    )  # months and journals that entries abbreviate
    entries = [(s, e) for s, e in _spans(starts, text) if s.group(1).casefold() not in _NO_ENTRIES]
    if not entries:
        yield Problem(
            name, "no entry begins in this file", accepted="BibTeX entries, such as @article{key, title = {…}}"
        )
    for start, end in entries:
        row = text.count("\n", 0, start.start()) + 1
        body = text[start.start() : end]
        fields = _parse(strings + body)
        record = record_of_entry(_entry(fields), "BibTeX", name, row) if fields else None
        if record is not None:
            yield record
            continue
        reason = "the entry has no title or DOI to be known by" if fields else "the entry cannot be read as BibTeX"
        accepted = "an entry with a title, braces in pairs and a comma after each field"
        yield Problem(name, reason, row=row, value=shorten(body), accepted=accepted)


def _spans(starts: list[re.Match[str]], text: str) -> list[tuple[re.Match[str], int]]:
    """Return where each entry begins and where the next does."""
    ends = [*(start.start() for start in starts[1:]), len(text)]
    return list(zip(starts, ends, strict=False))  # without an entry there is an end and no start


def _parse(text: str) -> dict[str, str] | None:
    import bibtexparser
    from bibtexparser.bparser import BibTexParser
    from bibtexparser.customization import convert_to_unicode

    logger = logging.getLogger("bibtexparser")
    before, logger.disabled = logger.disabled, True  # what it cannot read is told as a problem
    try:
        parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False, interpolate_strings=True)
        found = bibtexparser.loads(text, parser=parser).entries
    except Exception:  # noqa: BLE001 - the parser raises whatever its grammar ran into
        return None
    finally:
        logger.disabled = before
    if not found:
        return None
    fields: dict[str, str] = convert_to_unicode(dict(found[0]))
    return {field.casefold(): str(value) for field, value in fields.items()}


def _entry(fields: dict[str, str]) -> Entry:
    def text(*names: str) -> str | None:
        value = next((fields[name] for name in names if fields.get(name)), None)
        return _BRACES.sub("", value) if value else None

    return Entry(
        title=text("title"),
        authors=[
            _BRACES.sub("", author)
            for author in _AND.split(fields.get("author", ""))
            if author.strip() and author.strip() != "others"
        ],
        dates=[value for name in ("date", "year") if (value := text(name))],
        identifiers=[value for name in ("doi", "url", "note") if (value := text(name))],
        pmid=text("pmid"),
        pmcid=text("pmcid", "pmc"),
        type=text("entrytype"),
        venue=text("journal", "journaltitle", "booktitle", "school", "institution"),
        language=text("language", "langid"),
        abstract=text("abstract"),
    )
