"""``kg add`` says what a sheet does to the map before it writes it; ``--dry-run`` says only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.folder.review import Review
from kg.release.preview import preview
from tests.conftest import MakeReview, Run
from tests.release.conftest import STUDIES
from tests.release.test_make import files

HEADER = "study,factor,direction,outcomes,locator,pole\n"


def told(err: str) -> list[str]:
    lines = err.splitlines()
    end = next(n for n, line in enumerate(lines) if line.startswith("sheets/"))
    return lines[:end]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Opens Pay → Clarity, contests Pay → Burnout, and brings no study."""
    path = tmp_path / "more.csv"
    path.write_text(HEADER + "c,Pay,barrier,Burnout,p. 8,\nc,Pay,barrier,Clarity,p. 8,\n", encoding="utf-8")
    return path


def test_cells_that_open_and_turn_are_told(carers: Review, run: Run, sheet: Path) -> None:
    ran = run("add", sheet, "-C", carers.root)
    assert told(ran.err) == [
        "effect on the map: 1 cell opened; 1 cell contested",
        "  opened: Pay → Clarity: 1 barrier (in: Clark 2022)",
        "  contested: Pay → Burnout: 2 facilitator → 1 barrier, 2 facilitator (in: Clark 2022)",
    ]
    assert (carers.root / "sheets" / "more.csv").is_file()


def test_a_dry_run_writes_nothing(carers: Review, run: Run, sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - A title\nER  - \n", encoding="utf-8")
    before = files(carers.root)
    ran = run("add", sheet, tmp_path / "a.ris", "--dry-run", "-C", carers.root)
    assert ran.code == 0
    assert told(ran.err)[0] == "effect on the map: 1 cell opened; 1 cell contested"
    assert [line for line in ran.err.splitlines() if line.startswith("would add")] == [
        f"would add {carers.root / 'sheets' / 'more.csv'}: 2 rows; nothing was written",
        f"would add {carers.root / 'references' / 'a.ris'}: 1 record; nothing was written",
    ]
    assert {name: text for name, text in files(carers.root).items() if text} == before


def test_a_dry_run_names_what_is_wrong(carers: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(HEADER + "zz,Pay,sideways,Burnout,p. 8,\n", encoding="utf-8")
    ran = run("add", tmp_path / "more.csv", "--dry-run", "-C", carers.root)
    assert ran.code == 1
    assert "'sideways'" in ran.err


def test_printed_numbers_that_move_are_told(own_example: Review, run: Run, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text(
        "study,doi,title,factor,direction,outcomes,locator\n"
        "neu,10.1000/new,New,supervisory-support,barrier,burnout,p. 3\n",
        encoding="utf-8",
    )
    ran = run("add", new, "--dry-run", "-C", own_example.root)
    assert told(ran.err) == [
        "effect on the map: 1 study in; 1 cell contested; 2 printed numbers move now, and stay in release bell-2025",
        "  contested: Supervisory support and characteristics → Burnout: 3 absence barrier, 4 facilitator → 3 absence "
        "barrier, 1 barrier, 4 facilitator (in: New)",
        "  outcomes: Burnout: 7 → 8",
        "  evidence-counts: Supervisory support and characteristics / barrier: 5 → 6",
    ]


def test_a_replaced_sheet_may_close_a_cell(carers: Review, run: Run, tmp_path: Path) -> None:
    new = tmp_path / "findings.csv"
    new.write_text(HEADER + "c,Rest,barrier,Clarity,p. 3,absence\n", encoding="utf-8")
    ran = run("add", new, "--replace", "--dry-run", "-C", carers.root)
    assert told(ran.err) == [
        "effect on the map: 1 cell closed",
        "  closed: Pay → Burnout: 2 facilitator (out: Adams 2020, Brown 2021)",
    ]


def test_the_first_sheets_are_told_in_numbers_only(make_review: MakeReview, run: Run, tmp_path: Path) -> None:
    review = make_review({"sheets/studies.csv": STUDIES})
    new = tmp_path / "findings.csv"
    new.write_text(HEADER + "a,Pay,barrier,Clarity,p. 3,\n", encoding="utf-8")
    assert told(run("add", new, "-C", review.root).err) == ["effect on the map: 1 cell opened"]


def test_a_folder_that_cannot_be_read_is_compared_with_nothing(carers: Review) -> None:
    lines = preview(None, carers.load().evidence, carers.config)
    assert lines == ["effect on the map: 3 studies in; 2 cells opened"]


def test_many_changes_are_cut(carers: Review, run: Run, tmp_path: Path) -> None:
    rows = "".join(f"c,Pay,barrier,Outcome {n:02d},p. 8,\n" for n in range(11))
    (tmp_path / "more.csv").write_text(HEADER + rows, encoding="utf-8")
    lines = told(run("add", tmp_path / "more.csv", "--dry-run", "-C", carers.root).err)
    assert (len(lines), lines[0], lines[-1]) == (10, "effect on the map: 11 cells opened", "  and 3 more")
