"""``[[map]]`` of ``review.toml``: the gap maps of a review beside that of factors and outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.model.layout import CONFIG
from kg.model.normalise import fold_term
from kg.problems import Problem, nearest
from kg.query.maps import DEFAULT, MapSpec

_REQUIRED = ("name", "rows", "columns")
_KEYS = (*_REQUIRED, "segments", "title")


def read_maps(entries: object) -> tuple[tuple[MapSpec, ...], list[Problem]]:
    """Return the declared maps and the problems; with problems, there are no maps."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return (), [Problem(CONFIG, "has the wrong type", column="map", accepted="[[map]], in double brackets")]
    problems = [problem for entry in entries for problem in _problems(entry)]
    names = [fold_term(entry["name"]) for entry in entries if isinstance(entry.get("name"), str)]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1 or name == DEFAULT.name):
        reason = "is the name of the map that every review has" if name == DEFAULT.name else "is the name of two maps"
        problems.append(Problem(CONFIG, reason, column="[[map]] name", value=name, accepted="a name of its own"))
    return ((), problems) if problems else (tuple(MapSpec(**entry) for entry in entries), [])


def _problems(entry: Mapping[str, Any]) -> list[Problem]:
    problems = [
        Problem(
            CONFIG,
            "is not a known key",
            column=f"[[map]] {key}",
            suggestion=" or ".join(nearest(key, _KEYS)),
            accepted=", ".join(_KEYS),
        )
        for key in entry
        if key not in _KEYS
    ]
    for key in _KEYS:
        value = entry.get(key)
        if value is not None and not isinstance(value, str):
            problems.append(
                Problem(
                    CONFIG, "has the wrong type", column=f"[[map]] {key}", value=str(value), accepted="text in quotes"
                )
            )
        elif key in _REQUIRED and not value:
            accepted = "rows, columns and segments name facets, or factor, outcome, direction"
            problems.append(Problem(CONFIG, "is missing", column=f"[[map]] {key}", accepted=accepted))
    return problems
