"""Facets and marks of a row: values, coding statuses, directions, and what is said of cells that are neither."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.facets import Facets, FacetSpec
from kg.loaders.sheets.reading import FacetRole, FieldRole, MarkGroup, MarkRole, Reading, Role
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.sheets.terms import Terms
from kg.loaders.sheets.unfold import FacetColumns, Marked, MarkReader
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable
from kg.model.records import Concept

DAY = Mangled("date", "2024-03-04")
PAY = (Concept("pay", "Pay"), Concept("time_off", "Time off"))


class Row:
    """Reads rows of a table with these columns, one after the other."""

    def __init__(self, header: str, *roles: Role | None, group: MarkGroup | None = None, spec: SheetSpec | None = None):
        names = header.split(",")
        self.table = RawTable("f.csv", header=names)
        groups = () if group is None else (group,)
        self.reading = Reading("f.csv", "", "studies", 1, tuple(names), roles, groups=groups, spec=spec)
        self.cells = RowReader(self.table, self.reading.fields("study"), spec)
        self.at = 1

    def start(self, *cells: Cell) -> None:
        self.at += 1
        self.cells.start(self.at, list(cells))

    def said(self) -> list[str]:
        """Return the messages so far, and forget them."""
        found = [str(problem) for problem in self.table.problems]
        self.table.problems.clear()
        return found


def facets(row: Row, *specs: FacetSpec, vocabulary: dict[str, list[Concept]] | None = None) -> FacetColumns:
    return FacetColumns(row.cells, row.reading, Facets(specs, vocabulary), "study")


def read(row: Row, columns: FacetColumns, *cells: Cell) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    row.start(*cells)
    return columns.read()


# --- facets ----------------------------------------------------------------------------------------------------------


def test_the_values_and_statuses_of_facets() -> None:
    row = Row("tool,score", FacetRole("tool", "study", "categories"), FacetRole("score", "study", "number"))
    columns = facets(row)
    assert columns.kinds == {"tool": "categories", "score": "number"}
    assert read(row, columns, "Drill; Saw", "1,200") == ({"tool": ("drill", "saw"), "score": ("1200",)}, {})
    assert read(row, columns, "drill", "NR") == ({"tool": ("drill",)}, {"score": "not reported"})
    assert read(row, columns, "n/a", "-999") == ({}, {"tool": "not applicable"})
    assert read(row, columns, "", " ") == ({}, {})
    assert read(row, columns, "Saw") == ({"tool": ("saw",)}, {})
    assert read(row, columns) == ({}, {})
    assert (row.said(), row.cells.rejected) == ([], False)


def test_a_cell_that_is_no_value_rejects_its_row_each_time() -> None:
    row = Row("score", FacetRole("score", "study", "number"))
    columns = facets(row)
    for number in (2, 3):
        assert read(row, columns, "many") == ({}, {})
        assert row.said() == [
            f"f.csv, row {number}, column 'score': 'many': is not a number; accepted: a number, blank, or kind = \"text\" "
            "under [[facet]] in review.toml"
        ]
        assert row.cells.rejected


def test_a_value_that_is_not_in_the_vocabulary() -> None:
    row = Row("tool", FacetRole("tool", "study", "category"))
    columns = facets(row, vocabulary={"tool": [Concept("d", "Drill"), Concept("s", "Saw")]})
    assert read(row, columns, "drill") == ({"tool": ("d",)}, {})
    assert read(row, columns, "Dril") == ({}, {})
    assert row.said() == [
        "f.csv, row 3, column 'tool': 'Dril': no value of tool is called this; did you mean 'Drill'?; accepted: Drill; Saw"
    ]


def test_cells_that_a_spreadsheet_changed() -> None:
    row = Row("tool,score", FacetRole("tool", "study", "category"), FacetRole("score", "study", "number"))
    columns = facets(row)
    assert read(row, columns, DAY) == ({"tool": ("2024-03-04",)}, {})
    assert row.said() == []
    assert read(row, columns, "", DAY) == ({}, {})
    assert row.said() == [
        "f.csv, row 3, column 'score': '2024-03-04': the cell holds a date; accepted: text; format the cell as Text and "
        "type it again (or 3-4 becomes a date)"
    ]
    assert read(row, columns, Mangled("error", "#N/A")) == ({}, {})
    assert row.said() == [
        "f.csv, row 4, column 'tool': '#N/A': the cell holds a spreadsheet error; accepted: a value, or blank"
    ]


def test_the_declared_words_of_a_facet() -> None:
    spec = SheetSpec("f.csv", values={"My Tool": {"D": "Drill", "?": "not reported"}, "other": {"S": "Saw"}})
    row = Row(
        "my tool,other", FacetRole("my tool", "study", "category"), FacetRole("Other", "study", "category"), spec=spec
    )
    columns = facets(row)
    assert read(row, columns, " d ", "s") == ({"my_tool": ("drill",), "other": ("saw",)}, {})
    assert read(row, columns, "?", "D") == ({"other": ("d",)}, {"my_tool": "not reported"})


def test_problems_of_checked_columns_are_told_once() -> None:
    """The year is read as a number of the study first; its facet says nothing of a cell that is none."""
    row = Row("year,n,methods", *(FieldRole("study", name) for name in ("year", "sample_size", "methods")))
    columns = facets(row)
    assert read(row, columns, "20l9", "many", "odd") == ({}, {})
    assert read(row, columns, DAY, DAY, DAY) == ({}, {})
    assert (row.said(), row.cells.rejected) == ([], False)
    other = Row("year", FacetRole("year", "finding", "year"))
    of_finding = FacetColumns(other.cells, other.reading, Facets(), "finding")
    assert read(other, of_finding, "20l9") == ({}, {})
    assert len(other.said()) == 1


def test_standard_columns_are_facets_of_studies_only() -> None:
    row = Row(
        "design,note,tool",
        FieldRole("study", "design"),
        FieldRole("study", "title"),
        FacetRole("tool", "finding", "category"),
    )
    assert facets(row).kinds == {"design": "categories"}
    assert FacetColumns(row.cells, row.reading, Facets(), "finding").kinds == {"tool": "category"}
    long = Row("design", FieldRole("study", "design", "text"))
    assert facets(long).kinds == {"design": "text"}


# --- groups of marks -------------------------------------------------------------------------------------------------

STATES = MarkGroup("state", "study")


def states(*labels: str, group: MarkGroup = STATES) -> Row:
    return Row(",".join(f"state_{label}" for label in labels), *(MarkRole(0, label) for label in labels), group=group)


def test_marks_are_the_values_of_a_facet() -> None:
    row = states("ohio", "new_york", "Not reported")
    columns = facets(row)
    assert read(row, columns, "x", "1", "") == ({"state": ("ohio", "new-york")}, {})
    assert read(row, columns, "state_ohio", "New York") == ({"state": ("ohio", "new-york")}, {})
    assert read(row, columns, "", "yes", "x") == ({"state": ("new-york",)}, {})
    assert read(row, columns, "", "", "x") == ({}, {"state": "not reported"})
    assert read(row, columns, "NR", "", "") == ({}, {"state": "not reported"})
    assert read(row, columns, "-999", "", "") == ({}, {})
    assert read(row, columns, "", "", "no") == ({}, {})
    assert read(row, columns) == ({}, {})
    assert read(row, columns, "no", "0", "") == ({"state": ("none",)}, {})
    assert read(row, columns, "no", "NR") == ({}, {"state": "not reported"})
    assert read(row, columns, "no", "x") == ({"state": ("new-york",)}, {})
    assert row.said() == []


def test_the_values_of_marks_are_in_the_order_of_their_columns() -> None:
    row = states("ohio", "new_york", "Not reported")
    found = Facets()
    columns = FacetColumns(row.cells, row.reading, found, "study")
    assert read(row, columns, "", "x", "") == ({"state": ("new-york",)}, {})
    (facet,) = found.all()
    assert [value.label for value in facet.values] == ["ohio", "new york"]


def test_no_to_every_value_of_a_vocabulary_is_no_value() -> None:
    row = states("ohio", "utah")
    columns = facets(row, vocabulary={"state": [Concept("oh", "Ohio"), Concept("ut", "Utah")]})
    assert read(row, columns, "no", "no") == ({}, {})
    assert read(row, columns, "no", "x") == ({"state": ("ut",)}, {})


def test_a_column_and_marks_of_one_facet() -> None:
    row = Row("state,state_utah", FacetRole("state", "study", "categories"), MarkRole(0, "utah"), group=STATES)
    columns = facets(row)
    assert read(row, columns, "Ohio", "x") == ({"state": ("ohio", "utah")}, {})
    assert read(row, columns, "Utah", "x") == ({"state": ("utah",)}, {})
    assert read(row, columns, "NR", "x") == ({"state": ("utah",)}, {})
    assert read(row, columns, "Ohio", "NR") == ({"state": ("ohio",)}, {})


# --- marks -----------------------------------------------------------------------------------------------------------


def marks(row: Row, terms: Terms | None = None) -> MarkReader:
    return MarkReader(row.cells, row.reading, 0, terms or Terms("factor", None))


def marked(row: Row, reader: MarkReader, *cells: Cell) -> Marked:
    row.start(*cells)
    return reader.read()


def test_what_a_row_says_in_marks() -> None:
    row = states("ohio", "utah", "NR")
    reader = marks(row)
    assert marked(row, reader, "x", "", "") == Marked((("ohio", None),))
    assert marked(row, reader, "no", "x", "") == Marked((("utah", None),), True)
    assert marked(row, reader, "", "", "no") == Marked(())
    assert marked(row, reader, "", "", "NR") == Marked((), False, "not reported")
    assert marked(row, reader, "n/a", "NR", "") == Marked((), False, "not applicable")
    assert marked(row, reader, " ", "yes", "yes") == Marked((("utah", None),), False, "not reported")


def test_directions_are_marks_of_a_directed_group() -> None:
    group = MarkGroup("factor", "factor", directed=True)
    row = states("pay", "hours", group=group)
    reader = marks(row)
    assert marked(row, reader, "helps", "-") == Marked((("pay", "facilitator"), ("hours", "barrier")))
    assert marked(row, reader, "0", "yes") == Marked((("pay", "no_effect"), ("hours", None)))
    assert marked(row, reader, "no", "x") == Marked((("hours", None),), True)
    plain = states("pay", "hours", group=replace(group, directed=False))
    assert marked(plain, marks(plain), "0", "x") == Marked((("hours", None),), True)
    assert marked(plain, marks(plain), "helps") == Marked(())
    assert len(plain.said()) == 1


def test_declared_words_are_marks() -> None:
    row = states(
        "pay", "hours", group=MarkGroup("factor", "factor", yes=("Ja", "0"), no=("Nein",), missing=("?", "NR"))
    )
    reader = marks(row)
    assert marked(row, reader, "ja", "0") == Marked((("pay", None), ("hours", None)))
    assert marked(row, reader, "nein", "x") == Marked((("hours", None),), True)
    assert marked(row, reader, "?", "") == Marked((), False, "not extracted")
    assert marked(row, reader, "NR", "") == Marked((), False, "not reported")
    other = states("pay", group=MarkGroup("factor", "factor", yes=("-999",), no=("NR",)))
    assert marked(other, marks(other), "-999") == Marked((("pay", None),))
    assert marked(other, marks(other), "NR") == Marked((), True)


def test_a_cell_that_is_no_mark() -> None:
    row = states("pay", "hours")
    reader = marks(row)
    for number in (2, 3):
        assert marked(row, reader, "perhaps", "x") == Marked((("hours", None),))
        assert row.said() == [
            f"f.csv, row {number}, column 'state_pay': 'perhaps': is no mark of state; accepted: x, yes, 1, … or no, 0, …, "
            'with notes in a column of their own; or yes = ["perhaps"], no = […] or missing = […] under [[sheet.marks]] '
            'of = "state" in review.toml'
        ]
        assert row.cells.rejected
    assert marked(row, reader, DAY) == Marked(())
    assert [line.partition(";")[0] for line in row.said()] == [
        "f.csv, row 4, column 'state_pay': '2024-03-04': the cell holds a date"
    ]
    assert marked(row, reader, "!") == Marked(())
    assert len(row.said()) == 1


@pytest.mark.parametrize("label", ["pay", "Time_off", "time off", "time_off", "TIME OFF"])
def test_a_column_is_a_term_by_its_label(label: str) -> None:
    row = states(label)
    assert marked(row, marks(row, Terms("factor", PAY)), "x").terms[0][0] in ("pay", "time_off")


def test_a_column_is_a_term_by_its_whole_name() -> None:
    row = Row("f_pay", MarkRole(0, "pay"), group=STATES)
    assert marked(row, marks(row, Terms("factor", (Concept("p", "F pay"),))), "x") == Marked((("p", None),))
    assert marked(row, marks(row, Terms("factor", (Concept("p", "f_pay"),))), "x") == Marked((("p", None),))


def test_a_column_that_is_no_term_of_the_vocabulary() -> None:
    row = states("pey", "pay", "NR")
    reader = marks(row, Terms("factor", PAY))
    assert row.said() == [
        "f.csv, row 1, column 'state_pey': 'pey': no factor of the vocabulary is called this; did you mean 'Pay'?; "
        'accepted: Pay; Time off, or labels = { "column" = "term" } under [[sheet.marks]] in review.toml'
    ]
    assert marked(row, reader, "x", "x", "x") == Marked((("pay", None),), False, "not reported")
