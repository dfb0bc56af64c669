"""``kg init --github``: the workflow, where it is written, and what a linter says of it. It cannot run here."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml
from check_jsonschema import main as check_workflow
from click.testing import CliRunner

from kg.cli import main
from kg.errors import UsageProblem
from kg.folder.workflow import ACTIONS, workflow, write_workflow
from kg.version import __version__
from tests.conftest import Run

GIT = shutil.which("git") or "git"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def steps(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load(text)["jobs"]["update"]["steps"]
    return found


def test_the_workflow_of_a_new_folder(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    ran = run("init", folder, "--github")
    path = folder / ".github" / "workflows" / "kg-update.yml"
    assert ran.code == 0
    assert ran.err.endswith(f"wrote {path}; GitHub runs it on Mondays once it is on the default branch\n")
    text = path.read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    assert loaded["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert loaded["defaults"]["run"]["working-directory"] == "."
    assert [step["uses"] for step in steps(text) if "uses" in step] == [f"{name}@{v}" for name, v in ACTIONS.items()]
    assert f"evidence-kg=={__version__}" in text and "@DIR@" not in text
    assert (folder / ".gitignore").read_text(encoding="utf-8") == ".kg/\nrecords/.fetch-*\nscreening/.*\n"


def test_a_review_that_is_there_gets_the_workflow_only_and_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    run("init", folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run("init", folder, "--github").code == 0
    path = folder / ".github" / "workflows" / "kg-update.yml"
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p != path} == before
    again = run("init", folder, "--github")
    assert (again.code, again.err) == (2, f"Error: {path} is already there\n")
    assert run("init", folder, "--github", "--title", "T").err == f"Error: {folder} already is a review folder\n"


def test_its_commands_are_those_of_kg() -> None:
    lines = [line for step in steps(workflow()) for line in step.get("run", "").splitlines() if line.startswith("kg ")]
    names = []
    for line in lines:
        name, *words = shlex.split(line)[1:]
        command = main.get_command(click.Context(main), name)
        assert command is not None and command.make_context(name, words).params
        names.append(name)
    assert names == ["update", "diff"]


def test_a_folder_inside_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / 'reviews "a": 1'
    folder.mkdir()
    path = write_workflow(folder)
    assert path == tmp_path / ".github" / "workflows" / "kg-update-reviews-a-1.yml"
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["defaults"]["run"]["working-directory"] == 'reviews "a": 1'


def test_a_name_that_github_would_evaluate(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(UsageProblem, match="cannot be named in a workflow"):
        write_workflow(tmp_path / "${{ secrets.KEY }}")
    assert not (tmp_path / ".github").exists()


@pytest.mark.skipif(os.name == "nt", reason="the script is for a shell of Linux")
def test_the_script_makes_a_commit_and_a_harmless_text(tmp_path: Path) -> None:
    """The last step is run in a repository, with a git that pushes to a folder and a gh that keeps what it is given."""
    away, home, bin_ = tmp_path / "away.git", tmp_path / "home", tmp_path / "bin"
    for command in (
        ["init", "-q", "--bare", away],
        ["init", "-q", home],
        ["-C", home, "remote", "add", "origin", away],
    ):
        subprocess.run([GIT, *map(str, command)], check=True)
    bin_.mkdir()
    (bin_ / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > gh.txt\n', encoding="utf-8")
    (bin_ / "gh").chmod(0o755)
    (tmp_path / "digest.md").write_text("# Update\n\nby @someone, fixes #12\n", encoding="utf-8")
    (tmp_path / "diff.md").write_text("| count | same | #3 |\n", encoding="utf-8")
    (home / "new.csv").write_text("a\n", encoding="utf-8")
    env = {
        "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path), "GITHUB_RUN_ID": "7", "HOME": str(tmp_path),
    }  # fmt: skip
    script = steps(workflow())[-1]["run"]
    bash = shutil.which("bash") or "bash"
    subprocess.run([bash, "-e", "-o", "pipefail", "-c", script], cwd=home, env=env, check=True, capture_output=True)
    body = (tmp_path / "body.md").read_text(encoding="utf-8")
    assert body.startswith("# Update\n\nby @<!-- -->someone, fixes #<!-- -->12\n\n## What changed")
    assert "\n\n| count | same | #<!-- -->3 |\n" in body and " new.csv | 1 +\n" in body
    (home / "gh.txt").rename(tmp_path / "gh.txt")
    again = subprocess.run([bash, "-e", "-c", script], cwd=home, env=env, check=True, capture_output=True)
    assert again.stdout == b"nothing is new\n"
    branches = subprocess.run(
        [GIT, "-C", str(away), "branch"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert branches.split()[0].startswith("kg-update/") and branches.split()[0].endswith("-7")
    assert (tmp_path / "gh.txt").read_text(encoding="utf-8").splitlines()[:3] == ["pr", "create", "--title"]


def test_it_meets_the_schema_of_github(tmp_path: Path) -> None:
    """The schema is in the linter; ``actionlint``, below, also reads the expressions and scripts, where it is there."""
    for name, text in (("good.yml", workflow("some folder")), ("bad.yml", workflow().replace("runs-on:", "run-on:"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--builtin-schema", "vendor.github-workflows"]
    good, bad = (
        CliRunner().invoke(check_workflow, [*options, str(tmp_path / f"{name}.yml")]) for name in ("good", "bad")
    )
    assert (good.exit_code, good.output) == (0, "ok -- validation done\n")
    assert bad.exit_code == 1 and "'runs-on' is a required property" in bad.output


def test_a_linter_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "workflow.yml").write_text(workflow("some folder"), encoding="utf-8")
    if linter := shutil.which("actionlint"):
        command = [linter]
    elif os.environ.get("CI") and (go := shutil.which("go")):
        command = [go, "run", ACTIONLINT]
    else:
        pytest.skip("needs actionlint; with CI set, Go builds it")
    ran = subprocess.run(
        [*command, "-no-color", str(tmp_path / "workflow.yml")], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
