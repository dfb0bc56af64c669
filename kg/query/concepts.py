"""Terms of a vocabulary by what people call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kg.errors import UnknownName
from kg.model.normalise import fold_term
from kg.problems import nearest


def find_concept(vocabulary: Iterable[Mapping[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """Return the row of the table ``vocabulary`` for the factor or outcome called ``name``.

    A whole id, label or synonym takes precedence over a part of one. Raises UnknownName with the choices.
    """
    rows = [dict(row) for row in vocabulary if row["kind"] == kind]
    wanted = fold_term(name)
    for match in (_has_name, _has_name_with):
        found = [row for row in rows if match(row, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownName(kind, name, [f"{row['label']} ({row['id']})" for row in found], ambiguous=True)
    raise UnknownName(kind, name, nearest(name, [row["label"] for row in rows]))


def _names(row: Mapping[str, Any]) -> list[str]:
    names = (row["id"], row["label"], *(row["synonyms"] or "").split("; "))
    return [fold_term(name) for name in names if name]


def _has_name(row: Mapping[str, Any], wanted: str) -> bool:
    return wanted in _names(row)


def _has_name_with(row: Mapping[str, Any], wanted: str) -> bool:
    return any(wanted in name for name in _names(row))
