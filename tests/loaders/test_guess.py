"""The role of each column of a sheet of a known kind, and what is said of its header."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.reading import FacetRole, Ignored
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable

WAS = SheetSpec("f.csv", columns={"factor": "Was"})
OF = {"studies": "study", "findings": "finding"}


def table(header: str) -> RawTable:
    """Return a sheet with these columns; ``-`` stands for one without a name."""
    return RawTable("f.csv", header=["" if name == "-" else name for name in header.split(",")], header_row=3)


@pytest.mark.parametrize(
    ("header", "kind", "spec", "columns", "facets"),
    [
        ("direction,factor,study", "findings", None, {"direction": 0, "factor": 1, "study": 2}, {}),
        (
            "papers,Articles,PAPER,article,factor,effect",
            "findings",
            None,
            {"study": 3, "factor": 4, "direction": 5},
            {0: "papers", 1: "Articles", 2: "PAPER"},
        ),
        ("article,paper,factor,effect", "findings", None, {"study": 0, "factor": 2, "direction": 3}, {1: "paper"}),
        ("Study,study,factor,direction", "findings", None, {"study": 0, "factor": 2, "direction": 3}, {1: "study (2)"}),
        ("-,study,-,factor,direction", "findings", None, {"study": 1, "factor": 3, "direction": 4}, {}),
        ("study,Was,factor,direction", "findings", WAS, {"study": 0, "factor": 1, "direction": 3}, {2: "factor (2)"}),
        ("study,factor,WAS,direction", "findings", WAS, {"study": 0, "factor": 2, "direction": 3}, {1: "factor (2)"}),
        ("remarks,n,year", "studies", None, {"sample_size": 1, "year": 2}, {0: "remarks"}),
        ("", "studies", None, {}, {}),
    ],
)
def test_each_column_is_found_by_its_best_name_and_the_others_are_facets(
    header: str, kind: str, spec: SheetSpec | None, columns: dict[str, int], facets: dict[int, str]
) -> None:
    sheet = table(header)
    reading = guess(sheet, kind, spec)
    assert reading.fields(OF[kind]) == columns
    assert dict(reading.facets(OF[kind])) == {i: FacetRole(name, OF[kind], "category") for i, name in facets.items()}
    assert (reading.kind, reading.header, reading.header_row) == (kind, tuple(sheet.header), 3)
    assert (sheet.broken, reading.ignored(), reading.groups, reading.notes) == ([], {}, (), ())


FACTOR = (
    "a column called 'factor' (also 'factors' or 'determinant' or 'contributor', …), "
    'or columns = { factor = "…" } under [[sheet]] in review.toml'
)
DIRECTION = (
    "a column called 'direction' (also 'effect' or 'relation' or 'relationship', …), "
    'or columns = { direction = "…" } under [[sheet]] in review.toml'
)


@pytest.mark.parametrize(
    ("header", "kind", "spec", "said"),
    [
        ("study,fctor,direction", "findings", None, [("the column is missing", "factor", "'fctor'", FACTOR)]),
        (
            "study,determinent,fator,direktion,noot",
            "findings",
            None,
            [
                ("the column is missing", "factor", "'determinent' or 'fator'", FACTOR),
                ("the column is missing", "direction", "'direktion'", DIRECTION),
            ],
        ),
        (
            "id,what,which",
            "terms",
            None,
            [("the column is missing", "label", "", "a column called 'label' (also 'name' or 'term' or 'factor', …)")],
        ),
        ("study,code,group", "links", None, []),
        (
            "study,synd_id",
            "links",
            None,
            [
                (
                    "the column is missing",
                    "term",
                    "",
                    "a column called 'term' (also 'factor' or 'outcome' or 'value', …)",
                )
            ],
        ),
        ("key,factor", "studies and findings", None, [("the column is missing", "direction", "", DIRECTION)]),
        ("titel,year,-,autor,my own", "studies", None, []),
        (
            "study,factor,direction",
            "findings",
            WAS,
            [("the column that review.toml maps to factor is not there", "Was", "", "study, factor, direction")],
        ),
        (
            "study,direction,Wass,Other,-",
            "findings",
            WAS,
            [
                (
                    "the column that review.toml maps to factor is not there",
                    "Was",
                    "'Wass'",
                    "study, direction, Wass, Other",
                )
            ],
        ),
    ],
)
def test_a_column_that_is_missing_is_reported_with_those_like_it(
    header: str, kind: str, spec: SheetSpec | None, said: list[tuple[str, str, str, str]]
) -> None:
    sheet = table(header)
    guess(sheet, kind, spec)
    assert [(p.reason, p.column, p.suggestion, p.accepted) for p in sheet.broken] == said
    assert {p.row for p in sheet.broken} <= {3}


def test_a_misspelt_column_is_a_facet_and_a_note_says_how_to_declare_it() -> None:
    reading = guess(table("titel,year,-,autor,my own"), "studies")
    assert reading.notes == (
        "'titel' is a facet; if it is meant as 'title', declare columns = { title = \"titel\" }",
        "'autor' is a facet; if it is meant as 'authors', declare columns = { authors = \"autor\" }",
    )
    assert [(i, role.name) for i, role in reading.facets("study")] == [(0, "titel"), (3, "autor"), (4, "my own")]
    assert guess(table("title,titel"), "studies").notes == ()


def test_the_only_other_column_of_a_sheet_of_terms_is_the_label() -> None:
    assert guess(table("id,what"), "terms").fields("term") == {"id": 0, "label": 1}
    reading = guess(table("what"), "terms")
    assert reading.fields("term") == {"label": 0}
    assert reading.notes == ("a term is called by its position, from 1, because there is no column of ids",)
    assert guess(table("id,what,which"), "terms").ignored() == dict.fromkeys((1, 2), "not a column of a sheet of terms")


def test_a_sheet_that_is_ignored_has_no_roles() -> None:
    assert guess(table("study,factor"), "ignore").roles == (None, None)
    spec = SheetSpec("f.csv", ignore=("my own",))
    reading = guess(table("study,factor,direction,my own"), "findings", spec)
    assert reading.roles[3] == Ignored("")
    assert reading.ignored() == {3: "declared in review.toml"}
