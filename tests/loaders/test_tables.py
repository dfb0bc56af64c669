"""CSV and TSV files as review teams have them are read right, or give a problem that names the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.loaders.tables.header import guess_header_row, letters
from kg.loaders.tables.rawtable import Mangled, Merge, RawTable, Row
from kg.loaders.tables.read import read_tables
from kg.loaders.tables.separators import guess_separator
from kg.problems import group_problems


def read(tmp_path: Path, text: str | bytes, name: str = "t.csv", *, header_row: int | None = None) -> RawTable:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (table,) = read_tables(path, name, header_row=header_row)
    return table


def problems(table: RawTable) -> list[str]:
    return [str(group) for group in group_problems([*table.broken, *table.problems])]


AB: list[Row] = [(2, ["1", "2"]), (3, ["3", "4"])]

# Text.


@pytest.mark.parametrize("name", ["t.csv", "t.CSV", "T.Csv"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(tmp_path: Path, name: str, end: str) -> None:
    table = read(tmp_path, end.join(("a,b", "1,2", "3,4")) + end, name)
    assert (table.header, table.rows, table.notes, problems(table)) == (["a", "b"], AB, [], [])


def test_the_row_of_what_is_not_utf_8_is_counted_with_carriage_returns(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\r1,2\r3,M\xfcller\r")
    assert problems(table) == [
        "t.csv, row 3: 'a,b 1,2 3,Müller': is not valid UTF-8; accepted: UTF-8 (Excel: save as type \"CSV UTF-8\")"
    ]


@pytest.mark.parametrize(
    "header",
    ["a,b", "\ufeffa,b", '\ufeff"a",b', " a , b ", "a\u00a0,\tb", '"\ufeffa","b "'],
)
def test_names_have_no_spaces_and_marks_around_them(tmp_path: Path, header: str) -> None:
    table = read(tmp_path, header + "\n1,2\n3,4\n")
    assert (table.header, table.rows, problems(table)) == (["a", "b"], AB, [])


def test_blank_names_at_the_end_are_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,,,\n1,2,,,\n3,4,,,\n5,6\n")
    assert (table.header, table.rows) == (["a", "b"], [(2, ["1", "2", "", "", ""]), *_wide(3), (4, ["5", "6"])])
    assert (table.notes, problems(table)) == (["columns C to E have no name and no values"], [])


def _wide(number: int) -> list[Row]:
    return [(number, ["3", "4", "", "", ""])]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("Refid;findings\n1;x, y, z\n2;x, and y\n3;x\n", ";"),
        ("study;effect (+, -, 0);note\n1;+;a\n2;-;b\n", ";"),
        ('id;text\n1;"a, b, c"\n2;"d, e, f"\n', ";"),
        ("id,text;more\n1,a\n2,b\n", ","),
        ('study,outcomes\n1,"a;b;c"\n2,"d;e;f"\n', ","),
        ("Extraction, version 2, May 2024\nstudy;factor;direction\n1;a;b\n2;c;d\n", ";"),
        ("Extraction\nstudy;factor;direction\n1;a;b\n", ";"),
        ("label\nPay\nHours\n", ","),
        ("a;b;c\n", ";"),
        ("\n\na;b\n1;2\n", ";"),
    ],
)
def test_the_separator_is_that_which_fits_the_rows(text: str, separator: str) -> None:
    assert guess_separator(text, None) == separator


def test_the_separator_is_looked_for_from_the_declared_header_on() -> None:
    assert guess_separator("a,b,c\nd,e,f\nx;y\n1;2\n3;4\n", 3) == ";"


def test_text_with_commas_beside_semicolons_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, 'Refid;findings\n3;"one ; two, three"\n6;four, five, six\n')
    assert table.header == ["Refid", "findings"]
    assert table.rows == [(2, ["3", "one ; two, three"]), (3, ["6", "four, five, six"])]
    assert (table.notes, problems(table)) == ([], [])


def test_rows_cut_at_the_commas_of_a_title_are_refused_and_never_shifted(tmp_path: Path) -> None:
    """The last cell of row 3 is blank, so that its 4 cells used to be taken for 3, shifted by one."""
    rows = "1,Pay,2020\n2,Pay, hours,\n3,Pay, hours, and rest,2021\n4,Pay, rest,2022\n5,Hours,\n"
    table = read(tmp_path, "id,title,year\n" + rows)
    accepted = "accepted: 3 cells; put quotation marks around a cell that contains a comma"
    assert problems(table) == [
        f"t.csv, rows 3, 5: the row has 4 cells and the header 3; {accepted}",
        f"t.csv, row 4: the row has 5 cells and the header 3; {accepted}",
    ]
    assert table.rows == [(2, ["1", "Pay", "2020"]), (6, ["5", "Hours", ""])]
    assert [number for number, _ in table.malformed] == [3, 4, 5]


def test_rows_cut_at_commas_without_spaces(tmp_path: Path) -> None:
    table = read(tmp_path, "id,title,year\n1,Pay,hours,\n2,Pay,hours,rest,2021\n3,Pay,2020\n")
    assert [number for number, _ in table.malformed] == [2, 3]
    assert table.rows == [(4, ["3", "Pay", "2020"])]
    table = read(tmp_path, "id,title,year\n1,Pay,2019,\n3,Pay,2020\n")
    assert (len(table.rows), problems(table)) == (2, [])


def test_one_row_that_is_cut_is_known_by_the_space_after_the_comma(tmp_path: Path) -> None:
    table = read(tmp_path, "id;title;year\n1;Pay;2020\n2;Pay; hours;\n3;Pay;2021;\n")
    assert problems(table) == [
        "t.csv, row 3: the row has 4 cells and the header 3; accepted: 3 cells; put quotation marks around a cell that "
        "contains a semicolon"
    ]
    assert table.rows == [(2, ["1", "Pay", "2020"]), (4, ["3", "Pay", "2021", ""])]


def test_spaces_after_all_commas_are_no_sign_of_a_cut(tmp_path: Path) -> None:
    table = read(tmp_path, "id, title\n1, Pay,\n")
    assert (table.header, table.rows, problems(table)) == (["id", "title"], [(2, ["1", " Pay", ""])], [])


def test_quotation_marks_after_a_space(tmp_path: Path) -> None:
    table = read(tmp_path, 'id, title, year\n1, "Pay, hours",2020\n2,"He said, ""no""",  "2021"\n')
    assert table.header == ["id", "title", "year"]
    assert table.rows == [(2, ["1", "Pay, hours", "2020"]), (3, ["2", 'He said, "no"', "2021"])]
    assert table.notes == ["quotation marks after a space are read as those around a cell"]
    assert problems(table) == []


