"""The step of .ci/run that tries the newest release of the engine warns and never decides."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.paths import ROOT

CI = ROOT / ".ci"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script runs on CI, which is Linux")


def release(folder: Path, number: str) -> Path:
    """Make an unpacked release of kglite that has a number and cannot be imported."""
    for name, text in (
        ("kglite/__init__.py", "raise ImportError('broken on purpose')\n"),
        (f"kglite-{number}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: kglite\nVersion: {number}\n"),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def newest_engine(folder: Path, **environment: str) -> list[str]:
    """Return the lines that the script prints about an unpacked release."""
    done = subprocess.run(
        [CI / "newest-engine", folder],
        env={**os.environ, "PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_release_that_fails_is_a_warning(tmp_path: Path) -> None:
    first, *more = newest_engine(release(tmp_path, "99.0"))
    installed = version("kglite")
    assert first == f"warning: kglite 99.0 does not pass the compliance suite; the installed release is {installed}"
    assert "  | ImportError: broken on purpose" in [line.replace("| E   ", "| ") for line in more]
    assert all(line.startswith("  | ") for line in more)  # so none is the summary line of a test run


def test_a_run_that_takes_too_long_is_a_warning(tmp_path: Path) -> None:
    said = ["warning: the compliance suite with kglite 99.0 did not finish within 0.05 seconds"]
    assert newest_engine(release(tmp_path, "99.0"), LIMIT="0.05") == said


def test_the_installed_release_is_not_tried_again(tmp_path: Path) -> None:
    installed = version("kglite")
    said = [f"kglite {installed} is installed and is the newest release: there is none beyond the pin to test"]
    assert newest_engine(release(tmp_path, installed)) == said


def test_the_real_test_run_comes_last() -> None:
    lines = (CI / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-2:] == [".ci/newest-engine", "make test"]
    assert "set -euo pipefail" in lines
