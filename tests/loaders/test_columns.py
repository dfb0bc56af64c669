"""Which column of a table is which, and what is said of columns that are missing or misspelt."""

from __future__ import annotations

import pytest

from kg.loaders.sheets.columns import (
    FINDINGS,
    STUDIES,
    VOCABULARY,
    Layout,
    find_columns,
    spellings,
)
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable

WAS = SheetSpec("f.csv", columns={"factor": "Was"})


def table(header: str) -> RawTable:
    """Return a sheet with these columns; ``-`` stands for one without a name."""
    return RawTable("f.csv", header=["" if name == "-" else name for name in header.split(",")], header_row=3)


@pytest.mark.parametrize(
    ("header", "layout", "spec", "columns"),
    [
        ("direction,factor,study", FINDINGS, None, {"direction": 0, "factor": 1, "study": 2}),
        ("papers,Articles,PAPER,article,factor,effect", FINDINGS, None, {"study": 3, "factor": 4, "direction": 5}),
        ("article,paper,factor,effect", FINDINGS, None, {"study": 0, "factor": 2, "direction": 3}),
        ("Study,study,factor,direction", FINDINGS, None, {"study": 0, "factor": 2, "direction": 3}),
        ("-,study,-,factor,direction", FINDINGS, None, {"study": 1, "factor": 3, "direction": 4}),
        ("study,Was,factor,direction", FINDINGS, WAS, {"study": 0, "factor": 1, "direction": 3}),
        ("study,factor,WAS,direction", FINDINGS, WAS, {"study": 0, "factor": 2, "direction": 3}),
        ("remarks,n,year", STUDIES, None, {"sample_size": 1, "year": 2}),
        ("", STUDIES, None, {}),
    ],
)
def test_each_column_is_found_by_its_best_name(
    header: str, layout: Layout, spec: SheetSpec | None, columns: dict[str, int]
) -> None:
    sheet = table(header)
    assert find_columns(sheet, layout, spec) == columns
    assert sheet.broken == []


ANY = 'or columns = {{ {0} = "…" }} under [[sheet]] in review.toml'


@pytest.mark.parametrize(
    ("header", "layout", "spec", "said"),
    [
        (
            "study,fctor,direction",
            FINDINGS,
            None,
            [
                (
                    "the column is missing",
                    "factor",
                    "'fctor'",
                    "a column called 'factor' (also 'factors' or 'determinant' or 'contributor', …), "
                    + ANY.format("factor"),
                )
            ],
        ),
        (
            "study,determinent,fator,direktion,noot",
            FINDINGS,
            None,
            [
                (
                    "the column is missing",
                    "factor",
                    "'determinent' or 'fator'",
                    "a column called 'factor' (also 'factors' or 'determinant' or 'contributor', …), "
                    + ANY.format("factor"),
                ),
                (
                    "the column is missing",
                    "direction",
                    "'direktion'",
                    "a column called 'direction' (also 'effect' or 'relation' or 'relationship', …), "
                    + ANY.format("direction"),
                ),
            ],
        ),
        (
            "id,what",
            VOCABULARY,
            None,
            [("the column is missing", "label", "", "a column called 'label' (also 'name' or 'term' or 'factor', …)")],
        ),
        (
            "titel,year,-,autor,my own",
            STUDIES,
            None,
            [
                (
                    "the column would not be read",
                    "titel",
                    "'title'",
                    "'title', or a name less like it for a column of your own",
                ),
                (
                    "the column would not be read",
                    "autor",
                    "'authors'",
                    "'authors', or a name less like it for a column of your own",
                ),
            ],
        ),
        ("title,titel", STUDIES, None, []),
        (
            "study,factor,direction",
            FINDINGS,
            WAS,
            [("the column that review.toml maps to factor is not there", "Was", "", "study, factor, direction")],
        ),
        (
            "study,direction,Wass,Other,-",
            FINDINGS,
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
def test_a_column_that_is_missing_or_misspelt_is_reported_with_those_like_it(
    header: str, layout: Layout, spec: SheetSpec | None, said: list[tuple[str, str, str, str]]
) -> None:
    sheet = table(header)
    find_columns(sheet, layout, spec)
    assert [(p.reason, p.column, p.suggestion, p.accepted) for p in sheet.broken] == said
    assert {p.row for p in sheet.broken} <= {3}


def test_the_words_of_a_sheet_for_a_value() -> None:
    known = spellings("approach")
    words = ("quant", "statistical", "qual", "mixed", "mixed-methods", "mixed method")
    assert [known[word] for word in words] == ["quantitative"] * 2 + ["qualitative"] + ["mixed methods"] * 3
    declared = SheetSpec("f.csv", values={"approach": {"Qual": "mixed methods"}, "methods": {"quant": "mixed methods"}})
    assert spellings("approach", declared) == {**known, "qual": "mixed methods"}
