"""The arithmetic of a study flow: names of stages, what follows, and what does not add up."""

from __future__ import annotations

import pytest

from kg.export.figures.flow import STAGES as BOXES
from kg.screening.balance import derived, imbalances, numbers_of, reason_of, reasons_of, stage_of

SEVERAL = "; if a study has several reports, give the number of reports included as well"


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("Identified", "identified"), ("after_removal", "after removal"), ("added_from_grey_literature", "added"),
        ("dropped", "excluded"), ("kept", "sought"), ("Not-retrieved", "not retrieved"), ("reports eligible", "reports included"),
        ("excluded: wrong design", "reasons"), ("not eligible: no outcome", "reasons"), ("excluded:", "excluded"), ("address", None),
    ],
)  # fmt: skip
def test_the_names_of_stages(name: str, stage: str | None) -> None:
    assert stage_of(name) == stage


def test_reasons_and_what_is_added_are_summed() -> None:
    named = [("added a", 1), ("added b", 2), ("excluded: x", 3), ("not eligible: y", 4), ("other", 9), ("included", 5)]
    assert numbers_of(named) == {"added": 3, "reasons": 7, "included": 5}
    assert reason_of("Excluded: Wrong Design") == "Wrong Design"


def test_unknown_names_after_the_full_texts_that_are_not_eligible_are_reasons() -> None:
    named = [
        ("note", 1),
        ("not eligible", 5),
        ("no outcome", 3),
        ("excluded: Late", 1),
        ("design", 1),
        ("included", 2),
        ("odd", 9),
    ]
    assert reasons_of(named) == {"no outcome": 3, "Late": 1, "design": 1}
    assert numbers_of(named) == {"not eligible": 5, "reasons": 5, "included": 2}


def test_the_stages_that_the_diagram_knows_are_known_by_the_same_names() -> None:
    """The diagram puts what is left after the removal into the box of what is screened."""
    for box, names in BOXES.items():
        wanted = {"screened": {"screened", "after removal"}, "other identified": {"added"}}.get(box, {box})
        if not box.startswith("other ") or box == "other identified":
            assert {stage_of(name) for name in (box, *names)} == wanted


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        (
            {"identified": 16361, "after removal": 4927, "added": 2, "included": 20},
            {
                "removed": (11434, "identified - after removal"),
                "screened": (4929, "after removal + added"),
                "excluded": (4909, "screened - included"),
            },
        ),
        (
            {"identified": 100, "duplicates": 30, "screened": 60, "excluded": 40, "assessed": 18, "included": 5},
            {
                "after removal": (60, "screened"),
                "removed": (40, "identified - after removal"),
                "removed otherwise": (10, "removed - duplicates"),
                "sought": (20, "screened - excluded"),
                "not retrieved": (2, "sought - assessed"),
                "not eligible": (13, "assessed - included"),
            },
        ),
        ({"assessed": 10, "reasons": 6}, {"not eligible": (6, "reasons"), "reports included": (4, "assessed - not eligible")}),
        ({"previous": 3, "included": 2}, {"total": (5, "previous + included")}),
        ({"identified": 3, "after removal": 4}, {"screened": (4, "after removal")}),
        ({"screened": 4}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_what_follows(given: dict[str, int], follows: dict[str, tuple[int, str]]) -> None:
    assert {name: (one.n, one.how) for name, one in derived(given).items()} == follows


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({"screened": 1716, "excluded": 1186, "included": 530}, []),
        ({"screened": 1716, "excluded": 3, "included": 530}, [f"1,716 screened is not 3 excluded + 530 included = 533{SEVERAL}"]),
        ({"identified": 10, "duplicates": 2, "removed otherwise": 1, "after removal": 6}, ["4 removed is not 2 duplicates + 1 removed otherwise = 3"]),
        ({"after removal": 5, "added": 2, "screened": 5}, ["5 screened is not 5 after removal + 2 added = 7"]),
        ({"after removal": 5, "screened": 4}, ["4 screened is not 5 after removal"]),
        ({"sought": 9, "not retrieved": 2, "assessed": 6}, ["9 sought is not 2 not retrieved + 6 assessed = 8"]),
        ({"not eligible": 7, "reasons": 6, "assessed": 9, "reports included": 2, "included": 1}, ["7 not eligible is not 6 reasons"]),
        ({"assessed": 9, "not eligible": 5, "included": 3}, [f"9 assessed is not 5 not eligible + 3 included = 8{SEVERAL}"]),
        ({"previous": 3, "included": 2, "total": 6}, ["6 total is not 3 previous + 2 included = 5"]),
    ],
)  # fmt: skip
def test_what_does_not_add_up(given: dict[str, int], messages: list[str]) -> None:
    assert [one.message for one in imbalances(given)] == messages
