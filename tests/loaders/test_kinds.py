"""What kind of sheet a table is, by its header and its declaration."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.kinds import (
    columns_of,
    decides,
    for_kind,
    guess_kind,
    is_charted,
    link_columns,
    passed_over,
    what_to_declare,
)
from kg.loaders.sheets.spec import MarkSpec, SheetSpec
from kg.loaders.tables.rawtable import Cell, Mangled, RawTable

BOTH = "studies and findings"
WAS = SheetSpec("f.csv", columns={"factor": "Was"})
KEY = SheetSpec("f.csv", key=("a", "b"))


def table(header: str, *rows: list[Cell]) -> RawTable:
    """Return a sheet with these columns; ``-`` stands for one without a name."""
    names = ["" if name == "-" else name for name in header.split(",")]
    return RawTable("f.csv", header=names, rows=list(enumerate(rows, start=4)), header_row=3)


@pytest.mark.parametrize(
    ("header", "spec", "kind", "of_workbook"),
    [
        ("study,factor,direction", None, "findings", "findings"),
        ("factor,direction", None, "findings", "findings"),
        ("study,factor", None, "findings", "findings"),
        ("factor,definition", None, "findings", None),
        ("study,locator", None, "studies", None),
        ("study", None, None, None),
        ("locator,note", None, None, None),
        ("direction", None, "findings", None),
        ("title,year,doi", None, "studies", "studies"),
        ("title,year", None, "studies", None),
        ("title", None, "studies", None),
        ("design", None, "studies", None),
        ("country,setting,methods", None, None, None),
        ("factor,title", None, BOTH, None),
        ("factor,year", None, BOTH, None),
        ("study,factor,title", None, "findings", "findings"),
        ("study,title,factor,direction", None, "findings", "findings"),
        ("study,factor,direction,title,year", None, BOTH, BOTH),
        ("factor,title,year", None, "studies", None),
        ("factor,title,year,doi", None, "studies", "studies"),
        ("factor,direction,title,year", None, BOTH, BOTH),
        ("my own", None, None, None),
        ("study,factor,direction", SheetSpec("f.csv", kind="studies"), "studies", "findings"),
        ("Was,study", WAS, "findings", "findings"),
        ("what,study", WAS, "findings", None),
        ("year,-", SheetSpec("f.csv", columns={"title": "-"}), "studies", None),
        ("a,b", KEY, "studies", None),
        ("study,factor,direction", KEY, BOTH, BOTH),
        ("a,b", SheetSpec("f.csv", directions={"a": "barrier"}), "studies", None),
        ("a,b", SheetSpec("f.csv", marks=(MarkSpec("factor", prefix="a"),)), "studies", None),
        ("a,b", SheetSpec("f.csv", constant={"direction": "barrier"}), "findings", None),
    ],
)
def test_the_kind_of_a_sheet_follows_from_its_columns(
    header: str, spec: SheetSpec | None, kind: str | None, of_workbook: str | None
) -> None:
    assert guess_kind(table(header), spec) == kind
    assert guess_kind(table(header), spec, sure=False) == of_workbook


@pytest.mark.parametrize(
    ("header", "rows", "found", "kind"),
    [
        ("study,code", [["3", "1"], [" 4", "2 "]], ("study", "code"), None),
        ("code,-,study", [["3", "1"]], ("study", "code"), None),
        ("study,code", [], None, "studies"),
        ("study,code", [["3", "1"], ["4", "x"]], None, "studies"),
        ("study,code", [["3", "1"], ["4", Mangled("date", "2020-03-04")]], None, "studies"),
        ("study,code,my own", [["3", "1", "2"]], None, "studies"),
        ("code,my own", [["3", "1"]], None, None),
    ],
)
def test_a_table_of_nothing_but_ids_is_no_sheet_of_studies(
    header: str, rows: list[list[Cell]], found: tuple[str, str] | None, kind: str | None
) -> None:
    assert link_columns(table(header, *rows)) == found
    assert guess_kind(table(header, *rows)) == kind


GENERAL = (
    "columns study, factor, direction, … (findings) or key, title, doi, … (studies); "
    "or [[sheet]] with kind and columns in review.toml"
)
TERMS = GENERAL + ' (kind = "terms" and of = "factor", "outcome" or a facet, if it lists terms)'


@pytest.mark.parametrize(
    ("header", "rows", "text"),
    [
        (
            "synd_id,study",
            [["3", "1"]],
            '[[sheet]] with kind = "links", of = "factor", "outcome" or a facet, and '
            'columns = { study = "study", term = "synd_id" } in review.toml, if it links the two',
        ),
        ("id,Syndrome name", [], TERMS),
        ("a,b,c,-,label", [], TERMS),
        ("a,b,c,d,label", [], GENERAL),
        ("-", [], GENERAL),
        ("id,what", [], GENERAL),
    ],
)
def test_what_to_declare_of_a_sheet_of_unknown_kind(header: str, rows: list[list[Cell]], text: str) -> None:
    assert what_to_declare(table(header, *rows)) == text


def test_the_declaration_of_a_workbook_is_reduced_to_the_columns_of_a_sheet() -> None:
    spec = SheetSpec(
        "all.xlsx", columns={"factor": "What", "title": "Full title", "outcomes": "For", "locator": "Page"}
    )
    sheet = table("WHAT,full title,for,-")
    assert for_kind(spec, "findings", sheet).columns == {"factor": "What", "outcomes": "For"}
    assert for_kind(spec, "studies", sheet).columns == {"title": "Full title", "outcomes": "For"}
    assert for_kind(spec, BOTH, sheet).columns == {"factor": "What", "title": "Full title", "outcomes": "For"}
    assert for_kind(spec, "ignore", sheet).columns == {}
    filled = SheetSpec("all.xlsx", fill_down=("WHAT", "Page", "title"))
    assert for_kind(filled, "findings", table("what,Title")).fill_down == ("WHAT", "title")
    assert for_kind(filled, "findings", table("a,b")).fill_down == ()


def test_the_columns_of_each_kind() -> None:
    found = {kind: {"study", "key", "factor", "label", "term"} & set(columns_of(kind)) for kind in KINDS}
    assert found == KINDS


#: Kind -> which of the columns study, key, factor, label and term it has; a study on the row itself is its key.
KINDS: dict[str, set[str]] = {
    "studies": {"key", "label"},
    "findings": {"study", "factor"},
    BOTH: {"key", "label", "factor"},
    "terms": {"label"},
    "links": {"study", "term"},
    "ignore": set(),
}


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        ("Codebook", True),
        ("Excluded studies", True),
        ("READ ME", True),
        ("drop-down lists", True),
        ("Rejected at full text", True),
        ("Not included", True),
        ("Screened out", True),
        ("Included", False),
        ("Screened", False),
        ("Read", False),
        ("Studies", False),
        ("", False),
    ],
)
def test_a_sheet_is_passed_over_by_its_name(name: str, passed: bool) -> None:
    assert passed_over(RawTable("all.xlsx", name)) == passed


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["Include", "exclude"], True),
        (["keep", "kept", "DROP", ""], True),
        (["accepted", "rejected", "odd"], True),
        (["maybe", "reject", "odd", "other"], False),
        (["include", "included", "keep"], False),
        (["exclude", "x", "y"], False),
        (["exclude"], True),
        (["x", "y"], False),
        (["exclude", Mangled("date", "x"), Mangled("date", "y")], True),
        ([], False),
    ],
)
def test_a_column_of_decisions(cells: list[Cell], found: bool) -> None:
    sheet = table("title,full text", *(["T", cell] for cell in cells))
    assert decides(sheet) == ("full text" if found else None)
    assert decides(table("title,-", *(["T", cell] for cell in cells))) is None
    sheet.rows.append((99, ["short"]))
    assert decides(sheet) == ("full text" if found else None)


def charted(header: str, *ids: str) -> RawTable:
    rows: list[list[Cell]] = [[id_, "x"] for id_ in ids]
    return table(header, *rows)


def test_a_sheet_is_about_studies_if_most_of_its_ids_are_theirs() -> None:
    studies = [charted("id,title", "A", "b"), charted("id,title", "c")]
    assert is_charted(charted("study id,tool", "a", "B", "z"), studies)
    assert is_charted(charted("study id,tool", "c"), studies)
    assert not is_charted(charted("study id,tool", "a", "z"), studies)
    assert not is_charted(charted("study id,tool", "x", "y"), studies)
    assert not is_charted(charted("tool,size", "a", "b"), studies)
    assert not is_charted(charted("study id,tool"), studies)
    short = charted("tool,study id", "x")
    short.rows = [(2, ["x", "a"]), (3, ["x"]), (4, ["x", Mangled("date", "y")])]
    assert is_charted(short, studies)


@pytest.mark.parametrize(("columns", "found"), [(5, False), (6, True), (7, True)])
def test_a_sheet_of_ids_and_many_columns_is_about_studies(columns: int, found: bool) -> None:
    assert is_charted(charted("id," + ",".join(f"q{n}" for n in range(columns)) + ",-", "a"), []) == found
    assert not is_charted(charted("q," + ",".join(f"q{n}" for n in range(columns)), "a"), [])
