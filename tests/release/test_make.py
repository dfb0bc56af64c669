"""``kg release`` and ``kg releases``: what is frozen, and that it stays so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import BadInput, KgError, UsageProblem
from kg.folder.frozen import check_name, read_release, read_rows, release_names
from kg.folder.review import Review
from kg.release.between import state
from kg.release.make import list_releases, make_release
from kg.release.of_evidence import snapshot_of_evidence
from tests.conftest import Run
from tests.release.conftest import add, edit

DAY = "2026-11-30"
FILES = [
    "CITATION.cff",
    "characteristics.csv",
    "contested.csv",
    "coverage.csv",
    "datapackage.json",
    "designs.csv",
    "evidence-by-year.csv",
    "evidence-counts.csv",
    "facets.toml",
    "findings.csv",
    "flow.csv",
    "gap-map.csv",
    "gaps.csv",
    "map-designs.csv",
    "matrix.csv",
    "outcomes.csv",
    "release.json",
    "review.csv",
    "ro-crate-metadata.json",
    "searches.csv",
    "single-study.csv",
    "snapshot/cells.csv",
    "snapshot/criteria.csv",
    "snapshot/findings.csv",
    "snapshot/flow.csv",
    "snapshot/gaps.csv",
    "snapshot/numbers.csv",
    "snapshot/searches.csv",
    "snapshot/studies.csv",
    "snapshot/terms.csv",
    "sources.csv",
    "standing.csv",
    "stated-gaps.csv",
    "studies.csv",
    "vocabulary.csv",
]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_holds_the_state_of_the_review(carers: Review, run: Run) -> None:
    ran = run("release", "v1.0", "--date", DAY, "-C", carers.root)
    assert (ran.code, ran.err) == (0, f"wrote {carers.root / 'releases' / 'v1.0'}: 35 files; 3 studies, 3 findings\n")
    folder = carers.root / "releases" / "v1.0"
    assert sorted(files(folder)) == FILES
    assert (folder / "snapshot" / "cells.csv").read_text(encoding="utf-8") == (
        "map,row,column,segment,study\n"
        "Designs,design:interviews,clarity,barrier,key:c\n"
        "Designs,design:survey,burnout,facilitator,doi:10.1000/a\n"
        "Designs,design:survey,burnout,facilitator,doi:10.1000/b\n"
        "factors and outcomes,pay,burnout,facilitator,doi:10.1000/a\n"
        "factors and outcomes,pay,burnout,facilitator,doi:10.1000/b\n"
        "factors and outcomes,rest,clarity,absence barrier,key:c\n"
    )
    says = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert (says["name"], says["date"], says["review"]["inclusion_criteria"]) == ("v1.0", DAY, ["About carers"])
    assert says["counts"]["studies"] == 3
    assert list(says["inputs"]) == [
        "records/searches.csv",
        "review.toml",
        "sheets/findings.csv",
        "sheets/studies.csv",
    ]
    assert sorted(says["files"]) == [name for name in FILES if name != "release.json"]


def test_the_same_state_gives_the_same_bytes(carers: Review) -> None:
    one = files(make_release(carers, "v1", DAY).root)
    (carers.root / "releases" / "v1").rename(carers.root / "elsewhere")
    carers.build(force=True)
    assert files(make_release(carers, "v1", DAY).root) == one


def test_a_release_gives_back_the_state_from_which_it_was_made(carers: Review) -> None:
    now = state(carers, "now")
    make_release(carers, "v1", DAY)
    release = state(carers, "v1")
    assert (release.name, release.date) == ("v1", DAY)
    for part in ("review", "studies", "findings", "cells", "gaps", "terms", "searches", "numbers", "flow"):
        assert getattr(release, part) == getattr(now, part)
        assert getattr(now, part)


def test_the_evidence_of_a_folder_gives_the_state_of_its_graph(example: Review) -> None:
    with_graph = state(example, "now")
    without = snapshot_of_evidence(example.load().evidence, "now")
    for part in ("review", "studies", "findings", "cells", "numbers"):
        assert getattr(without, part) == getattr(with_graph, part)


def test_segments_of_a_map_are_known_by_id(carers: Review) -> None:
    """A study without a value of the segments is in the cell by its coding status."""
    edit(carers, "review.toml", 'columns = "outcome"\n', 'columns = "outcome"\nsegments = "country"\n')
    edit(carers, "sheets/studies.csv", "authors,design\n", "authors,design,country\n")
    edit(carers, "sheets/studies.csv", "Adams A,survey\n", "Adams A,survey,Côte d'Ivoire\n")
    edit(carers, "sheets/studies.csv", "Brown B,survey\n", "Brown B,survey,\n")
    edit(carers, "sheets/studies.csv", "Clark C,interviews\n", "Clark C,interviews,Mali\n")
    cells = state(carers, "now").cells
    assert cells["Designs", "design:survey", "burnout"] == {
        "country:cote-d-ivoire": {"doi:10.1000/a"},
        "not extracted": {"doi:10.1000/b"},
    }


def test_a_name_is_taken_once(carers: Review, run: Run) -> None:
    make_release(carers, "v1", DAY)
    before = files(carers.root / "releases")
    for name in ("v1", "V1"):
        ran = run("release", name, "-C", carers.root)
        assert (ran.code, ran.err) == (
            2,
            "Error: releases/v1 is already there: a release is never written over\n",
        )
    assert files(carers.root / "releases") == before


@pytest.mark.parametrize("name", ["", "..", ".v1", "-v1", "v 1", "a/b", "v1.", "now", "Now", "v" * 65, "vé"])
def test_a_name_is_one_of_a_folder_everywhere(name: str) -> None:
    with pytest.raises(UsageProblem) as error:
        check_name(name)
    assert str(error.value).startswith(f"{name!r} cannot be the name of a release; accepted: up to 64 letters")


def test_a_day_is_a_day(carers: Review, run: Run) -> None:
    ran = run("release", "v1", "--date", "2026-02-30", "-C", carers.root)
    assert (ran.code, ran.err) == (2, "Error: --date '2026-02-30' is not a day; accepted: a day such as 2026-11-30\n")
    assert not (carers.root / "releases").exists()


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("gaps.csv", "edit"),
        ("snapshot/cells.csv", "edit"),
        ("CITATION.cff", "remove"),
        ("snapshot/more.csv", "edit"),
        ("release.json", "edit"),
    ],
)
def test_an_edited_release_is_found(carers: Review, run: Run, file: str, change: str) -> None:
    release = make_release(carers, "v1", DAY)
    assert release.edited() == []
    path = release.root / file
    if change == "remove":
        path.unlink()
    elif file == "release.json":
        path.write_text(path.read_text(encoding="utf-8").replace(DAY, "2020-01-01"), encoding="utf-8")
    else:
        add(carers, f"releases/v1/{file}", "x\n")
    assert read_release(carers.root, "v1").edited() == [file]
    listed = run("releases", "-C", carers.root, "--format", "json")
    assert (listed.code, json.loads(listed.out)[0]["edited"]) == (1, [file])
    assert listed.err == "1 release edited after the release: v1\n"
    compared = run("diff", "v1", "-C", carers.root)
    assert compared.code == 1
    assert compared.err == (
        f"releases/v1/{file}: was edited after the release; accepted: the file as it was released, e.g. from git; a "
        f"change of the evidence goes into a new release\nError: 1 problem in releases/v1/{file}; the release was not "
        "read\n"
    )
    checked = run("check", "--kind", "edited-release", "--format", "csv", "-C", carers.root)
    assert checked.code == 1
    assert f"error,edited-release,releases/v1/{file} was edited after the release" in checked.out


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_of_the_release_is_an_edit(carers: Review, tmp_path: Path, kind: str) -> None:
    """A link is not followed out of the release, and a pipe is not opened: that would wait for ever."""
    release = make_release(carers, "v1", DAY)
    path = release.root / "gaps.csv"
    shutil.copyfile(path, tmp_path / "gaps.csv")
    path.unlink()
    if kind == "link":
        path.symlink_to(tmp_path / "gaps.csv")
    else:
        os.mkfifo(path)
    assert release.edited() == ["gaps.csv"]


def test_files_that_systems_leave_in_folders_are_no_edit(carers: Review) -> None:
    release = make_release(carers, "v1", DAY)
    (release.root / ".DS_Store").write_bytes(b"\0")
    assert release.edited() == []


def test_a_broken_description_is_named(carers: Review, run: Run) -> None:
    release = make_release(carers, "v1", DAY)
    for text in ("{", "[]", '{"name": "v1"}'):
        (release.root / "release.json").write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match=r"releases/v1/release\.json; the release was not read"):
            read_release(carers.root, "v1")
        assert next(list_releases(carers.root).dicts())["edited"] == ["release.json"]
    assert run("check", "--kind", "input", "-C", carers.root).code == 1


_KILLED = """
import os, sys
from kg.folder.review import Review
from kg.release.make import make_release
from pathlib import Path
left, sync = int(sys.argv[2]), os.fsync
def fsync(handle):
    global left
    left -= 1
    sync(handle) if left else os._exit(9)
