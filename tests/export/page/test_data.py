"""What goes into the page: a white list, by which coders and what is called after them stay out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kg.export.html import page_of
from kg.export.page.data import page_data
from kg.folder.review import Review
from kg.query.graph import Graph

MakeReview = Callable[..., Review]

STUDIES = """key,title,year,doi,design,Coded by,Reviewer 2,Data extractor,Screened by,Internal note,Coder's region,funder note,sample_size
a,First,2019,10.1000/a,survey; interviews,Alice,Bob,Carol,Dan,secret,North,Paid by X,12
b,Second,2020,,survey,Erin,Bob,Carol,Dan,secret,South,,
c,Third,,,,,,,,,,,
"""
FINDINGS = """study,factor,direction,outcomes,locator,note,tabulated,certainty,pole,coder
a,Pay,facilitator,Burnout; Joy,p. 1,Said so.,yes,,presence,Mallory
a,Pay,barrier,Burnout,p. 2,,no,joint,absence,Mallory
b,Time,mixed,,p. 3,,yes,inferred,,Oscar
b,Time,no effect,Joy,p. 4,,yes,,,Oscar
"""
FACTORS = "label,broader,definition\nWork,,\nPay,work,What is paid.\nTime,work,\nRest,,\n"
NAMES = ("Alice", "Bob", "Carol", "Dan", "Erin", "secret", "North", "South", "Mallory", "Oscar")


@pytest.fixture
def coded(make_review: MakeReview) -> Review:
    """A review whose sheets name who coded."""
    review = make_review(
        {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS, "vocabulary/factors.csv": FACTORS}
    )
    review.build()
    return review


def test_coders_and_facets_called_after_them_stay_out(coded: Review) -> None:
    with coded.graph() as graph:
        text = json.dumps(page_data(graph)) + page_of(graph)
        assert [name for name in NAMES if name in text] == []
        assert "coder" not in page_data(graph)["findings"]
        assert [each["id"] for each in page_data(graph)["dims"]] == [
            "factor", "outcome", "direction", "pole", "certainty", "year", "design", "funder_note", "sample_size", "year band",
        ]  # fmt: skip


def test_coders_are_in_the_page_when_they_are_asked_for(coded: Review) -> None:
    with coded.graph() as graph:
        data = page_data(graph, with_coders=True)
        assert data["findings"]["coder"] == ["Mallory", "Mallory", "Oscar", "Oscar"]
        assert "Mallory" in page_of(graph, with_coders=True)
        found = {each["id"] for each in data["dims"]} | {each["label"] for each in data["texts"]}
        assert {"coded_by", "reviewer_2", "data_extractor", "screened_by"} <= found


def test_the_columns_of_a_small_review(coded: Review) -> None:
    with coded.graph() as graph:
        data = page_data(graph)
    assert set(data) == {
        "cites",
        "meta",
        "words",
        "colours",
        "dims",
        "texts",
        "studies",
        "findings",
        "maps",
        "stated",
        "searches",
    }
    studies, findings = data["studies"], data["findings"]
    assert studies["title"] == ["First", "Second", "Third"]
    assert studies["year"] == [2019, 2020, None]
    assert studies["doi"] == ["10.1000/a", None, None]
    assert findings == {
        "study": [0, 0, 1, 1], "locator": ["p. 2", "p. 1", "p. 3", "p. 4"], "note": [None, "Said so.", None, None],
        "tabulated": [False, True, True, True], "certainty": ["joint", None, "inferred", None],
        "file": ["sheets/findings.csv"] * 4, "row": [3, 2, 4, 5], "implied": [False] * 4,
    }  # fmt: skip
    dims = {each["id"]: each for each in data["dims"]}
    assert (dims["factor"]["values"], dims["factor"]["parents"]) == (["Work", "Pay", "Time", "Rest"], [-1, 0, 0, -1])
    assert (dims["factor"]["groups"], dims["factor"]["definitions"]) == ([], {"1": "What is paid."})
    assert (dims["factor"]["findings"], dims["outcome"]["findings"]) == ([1, 1, 2, 2], [0, [0, 1], None, 1])
    assert dims["design"]["studies"] == [[0, 1], 0, None]
    assert (dims["year band"]["values"], dims["year band"]["studies"]) == (["2015–2019", "2020–2024"], [0, 1, None])
    assert dims["direction"]["findings"] == [1, 0, 2, 3]


def test_a_gap_of_which_the_page_has_the_numbers_has_no_reason(coded: Review) -> None:
    with coded.graph() as graph:
        (drawn,) = page_data(graph)["maps"]
    assert drawn["gaps"] and all(
        (reason is None) == (kind in ("no-study", "one-study")) for kind, *_, reason in drawn["gaps"]
    )


def test_nothing_but_plain_values(graph: Graph) -> None:
    data = page_data(graph)
    assert json.loads(json.dumps(data)) == data

    def kinds(value: Any) -> set[type]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return {type(value)}.union(*map(kinds, inner))

    assert kinds(data) <= {dict, list, str, int, bool, type(None)}


def test_columns_are_of_equal_length(graph: Graph) -> None:
    data = page_data(graph)
    studies, findings = len(data["studies"]["id"]), len(data["findings"]["study"])
    assert {len(column) for column in data["studies"].values()} == {studies}
    assert {len(column) for column in data["findings"].values()} == {findings}
    assert {len(text["studies"]) for text in data["texts"]} <= {studies}
    for each in data["dims"]:
        assert len(each["studies"]) in (0, studies) and len(each["findings"]) in (0, findings)
        assert len(each["values"]) == len(each["parents"])
        assert all(-2 - len(each["groups"]) < parent < len(each["values"]) for parent in each["parents"])
    assert data["findings"]["study"] == sorted(data["findings"]["study"])


def test_a_review_without_findings_has_a_page(make_review: MakeReview) -> None:
    review = make_review({"sheets/studies.csv": "key,title\na,First\n"})
    review.build()
    with review.graph() as graph:
        data = page_data(graph)
        assert (data["findings"], [each["name"] for each in data["maps"]]) == ({"study": []}, ["factors and outcomes"])
        assert page_of(graph).startswith("<!doctype html>")
