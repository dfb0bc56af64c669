"""Compare a printed table of a review with the graph, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.check.printed import Comparison, comparison, read_printed
from kg.errors import BadInput, UsageProblem
from kg.loaders.sheets.columns import spellings
from kg.model.fields import VALUES
from kg.model.ids import expand_numbers
from kg.model.normalise import fold_term, fold_words
from kg.model.published import COUNTED_TABLES, PRINTED_COLUMNS, PRINTED_TABLES, PrintedAs, PrintedTable
from kg.problems import Problem, nearest

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: Columns of a printed table that are not compared. Any other unknown column is an error: it would seem compared.
IGNORED = ("level", "locator", "note", "notes", "comment", "comments", "page", "pages", "section", "source", "table")
#: The ways in which tables print an empty cell.
_EMPTY = ("", "-", "–", "—", "−")


def compare(graph: Graph, path: Path, printed: PrintedAs | None = None) -> Comparison:
    """Compare a published table with the same table of the graph.

    The columns have the names of the graph's table (factor, direction, studies, study_labels, outcomes, …); a column
    ``references`` holds the review's reference numbers in place of its article numbers. A published table may hold a
    part of the factors: then all factors of the same groups are expected. Raises BadInput for an unknown name and for
    a column that would not be compared, UsageProblem for an unknown table.
    """
    if printed is not None and printed.table in COUNTED_TABLES:
        from kg.check.counted import compare_counted

        return compare_counted(graph, path, printed)
    header, header_row, rows = _read(path)
    name = printed.table if printed else _guess_table(header)
    if name is None:
        raise UsageProblem(
            f"{path}: cannot tell which table this reprints; name one with --table: {', '.join(PRINTED_TABLES)}, "
            f'"counts FACET" or "crosstab ROWS COLUMNS"{_facets_of(graph)}'
        )
    layout = PRINTED_TABLES[name]
    wrong = _header_problems(str(path), header, header_row, layout)
    if wrong:
        raise BadInput(wrong, "nothing was compared")
    computed = {tuple(str(row[column]) for column in layout.keys): row for row in graph.table(name).dicts()}
    reader = _Reader(graph, path, list(computed.values()))
    published: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, row in rows:
        key = reader.published_key(number, row, layout.keys)
        if key in published:
            reader.fail(number, layout.keys[0], " / ".join(key), "the row stands twice")
        published[key] = reader.cells(number, row, layout)
    if reader.problems:
        raise BadInput(reader.problems, "nothing was compared")
    differences: list[tuple[Any, ...]] = []
    cells = 0
    for key, printed_row in published.items():
        computed_row = computed.get(key, {})
        for cell, value in printed_row.items():
            cells += 1
            differences += _difference(" / ".join(key), cell, value, _in_order(computed_row.get(cell), cell))
    groups = {_group(computed[key]) for key in published if key in computed}
    for key, row in computed.items():
        if key not in published and _group(row) in groups and row["studies"]:
            cells += 1
            differences += _difference(" / ".join(key), "studies", None, row["studies"])
    return comparison(path, name, cells, differences)


def _guess_table(header: Iterable[str]) -> str | None:
    names = set(header)
    return next((name for name, table in PRINTED_TABLES.items() if set(table.keys) <= names), None)


def _facets_of(graph: Graph) -> str:
    """Return the facets of a graph as the end of a sentence."""
    names = [str(row["facet"]) for row in graph.table("facets").dicts() if row["kind"] != "text"]
    return f"; facets are factor, outcome, {', '.join(names)}" if names else ""


def _read(path: Path) -> tuple[list[str], int, list[tuple[int, dict[str, str]]]]:
    """Return the canonical names of the columns, the row number of the header, and the numbered rows."""
    file = read_printed(path)
    canonical = {fold_words(text): name for name, others in PRINTED_COLUMNS.items() for text in (name, *others)}
    header = [canonical.get(fold_words(h), h) for h in file.header]
    return header, file.header_row, [(number, dict(zip(header, cells, strict=True))) for number, cells in file.rows]


def _group(row: Mapping[str, Any]) -> Any:
    """Return the group of a row: the level of a factor, or the group of a value. A printed table has whole groups."""
    return row.get("level", row.get("group"))


def _difference(row: str, cell: str, printed: Any, computed: Any) -> Iterable[tuple[Any, ...]]:
    """Return the row of differences for a cell, if the two values differ."""
    if computed is None and not printed and printed is not None:
        return ()  # a printed 0, for which the graph has no row
    if isinstance(printed, list) and isinstance(computed, list | None):
        computed = computed or []
        # In any order and as text: if one study has no number, all labels of the graph are text.
        printed_texts, computed_texts = {str(x) for x in printed}, {str(x) for x in computed}
        if printed_texts == computed_texts:
            return ()
        only_printed = [x for x in printed if str(x) not in computed_texts]
        only_computed = [x for x in computed if str(x) not in printed_texts]
        return [(row, cell, printed, computed, only_printed, only_computed)]
    return () if printed == computed else [(row, cell, printed, computed, None, None)]


def _in_order(value: Any, cell: str) -> Any:
    """Return a value of the graph with its outcomes sorted as those of a printed cell."""
    return sorted(value, key=str.casefold) if cell == "outcomes" and value is not None else value


class _Reader:
    """Turns printed cells into values that can be compared, and collects the problems of unknown names."""

    def __init__(self, graph: Graph, path: Path, computed: list[dict[str, Any]]) -> None:
        self.graph, self.path, self.computed = graph, path, computed
        self.problems: list[Problem] = []
        self._names: dict[str, dict[str, str]] = {}

    def fail(self, number: int, column: str, value: str, reason: str, suggestion: str = "") -> None:
        """Add a problem of the published file."""
        self.problems.append(
            Problem(str(self.path), reason, row=number, column=column, value=value, suggestion=suggestion)
        )

    def published_key(self, number: int, row: dict[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the key of a printed row: its terms and direction as the graph names them."""
        return tuple(self._name(column, number, column, row[column].strip()) for column in columns)

    def cells(self, number: int, row: dict[str, str], layout: PrintedTable) -> dict[str, Any]:
        """Return the values of the cells of a printed row, for the columns that the table has."""
        found: dict[str, Any] = {}
        for cell in layout.cells:
            if cell in row:
                found[cell] = self._cell(number, cell, row[cell].strip())
        if "references" in row and "study_labels" in layout.cells:
            found["study_labels"] = self._from_references(number, row["references"])
        return found

    def _cell(self, number: int, cell: str, text: str) -> Any:
        if cell == "studies":
            if not text.isdecimal():
                self.fail(number, cell, text, "is not a whole number")
                return None
            return int(text)
        if cell == "study_labels":
            return _labels(text)
        if text.casefold() in (*_EMPTY, "not discussed", "none"):
            return []
        found = []
        for listed in text.split(";"):
            # A name may contain a comma.
            parts = [listed] if fold_term(listed) in self._known("outcome") else listed.split(",")
            found += [self._name("outcome", number, cell, part.strip()) for part in parts if part.strip()]
        return sorted(found, key=str.casefold)

    def _name(self, kind: str, number: int, column: str, text: str) -> str:
        """Return the name that the graph uses for ``text``, which must be a whole name."""
        known = self._known(kind)
        found = known.get(fold_term(text))
        if found is None and kind == "value":
            return text  # the graph lacks values that no study has
        if found is None:
            names = list(dict.fromkeys(known.values()))
            near = list(VALUES["direction"]) if kind == "direction" else nearest(text, names)
            self.fail(number, column, text, f"no {kind} is called {text!r}", " or ".join(near[:3]))
        return found or text

    def _known(self, kind: str) -> dict[str, str]:
        """Return the name that the graph uses for each name of a factor, outcome, direction, …"""
        if kind not in self._names:
            if kind == "direction":
                known = spellings("direction")
            elif kind in ("factor", "outcome"):
                terms = [row for row in self.graph.table("vocabulary").dicts() if row["kind"] == kind]
                known = {
                    fold_term(name): row["label"]
                    for row in terms
                    for name in (*(row["synonyms"] or "").split("; "), row["id"], row["label"])
                    if name
                }
            else:
                known = {fold_term(row[kind]): row[kind] for row in self.computed}
            self._names[kind] = known
        return self._names[kind]

    def _from_references(self, number: int, text: str) -> list[Any]:
        found = []
        for reference in _labels(text):
            if str(reference) not in self._references:
                self.fail(number, "references", str(reference), "no included study has this reference number")
            else:
                found.append(self._references[str(reference)])
        return sorted(found)

    @cached_property
    def _references(self) -> dict[str, Any]:
        rows = self.graph.table("characteristics").dicts()
        return {row["reference"]: row["label"] for row in rows if row["reference"]}


