"""Decisions on candidates: the rows, who takes them, what is refused, two at a time, and a process that is killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

from kg.errors import BadInput, KgError, UnknownName, UsageProblem
from kg.folder.lock import locked
from kg.folder.review import Review
from kg.screening.decide import decide, person
from kg.screening.decisions import Decision, append_decision, read_decisions
from tests.conftest import MakeReview, Run
from tests.folder.test_library import FINDINGS, LOG, STUDIES, WORKS

GIT = shutil.which("git") or "git"
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
HEADER = "work,title,stage,decision,reason,by,date,revision\n"
CANDIDATE = "doi:10.1007/s11192-025-05436-6"


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    files = {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS, "records/searches.csv": LOG}
    made = make_review(files)
    shutil.copyfile(WORKS, made.root / "records" / WORKS.name)
    return made


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let neither the environment nor the machine's git say who decides."""
    monkeypatch.delenv("KG_CODER", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def text(review: Review) -> str:
    return (review.root / "screening" / "decisions.csv").read_bytes().decode()


def row(work: str, by: str = "A", decision: str = "include", revision: int = 0) -> Decision:
    return Decision(work, "abstract", decision, by, "2026-11-30", revision=revision)


def test_decisions_become_rows(review: Review) -> None:
    made = decide(review, "https://doi.org/10.1007/S11192-025-05436-6", "include", by="Ann  Lee", now=NOON)
    title = made.title
    assert title and (made.work, made.by, made.row) == (CANDIDATE, "Ann Lee", 2)
    decide(review, CANDIDATE, "exclude", stage="full-text", reason=" no,\n outcome ", by="=Bo", now=NOON)
    assert text(review) == (
        f"{HEADER}{CANDIDATE},{title},abstract,include,,Ann Lee,2026-11-30T12:00:00Z,\n"
        f'{CANDIDATE},{title},full-text,exclude,"no, outcome",\'=Bo,2026-11-30T12:00:00Z,\n'
    )
    assert [(d.by, d.reason) for d in read_decisions(review.root)] == [("Ann Lee", None), ("=Bo", "no, outcome")]


def test_a_study_and_a_work_are_named_by_any_identifier(review: Review) -> None:
    assert decide(review, "oa-types", "include", by="A").work == "doi:10.1145/3383583.3398584"
    assert decide(review, "w3046863325", "include", by="B").work == "doi:10.1145/3383583.3398584"


def test_an_unknown_work_is_refused(review: Review, run: Run) -> None:
    with pytest.raises(UnknownName, match=r"no work is called '10.1007/s11192-025-05436-7'"):
        decide(review, "10.1007/s11192-025-05436-7", "include", by="A")
    ran = run("decide", "nothing", "include", "--by", "A", "-C", review.root)
    assert (ran.code, ran.out, ran.err.splitlines()[-1]) == (2, "", "Error: no work is called 'nothing'")
    assert not (review.root / "screening").exists()


def test_a_full_text_is_excluded_for_a_reason(review: Review) -> None:
    with pytest.raises(UsageProblem, match="an exclusion at the full text has no reason: give one with --reason"):
        decide(review, CANDIDATE, "exclude", stage="full-text", reason=" ", by="A")
    assert decide(review, CANDIDATE, "exclude", by="A").reason is None, "an abstract needs none"


def test_a_person_decides_once_and_may_revise(review: Review, run: Run) -> None:
    decide(review, CANDIDATE, "maybe", by="Ann", now=NOON)
    before = text(review)
    with pytest.raises(UsageProblem, match=f"ann decided maybe on {CANDIDATE} at the stage abstract on 2026-11-30T12"):
        decide(review, CANDIDATE, "include", by="ann")
    with pytest.raises(UsageProblem, match=r"Bo has not decided on .* nothing to revise"):
        decide(review, CANDIDATE, "include", by="Bo", revise=True)
    assert text(review) == before
    ran = run("decide", CANDIDATE, "include", "--by", "Ann", "--revise", "-C", review.root)
    assert (ran.code, ran.out, ran.err) == (0, "", f"{CANDIDATE}: include at the stage abstract, by Ann\n")
    decide(review, CANDIDATE, "exclude", by="Bo")
    assert text(review).startswith(before)
    assert [(d.by, d.decision, d.revision) for d in read_decisions(review.root)] == [
        ("Ann", "maybe", 0), ("Ann", "include", 1), ("Bo", "exclude", 0),
    ]  # fmt: skip


def test_a_person_decides_once_on_a_work_by_whatever_name(review: Review) -> None:
    append_decision(review.root, Decision("pmid:30581494", "abstract", "maybe", "A", "2026"))
    append_decision(review.root, Decision("openalex:W3046863325", "abstract", "maybe", "A", "2026"))
    with pytest.raises(UsageProblem, match=r"A decided maybe on doi:10.1145/3383583.3398584"):
        decide(review, "oa-types", "include", by="A")
    again = decide(review, "oa-types", "include", by="A", revise=True)
    assert (again.work, again.revision) == ("openalex:W3046863325", 1), "the name of the row that it revises"


def test_who_decides(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match="who decides"):
        person(review.root)
    subprocess.run([GIT, "init", "-q", review.root], check=True)
    subprocess.run([GIT, "-C", review.root, "config", "user.name", "Git Ann"], check=True)
    assert person(review.root) == "Git Ann"
    monkeypatch.setenv("KG_CODER", "Coder")
    assert person(review.root) == "Coder"
    assert person(review.root, " By  me ") == "By me"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("KG_CODER")
    with pytest.raises(UsageProblem, match="who decides"):
        person(review.root)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            "doi:1,,abstract,include,,A,2026-11-30,\ndoi:1,,abstract,exclude,,a,2026-11-30,\n",
            "screening/decisions.csv, row 3, column 'work': 'doi:1': a has decided on it at this stage already (include "
            "in row 2); accepted: one decision, or revision 1 in the later row: kg decide --revise writes it",
        ),
        (
            "doi:1,,abstract,include,,A,2026-11-30,1\n",
            "screening/decisions.csv, row 2, column 'revision': '1': there is no earlier decision that it revises",
        ),
        (
            "doi:1,,abstract,included,,A,2026-11-30,\n",
            "screening/decisions.csv, row 2, column 'decision': 'included': is no decision; did you mean include or "
            "exclude?; accepted: include, exclude, maybe",
        ),
        (
            "doi:1,,title,include,,A,2026-11-30,\n",
            "screening/decisions.csv, row 2, column 'stage': 'title': is no stage; accepted: abstract, full-text",
        ),
        (
            "doi:1,,full-text,exclude,,A,2026-11-30,\n",
            "screening/decisions.csv, row 2, column 'reason': an exclusion at the full text has no reason; accepted: "
            "the criterion that is not met, or 'not retrieved'",
        ),
        (
            "doi:1,,abstract,include,,A,yesterday,\n",
            "screening/decisions.csv, row 2, column 'date': 'yesterday': is no date; accepted: a day such as "
            "2026-11-01, with or without a time",
        ),
        (
            "doi:1,,abstract,include,,,2026-11-30,\n",
            "screening/decisions.csv, row 2, column 'by': the cell is blank",
        ),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_accepted(make_review: MakeReview, rows: str, problem: str) -> None:
    review = make_review({"screening/decisions.csv": HEADER + rows})
    with pytest.raises(BadInput) as refused:
        read_decisions(review.root)
    assert [str(found) for found in refused.value.problems] == [problem]
    with pytest.raises(BadInput, match="nothing was written"):
        append_decision(review.root, row("doi:2"))
    assert text(review) == HEADER + rows


