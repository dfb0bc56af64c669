"""Cells in Markdown are no markup and no links, and cells in CSV and workbooks are no formulas."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kg.export.tables import guarded, to_csv, to_markdown, to_tsv, write_xlsx
from kg.folder.searchlog import append_search
from kg.loaders.tables.read import read_tables
from kg.table import Table
from kg.text import printable, unguarded

#: GFM, and more eager than it is: raw HTML is taken, and anything like the name of a host becomes a link.
MARKDOWN = MarkdownIt("gfm-like", {"html": True})
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}


class Reader(HTMLParser):
    """The cells of the tables, the text of the paragraphs and every tag of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [a for a in attrs if a not in [("style", "text-align:right")]]))
        if tag in ("td", "th", "p"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data != "\n":
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_decl(self, decl: str) -> None:
        self.odd.append(decl)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)

    def unknown_decl(self, data: str) -> None:
        self.odd.append(data)


def rendered(table: Table) -> Reader:
    reader = Reader()
    reader.feed(MARKDOWN.render(to_markdown(table)))
    reader.close()
    return reader


def shown(cell: str) -> str:
    """What a page shows of a cell: one line, without control characters and marks of direction."""
    return " ".join(printable(" ".join(cell.split())).split())


ACTIVE = [
    "[x](javascript:alert(1))", "<javascript:alert(1)>", "![x](http://e.org/x.png)", "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>", "</td></table>", "<!-- x -->", "<?php ?>", "<![CDATA[x]]>", "<!DOCTYPE x>", "<b>", "<18", ">18",
    "p < 0.05 and n > 3", "a<b>c", "&lt;b&gt;", "&amp;", "&#60;b&#62;", "&#x3c;", "R&D", "&copy", "`code`", "``", "**b**", "__b__",
    "_i_", "snake_case_name", "a _b_ c", "~~gone~~", "~1", "a|b", "\\|", "\\", "\\\\|", "\\<b>", "[x]: y", "[^1]", "[ ]", "- x",
    "# x", "> x", "1. x", "---", "https://example.org/a?b=c&d=e", "http://example.org", "www.example.org", "WWW.4chan.org",
    "ftp://example.org", "//example.org", "example.org", "mailto:a@example.org", "a@example.org", "xmpp:a@b.de", "@somebody",
    "10.1000/j.jad.2020.01.001", "https://doi.org/10.1000/(sici)1097_x", "README.md", "e.g. this", "J.R. Ng", "0.05", "*",
    "<a href='x' ", "x'>y</a>", "\x1b[31m", "\u202e<b>", "<\u202eb>", "<\x00b>", "a\nb", "\t", "x\u2028<b>", "$x$", ":smile:",
    "!", "![", "](", "<a@example.org>", "<https://example.org>", "http://[::1]/", "http:/\\/example.org", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("text", ACTIVE)
def test_an_active_cell_is_shown_as_text(text: str) -> None:
    page = rendered(Table("t", (f"{text} name", "other"), [(text, "x")]))
    assert page.cells == [shown(f"{text} name"), "other", shown(text), "x"]
    assert [tag for tag, attributes in page.tags if tag not in TABLE_TAGS or attributes] == []
    assert page.odd == []


@given(
    st.lists(
        st.lists(st.one_of(st.text(max_size=30), st.sampled_from(ACTIVE)), max_size=6).map("".join),
        min_size=1,
        max_size=4,
    )
)
def test_any_cell_is_shown_as_text(cells: list[str]) -> None:
    columns = tuple(f"c{place}" for place in range(len(cells)))
    page = rendered(Table("t", columns, [tuple(cells)]))
    assert page.cells == [*columns, *map(shown, cells)]
    assert {tag for tag, _ in page.tags} == TABLE_TAGS and not any(attributes for _, attributes in page.tags)
    assert page.odd == []


@given(st.text(st.sampled_from("ab1 .:/@w_*~`[]()<>!&;#|\\-\"'=?\n"), max_size=40))
def test_any_arrangement_of_signs_is_shown_as_text(cell: str) -> None:
    page = rendered(Table("t", ("a", "b"), [(cell, "x")]))
    assert page.cells == ["a", "b", shown(cell), "x"]
    assert {tag for tag, _ in page.tags} == TABLE_TAGS
    assert page.odd == []


@pytest.mark.parametrize("text", ACTIVE)
def test_a_note_beneath_a_table_is_text(text: str) -> None:
    page = rendered(Table("t", ("study_label",), [(text,)], flags={text: "retracted"}))
    assert page.cells[-1] == shown(f"† retracted: study {text}")
    assert {tag for tag, _ in page.tags} == TABLE_TAGS | {"p"}
    assert page.odd == []


def test_ordinary_text_is_written_as_it_is() -> None:
    rows = [("study_labels", "R&D", ">18", "p = 0.05", "Ng, 2020; Li (2021)", "10.1000/182", -5)]
    line = "| study_labels | R&D | >18 | p = 0.05 | Ng, 2020; Li (2021) | 10.1000/182 | -5 |"
    assert to_markdown(Table("t", tuple("abcdefg"), rows)).splitlines()[2] == line


# Formulas.

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
LEADS = ["", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060", "\u00ad", "\u202e", "\t", "\n", " \u200b "]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("lead", LEADS)
def test_every_sign_that_starts_a_formula_is_guarded(tmp_path: Path, lead: str, sign: str) -> None:
    text = f"{lead}{sign}1+1"
    assert guarded(text) == f"'{text}"
    assert unguarded(f"'{text}") == text
    for name, write, separator in (("t.csv", to_csv, ","), ("t.tsv", to_tsv, "\t")):
        written = write(Table("t", (text, "other"), [(text, "x")]))
        read = list(csv.reader(io.StringIO(written, newline=""), delimiter=separator))
        assert read == [[f"'{text}", "other"], [f"'{text}", "x"]], (
            "names of columns are cells too: those of a matrix are outcomes"
        )
        (tmp_path / name).write_text(written, encoding="utf-8", newline="")
        (table,) = read_tables(tmp_path / name, "t")
        assert table.rows == [(2, [text, "x"])], "kg reads back what it wrote"
    write_xlsx(Table("t", ("a",), [(text,)]), tmp_path / "t.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


@pytest.mark.parametrize("text", ["\x00=1", "\x1b=1", "\x7f\x9b+1"])
def test_a_control_character_does_not_hide_a_formula(text: str) -> None:
    assert guarded(text).startswith(("'=", "'+"))


@pytest.mark.parametrize(
    ("value", "text"), [(-1, "-1"), (-0.5, "-0.5"), (3, "3"), (None, ""), (True, "yes"), ("a-1", "a-1"), ("1−", "1−")]
)
def test_numbers_and_ordinary_text_are_left_alone(value: object, text: str) -> None:
    assert guarded(value) == text


def test_the_search_log_is_guarded_and_comes_back(tmp_path: Path) -> None:
    append_search(
        tmp_path, {"query": "=cmd|' /C calc'!A0", "source": "\uff1d1\x1b[2J", "hits": -1, "file": "records/a.jsonl"}
    )
    (row,) = csv.DictReader(io.StringIO((tmp_path / "records" / "searches.csv").read_text(encoding="utf-8")))
    assert (row["query"], row["source"], row["hits"]) == ("'=cmd|' /C calc'!A0", "'\uff1d1[2J", "-1")
    (table,) = read_tables(tmp_path / "records" / "searches.csv", "searches.csv")
    assert table.rows[0][1][4] == "=cmd|' /C calc'!A0"


def test_a_workbook_holds_no_character_that_its_xml_cannot(tmp_path: Path) -> None:
    write_xlsx(Table("a\x1b\x00[b]", ("a\ufffe",), [("x\uffff\x0b\ud800y",)]), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert (sheet.title, sheet["A1"].value, sheet["A2"].value) == ("a b ", "a", "xy")
