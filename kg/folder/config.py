"""``review.toml``, the configuration of a review folder. It is read once and passed as an argument, never global."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import BadInput
from kg.folder.files import check_file
from kg.folder.flow import Counted, read_flow
from kg.folder.maps import read_maps
from kg.folder.printed import read_printed
from kg.limits import CONFIG_SIZE
from kg.loaders.sheets.columns import LAYOUTS, VALUES, SheetSpec, spellings
from kg.loaders.sheets.facets import FacetSpec
from kg.model.layout import CONFIG
from kg.model.published import PrintedAs
from kg.model.records import ReviewInfo
from kg.model.vocabulary import DIRECTIONS
from kg.problems import Problem, nearest
from kg.query.maps import MapSpec
from kg.text import is_colour

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_REVIEW = ("id", "title", "citation", "doi", "year", "question", "search_date")
_TABLES = ("words", "colours", "sheet", "published", "flow", "map")
_SHEET = {"file": str, "sheet": str, "kind": str, "encoding": str, "header_row": int, "columns": dict, "values": dict}
_TYPES = {str: "text in quotes", int: "a whole number", dict: 'a table of names = "text"'}
#: The keys that the tables with fixed keys accept.
_KEYS = {"words": ("factor", "factors", "outcome", "outcomes", *DIRECTIONS), "colours": DIRECTIONS}
#: A key of 50 parts. Parsing time grows with the square of the number of parts, and no known key has more than two.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){50}""")


@dataclass(frozen=True)
class Config:
    """A parsed ``review.toml``; ``published`` maps the file of a printed table to what it reports."""

    review: ReviewInfo
    sheets: tuple[SheetSpec, ...] = ()
    published: Mapping[str, PrintedAs] = field(default_factory=dict)
    facets: tuple[FacetSpec, ...] = ()
    flow: tuple[Counted, ...] = ()
    maps: tuple[MapSpec, ...] = ()


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
    problems = [_unknown_key(name, (*_REVIEW, *_TABLES)) for name in data if name not in (*_REVIEW, *_TABLES)]
    for name in _REVIEW:
        if name in data:
            problems += _type_problems(name, data[name], int if name == "year" else str)
    problems += [
        Problem(CONFIG, "is missing", column=name, accepted=f'{name} = "…"')
        for name in ("id", "title")
        if name not in data or data[name] == ""
    ]
    for name in ("words", "colours"):
        problems += _text_table_problems(name, data.get(name, {}))
    for name, known in _KEYS.items():
        if isinstance(data.get(name), dict):
            problems += [_unknown_key(key, known, f"{name}.") for key in data[name] if key not in known]
    if isinstance(data.get("colours"), dict):
        problems += _colour_problems(data["colours"])
    entries = data.get("sheet", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append(Problem(CONFIG, "has the wrong type", column="sheet", accepted="[[sheet]], in double brackets"))
        entries = []
    for entry in entries:
        problems += _sheet_problems(entry)
    printed: dict[str, PrintedAs] = {}
    if isinstance(data.get("published", {}), dict):
        printed, more = read_printed(path.parent, data.get("published", {}))
        problems += more
    else:
        problems += _type_problems("published", data["published"], dict)
    flow, more = read_flow(path.parent, data.get("flow", []))
    problems += more
    maps, more = read_maps(data.get("map", []))
    problems += more
    if problems:
        raise BadInput(problems)
    info = ReviewInfo(
        **{n: data[n] for n in _REVIEW if n in data}, words=data.get("words", {}), colours=data.get("colours", {})
    )
    return Config(info, tuple(SheetSpec(**entry) for entry in entries), printed, flow=flow, maps=maps)


def _sheet_problems(entry: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of one ``[[sheet]]``."""
    problems = [_unknown_key(name, tuple(_SHEET), "[[sheet]] ") for name in entry if name not in _SHEET]
    for name, expected in _SHEET.items():
        if name in entry:
            check = _table_problems if expected is dict else _type_problems
            problems += check(f"[[sheet]] {name}", entry[name], expected)
    if not entry.get("file"):
        problems.append(Problem(CONFIG, "is missing", column="[[sheet]] file", accepted='file = "sheets/…"'))
    kind, header_row = entry.get("kind"), entry.get("header_row")
    if isinstance(kind, str) and kind not in LAYOUTS:
        problems.append(
            Problem(
                CONFIG,
                "is not a kind of sheet",
                column="[[sheet]] kind",
                value=kind,
                suggestion=" or ".join(nearest(kind, LAYOUTS)),
                accepted=", ".join(LAYOUTS),
            )
        )
    if isinstance(header_row, int) and header_row < 1:
        problems.append(
            Problem(
                CONFIG,
                "is not a row number",
                column="[[sheet]] header_row",
                value=str(header_row),
                accepted="the number that the spreadsheet shows, from 1",
            )
        )
    if isinstance(entry.get("values"), dict):
        problems += _value_problems(entry["values"])
    return problems


def _value_problems(values: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of ``values``: column -> {word in the sheet: accepted value}."""
    problems: list[Problem] = []
    for column, words in values.items():
        where = f"[[sheet]] values.{column}"
        if column not in VALUES:
            problems.append(
                Problem(
                    CONFIG,
                    "is no column with a fixed set of values",
                    column=where,
                    suggestion=" or ".join(nearest(column, VALUES)),
                    accepted=", ".join(VALUES) + "; other names of a factor or outcome are synonyms in its vocabulary",
                )
            )
        elif isinstance(words, dict):
            known = spellings(column)
            for word, value in words.items():
                if isinstance(value, str) and value not in VALUES[column]:
                    problems.append(
                        Problem(
                            CONFIG,
                            "is not an accepted value",
                            column=f"{where}.{word}",
                            value=value,
                            suggestion=" or ".join(dict.fromkeys(known[n] for n in nearest(value, known))),
                            accepted=", ".join(VALUES[column]),
                        )
                    )
    return problems


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


def _type_problems(name: str, value: object, expected: type) -> list[Problem]:
    """Return a problem if a value is not of the expected type."""
    if isinstance(value, expected) and not isinstance(value, bool):
        return []
    return [Problem(CONFIG, "has the wrong type", column=name, value=str(value), accepted=_TYPES[expected])]


def _text_table_problems(name: str, value: object) -> list[Problem]:
    """Return the problems of a table whose values must be texts."""
    if not isinstance(value, dict):
        return _type_problems(name, value, dict)
    return [problem for key, text in value.items() for problem in _type_problems(f"{name}.{key}", text, str)]


def _table_problems(name: str, value: object, _: type) -> list[Problem]:
    """Return the problems of ``columns`` (a table of texts) or ``values`` (a table of such tables)."""
    if not name.endswith("values") or not isinstance(value, dict):
        return _text_table_problems(name, value)
    return [problem for column, words in value.items() for problem in _text_table_problems(f"{name}.{column}", words)]


def _unknown_key(name: str, known: tuple[str, ...], where: str = "") -> Problem:
    return Problem(
        CONFIG,
        "is not a known key",
        column=where + name,
        suggestion=" or ".join(nearest(name, known)),
        accepted=", ".join(known),
    )