@pytest.mark.parametrize("cell", ['"a, ""b"""', '"a, ""b"" c"'])
def test_quotation_marks_after_a_space_inside_a_cell_are_no_others(tmp_path: Path, cell: str) -> None:
    table = read(tmp_path, f"id,title\n1,{cell}\n")
    assert (table.rows[0][1][1], table.notes) == (cell[1:-1].replace('""', '"'), [])


def test_quotation_marks_after_a_space_that_begin_a_text(tmp_path: Path) -> None:
    table = read(tmp_path, 'id,title\n1, "Pay" and more\n2, "Hours"\n')
    assert [cells for _, cells in table.rows] == [["1", ' "Pay" and more'], ["2", ' "Hours"']]
    assert table.notes == []


def test_quotation_marks_after_a_space_that_would_join_rows(tmp_path: Path) -> None:
    table = read(tmp_path, 'x,y\n1, "a\n2",b\n')
    assert [cells for _, cells in table.rows] == [["1", ' "a'], ['2"', "b"]]


def test_quotation_marks_after_a_backslash(tmp_path: Path) -> None:
    """R's write.table writes them so by default."""
    table = read(tmp_path, '"id","title"\n"1","the \\"helper\\" role"\n"2","C:\\dir"\n')
    assert table.rows == [(2, ["1", 'the "helper" role']), (3, ["2", "C:\\dir"])]
    assert table.notes == ["quotation marks after a backslash are read as part of the text"]


def test_a_quotation_mark_without_an_end_stays_a_problem(tmp_path: Path) -> None:
    table = read(tmp_path, 'id,title\n1,"the \\"helper\\" role"\n2,"x\n')
    assert table.rows == []
    assert problems(table) == [
        't.csv, row 2: \'1,"the \\\\"helper\\\\" role"\': a quotation mark opens a cell in this row and the next one '
        'does not end the cell; accepted: quotation marks in pairs around a cell, and doubled inside one: "the '
        '""helper"" role"'
    ]


def test_a_cell_guarded_against_formulas_after_any_beginning(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n'=1,it's\nx,'+2\n\"'-3\",'x\n")
    assert [cells for _, cells in table.rows] == [["=1", "it's"], ["x", "+2"], ["-3", "'x"]]


# Columns.


def test_columns_without_a_name_are_called_by_their_letter(tmp_path: Path) -> None:
    table = read(tmp_path, "a,,c,,,\n1,2,3,,4,\n5,,6,,,\n")
    assert table.header == ["a", "column B", "c", "", "column E"]
    assert table.rows == [(2, ["1", "2", "3", "", "4", ""]), (3, ["5", "", "6", "", "", ""])]
    assert problems(table) == []
    assert table.notes == [
        "columns B, E have values but no names: they are called 'column B' and so on",
        "columns D, F have no name and no values",
    ]


