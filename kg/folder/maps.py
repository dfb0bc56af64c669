"""``[[map]]`` of ``review.toml``: the gap maps of a review beside that of factors and outcomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kg.errors import UnknownName
from kg.loaders.sheets.facets import facet_id
from kg.model.layout import CONFIG
from kg.model.normalise import fold_term
from kg.model.records import Facet
from kg.problems import Problem, nearest
from kg.query.dimensions import id_of, labels
from kg.query.maps import DEFAULT, MapSpec
from kg.query.words import spoken

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


def check_maps(
    maps: Iterable[MapSpec], facets: Iterable[Facet], declared: Iterable[str], words: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem for each facet that a map names and that cannot be counted.

    ``facets`` are those of the sheets, ``declared`` the names of those in ``review.toml``, and ``words`` are its words
    for factors and outcomes.
    """
    of_sheets = {facet.id: facet for facet in facets}
    known = labels({facet.id: facet.label for facet in of_sheets.values()}, spoken(words))
    uncharted = {facet_id(name) for name in declared} - set(of_sheets)
    for spec in maps:
        for key, name in (("rows", spec.rows), ("columns", spec.columns), ("segments", spec.segments)):
            if name is not None and (wrong := _uncountable(name, known, of_sheets, uncharted)):
                yield replace(wrong, column=f"[[map]] {key} of {spec.name}", value=name)


def _uncountable(
    name: str, known: Mapping[str, str], facets: Mapping[str, Facet], uncharted: Collection[str]
) -> Problem | None:
    """Return why no map can have this facet; None if one can."""
    accepted = ", ".join(id_ for id_ in known if id_ not in facets or facets[id_].kind != "text")
    try:
        id_ = id_of(name, known)
    except UnknownName as error:
        if error.ambiguous:
            return Problem(CONFIG, "could be any of several facets", accepted=", ".join(error.choices))
        if facet_id(name) in uncharted:
            return Problem(CONFIG, "no sheet has a column of this facet", accepted=accepted)
        near = " or ".join(map(repr, nearest(name, dict.fromkeys((*known, *known.values())))))
        return Problem(CONFIG, "no facet is called this", suggestion=near, accepted=accepted)
    if id_ not in facets or facets[id_].kind != "text":
        return None
    accepted = f'another facet, or kind = "category" under [[facet]] with name = "{id_}"'
    return Problem(CONFIG, "is free text, which is not counted", accepted=accepted)


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
