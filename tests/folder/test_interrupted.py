"""``kg add`` that is killed, or that runs eight times at once, and files that are written to a full disk."""

from __future__ import annotations

import csv
import errno
import json
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import KgError
from kg.folder.review import Review
from kg.folder.transaction import JOURNAL, complete
from kg.store.builds import BuildFolders
from tests import exports as an
from tests.conftest import MakeReview, Run

#: Runs ``kg`` in a process that kills itself at the given call of a function of kg.folder.transaction.
KILLED = """
import os, signal, sys
import kg.folder.transaction as module
name, calls = sys.argv[1], int(sys.argv[2])
real = getattr(module, name)
def counted(*given):
    global calls
    calls -= 1
    return real(*given) if calls else os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, counted)
from kg.cli import main
main(sys.argv[3:])
"""
#: After the journal was written, after the file was placed, and before the row was written.
STEPS = [("pending", "2"), ("to_disk", "2"), ("write_search", "1")]
ADD = [sys.executable, "-m", "kg", "add"]


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": "key,year\nbrady,2022\n"})


def rows(review: Review) -> list[tuple[str, str, str]]:
    path = review.root / "records" / "searches.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["query"], row["fetched"]) for row in csv.DictReader(file)]


def hidden(review: Review) -> list[str]:
    return sorted(path.name for path in review.root.rglob(".*") if path.is_file())


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("same", [True, False])
def test_an_add_that_was_killed_is_completed_by_the_next(
    review: Review, run: Run, tmp_path: Path, step: tuple[str, str], same: bool
) -> None:
    (tmp_path / "a.ris").write_text(an.RIS, encoding="utf-8")
    (tmp_path / "b.ris").write_text(an.SCOPUS_RIS, encoding="utf-8")
    command = [sys.executable, "-c", KILLED, *step, "add", str(tmp_path / "a.ris"), "--query", "peers"]
    ran = subprocess.run([*command, "-C", str(review.root)], capture_output=True, text=True)
    assert (ran.returncode, rows(review)) == (-signal.SIGKILL, [])
    target = review.root / "references" / "a.ris"
    (checked,) = json.loads(run("check", "--kind", "unfinished-add", "--format", "json", "-C", review.root).out)
    assert checked["message"] == "a kg add was interrupted: references/a.ris; the next kg add completes it"
    again = run("add", tmp_path / ("a.ris" if same else "b.ris"), "-C", review.root)
    said = f"completed an earlier kg add of {target} that was interrupted\nadded {target}: 1 record; next: kg build\n"
    other = "" if same else f"added {target.with_name('b.ris')}: 1 record; next: kg build\n"
    assert (again.code, again.err) == (0, said + other)
    assert rows(review) == [("references/a.ris", "peers", "1")] + ([] if same else [("references/b.ris", "", "1")])
    assert target.read_text(encoding="utf-8") == an.RIS
    assert hidden(review) == []
    assert complete(review.root) == []


def test_another_file_of_that_name_is_not_taken_for_the_interrupted_one(
    review: Review, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.ris").write_text(an.RIS, encoding="utf-8")
    step = STEPS[0]
    command = [sys.executable, "-c", KILLED, *step, "add", str(tmp_path / "a.ris"), "-C", str(review.root)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    (tmp_path / "a.ris").write_text(an.SCOPUS_RIS, encoding="utf-8")
    ran = run("add", tmp_path / "a.ris", "-C", review.root)
    target = review.root / "references" / "a.ris"
    assert (ran.code, ran.err) == (2, f"Error: {target} is already there; use --replace to overwrite it\n")
    assert rows(review) == [("references/a.ris", "", "1")]
    assert target.read_text(encoding="utf-8") == an.RIS


@pytest.mark.parametrize("text", ["[", '[{"target": "../a", "digest": "", "number": 1, "noun": "row"}]', "[1]"])
def test_a_damaged_journal_is_an_error_that_says_what_to_do(review: Review, text: str) -> None:
    (review.root / JOURNAL).write_text(text, encoding="utf-8")
    with pytest.raises(KgError, match=r"\.adding\.json cannot be read \(.*\): remove it, and add the files again"):
        complete(review.root)


def test_eight_adds_at_once_lose_no_row(review: Review, tmp_path: Path) -> None:
    names = [f"{letter}.ris" for letter in "abcdefgh"]
    for name in names:
        (tmp_path / name).write_text(an.RIS, encoding="utf-8")
    started = [
        subprocess.Popen([*ADD, str(tmp_path / name), "-C", str(review.root)], stderr=subprocess.PIPE) for name in names
    ]
    assert [(process.communicate()[1][:5], process.returncode) for process in started] == [(b"added", 0)] * 8
    assert sorted(file for file, _, _ in rows(review)) == [f"references/{name}" for name in names]
    assert hidden(review) == []


def test_an_output_file_stays_as_it_was_where_the_disk_is_full(review: Review, tmp_path: Path) -> None:
    output = tmp_path / "t.csv"
    output.write_text("what was there before", encoding="utf-8")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

    review.build()
    command = [sys.executable, "-m", "kg", "query", "sources", "--format", "csv", "-o", str(output)]
    ran = subprocess.run([*command, "-C", str(review.root)], capture_output=True, text=True, preexec_fn=limit)
    assert (ran.returncode, ran.stderr) == (1, f"Error: cannot write {output}: File too large\n")
    assert output.read_text(encoding="utf-8") == "what was there before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["t.csv"]


def test_an_output_file_keeps_its_permissions_and_a_link_stays_one(review: Review, run: Run, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.touch(0o640)
    real.chmod(0o640)
    link.symlink_to(real)
    assert run("query", "sources", "--format", "csv", "-o", link, "-C", review.root).code == 0
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text(encoding="utf-8").count("\n") == 2
    assert run("query", "sources", "--format", "csv", "-o", "/dev/null", "-C", review.root).code == 0


def test_a_graph_that_is_deleted_while_it_is_read_is_built_again(review: Review) -> None:
    with review.graph() as graph:
        shutil.rmtree(review.root / ".kg")
        assert graph.store.read("MATCH (s:Study) RETURN s.id AS id").values == [("key:brady",)]
    with review.graph() as graph:
        for build in (review.root / ".kg" / "graph").glob("build-*/*.kgl"):
            build.unlink()
        assert graph.store.read("MATCH (s:Study) RETURN s.id AS id").values == [("key:brady",)]
    with review.graph() as graph:
        shutil.rmtree(review.root / ".kg")
        assert [row["id"] for row in graph.store.rows(graph.review).nodes["Study"]] == ["key:brady"]


def test_a_stale_graph_in_a_read_only_folder_names_the_way_around(
    review: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(BuildFolders, "_claim", read_only)
        ran = run("query", "sources", "-C", review.root)
    graph = review.root / ".kg" / "graph"
    assert (ran.code, ran.err) == (
        1,
        f"Error: cannot write the graph into {graph}: Read-only file system; build the graph elsewhere with kg build "
        "--store embedded:PATH, and read that with --store embedded:PATH\n",
    )
    elsewhere = f"embedded:{tmp_path / 'elsewhere'}"
    assert run("build", "--store", elsewhere, "-C", review.root).code == 0
    assert run("query", "sources", "--store", elsewhere, "-C", review.root).code == 0
