"""One study in several sheets: rows that agree are one study, rows that differ are named."""

from __future__ import annotations

import pytest

from kg.errors import BadInput
from tests.conftest import MakeReview

A = "key,title,year,design,reach\n"


def test_what_two_sheets_say_of_a_study_is_put_together(make_review: MakeReview) -> None:
    review = make_review(
        {
            "sheets/a.csv": A + "x,X,,survey,\ny,Y,2020,,\n",
            "sheets/b.csv": "key,doi,title,year,design,reach\ny,10.1234/y,,,diary,NR\nx,,X,2021,survey,5\nz,,Z,,,6\n",
            "sheets/f.csv": "study,factor,direction\n10.1234/Y,Pay,barrier\ny,Hours,barrier\n",
        }
    )
    evidence = review.load().evidence
    assert [(s.id, s.title, s.year, s.facets, s.not_coded) for s in evidence.studies] == [
        ("key:x", "X", 2021, {"design": ("survey",), "year": ("2021",), "reach": ("5",)}, {}),
        ("doi:10.1234/y", "Y", 2020, {"year": ("2020",), "design": ("diary",)}, {"reach": "not reported"}),
        ("key:z", "Z", None, {"reach": ("6",)}, {}),
    ]
    assert [f.study for f in evidence.findings] == ["doi:10.1234/y", "doi:10.1234/y"]


@pytest.mark.parametrize("row", ["x,Another,,,", "x,,2022,,", "x,X,,diary,", "x,X,,,7"])
def test_two_sheets_may_not_say_different_things_of_a_study(make_review: MakeReview, row: str) -> None:
    review = make_review({"sheets/a.csv": A + "x,X,2021,survey,5\n", "sheets/b.csv": A + row + "\n"})
    with pytest.raises(BadInput) as caught:
        review.load()
    (problem,) = caught.value.problems
    assert str(problem).startswith(
        "sheets/b.csv, row 2, column 'key': 'x': two studies have one key (the other is in sheets/a.csv, row 2)"
    )


def test_a_row_that_names_two_studies_of_another_sheet_is_rejected(make_review: MakeReview) -> None:
    review = make_review(
        {"sheets/a.csv": "key,label,title\nx,1,X\ny,2,Y\n", "sheets/b.csv": "key,label,title\nx,2,X\n"}
    )
    with pytest.raises(BadInput) as caught:
        review.load()
    assert "two studies have one" in str(caught.value.problems[0])


def test_a_column_that_is_blank_in_one_sheet_takes_its_kind_from_the_next(make_review: MakeReview) -> None:
    review = make_review(
        {"sheets/a.csv": "key,title,themes\nx,X,\n", "sheets/b.csv": "key,title,themes\nx,X,a; b\ny,Y,b\n"}
    )
    evidence = review.load().evidence
    assert [(f.id, f.kind) for f in evidence.facets] == [("themes", "categories")]
    assert evidence.studies[0].facets == {"themes": ("a", "b")}


HEAD = "study,study_label,factor,direction,outcomes,note,route\n"


def test_a_row_of_findings_with_nothing_but_a_study_is_not_charted_yet(make_review: MakeReview) -> None:
    rows = "x,X 2021,,,,,\nx,X 2021,,unspecified,,,\nx,,Pay,barrier,,,\n"
    review = make_review({"sheets/a.csv": A + "x,X,,,\n", "sheets/f.csv": HEAD + rows})
    evidence = review.load().evidence
    assert [f.factor for f in evidence.findings] == ["pay"]
    assert [facet.id for facet in evidence.facets if facet.of == "finding"] == ["route"]


@pytest.mark.parametrize("row", ["x,,,barrier,,,", "x,,,,Pay,,", "x,,,,,typed,", "x,,,,,,by post"])
def test_a_row_with_anything_else_in_it_lacks_its_factor(make_review: MakeReview, row: str) -> None:
    review = make_review({"sheets/a.csv": A + "x,X,,,\n", "sheets/f.csv": HEAD + row + "\n"})
    with pytest.raises(BadInput) as caught:
        review.load()
    assert "sheets/f.csv, row 2, column 'factor': the cell is blank" in map(str, caught.value.problems)


def test_an_unknown_study_is_named_even_where_nothing_is_charted(make_review: MakeReview) -> None:
    review = make_review({"sheets/a.csv": A + "x,X,,,\n", "sheets/f.csv": HEAD + "q,,,,,,\n"})
    with pytest.raises(BadInput) as caught:
        review.load()
    assert ["no sheet defines this study" in str(p) for p in caught.value.problems] == [True]
