"""Checks on values of unknown type, as JSON and text files hold them. Pure; nothing raises."""

from __future__ import annotations

from datetime import date
from typing import Any


def mapping_of(value: object) -> dict[str, Any]:
    """Return ``value`` if it is a JSON object, else an empty dictionary."""
    return value if isinstance(value, dict) else {}


def mappings_in(value: object) -> list[dict[str, Any]]:
    """Return the JSON objects in ``value`` if it is a list, else an empty list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def iso_date(year: str | int, month: str | int, day: str | int) -> str | None:
    """Return a date as ISO 8601, or None where the calendar has no such day.

    >>> iso_date("2020", "2", "29"), iso_date(2021, 2, 29)
    ('2020-02-29', None)
    """
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return None
