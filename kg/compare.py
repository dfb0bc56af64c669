"""A table as a review printed it against the graph, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import BadInput, UnknownName, UsageProblem
from kg.ids import expand_numbers
from kg.problems import Problem
from kg.table import Table

if TYPE_CHECKING:
    from kg.review import Graph

COLUMNS = ("row", "cell", "published", "computed", "only_published", "only_computed")


@dataclass(frozen=True)
class Comparison:
    """``cells`` were compared, ``differing`` of them differ; ``differences`` is empty (false) where all agree."""

    cells: int
    differing: int
    differences: Table


@dataclass(frozen=True)
class _Shape:
    """How a table is compared: the columns that name a row, and those that hold its cells."""

    keys: tuple[str, ...]
    cells: tuple[str, ...]


SHAPES = {
    "evidence-counts": _Shape(("factor", "direction"), ("studies", "study_labels", "outcomes")),
    "outcomes": _Shape(("outcome",), ("studies", "study_labels")),
    "designs": _Shape(("group", "value"), ("studies",)),
}
_OTHER_NAMES = {
    "number of articles": "studies",
    "articles": "study_labels",
    "outcome(s) affected": "outcomes",
    "references": "references",
    "relation to optimal outcomes": "direction",
    "how discussed": "direction",
}


def compare(graph: Graph, path: Path, name: str | None = None) -> Comparison:
    """Compare a published table with the graph's.

    Columns are named as in the table itself (factor, direction, studies, study_labels, outcomes, …); ``references``
    holds the review's reference numbers instead of its article numbers. A published table may hold a part of the
    factors: then the factors of the same groups are expected. Raises BadInput for a value that names nothing,
    UsageProblem for a table that is not known.
    """
    header, rows = _read(path)
    name = name or next((n for n, shape in SHAPES.items() if set(shape.keys) <= set(header)), None)
    if name not in SHAPES:
        raise UsageProblem(f"{path}: cannot tell which table this reprints; name one with --table: {', '.join(SHAPES)}")
    shape = SHAPES[name]
    reader = _Reader(graph, path)
    computed = {reader.key(row, shape.keys): row for row in graph.table(name).dicts()}
    published: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, row in rows:
        key = reader.published_key(number, row, shape.keys)
        if key in published:
            reader.fail(number, shape.keys[0], " / ".join(key), "the row stands twice")
        published[key] = reader.cells(number, row, shape)
    if reader.problems:
        raise BadInput(reader.problems, "nothing was compared")
    differences: list[tuple[Any, ...]] = []
    cells = 0
    for key, printed in published.items():
        here = computed.get(key, {})
        for cell, value in printed.items():
            cells += 1
            differences += _difference(" / ".join(key), cell, value, _plain(here.get(cell), cell))
    groups = {computed[key].get("level") for key in published if key in computed}
    for key, row in computed.items():
        if key not in published and row.get("level") in groups and row["studies"]:
            cells += 1
            differences += _difference(" / ".join(key), "studies", None, row["studies"])
    table = Table("differences", COLUMNS, differences, f"{path.name} against {name}")
    return Comparison(cells, len(differences), table)


def _difference(row: str, cell: str, printed: Any, here: Any) -> Iterable[tuple[Any, ...]]:
    if printed == here:
        return ()
    if isinstance(printed, list) and isinstance(here, list | None):
        here = here or []
        return [
            (row, cell, printed, here, [x for x in printed if x not in here], [x for x in here if x not in printed])
        ]
    return [(row, cell, printed, here, None, None)]


def _plain(value: Any, cell: str) -> Any:
    return sorted(value, key=str.casefold) if cell == "outcomes" and value is not None else value


class _Reader:
    """Turns printed cells into values that can be compared, collecting what names nothing."""

    def __init__(self, graph: Graph, path: Path) -> None:
        self.graph, self.path = graph, path
        self.problems: list[Problem] = []
        self._references: dict[str, Any] | None = None

    def fail(self, number: int, column: str, value: str, reason: str, suggestion: str = "") -> None:
        """Note a problem of the published file."""
        self.problems.append(
            Problem(str(self.path), reason, row=number, column=column, value=value, suggestion=suggestion)
        )

    def key(self, row: dict[str, Any], columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the key of a computed row."""
        return tuple(str(row[column]) for column in columns)

    def published_key(self, number: int, row: dict[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the key of a printed row: its terms and direction by the names that the graph uses."""
        named: dict[str, Callable[[str], str]] = {
            "factor": lambda text: str(self.graph.concept("factor", text)["label"]),
            "outcome": lambda text: str(self.graph.concept("outcome", text)["label"]),
            "direction": self._direction,
        }
        parts = []
        for column in columns:
            text = row.get(column, "").strip()
            try:
                parts.append(named.get(column, str)(text))
            except UnknownName as error:
                self.fail(number, column, text, str(error).split(";")[0], " or ".join(error.choices[:3]))
                parts.append(text)
        return tuple(parts)

    def cells(self, number: int, row: dict[str, str], shape: _Shape) -> dict[str, Any]:
        """Return the values of a printed row's cells; a cell whose column is not there is not compared."""
        found: dict[str, Any] = {}
        for cell in shape.cells:
            if cell in row:
                found[cell] = self._cell(number, cell, row[cell].strip())
        if "references" in row and "study_labels" in shape.cells:
            found["study_labels"] = self._from_references(number, row["references"])
        return found

    def _cell(self, number: int, cell: str, text: str) -> Any:
        if cell == "studies":
            if not text.isdigit():
                self.fail(number, cell, text, "is not a whole number")
                return None
            return int(text)
        if cell == "study_labels":
            numbers = expand_numbers(text) if text else []
            return numbers if numbers is not None else [part for part in re.split(r"\s*[;,]\s*", text) if part]
        if text.casefold() in ("", "not discussed", "none", "-", "–"):
            return []
        found = []
        for part in [text] if ";" not in text and self._known(text) else re.split(r"\s*[;,]\s*", text):
            try:
                found.append(str(self.graph.concept("outcome", part)["label"]))
            except UnknownName as error:
                self.fail(number, cell, part, str(error).split(";")[0], " or ".join(error.choices[:3]))
        return sorted(found, key=str.casefold)

    def _known(self, text: str) -> bool:
        try:
            return bool(self.graph.concept("outcome", text))
        except UnknownName:
            return False

    def _direction(self, text: str) -> str:
        from kg.loaders.columns import VALUES, spellings

        found = spellings("direction").get(text.casefold())
        if found is None:
            raise UnknownName("direction", text, list(VALUES["direction"]))
        return found

    def _from_references(self, number: int, text: str) -> list[Any]:
        if self._references is None:
            rows = self.graph.table("characteristics").dicts()
            self._references = {row["reference"]: row["label"] for row in rows if row["reference"]}
        found = []
        for reference in expand_numbers(text) or []:
            if str(reference) not in self._references:
                self.fail(number, "references", str(reference), "no included study has this reference number")
            else:
                found.append(self._references[str(reference)])
        return sorted(found)


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    from kg.loaders.tables import read_tables

    if not path.is_file():
        raise UsageProblem(f"{path} is not a file")
    table = read_tables(path, str(path))[0]
    if table.broken or table.problems:
        raise BadInput([*table.broken, *table.problems], "nothing was compared")
    header = [_OTHER_NAMES.get(h.casefold(), h.casefold().replace(" ", "_")) for h in table.header]
    rows = []
    for number, cells in table.rows:
        texts = [c if isinstance(c, str) else c.text for c in cells]
        rows.append((number, dict(zip(header, [*texts, *[""] * len(header)], strict=False))))
    return header, rows
