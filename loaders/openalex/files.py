"""Files of OpenAlex works, read as a stream: JSON lines (plain or gzip, snapshots as well) and JSON of the API.

Lines are read one after the other, so that a million works take no more memory than one. What cannot be read becomes a
problem that names file and line, and reading goes on behind it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from kg.errors import KgError
from kg.limits import JSON_SIZE, OverLimit
from kg.loaders.openalex.gzipped import open_lines
from kg.loaders.openalex.works import record_of, short_id
from kg.model.records import Record
from kg.problems import Problem, shorten

#: A work as OpenAlex gives it.
Work: TypeAlias = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
ACCEPTED = 'works of OpenAlex, one JSON object a line, each with an "id" such as https://openalex.org/W2741809807'


def iter_works(path: Path, name: str) -> Iterator[tuple[int, Work | Problem]]:
    """Yield every work of a file with its line, or the place in its list, from 1; or what is wrong there.

    ``name`` is what problems call the file. A file is JSON lines, an answer of the API (``{"results": […]}``), a list
    of works or a single one, each as it is or as gzip. Only JSON lines are a stream; the others are read whole. Raises
    KgError for a file that cannot be opened.
    """
    try:
        with open_lines(path, name) as lines:
            number, begun, most = 0, False, JSON_SIZE.most
            numbered = enumerate(iter(partial(lines.readline, most + 1), b""), start=1)
            try:
                for number, line in numbered:
                    if len(line) > most:
                        raise _too_long(name, number)
                    line = line.removeprefix(_BOM)
                    if not line.strip():
                        continue
                    if not begun and _opens_document(line):
                        number_after, after = next(numbered, (number, b""))
                        if not (line.lstrip().startswith(b"{") and _is_object(after)):
                            document = line + after + lines.read(most + 1)
                            if len(document) > most:
                                raise _too_long(name)
                            yield from _document(document, name)
                            return
                        yield from _line(line, name, number)  # JSON lines, of which the first is damaged, or an answer
                        number, line = number_after, after
                    begun = True
                    yield from _line(line, name, number)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                reason = "the file is cut off or damaged: what comes behind this line cannot be read"
                yield number + 1, Problem(name, reason, row=number + 1, value=str(error), accepted="the whole file")
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error


def _too_long(name: str, row: int = 0) -> OverLimit:
    what = "line" if row else "document"
    return OverLimit(JSON_SIZE, name, f"the {what} is longer than {JSON_SIZE.number:,} MB", row=row)


def read_works(path: Path, name: str, seen: str | None = None) -> Iterator[Record | Problem]:
    """Yield the record of every work of a file, or what is wrong with it; ``seen`` is the day it was fetched."""
    for row, found in iter_works(path, name):
        if isinstance(found, Problem):
            yield found
            continue
        record = record_of(found, source=name, row=row, seen=seen)
        yield record if record is not None else _no_work(name, row, found)


def dump_work(work: Work) -> bytes:
    """Return a work as one line of JSON, in the order of its keys."""
    return orjson.dumps(work) + b"\n"


def _opens_document(line: bytes) -> bool:
    """Return whether the first line begins a list of works, an answer of the API or JSON over several lines."""
    try:
        first = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line.lstrip().startswith((b"[", b"{")) and not line.rstrip().endswith(b"}")
    return _works_of(first) is not None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _works_of(value: object) -> list[Any] | None:
    """Return what a list or an answer of the API holds; None for any other value."""
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
    for place, item in enumerate([value] if items is None else items, start=1):
        yield place, item if _is_work(item) else _no_work(name, place, item)


def _line(line: bytes, name: str, number: int) -> Iterator[tuple[int, Work | Problem]]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        text = line[:200].decode("utf-8", errors="replace")
        yield number, Problem(name, f"is not valid JSON: {error}", row=number, value=shorten(text), accepted=ACCEPTED)
        return
    items = _works_of(value) if isinstance(value, dict) else None
    for item in [value] if items is None else items:  # a line may be an answer as well
        yield number, item if _is_work(item) else _no_work(name, number, item)


def _is_work(value: object) -> bool:
    return isinstance(value, dict) and short_id(value.get("id"), "W") is not None


def _no_work(name: str, row: int, value: object) -> Problem:
    said = value.get("id") if isinstance(value, dict) else value
    return Problem(name, "is no work of OpenAlex", row=row, column="id", value=str(said or "")[:200], accepted=ACCEPTED)
