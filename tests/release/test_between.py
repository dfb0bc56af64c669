"""``kg diff``: releases, revisions of git and the folder as it is, in every format."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from kg.errors import KgError, UnknownName
from kg.folder.review import Review
from kg.release.between import difference, state
from kg.release.make import make_release
from tests.conftest import MakeReview, Run
from tests.release.conftest import FINDINGS, STUDIES, add, edit

DAY = "2026-11-30"


GIT = shutil.which("git") or "git"


def git(root: Path, *arguments: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run([GIT, "-C", str(root), *named, *arguments], check=True, capture_output=True)


def parts(review: Review, before: str, after: str = "now") -> list[tuple[str, str, str]]:
    return [(c.part, c.change, c.what) for c in difference(review, before, after).changes]


@pytest.fixture
def changed(carers: Review) -> Review:
    """The review after its release v1: a study more, which contests a cell, and a criterion less."""
    make_release(carers, "v1", DAY)
    add(carers, "sheets/studies.csv", "d,10.1000/d,On pay again,2024,Dean D,trial\n")
    add(carers, "sheets/findings.csv", "d,Pay,barrier,Burnout,p. 4,\n")
    add(carers, "records/searches.csv", "s2,2026-10-01,CINAHL,carers,30\n")
    edit(carers, "review.toml", '["About carers"]', '["About carers", "In any language"]')
    return carers


CHANGES = [
    ("study", "in", "Dean 2024 (d)"),
    ("cell", "opened", "Designs: trial → Burnout"),
    ("cell", "strengthened", "Pay → Burnout"),
    ("cell", "contested", "Pay → Burnout"),
    ("gap", "new", "Designs: trial → Burnout"),
    ("gap", "new", "Designs: trial → Clarity"),
    ("gap", "new", "Pay → Burnout"),
    ("gap", "closed", "Pay → Burnout"),
    ("gap", "closed", "Pay → Burnout"),
    ("number", "changed", "Burnout"),
    ("number", "changed", "Pay / barrier"),
    ("term", "new", "design design:trial"),
    ("criterion", "new", "inclusion criterion"),
    ("search", "new", "s2"),
]


def test_a_release_and_now(changed: Review) -> None:
    assert parts(changed, "v1") == CHANGES
    make_release(changed, "v2", DAY)
    assert parts(changed, "v1", "v2") == CHANGES
    assert parts(changed, "v2") == []


def test_the_order_of_a_vocabulary_changes_nothing(make_review: MakeReview) -> None:
    files = {
        "vocabulary/outcomes.csv": "id,label\nburnout,Burnout\nclarity,Clarity\n",
        "sheets/studies.csv": STUDIES,
        "sheets/findings.csv": FINDINGS + 'a,Rest,barrier,"Clarity; Burnout",p. 9,\n',
    }
    review = make_review(files)
    make_release(review, "v1", DAY)
    (review.root / "vocabulary" / "outcomes.csv").write_text("id,label\nclarity,Clarity\nburnout,Burnout\n", "utf-8")
    assert parts(review, "v1") == []


def test_two_revisions_of_git(changed: Review) -> None:
    """The folder is not at the top of the repository, and the working tree is not touched."""
    top = changed.root.parent
    git(top, "init", "-q")
    edit(changed, "review.toml", ', "In any language"', "")
    git(top, "add", ".")
    git(top, "commit", "-qm", "one")
    git(top, "tag", "old")
    add(changed, "sheets/studies.csv", "e,10.1000/e,On rest again,2025,Eve E,trial\n")
    git(top, "add", ".")
    git(top, "commit", "-qm", "two")
    edit(changed, "sheets/studies.csv", "On rest again", "Something else")
    assert parts(changed, "old", "HEAD") == [("study", "in", "Eve 2025 (e)")]
    assert parts(changed, "HEAD") == [("study", "changed", "Eve 2025 (e)")]
    assert "criterion" not in {part for part, _, _ in parts(changed, "v1", "HEAD~1")}


def test_a_release_goes_before_a_revision_of_its_name(changed: Review) -> None:
    git(changed.root, "init", "-q")
    git(changed.root, "add", ".")
    git(changed.root, "commit", "-qm", "one")
    git(changed.root, "tag", "v1")
    assert len(state(changed, "v1").studies) == 3
    assert len(state(changed, "HEAD").studies) == 4


@pytest.mark.parametrize("name", ["v2", "--upload-pack=x", "HEAD", ""])
def test_an_unknown_state_is_named(changed: Review, name: str) -> None:
    with pytest.raises(UnknownName) as error:
        state(changed, name)
    assert str(error.value).startswith(f"no release or revision of git is called {name!r}; did you mean ")
    assert "v1" in error.value.choices


def test_a_revision_without_the_folder_is_named(changed: Review, tmp_path: Path) -> None:
    top = changed.root.parent
    git(top, "init", "-q")
    git(top, "commit", "-qm", "none", "--allow-empty")
    with pytest.raises(KgError, match=r"^HEAD: the folder had no review\.toml at this revision$"):
        state(changed, "HEAD")


def test_links_in_git_are_not_followed(changed: Review, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("key,title\nx,Secret\n", encoding="utf-8")
    (changed.root / "sheets" / "more.csv").symlink_to(tmp_path / "secret.csv")
    git(changed.root, "init", "-q")
    git(changed.root, "add", ".")
    git(changed.root, "commit", "-qm", "one")
    assert len(state(changed, "HEAD").studies) == 4


def test_a_doi_that_changes_renames_the_study(carers: Review) -> None:
    make_release(carers, "v1", DAY)
    edit(carers, "sheets/studies.csv", "10.1000/b", "10.1000/other")
    assert [(c.part, c.change, c.before, c.after) for c in difference(carers, "v1").changes] == [
        ("study", "renamed", "doi:10.1000/b", "doi:10.1000/other"),
        ("study", "changed", "10.1000/b", "10.1000/other"),
    ]


NOTICES = """Record ID,Title,RetractionDOI,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason
1,On pay,10.1000/n,1/31/2026 0:00,10.1000/a,0,Retraction,+Error in Data;
"""


def test_a_study_of_a_release_that_is_retracted(carers: Review) -> None:
    make_release(carers, "v1", DAY)
    edit(carers, "sheets/findings.csv", "b,Pay,facilitator,Burnout,p. 2,\n", "")
    (carers.root / "standing").mkdir()
    (carers.root / "standing" / "retractions.csv").write_text(NOTICES, encoding="utf-8")
    (change,) = difference(carers, "v1").of("standing")
    assert (change.change, change.what, change.before, change.after) == (
        "retracted",
        "Adams 2020 (a)",
        "not checked",
        "retracted",
    )
    assert change.why == (
        "Retraction Watch 2026-01-31: Error in Data; it is in 2 cells, 2 of which rest on it alone: "
        "Designs: survey → Burnout, Pay → Burnout"
    )
    assert len(read_standing(carers)) == 3


def read_standing(review: Review) -> list[str]:
    """A release keeps what was known of its studies on its day."""
    return [row["standing"] for row in state(review, "v1").studies.values() if row["standing"] == ""]


def test_every_format(changed: Review, run: Run, tmp_path: Path) -> None:
    ran = run("diff", "v1", "-C", changed.root, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert (ran.code, len(rows)) == (0, len(CHANGES) + 9)
    assert rows[0] == {
        "part": "study",
        "change": "in",
        "what": "Dean 2024 (d)",
        "before": "",
        "after": "doi:10.1000/d",
        "why": "1 finding in sheets/findings.csv",
        "studies": "Dean 2024",
    }
    found = json.loads(run("diff", "v1", "-C", changed.root, "--format", "json").out)
    assert found[0]["studies"] == ["Dean 2024"]
    assert run("diff", "v1", "-C", changed.root).out.startswith("What changed from v1 to now\npart ")
    assert run("diff", "v1", "now", "-C", changed.root, "--format", "md").out.startswith("| part | change |")
    ran = run("diff", "v1", "-C", changed.root, "--format", "prisma-lsr", "-o", tmp_path / "changes.md")
    assert ran.err == f"wrote {tmp_path / 'changes.md'}\n"


def test_a_revision_has_the_release_that_it_names(changed: Review) -> None:
    add(changed, "review.toml", '\n[published]\nrelease = "v1"\n')
    git(changed.root, "init", "-q")
    git(changed.root, "add", ".")
    git(changed.root, "commit", "-qm", "one")
    assert parts(changed, "HEAD") == []


def test_an_unknown_name_has_suggestions(changed: Review, run: Run) -> None:
    ran = run("diff", "v0", "-C", changed.root)
    assert (ran.code, ran.err) == (2, "Error: no release or revision of git is called 'v0'; did you mean v1 or now?\n")


PRISMA = f"""# What helps carers: changes from v1 ({DAY}) to v2 (2026-12-01)

