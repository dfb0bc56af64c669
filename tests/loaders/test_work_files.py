"""Files of OpenAlex works: every kind of file, damaged files, and reading as a stream."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kg.errors import KgError
from kg.loaders.openalex.files import ACCEPTED, dump_work, iter_works, read_works
from kg.model.literature import Record
from kg.problems import Problem
from tests import paths

DATA = paths.DATA / "openalex"
Work = dict[str, Any]
SOME: list[Work] = [
    {"id": "https://openalex.org/W1", "title": "A"},
    {"id": "https://openalex.org/W2", "title": "B"},
]
NO_WORK = "is no work of OpenAlex; accepted: " + ACCEPTED


def compressed(data: bytes) -> bytes:
    """Return gzip data that is the same every time: it is part of the ids of tests."""
    return gzip.compress(data, mtime=0)


def real(what: str) -> Work:
    """Return the real work whose id or described feature contains ``what``."""
    with gzip.open(DATA / "pitfalls.jsonl.gz", "rt", encoding="utf-8") as items:
        for item in map(json.loads, items):
            if what in item["work"]["id"] or any(what in each for each in item["shows"]):
                return dict(item["work"])
    raise LookupError(what)


def lines(items: list[Work]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


# --- every kind of file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", lines(SOME)),
        ("a.jsonl", lines(SOME).rstrip()),
        ("a.jsonl", b"\xef\xbb\xbf" + lines(SOME).replace(b"\n", b"\r\n\r\n")),
        ("a.jsonl", b"\xef\xbb\xbf" + lines(SOME[:1]) + b"\xef\xbb\xbf" + lines(SOME[1:])),
        ("a.jsonl", lines([{"meta": {}, "results": SOME[:1]}, {"meta": {}, "results": SOME[1:]}])),
        ("a.jsonl.gz", compressed(lines(SOME))),
        ("a.gz", compressed(lines(SOME[:1])) + compressed(lines(SOME[1:]))),
        ("a.gz", compressed(lines(SOME)) + b"\0" * 512),
        ("a.json", json.dumps(SOME).encode()),
        ("a.json", json.dumps(SOME, indent=2).encode()),
        ("a.json", b"\n" + json.dumps(SOME, indent=2).encode()),
        ("a.json", b"[\n" + b",\n".join(json.dumps(work).encode() for work in SOME) + b"\n]\n"),
        ("a.json", b"[\n" + json.dumps(SOME[0]).encode() + b"\n,\n" + json.dumps(SOME[1]).encode() + b"\n]"),
        ("a.json", json.dumps({"meta": {"count": 2}, "results": SOME}, indent=1).encode()),
        ("a.json", json.dumps({"meta": {"count": 2}, "results": SOME}).encode() + b"\n"),
        ("a.json.gz", compressed(json.dumps({"results": SOME}).encode())),
    ],
)
def test_works_in_files_of_every_kind(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = list(read_works(tmp_path / name, f"records/{name}", "2026-11-25"))
    assert [(r.id, r.title, r.source, r.seen) for r in found if isinstance(r, Record)] == [
        ("openalex:W1", "A", f"records/{name}", "2026-11-25"),
        ("openalex:W2", "B", f"records/{name}", "2026-11-25"),
    ]
    assert not [each for each in found if isinstance(each, Problem)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_that_is_one_work(tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "a.json").write_text(json.dumps(real("2026-03"), indent=indent), encoding="utf-8")
    (found,) = read_works(tmp_path / "a.json", "a.json")
    assert isinstance(found, Record) and (found.id, found.row) == ("openalex:W2741809807", 1)


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"[]", b"[\n]", b'{"meta": {"count": 0}, "results": []}', compressed(b"")]
)
def test_a_file_without_works_is_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    assert list(iter_works(tmp_path / "a.json", "a.json")) == []


def test_works_of_a_snapshot_keep_their_line(tmp_path: Path) -> None:
    """A partition of May 2023: JSON lines in a .gz, with keys that no longer exist."""
    works = [real("W4206759534"), real("W4312233861")]
    (tmp_path / "part_000.gz").write_bytes(compressed(lines(works)))
    found = list(read_works(tmp_path / "part_000.gz", "part_000.gz"))
    assert [(r.id, r.row, r.seen) for r in found if isinstance(r, Record)] == [
        ("openalex:W4206759534", 1, None),
        ("openalex:W4312233861", 2, None),
    ]


def test_works_are_returned_unchanged(tmp_path: Path) -> None:
    work = real("2026-03")
    (tmp_path / "a.jsonl").write_bytes(dump_work(work) * 2)
    assert list(iter_works(tmp_path / "a.jsonl", "a.jsonl")) == [(1, work), (2, work)]


def test_files_are_read_as_a_stream(tmp_path: Path) -> None:
    """The first work is returned before the second is read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(SOME) * 1000)
    reading = iter_works(path, "a.jsonl")
    next(reading)
    path.write_bytes(b"")
    assert len(list(reading)) < 2000, "the rest of the file was not in memory"


# --- problems -----------------------------------------------------------------------------------------------------


