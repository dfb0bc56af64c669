"""Formats of a Table: text for the terminal, a paper, a spreadsheet or another program, and XLSX."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import text as texts
from kg.table import Table, as_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def guarded(value: Any) -> str:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe is put before text that looks like one.

    Control characters are removed, and every line end becomes LF, because not every reader knows the others.
    """
    if type(value) is int or (isinstance(value, str) and value.isascii() and value.isalnum()):
        return str(value)  # most cells: there is nothing to guard
    text = texts.without_controls(as_text(value).replace("\r\n", "\n").replace("\r", "\n"))
    return texts.guarded(text) if isinstance(value, str | list | tuple) else text


def to_json(table: Table) -> str:
    """Return a JSON list of objects, one per line, keys in column order; lists stay lists, blanks are null.

    Control characters are escaped, so that every value is read back unchanged.
    """
    return "".join(_json([table]))


def to_csv(table: Table) -> str:
    """Return RFC 4180 CSV with LF line ends; formulas are guarded."""
    return "".join(_separated([table], ","))


def to_tsv(table: Table) -> str:
    """Return tab-separated text; formulas are guarded."""
    return "".join(_separated([table], "\t"))


def to_markdown(table: Table) -> str:
    """Return a Markdown table; numbers are right-aligned. Markup and links in cells are escaped."""
    notes, table = [markdown(note) for note in table.notes()], table.marked().joined()
    rows = [[markdown(as_text(v)) for v in row] for row in table.rows]
    rule = ["--:" if numeric else "---" for numeric in _numeric(table)]
    lines = [[markdown(name) for name in table.columns], rule, *rows]
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines] + [f"\n{note}" for note in notes]) + "\n"


#: Characters that CommonMark or GFM reads as markup: an underscore unless letters or digits are on both sides of it,
#: an ampersand before an entity only. The last four alternatives keep bare addresses from becoming links.
_MARKUP = re.compile(
    r"[\\`|*~\[\]<]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|&(?=#?\w+;)"
    r"|(?<=/)/|(?<=[wW]{3})\.|(?<=\w)\.(?=[^\W\d_])|(?<=\S)@(?=\S)"
)


def markdown(text: str) -> str:
    """Return text on one line with everything escaped that Markdown would read as markup or a link."""
    return _MARKUP.sub(r"\\\g<0>", _flat(text))


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX.update({c: "\\" + c for c in "&%$#_{}"})


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in _line(text, texts.without_controls))


def to_latex(table: Table) -> str:
    """Return a ``tabular`` with booktabs rules."""

    def line(cells: Sequence[Any]) -> str:
        return " & ".join(_latex(as_text(v)) for v in cells) + r" \\"

    notes, table = table.notes(), table.marked().joined()
    spec = "".join("r" if numeric else "l" for numeric in _numeric(table))
    body = [rf"\begin{{tabular}}{{{spec}}}", r"\toprule", line(table.columns), r"\midrule"]
    lines = [*body, *(line(row) for row in table.rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, *(f"\n{_latex(note)}" for note in notes)]) + "\n"


def to_terminal(table: Table, width: int = 100) -> str:
    """Return the table for a terminal of ``width`` columns; long cells wrap, so that no line is longer."""
    if not table.rows:
        return "\n".join(wrap(f"{table.title or table.name}: none", width)) + "\n"
    notes, table = table.notes(), table.marked().joined().worded()
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
    """Write a workbook with one sheet; every text cell has the type text, so that none runs as a formula."""
    import openpyxl

    table = table.with_standing().joined()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = re.sub(r"[\\/*?:\[\]]", " ", texts.printable(table.name))[:31] or "table"
    for row_number, row in enumerate([table.columns, *table.rows], start=1):
        for column_number, value in enumerate(row, start=1):
            write_cell(sheet, row_number, column_number, value)
    sheet.freeze_panes = "A2"
    book.save(path)


