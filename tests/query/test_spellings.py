"""A sheet, ``kg why`` and ``kg compare`` accept the same spellings of a term."""

from __future__ import annotations

import json

import pytest

from kg.folder.review import Review
from tests.conftest import MakeReview, Run

STRAIGHT, CURLY = "Peer's self-care", "Peer’s self‑care"


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(
        {
            "sheets/studies.csv": "key,label,title\na,1,A\nb,2,B\n",
            "sheets/findings.csv": f"study,factor,direction,outcomes\na,{STRAIGHT},helps,Joy\nb,{CURLY},helps,Joy\n",
        }
    )


def test_a_sheet_makes_one_term_of_both_spellings(review: Review) -> None:
    assert [factor.label for factor in review.load().evidence.factors] == [STRAIGHT]


@pytest.mark.parametrize("spelling", [STRAIGHT, CURLY, CURLY.upper(), "Peer’s"])
def test_why_accepts_both_spellings(review: Review, run: Run, spelling: str) -> None:
    found = json.loads(run("why", spelling, "--format", "json", "-C", review.root).out)
    assert [row["study_label"] for row in found] == [1, 2]


@pytest.mark.parametrize("spelling", [STRAIGHT, CURLY, CURLY.upper()])
def test_compare_accepts_both_spellings(review: Review, run: Run, spelling: str) -> None:
    path = review.root / "printed.csv"
    path.write_text(f"factor,direction,studies\n{spelling},facilitator,2\n", encoding="utf-8")
    ran = run("compare", path, "-C", review.root)
    assert (ran.code, ran.out) == (0, f"{path}: all 1 cells agree\n")
