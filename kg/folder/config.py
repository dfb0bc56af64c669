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
from kg.folder.files import check_file
from kg.folder.flow import Counted, read_flow
from kg.folder.keys import is_date, text_list_problems, text_table_problems, type_problems, unknown_key
from kg.folder.maps import read_maps
from kg.folder.overlays import OverlaySpec, read_overlay_specs
from kg.folder.printed import read_printed, read_release_name
from kg.folder.reference_tables import read_reference_tables
from kg.folder.reviews import read_reviews
from kg.limits import CONFIG_SIZE
from kg.linkage.match import FALSE_MERGES
from kg.loaders.references.spec import ReferenceSpec
from kg.loaders.sheets.facets import FacetSpec
from kg.loaders.sheets.spec import SheetSpec
from kg.model.layout import CONFIG
from kg.model.published import PrintedAs
from kg.model.records import ReviewInfo
from kg.model.vocabulary import DIRECTIONS
from kg.problems import Problem
from kg.query.maps import MapSpec
from kg.text import is_colour

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_REVIEW: Mapping[str, type] = {
    "id": str, "title": str, "citation": str, "doi": str, "year": int, "question": str, "search_date": str,
    "authors": str, "inclusion_criteria": list, "exclusion_criteria": list, "protocol": str, "registration": str,
    "version": str, "changes": str, "update_every": int, "licence": str, "contact": str,
    "screeners": list, "tools": list,
}  # fmt: skip
#: The bound on the share of merges by agreement that is false.
_BOUND = "false_merges"
_TABLES = ("words", "colours", "sheet", "facet", "published", "flow", "map", "review", "references", "overlay")
#: The keys that the tables with fixed keys accept.
_KEYS = {"words": ("factor", "factors", "outcome", "outcomes", *DIRECTIONS), "colours": DIRECTIONS}
#: A key of 50 parts. Parsing time grows with the square of the number of parts, and no known key has more than two.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){50}""")


@dataclass(frozen=True)
class Config:
    """A parsed ``review.toml``.

    ``published`` maps the file of a printed table to what it reports, ``release`` is the name of the release that the
    tables are of.
    """

    review: ReviewInfo
    sheets: tuple[SheetSpec, ...] = ()
    published: Mapping[str, PrintedAs] = field(default_factory=dict)
    facets: tuple[FacetSpec, ...] = ()
    flow: tuple[Counted, ...] = ()
    maps: tuple[MapSpec, ...] = ()
    release: str | None = None
    reviews: tuple[ReviewInfo, ...] = ()
    references: tuple[ReferenceSpec, ...] = ()
    false_merges: float = FALSE_MERGES
    overlays: tuple[OverlaySpec, ...] = ()


def read_config(path: Path) -> Config:
    """Return the configuration. Raises BadInput with every key and value that cannot be accepted."""
    data = _data_in(path)
    problems = _problems_of_keys(data)
    sheets, of_sheets = read_sheets(data.get("sheet", []))
    facets, of_facets = read_facets(data.get("facet", []))
    problems += [*of_sheets, *of_facets]
    printed: dict[str, PrintedAs] = {}
    release: str | None = None
    if isinstance(data.get("published", {}), dict):
        entries = dict(data.get("published", {}))
        release, more = read_release_name(entries.pop("release", None))
        problems += more
        printed, more = read_printed(path.parent, entries)
        problems += more
    else:
        problems += type_problems("published", data["published"], dict)
    flow, more = read_flow(path.parent, data.get("flow", []))
    problems += more
    maps, more = read_maps(data.get("map", []))
    problems += more
    reviews, more = read_reviews(data.get("review", []), data.get("id"))
    problems += more
    references, more = read_reference_tables(data.get("references", []))
    problems += more
    overlays, more = read_overlay_specs(data.get("overlay", []))
    problems += more
    if problems:
        raise BadInput(problems)
    said: dict[str, Any] = {
        name: tuple(data[name]) if kind is list else data[name] for name, kind in _REVIEW.items() if name in data
    }
    info = ReviewInfo(**said, words=data.get("words", {}), colours=data.get("colours", {}))
    bound = float(data.get(_BOUND, FALSE_MERGES))
    return Config(info, sheets, printed, facets, flow, maps, release, reviews, references, bound, overlays)


def _data_in(path: Path) -> dict[str, Any]:
    """Return the content of the file. Raises BadInput where it cannot be read as TOML."""
    try:
        if path.exists():
            check_file(path, CONFIG, path.parent, CONFIG_SIZE)
        text = path.read_text(encoding="utf-8-sig")  # Notepad writes a byte order mark
        if _LONG_KEY.search(text):
            raise BadInput([Problem(CONFIG, "is not valid TOML: a key has more than 50 parts")])
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise BadInput([Problem(CONFIG, "is not valid UTF-8", accepted="text saved as UTF-8")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput([Problem(CONFIG, f"is not valid TOML: {error}")]) from error
    except OSError as error:
        raise BadInput([Problem(CONFIG, f"cannot be read: {error.strerror or error}")]) from error


def _problems_of_keys(data: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the keys of the review and with their names."""
    problems = [
        unknown_key(name, (*_REVIEW, *_TABLES, _BOUND)) for name in data if name not in (*_REVIEW, *_TABLES, _BOUND)
    ]
    for name, kind in _REVIEW.items():
        if name in data:
            value = data[name]
            problems += text_list_problems(name, value) if kind is list else type_problems(name, value, kind)
    problems += [
        Problem(CONFIG, "is missing", column=name, accepted=f'{name} = "…"')
        for name in ("id", "title")
        if name not in data or data[name] == ""
    ]
    for name in ("words", "colours"):
        problems += text_table_problems(name, data.get(name, {}))
    for name, known in _KEYS.items():
        if isinstance(data.get(name), dict):
            problems += [unknown_key(key, known, f"{name}.") for key in data[name] if key not in known]
    problems += _update_problems(data)
    problems += _bound_problems(data.get(_BOUND, FALSE_MERGES))
    if isinstance(data.get("colours"), dict):
        problems += _colour_problems(data["colours"])
    return problems


def _bound_problems(value: object) -> list[Problem]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return []
    accepted = "a share from 0 (only keys merge) to 1, e.g. 0.001"
    return [Problem(CONFIG, "is not a share", column=_BOUND, value=str(value), accepted=accepted)]


def _update_problems(data: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of ``update_every`` and of the date from which the page counts its months."""
    months, day = data.get("update_every"), data.get("search_date")
    if not isinstance(months, int) or isinstance(months, bool):
        return []
    found = []
    if months < 1:
        found.append(
            Problem(CONFIG, "is not a number of months", column="update_every", value=str(months), accepted="1, 2, …")
        )
    if isinstance(day, str) and not is_date(day):
        found.append(
            Problem(
                CONFIG,
                "is not a date, which update_every needs",
                column="search_date",
                value=day,
                accepted="a day such as 2026-11-01, a month (2026-11) or a year",
            )
        )
    return found


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
