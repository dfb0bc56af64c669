"""Packed records that are kept under ``.kg/``: the graph is the same with them, and nothing that is damaged is used."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from kg.errors import BadInput
from kg.folder import kept
from kg.folder import review as module
from kg.folder.review import Review
from kg.loaders.openalex import files
from kg.model.packed import Records
from tests.conftest import MakeReview
from tests.paths import DATA

WORKS = DATA / "openalex" / "snowball.jsonl.gz"
LOG = "id,date,source,query,file\ns1,{date},OpenAlex,q,records/first.jsonl.gz\n"


@pytest.fixture
def review(make_review: MakeReview, monkeypatch: pytest.MonkeyPatch) -> Review:
    """A folder with one file of works, of which records are kept whatever its size."""
    monkeypatch.setattr(kept, "_LEAST_SIZE", 1)
    made = make_review({"sheets/studies.csv": "key,year\nbrady,2022\n", "records/searches.csv": LOG.format(date="")})
    shutil.copyfile(WORKS, made.root / "records" / "first.jsonl.gz")
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files of works that are read."""
    names: list[str] = []
    real = files.read_works

    def counted(path: Path, name: str, seen: str | None = None) -> object:
        names.append(name)
        return real(path, name, seen)

    monkeypatch.setattr(files, "read_works", counted)
    return names


def add(review: Review, name: str, begin: int, end: int) -> None:
    lines = gzip.decompress(WORKS.read_bytes()).splitlines(keepends=True)
    (review.root / "records" / name).write_bytes(gzip.compress(b"".join(lines[begin:end]).replace(b"/W", b"/W9")))


def entries(review: Review) -> list[Path]:
    return sorted((review.root / ".kg" / "records").iterdir())


def graph(review: Review) -> list[bytes]:
    return [path.read_bytes() for path in sorted((review.root / ".kg" / "graph").glob("build-*/*.kgl"))]


def test_a_build_reads_new_files_only_and_makes_the_same_graph(review: Review, read: list[str]) -> None:
    review.build()
    add(review, "second.jsonl.gz", 0, 9)
    read.clear()
    review.build()
    assert read == ["records/second.jsonl.gz"] and len(entries(review)) == 2
    with_kept = graph(review)
    read.clear()
    loaded = review.load()
    assert read == [] and len(loaded.evidence.records) == 54
    review.build(force=True)  # reads everything again
    assert read == ["records/first.jsonl.gz", "records/second.jsonl.gz"] and graph(review) == with_kept
    shutil.rmtree(review.root / ".kg")
    assert review.load().evidence == loaded.evidence and not (review.root / ".kg").exists()


