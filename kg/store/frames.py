"""Rows as columns, in the form of a pandas data frame as far as the embedded engine asks for it.

The engine's bulk calls need the names of the columns and, of each column, its type, its values and which are missing.
Importing pandas for this would take longer than loading the graph of most reviews.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Type of the values -> name of the pandas type of a column without and with gaps.
_TYPES = {str: ("str", "str"), int: ("int64", "Int64"), bool: ("bool", "boolean")}


class Column:
    """The values of one column; None is a missing value."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        kinds = set(map(type, values))
        gaps = type(None) in kinds
        kinds.discard(type(None))
        self.dtype = _TYPES.get(kinds.pop(), ("object", "object"))[gaps] if len(kinds) == 1 else "object"

    def __len__(self) -> int:
        return len(self._values)

    def tolist(self) -> list[Any]:
        """Return the values."""
        return self._values

    def isna(self) -> Column:
        """Return for each value whether it is missing."""
        return Column([value is None for value in self._values])

    def dropna(self) -> Column:
        """Return the values that are not missing."""
        return Column([value for value in self._values if value is not None])


class Frame:
    """The columns of ``rows``, in the order of their first occurrence, and those of ``names``, even if no row has them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], *names: str) -> None:
        self.columns = list(dict.fromkeys((*(name for row in rows for name in row), *names)))
        self._columns = {name: Column([row.get(name) for row in rows]) for name in self.columns}

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def reset_index(self, *, drop: bool) -> Frame:
        """Return the frame itself: its rows are numbered from 0 already."""
        return self