def test_one_column_without_a_name(tmp_path: Path) -> None:
    table = read(tmp_path, "study,factor,direction,,note\na,Pay,barrier,,x\na,Pay,mixed,lost,\n")
    assert table.header == ["study", "factor", "direction", "column D", "note"]
    assert table.notes == ["column D has values but no name: it is called 'column D'"]


def test_the_names_of_rows_that_r_writes_are_a_column(tmp_path: Path) -> None:
    table = read(tmp_path, '"","a"\n"1","x"\n"2","y"\n')
    assert (table.header, table.rows) == (["column A", "a"], [(2, ["1", "x"]), (3, ["2", "y"])])


def test_columns_with_one_name(tmp_path: Path) -> None:
    table = read(tmp_path, "id,Note,note ,NOTE,Note (2)\n1,x,y,z,w\n2,x,x,x,x\n")
    assert table.header == ["id", "Note", "note (3)", "NOTE (4)", "Note (2)"]
    assert table.duplicates == {"note (3)": "note", "NOTE (4)": "NOTE"}
    assert table.notes == [
        "columns B and C are both called 'note': column C is called 'note (3)'",
        "columns B and D are both called 'NOTE': column D is called 'NOTE (4)'",
    ]
    assert problems(table) == []


def test_columns_with_one_name_and_the_same_values(tmp_path: Path) -> None:
    table = read(tmp_path, "id,Note,x,Note,y\n1,a,b, a ,c\n2,,d\n")
    assert (table.header, table.rows) == (["id", "Note", "x", "y"], [(2, ["1", "a", "b", "c"]), (3, ["2", "", "d"])])
    assert table.groups == ["", "", "", ""]
    assert table.notes == ["columns B and D are both called 'Note' and have the same values: column D is left out"]
    assert table.duplicates == {}


def test_500_columns(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(500)]
    table = read(tmp_path, "\n".join([",".join(names), ",".join(["1"] * 500), ",".join(["1"] * 501)]) + "\n")
    assert (table.header, len(table.rows), len(table.malformed)) == (names, 1, 1)


# The header.


def rows(*cells: list[str | Mangled]) -> list[Row]:
    return list(enumerate(cells, start=1))


DATA: list[list[str | Mangled]] = [["ng", "Pay", "helps", "3"], ["diaz", "Rest", "helps", "4"]]
HEAD: list[str | Mangled] = ["study", "factor", "direction", "page"]


@pytest.mark.parametrize(
    ("above", "header"),
    [
        ([], 1),
        ([[]], 2),
        ([["Extraction"]], 2),
        ([["Extraction"], []], 3),
        ([["", "", "Extraction"], ["As of May"]], 3),
        ([["Extraction"], ["Coder", "AB"], ["Date", "May"], []], 5),
        ([["Extraction"]] * 9, 10),
        ([["Extraction"]] * 10, 1),
        ([["Title", "Version"]], 1),
        ([["", "", "Barriers", ""]], 2),
    ],
)
def test_the_header_is_guessed(above: list[list[str | Mangled]], header: int) -> None:
    assert guess_header_row(rows(*above, HEAD, *DATA)) == header
    assert guess_header_row(rows(*above, HEAD)) == header


def test_a_form_above_the_header_is_passed_over() -> None:
    form: list[list[str | Mangled]] = [["Extraction"], ["Coder", "AB", "Date"]]
    names: list[str | Mangled] = [f"name {chr(97 + n)}" for n in range(7)]
    assert guess_header_row(rows(*form, names, *DATA)) == 3
    assert guess_header_row(rows(*form, names[:6], *DATA)) == 2


@pytest.mark.parametrize(
    "records",
    [
        [["", "A", "", "B"], ["p", "q", "", "r", "s", "t", "u"], ["1", "2"]],
        [["label"], ["Pay, hours"], ["Rest"]],
        [["label"], ["Pay", " hours", " and more"], ["Rest"], ["Leave"]],
        [["study"], ["ng", "Pay", "helps"], ["diaz", "Rest", "helps"]],
        [["Refid", "findings"], ["1", "a", "b", "c", "d", "e"], ["2", "f"]],
        [["study", "", "direction"], ["ng", "Pay", "helps"], ["diaz", "Rest", "harms"]],
        [["Title"], ["1", "2", "3"], ["4", "5", "6"]],
        [],
    ],
)
def test_the_first_row_is_the_header_if_no_other_is_likelier(records: list[list[str | Mangled]]) -> None:
    assert guess_header_row(rows(*records)) == 1


def test_groups_that_are_written_once_go_on_to_the_next_one(tmp_path: Path) -> None:
    text = ",,Barriers,,,Facilitators,,\nstudy,year,pay,hours,rota,pay,hours,rota\n1,2020,x,,x,y,,\n2,2021,,x,x,,y,\n"
    table = read(tmp_path, text)
    assert (table.header_row, table.header[2:]) == (2, ["pay", "hours", "rota", "pay (2)", "hours (2)", "rota (2)"])
    assert table.groups == ["", "", *["Barriers"] * 3, *["Facilitators"] * 3]
    assert table.duplicates == {"pay (2)": "pay", "hours (2)": "hours", "rota (2)": "rota"}
    assert table.notes[:2] == [
        "the header is in row 2",
        "row 1 is read as groups of columns: 'Barriers' (C to E), 'Facilitators' (F to H)",
    ]


def test_columns_of_two_groups_are_kept_although_their_values_are_the_same(tmp_path: Path) -> None:
    table = read(tmp_path, ",Barriers,Facilitators\nstudy,pay,pay\n1,x,x\n2,,\n", header_row=2)
    assert (table.header, table.groups) == (["study", "pay", "pay (2)"], ["", "Barriers", "Facilitators"])


def test_a_title_is_no_group(tmp_path: Path) -> None:
    table = read(tmp_path, "Extraction,,,\nstudy,factor,direction,page\nng,Pay,helps,3\n")
    assert (table.header_row, table.groups, table.rows) == (2, [""] * 4, [(3, ["ng", "Pay", "helps", "3"])])
    assert table.notes == ["the header is in row 2"]


def test_notes_above_the_header_are_no_groups(tmp_path: Path) -> None:
    table = read(tmp_path, "Extraction\nCoder,AB\nstudy,factor,direction,page\nng,Pay,helps,3\n")
    assert (table.header_row, table.groups, table.notes) == (3, [""] * 4, ["the header is in row 3"])


def test_a_row_of_descriptions_above_the_names_is_one_of_groups(tmp_path: Path) -> None:
    table = read(tmp_path, "Who,What,How\nstudy,factor,direction\nng,Pay,helps\n", header_row=2)
    assert table.groups == ["Who", "What", "How"]
    assert table.notes == ["row 1 is read as groups of columns: 'Who' (A), 'What' (B), 'How' (C)"]


def test_a_declared_header_is_not_guessed(tmp_path: Path) -> None:
    text = "Extraction,,,\nstudy,factor,direction,page\nng,Pay,helps,3\n"
    assert read(tmp_path, text, header_row=1).header == ["Extraction", "column B", "column C", "column D"]
    table = read(tmp_path, text, header_row=2)
    assert (table.header, table.notes) == (["study", "factor", "direction", "page"], [])
    assert problems(read(tmp_path, text, header_row=4)) == [
        "t.csv: the sheet is empty from row 4 on; accepted: a header row and at least one row under it"
    ]


MERGED = Mangled("merged", "")


def across(row: int, first: int, last: int, value: str) -> Merge:
    return Merge("", range(row, row + 1), range(first, last + 1), value)


@pytest.mark.parametrize(
    ("first", "merges", "header"),
    [
        (["Study", "Barriers", MERGED, "Outcomes"], [across(1, 2, 3, "Barriers")], 1),
        (["", "Barriers", MERGED, ""], [across(1, 2, 3, "Barriers")], 2),
        (["Study", MERGED, "Barriers", MERGED], [across(1, 1, 2, "Study"), across(1, 3, 4, "Barriers")], 2),
        (["Extraction", MERGED, MERGED, MERGED], [across(1, 1, 4, "Extraction")], 2),
    ],
)
def test_a_row_of_merged_cells_is_no_header(first: list[str | Mangled], merges: list[Merge], header: int) -> None:
    assert guess_header_row(rows(first, HEAD, *DATA), merges) == header


def test_rows_of_values_below_a_merged_header_are_no_names() -> None:
    first: list[str | Mangled] = ["Barriers", MERGED, MERGED]
    merges = [across(1, 1, 3, "Barriers")]
    assert guess_header_row(rows(first, ["pay", "yes", "no"], ["hours", "yes", "no"]), merges) == 1
    assert guess_header_row(rows(first, ["pay", "hours", "rota"], ["x", "", "x"]), merges) == 2


def test_letters_of_columns() -> None:
    assert letters([0, 2, 3, 4, 27]) == "A, C to E, AB"
    assert letters([]) == ""
