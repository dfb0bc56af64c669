"""``kg build`` in a folder of review folders: each has a graph of its own, and one that is wrong keeps no other out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import UsageProblem
from kg.folder.review import Review, check_one_store
from tests.conftest import MakeReview, Run

FILES = {"sheets/studies.csv": "key,title\na,A\n", "sheets/findings.csv": "study,factor,direction\na,Pay,barrier\n"}
COUNTS = "1 study, 1 finding, 1 factor, 0 outcomes"


@pytest.fixture
def workspace(make_review: MakeReview) -> Path:
    """Three reviews, of which the second has a direction that is none."""
    for name in ("alpha", "beta", "gamma"):
        given = {"review.toml": f'id = "{name}"\ntitle = "{name}"\n', **FILES}
        root = make_review(given, f"reviews/{name}").root.parent
    (root / "beta" / "sheets" / "findings.csv").write_text("study,factor,direction\na,Pay,sideways\n", "utf-8")
    return root


def test_each_review_is_built_and_the_wrong_ones_are_named(workspace: Path, run: Run) -> None:
    ran = run("build", "-C", workspace)
    lines = ran.err.splitlines()
    assert (ran.code, ran.out) == (1, "")
    assert lines[0] == f"built: {COUNTS} in embedded:{workspace / 'alpha' / '.kg' / 'graph'}"
    assert lines[1].startswith("beta/sheets/findings.csv, row 2, column 'direction': 'sideways': ")
    assert lines[2:] == [
        "beta: 1 problem in sheets/findings.csv; nothing was loaded",
        f"built: {COUNTS} in embedded:{workspace / 'gamma' / '.kg' / 'graph'}",
        "Error: 1 of 3 review folders was not built: beta",
    ]
    (workspace / "beta" / "sheets" / "findings.csv").write_text(FILES["sheets/findings.csv"], encoding="utf-8")
    again = run("build", "-C", workspace)
    assert (again.code, [line.partition(":")[0] for line in again.err.splitlines()]) == (
        0,
        ["up to date", "built", "up to date"],
    )


def test_one_embedded_store_is_refused_before_anything_is_built(workspace: Path, run: Run, tmp_path: Path) -> None:
    ran = run("build", "-C", workspace, "--store", f"embedded:{tmp_path / 'one'}")
    assert (ran.code, ran.err) == (
        2,
        f"Error: embedded:{tmp_path / 'one'} holds one review, and the folder has 3: leave --store out, so that each "
        "folder has a graph of its own, or name a server\n",
    )
    assert not (tmp_path / "one").exists() and not (workspace / "alpha" / ".kg").exists()


def test_two_folders_of_one_review_do_not_go_to_one_server(workspace: Path) -> None:
    (workspace / "gamma" / "review.toml").write_text('id = "alpha"\ntitle = "G"\n', encoding="utf-8")
    reviews = [Review(workspace / name) for name in ("alpha", "beta", "gamma")]
    check_one_store(reviews[:2], "neo4j://127.0.0.1:7687")
    check_one_store(reviews, None)
    with pytest.raises(
        UsageProblem, match=r"^the folders alpha and gamma are both the review 'alpha': a server holds a "
    ):
        check_one_store(reviews, "neo4j://127.0.0.1:7687")
