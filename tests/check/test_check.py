"""``kg check``: the audit finds the contradictions of a review, and only those."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.check.audit import AUDIT_KINDS, Discrepancy
from kg.check.run import check
from kg.folder.review import Review
from tests.conftest import MakeReview, Run

#: A review without a contradiction; each test below adds one.
SOUND = {
    "review.toml": 'id = "r"\ntitle = "R"\n[published]\n"published/table.csv" = "evidence-counts"\n"published/outcomes.csv" = "outcomes"\n',
    "vocabulary/factors.csv": "id,label,broader\norg,Organisation,\npay,Pay,org\nteam,Team,org\n",
    "vocabulary/outcomes.csv": "id,label\nstay,Retention\njoy,Joy\n",
    "sheets/studies.csv": (
        "key,label,reference,doi,title,publication_type,year,outcomes\n"
        "a,1,11,10.1000/a,A,article,2001,stay\nb,2,12,10.1000/b,B,article,2002,stay;joy\nc,3,13,10.1000/c,C,article,2003,joy\n"
    ),
    "sheets/findings.csv": (
        "study,factor,direction,outcomes,locator,note\n"
        "a,pay,barrier,stay,3.3.1,low pay\nb,pay,barrier,stay,3.3.1,late pay\nc,pay,facilitator,,3.3.1,good pay\nb,team,facilitator,joy,3.3.2,kind team\n"
    ),
    "published/table.csv": (
        "factor,direction,studies,study_labels,outcomes\nPay,facilitator,1,3,Retention\nPay,barrier,2,\"1,2\",Retention\n"
        "Team,facilitator,1,2,Joy\nTeam,barrier,0,,Joy\n"
    ),
    "published/outcomes.csv": "outcome,studies,references\nRetention,2,11-12\nJoy,2,12-13\n",
    "published/statements.csv": (
        "id,section,factor,direction,outcomes,studies,count,scope,says\n"
        "1,3.2.1,,,stay,11-12,2,list,\n2,3.2.2,,,joy,12-13,2,list,\n"
        "3,3.3.1,pay,,,11-13,3,list,\n4,3.3.1,pay,barrier,,11-12,2,list,\n5,3.3.1,pay,facilitator,,13,1,list,\n"
        "6,3.3.1.1,pay,barrier,stay,\"11, 12\",,tie,\n7,3.3.2,team,facilitator,,12,1,list,\n8,3.3.2.1,team,facilitator,joy,12,,tie,\n"
    ),
    "published/facts.csv": "key,value,locator,says\nend,2023,Abstract,\nend,2023,2.3,\nsurveys,2 of 3,3.1,\nsurveys,most,4.1,\n"
                           "order of published/table.csv,by studies,Table 1,\n",
    "published/references.csv": "number,authors,year,title,venue,doi\n11,A,2001,A,,\n12,B,2002,B,,\n13,C,2003,C,,\n",
    "screening/flow.csv": "stage,n,locator\nidentified,90,2.4\nafter_removal,30,2.4\nadded_by_hand,1,2.4\nincluded,3,3.1\n",
    "screening/eligibility.csv": "id,rule,criterion,field,accepted,locator\ni1,include,articles,publication_type,article,Table 0\n"
                                 "i2,include,after 1999,year,1999-,Table 0\ni3,include,has outcomes,outcomes,*,Table 0\n",
}  # fmt: skip


def edited(
    make_review: MakeReview, name: str, change: Callable[[str], str], folder: str = "edited"
) -> list[Discrepancy]:
    return check(make_review({**SOUND, name: change(SOUND[name])}, folder))


def test_a_sound_review_is_clean(make_review: MakeReview) -> None:
    assert check(make_review(SOUND)) == []


def test_a_printed_table_has_the_column_names_that_compare_takes(make_review: MakeReview) -> None:
    header = "Factor,How discussed,Number of articles,Articles,Outcome(s) affected"
    rows = SOUND["published/table.csv"].partition("\n")[2]
    assert check(make_review({**SOUND, "published/table.csv": f"{header}\n{rows}"})) == []


PLANTED: list[tuple[str, str, Callable[[str], str], str]] = [
    (
        "count-and-list",
        "published/statements.csv",
        lambda t: t.replace('pay,barrier,stay,"11, 12",,tie', 'pay,barrier,stay,"11, 12",1,tie'),
        "3.3.1.1 counts 1 for Pay, barrier, Retention, but cites 2 (articles 1, 2)",
    ),
    (
        "total-and-parts",
        "published/statements.csv",
        lambda t: t.replace("3,3.3.1,pay,,,11-13,3", "3,3.3.1,pay,,,11-12,2"),
        "3.3.1 lists 2 studies for Pay, but the lists of its directions hold 3 (article 3 on one side only)",
    ),
    (
        "table-and-prose",
        "published/statements.csv",
        lambda t: t.replace("7,3.3.2,team,facilitator,,12,1", "7,3.3.2,team,facilitator,,13,1"),
        "published/table.csv and 3.3.2 list different studies for Team, facilitator: articles 2, 3 on one side only",
    ),
    (
        "outcome-list",
        "published/statements.csv",
        lambda t: t.replace("8,3.3.2.1,team,facilitator,joy,12", "8,3.3.2,pay,facilitator,stay,13"),
        "3.3.2 ties article 3 to Retention (through Pay); the outcome's own list in 3.2.1 leaves it out",
    ),
    (
        "factor-list",
        "published/statements.csv",
        lambda t: t + "9,4.2,team,barrier,,13,,mention,\n",
        "4.2 cites article 3 for Team, barrier, where published/table.csv has not",
    ),
    (
        "outcome-of-factor",
        "published/statements.csv",
        lambda t: t + "9,Abstract,pay,barrier,joy,,,tie,\n",
        "Abstract ties Pay to Joy; published/table.csv has for it: Retention",
    ),
    (
        "fact",
        "published/facts.csv",
        lambda t: t.replace("end,2023,2.3", "end,2024,2.3"),
        "end: 2023 in Abstract, 2024 in 2.3",
    ),
    ("fact", "published/facts.csv", lambda t: t.replace("2 of 3", "1 of 3"), "surveys: 1 of 3 in 3.1, most in 4.1"),
    (
        "uncited-tie",
        "published/statements.csv",
        lambda t: t.replace("team,facilitator,joy,12", "team,facilitator,joy,"),
        "3.3.2.1 states a tie without naming a study: Team, facilitator, Joy",
    ),
    (
        "table-order",
        "published/table.csv",
        lambda t: "\n".join([(rows := t.splitlines())[0], *rows[3:], *rows[1:3]]) + "\n",
        "Table 1 says that the rows go by unique studies, most first, but Pay (3) stands below Team (1)",
    ),
    (
        "duplicate-reference",
        "published/references.csv",
        lambda t: t.replace("13,C,2003,C", "13,C,2003,A."),
        "references 11 and 13 are one publication, dated 2001 and 2003: A",
    ),
    (
        "eligibility",
        "sheets/studies.csv",
        lambda t: t.replace("C,article", "C,dissertation"),
        "Table 0 asks for: articles; coded otherwise: article 3 (dissertation)",
    ),
    (
        "eligibility",
        "sheets/studies.csv",
        lambda t: t.replace("2001", "1998"),
        "Table 0 asks for: after 1999; coded otherwise: article 1 (1998)",
    ),
    (
        "flow",
        "screening/flow.csv",
        lambda t: t.replace("included,3", "included,4"),
        "3.1 includes 4 studies, the sheets hold 3",
    ),
    (
        "flow",
        "screening/flow.csv",
        lambda t: t.replace("after_removal,30", "after_removal,99"),
        "2.4 has 99 after removal, more than the 90 identified of 2.4",
    ),
    (
        "no-row",
        "sheets/studies.csv",
        lambda t: t + "d,4,14,10.1000/d,D,article,2004,joy\n",
        "article 4 is included, but no row of the printed tables counts it",
    ),
    (
        "published-table",
        "sheets/findings.csv",
        lambda t: t.replace("b,team,facilitator,joy,3.3.2,kind team\n", ""),
        "published/table.csv, Team / facilitator, studies: printed 1, computed nothing",
    ),
    (
        "unused-term",
        "vocabulary/factors.csv",
        lambda t: t + "idle,Idle,org\n",
        "no study and no finding uses the term 'Idle'",
    ),
    (
        "study-without-evidence",
        "sheets/studies.csv",
        lambda t: t + "d,4,14,10.1000/d,D,article,2004,\n",
        "d has neither a finding nor an outcome",
    ),
    (
        "finding-without-locator",
        "sheets/findings.csv",
        lambda t: t.replace("3.3.1,low", ",low"),
        "1 finding without a word on where it stands",
    ),
    (
        "finding-without-note",
        "sheets/findings.csv",
        lambda t: t.replace("low pay", ""),
        "1 finding without a word on what it says",
    ),
    (
        "study-without-doi",
        "sheets/studies.csv",
        lambda t: t.replace("10.1000/c", ""),
        "no DOI for 1 of 3 studies: they are known by their key",
    ),
    (
        "input",
        "sheets/findings.csv",
        lambda t: t + "z,pay,barrier,,,\n",
        "sheets/findings.csv, row 6, column 'study': 'z': no sheet defines this study",
    ),
    (
        "input",
        "published/statements.csv",
        lambda t: t + "9,4.2,payy,barrier,,,,mention,\n",
        "published/statements.csv, row 10, column 'factor': 'payy': no factor of the vocabulary is called this",
    ),
]


@pytest.mark.parametrize(
    ("kind", "name", "change", "message"), PLANTED, ids=[f"{p[0]}-{n}" for n, p in enumerate(PLANTED)]
)
def test_a_planted_contradiction_is_found(
    make_review: MakeReview, kind: str, name: str, change: Callable[[str], str], message: str
) -> None:
    assert change(SOUND[name]) != SOUND[name]
    found = [d for d in edited(make_review, name, change) if d.kind == kind]
    assert found, kind
    assert any(d.message.startswith(message) for d in found), [d.message for d in found]
    assert all(d.places and all(p.place for p in d.places) for d in found)


def test_every_kind_is_planted_once() -> None:
    assert set(AUDIT_KINDS) <= {p[0] for p in PLANTED}


def test_the_bundled_review_contradicts_itself(example: Review, run: Run) -> None:
    ran = run("check", "--format", "json", "-C", example.root)
    found = json.loads(ran.out)
    assert ran.code == 0, "the review contradicts itself; the folder is sound"
    assert all(list(d) == ["kind", "severity", "message", "places"] for d in found)
    kinds = Counter(d["kind"] for d in found if d["severity"] == "conflict")
    assert sum(kinds.values()) > 10
    assert set(kinds) >= {
        "count-and-list",
        "total-and-parts",
        "outcome-list",
        "factor-list",
        "outcome-of-factor",
        "fact",
        "eligibility",
        "duplicate-reference",
        "table-order",
        "uncited-tie",
    }
    messages = [d["message"] for d in found]
    for expected in (
        "3.2.6 counts 1 for Retention and turnover, but cites 2 (articles 6, 8)",
        "3.3.10 lists 4 studies for Employment benefits, but the rows of the table hold 5 (article 14 on one side only)",
        "end of the search: 2023-01-26 in Abstract, 2023-08-22 in 2.3",
        "3.4.1.1 ties article 19 to Burnout (through Maintaining boundaries with clients); the outcome's own list in 3.2.3 leaves it out",
        "article 20 is included, but no row of the printed tables counts it",
    ):
        assert expected in messages
    dates = next(d for d in found if d["message"].startswith("end of the search"))
    assert [p["place"] for p in dates["places"]] == ["Abstract", "2.3"]
    benefits = next(d for d in found if d["kind"] == "total-and-parts")
    assert [p["studies"] for p in benefits["places"]] == [[1, 2, 10, 12], [1, 2, 10, 12, 14]]


def test_a_corrected_coding_removes_the_discrepancy(own_example: Review) -> None:
    """Discrepancies are computed from the coding: a corrected value removes its discrepancy."""
    path = own_example.root / "published" / "facts.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("end of the search,2023-01-26", "end of the search,2023-08-22"),
        encoding="utf-8",
    )
    assert not any("end of the search" in d.message for d in check(own_example))


def test_exit_codes_and_filters(example: Review, own_example: Review, run: Run) -> None:
    assert run("check", "-C", example.root, "--strict").code == 1
    one = run("check", "-C", example.root, "--kind", "fact", "--format", "csv")
    assert one.code == 0
    assert all(line.startswith("conflict,fact,") for line in one.out.splitlines()[1:])
    assert one.err == "0 errors, 7 conflicts, 0 notes\n"
    (own_example.root / "sheets" / "findings.csv").write_text("study,factor\n", encoding="utf-8")
    broken = run("check", "-C", own_example.root, "--format", "csv")
    assert broken.code == 1
    assert "the column is missing" in broken.out


def test_the_table_goes_to_a_file(example: Review, run: Run, tmp_path: Path) -> None:
    run("check", "-C", example.root, "--format", "json", "-o", tmp_path / "check.json")
    assert len(json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))) > 10