def write_cell(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """Write a value into a cell of a sheet, and return the cell; text has the type text, so that none is a formula."""
    if not isinstance(value, str | int | float | None):
        value = as_text(value)
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = text = _NO_XML.sub("", texts.without_controls(value))
        cell.data_type = "s"
        cell.quotePrefix = texts.is_formula(text)
    else:
        cell.value = value
    return cell


#: Format -> the function that returns the text. "table" also takes a width; "xlsx" is binary and has write_xlsx.
FORMATS: dict[str, Callable[[Table], str]] = {
    "table": to_terminal, "csv": to_csv, "tsv": to_tsv, "md": to_markdown, "latex": to_latex, "json": to_json,
}  # fmt: skip


def _json(pages: Iterable[Table]) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    before = "[\n"
    for table in pages:
        if table.rows:
            text = ",\n".join(map(encode, table.with_standing().dicts()))
            yield before + texts.escaped(text, bidi=False)  # the encoder escapes only those below U+0020
            before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _separated(pages: Iterable[Table], separator: str) -> Iterator[str]:
    for number, page in enumerate(pages):
        table = page.with_standing().joined()
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator, lineterminator="\n")
        if not number:
            writer.writerow([guarded(name) for name in table.columns])
        writer.writerows([guarded(v) for v in row] for row in table.rows)
        yield out.getvalue()


#: The formats in which a table can be written page by page, because the text of a row does not depend on other rows:
#: format -> the function that yields the text, a piece for each page.
STREAMED: dict[str, Callable[[Iterable[Table]], Iterator[str]]] = {
    "csv": lambda pages: _separated(pages, ","),
    "tsv": lambda pages: _separated(pages, "\t"),
    "json": _json,
}


def _numeric(table: Table) -> list[bool]:
    return [
        any(v is not None for v in column)
        and all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in column)
        for column in (table.column(name) for name in table.columns)
    ]


def _line(text: str, clean: Callable[[str], str]) -> str:
    """Return cleaned text on one line; white space is collapsed before and after the cleaning."""
    return " ".join(clean(" ".join(text.split())).split())


def _flat(text: str) -> str:
    return _line(text, texts.printable)


def _text_width(text: str) -> int:
    """Return the width of a text in terminal columns: 2 for wide East Asian characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _text_width(text))
    return space + text if right else text + space


def _fit(columns: list[list[str]], width: int) -> list[int]:
    """Return the widths of the columns: what the cells need, at most a common limit that makes the table fit.

    The first text of a column is its name, which may wrap: only its longest word counts. Words are broken only where
    the longest words of all columns do not fit side by side.
    """
    words = [max((_text_width(word) for text in column for word in text.split()), default=1) for column in columns]
    names = [max((_text_width(word) for word in column[0].split()), default=1) for column in columns]
    needs = [max(name, *map(_text_width, column[1:])) for name, column in zip(names, columns, strict=True)]
    room = max(width - 2 * (len(columns) - 1), 4 * len(columns))
    if sum(needs) <= room:
        spare = room - sum(needs)
        for i, column in enumerate(columns):  # use spare room to keep names on one line
            more = min(max(_text_width(column[0]) - needs[i], 0), spare)
            if needs[i] + more >= _text_width(column[0]):
                needs[i], spare = needs[i] + more, spare - more
        return needs
    floors = words if sum(words) <= room else [0] * len(columns)

    def limited(level: int) -> list[int]:
        return [max(floor, min(need, level)) for floor, need in zip(floors, needs, strict=True)]

    level = max(n for n in range(1, max(needs) + 1) if sum(limited(n)) <= room)
    widths = limited(level)
    while sum(widths) < room and (short := [i for i, need in enumerate(needs) if widths[i] < need]):
        for i in short[: room - sum(widths)]:
            widths[i] += 1
    return widths


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` as lines of at most ``width`` terminal columns; only words longer than a line are broken."""
    lines: list[str] = []
    line = ""
    for word in _flat(text).split():
        while _text_width(word) > width:
            cut = width - _text_width(line) - 1 if line else width
            if cut < 3 and line:
                lines.append(line)
                line, cut = "", width
            head = word[:cut]
            while _text_width(head) > cut:
                head = head[:-1]
            line = f"{line} {head}" if line else head
            word = word[len(head) :]
            lines.append(line)
            line = ""
        if not word:
            continue
        if line and _text_width(line) + 1 + _text_width(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines
