"""Problems of the input files in the output of ``kg check``."""

from __future__ import annotations

import csv

import pytest

from kg.folder.review import Review
from tests.conftest import MakeReview, Run

FINDINGS = """study,factor,direction
a,pay,helps
a,pay,sideways
b,pay,sideways
b,pay,upwards
"""


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": "key,title\na,A\nb,B\n", "sheets/findings.csv": FINDINGS})


def test_the_terminal_groups_problems_that_differ_only_in_their_row(review: Review, run: Run) -> None:
    shown = run("check", "-C", review.root)
    assert shown.out.count("error") == 2
    assert "sheets/findings.csv: rows 3-4" in " ".join(shown.out.split())
    listed = run("check", "--format", "csv", "-C", review.root)
    rows = list(csv.DictReader(listed.out.splitlines()))
    assert [(row["severity"], row["places"]) for row in rows] == [
        ("error", f"sheets/findings.csv: row {number}") for number in (3, 4, 5)
    ]
    assert shown.err == listed.err == "3 errors, 0 conflicts, 0 notes\n"


def test_a_check_reports_that_reading_stopped(review: Review, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_MAX_PROBLEMS", "2")
    ran = run("check", "--format", "csv", "-C", review.root)
    rows = list(csv.DictReader(ran.out.splitlines()))
    assert len(rows) == 4
    assert rows[-1]["message"] == (
        "reading stopped at row 5 of sheets/findings.csv, with more than 2 problems; nothing was loaded"
    )
    assert rows[-1]["places"] == "sheets/findings.csv: row 5"
