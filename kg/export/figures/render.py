"""Measuring text and drawing sheets with matplotlib, which no other module imports."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import bidirectional

from kg.errors import KgError, UsageProblem
from kg.export.figures.sheet import Curve, Disc, Item, Lines, Shape, Sheet, Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import PathPatch

FAMILY: Final = "DejaVu Sans"
#: The resolution of PNG files in dots per inch.
DPI: Final = 300
#: The greatest height of a file in millimetres: that of a page in PDF, and of a picture that fits into memory.
MOST: Final = {"svg": 5000, "pdf": 5000, "png": 2500}
_INCH: Final = 25.4
#: The first version of matplotlib that joins and orders the letters of scripts that run from right to left.
_SHAPES: Final = (3, 11)
#: Of the files: text in SVG as outlines, fonts in PDF as TrueType, and every point.
_FILES: Final[Any] = {"svg.fonttype": "path", "pdf.fonttype": 42, "path.simplify": False}


@contextmanager
def _matplotlib() -> Iterator[Any]:
    """Yield matplotlib with its own defaults, whatever the user has set. Raises KgError where it is not installed."""
    try:
        import matplotlib
    except ImportError as error:
        raise KgError(
            "figures are drawn with matplotlib, which is not installed: pip install 'evidence-kg[figures]'"
        ) from error
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # it warns of every font without a bold face
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(_FILES)
            yield matplotlib
    finally:
        log.setLevel(level)


@cache
def _families(fonts: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the families of DejaVu Sans and of the files of fonts. Raises UsageProblem for a file that is none."""
    from matplotlib.font_manager import FontProperties, fontManager

    names = [FAMILY]
    for path in fonts:
        try:
            fontManager.addfont(path)
            names.append(FontProperties(fname=path).get_name())
        except (OSError, RuntimeError) as error:
            raise UsageProblem(f"{path} is no font that can be read: a TTF or OTF file is") from error
    return tuple(names)


def _properties(size: float, bold: bool, fonts: tuple[Path, ...]) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(_families(fonts)), size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=100_000)
def width_of(text: str, size: float, bold: bool = False, fonts: tuple[Path, ...] = ()) -> float:
    """Return the width of a line of text in millimetres; ``size`` is in points.

    Raises KgError where no font has one of its characters.
    """
    with _matplotlib():
        from matplotlib.textpath import text_to_path

        _check_covered(text, fonts)
        width, _, _ = text_to_path.get_text_width_height_descent(text, _properties(size, bold, fonts), False)
    return float(width) / 72 * _INCH


@cache
def _covered(fonts: tuple[Path, ...]) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    found = [findfont(name) for name in _families(fonts)]
    return frozenset(code for path in found for code in get_font(path).get_charmap())


def _check_covered(text: str, fonts: tuple[Path, ...]) -> None:
    if text.isascii():
        return
    missing = [c for c in dict.fromkeys(text) if ord(c) not in _covered(fonts) and not c.isspace()]
    if missing:
        raise KgError(
            f"no font of the figure has the characters {''.join(missing[:10])!r} of {text[:60]!r}: name a file with a "
            "font that has them, e.g. --font NotoSansCJK-Regular.otf"
        )
    if _matplotlib_version() < _SHAPES and any(bidirectional(c) in ("R", "AL") for c in text):
        raise KgError(f"{text[:60]!r} runs from right to left, which needs matplotlib 3.11 (Python 3.11 or newer)")


def _matplotlib_version() -> tuple[int, ...]:
    import matplotlib

    return tuple(map(int, matplotlib.__version__.split(".")[:2]))


def draw(sheet: Sheet, kind: str, about: Mapping[str, str]) -> bytes:
    """Return a sheet as a file of ``kind`` svg, png or pdf; equal sheets give equal bytes.

    ``about`` has the title and the description that stand in the file.
    """
    if sheet.height > MOST[kind]:
        size = f"{sheet.height / 1000:.1f} m high, and {kind.upper()} files are up to {MOST[kind] / 1000} m"
        raise UsageProblem(f"the figure would be {size}: --where makes it smaller")
    data = io.BytesIO()
    with _matplotlib():
        _drawn(sheet).savefig(data, format=kind, dpi=DPI, facecolor="white", metadata=_metadata(kind, about))
    return data.getvalue()


def _metadata(kind: str, about: Mapping[str, str]) -> dict[str, str | None]:
    title, text, maker = about["title"], about["description"], about["creator"]
    if kind == "pdf":
        return {"Title": title, "Subject": text, "Creator": maker, "CreationDate": None, "ModDate": None}
    if kind == "png":
        return {"Title": title, "Description": text, "Software": maker}
    return {"Title": title, "Description": text, "Creator": maker, "Date": None}


def _drawn(sheet: Sheet) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(sheet.width / _INCH, sheet.height / _INCH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(sheet.height, 0)
    for order, item in enumerate(sheet.items):
        artist = axes.add_artist(_text(item, sheet.fonts) if isinstance(item, Words) else _patch(item))
        artist.set_zorder(order)
        artist.set_clip_on(False)
    return figure


def _text(item: Words, fonts: tuple[Path, ...]) -> Any:
    from matplotlib.text import Text

    across: Any = {"start": "left", "middle": "center", "end": "right"}[item.anchor]
    return Text(
        item.x, item.y, item.text, color=item.colour, fontproperties=_properties(item.size, item.bold, fonts),
        horizontalalignment=across, verticalalignment="baseline", rotation=90 if item.turned else 0,
        rotation_mode="anchor", parse_math=False,
    )  # fmt: skip


def _patch(item: Item) -> PathPatch:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline
    from matplotlib.transforms import Affine2D

    fill, dash = getattr(item, "fill", None), getattr(item, "dash", ())
    if isinstance(item, Shape):
        points = [*item.points, item.points[0]] if item.closed else list(item.points)
        path = Outline(points, closed=item.closed)
    elif isinstance(item, Disc):
        path = Outline.unit_circle().transformed(Affine2D().scale(item.radius).translate(item.x, item.y))
    elif isinstance(item, Lines):
        points = [point for ends in item.ends for point in ends]
        path = Outline(points, [Outline.MOVETO, Outline.LINETO] * len(item.ends))
    elif isinstance(item, Curve):
        path = Outline(list(item.points), [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
    else:
        raise TypeError(item)
    points_per_mm = 72 / _INCH
    width = item.width * points_per_mm if item.stroke else 0
    style: Any = (0, tuple(part / item.width for part in dash)) if dash else "solid"
    return PathPatch(
        path, facecolor=fill or "none", edgecolor=item.stroke or "none", linewidth=width, linestyle=style,
        joinstyle="miter", capstyle="butt",
    )  # fmt: skip