def test_an_unreadable_line_is_a_problem_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        lines(SOME[:1])
        + b'{broken\n[1, 2]\n"text"\nnull\n{"id": "https://openalex.org/A5"}\n{"title": "\xff"}\n{"id": NaN}\n'
        + lines(SOME[1:])
    )
    found = list(read_works(path, "records/a.jsonl"))
    assert [each.row for each in found] == list(range(1, 10))
    assert [each.id for each in found if isinstance(each, Record)] == ["openalex:W1", "openalex:W2"]
    said = [str(each) for each in found if isinstance(each, Problem)]
    assert said[0].startswith("records/a.jsonl, row 2: '{broken': is not valid JSON: ")
    assert said[1:5] == [
        f"records/a.jsonl, row 3, column 'id': '[1, 2]': {NO_WORK}",
        f"records/a.jsonl, row 4, column 'id': 'text': {NO_WORK}",
        f"records/a.jsonl, row 5, column 'id': {NO_WORK}",
        f"records/a.jsonl, row 6, column 'id': 'https://openalex.org/A5': {NO_WORK}",
    ]
    assert said[5].startswith('records/a.jsonl, row 7: \'{"title": "\ufffd"}\': is not valid JSON: ')
    assert said[6].startswith("records/a.jsonl, row 8: '{\"id\": NaN}': is not valid JSON: ")


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (b'{"id": "https://openalex.org/W9", "title": "cut o', "is not valid JSON"),
        (b'{"id": }', "is not valid JSON"),
        (b"id,title", "is not valid JSON"),
        (b"null", "is no work of OpenAlex"),
        (b'"text"', "is no work of OpenAlex"),
        (b'{"error": "Not found"}', "is no work of OpenAlex"),
    ],
)
def test_lines_after_a_damaged_first_one_are_read(tmp_path: Path, first: bytes, reason: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(first + b"\n" + lines(SOME))
    problem, *rest = read_works(tmp_path / "a.jsonl", "a.jsonl")
    assert isinstance(problem, Problem) and problem.row == 1 and problem.reason.partition(":")[0] == reason
    assert [(each.id, each.row) for each in rest if isinstance(each, Record)] == [
        ("openalex:W1", 2),
        ("openalex:W2", 3),
    ]


def test_lines_after_two_damaged_ones_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"id": }\n{"id": }\n' + lines(SOME))
    assert [type(each) for each in read_works(tmp_path / "a.jsonl", "a.jsonl")] == [Problem, Problem, Record, Record]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": "Not found",\n "message": "gone"}', [(1, "is no work of OpenAlex")]),
        (
            b'[{"id": "https://openalex.org/W1"}, {"id": null}, 3]',
            [(2, "is no work of OpenAlex"), (3, "is no work of OpenAlex")],
        ),
        (b'{"results": [{"id": "https://openalex.org/S1"}]}', [(1, "is no work of OpenAlex")]),
        (b'{\n"id": ', [(1, "is not valid JSON")]),
        (b"PK\x03\x04\xff\x00", [(1, "is not valid JSON")]),
    ],
)
def test_problems_in_a_document_have_the_number_of_the_item(
    tmp_path: Path, content: bytes, said: list[tuple[int, str]]
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    found = [each for _, each in iter_works(tmp_path / "a.json", "a.json")]
    assert [(p.row, p.reason.partition(":")[0]) for p in found if isinstance(p, Problem)] == said


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"^cannot read .*a\.jsonl: No such file or directory$"):
        list(iter_works(tmp_path / "a.jsonl", "a.jsonl"))
    with pytest.raises(KgError, match=r": Is a directory$"):
        list(iter_works(tmp_path, "a.jsonl"))


def test_the_intact_works_of_a_truncated_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    works = [real("2026-03") | {"id": f"https://openalex.org/W{n}"} for n in range(1, 40)]
    packed = compressed(lines(works))
    path.write_bytes(packed[: len(packed) // 2])
    *whole, last = [each for _, each in iter_works(path, "records/a.jsonl.gz")]
    assert 0 < len(whole) < 39 and whole == works[: len(whole)]
    assert str(last) == (
        f"records/a.jsonl.gz, row {len(whole) + 1}: 'Compressed file ended before the end-of-stream marker was r…': the "
        "file is cut off or damaged: what comes behind this line cannot be read; accepted: the whole file"
    )


@pytest.mark.parametrize("damage", ["garbage behind", "a checksum", "only a header"])
def test_the_intact_works_of_a_damaged_file_are_read(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.jsonl.gz"
    first, second = compressed(lines(SOME[:1])), compressed(lines(SOME[1:]))
    path.write_bytes(
        {
            "garbage behind": first + b"garbage",
            "a checksum": first + second[:-8] + bytes([second[-8] ^ 1]) + second[-7:],
            "only a header": first + second[:5],
        }[damage]
    )
    found = [each for _, each in iter_works(path, "a.jsonl.gz")]
    assert found[0] == SOME[0] and isinstance(found[-1], Problem) and found[-1].row == len(found)
