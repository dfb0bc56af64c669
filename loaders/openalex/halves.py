"""Reading a large file of works in two processes: the rows are taken in groups, and each makes every other group.

Making records of rows takes most of the time. Both processes read the whole file, so the first meets every error of the
file itself, and needs nothing from the second but its records.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import IO, NamedTuple

from kg.errors import KgError
from kg.garbage import garbage_collection_paused
from kg.loaders.openalex.files import read_works
from kg.model.literature import Record
from kg.model.packed import pack
from kg.problems import Problem
from kg.processes import start_python

#: A file of fewer bytes is read by one process: starting another takes a tenth of a second.
LEAST_SIZE = 8 << 20
#: The size of the pipe between the processes, where the system allows it: room for the records of several groups.
_PIPE = 1 << 20
#: What the second process runs.
_START = "from kg.loaders.openalex.halves import serve; serve()"
_LAST = b"end\n"


class PackedRecord(NamedTuple):
    """A record of the second process, as ``kg.model.packed`` packs it, with its row and id."""

    row: int
    id: str
    data: bytes


class SecondEnded(Exception):
    """The second process ended before it had read the file: it was killed, or cannot be started."""


def may_read_by_two(path: Path) -> bool:
    """Return whether a file is large enough for two processes, and the machine has two processors."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors > 1 and path.is_file() and path.stat().st_size >= LEAST_SIZE


def read_by_two(path: Path, name: str, seen: str | None) -> Generator[Record | PackedRecord | Problem, None, None]:
    """Yield what ``read_works`` yields, in its order; what the second process read is packed.

    Raises SecondEnded, after which the file must be read again by one process, and KgError as ``read_works`` does.
    """
    with _second(path, name, seen) as found:
        yield from merge(read_works(path, name, seen, half=0), found, key=attrgetter("row"))


@contextmanager
def _second(path: Path, name: str, seen: str | None) -> Iterator[Iterator[PackedRecord | Problem]]:
    try:
        process = start_python(_START, str(path), name, seen or "", stdin=subprocess.DEVNULL, pipesize=_PIPE)
    except OSError as error:
        raise SecondEnded from error
    output: IO[bytes] = process.stdout  # type: ignore[assignment]
    with output:
        try:
            yield _received(output)
        finally:
            process.kill()
            process.wait()


def _received(lines: IO[bytes]) -> Iterator[PackedRecord | Problem]:
    line = b""
    for line in lines:
        if not line.endswith(b"\n"):
            break
        if line.startswith(b"{"):
            yield Problem(**json.loads(line))
        elif line != _LAST:
            row, id_, data = line.split(b"\t", 2)
            yield PackedRecord(int(row), id_.decode(), data[:-1])
    if line != _LAST:
        raise SecondEnded


def serve() -> None:
    """Write to stdout a line for each record and problem of the second half of the file that the arguments name."""
    path, name, seen = sys.argv[1:]
    try:
        with garbage_collection_paused():
            sys.stdout.buffer.writelines(_lines(read_works(Path(path), name, seen or None, half=1)))
    except KgError:  # the first process meets it as well, and reports it
        return
    sys.stdout.buffer.write(_LAST)


def _lines(found: Iterable[Record | Problem]) -> Iterator[bytes]:
    for one in found:
        if isinstance(one, Problem):
            yield json.dumps(one.to_dict()).encode() + b"\n"
        else:
            yield b"%d\t%b\t%b\n" % (one.row, one.id.encode(), pack(one))
