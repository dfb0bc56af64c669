"""Files of works of OpenAlex as ``kg add`` places them in ``records/``: compressed JSON lines."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

from kg.errors import BadInput
from kg.limits import check_problems
from kg.loaders.openalex.files import ACCEPTED, dump_work, has_lines, iter_works
from kg.loaders.openalex.query import Work
from kg.problems import Problem


def write_works(path: Path, part: Path) -> int:
    """Check the works of a file one by one, since it may hold millions, write them to ``part``, and return how many.

    A file that holds compressed JSON lines is copied as it is. Raises BadInput with all problems, KgError and OSError.
    """
    if _is_packed(path):
        number = sum(1 for _ in _works(path))
        shutil.copyfile(path, part)
        return number
    with part.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        number = 0
        for row, work in _works(path):
            number += 1
            try:
                packed.write(dump_work(work))
            except TypeError:  # the only reason why a value that was read as JSON cannot be written as JSON
                problem = Problem(path.name, "the work is nested too deep", row=row, accepted=ACCEPTED)
                raise BadInput([problem], "it was not added") from None
    return number


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b" and has_lines(path, path.name)


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
