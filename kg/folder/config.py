"""``review.toml``, the configuration of a review folder. It is read once and passed as an argument, never global."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import BadInput
from kg.folder.declarations import read_facets, read_sheets
from kg.folder.files import check_file, leads_out
from kg.folder.keys import text_table_problems, type_problems, unknown_key
from kg.limits import CONFIG_SIZE
from kg.loaders.sheets.facets import FacetSpec
from kg.loaders.sheets.spec import SheetSpec
from kg.model.layout import CONFIG
from kg.model.published import PRINTED_TABLES
from kg.model.records import ReviewInfo
from kg.model.vocabulary import DIRECTIONS
from kg.problems import Problem, nearest
from kg.text import is_colour

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_REVIEW = ("id", "title", "citation", "doi", "year", "question", "search_date")
_TABLES = ("words", "colours", "sheet", "facet", "published")
#: The keys that the tables with fixed keys accept.
_KEYS = {"words": ("factor", "factors", "outcome", "outcomes", *DIRECTIONS), "colours": DIRECTIONS}
#: A key of 50 parts. Parsing time grows with the square of the number of parts, and no known key has more than two.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){50}""")


@dataclass(frozen=True)
class Config:
    """A parsed ``review.toml``; ``published`` maps the file of a published table to the table of the graph."""

    review: ReviewInfo
    sheets: tuple[SheetSpec, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    facets: tuple[FacetSpec, ...] = ()


def read_config(path: Path) -> Config:
    """Return the configuration. Raises BadInput with every key and value that cannot be accepted."""
    try:
        if path.exists():
            check_file(path, CONFIG, path.parent, CONFIG_SIZE)
        text = path.read_text(encoding="utf-8-sig")  # Notepad writes a byte order mark
        if _LONG_KEY.search(text):
            raise BadInput([Problem(CONFIG, "is not valid TOML: a key has more than 50 parts")])
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise BadInput([Problem(CONFIG, "is not valid UTF-8", accepted="text saved as UTF-8")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput([Problem(CONFIG, f"is not valid TOML: {error}")]) from error
    except OSError as error:
        raise BadInput([Problem(CONFIG, f"cannot be read: {error.strerror or error}")]) from error
    problems = [unknown_key(name, (*_REVIEW, *_TABLES)) for name in data if name not in (*_REVIEW, *_TABLES)]
    for name in _REVIEW:
        if name in data:
            problems += type_problems(name, data[name], int if name == "year" else str)
    problems += [
        Problem(CONFIG, "is missing", column=name, accepted=f'{name} = "…"')
        for name in ("id", "title")
        if name not in data or data[name] == ""
    ]
    for name in ("words", "colours", "published"):
        problems += text_table_problems(name, data.get(name, {}))
    for name, known in _KEYS.items():
        if isinstance(data.get(name), dict):
            problems += [unknown_key(key, known, f"{name}.") for key in data[name] if key not in known]
    if isinstance(data.get("colours"), dict):
        problems += _colour_problems(data["colours"])
    sheets, of_sheets = read_sheets(data.get("sheet", []))
    facets, of_facets = read_facets(data.get("facet", []))
    problems += [*of_sheets, *of_facets]
    if isinstance(data.get("published"), dict):
        problems += _published_problems(path.parent, data["published"])
    if problems:
        raise BadInput(problems)
    info = ReviewInfo(
        **{n: data[n] for n in _REVIEW if n in data}, words=data.get("words", {}), colours=data.get("colours", {})
    )
    return Config(info, sheets, data.get("published", {}), facets)


def _colour_problems(colours: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of the values of ``[colours]``, which the exported page copies into its style sheet."""
    return [
        Problem(
            CONFIG,
            "is not a colour",
            column=f"colours.{name}",
            value=colour,
            accepted="six hexadecimal digits after #, e.g. #00723b",
        )
        for name, colour in colours.items()
        if isinstance(colour, str) and not is_colour(colour)
    ]


def _published_problems(root: Path, published: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of ``[published]``: file -> table of the graph that it prints."""
    problems: list[Problem] = []
    for file, table in published.items():
        where = f'[published] "{file}"'
        if isinstance(table, str) and table not in PRINTED_TABLES:
            problems.append(
                Problem(
                    CONFIG,
                    "is no table that can be compared",
                    column=where,
                    value=table,
                    suggestion=" or ".join(nearest(table, PRINTED_TABLES)),
                    accepted=", ".join(PRINTED_TABLES),
                )
            )
        if leads_out(root, root / file):
            reason = "the file is outside of the review folder"
            problems.append(Problem(CONFIG, reason, column=where, accepted="a file in the folder"))
        elif not (root / file).is_file():
            files = sorted(p.relative_to(root).as_posix() for p in (root / "published").glob("*.csv"))
            problems.append(
                Problem(
                    CONFIG,
                    "the file is not there",
                    column=where,
                    suggestion=" or ".join(map(repr, nearest(file, files, 1))),
                )
            )
    return problems
