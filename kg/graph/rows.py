"""A graph as rows: the form in which it is assembled, compared, loaded into stores and exported."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kg.model.made import MadeSequence
from kg.model.vocabulary import SUMMARY_LABELS, SUMMARY_RELATIONSHIPS

Row: TypeAlias = dict[str, Any]
#: Relationship type, start label, end label.
EdgeKey: TypeAlias = tuple[str, str, str]


class MadeRows(MadeSequence[Row]):
    """Rows that a function makes of their numbers, from 0, each time they are read."""

    def __init__(self, number: int, make: Callable[[int], Row]) -> None:
        self._number, self._make = number, make

    def __len__(self) -> int:
        return self._number

    def _made(self, number: int) -> Row:
        return self._make(number)


class ColumnRows(MadeSequence[Row]):
    """Rows that are held as columns of equal length, by name; None in a column is no value."""

    def __init__(self, columns: Mapping[str, list[Any]]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]], *names: str) -> ColumnRows:
        """Return rows of tuples, whose items are called ``names``."""
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return cls({name: list(values) for name, values in zip(names, columns, strict=True)})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def _made(self, number: int) -> Row:
        return {name: value for name, values in self.columns.items() if (value := values[number]) is not None}

    def _part(self, numbers: slice) -> ColumnRows:
        return ColumnRows({name: values[numbers] for name, values in self.columns.items()})


class Links:
    """Edges between numbered nodes, as columns. ``names`` are those of their properties."""

    def __init__(self, *names: str) -> None:
        self._starts, self._ends = array("q"), array("q")
        self._more: dict[str, list[Any]] = {name: [] for name in names}

    def add(self, start: int, end: int, *values: object) -> None:
        """Add an edge with the values of its properties; None is none."""
        self._starts.append(start)
        self._ends.append(end)
        for column, value in zip(self._more.values(), values, strict=True):
            column.append(value)

    def rows(self, starts: Sequence[str], ends: Sequence[str]) -> MadeRows:
        """Return the edges as rows; ``starts`` and ``ends`` are the ids of the nodes by their numbers."""
        more = list(self._more.items())

        def made(number: int) -> Row:
            row: Row = {"from": starts[self._starts[number]], "to": ends[self._ends[number]]}
            row.update((name, column[number]) for name, column in more if column[number] is not None)
            return row

        return MadeRows(len(self._starts), made)


@dataclass(frozen=True)
class GraphData:
    """Nodes by label, edges by (type, start label, end label); every row is a flat dictionary.

    Node rows carry ``id``; edge rows carry ``from`` and ``to``. A property without a value is absent. Rows of records
    and findings are made when they are read (``MadeRows``, ``ColumnRows``), so that a million need little memory: read
    them one after the other.
    """

    nodes: dict[str, Sequence[Row]] = field(default_factory=dict)
    edges: dict[EdgeKey, Sequence[Row]] = field(default_factory=dict)

    def summary(self) -> GraphData:
        """Return the part that tables and maps read: the summary labels and relationships."""
        return GraphData(
            {label: rows for label, rows in self.nodes.items() if label in SUMMARY_LABELS},
            {
                key: rows
                for key, rows in self.edges.items()
                if key[0] in SUMMARY_RELATIONSHIPS and SUMMARY_LABELS.issuperset(key[1:])
            },
        )
