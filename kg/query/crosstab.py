"""Counts of studies, reports or findings by the values of facets and vocabularies.

Every number is a count of distinct studies (reports, findings), and so are the totals: a study with two values is in
both rows and once in the total. Percentages are of everything counted, which the column ``of`` states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.errors import UnknownName, UsageProblem, counted
from kg.garbage import garbage_collection_paused
from kg.problems import nearest
from kg.query.answers import Answers
from kg.query.dimensions import Dimension, countable, noted
from kg.query.units import COUNTED, Cell, Thing, Unit, Units, cells_of
from kg.table import Table

TOTAL = "total"
_TAKEN = {*COUNTED.values(), "of", "percent", "group", "study_labels", TOTAL}


@dataclass(frozen=True)
class Crosstab:
    """Everything that is counted, by cell: a key of each dimension."""

    dimensions: Sequence[Dimension]
    units: Units
    by: str
    cells: Mapping[Cell, Sequence[Thing]]

    @cached_property
    def total(self) -> int:
        """The number of everything that is counted."""
        return self.units.count(self.by)

    def margin(self, at: int) -> dict[int, list[Thing]]:
        """Return what has each key of one dimension, each once."""
        found: dict[int, dict[Thing, None]] = {}
        for cell, things in self.cells.items():
            found.setdefault(cell[at], {}).update(dict.fromkeys(things))
        return {key: list(things) for key, things in found.items()}

    def numbers(self, things: Sequence[Thing]) -> tuple[object, ...]:
        """Return the last cells of a row: the count, what it is a part of, the percentage, the labels of studies."""
        share = round(100 * len(things) / self.total, 1) if self.total else None
        places = sorted(thing for thing in things if isinstance(thing, int))
        labels = ([self.units.labels[place] for place in places],) if self.by == "study" else ()
        return len(things), self.total, share, *labels

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of ``numbers``."""
        return COUNTED[self.by], "of", "percent", *(("study_labels",) if self.by == "study" else ())


@garbage_collection_paused()
def tabulate(graph: Answers, dimensions: Sequence[Dimension], by: str = "study") -> Crosstab:
    """Count everything by the values of ``dimensions``.

    Where several of them are of findings, the values of one finding are counted together. Otherwise a study has the
    values of all its findings. A dimension that is given twice stands for two different values of one study.
    """
    if by not in COUNTED:
        raise UnknownName("unit of counting", by, nearest(by, COUNTED) or list(COUNTED))
    units = Units(graph, dimensions)
    twins = [(a, b) for b, d in enumerate(dimensions) for a in range(b) if dimensions[a].id == d.id]
    of_findings = sum(dimension.of == "finding" for dimension in dimensions)
    by_finding = by == "finding" or (of_findings > (by != "review") and not twins)
    listed: Iterable[Unit] = units.of_findings() if by_finding else units.of_studies()
    cells: dict[Cell, list[Thing]] = {}
    for thing, own in cells_of(listed, units, by).items():
        for cell in own:
            if all(cell[a] < cell[b] and dimensions[b].is_coded(cell[b]) for a, b in twins):
                cells.setdefault(cell, []).append(thing)
    return Crosstab(dimensions, units, by, dict(sorted(cells.items())))


def counts(graph: Answers, facet: str, by: str = "study") -> Table:
    """Return how many studies (reports, findings) have each value of a facet or vocabulary."""
    found = tabulate(graph, [countable(graph, facet)], by)
    (dimension,) = found.dimensions
    grouped = any(value.group for value in dimension.values)
    margin = found.margin(0)
    rows: list[tuple[object, ...]] = []
    for key in shown(dimension, margin):
        group = (dimension.values[key].group if dimension.is_coded(key) else None,) if grouped else ()
        rows.append((*group, dimension.name(key), *found.numbers(margin.get(key, []))))
    labels: tuple[object, ...] = ([],) if by == "study" else ()  # of all studies; the table characteristics has them
    percent = 100.0 if found.total else None
    rows.append((*([None] if grouped else []), TOTAL, found.total, found.total, percent, *labels))
    columns = (*(["group"] if grouped else []), column_name(dimension), *found.columns)
    title = f"{COUNTED[by].capitalize()} by {dimension.label}; percentages are of {_all(found)}"
    title = noted(title, found.dimensions)
    return Table("counts", columns, rows, title, "codes", graph.flags, {column_name(dimension): dimension.label})


