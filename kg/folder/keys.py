"""Problems of single keys and values of ``review.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from kg.model.layout import CONFIG
from kg.problems import Problem, nearest

_TYPES = {
    str: "text in quotes",
    int: "a whole number",
    dict: 'a table of names = "text"',
    list: 'a list of texts, ["…", "…"]',
}
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def is_date(text: str) -> bool:
    """Whether a text is a day such as 2026-11-01, a month (2026-11) or a year."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


def type_problems(name: str, value: object, expected: type) -> list[Problem]:
    """Return a problem if a value is not of the expected type."""
    if isinstance(value, expected) and not isinstance(value, bool):
        return []
    return [Problem(CONFIG, "has the wrong type", column=name, value=str(value), accepted=_TYPES[expected])]


def text_table_problems(name: str, value: object) -> list[Problem]:
    """Return the problems of a table whose values must be texts."""
    if not isinstance(value, dict):
        return type_problems(name, value, dict)
    return [problem for key, text in value.items() for problem in type_problems(f"{name}.{key}", text, str)]


def text_list_problems(name: str, value: object) -> list[Problem]:
    """Return the problems of a list whose entries must be texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return [Problem(CONFIG, "has the wrong type", column=name, value=str(value), accepted=_TYPES[list])]
    return []


def unknown_key(name: str, known: Iterable[str], where: str = "") -> Problem:
    """Return the problem of a key that is not known."""
    known = tuple(known)
    return Problem(
        CONFIG,
        "is not a known key",
        column=where + name,
        suggestion=" or ".join(nearest(name, known)),
        accepted=", ".join(known),
    )


def not_one_of(where: str, value: str, known: Iterable[str], reason: str) -> Problem:
    """Return the problem of a value that is not one of those known."""
    known = tuple(known)
    suggestion = " or ".join(nearest(value, known))
    return Problem(CONFIG, reason, column=where, value=value, suggestion=suggestion, accepted=", ".join(known))
