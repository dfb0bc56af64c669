"""Standing bars: the studies of each year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.errors import counted
from kg.export.figures.bars import FEW, ONE_KIND, bar
from kg.export.figures.frame import MARGIN, About, Figure, caption, foot, nothing
from kg.export.figures.render import width_of
from kg.export.figures.sheet import CAPITAL, GREY, INK, LINE, PALE, SMALL, Sheet, Words

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The widest column, the height of the longest bar, and the space after the last one for its label, in millimetres.
_WIDE, _TALL, _AFTER = 9.0, 45.0, 2.0


def by_year(graph: Graph, sheet: Sheet, origin: About) -> Figure:
    """Return a standing bar for each year from the first to the last, and one for studies without a year."""
    stated = {row["year"]: row["studies"] for row in graph.table("evidence-by-year").dicts()}
    years = sorted(int(year) for year in stated if year.lstrip("-").isdigit())
    bars = [(str(year), stated.get(str(year), 0)) for year in range(years[0], years[-1] + 1)] if years else []
    undated = stated.get("not given", 0)
    if undated:
        bars.append(("not given", undated))
    y = _standing(sheet, bars) if bars else nothing(sheet, 0, "There is no study.")
    foot(sheet, y, origin)
    title = "Studies by year of publication"
    said = ["Bars are the numbers of studies"]
    if undated:
        said.append(f"{counted(undated, 'study', 'studies')} without a year")
    return Figure("evidence-by-year", title, caption(title, said, origin), sheet)


def _standing(sheet: Sheet, bars: Sequence[tuple[str, int]]) -> float:
    """Draw bars that stand on a line of labels, and return the y below them.

    Where the numbers do not fit above the bars, there is a scale beside them.
    """
    most = max(n for _, n in bars)
    top, right = MARGIN + SMALL * LINE, sheet.width - MARGIN - _AFTER
    tall = _TALL * min(1.0, most / FEW)
    base = top + tall
    numbered = width_of(str(most), SMALL) + 0.4 <= min(_WIDE, (right - MARGIN) / len(bars))
    left = MARGIN if numbered else MARGIN + width_of(str(most), SMALL) + 1.5
    step = min(_WIDE, (right - left) / len(bars))
    if not numbered:
        _scale(sheet, left, left + len(bars) * step, base, tall / most, most)
    for n, (_, count) in enumerate(bars):
        high = tall * count / most
        if count:
            sheet.add(*bar(left + (n + 0.12) * step, base - high, step * 0.76, high, ONE_KIND))
        if count and numbered:
            sheet.add(Words(left + (n + 0.5) * step, base - high - 0.5, str(count), SMALL, anchor="middle"))
    sheet.rule(left, base, left + len(bars) * step, base, INK, 0.25)
    return _years(sheet, [label for label, _ in bars], left, step, base)


def _scale(sheet: Sheet, left: float, right: float, base: float, unit: float, most: int) -> None:
    """Draw the lines of a scale; ``unit`` is the height of one study in millimetres."""
    steps = (factor * 10**power for power in range(7) for factor in (1, 2, 5))
    step = next(step for step in steps if most / step <= 6)
    for n in range(0, most + 1, step):
        y = base - n * unit
        sheet.lines(left - 0.8, y - SMALL * LINE / 2, [str(n)], SMALL, anchor="end", colour=GREY)
        if n:
            sheet.rule(left, y, right, y, PALE, 0.12)


def _years(sheet: Sheet, labels: Sequence[str], left: float, step: float, base: float) -> float:
    """Write the labels below standing bars, every fifth or tenth year where there are many; return the y below them."""
    every = next(n for n in (1, 5, 10, 50, 1000) if n * step >= SMALL * LINE)
    shown = [(n, label) for n, label in enumerate(labels) if not label.isdigit() or int(label) % every == 0]
    if every > 1 and len(shown) > 1 and not shown[-1][1].isdigit() and shown[-1][0] - shown[-2][0] < every:
        shown.pop(-2)  # the last year would touch the words after it
    turned = max(width_of(label, SMALL) for _, label in shown) + 1 > step * every
    for n, label in shown:
        middle, wide = left + (n + 0.5) * step, width_of(label, SMALL)
        if turned:
            sheet.add(Words(middle + SMALL * CAPITAL / 2, base + 0.9 + wide, label, SMALL, turned=True))
        else:
            sheet.lines(middle, base + 0.6, [label], SMALL, anchor="middle")
    low = max((width_of(label, SMALL) for _, label in shown), default=0.0) if turned else SMALL * LINE
    return base + low + 1.5
