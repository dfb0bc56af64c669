"""The wheel holds everything, pollutes nothing, and works from another folder."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT


def call(*arguments: object, cwd: Path) -> str:
    done = subprocess.run([str(a) for a in arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=ROOT)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_top_level_folders(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names} == {"kg", "evidence_kg-0.1.0.dist-info"}
    for folder, pattern in (
        ("queries", "**/*.cypher"),
        ("queries", "**/*.grass"),
        ("ontology", "*.ttl"),
        ("loaders", "*.py"),
        ("examples", "**/*.csv"),
        ("examples", "**/*.toml"),
    ):
        wanted = {
            f"kg/{folder}/{p.relative_to(ROOT / folder).as_posix()}"
            for p in (ROOT / folder).glob(pattern)
            if ".kg/" not in p.as_posix()
        }
        assert wanted and wanted <= set(names)
    assert {"kg/export/page/app.min.js", "kg/export/page/app.min.css", "kg/export/page/words/de.json"} <= set(names)
    assert "kg/py.typed" in names
    assert not [n for n in names if "/.kg/" in n or n.startswith("kg/tests")]


def test_an_installed_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """One plain install brings what the documented commands need."""
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    call(*pip, "install", "--quiet", "--no-compile", wheel, cwd=tmp_path)
    kg = tmp_path / "env" / "bin" / "kg"
    assert call(kg, "--version", cwd=tmp_path) == "kg, version 0.1.0\n"
    assert "evidence-counts" in call(kg, "query", cwd=tmp_path)
    assert "all 66 cells agree" in call(kg, "demo", "--keep", tmp_path / "demo", cwd=tmp_path)
    assert call(kg, "table", "outcomes", "--format", "xlsx", "-o", "t.xlsx", cwd=tmp_path / "demo") == ""
    where = "import kg.ontology, importlib.resources as r; print((r.files('kg.ontology') / 'kg.ttl').is_file())"
    assert call(python, "-c", where, cwd=tmp_path) == "True\n"
    listed = call(*pip, "list", "--format", "freeze", cwd=tmp_path).casefold()
    assert "pyvis" not in listed and "pytest" not in listed
