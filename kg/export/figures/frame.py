"""What every figure has: the legend, the line with what it was drawn from, the caption, and the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from kg.errors import UsageProblem, counted
from kg.export.figures.layout import clean, fitted
from kg.export.figures.render import draw, width_of
from kg.export.figures.sheet import GREY, LINE, NORMAL, SMALL, Item, Sheet
from kg.table import STANDING_MARKS, STANDING_WORDS
from kg.version import __version__

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: The widths of figures in millimetres by name: a column and the width of the text on a page of a journal.
WIDTHS: Final = {"column": 85.0, "page": 180.0}
#: The least and the greatest width, and the margin, in millimetres.
NARROWEST, WIDEST, MARGIN = 60.0, 1000.0, 1.5
KINDS: Final = ("svg", "png", "pdf")
_KEY = 2.4


@dataclass(frozen=True)
class About:
    """What a figure says of its origin: the studies that it counts, the filter, the hash of the data.

    ``words`` are the words of the review for factors, outcomes and directions, ``flags`` its flagged studies.
    """

    facts: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[object, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str, default: str = "") -> str:
        """Return the word of the review for a name of the model."""
        return clean(self.words.get(name) or default or name)


def about(graph: Graph, colours: Mapping[str, str]) -> About:
    """Return what figures of a graph say of their origin."""
    (review,) = graph.table("review").dicts()
    facts = [
        f"{counted(review['studies'], 'study', 'studies')}, {counted(review['findings'], 'finding')}",
        f"only {graph.only}" if graph.only else "",
        graph.classes,
        f"{counted(graph.left_out, 'row')} not accepted and left out" if graph.left_out else "",
        f"searched {review['search_date']}" if review["search_date"] else "",
        f"data {graph.digest[:12]}",
        f"kg {__version__}",
    ]
    return About(tuple(clean(fact) for fact in facts if fact), graph.words, graph.flags, colours)


@dataclass(frozen=True)
class Figure:
    """A figure: its sheet, its title, and the caption to put below it."""

    name: str
    title: str
    caption: str
    sheet: Sheet = field(repr=False)

    @property
    def width(self) -> float:
        """The width in millimetres."""
        return self.sheet.width

    @property
    def height(self) -> float:
        """The height in millimetres."""
        return self.sheet.height

    def as_bytes(self, kind: str) -> bytes:
        """Return the figure as a file of ``kind`` svg, png or pdf. The same figure gives the same bytes."""
        if kind not in KINDS:
            raise UsageProblem(f"figures are written as {', '.join(KINDS)}, not as {kind!r}")
        return draw(
            self.sheet, kind, {"title": self.title, "description": self.caption, "creator": f"kg {__version__}"}
        )

    @cached_property
    def _svg(self) -> str:
        return self.as_bytes("svg").decode()

    def _repr_svg_(self) -> str:
        return self._svg

    def save(self, path: str | Path) -> Path:
        """Write the figure into the file ``path``, as its suffix says: .svg, .png or .pdf.

        Raises UsageProblem for another suffix.
        """
        path = Path(path)
        data = self.as_bytes(path.suffix.lower().removeprefix("."))
        path.write_bytes(data)
        return path


def new_sheet(width: str | float, fonts: Sequence[str | Path] = ()) -> Sheet:
    """Return a sheet of a width in millimetres, or named column or page. Raises UsageProblem for another."""
    try:
        number = WIDTHS[width] if width in WIDTHS else float(width)
    except ValueError:
        number = 0.0
    if not NARROWEST <= number <= WIDEST:
        raise UsageProblem(
            f"{width} is no width of a figure: write column ({WIDTHS['column']:.0f} mm), page "
            f"({WIDTHS['page']:.0f} mm) or a number of millimetres from {NARROWEST:.0f} to {WIDEST:.0f}"
        )
    return Sheet(number, tuple(Path(font) for font in fonts))


#: An entry of a legend: what draws its mark around the origin, and what it says. The mark may be text.
Key: TypeAlias = tuple["list[Item] | str", str]


def legend(sheet: Sheet, y: float, keys: Sequence[Key]) -> float:
    """Draw the entries of a legend from the left to the right below ``y``, and return the y below them."""
    x, height = MARGIN, SMALL * LINE + 0.7
    for mark, says in keys:
        lead = max(_KEY, width_of(mark, NORMAL, True, sheet.fonts)) if isinstance(mark, str) else _KEY
        room = sheet.width - 2 * MARGIN - lead - 0.8
        lines = fitted(clean(says), room, SMALL, fonts=sheet.fonts)
        wide = lead + 0.8 + max(width_of(line, SMALL, False, sheet.fonts) for line in lines)
        if x > MARGIN and x + wide > sheet.width - MARGIN:
            x, y = MARGIN, y + height
        middle = y + SMALL * LINE / 2
        if isinstance(mark, str):
            sheet.lines(x + lead / 2, middle - NORMAL * LINE / 2, [mark], NORMAL, bold=True, anchor="middle")
        else:
            sheet.add(*(moved(item, x + _KEY / 2, middle) for item in mark))
        sheet.lines(x + lead + 0.8, y, lines, SMALL)
        x += wide + 3
        if len(lines) > 1:
            x, y = MARGIN, y + SMALL * LINE * len(lines) + 0.7
    return y + height if x > MARGIN else y


def moved(item: Item, x: float, y: float) -> Item:
    """Return an item that was drawn around the origin at another place."""
    from dataclasses import replace

    from kg.export.figures.sheet import Curve, Lines, Shape

    if isinstance(item, Shape):
        return replace(item, points=[(a + x, b + y) for a, b in item.points])
    if isinstance(item, Lines):
        return replace(item, ends=[((a + x, b + y), (c + x, d + y)) for (a, b), (c, d) in item.ends])
    if isinstance(item, Curve):
        (a, b), (c, d), (e, f) = item.points
        return replace(item, points=((a + x, b + y), (c + x, d + y), (e + x, f + y)))
    return replace(item, x=item.x + x, y=item.y + y)


def foot(sheet: Sheet, y: float, origin: About) -> None:
    """Write what the figure was drawn from below ``y``, and end the sheet there."""
    lines = fitted(" · ".join(origin.facts), sheet.width - 2 * MARGIN, SMALL, fonts=sheet.fonts)
    y = sheet.lines(MARGIN, y + 0.8, lines, SMALL, colour=GREY)
    sheet.height = round(y + 0.8, 3)


def caption(title: str, sentences: Sequence[str], origin: About) -> str:
    """Return the caption: the title, what is drawn, and the facts of its origin, as sentences."""
    said = [text[:1].upper() + text[1:].rstrip(".") + "." for text in map(clean, (title, *sentences)) if text]
    return " ".join([*said, "; ".join(origin.facts) + "."])


def nothing(sheet: Sheet, y: float, says: str) -> float:
    """Write that there is nothing to draw, and return the y below."""
    lines = fitted(says, sheet.width - 2 * MARGIN, NORMAL, fonts=sheet.fonts)
    return sheet.lines(sheet.width / 2, y + 6, lines, colour=GREY, anchor="middle") + 6


def standing_keys(standings: set[str]) -> list[Key]:
    """Return the entries of the legend for the marks of studies that do not stand as published."""
    return [
        (STANDING_MARKS[status], f"with a study that is {STANDING_WORDS[status]}")
        for status in STANDING_MARKS
        if status in standings
    ]