os.fsync = fsync
make_release(Review(Path(sys.argv[1])), "v1", "2026-11-30")
"""


@pytest.mark.parametrize("written", [1, 20, 36])
def test_a_killed_release_leaves_none(carers: Review, written: int) -> None:
    """The last numbers are those of the folders, which are written before the release has its name."""
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(carers.root), str(written)], check=False)
    assert killed.returncode == 9
    assert release_names(carers.root) == []
    assert [path.name for path in (carers.root / "releases").iterdir()] == [".v1.part"]
    add(carers, "releases/.v1.part/other.csv", "a file that this release does not have\n")
    assert make_release(carers, "v1", DAY).edited() == []
    assert [path.name for path in (carers.root / "releases").iterdir()] == ["v1"]


def test_a_folder_that_cannot_be_written_is_named(carers: Review) -> None:
    (carers.root / "releases").write_text("a file", encoding="utf-8")
    with pytest.raises(KgError, match=r"^cannot write .*releases/v1: "):
        make_release(carers, "v1", DAY)


def test_releases_may_not_lead_out_of_the_folder(carers: Review, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (carers.root / "releases").symlink_to(tmp_path / "out")
    with pytest.raises(KgError, match="is a link to something outside of the review folder"):
        make_release(carers, "v1", DAY)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_graph_without_all_rows_is_not_released(carers: Review) -> None:
    add(carers, "sheets/findings.csv", "a,Pay,sideways,Burnout,p. 9,\n")
    carers.build(partial=True)
    with pytest.raises(KgError, match=r"^1 row left out of the graph: a release has all rows; see kg check$"):
        make_release(carers, "v1", DAY)
    assert not (carers.root / "releases").exists()


def test_releases_are_listed_by_date(carers: Review, run: Run) -> None:
    make_release(carers, "b", "2026-11-30")
    make_release(carers, "a", "2026-11-30")
    make_release(carers, "c", "2026-01-31")
    assert run("releases", "-C", carers.root, "--format", "csv").out == (
        "release,date,studies,findings,cells,gaps,kg,edited\n"
        "c,2026-01-31,3,3,4,8,0.1.0,\n"
        "a,2026-11-30,3,3,4,8,0.1.0,\n"
        "b,2026-11-30,3,3,4,8,0.1.0,\n"
    )


def test_text_of_users_is_safe_in_a_release(carers: Review) -> None:
    """A formula in a title is guarded in the file, and is the title again where the release is read."""
    add(carers, "sheets/studies.csv", 'd,10.1000/d,"=HYPERLINK(""x"")",2023,"+A",survey\n')
    release = make_release(carers, "v1", DAY)
    text = (release.root / "snapshot" / "studies.csv").read_text(encoding="utf-8")
    assert "\"'=HYPERLINK(" in text
    titles = {row["id"]: row["title"] for row in read_rows(text)}
    assert titles["doi:10.1000/d"] == '=HYPERLINK("x")'
    assert state(carers, "v1").studies == state(carers, "now").studies
