"""BibTeX -> records, through bibtexparser.

The parser silently ignores an entry that it cannot read, so each entry is parsed by itself and gives a record or a
problem.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from kg.limits import BIBTEX, OverLimit
from kg.loaders.references.entries import Entry, check_length, record_of_entry
from kg.model.ids import normalise_doi
from kg.model.records import Record
from kg.problems import Problem, shorten

_ENTRY_START = re.compile(r"(?m)^[ \t]*@[ \t]*(\w+)[ \t]*[{(]")
_NO_ENTRIES = ("comment", "string", "preamble")
_ACCEPTED = "an entry with a title, braces in pairs and a comma after each field"
#: A field outside of every entry that is not commented out with ``%``.
_STRAY_FIELD = re.compile(r"(?m)^[^%\n]*\b\w+[ \t]*=[ \t]*[{\"]")
#: LaTeX commands that only format their argument, such as ``\emph{…}`` and ``\textit{…}``.
_FORMATTING = re.compile(r"\\(?:emph|text[a-z]{2}|math[a-z]{2}|mbox|url|href|uppercase|lowercase)[ \t]*(?=\{)")
#: LaTeX is not decoded in longer text, because the time for that grows with the square of the length.
_LONGEST_LATEX = 20_000
#: The most undefined strings in an entry: at each of them the parser has to start the entry again.
_MOST_UNDEFINED = 20
#: A possible reference to a string in the value of a field.
_STRING_REFERENCE = re.compile(r"[=#]\s*([^\s\"#%'(),={}]+)\s*(?=[#,})])")
#: The start of ``@string{name = …}``.
_STRING_DEFINITION = re.compile(r"\s*@\s*\w+\s*[{(]\s*([^\s=]+)")
_ESCAPED = re.compile(r"\\([&%_#$])")
_MATHS = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")
_TYPOGRAPHY = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))


def read_bibtex(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every entry of a BibTeX file, or a problem; the row is the line where the entry begins."""
    starts = list(_ENTRY_START.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    spans = [(start[1].casefold(), start.start(), end) for start, end in zip(starts, ends, strict=False)]
    parser = _Parser()
    longest = _read_strings(text, spans, parser, name)
    entries = [(start, end) for kind, start, end in spans if kind not in _NO_ENTRIES]
    if not entries:
        yield Problem(
            name, "no entry begins in this file", accepted="BibTeX entries, such as @article{key, title = {…}}"
        )
    row, counted = 1, 0
    for start, end in entries:
        row, counted = row + text.count("\n", counted, start), start
        body = text[start:end]
        check_length(_longest_field(body, longest), name, row, "the entry with its strings", BIBTEX)
        found, reason = parser.read(body)
        records = [record_of_entry(_entry(fields), "BibTeX", name, row) for fields in found]
        if reason or None in records:
            why = reason or "the entry has no title or DOI to be known by"
            yield Problem(name, why, row=row, value=shorten(body), accepted=_ACCEPTED)
        yield from () if reason else filter(None, records)


def _read_strings(text: str, spans: list[tuple[str, int, int]], parser: _Parser, name: str) -> int:
    """Define the strings of a file, such as abbreviated months and journals; return the length of the longest.

    A string may be built from others, so that its length can grow exponentially. The length is therefore bounded
    before the parser concatenates anything.
    """
    longest = 0
    for kind, start, end in spans:
        if kind == "string":
            body = text[start:end]
            key = found[1] if (found := _STRING_DEFINITION.match(body)) else ""
            if _longest_field(body, longest) > BIBTEX.most:
                reason = f"stands for more than {BIBTEX.number:,} characters"
                raise OverLimit(BIBTEX, name, reason, row=text.count("\n", 0, start) + 1, column="string", value=key)
            parser.read(body)
            longest = max(longest, parser.length_of(key))
    return longest


def _longest_field(body: str, longest: int) -> int:
    """Return an upper bound of the length of a field: each of its parts may be a reference to the longest string."""
    return len(body) + (body.count("#") + 1) * longest if "#" in body else max(len(body), longest)


class _Parser:
    """Parses the entries of one file. They share one grammar, because building it is slower than parsing an entry."""

    def __init__(self) -> None:
        from bibtexparser.bibdatabase import UndefinedString
        from bibtexparser.bparser import BibTexParser

        self._undefined = UndefinedString
        self._parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False, interpolate_strings=True)
        self._parser.expect_multiple_parse = True

    def length_of(self, string: str) -> int:
        """Return the length of the value of a string; 0 where its definition could not be parsed."""
        return len(str(self._parser.bib_database.strings.get(string.lower(), "")))

    def read(self, text: str) -> tuple[list[dict[str, str]], str]:
        """Return the fields of the entries in a text, and the reason of the problem ("" where there is none)."""
        logger = logging.getLogger("bibtexparser.bparser")
        before, logger.disabled = logger.disabled, True  # a failure becomes a problem instead
        database = self._parser.bib_database
        undefined = 0
        for name in {found[1].lower() for found in _STRING_REFERENCE.finditer(text)}:
            database.strings.setdefault(name, name)  # an undefined abbreviation stands for itself
        try:
            while True:
                database.entries.clear()
                database.comments.clear()
                try:
                    self._parser.parse(text)
                    break
                except self._undefined as error:
                    missing = str(error.args[0])
                    undefined += 1
                    if undefined > _MOST_UNDEFINED:
                        return [], "the entry names too many strings that are not defined"
                    database.strings[missing] = missing
        except Exception:  # noqa: BLE001 - the parser raises whatever its grammar ran into
            return [], "the entry cannot be read as BibTeX"
        finally:
            logger.disabled = before
        if any(_STRAY_FIELD.search(comment) for comment in database.comments):
            return [], "the entry cannot be read as BibTeX" if not database.entries else (
                "fields stand behind the end of the entry: a brace is closed too early"
            )
        found = [{field.casefold(): str(value) for field, value in entry.items()} for entry in database.entries]
        return found, "" if found else "the entry cannot be read as BibTeX"


