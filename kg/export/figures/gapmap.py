"""The gap map as a figure: rows and columns in groups, marks in the cells, a hatching where there is no study."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from kg.errors import UsageProblem
from kg.export.figures.frame import MARGIN, About, Figure, Key, caption, foot, legend, nothing, standing_keys
from kg.export.figures.grid import Cell, Grid, Term, grid_of_findings, grid_of_map
from kg.export.figures.layout import fitted
from kg.export.figures.marks import Mark, drawn, height_of, legend_mark, side_of
from kg.export.figures.render import width_of
from kg.export.figures.rows import band
from kg.export.figures.sheet import GREY, INK, LINE, NORMAL, PALE, SMALL, Lines, Sheet, Words, hatching
from kg.query.maps import Map, find_map

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The widest column, the space between marks, that around what is in a cell, and the least height of a row, in mm.
WIDEST, BETWEEN, PAD, LOWEST = 26.0, 0.4, 0.5, 4.6
#: The most lines of a label, and the greatest height of labels that run upwards, in mm.
LABEL_LINES, TURNED = 4, 34.0
#: The share of the width that labels of rows have at least, and at most while columns can be wider.
_LEAST, _MOST = 0.2, 0.42
_HATCH: Final = 1.6


def gap_map(graph: Graph, sheet: Sheet, origin: About, name: str | None = None) -> Figure:
    """Return the figure of the map of factors and outcomes, or of the map called ``name``."""
    spec = find_map(graph.maps, name)
    if spec.is_of_findings:
        grid = grid_of_findings(graph, origin)
        grid.title = spec.title or grid.title
    else:
        grid = grid_of_map(graph, Map(graph, spec), origin)
    keys = _keys(grid)
    if grid.rows and grid.columns:
        y = _Drawing(sheet, grid).draw()
    else:
        y = nothing(sheet, 0, "There is nothing on this map: it has no rows or no columns.")
    foot(sheet, legend(sheet, y + 1.5, keys), origin)
    return Figure("gap-map", grid.title, caption(f"Gap map: {grid.title}", _said(grid), origin), sheet)


def _keys(grid: Grid) -> list[Key]:
    keys: list[Key] = [(legend_mark(style, 0, 0), style.says) for style in grid.styles]
    if any(mark.implied for mark in grid.all_marks):
        keys.append((legend_mark(grid.styles[0], 0, 0, implied=True), "implied: not known to have examined the pair"))
    if any(mark.absent for mark in grid.all_marks):
        keys.append(("∅", "by the absence of the row's factor"))
    if any(cell.indirect for cell in grid.cells.values()):
        keys.append(("~", "every study cited jointly or inferred"))
    keys += standing_keys(set().union(*(cell.standings for cell in grid.cells.values())))
    if len(grid.cells) < len(grid.rows) * len(grid.columns):
        keys.append(([Lines(hatching(-1.2, -1.2, 2.4, 2.4, 0.8), PALE, 0.2)], "no study: a gap"))
    return keys


def _said(grid: Grid) -> list[str]:
    shapes = ": " + ", ".join(f"{style.says} ({style.shape})" for style in grid.styles) if grid.is_segmented else ""
    gaps = len(grid.rows) * len(grid.columns) - len(grid.cells)
    return [
        f"Numbers are studies; a mark is larger where there are more, or where its number needs the room{shapes}",
        "Hollow marks with a dashed line are studies that are not known to have examined the pair"
        if any(mark.implied for mark in grid.all_marks)
        else "",
        "∅ marks an effect of the absence of the factor" if any(mark.absent for mark in grid.all_marks) else "",
        "~ marks a cell in which every study is cited jointly or inferred"
        if any(cell.indirect for cell in grid.cells.values())
        else "",
        f"Hatched cells have no study ({gaps} of {len(grid.rows) * len(grid.columns)})" if gaps else "",
        "Grey numbers are the studies of a row or column",
        *grid.notes,
    ]


class _Drawing:
    """The sizes of a map on a sheet, and what draws it."""

    def __init__(self, sheet: Sheet, grid: Grid) -> None:
        self.sheet, self.grid = sheet, grid
        self.largest = max([10, *(mark.n for mark in grid.all_marks)])
        inner = sheet.width - 2 * MARGIN
        self.total = max(self._width(str(term.studies), SMALL) for term in grid.rows) + 1.2
        count = len(grid.columns)
        wanted = max(self._width(term.label) for term in grid.rows) + 0.5
        room = min(max(wanted, inner * _LEAST), inner * _MOST)
        least = max([3.6, *(side_of(mark, self.largest) + 2 * PAD for mark in grid.all_marks)])
        self.column = max(least, min(WIDEST, (inner - room - self.total) / count))
        if inner - self.total - count * self.column < inner * _LEAST - 1e-6:
            needed = int((least * count + self.total) / (1 - _LEAST) + 2 * MARGIN) + 1
            raise UsageProblem(
                f"{count} columns do not fit into {sheet.width:.0f} mm: --width {needed} is wide enough, and --where "
                "leaves out columns"
            )
        self.label = min(inner - self.total - count * self.column, max(wanted, inner * _LEAST))
        self.left = MARGIN + self.label + self.total
        self.right = self.left + count * self.column

    def _width(self, text: str, size: float = NORMAL, bold: bool = False) -> float:
        return width_of(text, size, bold, self.sheet.fonts)

    def draw(self) -> float:
        y = self._head(MARGIN)
        self.sheet.rule(MARGIN, y, self.right, y, INK, 0.25)
        grouped = any(term.group for term in self.grid.rows)
        n = 0
        for group, terms in groupby(self.grid.rows, key=lambda term: term.group):
            if grouped:
                y = band(self.sheet, group or "Ungrouped", y, self.right)
            for term in terms:
                y = self._row(n, term, y)
                n += 1
        self.sheet.rule(MARGIN, y, self.right, y, INK, 0.25)
        return y

    def _head(self, y: float) -> float:
        columns = self.grid.columns
        if any(term.group for term in columns):
            y = self._groups(y)
        labels = [fitted(t.label, self.column - 1, NORMAL, fonts=self.sheet.fonts) for t in columns]
        words = [word for term in columns for word in term.label.split()]
        flat = max(map(len, labels)) <= LABEL_LINES and max(map(self._width, words)) <= self.column - 1
        bottom = y + (max(map(len, labels)) * NORMAL * LINE if flat else self._turned_height())
        for n, (term, lines) in enumerate(zip(columns, labels, strict=True)):
            middle = self.left + (n + 0.5) * self.column
            if flat:
                self.sheet.lines(middle, bottom - len(lines) * NORMAL * LINE, lines, anchor="middle")
            else:
                self._turned(term.label, middle, bottom)
            self.sheet.lines(middle, bottom + 0.4, [str(term.studies)], SMALL, anchor="middle", colour=GREY)
        return bottom + SMALL * LINE + 1

    def _lines_turned(self, label: str) -> list[str]:
        most = max(1, int(self.column / (NORMAL * LINE)))
        return fitted(label, TURNED, NORMAL, most=min(most, LABEL_LINES), fonts=self.sheet.fonts)

    def _turned_height(self) -> float:
        return max(self._width(line) for term in self.grid.columns for line in self._lines_turned(term.label)) + 0.5

    def _turned(self, label: str, middle: float, bottom: float) -> None:
        lines = self._lines_turned(label)
        step = NORMAL * LINE
        first = middle - (len(lines) - 1) * step / 2 + NORMAL * 0.09
        for n, line in enumerate(lines):
            self.sheet.add(Words(first + n * step, bottom - 0.3, line, turned=True))

    def _groups(self, y: float) -> float:
        spans = [(name, len(list(terms))) for name, terms in groupby(t.group for t in self.grid.columns)]
        texts = [
            fitted(name, count * self.column - 1, SMALL, bold=True, most=3, fonts=self.sheet.fonts) if name else []
            for name, count in spans
        ]
        bottom = y + max(map(len, texts)) * SMALL * LINE + 0.4
        x = self.left
        for (name, count), lines in zip(spans, texts, strict=True):
            wide = count * self.column
            if name:
                self.sheet.lines(x + wide / 2, bottom - len(lines) * SMALL * LINE - 0.3, lines, SMALL, bold=True,
                                 anchor="middle")  # fmt: skip
                self.sheet.rule(x + 0.6, bottom, x + wide - 0.6, bottom, GREY)
            x += wide
        return bottom + 0.8

    def _row(self, n: int, term: Term, y: float) -> float:
        label = fitted(term.label, self.label - 0.5, NORMAL, most=LABEL_LINES, fonts=self.sheet.fonts)
        cells = [self.grid.cells.get((n, column)) for column in range(len(self.grid.columns))]
        placed = [self._placed(cell) if cell else [] for cell in cells]
        height = max(LOWEST, len(label) * NORMAL * LINE + 1.2, *(_block(lines) + 2 * PAD for lines in placed))
        self.sheet.lines(MARGIN, y + (height - len(label) * NORMAL * LINE) / 2, label)
        at = y + (height - SMALL * LINE) / 2
        self.sheet.lines(self.left - 0.8, at, [str(term.studies)], SMALL, anchor="end", colour=GREY)
        for column, (cell, lines) in enumerate(zip(cells, placed, strict=True)):
            x = self.left + column * self.column
            if cell is None:
                inside = hatching(x + 0.3, y + 0.3, self.column - 0.6, height - 0.6, _HATCH)
                self.sheet.add(Lines(inside, PALE, 0.12))
            else:
                self._cell(cell, lines, x, y, height)
        self.sheet.rule(MARGIN, y + height, self.right, y + height, PALE, 0.1)
        return y + height

    def _placed(self, cell: Cell) -> list[list[tuple[Mark, float]]]:
        """Return the marks of a cell with their widths, in as many lines as they need."""
        lines: list[list[tuple[Mark, float]]] = [[]]
        room = self.column - 2 * PAD
        for mark in cell.marks:
            side = side_of(mark, self.largest)
            used = sum(width + BETWEEN for _, width in lines[-1])
            after = self._width(cell.sign, SMALL) if mark is cell.marks[-1] else 0
            if lines[-1] and used + side + after > room:
                lines.append([])
            lines[-1].append((mark, side))
        return lines

    def _cell(self, cell: Cell, lines: Sequence[Sequence[tuple[Mark, float]]], x: float, y: float, high: float) -> None:
        at = y + (high - _block(lines)) / 2
        for line in lines:
            tall = _tall(line)
            after = self._width(cell.sign, SMALL) if line is lines[-1] else 0
            wide = sum(side for _, side in line) + BETWEEN * (len(line) - 1) + after
            left = x + (self.column - wide) / 2
            for mark, side in line:
                self.sheet.add(*drawn(mark, left + side / 2, at + tall / 2, side))
                left += side + BETWEEN
            if after:
                self.sheet.lines(left - BETWEEN / 2, at + tall / 2 - SMALL * LINE / 2, [cell.sign], SMALL)
            at += tall + BETWEEN


def _tall(line: Sequence[tuple[Mark, float]]) -> float:
    return max(height_of(mark.style.shape, side) for mark, side in line)


def _block(lines: Sequence[Sequence[tuple[Mark, float]]]) -> float:
    return sum(_tall(line) for line in lines if line) + BETWEEN * max(0, len(lines) - 1)
