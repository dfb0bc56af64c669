"""The cells of a gap map with their marks, from the map of factors and outcomes or from any other map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.errors import counted
from kg.export.figures.frame import About
from kg.export.figures.layout import clean
from kg.export.figures.marks import PLAIN, SEGMENTS, Mark, Style, styles_of_directions
from kg.export.figures.rows import by_group
from kg.model.vocabulary import DIRECTIONS
from kg.query.crosstab import shown
from kg.query.dimensions import notes
from kg.query.signs import DIRECTION_WORDS
from kg.table import STANDING_MARKS
from kg.text import is_colour

if TYPE_CHECKING:
    from kg.query.dimensions import Dimension
    from kg.query.graph import Graph
    from kg.query.maps import Map, MapCell


@dataclass(frozen=True)
class Term:
    """What a row or a column is of, the group that it is in, and its number of studies."""

    label: str
    group: str
    studies: int


@dataclass
class Cell:
    """The marks of a cell. ``indirect`` says that all its studies are cited jointly or inferred."""

    marks: list[Mark] = field(default_factory=list)
    indirect: bool = True
    standings: set[str] = field(default_factory=set)

    @property
    def sign(self) -> str:
        """What stands after the marks."""
        return ("~" if self.indirect else "") + "".join(
            STANDING_MARKS[s] for s in STANDING_MARKS if s in self.standings
        )


@dataclass
class Grid:
    """A map: its rows, its columns, its cells by the indexes of both, and the styles of its marks for the legend."""

    title: str
    rows: list[Term]
    columns: list[Term]
    cells: dict[tuple[int, int], Cell]
    styles: list[Style]
    notes: list[str] = field(default_factory=list)

    @property
    def is_segmented(self) -> bool:
        """Whether the marks of a cell stand for directions or other segments."""
        return [(style.shape, style.colour) for style in self.styles] != [PLAIN]

    @property
    def all_marks(self) -> list[Mark]:
        """Every mark."""
        return [mark for cell in self.cells.values() for mark in cell.marks]


def styles_said(origin: About) -> dict[str, Style]:
    """Return the style of each direction in the words and colours of the review."""
    says = {d: origin.word(d, DIRECTION_WORDS.get(d, d)) for d in DIRECTIONS}
    return styles_of_directions(origin.colours, says)


def grid_of_findings(graph: Graph, origin: About) -> Grid:
    """Return the map of factors and outcomes, with the poles of factors and with what is indirect."""
    factors, outcomes = _terms(graph, "factor"), _terms(graph, "outcome")
    row_at = {(term.group, term.label): n for n, term in enumerate(factors)}
    column_at = {term.label: n for n, term in enumerate(outcomes)}
    table = list(graph.table("gap-map").dicts())
    directed = any(row["direction"] != "unspecified" for row in table)
    plain = Style(*PLAIN, "studies")
    styles = styles_said(origin)
    cells: dict[tuple[int, int], Cell] = {}
    used = set()
    for row in table:
        place = row_at[clean(row["level"] or ""), clean(row["factor"])], column_at[clean(row["outcome"])]
        cell = cells.setdefault(place, Cell())
        style = styles[row["direction"]] if directed else plain
        used.add(style)
        cell.marks += _marks(style, row["studies"], row["implied"], absent=row["pole"] == "absence")
        cell.indirect &= row["indirect"] == row["studies"]
        cell.standings |= {graph.flags[label] for label in row["study_labels"] if label in graph.flags}
    title = f"{origin.word('factors', 'factors')} by {origin.word('outcomes', 'outcomes')}".capitalize()
    listed = [style for style in (*styles.values(), plain) if style in used]
    return Grid(title, factors, outcomes, cells, listed, _untied(graph))


def _terms(graph: Graph, kind: str) -> list[Term]:
    """Return the terms of a vocabulary in the order of their groups; one that only groups others is none of them."""
    rows = [row for row in graph.table("vocabulary").dicts() if row["kind"] == kind]
    broader = {row["broader"] for row in rows}
    terms = [
        Term(clean(row["label"]), clean(row["group"] or ""), row["studies"] or 0)
        for row in rows
        if row["studies"] or row["id"] not in broader
    ]
    return by_group(terms, lambda term: term.group)


def _untied(graph: Graph) -> list[str]:
    rows = [row for row in graph.table("findings").dicts() if not row["outcome_ids"]]
    are = "is" if len(rows) == 1 else "are"
    return [f"{counted(len(rows), 'finding')} {are} tied to no outcome and not on the map"] if rows else []


def _marks(style: Style, studies: int, implied: int, *, absent: bool = False) -> list[Mark]:
    marks = [Mark(style, studies - implied, absent=absent)] if studies > implied else []
    return [*marks, *([Mark(style, implied, implied=True, absent=absent)] if implied else [])]


def grid_of_map(graph: Graph, found: Map, origin: About) -> Grid:
    """Return any other map; the studies of a cell are in the segments that the map has."""
    down, across = shown(found.rows, found.by_row), shown(found.columns, found.by_column)
    down, across = (
        [key for key in keys if d.is_coded(key)] for keys, d in ((down, found.rows), (across, found.columns))
    )
    row_keys = _grouped(found.rows, down, found.by_row)
    column_keys = _grouped(found.columns, across, found.by_column)
    row_at = {key: n for n, (key, _) in enumerate(row_keys)}
    column_at = {key: n for n, (key, _) in enumerate(column_keys)}
    styles = _styles_of_segments(found, origin)
    plain = Style(*PLAIN, "studies")
    cells: dict[tuple[int, int], Cell] = {}
    for (row, column), cell in found.cells.items():
        marks = [mark for key, style in styles.items() for mark in _segment(cell, key, style)]
        standings = {graph.flags[label] for label in found.labels(cell.studies) if label in graph.flags}
        if not styles:
            marks = _marks(plain, len(cell.studies), len(cell.implied))
        cells[row_at[row], column_at[column]] = Cell(marks, False, standings)
    said = notes(found.units.dimensions)
    if found.segments is not None and not styles and cells and found.segments.id != "direction":
        said.append(f"{found.segments.label} has more than {len(SEGMENTS)} values and is not shown")
    rows, columns = [term for _, term in row_keys], [term for _, term in column_keys]
    return Grid(clean(found.title), rows, columns, cells, list(styles.values()) or [plain], said)


def group_of(dimension: Dimension, key: int) -> str:
    """Return the group of a value of a dimension; a coding status has none."""
    return clean(dimension.values[key].group or "") if dimension.is_coded(key) else ""


def _grouped(dimension: Dimension, keys: Sequence[int], studies: Mapping[int, set[int]]) -> list[tuple[int, Term]]:
    """Return the keys in the order of their groups, each with its term."""
    terms = {key: Term(clean(dimension.name(key)), group_of(dimension, key), len(studies.get(key, ()))) for key in keys}
    return by_group(list(terms.items()), lambda item: item[1].group)


def _styles_of_segments(found: Map, origin: About) -> dict[int, Style]:
    """Return the style of each segment that occurs, by its key; none where the map has no segments, or too many."""
    if found.segments is None:
        return {}
    if found.segments.id == "direction":
        styles = styles_said(origin)
        return {key: styles[name] for key, name in enumerate(DIRECTIONS)} if found.is_directed else {}
    used = sorted({key for cell in found.cells.values() for key in cell.segments})
    if len(used) > len(SEGMENTS):
        return {}
    made = {}
    for key, (shape, colour) in zip(used, SEGMENTS, strict=False):
        own: Any = found.segments.values[key].colour if found.segments.is_coded(key) else None
        made[key] = Style(shape, own if own and is_colour(own) else colour, clean(found.segments.name(key)))
    return made


def _segment(cell: MapCell, key: int, style: Style) -> list[Mark]:
    studies, _ = cell.segments.get(key, (set(), set()))
    return _marks(style, len(studies), len(studies & cell.implied))