## Version (items 1 and 3)

This is version v2 (2026-12-01). The last search is of 2026-01-31.
The preceding version is v1 ({DAY}).

## Living mode (item L1)

The searches are to be repeated every 6 months.

## What triggered this version

The authors state: Searched \\*CINAHL\\*, too.

Since the preceding version there are 1 search, 1 new study.
- 2026-10-01; CINAHL; carers; 30 hits

## Changes to the methods (items 4 and L2)

Searched since the preceding version for the first time: CINAHL.

1 criterion is new:

- inclusion criterion: In any language

1 term of the vocabularies is new:

- design design:trial: trial

## Flow of studies across versions (item 16)

The preceding version has 3 studies: 3 are kept and 0 are removed.
1 study is new. This version has 4.

| stage | v1 | v2 |
| --- | --- | --- |
| included | 3 (as printed) | 3 (as printed) |
| studies in this review | 3 | 4 |

- new: Dean 2024 (d): 1 finding in sheets/findings\\.csv

## Changes to the results (item L3)

| counted | v1 | v2 |
| --- | --: | --: |
| studies | 3 | 4 |
| findings | 3 | 4 |
| factors | 2 | 2 |
| outcomes | 2 | 2 |
| cells | 4 | 5 |
| contested cells | 0 | 1 |
| gaps | 8 | 9 |
| searches | 1 | 2 |
| retracted studies | 0 | 0 |

