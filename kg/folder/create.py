"""Create review folders, from templates or from a bundled review."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError, UnknownName, UsageProblem
from kg.folder.review import Review
from kg.model.ids import slug
from kg.model.layout import CONFIG
from kg.problems import nearest
from kg.text import without_controls

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_TEMPLATES = {
    "sheets/studies.csv": "key,label,doi,authors,year,title,publication_type,methods,design,setting,population,country,"
    "sample_size,outcomes\n",
    "sheets/findings.csv": "study,factor,direction,outcomes,pole,locator,note,tabulated\n",
    "vocabulary/factors.csv": "id,label,broader,definition,synonyms,nominal\n",
    "vocabulary/outcomes.csv": "id,label,broader,definition,synonyms,favourable\n",
    ".gitignore": ".kg/\nrecords/.fetch-*\n",
}
_CONFIG = """# A review folder. docs/review-folder.md explains every key.
id = "{id}"
title = {title}
# question = "…"

# What rows, columns and directions are called on screen.
# [words]
# factor = "Intervention"

# A sheet whose columns are called something else:
# [[sheet]]
# file = "sheets/extraction.xlsx"
# sheet = "Sheet1"
# kind = "findings"
# columns = {{ factor = "What was looked at", direction = "Result" }}
# values = {{ direction = {{ "helped" = "facilitator", "got in the way" = "barrier" }} }}
"""


def examples() -> list[str]:
    """Return the names of the bundled reviews."""
    folder = resources.files("kg.examples")
    return sorted(item.name for item in folder.iterdir() if item.is_dir() and (item / CONFIG).is_file())


def check_example(name: str) -> None:
    """Raise UnknownName if no bundled review has this name."""
    if name not in examples():
        raise UnknownName("example", name, nearest(name, examples()) or examples())


def init_review(folder: Path, *, example: str | None = None, title: str | None = None) -> Review:
    """Create a review folder, from a bundled review or from templates.

    Raises UsageProblem if ``folder`` is a file or is not empty, and UnknownName for an example that does not exist.
    """
    if example is not None and title is not None:
        raise UsageProblem("a bundled review has its own title: leave out --title, or change review.toml afterwards")
    if (folder / CONFIG).exists():
        raise UsageProblem(f"{folder} already is a review folder")
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(f"{folder} is a file")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageProblem(f"{folder} is not empty: name a new folder")
    if example is not None:
        check_example(example)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if example is not None:
            _copy(resources.files("kg.examples") / example, folder)
            (folder / ".gitignore").write_text(_TEMPLATES[".gitignore"], encoding="utf-8")
            return Review(folder.resolve())
        for name, text in _TEMPLATES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        name = folder.resolve().name
        quoted = json.dumps(without_controls(title or name), ensure_ascii=False)  # a JSON string is a TOML string
        (folder / CONFIG).write_text(_CONFIG.format(id=slug(name), title=quoted), encoding="utf-8")
    except OSError as error:
        raise KgError(f"cannot make {folder}: {error.strerror or error}") from error
    return Review(folder.resolve())


def _copy(source: Traversable, target: Path) -> None:
    for item in source.iterdir():
        if item.name in (".kg", "__pycache__"):
            continue
        if item.is_dir():
            (target / item.name).mkdir(exist_ok=True)
            _copy(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())
