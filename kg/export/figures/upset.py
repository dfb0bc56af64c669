"""An UpSet plot: which values of a facet or vocabulary occur together in studies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kg.errors import counted
from kg.export.figures.bars import FEW, bar
from kg.export.figures.frame import MARGIN, About, Figure, caption, foot, nothing
from kg.export.figures.layout import clean
from kg.export.figures.marks import PLAIN, Style
from kg.export.figures.render import width_of
from kg.export.figures.rows import label_lines, label_width
from kg.export.figures.sheet import GREY, INK, LINE, NORMAL, PALE, SMALL, Disc, Sheet
from kg.query.crosstab import tabulate
from kg.query.dimensions import countable, notes

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The most values that are shown, and the width of the column of a combination in millimetres.
MOST_SETS, _LEAST, _WIDEST = 30, 3.4, 6.0
_TALL, _SET_BAR, _DOT = 30.0, 18.0, 1.1
_STYLE: Final = Style(*PLAIN, "studies")
#: The colour of every second row, and that of a dot of a value that a combination does not have.
_STRIPE, _ABSENT = "#f1f1f1", "#d4d4d4"


@dataclass(frozen=True)
class Sets:
    """The values with their numbers of studies, the largest first, and the combinations of them, the largest first.

    A combination is a tuple of the indexes of its values, with the number of the studies that have these and no other
    of the values.
    """

    values: Sequence[tuple[str, int]]
    combinations: Sequence[tuple[tuple[int, ...], int]]
    left_out: int
    without: int


def sets_of(having: Mapping[str, set[int]], studies: int) -> Sets:
    """Return the sets of studies ``having`` each value, and their combinations."""
    ordered = sorted(((label, own) for label, own in having.items() if own), key=lambda item: -len(item[1]))
    shown = ordered[:MOST_SETS]
    of_study: dict[int, list[int]] = {}
    for index, (_, own) in enumerate(shown):
        for study in own:
            of_study.setdefault(study, []).append(index)
    sizes = Counter(tuple(indexes) for indexes in of_study.values())
    combinations = sorted(sizes.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    values = [(label, len(own)) for label, own in shown]
    return Sets(values, combinations, len(ordered) - len(shown), studies - len(of_study))


def upset(graph: Graph, sheet: Sheet, origin: About, facet: str = "factor") -> Figure:
    """Return the plot of the values of a facet or vocabulary that occur together in studies."""
    found = tabulate(graph, [countable(graph, facet)])
    (dimension,) = found.dimensions
    having: dict[str, set[int]] = {}
    for key, things in found.margin(0).items():
        if dimension.is_coded(key):
            having.setdefault(clean(dimension.name(key)), set()).update(n for n in things if isinstance(n, int))
    sets = sets_of(having, found.total)
    shown = 0
    if sets.values:
        y, shown = _draw(sheet, sets)
    else:
        y = nothing(sheet, 0, f"No study has a value of {dimension.label}.")
    foot(sheet, y, origin)
    title = f"{clean(dimension.label)}: values that occur together in studies"
    return Figure("upset", title, caption(title, [*_said(sets, shown), *notes(found.dimensions)], origin), sheet)


def _said(sets: Sets, shown: int) -> list[str]:
    hidden = sets.combinations[shown:]
    rest = sum(n for _, n in hidden)
    return [
        "Each column is a combination: the filled dots are the values that its studies have, and the bar above is the "
        "number of studies with exactly these",
        "Bars beside the values are all studies with the value",
        f"{counted(len(hidden), 'smaller combination')} of {counted(rest, 'study', 'studies')} not shown"
        if hidden
        else "",
        f"{counted(sets.left_out, 'value')} in fewer studies not shown" if sets.left_out else "",
        f"{counted(sets.without, 'study', 'studies')} with none of the values" if sets.without else "",
    ]


def _draw(sheet: Sheet, sets: Sets) -> tuple[float, int]:
    """Draw as many combinations as fit, and return the y below and how many they are."""
    label = label_width(sheet, [name for name, _ in sets.values], 0.2, 0.4)
    most_of_set = max(n for _, n in sets.values)
    number = width_of(str(most_of_set), SMALL) + 1
    side = min(_SET_BAR, sheet.width * 0.15)
    left = MARGIN + label + number + side + 1.5
    room = sheet.width - MARGIN - left
    count = min(len(sets.combinations), int(room / _LEAST))
    step = min(_WIDEST, room / count)
    combinations = sets.combinations[:count]
    top = MARGIN + SMALL * LINE
    most = max(n for _, n in combinations)
    tall = _TALL * min(1.0, most / FEW)
    base = top + tall
    for at, (_, n) in enumerate(combinations):
        high, middle = tall * n / most, left + (at + 0.5) * step
        sheet.add(*bar(middle - step * 0.34, base - high, step * 0.68, high, _STYLE))
        sheet.lines(middle, base - high - SMALL * LINE, [str(n)], SMALL, anchor="middle")
    sheet.rule(left, base, left + count * step, base, INK, 0.2)
    sheet.lines(left - 1, base - SMALL * LINE, ["studies"], SMALL, anchor="end", colour=GREY)
    return _matrix(sheet, sets, combinations, (label, number + side, left, step, base + 1)), count


def _matrix(
    sheet: Sheet,
    sets: Sets,
    combinations: Sequence[tuple[tuple[int, ...], int]],
    places: tuple[float, float, float, float, float],
) -> float:
    """Draw the values with their bars, and the dots; ``places`` are widths, then the left, the step and the top."""
    label, side, left, step, y = places
    most = max(n for _, n in sets.values)
    unit = (side - width_of(str(most), SMALL) - 1) / most
    right = left + len(combinations) * step
    middles = []
    for index, (name, n) in enumerate(sets.values):
        lines, height = label_lines(sheet, name, label)
        if index % 2 == 0:
            sheet.box(MARGIN, y, right - MARGIN, height, _STRIPE)
        sheet.lines(MARGIN, y + (height - len(lines) * NORMAL * LINE) / 2, lines)
        middle, end = y + height / 2, left - 1.5
        sheet.add(*bar(end - n * unit, middle - 1.2, n * unit, 2.4, _STYLE))
        sheet.lines(end - n * unit - 0.6, middle - SMALL * LINE / 2, [str(n)], SMALL, anchor="end")
        middles.append(middle)
        y += height
    for at, (members, _) in enumerate(combinations):
        x = left + (at + 0.5) * step
        for index, middle in enumerate(middles):
            if index not in members:
                sheet.add(Disc(x, middle, _DOT * 0.7, _ABSENT))
        if len(members) > 1:
            sheet.rule(x, middles[members[0]], x, middles[members[-1]], INK, 0.4)
        sheet.add(*(Disc(x, middles[index], _DOT, INK) for index in members))
    sheet.rule(MARGIN, y, right, y, PALE, 0.15)
    return y
