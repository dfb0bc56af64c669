"""A note that is worded as a lack suggests a pole, and never decides it."""

from __future__ import annotations

import pytest

from kg.check.poles import pole_hints
from kg.check.run import check
from kg.folder.review import Review
from kg.model.records import Finding
from tests.conftest import MakeReview, Run

STUDIES = "key,label,title\na,1,A\nb,2,B\n"
FINDINGS = (
    "study,factor,direction,outcomes,pole,locator,note\n"
    "a,Supervision,barrier,Burnout,,p. 1,Unclear tasks and a lack of supervision wore them out.\n"
    "b,Supervision,barrier,Burnout,absence,p. 1,A lack of supervision wore them out.\n"
    "a,Supervision,facilitator,Burnout,,p. 2,Good supervision kept them well.\n"
    "b,Pay,barrier,Burnout,,p. 3,Poor pay.\n"
    "b,Pay,unspecified,Burnout,,p. 4,Poor pay.\n"
)


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def test_the_rows_and_the_words_are_listed_once(review: Review) -> None:
    (found,) = [f for f in check(review) if f.kind == "pole-suggested"]
    assert (found.severity, found.message) == (
        "note",
        "2 findings without a pole are worded as a lack: if it is the absence of the factor that helps or harms, the "
        "pole is absence",
    )
    assert [(p.place, p.says, p.studies) for p in found.places] == [
        ("sheets/findings.csv, row 2", "supervision, barrier: unclear, lack", (1,)),
        ("sheets/findings.csv, row 5", "pay, barrier: poor", (2,)),
    ]


def test_nothing_is_decided(review: Review) -> None:
    with review.graph() as graph:
        poles = {row["row"]: row["pole"] for row in graph.table("findings").dicts()}
    assert poles == {2: None, 3: "absence", 4: None, 5: None, 6: None}


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Absence of feedback", ("absence of",)),
        (
            "WITHOUT feedback, insufficient; inadequate and poorly paid",
            ("without", "insufficient", "inadequate", "poorly"),
        ),
        ("too little time, not enough money", ("too little", "not enough")),
        ("a black box with poorer outcomes; slack and unclearly", ()),
        (None, ()),
    ],
)
def test_words_are_whole_words_in_any_case(note: str | None, words: tuple[str, ...]) -> None:
    finding = Finding("f", "key:a", "pay", "barrier", note=note)
    assert [hint.words for hint in pole_hints([finding])] == ([words] if words else [])


def test_adding_a_sheet_says_so(make_review: MakeReview, run: Run) -> None:
    review = make_review({"sheets/studies.csv": STUDIES})
    sheet = review.root.parent / "coded.csv"
    sheet.write_text(FINDINGS, encoding="utf-8")
    assert run("add", sheet, "-C", review.root).err.splitlines()[-1] == (
        "note: 2 findings without a pole are worded as a lack, such as 'unclear' (rows 2, 5): is it the absence of the "
        "factor? kg check --kind pole-suggested lists them"
    )


def test_the_bundled_review_needs_no_suggestion(example: Review) -> None:
    assert list(pole_hints(example.load().evidence.findings)) == []