def crosstab(graph: Answers, facets: Sequence[str], by: str = "study", *, long: bool = False) -> Table:
    """Return how many studies (reports, findings) have each combination of values of two or more facets.

    Two facets make a grid, unless ``long``; more make a row for each combination that occurs. A facet that is given
    twice makes a row for each pair of different values of one study.
    """
    if len(facets) < 2:
        raise UsageProblem("a crosstab needs two facets or more: kg table crosstab ROWS COLUMNS; one is for counts")
    found = tabulate(graph, [countable(graph, facet) for facet in facets], by)
    twice = len({dimension.id for dimension in found.dimensions}) < len(found.dimensions)
    return _grid(graph, found) if len(facets) == 2 and not long and not twice else _rows(graph, found, twice)


def _grid(graph: Answers, found: Crosstab) -> Table:
    down, across = found.dimensions
    of_rows, of_columns = found.margin(0), found.margin(1)
    keys = list(shown(across, of_columns))
    names = _distinct([column_name(down), *(str(across.name(key)) for key in keys), TOTAL], keys, across)
    rows: list[tuple[object, ...]] = [
        (down.name(row), *(len(found.cells.get((row, key), ())) for key in keys), len(of_rows.get(row, ())))
        for row in shown(down, of_rows)
    ]
    rows.append((TOTAL, *(len(of_columns.get(key, ())) for key in keys), found.total))
    title = (
        f"{COUNTED[found.by].capitalize()} by {down.label} (rows) and {across.label} (columns), of {_all(found)}; "
        f"totals count each {found.by} once"
    )
    title = noted(title, found.dimensions)
    return Table("crosstab", names, rows, title, "codes", graph.flags, {names[0]: down.label})


def _rows(graph: Answers, found: Crosstab, twice: bool) -> Table:
    names: list[str] = []
    for dimension in found.dimensions:
        name = column_name(dimension)
        names.append(name if name not in names else f"{name}_{names.count(name) + 1}")
    rows = [
        (*(d.name(key) for d, key in zip(found.dimensions, cell, strict=True)), *found.numbers(things))
        for cell, things in found.cells.items()
    ]
    labels = [dimension.label for dimension in found.dimensions]
    single = sum(len(things) == 1 for things in found.cells.values())
    if twice:
        title = f"{COUNTED[found.by].capitalize()} by pairs of different values that one {_unit(found)} has: "
    else:
        title = f"{COUNTED[found.by].capitalize()} by {', '.join(labels[:-1])} and {labels[-1]}: "
    title += f"{counted(len(rows), 'combination')}, {single} of them in one {found.by} only"
    title = noted(f"{title}; percentages are of {_all(found)}", found.dimensions)
    words = dict(zip(names, labels, strict=True))
    return Table("crosstab", (*names, *found.columns), rows, title, "codes", graph.flags, words)


def coverage(graph: Answers) -> Table:
    """Return how full each facet is: the studies or findings with a value, and those without by coding status."""
    rows = []
    for row in graph.table("coverage").dicts():
        blank = row["units"] - row["coded"] - row["not_reported"] - row["not_applicable"]
        share = round(100 * row["coded"] / row["units"], 1) if row["units"] else None
        rows.append((
            row["facet"], row["of"], row["kind"], row["coded"], row["not_reported"], row["not_applicable"], blank,
            row["units"], share,
        ))  # fmt: skip
    columns = (
        "facet", "of", "kind", "coded", "not_reported", "not_applicable", "not_extracted", TOTAL, "percent",
    )  # fmt: skip
    title = "How full each facet is: studies or findings by coding status; percentages are the coded ones of the total"
    return Table("coverage", columns, rows, title, "coverage", graph.flags)


def shown(dimension: Dimension, used: Iterable[int]) -> list[int]:
    """Return the keys of the rows for a dimension: its values, and the coding statuses that occur.

    A value that only groups others has no row.
    """
    there = set(used)
    groups = {value.broader for value in dimension.values}
    values = [key for key, value in enumerate(dimension.values) if key in there or value.id not in groups]
    return values + sorted(key for key in there if not dimension.is_coded(key))


def column_name(dimension: Dimension) -> str:
    """Return the name of the column for a dimension: its id, unless another column is called that."""
    return f"{dimension.id} (facet)" if dimension.id in _TAKEN else dimension.id


def _distinct(names: list[str], keys: Sequence[int], dimension: Dimension) -> tuple[str, ...]:
    """Return the names of columns with the id of the value after each name that occurs twice."""
    ids = ["", *(dimension.values[key].id if dimension.is_coded(key) else "status" for key in keys), ""]
    return tuple(
        f"{name} ({id_})" if id_ and names.count(name) > 1 else name for name, id_ in zip(names, ids, strict=True)
    )


def _unit(found: Crosstab) -> str:
    return "finding" if found.by == "finding" else "study"


def _all(found: Crosstab) -> str:
    plural = COUNTED[found.by]
    return f"all {found.total:,} {plural}" if found.total != 1 else f"the {found.by}"
