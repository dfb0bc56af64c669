"""A file of works that two processes read gives what one process reads, whatever is in it and whatever happens."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kg.errors import BadInput
from kg.loaders.openalex import files, halves
from kg.loaders.openalex.files import read_works
from kg.loaders.openalex.halves import PackedRecord, SecondEnded, read_by_two
from kg.model.literature import Record
from kg.model.packed import pack
from kg.problems import Problem
from tests.conftest import MakeReview
from tests.paths import DATA

WORKS = DATA / "openalex" / "snowball.jsonl.gz"
LINES = gzip.decompress(WORKS.read_bytes()).splitlines(keepends=True)
BY_TWO = {
    "lines": b"".join(LINES),
    "compressed": WORKS.read_bytes(),
    "blank lines and damaged ones": b"\xef\xbb\xbf\n" + b"\n\n{\n".join(LINES) + b'{"id": "A1"}\n[]\n"\xc3\xa9"\n',
    "a response in a line": LINES[0]
    + b'{"results": ['
    + b",".join(line.strip() for line in LINES)
    + b"]}\n"
    + LINES[1],
    "a list": b"[" + b",\n".join(line.strip() for line in LINES) + b", 3]",
    "a work": LINES[0],
    "cut off": WORKS.read_bytes()[:-2000],
    "no line": b"",
}


def plain(found: Record | PackedRecord | Problem) -> tuple[int, bytes] | Problem:
    """A record as its row and its packed form."""
    if isinstance(found, Problem):
        return found
    return (found.row, found.data if isinstance(found, PackedRecord) else pack(found))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The second processes that were started."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


@pytest.mark.parametrize("what", BY_TWO)
def test_two_processes_read_what_one_reads(what: str, tmp_path: Path) -> None:
    path = tmp_path / "works"
    path.write_bytes(BY_TWO[what])
    found = list(read_by_two(path, "records/works", "2026-01-02"))
    assert list(map(plain, found)) == list(map(plain, read_works(path, "records/works", "2026-01-02")))
    by_second = sum(isinstance(one, PackedRecord) for one in found)
    assert by_second == sum(isinstance(one, Record) and one.row // 32 % 2 for one in read_works(path, "records/works"))


def test_the_halves_are_about_equal() -> None:
    sizes = [len(list(files.iter_works(WORKS, "w", half))) for half in (0, 1)]
    assert sizes == [31, 14]


@pytest.mark.parametrize(
    "start",
    ["raise SystemExit(1)", "import os; os.write(1, b'32\\topenalex:W1\\t['); os.abort()"],
)
def test_a_file_whose_second_process_ends_is_read_by_one(
    start: str, make_review: MakeReview, monkeypatch: pytest.MonkeyPatch, processes: list[subprocess.Popen[bytes]]
) -> None:
    review = make_review({"sheets/studies.csv": "key,year\nbrady,2022\n"})
    (review.root / "records").mkdir()
    shutil.copyfile(WORKS, review.root / "records" / "works.jsonl.gz")
    wanted = review.load().evidence
    assert processes == []
    monkeypatch.setattr(halves, "LEAST_SIZE", 1)
    assert review.load().evidence == wanted and len(processes) == 1
    monkeypatch.setattr(halves, "_START", start)
    with pytest.raises(SecondEnded):
        list(read_by_two(WORKS, "w", None))
    assert review.load().evidence == wanted and len(processes) == 3


def test_no_process_is_left_where_reading_ends_early(
    make_review: MakeReview, monkeypatch: pytest.MonkeyPatch, processes: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(halves, "LEAST_SIZE", 1)
    review = make_review({"sheets/studies.csv": "key,year\nbrady,2022\n", "records/works.jsonl": "{\n" * 20_000})
    with pytest.raises(BadInput):
        review.load()
    assert [process.poll() is not None for process in processes] == [True]


def test_a_file_that_is_small_is_read_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not halves.may_read_by_two(WORKS)
    monkeypatch.setattr(halves, "LEAST_SIZE", WORKS.stat().st_size)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert halves.may_read_by_two(WORKS) and not halves.may_read_by_two(WORKS.parent)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert not halves.may_read_by_two(WORKS)
