"""The grammar of BibTeX, for files as databases write them: entries, and the fields of each as text.

Written for what databases write: names of fields with spaces or no-break spaces, values without an end, fields behind a
brace that is closed too early. One pass over the text, and an entry never takes a line from the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.loaders.tables.separators import lines_of
from kg.problems import shorten

#: The start of an entry: at the start of a line, where other signs may be, or behind the end of another entry.
_LINE_START = re.compile(r"(?m)^[^\w\n%@]{0,10}(@[^\S\n]*(\w+)\s*[{(])")
_INLINE_START = re.compile(r"(@[^\S\n]*(\w+)\s*[{(])")
_NAME = re.compile(r"\s*([^\W\d_][^={}\",#@\n%]{0,80}?)\s*=\s*")
_FIELD_LINE = re.compile(r"(?m)^[^\S\n]*([^\W\d_][^={}\",#@\n%]{0,80}?)[^\S\n]*=[^\S\n]*(?=[{\"\w])")
#: A closing brace, a comma and a field. Without the comma, the field is of the next entry, whose start is lost.
_MORE = re.compile(r"[\s})]*,[\s,})]*(?=[^\W\d_][^={}\",#@\n%]{0,80}?\s*=\s*[{\"])")
_STRAY = re.compile(r"\w[^\S\n]*=[^\S\n]*[{\"]")
_KEY_END = re.compile(r"[,=}\n]")
_BRACES = re.compile(r"[{}]")
_QUOTE_OR_BRACES = re.compile(r'["{}]')
_AFTER_QUOTE = re.compile(r"\s*(?:[,#})]|[\w-]+\s*=|\Z)")
_BARE = re.compile(r"[^,#{}()\"\n]+")
_GAP = re.compile(r"[\s,]*")

TOO_EARLY = "a brace is closed too early; the fields behind it are read"
NO_END = "has no end; it is read up to the next field"
NO_CLOSE = "the entry has no closing brace"


@dataclass
class RawEntry:
    """An entry with its kind in lower case, where it starts and ends, and its fields in their order.

    A value is a list of its parts: text, or the name of a string. ``notes`` are a field and what is wrong with it.
    """

    kind: str
    start: int
    end: int
    fields: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Stray:
    """Text outside of every entry that has fields in it."""

    start: int
    text: str


def parse_entries(text: str) -> Iterator[RawEntry | Stray]:
    """Yield the entries of a text, comments left out, and what stands outside of them and has fields."""
    starts = [(found.start(1), found) for found in _LINE_START.finditer(text)]
    at, number = 0, 0
    farthest = len(text)  # where a comment may end that has entries in it
    while True:
        while number < len(starts) and starts[number][0] < at:
            number += 1
        limit = starts[number][0] if number < len(starts) else len(text)
        inline = _INLINE_START.search(text, at, limit) if at else None
        if inline and "%" in text[text.rfind("\n", at, inline.start()) + 1 : inline.start()]:
            inline = None
        found = inline or (starts[number][1] if number < len(starts) else None)
        between = text[at : found.start(1) if found else len(text)]
        if (stray := _stray(between)) is not None:
            yield Stray(at + stray, between[stray:])
        if found is None:
            return
        if not inline:
            number += 1
        limit = starts[number][0] if number < len(starts) else len(text)
        entry = _parse(text, found, limit, farthest)
        if entry.kind == "comment" and entry.end == limit:
            farthest = 0  # it has no end: the next ones are not looked through to the end of the text again
        at = max(entry.end, found.end(1))
        if entry.kind != "comment":
            yield entry


def _stray(text: str) -> int | None:
    """Return where the first line begins that has a field and is not commented out with ``%``."""
    at = 0
    for line in lines_of(text):
        if _STRAY.search(line.partition("%")[0]):
            return at
        at += len(line)
    return None


def _parse(text: str, found: re.Match[str], limit: int, farthest: int) -> RawEntry:
    """Return the entry that starts at a match and ends before ``limit``, or a comment that ends before ``farthest``."""
    entry = RawEntry(found[2].casefold(), found.start(1), limit)
    at = found.end(1)
    if entry.kind in ("comment", "preamble"):
        whole = max(limit, farthest) if entry.kind == "comment" else limit
        end = _closed(text, at, whole)
        entry.end = end if end is not None else limit
        return entry
    if entry.kind != "string":
        at = _behind_key(text, at, limit)
    if not _read_fields(text, at, limit, entry, by_line=False):
        entry.fields.clear()  # a value without an end has taken the fields below it
        entry.notes.clear()
        entry.end = limit
        _read_fields(text, at, limit, entry, by_line=True)
    return entry


def _behind_key(text: str, at: int, limit: int) -> int:
    """Return the position behind the key of an entry; an entry may have none."""
    end = _KEY_END.search(text, at, limit)
    while end and end.group() == "\n" and not text[at : end.start()].strip():
        at = end.end()
        end = _KEY_END.search(text, at, limit)
    return end.start() if end and end.group() != "=" else at


def _read_fields(text: str, at: int, limit: int, entry: RawEntry, *, by_line: bool) -> bool:
    """Add the fields to an entry; return False where it has no closing brace.

    With ``by_line``, the next line that begins with a field ends a value.
    """
    stop = at if by_line else limit
    while True:
        at = _GAP.match(text, at, limit).end()  # type: ignore[union-attr]
        if at >= limit:
            entry.notes.append(("", NO_CLOSE))
            return False
        if text[at] in "})":
            more = _MORE.match(text, at, limit)
            if more is None:
                entry.end = at + 1
                return True
            entry.notes.append(("", TOO_EARLY))
            at = more.end()
        name = _NAME.match(text, at, limit)
        if name is None:
            at = _resume(text, at, limit, entry)
            continue
        own = " ".join(name[1].split()).casefold()
        if by_line and stop <= name.end():
            stop = _next_field(text, name.end(), limit)
        parts, end = _value(text, name.end(), stop)
        if end is None and not by_line:
            return False
        if end is None:
            entry.notes.append((own, NO_END))
            end = stop
            parts = [(text[name.end() : end].partition("\n%")[0].strip().strip(",").strip('{}" \t\n'), False)]
        if parts:
            entry.fields.setdefault(own, parts)
        at = end


def _resume(text: str, at: int, limit: int, entry: RawEntry) -> int:
    """Return where reading goes on behind text that is no field: at the next line with one, else at the end."""
    close = _BRACES.search(text, at, limit)
    line = _FIELD_LINE.search(text, at, close.start() if close and close.group() == "}" else limit)
    end = line.start() if line else close.start() if close and close.group() == "}" else limit
    entry.notes.append(("", f"text that is no field: {shorten(text[at:end])!r}"))
    return end


def _value(text: str, at: int, limit: int) -> tuple[list[tuple[str, bool]], int | None]:
    """Return the parts of a value and the position behind it, None where a part has no end."""
    parts: list[tuple[str, bool]] = []
    while at < limit:
        sign = text[at]
        if sign == "{":
            end = _closed(text, at + 1, limit)
            if end is None:
                return parts, None
            parts.append((text[at + 1 : end - 1], False))
        elif sign == '"':
            end = _quoted(text, at + 1, limit)
            if end is None:
                return parts, None
            parts.append((text[at + 1 : end - 1], False))
        elif found := _BARE.match(text, at, limit):
            end = found.end()
            parts.append((found.group().strip(), True))
        else:
            return parts, at
        at = end
        while at < limit and text[at].isspace():
            at += 1
        if at >= limit or text[at] != "#":
            return parts, at
        at += 1
        while at < limit and text[at].isspace():
            at += 1
    return parts, at


def _closed(text: str, at: int, limit: int) -> int | None:
    """Return the position behind the brace that closes the one before ``at``."""
    depth = 1
    for found in _BRACES.finditer(text, at, limit):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return found.end()
    return None


def _quoted(text: str, at: int, limit: int) -> int | None:
    """Return the position behind the quotation mark that ends a value; others may be part of it."""
    depth = 0
    for found in _QUOTE_OR_BRACES.finditer(text, at, limit):
        if found.group() == '"':
            if depth <= 0 and _AFTER_QUOTE.match(text, found.end(), limit):
                return found.end()
        else:
            depth += 1 if found.group() == "{" else -1
    return None


def _next_field(text: str, at: int, limit: int) -> int:
    """Return where the next line with a field begins, else the end."""
    line = _FIELD_LINE.search(text, at, limit)
    return line.start() if line else limit
