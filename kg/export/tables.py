"""Formats of a Table: text for the terminal, a paper, a spreadsheet or another program, and XLSX."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import text as texts
from kg.export.terminal import are_numbers, one_line, to_terminal
from kg.table import Table, as_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def guarded(value: Any) -> str:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe is put before text that looks like one.

    Control characters are removed, and every line end becomes LF, because not every reader knows the others.
    """
    if isinstance(value, str) and value[:1].isalnum() and value.isprintable():
        return value  # most cells: there is nothing to remove or to guard
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
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX.update({c: "\\" + c for c in "&%$#_{}"})


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in one_line(text, texts.without_controls))


def to_latex(table: Table) -> str:
    """Return a ``tabular`` with booktabs rules."""

    def line(cells: Sequence[Any]) -> str:
        return " & ".join(_latex(as_text(v)) for v in cells) + r" \\"

    notes, table = table.notes(), table.marked().joined()
    spec = "".join("r" if numeric else "l" for numeric in _numeric(table))
    body = [rf"\begin{{tabular}}{{{spec}}}", r"\toprule", line(table.columns), r"\midrule"]
    lines = [*body, *(line(row) for row in table.rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, *(f"\n{_latex(note)}" for note in notes)]) + "\n"


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


#: Formats in which a table can be written page by page: format -> the function that yields the text, a piece for each
#: page. For the format "table" there is ``kg.export.terminal.terminal_pages``.
STREAMED: dict[str, Callable[[Iterable[Table]], Iterator[str]]] = {
    "csv": lambda pages: _separated(pages, ","),
    "tsv": lambda pages: _separated(pages, "\t"),
    "json": _json,
}


def _numeric(table: Table) -> list[bool]:
    return [are_numbers(map(type, table.column(name))) for name in table.columns]
