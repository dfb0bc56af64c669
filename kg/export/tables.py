"""A Table as text: for the terminal, a paper, a spreadsheet or another program."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kg import text as texts
from kg.table import Table, as_text


def guarded(value: Any) -> str:
    """Return a cell that no spreadsheet runs as a formula: text that would is led by an apostrophe, numbers are not.

    Control characters go, and every line end is LF: not every reader takes the others for what they are.
    """
    text = texts.without_controls(as_text(value).replace("\r\n", "\n").replace("\r", "\n"))
    return texts.guarded(text) if isinstance(value, str | list | tuple) else text


def to_json(table: Table) -> str:
    """Return a JSON list of objects, one a line, keys in column order; lists stay lists, blanks are null.

    Control characters are escaped, so that every value comes back as it is.
    """
    table = table.with_standing()
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    text = "[\n" + ",\n".join(map(encode, table.dicts())) + "\n]\n" if table.rows else "[]\n"
    return texts.escaped(text, bidi=False)  # the encoder escapes those below the space only


def to_csv(table: Table) -> str:
    """Return RFC 4180 CSV with LF line ends; formulas are guarded."""
    return _separated(table, ",")


def to_tsv(table: Table) -> str:
    """Return tab-separated text; formulas are guarded."""
    return _separated(table, "\t")


def to_markdown(table: Table) -> str:
    """Return a Markdown table; numbers are right-aligned. No cell is read as markup or as a link."""
    notes, table = [_markdown(note) for note in table.notes()], table.marked()
    rows = [[_markdown(as_text(v)) for v in row] for row in table.rows]
    rule = ["--:" if numeric else "---" for numeric in _numeric(table)]
    lines = [[_markdown(name) for name in table.columns], rule, *rows]
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines] + [f"\n{note}" for note in notes]) + "\n"


#: What CommonMark or GFM would read as markup: an underscore only where no letter or digit is on both sides of it,
#: an ampersand only before an entity. The last four are how bare addresses are found: //, www., a.b and a@b.
_MARKUP = re.compile(
    r"[\\`|*~\[\]<]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|&(?=#?\w+;)"
    r"|(?<=/)/|(?<=[wW]{3})\.|(?<=\w)\.(?=[^\W\d_])|(?<=\S)@(?=\S)"
)


def _markdown(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", _flat(text))


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX.update({c: "\\" + c for c in "&%$#_{}"})


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in _line(text, texts.without_controls))


def to_latex(table: Table) -> str:
    """Return a ``tabular`` with booktabs rules."""

    def line(cells: Sequence[Any]) -> str:
        return " & ".join(_latex(as_text(v)) for v in cells) + r" \\"

    notes, table = table.notes(), table.marked()
    spec = "".join("r" if numeric else "l" for numeric in _numeric(table))
    body = [rf"\begin{{tabular}}{{{spec}}}", r"\toprule", line(table.columns), r"\midrule"]
    lines = [*body, *(line(row) for row in table.rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, *(f"\n{_latex(note)}" for note in notes)]) + "\n"


def to_terminal(table: Table, width: int = 100) -> str:
    """Return the table drawn for a terminal of ``width`` columns: long cells wrap, so that no line is longer."""
    if not table.rows:
        return "\n".join(wrap(f"{table.title or table.name}: none", width)) + "\n"
    notes, table = table.notes(), table.marked()
    cells = [[_flat(as_text(v)) for v in row] for row in table.rows]
    names = [_flat(name.replace("_", " ")) for name in table.columns]
    widths = _fit([[name, *(row[i] for row in cells)] for i, name in enumerate(names)], width)
    numeric = _numeric(table)
    lines = wrap(table.title, width) if table.title else []
    for row in [names, None, *cells]:
        if row is None:
            lines.append("  ".join("─" * w for w in widths))
            continue
        wrapped = [wrap(text, w) for text, w in zip(row, widths, strict=True)]
        for k in range(max(map(len, wrapped))):
            parts = [(w[k] if k < len(w) else "") for w in wrapped]
            lines.append(
                "  ".join(_pad(p, n, right) for p, n, right in zip(parts, widths, numeric, strict=True)).rstrip()
            )
    for note in notes:
        lines += wrap(note, width)
    return "\n".join(lines) + "\n"


_NO_XML = re.compile("[\ufffe\uffff]")


def write_xlsx(table: Table, path: Path) -> None:
    """Write a workbook with one sheet; text stays text, so that nothing in it runs as a formula."""
    import openpyxl

    table = table.with_standing()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = re.sub(r"[\\/*?:\[\]]", " ", texts.printable(table.name))[:31] or "table"
    for number, row in enumerate([table.columns, *table.rows], start=1):
        for place, value in enumerate(row, start=1):
            if not isinstance(value, str | int | float | None):
                value = as_text(value)
            at = sheet.cell(number, place)
            if isinstance(value, str):
                at.value = text = _NO_XML.sub("", texts.without_controls(value))
                at.data_type = "s"
                at.quotePrefix = texts.is_formula(text)
            else:
                at.value = value
    sheet.freeze_panes = "A2"
    book.save(path)


#: Format -> writer of text. "table" also takes the width of the window; "xlsx" is a file and has write_xlsx.
FORMATS: dict[str, Callable[[Table], str]] = {
    "table": to_terminal, "csv": to_csv, "tsv": to_tsv, "md": to_markdown, "latex": to_latex, "json": to_json,
}  # fmt: skip


def _separated(table: Table, separator: str) -> str:
    table = table.with_standing()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow([guarded(name) for name in table.columns])
    writer.writerows([guarded(v) for v in row] for row in table.rows)
    return out.getvalue()


def _numeric(table: Table) -> list[bool]:
    return [
        any(v is not None for v in column)
        and all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in column)
        for column in (table.column(name) for name in table.columns)
    ]


def _line(text: str, clean: Callable[[str], str]) -> str:
    """Return text on one line, cleaned; what is white space is so before the characters around it go, and after."""
    return " ".join(clean(" ".join(text.split())).split())


def _flat(text: str) -> str:
    return _line(text, texts.printable)


def _cells(text: str) -> int:
    """Return how many terminal columns a text takes: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _cells(text))
    return space + text if right else text + space


