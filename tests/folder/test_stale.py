"""A graph is stale as soon as the code that shapes graphs is another, whichever module that is in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of kg, with the linked packages in their places, as in a wheel."""
    shutil.copytree(ROOT / "kg", tmp_path / "kg", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def model(package: Path) -> str:
    code = "from kg.folder.review import model; print(model())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=package, capture_output=True, text=True, check=True)
    return ran.stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_synonym_of_a_column_makes_a_graph_stale(package: Path) -> None:
    before = model(package)
    assert model(package) == before
    edit(package / "kg" / "model" / "fields.py", '"determinant"', '"determinant", "driver"')
    assert model(package) != before


@pytest.mark.parametrize(
    "name", ["kg/graph/counts.py", "kg/linkage/resolve.py", "kg/model/ids.py", "kg/store/embedded.py", "kg/text.py"]
)
def test_what_shapes_a_graph_makes_it_stale(name: str, package: Path) -> None:
    before = model(package)
    edit(package / name, "from __future__", "# changed\nfrom __future__")
    assert model(package) != before


@pytest.mark.parametrize("name", ["kg/cli/build.py", "kg/export/html.py", "kg/query/gaps.py", "kg/check/run.py"])
def test_what_only_asks_a_graph_does_not(name: str, package: Path) -> None:
    before = model(package)
    edit(package / name, "from __future__", "# changed\nfrom __future__")
    assert model(package) == before


def test_a_checkout_and_a_wheel_have_one_model(package: Path) -> None:
    """In a checkout the readers are behind a link."""
    assert model(package) == model(ROOT)
