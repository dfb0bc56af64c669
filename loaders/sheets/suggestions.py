"""Suggestions for names that are not known, with a bound on the time that they take."""

from __future__ import annotations

from collections.abc import Iterable

from kg.problems import nearest

#: Distinct unknown names for which one ``Suggester`` searches. Each search compares the name with every known one, and
#: where most names of a sheet are unknown, the cause is not their spelling.
MOST_SUGGESTIONS = 100


class Suggester:
    """Finds known names that are similar to an unknown one, for at most ``MOST_SUGGESTIONS`` distinct names."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[str]] = {}

    def similar(self, name: str, known: Iterable[str], column: str = "") -> list[str]:
        """Return the members of ``known`` that are most similar to ``name``; ``known`` is the same for one column."""
        key = column, name
        if key not in self._found and len(self._found) < MOST_SUGGESTIONS:
            self._found[key] = nearest(name, known)
        return self._found.get(key, [])
