"""``[published]`` of ``review.toml``: the printed tables, and the table of the graph that each of them reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.errors import UsageProblem
from kg.folder.files import leads_out
from kg.folder.frozen import check_name
from kg.model.layout import CONFIG
from kg.model.published import COUNTED_TABLES, PRINTED_TABLES, UNITS, PrintedAs, printed_as
from kg.problems import Problem, nearest

_KEYS = ("table", "facets", "rows", "columns", "by", "where", "partial")
_RELEASE = "[published] release"
_ACCEPTED = (
    f"{', '.join(PRINTED_TABLES)}, counts FACET, crosstab ROWS COLUMNS; or a table such as "
    '{ table = "counts", facets = ["FACET"], by = "report", where = ["design=survey"], partial = true }'
)


def read_printed(root: Path, entries: Mapping[str, Any]) -> tuple[dict[str, PrintedAs], list[Problem]]:
    """Return file -> the table that it reports, and the problems of the entries."""
    found: dict[str, PrintedAs] = {}
    problems: list[Problem] = []
    for file, entry in entries.items():
        where = f'[published] "{file}"'
        problems += _file_problems(root, file, where)
        read = _entry(entry, where)
        if isinstance(read, PrintedAs):
            found[file] = read
        else:
            problems += read
    return found, problems


def read_release_name(value: object) -> tuple[str | None, list[Problem]]:
    """Return the name of the release that the printed tables are of, None where none is named, and the problems."""
    if value is None:
        return None, []
    if not isinstance(value, str):
        problem = Problem(CONFIG, "has the wrong type", column=_RELEASE, value=str(value), accepted="text in quotes")
        return None, [problem]
    try:
        return check_name(value), []
    except UsageProblem as error:
        return None, [Problem(CONFIG, str(error), column=_RELEASE)]


def _entry(entry: object, where: str) -> PrintedAs | list[Problem]:
    if isinstance(entry, str):
        read = printed_as(entry) if entry.strip() else None
        return read or [_unknown_table(entry, where)]
    if not isinstance(entry, dict):
        return [Problem(CONFIG, "has the wrong type", column=where, value=str(entry), accepted=_ACCEPTED)]
    problems = [
        Problem(
            CONFIG,
            "is not a known key",
            column=f"{where}.{key}",
            suggestion=" or ".join(nearest(key, _KEYS)),
            accepted=", ".join(_KEYS),
        )
        for key in entry
        if key not in _KEYS
    ]
    facets = entry.get("facets") or [entry[key] for key in ("rows", "columns") if key in entry]
    conditions = entry.get("where", [])
    for name, value in (("facets", facets), ("where", conditions)):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            problems.append(
                Problem(CONFIG, "has the wrong type", column=f"{where}.{name}", accepted='texts in brackets: ["…"]')
            )
    by = entry.get("by", "study")
    if by not in UNITS:
        problems.append(
            Problem(CONFIG, "cannot be counted", column=f"{where}.by", value=str(by), accepted=", ".join(UNITS))
        )
    if not isinstance(entry.get("partial", False), bool):
        problems.append(Problem(CONFIG, "has the wrong type", column=f"{where}.partial", accepted="true or false"))
    if problems:
        return problems
    named = printed_as(" ".join((str(entry.get("table", "")), *("x" for _ in facets))) or "?")
    if named is None:
        return [_unknown_table(str(entry.get("table", "")), where)]
    return PrintedAs(named.table, tuple(facets), by, tuple(conditions), entry.get("partial", False))


def _unknown_table(text: str, where: str) -> Problem:
    near = nearest(text.split(" ")[0], (*PRINTED_TABLES, *COUNTED_TABLES))
    reason = "is no table that can be compared"
    return Problem(CONFIG, reason, column=where, value=text, suggestion=" or ".join(near), accepted=_ACCEPTED)


def _file_problems(root: Path, file: str, where: str) -> list[Problem]:
    if leads_out(root, root / file):
        reason = "the file is outside of the review folder"
        return [Problem(CONFIG, reason, column=where, accepted="a file in the folder")]
    if (root / file).is_file():
        return []
    files = sorted(p.relative_to(root).as_posix() for p in (root / "published").glob("*.csv"))
    near = " or ".join(map(repr, nearest(file, files, 1)))
    return [Problem(CONFIG, "the file is not there", column=where, suggestion=near)]