def _entry(fields: dict[str, str]) -> Entry:
    """Return the entry with the fields of BibTeX or biblatex."""

    def text(*names: str) -> str | None:
        value = next((fields[name] for name in names if fields.get(name)), None)
        return _decode_latex(value) if value else None

    def prose(*names: str) -> str | None:
        value = text(*names)
        for ascii_form, character in _TYPOGRAPHY:
            value = value.replace(ascii_form, character) if value else None
        return value

    note, number = text("note"), text("pmcid", "pmc")
    date_parts = [value for field in ("year", "month", "day") if (value := text(field))]
    return Entry(
        title=prose("title"),
        authors=[_decode_latex(author.replace("~", " ")) for author in _authors(fields.get("author", ""))],
        dates=[
            *(value for field in ("date", "year") if (value := text(field))),
            ("-" if _all_digits(date_parts) else " ").join(date_parts),
        ],
        identifiers=[
            *(value for field in ("doi", "url") if (value := text(field))),
            *([note] if note and normalise_doi(note) else []),
        ],
        pmid=text("pmid"),
        pmcid=f"PMC{number}" if number and number.isdigit() else number,
        type=text("entrytype"),
        venue=prose("journal", "journaltitle", "booktitle", "school", "institution"),
        language=text("language", "langid"),
        abstract=text("abstract"),
    )


def _all_digits(parts: list[str]) -> bool:
    return all(part.isdigit() for part in parts)


def _authors(names: str) -> Iterator[str]:
    """Yield the names separated by ``and`` outside of braces: ``{Health and Human Services}`` is one name."""
    depth, name = 0, ""
    for part in re.split(r"([{}]| and )", " ".join(names.split()), flags=re.IGNORECASE):
        depth += (part == "{") - (part == "}")
        if depth == 0 and part.strip().casefold() == "and":
            yield name
            name = ""
        else:
            name += part
    if name.strip() and name.strip() != "others":
        yield name


def _decode_latex(value: str) -> str:
    """Return text with the commands, braces and accents of LaTeX replaced by Unicode."""
    if len(value) > _LONGEST_LATEX or not any(character in value for character in "\\{}$"):
        return value
    from bibtexparser.latexenc import latex_to_unicode

    value = _FORMATTING.sub("", _MATHS.sub(r"\1", value))
    return _ESCAPED.sub(r"\1", str(latex_to_unicode(value)))
