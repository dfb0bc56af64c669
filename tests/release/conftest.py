"""A small review with a map of its own, and its releases."""

from __future__ import annotations

import pytest

from kg.folder.review import Review
from tests.conftest import MakeReview

CONFIG = """id = "carers"
title = "What helps carers"
question = "What helps?"
search_date = "2026-01-31"
authors = "Doe J; Roe, Rita; The Carers' Trust"
inclusion_criteria = ["About carers"]
licence = "CC BY 4.0"

[[map]]
name = "Designs"
rows = "design"
columns = "outcome"
"""
STUDIES = """key,doi,title,year,authors,design
a,10.1000/a,On pay,2020,Adams A,survey
b,10.1000/b,On rest,2021,Brown B,survey
c,,On both,2022,Clark C,interviews
"""
FINDINGS = """study,factor,direction,outcomes,locator,pole
a,Pay,facilitator,Burnout,p. 1,
b,Pay,facilitator,Burnout,p. 2,
c,Rest,barrier,Clarity,p. 3,absence
"""
SEARCHES = "id,date,source,query,hits\ns1,2026-01-31,Embase,carers,120\n"
FLOW = "stage,n,locator\nincluded,3,p. 2\n"


@pytest.fixture
def carers(make_review: MakeReview) -> Review:
    return make_review(
        {
            "review.toml": CONFIG,
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
            "records/searches.csv": SEARCHES,
            "screening/flow.csv": FLOW,
        }
    )


def edit(review: Review, file: str, old: str, new: str) -> None:
    """Replace a text that a file has once."""
    path = review.root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def add(review: Review, file: str, text: str) -> None:
    """Add lines to a file."""
    with (review.root / file).open("a", encoding="utf-8") as out:
        out.write(text)
