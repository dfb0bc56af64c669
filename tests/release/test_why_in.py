"""Why a study came in, and what changed in the criteria: the search log, the decisions and the eligibility criteria."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.folder.review import Review
from kg.release.between import difference, state
from kg.release.make import make_release
from kg.screening.decisions import Decision, append_decision
from tests.conftest import Run
from tests.release.conftest import add, edit

DAY = "2026-11-30"
RIS = "TY  - JOUR\nTI  - On pay again\nDO  - 10.1000/d\nPY  - 2024\nAU  - Dean, D\nER  - \n"
CRITERIA = "id,rule,criterion,field,accepted\ni1,include,about carers,,\ni2,include,in Canada,country,Canada\n"


@pytest.fixture
def searched(carers: Review, run: Run, tmp_path: Path) -> Review:
    """A release, then a search that finds a work, which is included and charted; another study has neither."""
    (carers.root / "screening" / "eligibility.csv").write_text(CRITERIA, encoding="utf-8")
    make_release(carers, "v1", DAY)
    (tmp_path / "cinahl.ris").write_text(RIS, encoding="utf-8")
    given = ("--date", "2026-12-01", "--source", "CINAHL", "--query", "carers")
    assert run("add", tmp_path / "cinahl.ris", "-C", carers.root, *given).code == 0
    append_decision(
        carers.root, Decision("doi:10.1000/d", "abstract", "include", "Ann Lee", "2026-12-02T10:00:00Z", "about carers")
    )
    add(carers, "sheets/studies.csv", "d,10.1000/d,On pay again,2024,Dean D,survey\n")
    add(carers, "sheets/studies.csv", "e,10.1000/e,On rest again,2025,Eve E,survey\n")
    add(carers, "sheets/findings.csv", "d,Pay,barrier,Burnout,p. 4,\n")
    return carers


def test_a_new_study_names_its_search_and_its_decision(searched: Review) -> None:
    (search,) = [id_ for id_ in state(searched, "now").searches if id_ != "s1"]
    reasons = {change.what: change.why for change in difference(searched, "v1").of("study", "in")}
    assert reasons == {
        "Dean 2024 (d)": f"found by search {search} (CINAHL, 2026-12-01); include at the stage abstract on 2026-12-02 in "
        "screening/decisions.csv: about carers; 1 finding in sheets/findings.csv",
        "Eve 2025 (e)": "in the sheets, without a finding",
    }
    make_release(searched, "v2", DAY)
    assert {change.what: change.why for change in difference(searched, "v1", "v2").of("study", "in")} == reasons


def test_the_criteria_of_the_screening_are_compared(searched: Review) -> None:
    edit(
        searched,
        "screening/eligibility.csv",
        "i2,include,in Canada,country,Canada",
        "i2,include,in Canada,country,Canada; US",
    )
    edit(searched, "screening/eligibility.csv", "i1,include,about carers,,\n", "")
    add(searched, "screening/eligibility.csv", "e1,exclude,in prisons,,\n")
    assert [(c.change, c.what, c.before, c.after) for c in difference(searched, "v1").of("criterion")] == [
        ("new", "exclude criterion", "", "in prisons"),
        ("changed", "include criterion", "in Canada (country: Canada)", "in Canada (country: Canada; US)"),
        ("gone", "include criterion", "about carers", ""),
    ]


def test_a_release_without_criteria_is_not_compared_in_them(own_example: Review) -> None:
    """The bundled release is older than this table."""
    assert state(own_example, "bell-2025").criteria is None
    assert state(own_example, "now").criteria
    assert difference(own_example, "bell-2025").of("criterion") == []