def replaced(name: bytes, by: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(name, by, 1)


def forged(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the records of an entry and give it the hash that it should have."""

    def changed(content: bytes, key: str) -> bytes:
        records = change(content[: content.rindex(b"\n", 0, -1) + 1])
        return records + hashlib.sha256(key.encode() + records).hexdigest().encode() + b"\n"

    return lambda content: changed(content, KEY[0])


KEY = [""]
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "without its hash": lambda content: content[: content.rindex(b"\n", 0, -1) + 1],
    "one value is another": replaced(b'"OpenAlex"', b'"OpenAlix"'),
    "more behind it": lambda content: content + b"[]\n",
    "no JSON": lambda _: b"\x80\x04K\x01.\n" * 100,
    "nested deep": lambda _: b"[" * 100_000 + b"\n",
    "a number where text belongs": forged(replaced(b'"OpenAlex"', b"7")),
    "a field less": forged(replaced(b'"OpenAlex",', b"")),
    "of another file": forged(lambda content: content.replace(b"records/first", b"records/other")),
    "an object": forged(lambda content: b"{}\n" + content),
    "an author that is no author": forged(lambda content: author_of(content, lambda author: author.pop())),
    "an author without a name": forged(lambda content: author_of(content, lambda author: author.__setitem__(0, 7))),
}


def author_of(content: bytes, change: Callable[[list[object]], object]) -> bytes:
    lines = [orjson.loads(line) for line in content.splitlines()]
    change(next(line for line in lines if line[8])[8][0])
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_or_foreign_entry_is_not_used_and_is_written_again(review: Review, read: list[str], how: str) -> None:
    review.build()
    before, [entry] = graph(review), entries(review)
    content, KEY[0] = entry.read_bytes(), entry.stem
    damaged = DAMAGED[how](content)
    assert damaged != content
    entry.write_bytes(damaged)
    (review.root / "review.toml").write_text('id = "r"\ntitle = "R"\n\n', encoding="utf-8")
    read.clear()
    assert review.build().changed and read == ["records/first.jsonl.gz"]
    assert entry.read_bytes() == content and graph(review) == before


@pytest.mark.parametrize("in_memory", [1, 1 << 26])
def test_records_that_are_cut_leave_those_before_them(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr("kg.model.packed._IN_MEMORY", in_memory)
    given = [record for record in files.read_works(WORKS, "w") if not hasattr(record, "reason")]
    records = Records(given[:20])
    records.cut(5)
    for record in given[30:33]:
        records.append(record)
    assert list(records) == given[:5] + given[30:33] and records.ids == [record.id for record in records]


def test_another_file_other_code_another_day_and_another_limit_have_other_entries(
    review: Review, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    review.build()
    keys = {entries(review)[0].name}
    changes: list[Callable[[], object]] = [
        lambda: add(review, "first.jsonl.gz", 0, 9),
        lambda: (review.root / "records" / "searches.csv").write_text(LOG.format(date="2026-01-01"), encoding="utf-8"),
        lambda: [monkeypatch.setattr(one, "model", lambda: "other") for one in (module, kept)],
    ]
    for change in changes:
        change()
        read.clear()
        review.build()
        assert read == ["records/first.jsonl.gz"] and len(entries(review)) == 1  # the old one is removed
        keys.add(entries(review)[0].name)
    monkeypatch.setenv("KG_MAX_JSON_MB", "31")
    read.clear()
    review.load()
    assert read == ["records/first.jsonl.gz"] and len(keys) == 4


def test_a_file_with_problems_is_read_each_time(review: Review) -> None:
    path = review.root / "records" / "first.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"{}\n"))
    for _ in range(2):
        with pytest.raises(BadInput, match="1 problem in records"):
            review.build()
        assert [problem.row for problem in review.build(partial=True, force=True).rejected] == [46]
    assert not (review.root / ".kg" / "records").exists()


def test_small_files_are_not_kept(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_LEAST_SIZE", 1 << 20)
    review.build()
    assert not (review.root / ".kg" / "records").exists()


def test_a_file_that_changes_while_it_is_read_is_not_kept(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.read_works

    def changing(path: Path, name: str, seen: str | None = None) -> object:
        yield from real(path, name, seen)
        if not changed:
            changed.append(name)
            add(review, "first.jsonl.gz", 0, 9)

    changed: list[str] = []
    monkeypatch.setattr(files, "read_works", changing)
    review.build()
    [entry] = entries(review)
    assert entry.read_bytes().count(b"\n") == 10 and changed  # nine records and the hash


def test_a_build_without_a_place_for_entries(review: Review) -> None:
    (review.root / ".kg").mkdir()
    (review.root / ".kg" / "records").write_text("in the way")
    assert review.build().counts["Record"] == 45
    assert (review.root / ".kg" / "records").read_text() == "in the way"


def test_a_link_out_of_the_folder_is_left_alone(review: Review, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.jsonl").write_text("kept")
    (review.root / ".kg").mkdir()
    (review.root / ".kg" / "records").symlink_to(other)
    review.build()
    assert [path.name for path in other.iterdir()] == ["mine.jsonl"]


def test_entries_of_no_file_are_removed(review: Review) -> None:
    review.build()
    [entry] = entries(review)
    for name in ("a.jsonl", "b.part", "notes.txt"):
        entry.with_name(name).write_text("old")
    os.utime(entry.with_name("b.part"), (1, 1))
    entry.with_name("new.part").write_text("of another build")
    review.build(force=True)
    assert [path.name for path in entries(review)] == sorted([entry.name, "new.part", "notes.txt"])
