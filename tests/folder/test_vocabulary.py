"""Changes of a vocabulary: what is refused, what is read through them, and commands that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import BadInput
from kg.folder.csvtext import CsvText
from kg.folder.review import Review
from tests.conftest import MakeReview, Run
from tests.folder.test_interrupted import KILLED, hidden

FACTORS = "id,label,broader,synonyms\nwork,Work,,\npay,Pay,work,\nbonus,Bonus,work,\nload,Workload,,\nleave,Rest,,\n"
FILES = {
    "vocabulary/factors.csv": FACTORS,
    "vocabulary/outcomes.csv": "label\nBurnout\n",
    "sheets/studies.csv": "key,title\na,A\nb,B\n",
    "sheets/findings.csv": (
        "study,factor,direction,outcomes,locator\na,Bonus,barrier,Burnout,p. 1\nb,Workload,barrier,Burnout,p. 2\n"
    ),
}
CHANGES, RECODE = "vocabulary/changes/migrations.csv", "vocabulary/changes/recode.csv"
HEADER = "number,date,change,vocabulary,term,label,to,to_labels,reason\n"
MERGE = "1,2026-11-30,merge,factor,bonus,Bonus,pay,Pay,\n"
SPLIT = "1,2026-11-30,split,factor,load,Workload,caseload; forms,Caseload; Forms,\n"
ON = ("--date", "2026-11-30", "-C")
MERGED = FACTORS.replace("bonus,Bonus,work,\n", "").replace("pay,Pay,work,", "pay,Pay,work,Bonus")
DIVIDED = FACTORS.replace("leave,", "caseload,Caseload,,\nforms,Forms,,\nleave,")


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(FILES)


def files(review: Review) -> dict[str, bytes]:
    paths = (p for p in review.root.rglob("*") if p.is_file() and ".kg" not in p.parts)
    return {path.relative_to(review.root).as_posix(): path.read_bytes() for path in paths}


REFUSED = {
    ("rename", "Pay", "Rest"): "'Rest' is the name of another factor: kg vocabulary merge makes one of the two",
    ("rename", "Pay", "Pay"): "'Pay' is the label already",
    ("rename", "Py", "Wage"): "no term of the vocabularies is called 'Py'; did you mean Pay?",
    ("rename", "Pay", " "): "a term needs a name",
    ("merge", "Pay", "pay"): "'Pay' cannot be merged into itself",
    ("merge", "Pay", "Wages"): "no factor is called 'Wages'",
    ("split", "Workload", "Caseload"): (
        "'Workload' has to be split into two terms or more; kg vocabulary rename renames it"
    ),
    ("split", "Workload", "Caseload", "caseload"): (
        "'Workload' has to be split into two terms or more; kg vocabulary rename renames it"
    ),
    ("split", "Workload", "Caseload", "Workload"): (
        "'Workload' cannot be one of the terms that it is split into: choose other names"
    ),
    ("split", "Workload", "Forms", "Pay?"): "'Pay?' would have the id 'pay', which 'Pay' has",
    ("move", "Pay", "Work"): "'Pay' is below 'Work' already",
    ("move", "Rest"): "'Rest' is at the top already",
    ("move", "Rest", "--of", "factors"): (
        "there is no vocabulary of 'factors' in vocabulary/; there is factor or outcome"
    ),
    ("rename", "Pay", "Wage", "--date", "1 May"): "--date '1 May' is not a day; accepted: a day such as 2026-11-30",
}


@pytest.mark.parametrize("asked", REFUSED, ids=" ".join)
def test_a_change_that_cannot_be_is_refused_and_nothing_is_written(
    review: Review, run: Run, asked: tuple[str, ...]
) -> None:
    before = files(review)
    ran = run("vocabulary", *asked, "-C", review.root)
    assert (ran.code, ran.err) == (2, f"Error: {REFUSED[asked]}\n")
    assert files(review) == before


def test_a_hierarchy_that_would_run_in_a_circle_is_refused(review: Review, run: Run) -> None:
    before = files(review)
    ran = run("vocabulary", "move", "work", "pay", "-C", review.root)
    assert (ran.code, ran.err) == (
        1,
        "vocabulary/factors.csv, row 2, column 'broader': 'work': the hierarchy runs in a circle: work → pay → work; "
        "accepted: a broader term that is not below this one, or blank\n"
        "Error: 1 problem in vocabulary/factors.csv; the vocabulary was not changed\n",
    )
    assert files(review) == before


_NUMBER_1 = "on 2026-11-30 (number 1 of the changes)"
TWICE = {
    ("rename", "Pay", "Wage"): "'Wage' is the label already",
    ("rename", "Rest", "Time off"): f"'Rest' was renamed to 'Time off' {_NUMBER_1}: it is no factor now",
    ("merge", "Bonus", "Pay"): f"'Bonus' was merged into 'Pay' {_NUMBER_1}: it is no factor now",
    ("split", "load", "Caseload", "Forms"): (f"'Workload' was split into 'Caseload' and 'Forms' {_NUMBER_1}"),
}


@pytest.mark.parametrize("asked", TWICE, ids=" ".join)
def test_a_change_is_made_once(review: Review, run: Run, asked: tuple[str, ...]) -> None:
    assert run("vocabulary", *asked, *ON, review.root).code == 0
    before = files(review)
    ran = run("vocabulary", *asked, *ON, review.root)
    assert (ran.code, ran.err, files(review)) == (2, f"Error: {TWICE[asked]}\n", before)


def test_a_dry_run_says_the_same_and_writes_nothing(review: Review, run: Run) -> None:
    before = files(review)
    ran = run("vocabulary", "split", "load", "Caseload", "Forms", "--dry-run", *ON, review.root)
    assert (ran.code, ran.err) == (
        0,
        "factor 'Workload' (load): 1 finding of 1 study, 1 cell\n"
        "effect on the map: no cell opens, closes or turns\n"
        "would be split into 'Caseload' and 'Forms' on 2026-11-30, number 1; nothing was written\n"
        "1 row to recode would be listed in vocabulary/changes/recode.csv: fill in the column new_term\n",
    )
    assert files(review) == before


def test_a_vocabulary_in_turtle_is_not_changed(make_review: MakeReview, run: Run) -> None:
    turtle = (
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<https://example.org/pay> a skos:Concept ; skos:prefLabel "Pay" .\n'
        '<https://example.org/bonus> a skos:Concept ; skos:prefLabel "Bonus" .\n'
        '<https://example.org/load> a skos:Concept ; skos:prefLabel "Workload" .\n'
    )
    given = {name: text for name, text in FILES.items() if name != "vocabulary/factors.csv"}
    review = make_review({**given, "vocabulary/factors.ttl": turtle})
    ran = run("vocabulary", "rename", "Pay", "Wage", "-C", review.root)
    assert (ran.code, ran.err) == (
        1,
        "Error: cannot change vocabulary/factors.ttl: it is SKOS; kg vocabulary changes a vocabulary in CSV\n",
    )


NONSENSE = {
    "twice": (MERGE + MERGE, 3, "number", "1", "the number stands twice, so that a change would be made twice; the next number is 2"),
    "gap": (MERGE.replace("1,", "2,", 1), 2, "number", "2", "a number is missing; the next number is 1"),
    "change": (MERGE.replace("merge", "marge"), 2, "change", "marge", "is no change of a vocabulary"),
    "day": (MERGE.replace("2026-11-30", "2026-11-31"), 2, "date", "2026-11-31", "is no day"),
    "blank": (MERGE.replace("bonus", ""), 2, "term", "", "the cell is blank"),
    "itself": (MERGE.replace(",pay,Pay", ",bonus,Bonus"), 2, "to", "bonus", "a term of a merge cannot become itself"),
    "split into one": (SPLIT.replace("; forms", "").replace("; Forms", ""), 2, "to", "caseload", "a split is to two or more terms"),
    "renamed id": (MERGE.replace("merge", "rename"), 2, "to", "pay", "a term of a rename keeps its id"),
    "circle": (
        MERGE + "2,2026-11-30,merge,factor,pay,Pay,bonus,Bonus,\n", 3, "to", "bonus",
        "was merged into 'Pay' on 2026-11-30 (number 1); the two would be merged in a circle",
    ),
    "gone": (
        MERGE + "2,2026-11-30,rename,factor,bonus,Bonus,bonus,Extra,\n", 3, "term", "bonus",
        "was merged into 'Pay' on 2026-11-30 (number 1)",
    ),
    "unknown": (MERGE.replace(",pay,", ",wage,"), 2, "to", "wage", "no factor of the vocabulary has this id"),
    "vocabulary": (MERGE.replace("factor", "factors"), 2, "vocabulary", "factors", "there is no such vocabulary"),
}  # fmt: skip


@pytest.mark.parametrize("case", NONSENSE)
def test_a_list_of_changes_that_was_edited_to_nonsense_is_not_read(make_review: MakeReview, case: str) -> None:
    text, row, column, value, reason = NONSENSE[case]
    review = make_review({**FILES, "vocabulary/factors.csv": MERGED, CHANGES: HEADER + text})
    for partial in (False, True):
        with pytest.raises(BadInput) as caught:
            review.load(partial=partial)
        (problem,) = caught.value.problems
        assert (problem.file, problem.row, problem.column, problem.value) == (CHANGES, row, column, value)
        assert problem.reason == reason


def test_a_vocabulary_that_has_a_merged_term_still_is_not_read(make_review: MakeReview) -> None:
    review = make_review({**FILES, CHANGES: HEADER + MERGE})
    with pytest.raises(BadInput) as caught:
        review.load()
    assert [str(problem) for problem in caught.value.problems] == [
        f"{CHANGES}, row 2, column 'term': 'bonus': was merged into 'Pay' on 2026-11-30, and the vocabulary has it still; "
        "accepted: the vocabulary without it, as kg vocabulary left it"
    ]


def test_a_sheet_with_an_old_label_is_read_through_the_change_with_a_note(
    make_review: MakeReview, run: Run, tmp_path: Path
) -> None:
    """Even where somebody removed the synonym."""
    without = MERGED.replace("work,Bonus", "work,")
    review = make_review({**FILES, "vocabulary/factors.csv": without, CHANGES: HEADER + MERGE})
    sheet = tmp_path / "more.csv"
    sheet.write_text("study,factor,direction,outcomes\nb,bonus,barrier,Burnout\n", encoding="utf-8")
    ran = run("add", sheet, "-C", review.root)
    assert ran.code == 0
    assert ran.err.endswith("note: sheets/more.csv: 'bonus': the factor 'Bonus' was merged into 'Pay' on 2026-11-30\n")
    assert {finding.factor for finding in review.load().evidence.findings} == {"pay", "load"}


def test_a_sheet_with_the_label_of_a_split_term_is_told_the_choices(
    make_review: MakeReview, run: Run, tmp_path: Path
) -> None:
    given = {**FILES, "vocabulary/factors.csv": DIVIDED, CHANGES: HEADER + SPLIT}
    review = make_review(given)
    sheet = tmp_path / "more.csv"
    sheet.write_text("study,factor,direction,outcomes,locator\na,Workload,barrier,Burnout,p. 9\n", encoding="utf-8")
    ran = run("add", sheet, "-C", review.root)
    assert ran.err.endswith(
        "note: sheets/more.csv: 'Workload': the factor 'Workload' was split into 'Caseload' and 'Forms' on 2026-11-30; "
        "which of them is meant is not decided\n"
    )
    ran = run("vocabulary", "recode", "-C", review.root)
    assert ran.err == f"{RECODE}: 2 rows added\n"
    assert run("vocabulary", "recode", "-C", review.root).err == f"{RECODE}: 0 rows added\n"
    assert (review.root / RECODE).read_text(encoding="utf-8").splitlines()[1:] == [
        "factor,Workload,b,Workload,barrier,Burnout,p. 2,,",
        "factor,Workload,a,Workload,barrier,Burnout,p. 9,,",
    ]
    without = DIVIDED.replace("load,Workload,,\n", "")
    (review.root / "vocabulary/factors.csv").write_text(without, encoding="utf-8")
    (review.root / RECODE).unlink()
    with pytest.raises(BadInput) as caught:
        review.load()
    assert str(caught.value.problems[0]) == (
        "sheets/findings.csv, row 3, column 'factor': 'Workload': was split into 'Caseload' and 'Forms' on 2026-11-30; "
        "accepted: Caseload; Forms"
    )


ROW = "factor,Workload,b,Workload,barrier,Burnout,p. 2,,"
RECODED = {
    "unknown": (ROW + "Casework", "new_term", "no factor of the vocabulary is called this"),
    "itself": (ROW + "Workload", "new_term", "is the term that was split"),
    "not split": (ROW.replace("factor,Workload", "factor,Pay") + "Forms", "term", "is no factor that was split"),
    "no study": (ROW.replace(",b,", ",z,") + "Forms", "study", "no sheet defines this study"),
    "changed": (ROW.replace("p. 2", "2. Feb") + "Forms", "study", "no finding of the sheets is like this row"),
    "vocabulary": (ROW.replace("factor,", "design,") + "Forms", "vocabulary", "is no vocabulary with split terms"),
}


@pytest.mark.parametrize("case", RECODED)
def test_a_row_to_recode_that_cannot_be_is_a_problem(make_review: MakeReview, case: str) -> None:
    row, column, reason = RECODED[case]
    head = "vocabulary,term,study,factor,direction,outcomes,locator,note,new_term\n"
    given = {**FILES, "vocabulary/factors.csv": DIVIDED, CHANGES: HEADER + SPLIT, RECODE: f"{head}{row}\n"}
    with pytest.raises(BadInput) as caught:
        make_review(given).load()
    (problem,) = caught.value.problems
    assert (problem.file, problem.row, problem.column, problem.reason) == (RECODE, 2, column, reason)


def test_the_mappings_of_an_overlay_follow_their_terms(make_review: MakeReview) -> None:
    head = "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\n"
    rows = "".join(
        f"n:{attribute}\t{attribute.title()}\tskos:{match}\tfactor:{factor}\tsemapv:ManualMappingCuration\n"
        for attribute, match, factor in (
            ("money", "exactMatch", "bonus"), ("money", "closeMatch", "pay"), ("time", "closeMatch", "load")
        )
    )  # fmt: skip
    config = 'id = "r"\ntitle = "R"\n\n[[overlay]]\nname = "needs"\nfile = "vocabulary/needs.sssom.tsv"\n'
    both = MERGED.replace("leave,", "caseload,Caseload,,\nforms,Forms,,\nleave,")
    review = make_review(
        {
            **FILES,
            "review.toml": config,
            "vocabulary/factors.csv": both,
            "vocabulary/needs.sssom.tsv": head + rows,
            CHANGES: HEADER + MERGE + SPLIT.replace("1,", "2,", 1),
            "sheets/findings.csv": FILES["sheets/findings.csv"].replace("Workload", "Forms"),
        }
    )
    loaded = review.load()
    (overlay,) = loaded.evidence.overlays
    assert [(m.value, m.predicate, m.concept) for m in overlay.matches] == [("money", "exactMatch", "pay")]
    file = "vocabulary/needs.sssom.tsv"
    assert [str(note) for note in loaded.notes if note.file == file] == [
        f"{file}, row 3, column 'object_id': 'factor:pay': maps the same pair as row 2 since terms were merged: that row "
        "counts",
        f"{file}, row 4, column 'object_id': 'factor:load': the factor 'Workload' was split into 'Caseload' and 'Forms' on "
        "2026-11-30: the mapping is left out; accepted: a mapping of each of the new terms",
    ]


#: After the journal was written, and after the first file was placed.
@pytest.mark.parametrize("step", [("complete", "2"), ("to_disk", "5")])
def test_a_change_that_was_killed_is_completed_by_the_next_command(
    review: Review, run: Run, step: tuple[str, str]
) -> None:
    command = [sys.executable, "-c", KILLED, *step, "vocabulary", "split", "load", "Caseload", "Forms", *ON]
    killed = subprocess.run([*command, str(review.root)], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    review.load()
    ran = run("vocabulary", "recode", "-C", review.root)
    assert ran.err.startswith("completed an earlier command that was interrupted: vocabulary/factors.csv\n")
    assert ran.err.endswith(f"{RECODE}: 0 rows added\n")
    assert (review.root / CHANGES).read_text(encoding="utf-8") == HEADER + SPLIT
    assert (review.root / "vocabulary/factors.csv").read_text(encoding="utf-8") == DIVIDED
    assert (review.root / RECODE).read_text(encoding="utf-8").splitlines()[1:] == [ROW]
    assert hidden(review) == []


def test_a_change_that_was_killed_before_its_journal_is_not_there(review: Review, run: Run) -> None:
    before = files(review)
    command = [sys.executable, "-c", KILLED, "to_disk", "2", "vocabulary", "merge", "bonus", "pay", *ON]
    killed = subprocess.run([*command, str(review.root)], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert {name: text for name, text in files(review).items() if "/." not in name} == before
    assert run("vocabulary", "merge", "bonus", "pay", *ON, review.root).code == 0
    assert hidden(review) == []


def test_other_rows_of_a_csv_file_keep_their_bytes() -> None:
    text = '\ufeffid;label;"notes, own"\r\na;"Pay; more";  kept \r\n\r\nb;"two\r\nlines";x'
    sheet = CsvText(text)
    assert sheet.rows[1] == ["a", "Pay; more", "  kept "]
    sheet.set(3, {1: "=one"})
    sheet.insert(2, ["c", "New", ""])
    assert sheet.text() == ('\ufeffid;label;"notes, own"\r\na;"Pay; more";  kept \r\nc;New;\r\n\r\nb;\'=one;x\r\n')