def test_a_file_of_another_kind_is_left_alone(make_review: MakeReview) -> None:
    review = make_review({"screening/decisions.csv": "id,title_abstract\n1,Keep\n"})
    with pytest.raises(BadInput) as refused:
        append_decision(review.root, row("doi:2"))
    assert "nothing was written" in str(refused.value)
    assert text(review) == "id,title_abstract\n1,Keep\n"


def test_the_form_of_the_file_and_own_columns_stay(make_review: MakeReview) -> None:
    old = "\ufeffby;own;work;stage;decision;reason;date;title;revision\r\nA;x;doi:1;abstract;maybe;;2026;;"
    review = make_review({})
    (review.root / "screening").mkdir()
    (review.root / "screening" / "decisions.csv").write_bytes(old.encode())
    append_decision(review.root, row("doi:2"))
    assert text(review) == old + "\r\nA;;doi:2;abstract;include;;2026-11-30;;\r\n"


def test_two_processes_at_a_time_lose_no_row(make_review: MakeReview) -> None:
    review = make_review({})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: append_decision(review.root, row(f"doi:{n}")), range(24)))
    assert sorted(d.work for d in read_decisions(review.root)) == sorted(f"doi:{n}" for n in range(24))


def test_a_lock_that_is_held_too_long(tmp_path: Path) -> None:
    held, late = locked(tmp_path / "lock"), locked(tmp_path / "lock", patience=0.05)
    with held, pytest.raises(KgError, match="is being written by another kg"), late:
        pass
    with locked(tmp_path / "lock", patience=0.05):
        pass


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
def test_a_process_that_is_killed_leaves_the_old_file(make_review: MakeReview, call: str) -> None:
    """It is killed once its row is in the new file and before that has the name; its lock is gone with it."""
    review = make_review({})
    append_decision(review.root, row("doi:1"))
    before = text(review)
    module, _, name = call.rpartition(".")
    code = (
        "import os, pathlib, signal, sys\n"
        "from kg.screening.decisions import Decision, append_decision\n"
        f"{module}.{name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "append_decision(pathlib.Path(sys.argv[1]), Decision('doi:2', 'abstract', 'include', 'A', '2026'))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(review.root)], check=False)
    assert ran.returncode == -signal.SIGKILL
    assert text(review) == before
    append_decision(review.root, row("doi:3"))
    assert [d.work for d in read_decisions(review.root)] == ["doi:1", "doi:3"]


def test_a_folder_that_cannot_be_written(make_review: MakeReview) -> None:
    review = make_review({"screening": "a file"})
    with pytest.raises(KgError, match="cannot write"):
        append_decision(review.root, row("doi:1"))


def test_the_file_is_not_called_unread(review: Review, run: Run) -> None:
    decide(review, CANDIDATE, "include", by="A", now=NOON)
    assert "decisions.csv" not in run("check", "--kind", "input", "-C", review.root).out