- 1 cell opened: Designs: trial → Burnout
- 1 cell strengthened: Pay → Burnout
- 1 cell contested: Pay → Burnout
- 3 gaps new: Designs: trial → Burnout (one-study); Designs: trial → Clarity (no-study); Pay → Burnout (contested)
- 2 gaps closed: Pay → Burnout (one-design); Pay → Burnout (one-direction)

## Authors (item L4)

The authors of this version are J Doe; Rita Roe; A Lee.
New since the preceding version: A Lee.
No longer an author: The Carers' Trust.

## To be written by the authors

- whether the review leaves the living mode with this version (item 2)
- why the living mode is used (item 3)
- the schedule of the other steps, and the plan to retire the living mode, or that there is none (item L1)
- why the question and methods were changed (items 4 and L2), and changes that are in no file
- what the changed results mean for practice, policy and research (item L3)
- the limitations of the living mode
- what each author did, and in which version (item L4)
"""


def test_the_text_for_prisma_lsr(changed: Review, run: Run) -> None:
    config = (changed.root / "review.toml").read_text(encoding="utf-8")
    config = config.replace("The Carers' Trust", "Lee A")
    added = 'changes = "Searched *CINAHL*, too."\nupdate_every = 6\n'
    (changed.root / "review.toml").write_text(added + config, encoding="utf-8")
    make_release(changed, "v2", "2026-12-01")
    ran = run("diff", "v1", "v2", "-C", changed.root, "--format", "prisma-lsr")
    assert ran.out == PRISMA


def test_the_text_of_no_change(carers: Review, run: Run) -> None:
    make_release(carers, "v1", DAY)
    text = run("diff", "v1", "-C", carers.root, "--format", "prisma-lsr").out
    assert "This is the state now. The last search is of 2026-01-31.\n" in text
    assert "No search, study or notice is new.\n" in text
    assert "The question, the criteria, the sources and the vocabularies are the same.\n" in text
    assert "- the schedule of the searches (item L1); update_every of review.toml, in months, is not set\n" in text
    assert "- findings of studies" not in text and "## Living mode" not in text
