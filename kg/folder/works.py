"""Files of works of OpenAlex as ``kg add`` places them in ``records/``: compressed JSON lines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from isal import igzip

from kg.errors import BadInput
from kg.limits import check_problems
from kg.loaders.openalex.files import ACCEPTED, dump_work, has_lines, iter_works
from kg.loaders.openalex.query import Work
from kg.problems import Problem

#: The level of compression of isal, which has 0 to 3. Its level 2 gives smaller files than the standard library's level
#: 1, in a quarter of the time; level 3 saves a twentieth of the space and takes twice as long.
_LEVEL: Final = 2
#: The bytes that are compressed at a time.
_BLOCK: Final = 1 << 20
#: What a compressed file begins with.
_GZIP: Final = b"\x1f\x8b"


def write_works(path: Path, part: Path) -> int:
    """Check the works of a file one by one, since it may hold millions, write them to ``part``, and return how many.

    The lines of a file of JSON lines are copied as they are. Raises BadInput with all problems, KgError and OSError.
    """
    if not has_lines(path, path.name):
        with _compressed(part) as packed:
            return _write_documents(path, packed)
    with ThreadPoolExecutor(1) as other:  # compressing needs a third of the time of the check
        copied = other.submit(_copy_lines, path, part)
        number = sum(1 for _ in _works(path))
    copied.result()
    return number


def _copy_lines(path: Path, part: Path) -> None:
    """Copy a file, and compress it unless it is gzip."""
    with path.open("rb") as file:
        if file.read(len(_GZIP)) == _GZIP:
            shutil.copyfile(path, part)
            return
        file.seek(0)
        with _compressed(part) as packed:
            shutil.copyfileobj(file, packed, _BLOCK)


@contextmanager
def _compressed(part: Path) -> Iterator[BinaryIO]:
    """Open a gzip file for writing, without a time stamp, so that the same works give the same bytes."""
    with part.open("wb") as file, igzip.IGzipFile("", "wb", _LEVEL, file, mtime=0) as packed:  # type: ignore[no-untyped-call]
        yield cast("BinaryIO", packed)


def _write_documents(path: Path, packed: BinaryIO) -> int:
    """Write the works of documents as lines, and return how many they are."""
    number = 0
    for row, work in _works(path):
        number += 1
        try:
            packed.write(dump_work(work))
        except TypeError:  # the only reason why a value that was read as JSON cannot be written as JSON
            problem = Problem(path.name, "the work is nested too deep", row=row, accepted=ACCEPTED)
            raise BadInput([problem], "it was not added") from None
    return number


def _works(path: Path) -> Iterator[tuple[int, Work]]:
    """Yield the works of a file with their rows until the first problem. Raises BadInput with all problems."""
    problems: list[Problem] = []
    none = True
    for row, work in iter_works(path, path.name):
        none = False
        if isinstance(work, Problem):
            problems.append(work)
            check_problems(problems, "it was not added")
        elif not problems:
            yield row, work
    if none:
        problems.append(Problem(path.name, "holds no work", accepted="works of OpenAlex, one JSON object a line"))
    if problems:
        raise BadInput(problems, "it was not added")