def _fit(columns: list[list[str]], width: int) -> list[int]:
    """Share the window's width: a column gets what its cells need, up to a level that makes the sum fit.

    The first text of a column is its name, which may wrap: it asks for its longest word only. Words are broken only
    where not even the longest ones fit side by side.
    """
    words = [max((_cells(word) for text in column for word in text.split()), default=1) for column in columns]
    names = [max((_cells(word) for word in column[0].split()), default=1) for column in columns]
    needs = [max(name, *map(_cells, column[1:])) for name, column in zip(names, columns, strict=True)]
    room = max(width - 2 * (len(columns) - 1), 4 * len(columns))
    if sum(needs) <= room:
        spare = room - sum(needs)
        for place, column in enumerate(columns):  # names on one line where there is room left over
            more = min(max(_cells(column[0]) - needs[place], 0), spare)
            if needs[place] + more >= _cells(column[0]):
                needs[place], spare = needs[place] + more, spare - more
        return needs
    floors = words if sum(words) <= room else [0] * len(columns)

    def at(level: int) -> list[int]:
        return [max(floor, min(need, level)) for floor, need in zip(floors, needs, strict=True)]

    level = max((n for n in range(4, max(needs) + 1) if sum(at(n)) <= room), default=4)
    widths = at(level)
    while sum(widths) < room and (short := [i for i, need in enumerate(needs) if widths[i] < need]):
        for place in short[: room - sum(widths)]:
            widths[place] += 1
    return widths


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` as lines of at most ``width`` terminal columns; words are broken only where they must be."""
    lines: list[str] = []
    line = ""
    for word in _flat(text).split():
        while _cells(word) > width:
            cut = width - _cells(line) - 1 if line else width
            if cut < 3 and line:
                lines.append(line)
                line, cut = "", width
            head = word[:cut]
            while _cells(head) > cut:
                head = head[:-1]
            line = f"{line} {head}" if line else head
            word = word[len(head) :]
            lines.append(line)
            line = ""
        if not word:
            continue
        if line and _cells(line) + 1 + _cells(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines
