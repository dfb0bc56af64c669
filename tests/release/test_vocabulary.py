"""Changes of vocabularies: what a state says in the terms of a later one, from the command to the difference."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kg.folder.review import Review
from kg.release.between import difference
from kg.release.make import make_release
from tests.conftest import MakeReview, Run

DAY = "2026-11-30"
FACTORS = """id,label,broader,definition,synonyms
work,Work,,What the employer does,
home,Home,,,
pay,Pay,work,What a carer is paid,Wage
bonus,Bonus,work,,"Extra, pay"
load,Workload,work,,
rest,Rest,home,,
"""
OUTCOMES = "label,broader\nBurnout,\nStaying,\n"
STUDIES = "key,doi,title,year,outcomes\na,10.1000/a,On pay,2020,\nb,10.1000/b,On rest,2021,\nc,,On both,2022,\n"
FINDINGS = """study,factor,direction,outcomes,locator,note
a,Pay,facilitator,Staying,p. 1,Paid well
a,Bonus,facilitator,Staying,p. 1,Paid more
b,Bonus,barrier,Staying,p. 2,Paid late
b,Workload,barrier,Burnout; Staying,p. 3,Many clients
c,Workload,barrier,Burnout,p. 4,Many forms
c,Rest,facilitator,Burnout,p. 5,Time off
"""
ON = ("--date", DAY, "-C")


@pytest.fixture
def carers(make_review: MakeReview) -> Review:
    """A review with vocabularies, and its release v1."""
    review = make_review(
        {
            "vocabulary/factors.csv": FACTORS,
            "vocabulary/outcomes.csv": OUTCOMES,
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS.replace(
                "a,Bonus,facilitator,Staying,p. 1", "a,Bonus,facilitator,Staying,p. 9"
            ),
            "published/gaps.csv": "id,statement,factors\ng1,What do bonuses do?,Bonus\n",
        }
    )
    make_release(review, "v1", DAY)
    return review


def changes(review: Review, before: str = "v1", after: str = "now") -> list[tuple[str, str, str, str, str]]:
    found = difference(review, before, after).changes
    return [(c.part, c.change, c.what, c.before, c.after) for c in found]


def read(review: Review, name: str) -> str:
    return (review.root / name).read_bytes().decode()


def recode(review: Review, **new: str) -> None:
    """Fill in the new terms of rows, which are named by their notes."""
    path = review.root / "vocabulary/changes/recode.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    for row in rows:
        row["new_term"] = new.get(row["note"].replace(" ", "_"), row["new_term"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_renamed_term_keeps_its_id_its_old_name_and_every_number(carers: Review, run: Run) -> None:
    ran = run("vocabulary", "rename", "Pay", "Pay and wage", "--reason", "as in the protocol", *ON, carers.root)
    assert (ran.code, ran.err) == (
        0,
        "factor 'Pay' (pay): 1 finding of 1 study, 1 cell\n"
        "effect on the map: no cell opens, closes or turns\n"
        "renamed to 'Pay and wage' on 2026-11-30, number 1; written\n",
    )
    assert read(carers, "vocabulary/factors.csv") == FACTORS.replace(
        "pay,Pay,work,What a carer is paid,Wage", "pay,Pay and wage,work,What a carer is paid,Wage; Pay"
    )
    assert read(carers, "vocabulary/changes/migrations.csv") == (
        "number,date,change,vocabulary,term,label,to,to_labels,reason\n"
        "1,2026-11-30,rename,factor,pay,Pay,pay,Pay and wage,as in the protocol\n"
    )
    assert changes(carers) == [("vocabulary", "renamed", "factor Pay", "Pay", "Pay and wage")]


def test_a_rename_writes_down_the_id_that_the_label_gave(carers: Review, run: Run) -> None:
    """The vocabulary of outcomes has no column of ids."""
    assert run("vocabulary", "rename", "staying", "Retention", *ON, carers.root).code == 0
    assert read(carers, "vocabulary/outcomes.csv") == (
        "label,broader,id,synonyms\nBurnout,,,\nRetention,,staying,Staying\n"
    )
    assert changes(carers) == [("vocabulary", "renamed", "outcome Staying", "Staying", "Retention")]
    with carers.graph() as graph:
        assert {row["id"] for row in graph.table("vocabulary").dicts() if row["kind"] == "outcome"} == {
            "burnout",
            "staying",
        }


def test_merged_terms_are_one_and_no_cell_opens_or_closes(carers: Review, run: Run) -> None:
    ran = run("vocabulary", "merge", "bonus", "Pay", *ON, carers.root)
    assert (ran.code, ran.err) == (
        0,
        "factor 'Bonus' (bonus): 2 findings of 2 studies, 1 cell\n"
        "effect on the map: no cell opens, closes or turns\n"
        "published/gaps.csv: 1 stated gap of 'Bonus' (g1); read as 'Pay'\n"
        "merged into 'Pay' on 2026-11-30, number 1; written\n",
    )
    assert read(carers, "vocabulary/factors.csv") == FACTORS.replace('bonus,Bonus,work,,"Extra, pay"\n', "").replace(
        "paid,Wage", 'paid,"Wage; Bonus; Extra, pay"'
    )
    assert changes(carers) == [
        ("number", "changed", "Pay / facilitator", "1 + 1", "1"),
        ("vocabulary", "merged", "factor Bonus", "Bonus", "Pay"),
        (
            "vocabulary",
            "joined",
            "Pay → Staying",
            "Bonus → Staying: 1 barrier, 1 facilitator; Pay → Staying: 1 facilitator",
            "1 barrier, 1 facilitator",
        ),
    ]
    with carers.graph() as graph:
        rows = {(r["factor"], r["direction"]): r["studies"] for r in graph.table("evidence-counts").dicts()}
    assert (rows["Pay", "facilitator"], rows["Pay", "barrier"]) == (1, 1)


def test_a_merge_that_makes_a_cell_contested_says_so(carers: Review, run: Run) -> None:
    ran = run("vocabulary", "merge", "rest", "load", *ON, carers.root)
    assert ran.err.splitlines()[1:3] == [
        "effect on the map: 1 cell contested by the merge",
        "  contested by the merge: Workload → Burnout: 2 barrier, 1 facilitator (Rest → Burnout: 1 facilitator; "
        "Workload → Burnout: 2 barrier)",
    ]
    (joined,) = difference(carers, "v1").of("vocabulary", "joined")
    assert (joined.what, joined.after, joined.why) == (
        "Workload → Burnout",
        "2 barrier, 1 facilitator",
        "contested by the merge",
    )
    assert joined.studies == ("On both 2022", "On rest 2021")


def test_new_evidence_after_a_merge_is_still_a_change(carers: Review, run: Run) -> None:
    run("vocabulary", "merge", "bonus", "Pay", *ON, carers.root)
    with (carers.root / "sheets/findings.csv").open("a", encoding="utf-8") as file:
        file.write("c,Bonus,barrier,Staying,p. 6,Late\n")
    found = [c for c in changes(carers) if c[0] in ("finding", "cell")]
    assert found == [
        ("finding", "in", "Pay → Staying", "", "barrier"),
        ("cell", "strengthened", "Pay → Staying", "1 barrier, 1 facilitator", "2 barrier, 1 facilitator"),
    ]


def test_rows_that_are_one_since_a_merge_count_once_and_are_noted(carers: Review, run: Run) -> None:
    (carers.root / "sheets/findings.csv").write_text(FINDINGS, encoding="utf-8")
    run("vocabulary", "merge", "bonus", "Pay", *ON, carers.root)
    loaded = carers.load()
    assert len(loaded.evidence.findings) == 5
    assert [str(note) for note in loaded.notes] == [
        "sheets/findings.csv, row 3: says the same as row 2 of sheets/findings.csv since terms were merged: it counts once",
        "sheets/findings.csv: 'Bonus': the factor 'Bonus' was merged into 'Pay' on 2026-11-30",
    ]


def test_terms_below_a_merged_term_move_below_the_other(carers: Review, run: Run) -> None:
    ran = run("vocabulary", "merge", "home", "work", *ON, carers.root)
    assert "1 narrower term: Rest; now below 'Work'\n" in ran.err
    assert "rest,Rest,work,,\n" in read(carers, "vocabulary/factors.csv")
    assert changes(carers) == [("vocabulary", "merged", "factor Home", "Home", "Work")]


def test_a_moved_term_changes_its_group_and_nothing_else(carers: Review, run: Run) -> None:
    assert run("vocabulary", "move", "rest", "Work", *ON, carers.root).code == 0
    assert changes(carers) == [("vocabulary", "moved", "factor Rest", "Home", "Work")]
    with carers.graph() as graph:
        groups = {row["id"]: row["group"] for row in graph.table("vocabulary").dicts() if row["kind"] == "factor"}
    assert groups["rest"] == "Work"
    assert run("vocabulary", "move", "rest", *ON, carers.root).code == 0
    assert changes(carers) == [
        ("vocabulary", "moved", "factor Rest", "Home", "Work"),
        ("vocabulary", "moved", "factor Rest", "Home", "no broader term"),
    ]


def test_the_findings_of_a_split_term_stay_on_it_until_a_person_decides(carers: Review, run: Run) -> None:
    ran = run("vocabulary", "split", "Workload", "Caseload", "Paperwork", *ON, carers.root)
    assert (ran.code, ran.err) == (
        0,
        "factor 'Workload' (load): 2 findings of 2 studies, 2 cells\n"
        "effect on the map: no cell opens, closes or turns\n"
        "split into 'Caseload' and 'Paperwork' on 2026-11-30, number 1; written\n"
        "2 rows to recode are listed in vocabulary/changes/recode.csv: fill in the column new_term\n",
    )
    assert read(carers, "vocabulary/changes/recode.csv") == (
        "vocabulary,term,study,factor,direction,outcomes,locator,note,new_term\n"
        "factor,Workload,b,Workload,barrier,Burnout; Staying,p. 3,Many clients,\n"
        "factor,Workload,c,Workload,barrier,Burnout,p. 4,Many forms,\n"
    )
    assert [c for c in changes(carers) if c[0] != "vocabulary"] == []
    assert changes(carers)[1:] == [
        ("vocabulary", "divided", "Workload → Burnout", "2 barrier", "undecided: 2 barrier"),
        ("vocabulary", "divided", "Workload → Staying", "1 barrier", "undecided: 1 barrier"),
    ]
    ran = run("check", "--kind", "undecided-term", "--format", "csv", "-C", carers.root)
    assert ran.out.splitlines()[1] == (
        "note,undecided-term,\"2 findings on the factor 'Workload', which was split into 'Caseload' and 'Paperwork' on "
        '2026-11-30: fill in new_term in vocabulary/changes/recode.csv","vocabulary/changes/recode.csv: Workload [b, c]"'
    )


def test_a_split_says_which_cells_came_of_which(carers: Review, run: Run) -> None:
    run("vocabulary", "split", "Workload", "Caseload", "Paperwork", *ON, carers.root)
    recode(carers, Many_clients="Caseload")
    assert [c for c in changes(carers) if c[1] == "divided"] == [
        (
            "vocabulary",
            "divided",
            "Workload → Burnout",
            "2 barrier",
            "Caseload → Burnout: 1 barrier; undecided: 1 barrier",
        ),
        ("vocabulary", "divided", "Workload → Staying", "1 barrier", "Caseload → Staying: 1 barrier"),
    ]
    recode(carers, Many_forms="Paperwork; Caseload")
    found = changes(carers)
    assert [c for c in found if c[0] in ("cell", "finding", "term", "gap")] == []
    assert found[-2][4] == "Caseload → Burnout: 2 barrier; Paperwork → Burnout: 1 barrier"
    with carers.graph() as graph:
        assert "Workload" not in {row["label"] for row in graph.table("vocabulary").dicts()}, "nothing is on it now"
    assert run("check", "--kind", "undecided-term", "--format", "csv", "-C", carers.root).out.count("\n") == 1


def test_an_outcome_is_split_in_findings_and_in_what_studies_discuss(carers: Review, run: Run) -> None:
    studies = STUDIES.replace("On rest,2021,", "On rest,2021,Burnout")
    (carers.root / "sheets/studies.csv").write_text(studies, encoding="utf-8")
    run("vocabulary", "split", "Burnout", "Exhaustion", "Cynicism", *ON, carers.root)
    assert read(carers, "vocabulary/outcomes.csv") == ("label,broader\nBurnout,\nExhaustion,\nCynicism,\nStaying,\n")
    new = {"Many_clients": "Exhaustion", "Many_forms": "Cynicism", "Time_off": "Exhaustion"}
    recode(carers, **new, the_outcomes_of_the_study="Exhaustion")
    evidence = carers.load().evidence
    assert {f.note: f.outcomes for f in evidence.findings if f.note in ("Many clients", "Many forms")} == {
        "Many clients": ("exhaustion", "staying"),
        "Many forms": ("cynicism",),
    }
    assert [s.outcomes for s in evidence.studies] == [(), ("exhaustion",), ()]
    assert [o.id for o in evidence.outcomes] == ["exhaustion", "cynicism", "staying"]
    assert [c for c in changes(carers) if c[0] in ("cell", "finding", "term")] == []


def test_two_releases_are_compared_by_the_changes_between_them(carers: Review, run: Run) -> None:
    run("vocabulary", "rename", "Pay", "Wage level", *ON, carers.root)
    make_release(carers, "v2", DAY)
    run("vocabulary", "merge", "bonus", "pay", *ON, carers.root)
    run("vocabulary", "rename", "pay", "Money", *ON, carers.root)
    make_release(carers, "v3", DAY)
    of = [c for c in changes(carers, "v1", "v3") if c[1] in ("renamed", "merged", "gone", "new", "opened", "closed")]
    assert of == [
        ("vocabulary", "renamed", "factor Pay", "Pay", "Wage level"),
        ("vocabulary", "renamed", "factor Wage level", "Wage level", "Money"),
        ("vocabulary", "merged", "factor Bonus", "Bonus", "Wage level"),
    ]
    assert [c[:3] for c in changes(carers, "v2", "v3") if c[0] == "vocabulary" and c[1] != "joined"] == [
        ("vocabulary", "renamed", "factor Wage level"),
        ("vocabulary", "merged", "factor Bonus"),
    ]
    back = [c for c in changes(carers, "v3", "v2") if c[0] not in ("number",) and c[1] != "joined"]
    assert back == [
        ("vocabulary", "renamed", "factor Wage level", "Money", "Wage level"),
        ("vocabulary", "merged", "factor Bonus", "Wage level", "Bonus"),
    ], "backwards, the changes are turned, and nothing else differs"
    assert changes(carers, "v3") == []


def test_prisma_lsr_and_the_page_tell_the_change(carers: Review, run: Run, tmp_path: Path) -> None:
    run("vocabulary", "merge", "bonus", "Pay", *ON, carers.root)
    text = run("diff", "v1", "--format", "prisma-lsr", "-C", carers.root).out
    assert "1 term of the vocabularies is merged:\n\n- factor Bonus: Bonus → Pay\n" in text
    assert "- 1 cell joined by a merge of terms: Pay → Staying\n" in text
    assert "opened" not in text and "closed:" not in text
    page = tmp_path / "map.html"
    assert run("export", "html", "--since", "v1", "-o", page, "-C", carers.root).code == 0
    assert '["vocabulary","merged","factor Bonus","Bonus","Pay","number 1, 2026-11-30; 2 findings of 2 studies"]' in (
        page.read_text(encoding="utf-8")
    )


def test_a_value_of_a_facet_is_renamed_and_merged(make_review: MakeReview, run: Run) -> None:
    review = make_review(
        {
            "vocabulary/design.csv": "id,label\nrct,Trial\nqrct,Quasi-trial\nsurvey,Survey\n",
            "sheets/studies.csv": "key,title,design\na,A,Trial\nb,B,Quasi-trial\nc,C,survey\n",
            "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,Burnout\nb,Pay,barrier,Burnout\n",
        }
    )
    with (review.root / "review.toml").open("a", encoding="utf-8") as file:
        file.write('[[map]]\nname = "Designs"\nrows = "design"\ncolumns = "outcome"\n')
    make_release(review, "v1", DAY)
    ran = run("vocabulary", "merge", "Quasi-trial", "rct", *ON, review.root)
    assert (ran.code, ran.err.splitlines()[0]) == (0, "design 'Quasi-trial' (qrct): 0 findings of 1 study, 0 cells")
    assert run("vocabulary", "rename", "survey", "Survey of carers", *ON, review.root).code == 0
    assert changes(review) == [
        ("vocabulary", "renamed", "design Survey", "Survey", "Survey of carers"),
        ("vocabulary", "merged", "design Quasi-trial", "Quasi-trial", "Trial"),
        (
            "vocabulary",
            "joined",
            "Designs: Trial → Burnout",
            "Designs: Quasi-trial → Burnout: 1 barrier; Designs: Trial → Burnout: 1 barrier",
            "2 barrier",
        ),
    ]


def test_the_tables_of_an_article_keep_the_terms_of_its_release(own_example: Review, run: Run) -> None:
    """Two rows of a printed table are one factor now, and a third is split."""
    root = own_example.root
    assert run("vocabulary", "merge", "skill-development", "training", *ON, root).code == 0
    assert run("vocabulary", "split", "role-autonomy", "Freedom", "Control", *ON, root).code == 0
    for table, cells in (("2", 66), ("3", 30)):
        file = root / f"published/table-{table}.csv"
        ran = run("compare", file, "-C", root)
        assert (ran.code, ran.err + ran.out) == (0, f"{file}: all {cells} cells agree\n")
    ran = run("check", "--format", "csv", "-C", root)
    assert ran.err.startswith("0 errors, 55 conflicts, ")


def test_a_study_that_moves_between_reviews_is_told(make_review: MakeReview) -> None:
    config = 'id = "own"\ntitle = "Own"\n\n[[review]]\nid = "other"\ntitle = "Other"\n'
    studies = "key,title,review\na,A,own\nb,B,own; other\n"
    findings = "study,factor,direction,outcomes\na,Pay,barrier,Burnout\nb,Pay,barrier,Burnout\n"
    review = make_review({"review.toml": config, "sheets/studies.csv": studies, "sheets/findings.csv": findings}, "two")
    make_release(review, "v1", DAY)
    assert read(review, "releases/v1/snapshot/reviews.csv") == ("study,review\nkey:a,own\nkey:b,other\nkey:b,own\n")
    (review.root / "sheets/studies.csv").write_text(studies.replace("a,A,own", "a,A,other"), encoding="utf-8")
    (change,) = difference(review, "v1").of("study")
    assert (change.change, change.what, change.before, change.after) == ("changed", "A (a)", "own", "other")
    assert change.why == "the reviews that include it"


def test_a_printed_table_by_an_overlay_keeps_the_terms_of_its_release(make_review: MakeReview, run: Run) -> None:
    head = "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\n"
    row = "n:{0}\t{1}\tskos:exactMatch\tfactor:{2}\tsemapv:ManualMappingCuration\n"
    config = 'id = "r"\ntitle = "R"\n\n[[overlay]]\nname = "needs"\nfile = "vocabulary/needs.sssom.tsv"\n'
    review = make_review(
        {
            "review.toml": config,
            "vocabulary/factors.csv": FACTORS,
            "vocabulary/outcomes.csv": OUTCOMES,
            "vocabulary/needs.sssom.tsv": head
            + row.format("money", "Money", "pay")
            + row.format("time", "Time", "load"),
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS.replace("a,Bonus,facilitator,Staying,p. 1,Paid more\n", ""),
            "published/table.csv": "needs,studies\nMoney,1\nTime,2\nnot mapped,2\n",
        }
    )
    make_release(review, "v1", DAY)
    published = '\n[published]\nrelease = "v1"\n"published/table.csv" = "counts needs"\n'
    (review.root / "review.toml").write_text(config + published, encoding="utf-8")
    assert run("vocabulary", "merge", "bonus", "pay", *ON, review.root).code == 0
    with review.graph() as graph:
        assert {r["needs"]: r["studies"] for r in graph.counts("needs").dicts()}["Money"] == 2, "of studies a and b now"
    ran = run("check", "--kind", "published-table", "--format", "csv", "-C", review.root)
    assert (ran.code, ran.err) == (0, "0 errors, 0 conflicts, 0 notes\n"), ran.out