def _labels(text: str) -> list[Any]:
    """Return the studies of a printed list: as integers if all of them are, otherwise as texts."""
    found: list[Any] = []
    for part in re.findall(r'\s*"[^"]*"|[^,;]+', text):
        if (label := part.strip().strip('"')) not in _EMPTY:
            found += expand_numbers(label) or [label]
    return found if all(isinstance(x, int) for x in found) else [str(x) for x in found]


def _header_problems(file: str, header: list[str], row: int, layout: PrintedTable) -> list[Problem]:
    """Return the problems of the columns; without them, a misspelt column would not be compared."""
    known = [*layout.keys, *layout.cells, *(["references"] if "study_labels" in layout.cells else [])]
    names = [*known, *(other for name in known for other in PRINTED_COLUMNS[name])]
    problems = []
    for index, column in enumerate(header):
        if column in header[:index] and column in known:
            problems.append(Problem(file, "two columns hold this", row=row, column=column))
        elif column and column not in known and fold_words(column) not in IGNORED:
            near = " or ".join(map(repr, nearest(column, names)))
            accepted = f"{', '.join(known)}; not compared are {', '.join(IGNORED)}"
            problems.append(
                Problem(file, "the column is not known", row=row, column=column, suggestion=near, accepted=accepted)
            )
    for column in layout.keys:
        if column not in header:
            problems.append(Problem(file, "the column is missing", row=row, column=column))
    if not problems and not set(header) & set(known[len(layout.keys) :]):
        reason = "there is no column to compare"
        problems.append(Problem(file, reason, row=row, accepted=", ".join(known[len(layout.keys) :])))
    if {"study_labels", "references"} <= set(header):
        reason = "stands instead of study_labels, which is there too"
        problems.append(Problem(file, reason, row=row, column="references", accepted="one of the two"))
    return problems
