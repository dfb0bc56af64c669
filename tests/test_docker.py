"""The image cannot be built where no Docker engine runs; what can be held without one is held here."""

from __future__ import annotations

import re
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
LINES = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").splitlines()


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def test_the_base_is_pinned() -> None:
    assert instructions("FROM")
    for base in instructions("FROM"):
        assert re.match(r"python:\d+\.\d+\.\d+-slim-\w+\b", base), base


def test_everything_the_package_needs_is_copied() -> None:
    copied = {word for line in instructions("COPY") if not line.startswith("--from") for word in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = set(project["tool"]["setuptools"]["package-dir"].values())
    assert folders | {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]} == copied


def test_the_image_does_not_run_as_root() -> None:
    last = max(n for n, line in enumerate(LINES) if line.startswith("FROM "))
    users = [line.split()[1] for line in LINES[last:] if line.startswith("USER ")]
    assert users == ["reviewer"]
