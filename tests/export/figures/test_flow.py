"""The study flow: boxes by the names of stages, numbers that follow from others, and what does not add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.errors import KgError, UnknownName
from kg.export.figures import flow_figure
from kg.export.figures.flow import STAGES, read_flow
from kg.export.figures.sheet import Shape
from kg.folder.create import init_review
from tests.conftest import MakeReview
from tests.export.figures.looking import words
from tests.paths import ROOT


def flow(text: str) -> dict[str, int]:
    """Return the numbers of a flow that is written as ``stage 1; stage 2``."""
    return read_flow(stages(text)).numbers


def stages(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(name, None, int(n)) for name, _, n in (part.strip().rpartition(" ") for part in text.split(";"))]


def test_missing_numbers_are_computed() -> None:
    found = read_flow(stages("Records_identified 100; duplicates 10; screened 90; kept 30; assessed 28; included 5"))
    assert found.numbers == {
        "identified": 100, "removed": 10, "screened": 90, "excluded": 60, "sought": 30, "not retrieved": 2,
        "assessed": 28, "included": 5,
    }  # fmt: skip
    assert found.computed == ["removed", "excluded", "not retrieved"]
    assert found.reasons == {"removed": [("duplicates", 10)]}


def test_reports_are_those_assessed_less_those_not_eligible_and_those_of_other_sources() -> None:
    assert flow("assessed 20; not eligible 12; included 7")["reports included"] == 8
    assert flow("assessed 20; reports included 8")["not eligible"] == 12
    both = "assessed 20; not eligible 12; other identified 6; other not retrieved 1; other not eligible 2"
    assert flow(both)["reports included"] == 20 - 12 + 5 - 2
    assert "reports included" not in flow("assessed 20; not eligible 12; grey literature 2")


def test_every_other_stage_is_a_reason_of_the_stage_that_takes_out() -> None:
    found = read_flow(
        stages("excluded 5; no peers 3; no outcome 2; sought 9; not eligible 4; reports eligible 5; wrong 4")
    )
    assert found.reasons == {"excluded": [("no peers", 3), ("no outcome", 2)], "not eligible": [("wrong", 4)]}


@pytest.mark.parametrize(("text", "message"), [
    ("screened 100; dropped 90; kept 11", "screened − dropped (excluded) is 100 − 90 = 10, and kept (sought) is 11"),
    ("identified 90; after_removal 100", "after_removal (screened) is 100, and identified is 90: removed would be -10"),
    ("not eligible 9; wrong design 4; wrong place 4", "not eligible is 9, and its reasons add up to 4 + 4 = 8"),
    ("assessed 20; not eligible 12; eligible 9", "assessed less not eligible is 20 − 12 = 8, and eligible (reports included) is 9"),
    ("assessed 20; eligible 21", "eligible (reports included) is 21, which is more than assessed"),
    ("identified 10; sought 11", "sought is 11, which is more than identified is 10"),
    ("reports included 5; included 6", "included is 6, which is more than reports included is 5"),
    ("screened 5; records screened 5", "records screened and screened are both the box 'screened'"),
    ("other identified 3; other not retrieved 1; other assessed 3",
     "other identified − other not retrieved is 3 − 1 = 2, and other assessed is 3"),
])  # fmt: skip
def test_what_does_not_add_up_names_the_step_and_the_numbers(text: str, message: str) -> None:
    with pytest.raises(KgError, match=r"^the study flow does not add up:\n") as error:
        flow(text)
    assert message in str(error.value)


def test_a_stage_that_is_counted_otherwise_than_printed_is_an_error() -> None:
    with pytest.raises(KgError, match="screened: 1,001 are counted and 1,000 are printed"):
        read_flow([("screened", 1001, 1000)])


def test_a_stage_of_no_box_and_no_flow_are_errors() -> None:
    with pytest.raises(UnknownName, match="no stage of the PRISMA flow is called 'screend'; did you mean screened"):
        flow("screend 5")
    with pytest.raises(KgError, match=r"there is no study flow: write \[\[flow\]\] in review.toml"):
        read_flow([])


def test_the_flow_of_a_bundled_review(tmp_path: Path) -> None:
    review = init_review(tmp_path / "school", example="four-day-week")
    drawn = flow_figure(review, "prisma", width="column")
    text = re.sub(r"\s+", " ", " ".join(words(drawn)).replace("\u00a0", " "))
    for said in (
        "Records screened (n = 4,513)", "Records excluded (n = 3,961)", "Reports not retrieved (n = 19)",
        "Reports excluded (n = 375)", "Not in English (n = 3)", "Reports of included studies (n = 158)",
        "Studies included in the review (n = 133)", "databases and registers (n not stated)",
    ):  # fmt: skip
        assert said in text
    assert (
        "Not stated: Records identified from databases and registers; Records removed before screening" in drawn.caption
    )
    assert "The number of studies included is that of the graph" in drawn.caption
    boxes = [i for i in drawn.sheet.items if isinstance(i, Shape) and i.fill is None and i.closed]
    assert len(boxes) == 9


def test_other_sources_and_hits_by_source(make_review: MakeReview) -> None:
    files = {
        "sheets/studies.csv": "key,year\ns,2018\n",
        "screening/flow.csv": "stage,n\nidentified,30\nscreened,25\nadded_from_grey_literature,2\nincluded,4\n",
        "records/searches.csv": "id,source,hits\n1,PubMed,20\n2,Scopus,10\n",
    }
    drawn = flow_figure(make_review(files), "prisma-scr")
    assert {"PubMed (n\u00a0=\u00a020)", "Scopus (n\u00a0=\u00a010)"} <= set(words(drawn))
    assert "Computed from the other numbers: Sources removed before screening (n = 5)." in drawn.caption
    assert "1 study of them in the graph" in drawn.caption
    files["records/searches.csv"] = "id,source,hits\n1,PubMed,20\n2,Scopus,11\n"
    other = flow_figure(make_review(files, "other"), "prisma-scr")
    assert "The hits in the search log add up to 31" in other.caption and not any("PubMed" in t for t in words(other))


def test_the_guide_lists_the_names_of_stages() -> None:
    page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| (`.*`) \|$", page, re.MULTILINE)
    assert {box: tuple(re.findall("`([^`]+)`", names)) for box, names in rows} == STAGES
