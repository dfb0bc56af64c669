"""Rows as columns, in the form of a pandas data frame as far as the embedded engine asks for it.

The engine's bulk calls need the names of the columns and, of each column, its type, its values and which are missing.
Importing pandas for this would take longer than loading the graph of most reviews.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from kg.graph.rows import ColumnRows

_NONE = type(None)
#: The types of the values of a column -> the name of its type in pandas.
_DTYPES = {
    frozenset({_NONE}): "str",
    frozenset({str}): "str",
    frozenset({str, _NONE}): "str",
    frozenset({int}): "int64",
    frozenset({int, _NONE}): "Int64",
    frozenset({float}): "float64",
    frozenset({float, _NONE}): "Float64",
    frozenset({bool}): "bool",
    frozenset({bool, _NONE}): "boolean",
}


class Column:
    """The values of one column; None is a missing value."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        self.dtype = _DTYPES.get(frozenset(map(type, values)), "object")

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
    """The columns of ``rows``, in the order of their first occurrence, and of ``names``, which no row need have."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], *names: str) -> None:
        if isinstance(rows, ColumnRows):
            held = {name: values for name, values in rows.columns.items() if values.count(None) < len(values)}
        else:
            held = {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain(*rows))}
        named = dict.fromkeys((*held, *names))
        self._columns = {name: Column(held.get(name) or [None] * len(rows)) for name in named}
        self.columns = list(self._columns)

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def reset_index(self, *, drop: bool) -> Frame:
        """Return the frame itself: its rows are numbered from 0 already."""
        return self
