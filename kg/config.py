"""``review.toml``: what a review folder says about itself. Read once, passed down, never global."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BadInput
from kg.files import CONFIG
from kg.loaders.columns import SheetSpec
from kg.model import ReviewInfo
from kg.problems import Problem, nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_REVIEW = ("id", "title", "citation", "doi", "year", "question", "search_date")
_TABLES = {"words": "strings", "colours": "strings", "sheet": "sheets", "published": "strings"}
_SHEET = ("file", "sheet", "kind", "encoding", "header_row", "columns", "values")


@dataclass(frozen=True)
class Config:
    """A parsed ``review.toml``; ``published`` maps a published table's file to the table it reprints."""

    review: ReviewInfo
    sheets: tuple[SheetSpec, ...] = ()
    published: Mapping[str, str] | None = None


def read_config(path: Path) -> Config:
    """Return the configuration. Raises BadInput naming every key or value that is not understood."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput([Problem(CONFIG, f"is not valid TOML: {error}")]) from error
    problems = [
        _unknown(name, (*_REVIEW, *_TABLES)) for name in data if name not in _REVIEW and name not in _TABLES
    ]
    for name in _REVIEW:
        wanted: type = int if name == "year" else str
        if name in data and not isinstance(data[name], wanted):
            problems.append(Problem(CONFIG, "has the wrong type", column=name, value=str(data[name]),
                                    accepted="a whole number" if wanted is int else "text in quotes"))
    problems += [
        Problem(CONFIG, "is missing", column=name, accepted=f'{name} = "…"') for name in ("id", "title") if not data.get(name)
    ]
    specs = []
    for entry in data.get("sheet", []):
        problems += [_unknown(name, _SHEET, "[[sheet]] ") for name in entry if name not in _SHEET]
        if not entry.get("file"):
            problems.append(Problem(CONFIG, "[[sheet]] names no file", accepted='file = "sheets/…"'))
        if entry.get("kind") not in (None, "findings", "studies"):
            problems.append(Problem(CONFIG, "is not a kind of sheet", column="[[sheet]] kind", value=str(entry["kind"]),
                                    accepted="findings, studies"))
        specs.append(SheetSpec(**{name: entry[name] for name in _SHEET if name in entry and entry[name] is not None}
                               if entry.get("file") else {"file": ""}))
    if problems:
        raise BadInput(problems)
    words: dict[str, Any] = data.get("words", {})
    info = ReviewInfo(**{name: data[name] for name in _REVIEW if name in data}, words=words, colours=data.get("colours", {}))
    return Config(info, tuple(specs), data.get("published", {}))


def _unknown(name: str, known: tuple[str, ...], where: str = "") -> Problem:
    return Problem(CONFIG, "is not a known key", column=where + name, suggestion=" or ".join(nearest(name, known)),
                   accepted=", ".join(known))
