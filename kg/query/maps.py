"""Gap maps of any two facets or vocabularies.

A placement is a study in a cell. It is *paired* where the study is known to have examined the pair: one of its findings
has both values, or it has only one value of the rows or of the columns. Otherwise it is *implied*: the study has both
values, and nothing says that it looked at them together. A map of tags would draw a placement for every crossing of the
values of a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from kg.errors import UnknownName
from kg.model.normalise import fold_term
from kg.model.vocabulary import DIRECTIONS
from kg.problems import nearest
from kg.query.answers import Answers
from kg.query.crosstab import column_name, shown
from kg.query.dimensions import countable, noted
from kg.query.matrix import matrix
from kg.query.signs import DIRECTION_SIGNS, IMPLIED_SIGN, legend, signed
from kg.query.units import Unit, Units
from kg.table import Table


@dataclass(frozen=True)
class MapSpec:
    """A map that ``review.toml`` declares: what is in the rows, the columns and, within a cell, the segments."""

    name: str
    rows: str = "factor"
    columns: str = "outcome"
    segments: str | None = None
    title: str | None = None

    @property
    def is_of_findings(self) -> bool:
        """Whether it is the map of factors, outcomes and directions, which every graph has counted."""
        return (self.rows, self.columns) == ("factor", "outcome") and self.segments in (None, "direction")


#: The map that every review has.
DEFAULT = MapSpec("factors and outcomes")


def find_map(declared: Sequence[MapSpec], name: str | None) -> MapSpec:
    """Return the map of this name, or without one the map of factors and outcomes. Raises UnknownName."""
    if name is None:
        return DEFAULT
    known = {spec.name: spec for spec in (DEFAULT, *declared)}
    found = [spec for title, spec in known.items() if fold_term(title) == fold_term(name)]
    if not found:
        raise UnknownName("map", name, nearest(name, known) or list(known))
    return found[0]


@dataclass
class MapCell:
    """The studies in one cell by place, the findings, and the studies in each segment; ``paired`` are some of them."""

    studies: set[int] = field(default_factory=set)
    paired: set[int] = field(default_factory=set)
    findings: set[str] = field(default_factory=set)
    segments: dict[int, tuple[set[int], set[str]]] = field(default_factory=dict)

    @property
    def implied(self) -> set[int]:
        """The studies of which it is not known that they examined the pair."""
        return self.studies - self.paired


class Map:
    """The cells of a map: (key of the row, key of the column) -> ``MapCell``."""

    def __init__(self, graph: Answers, spec: MapSpec) -> None:
        self._graph, self.spec = graph, spec
        self.rows, self.columns = countable(graph, spec.rows), countable(graph, spec.columns)
        segments = spec.segments
        if segments is None and {self.rows.id, self.columns.id} & {"factor", "outcome"}:
            segments = "direction"
        self.segments = countable(graph, segments) if segments else None
        dimensions = [self.rows, self.columns, *([self.segments] if self.segments else [])]
        self.units = Units(graph, dimensions)
        self._implied = {
            finding for row in graph.table("codes", facet="implied").dicts() for finding in row["findings"]
        }
        #: The values that each study has of the rows and of the columns, whether or not in one cell.
        self.tags = self._tags()
        self.cells = self._cells()

    def _tags(self) -> dict[int, tuple[list[int], list[int]]]:
        return {
            unit.study: (
                [key for key in unit.keys[0] if self.rows.is_coded(key)],
                [key for key in unit.keys[1] if self.columns.is_coded(key)],
            )
            for unit in self.units.of_studies()
        }

    def _cells(self) -> dict[tuple[int, int], MapCell]:
        cells: dict[tuple[int, int], MapCell] = {}
        own_rows, own_columns = self.units.codes[0].findings, self.units.codes[1].findings
        for unit in self._units():
            rows, columns = self.tags[unit.study]
            simple = len(rows) < 2 or len(columns) < 2
            stated = unit.finding is not None and unit.finding not in self._implied
            for row, column in product(unit.keys[0], unit.keys[1]):
                if not (self.rows.is_coded(row) and self.columns.is_coded(column)):
                    continue
                cell = cells.setdefault((row, column), MapCell())
                cell.studies.add(unit.study)
                if unit.finding is not None:
                    cell.findings.add(unit.finding)
                if simple or (
                    stated
                    and row in own_rows.get(unit.finding or "", ())
                    and column in own_columns.get(unit.finding or "", ())
                ):
                    cell.paired.add(unit.study)
                for key in unit.keys[2] if self.segments else ():
                    studies, findings = cell.segments.setdefault(key, (set(), set()))
                    studies.add(unit.study)
                    findings.update([unit.finding] if unit.finding is not None else [])
        return dict(sorted(cells.items()))

    def _units(self) -> Iterable[Unit]:
        of_findings = any(dimension.of == "finding" for dimension in self.units.dimensions)
        return self.units.of_findings() if of_findings else self.units.of_studies()

    @cached_property
    def by_row(self) -> Mapping[int, set[int]]:
        """The studies with each value of the rows."""
        return _having((tags[0], study) for study, tags in self.tags.items())

    @cached_property
    def by_column(self) -> Mapping[int, set[int]]:
        """The studies with each value of the columns."""
        return _having((tags[1], study) for study, tags in self.tags.items())

    @cached_property
    def is_directed(self) -> bool:
        """Whether the segments are directions, and any finding states one."""
        if self.segments is None or self.segments.id != "direction":
            return False
        unspecified = DIRECTIONS.index("unspecified")
        return any(key < unspecified for cell in self.cells.values() for key in cell.segments)

    @property
    def names(self) -> tuple[str, str]:
        """The names of the columns of tables for the rows and columns of the map."""
        row, column = column_name(self.rows), column_name(self.columns)
        return row, column if column != row else f"{column}_2"

    @property
    def title(self) -> str:
        """The title of the map."""
        return self.spec.title or f"{self.rows.label} by {self.columns.label}"

    @property
    def words(self) -> dict[str, str]:
        """What a terminal shows in place of the names of columns."""
        more = {self.segments.id: self.segments.label} if self.segments else {}
        return dict(zip(self.names, (self.rows.label, self.columns.label), strict=True)) | more

    def grid(self) -> Table:
        """Return the map as a grid, with the number of studies that have each row's value in the last column.

        The map of factors and outcomes also has the poles of factors and the signs of indirect evidence.
        """
        graph = self._graph
        made = matrix(graph, everything=True) if self.spec.is_of_findings else _grid(graph, self)
        return replace(made, title=f"{made.title} ({graph.scope})") if graph.scope else made

    def _repr_html_(self) -> str:
        return self.grid()._repr_html_()

    def labels(self, studies: set[int]) -> list[int | str]:
        """Return the labels of studies in their order."""
        return [self.units.labels[study] for study in sorted(studies)]


def _having(tagged: Iterable[tuple[Sequence[int], int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for keys, study in tagged:
        for key in keys:
            found.setdefault(key, set()).add(study)
    return found


def map_table(graph: Answers, spec: MapSpec) -> Table:
    """Return the non-empty cells of a map, one row each; with segments, one for each segment of a cell."""
    found = Map(graph, spec)
    rows: list[tuple[object, ...]] = []
    for (row, column), cell in found.cells.items():
        names = found.rows.name(row), found.columns.name(column)
        if found.segments is None:
            rows.append((*names, *_numbers(found, cell, cell.studies, cell.findings)))
        for key, (studies, findings) in sorted(cell.segments.items()):
            segment = found.segments.name(key) if found.segments else None
            rows.append((*names, segment, *_numbers(found, cell, studies, findings)))
    segments = (column_name(found.segments),) if found.segments else ()
    columns = (*found.names, *segments, "studies", "implied", "findings", "study_labels", "implied_labels")
    title = f"{found.title}: the cells of the map, in studies; implied are those not known to have examined the pair"
    title = noted(title, found.units.dimensions)
    return Table("gap-map", columns, rows, title, "codes", graph.flags, found.words)


def _numbers(found: Map, cell: MapCell, studies: set[int], findings: set[str]) -> tuple[object, ...]:
    implied = studies & cell.implied
    return len(studies), len(implied), len(findings), found.labels(studies), found.labels(implied)


def _grid(graph: Answers, found: Map) -> Table:
    directed = found.is_directed
    down, across = shown(found.rows, found.by_row), shown(found.columns, found.by_column)

    def text(row: int, column: int) -> str:
        cell = found.cells.get((row, column))
        if cell is None:
            return "·"
        if not directed:
            return signed(len(cell.studies), len(cell.implied), "")
        return " ".join(
            signed(len(studies), len(studies & cell.implied), DIRECTION_SIGNS[DIRECTIONS[key]])
            for key, (studies, _) in sorted(cell.segments.items())
            if key < len(DIRECTIONS)
        )

    rows: list[tuple[object, ...]] = [
        (found.rows.name(row), *(text(row, column) for column in across), len(found.by_row.get(row, ())))
        for row in down
    ]
    names = [found.names[0], *(str(found.columns.name(column)) for column in across), "studies"]
    columns = tuple(
        f"{name} ({n})" if names.count(name) > 1 and 0 < n < len(names) - 1 else name for n, name in enumerate(names)
    )
    used = {IMPLIED_SIGN} if any(cell.implied for cell in found.cells.values()) else set()
    title = f"{found.title} ({legend(used, graph.words, directed=directed)})"
    title = noted(title, found.units.dimensions)
    return Table("matrix", columns, rows, title, "codes", graph.flags, found.words)


def pairing(graph: Answers, specs: Sequence[MapSpec]) -> Table:
    """Return how many placements of each map are paired and implied, and how many a map of tags would have drawn."""
    rows: list[tuple[object, ...]] = []
    for spec in specs:
        found = Map(graph, spec)
        placements = sum(len(cell.studies) for cell in found.cells.values())
        implied = sum(len(cell.implied) for cell in found.cells.values())
        crossings = sum(len(rows) * len(columns) for rows, columns in found.tags.values())
        share = round(100 * (placements - implied) / crossings, 1) if crossings else None
        rows.append(
            (
                spec.name,
                found.rows.label,
                found.columns.label,
                placements,
                placements - implied,
                implied,
                crossings,
                share,
            )
        )
    columns = ("map", "rows", "columns", "placements", "paired", "implied", "tag_map", "percent")
    title = (
        "Placements, each a study in a cell: paired, implied, and as many as a map of tags would draw; percentages are "
        "the paired ones of those"
    )
    return Table("pairing", columns, rows, title, "codes", graph.flags)
