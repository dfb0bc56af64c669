"""Files of OpenAlex works: JSON lines (plain or gzip, as in snapshots) and JSON documents as the API returns them.

JSON lines are read as a stream, so that a million works take no more memory than one. A line that cannot be read
becomes a problem with file and line, and reading continues after it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import orjson

from kg.errors import KgError
from kg.limits import JSON_SIZE, OverLimit
from kg.loaders.openalex.gzipped import open_lines
from kg.loaders.openalex.query import Work
from kg.loaders.openalex.works import record_of, short_id
from kg.model.literature import Record
from kg.problems import Problem, shorten

_BOM = b"\xef\xbb\xbf"
#: The rows of a group; groups belong to the first and the second half of a file in turn.
_ROWS_OF_A_GROUP = 32
ACCEPTED = 'works of OpenAlex, one JSON object a line, each with an "id" such as https://openalex.org/W2741809807'


def iter_works(path: Path, name: str, half: int | None = None) -> Iterator[tuple[int, Work | Problem]]:
    """Yield the works and problems of a file, each with its line or its number in the document, from 1.

    ``name`` is the file name in problems. A file contains JSON lines or one document: a response of the API
    (``{"results": […]}``), a list of works or a single work; each may be gzip. A document is read as a whole. ``half``
    is 0 or 1 for one half of the rows only. Raises KgError for a file that cannot be opened.
    """
    try:
        with open_lines(path, name) as lines:
            found = _works_in(lines, name, half)
            yield from found if half is None else (one for one in found if _is_of(one[0], half))
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error


def _is_of(row: int, half: int) -> bool:
    return row // _ROWS_OF_A_GROUP % 2 == half


def _works_in(lines: BinaryIO, name: str, half: int | None) -> Iterator[tuple[int, Work | Problem]]:
    number, first, most = 0, True, JSON_SIZE.most
    numbered = enumerate(iter(partial(lines.readline, most + 1), b""), start=1)
    try:
        for number, line in numbered:
            if len(line) > most:
                raise _too_long(name, number)
            line = line.removeprefix(_BOM)
            if not line.strip():
                continue
            if first and _opens_document(line):
                next_number, next_line = next(numbered, (number, b""))
                if not (line.lstrip().startswith(b"{") and _is_object(next_line)):
                    document = line + next_line + lines.read(most + 1)
                    if len(document) > most:
                        raise _too_long(name)
                    yield from _document(document, name)
                    return
                yield from _line(line, name, number)  # JSON lines after all; the first is a response, or damaged
                number, line = next_number, next_line
            if first and (problem := _wrapped_lines(line, name, number)):
                yield number, problem  # one for all lines, which are alike
                return
            first = False
            if half is not None and not _is_of(number, half):
                continue
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                value = None
            if _is_work(value):  # as nearly every line is
                yield number, value
            else:
                yield from _line(line, name, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = "the file is cut off or damaged: what comes behind this line cannot be read"
        yield number + 1, Problem(name, reason, row=number + 1, value=str(error), accepted="the whole file")


def _too_long(name: str, row: int = 0) -> OverLimit:
    what = "line" if row else "document"
    return OverLimit(JSON_SIZE, name, f"the {what} is longer than {JSON_SIZE.number:,} MB", row=row)


def has_lines(path: Path, name: str) -> bool:
    """Return whether a file is JSON lines, not one document, by its first line. Raises KgError as ``iter_works``."""
    try:
        with open_lines(path, name) as lines:
            line = b"\n"
            while line and not line.strip():
                line = lines.readline(JSON_SIZE.most + 1).removeprefix(_BOM)
    except (OSError, EOFError, zlib.error) as error:
        raise KgError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    return not _opens_document(line)


def read_works(path: Path, name: str, seen: str | None = None, half: int | None = None) -> Iterator[Record | Problem]:
    """Yield the record of every work of a file, or a problem; ``seen`` is the date when the file was fetched.

    ``half`` is as for ``iter_works``.
    """
    for row, found in iter_works(path, name, half):
        if isinstance(found, Problem):
            yield found
            continue
        record = record_of(found, source=name, row=row, seen=seen)
        yield record if record is not None else _not_a_work(name, row, found)


def dump_work(work: Work) -> bytes:
    """Return a work as one line of JSON, with its keys in their order."""
    return orjson.dumps(work) + b"\n"


def _opens_document(line: bytes) -> bool:
    """Return whether the first line begins a document: a list of works, a response of the API, or indented JSON."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line.lstrip().startswith((b"[", b"{")) and not line.rstrip().endswith(b"}")
    return _works_of(value) is not None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _works_of(value: object) -> list[Any] | None:
    """Return the items of a list or of a response of the API; None for any other value."""
    if isinstance(value, dict) and isinstance(value.get("results"), list) and "id" not in value:
        return list(value["results"])
    return value if isinstance(value, list) else None


def _document(data: bytes, name: str) -> Iterator[tuple[int, Work | Problem]]:
    """Yield the works of a file that is one JSON document."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        yield 1, Problem(name, f"is not valid JSON: {error}", row=1, accepted=ACCEPTED)
        return
    items = _works_of(value)
    if items is None and (place := _place_of_works(value)):
        yield 1, _wrapped(name, 1, place)
        return
    for number, item in enumerate([value] if items is None else items, start=1):
        yield number, item if _is_work(item) else _not_a_work(name, number, item)


def _line(line: bytes, name: str, number: int) -> Iterator[tuple[int, Work | Problem]]:
    """Yield the work of a line, or the works of a line that is a response of the API."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        text = line[:200].decode("utf-8", errors="replace")
        yield number, Problem(name, f"is not valid JSON: {error}", row=number, value=shorten(text), accepted=ACCEPTED)
        return
    items = _works_of(value) if isinstance(value, dict) else None
    for item in [value] if items is None else items:
        yield number, item if _is_work(item) else _not_a_work(name, number, item)


def _wrapped_lines(line: bytes, name: str, number: int) -> Problem | None:
    """Return the problem of a file whose first line has its work, or several, inside of another object."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    place = None if _is_work(value) or _works_of(value) is not None else _place_of_works(value)
    return _wrapped(name, number, place) if place else None


def _place_of_works(value: object, most: int = 3) -> str:
    """Return the keys that lead to works inside of an object, with dots between them; "" where there are none."""
    for key, inner in value.items() if isinstance(value, dict) and most else ():
        if _is_work(inner) or (isinstance(inner, list) and inner and _is_work(inner[0])):
            return shorten(str(key))
        if deeper := _place_of_works(inner, most - 1):
            return f"{shorten(str(key))}.{deeper}"
    return ""


def _wrapped(name: str, row: int, place: str) -> Problem:
    return Problem(name, f"the works are inside of other objects, under {place!r}", row=row, accepted=ACCEPTED)


def _is_work(value: object) -> TypeGuard[Work]:
    return type(value) is dict and short_id(value.get("id"), "W") is not None


def _not_a_work(name: str, row: int, value: object) -> Problem:
    id_ = value.get("id") if isinstance(value, dict) else value
    return Problem(name, "is no work of OpenAlex", row=row, column="id", value=str(id_ or "")[:200], accepted=ACCEPTED)
