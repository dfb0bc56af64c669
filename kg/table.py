"""A table: the answer to a query, with the query it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Table:
    """Rows of plain values (text, numbers, booleans, None, lists of those) under named columns.

    ``query`` names the query or the command that made it; ``title`` is what to print above it.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    title: str = ""
    query: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dictionary."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def column(self, name: str) -> list[Any]:
        """Return one column's values."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def only(self, *columns: str) -> Table:
        """Return the table with these columns alone, in this order."""
        places = [self.columns.index(name) for name in columns]
        return Table(self.name, columns, [tuple(row[p] for p in places) for row in self.rows], self.title, self.query)

    def head(self, most: int) -> Table:
        """Return the table with its first ``most`` rows."""
        return Table(self.name, self.columns, self.rows[:most], self.title, self.query)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a data frame; lists stay lists."""
        import pandas

        return pandas.DataFrame(self.rows, columns=list(self.columns))


def as_text(value: Any) -> str:
    """Return a value as one line of text: blank for None, yes/no for booleans, lists joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return (", " if all(isinstance(item, int) for item in value) else "; ").join(as_text(item) for item in value)
    return str(value)
