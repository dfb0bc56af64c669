"""Files with printed tables, and the result of comparing one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BadInput, UsageProblem
from kg.folder.files import check_file
from kg.table import Table

COLUMNS = ("row", "cell", "published", "computed", "only_published", "only_computed")


@dataclass(frozen=True)
class Comparison:
    """The numbers of ``cells`` compared and ``differing``; ``differences`` is empty (false) if all cells agree."""

    cells: int
    differing: int
    differences: Table


def comparison(path: Path, name: str, cells: int, differences: list[tuple[Any, ...]]) -> Comparison:
    """Return the result of comparing a file with the table of the graph called ``name``."""
    return Comparison(
        cells, len(differences), Table("differences", COLUMNS, differences, f"{path.name} against {name}")
    )


@dataclass(frozen=True)
class PrintedFile:
    """A printed table as text: the header and its row number, and the numbered rows, each as wide as the header."""

    name: str
    header: list[str]
    header_row: int
    rows: Sequence[tuple[int, list[str]]]


def read_printed(path: Path) -> PrintedFile:
    """Read a printed table. Raises UsageProblem for a file that is not there, BadInput for one that cannot be read."""
    from kg.loaders.tables.read import read_tables

    if not path.is_file():
        raise UsageProblem(f"{path} is not a file")
    check_file(path, str(path))
    table = read_tables(path, str(path))[0]
    if table.broken or table.problems:
        raise BadInput([*table.broken, *table.problems], "nothing was compared")
    width = len(table.header)
    rows = [
        (number, [*(c if isinstance(c, str) else c.text for c in cells), *[""] * width][:width])
        for number, cells in table.rows
    ]
    return PrintedFile(str(path), table.header, table.header_row, rows)
