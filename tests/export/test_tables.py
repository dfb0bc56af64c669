"""Tables as text: every format, hostile cells, and a terminal that is narrower than the table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.export.tables import FORMATS, guarded, to_csv, to_json, to_latex, to_markdown, to_tsv, write_xlsx
from kg.export.terminal import to_terminal
from kg.folder.review import Review
from kg.table import Table
from tests.conftest import Run

TABLE = Table(
    "t", ("name", "n", "labels", "flag", "blank"),
    [("a|b & 50%_\\ {x}", 3, [1, 2, 10], True, None), ("=cmd|' /C calc'!A0", None, ["x", "y; z"], False, None)], "A title",
)  # fmt: skip


def test_json_keeps_types() -> None:
    assert json.loads(to_json(TABLE)) == [
        {"name": "a|b & 50%_\\ {x}", "n": 3, "labels": [1, 2, 10], "flag": True, "blank": None},
        {"name": "=cmd|' /C calc'!A0", "n": None, "labels": ["x", "y; z"], "flag": False, "blank": None},
    ]
    assert to_json(Table("t", ("a",), [])) == "[]\n"


def test_csv_and_tsv_guard_formulas() -> None:
    assert to_csv(TABLE) == (
        "name,n,labels,flag,blank\na|b & 50%_\\ {x},3,\"1, 2, 10\",yes,\n'=cmd|' /C calc'!A0,,x; y; z,no,\n"
    )
    assert to_tsv(TABLE).splitlines()[2].split("\t")[0] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_whatever_starts_a_formula_is_guarded(text: str) -> None:
    assert guarded(text) == "'" + text.replace("\r", "\n")
    assert guarded([text, "b"]).startswith("'"), "the first of several labels starts the cell"
    assert guarded(-1) == "-1", "numbers are not text"


def test_markdown_and_latex_escape() -> None:
    assert to_markdown(TABLE).splitlines() == [
        "| name | n | labels | flag | blank |",
        "| --- | --: | --- | --- | --- |",
        "| a\\|b & 50%\\_\\\\ {x} | 3 | 1, 2, 10 | yes |  |",
        "| =cmd\\|' /C calc'!A0 |  | x; y; z | no |  |",
    ]
    assert to_latex(TABLE).splitlines()[4] == r"a|b \& 50\%\_\textbackslash{} \{x\} & 3 & 1, 2, 10 & yes &  \\"


def test_a_workbook_holds_text_not_formulas(tmp_path: Path) -> None:
    write_xlsx(TABLE, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [
        ["name", "n", "labels", "flag", "blank"],
        ["a|b & 50%_\\ {x}", 3, "1, 2, 10", True, None],
        ["=cmd|' /C calc'!A0", None, "x; y; z", False, None],
    ]
    assert sheet["A3"].data_type == "s"


@given(
    st.lists(st.tuples(st.text(max_size=60), st.integers(), st.lists(st.text(max_size=9), max_size=4)), max_size=6),
    st.integers(min_value=30, max_value=120),
)
@example([("", -100_000_000_000, []), ("00 0", 0, ["0123456789"])], 30)  # one short of what the cells need
def test_no_line_is_wider_than_the_window(rows: list[tuple[str, int, list[str]]], width: int) -> None:
    from kg.export.terminal import _text_width

    table = Table("t", ("a", "b", "c"), [tuple(row) for row in rows])
    assert all(_text_width(line) <= max(width, 16) for line in to_terminal(table, width).splitlines())


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40),
        min_size=1,
        max_size=5,
    )
)
def test_csv_comes_back(cells: list[str]) -> None:
    table = Table("t", tuple(f"c{i}" for i in range(len(cells))), [tuple(cells)])
    read = list(csv.reader(io.StringIO(to_csv(table), newline="")))
    assert read[1:] == [[guarded(c) for c in cells]] or (len(cells) == 1 and not cells[0])


def test_the_terminal_table() -> None:
    table = Table("t", ("factor", "n"), [("Opportunities for skill development", 4), ("Pay", 12)], "Counts")
    assert to_terminal(table, 26) == (
        "Counts\n"
        "factor                   n\n"
        "──────────────────────  ──\n"
        "Opportunities for        4\n"
        "skill development\n"
        "Pay                     12\n"
    )
    assert to_terminal(Table("t", ("a",), [], "Nothing here"), 80) == "Nothing here: none\n"


def test_every_format_on_the_command_line(example: Review, run: Run, tmp_path: Path) -> None:
    root = example.root
    for name in FORMATS:
        ran = run("table", "outcomes", "--format", name, "-C", root)
        assert ran.code == 0 and "Burnout" in ran.out and ran.err == ""
        written = run("table", "outcomes", "--format", name, "-o", tmp_path / "out", "-C", root)
        assert (tmp_path / "out").read_text(encoding="utf-8") == ran.out
        assert (written.out, written.err) == ("", f"wrote {tmp_path / 'out'}\n")
    run("table", "outcomes", "--format", "xlsx", "-o", tmp_path / "t.xlsx", "-C", root)
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]["B2"].value == 13


def test_an_output_that_cannot_be_written(example: Review, run: Run, tmp_path: Path) -> None:
    root = example.root
    ran = run("table", "outcomes", "-o", tmp_path / "none" / "t.csv", "-C", root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: cannot write {tmp_path / 'none' / 't.csv'}: No such file or directory\n"


def test_to_pandas(example: Review) -> None:
    with example.graph() as graph:
        frame = graph.table("outcomes").to_pandas()
    assert list(frame.columns) == ["outcome", "studies", "study_labels"]
    assert frame["studies"].tolist() == [13, 9, 7, 6, 4, 3]


def test_the_separator_does_not_depend_on_the_labels() -> None:
    """One label that was no number used to put semicolons into every list of studies."""
    rows = [("F", ["1", "2"], ["Joy", "Skill"]), ("G", ["1", "Ng, A. 2020"], [])]
    table = Table("t", ("factor", "study_labels", "outcomes"), rows)
    assert to_csv(table) == ('factor,study_labels,outcomes\nF,"1, 2",Joy; Skill\nG,"1, ""Ng, A. 2020""",\n')
    assert to_csv(Table("t", ("study_labels",), [([1, 2],)])) == 'study_labels\n"1, 2"\n'
