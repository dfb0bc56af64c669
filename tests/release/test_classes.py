"""The classes of evidence in releases, differences and previews: by default the empirical studies, as tables have it."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from kg.errors import KgError, UsageProblem
from kg.folder.frozen import seal
from kg.folder.review import Review
from kg.query.part import Part
from kg.release.about import as_json
from kg.release.between import difference, state
from kg.release.changes import Change
from kg.release.make import make_release
from kg.release.of_evidence import snapshot_of_evidence
from tests.conftest import MakeReview, Run
from tests.release.conftest import CONFIG, FINDINGS, STUDIES, add, edit
from tests.release.test_preview import told

DAY = "2026-11-30"
LEFT = "(evidence = empirical or not coded; without 1 grey in v1 and 1 grey, 1 review in now)"


@pytest.fixture
def mixed(make_review: MakeReview) -> Review:
    """Two studies without a class and one of grey literature, released as v1; then a review comes in."""
    studies = STUDIES.replace("design\n", "design,evidence\n").replace("interviews\n", "interviews,grey\n")
    studies = studies.replace("survey\n", "survey,\n")
    files = {"review.toml": CONFIG, "sheets/studies.csv": studies, "sheets/findings.csv": FINDINGS}
    review = make_review(files)
    make_release(review, "v1", DAY)
    add(review, "sheets/studies.csv", "d,10.1000/d,On pay again,2024,Dean D,,review\n")
    add(review, "sheets/findings.csv", "d,Pay,barrier,Burnout,p. 4,\n")
    return review


def told_cells(review: Review, evidence: str) -> list[tuple[str, str]]:
    return [(c.change, c.what) for c in difference(review, "v1", evidence=evidence).of("cell")]


def test_a_difference_counts_the_empirical_studies_unless_asked(mixed: Review) -> None:
    assert difference(mixed, "v1").changes == ()
    assert [c.what for c in difference(mixed, "v1", evidence="all").of("study")] == ["Dean 2024 (d)"]
    assert told_cells(mixed, "all") == [("strengthened", "Pay → Burnout"), ("contested", "Pay → Burnout")]


def test_a_difference_has_the_gaps_and_numbers_that_tables_have(mixed: Review) -> None:
    make_release(mixed, "v2", DAY)
    for evidence in ("empirical", "all"):
        now, release = state(mixed, "now", evidence), state(mixed, "v2", evidence)
        assert (now.gaps, now.numbers, now.cells) == (release.gaps, release.numbers, release.cells)
        with Part(evidence=(evidence,)).of(mixed.graph()) as part:
            kinds = sorted(row["kind"] for row in part.gaps().dicts())
            counted = {row["outcome"]: row["studies"] for row in part.table("outcomes").dicts()}
        assert sorted(kind for map_, kind, _, _ in now.gaps if map_ == "factors and outcomes") == kinds
        found = {row: n for (table, row, _), n in now.numbers.items() if table == "outcomes"}
        assert found == {name.lower(): n for name, n in counted.items()}
    assert counted == {"Burnout": 3, "Clarity": 1}


def test_the_tables_of_a_release_count_what_kg_table_counts(mixed: Review, run: Run) -> None:
    root = make_release(mixed, "v2", DAY).root
    printed = run("table", "evidence-counts", "--format", "csv", "-C", mixed.root).out
    assert (root / "evidence-counts.csv").read_text(encoding="utf-8") == printed
    with (root / "studies.csv").open(encoding="utf-8") as file:
        assert [row["evidence"] for row in csv.DictReader(file)] == ["", "", "grey", "review"]
    says = json.loads((root / "release.json").read_text(encoding="utf-8"))
    left = "evidence = empirical or not coded: 2 of 4 studies; without 1 review, 1 grey, which --evidence all counts"
    assert (says["tables"], says["counts"]["studies"]) == (left, 4)
    assert f"The tables count the studies with {left}." in (root / "CITATION.cff").read_text(encoding="utf-8")


def test_the_evidence_of_a_folder_has_the_numbers_of_its_graph(mixed: Review) -> None:
    for evidence in ("empirical", "all"):
        without = snapshot_of_evidence(mixed.load().evidence, "now", evidence)
        with_graph = state(mixed, "now", evidence)
        cells = {key: cell for key, cell in with_graph.cells.items() if key[0] == "factors and outcomes"}
        assert {key: n for key, n in without.numbers.items() if n} == {k: n for k, n in with_graph.numbers.items() if n}
        assert (without.studies, without.cells) == (with_graph.studies, cells)


def test_a_study_of_another_class_says_so(mixed: Review) -> None:
    edit(mixed, "sheets/studies.csv", "survey,\nb", "survey,opinion\nb")
    (out,) = difference(mixed, "v1").of("study")
    assert (out.change, out.why) == ("out", "its class of evidence is now opinion, which is not counted")
    edit(mixed, "sheets/studies.csv", "interviews,grey", "interviews,")
    (into,) = difference(mixed, "v1").of("study", "in")
    assert into == Change(
        "study",
        "in",
        "Clark 2022 (c)",
        "",
        "key:c",
        "its class of evidence was grey, which is not counted",
        into.studies,
    )


def test_the_output_says_what_is_counted(mixed: Review, run: Run) -> None:
    assert " ".join(run("diff", "v1", "-C", mixed.root).out.split()).startswith(f"What changed from v1 to now {LEFT}")
    assert run("diff", "v1", "-C", mixed.root, "--evidence", "all").out.startswith("What changed from v1 to now\n")
    assert (
        f"Studies are counted as follows: {LEFT}.\n"
        in run("diff", "v1", "-C", mixed.root, "--format", "prisma-lsr").out
    )


def test_the_preview_counts_the_same(mixed: Review, run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "key,title,evidence,factor,direction,outcomes,locator,pole\ne,E,grey,Sleep,barrier,Burnout,p. 8,\n", "utf-8"
    )
    given = ("add", tmp_path / "more.csv", "--dry-run", "-C", mixed.root)
    assert told(run(*given).err) == [
        "effect on the map: no cell opens, closes or turns; not counted: 1 grey in, see --evidence all"
    ]
    assert told(run(*given, "--evidence", "all").err) == [
        "effect on the map with all classes of evidence: 1 study in; 1 cell opened",
        "  opened: Sleep → Burnout: 1 barrier (in: E)",
    ]


def test_a_release_from_before_classes_is_read(mixed: Review) -> None:
    """It has no column for the class; that of its sheet tells whether its gaps are those of empirical studies."""
    release = mixed.root / "releases" / "v1"
    make_old(release)
    with pytest.raises(
        KgError, match=r"^release v1 has studies that are not empirical, and .*: compare with --evidence all$"
    ):
        state(mixed, "v1")
    assert len(state(mixed, "v1", "all").studies) == 3
    edit(mixed, "releases/v1/studies.csv", "grey", "")
    make_old(release)
    assert len(state(mixed, "v1").studies) == 3


def make_old(release: Path) -> None:
    """Take the column of classes out of a snapshot, and seal the release again."""
    for path in sorted((release / "snapshot").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if rows and "evidence" in rows[0]:
            names = [name for name in rows[0] if name != "evidence"]
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
                writer.writeheader()
                writer.writerows(row for row in rows if row["evidence"] != "empirical")
    says = json.loads((release / "release.json").read_text(encoding="utf-8"))
    says["files"] = {name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in says["files"]}
    says["seal"] = seal(says)
    (release / "release.json").write_text(as_json(says), encoding="utf-8")


def test_marks_on_the_map_are_of_the_classes_that_it_shows() -> None:
    assert Part().compared() == Part(evidence=("empirical",)).compared() == "empirical"
    assert Part(evidence=("all",)).compared() == "all"
    with pytest.raises(
        UsageProblem, match=r"^a release has the gaps and numbers of --evidence empirical and all, and of"
    ):
        Part(evidence=("grey",)).compared()
