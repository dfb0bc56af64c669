"""A review with every direction, pole and kind of placement, small enough to count by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from kg.query.graph import Graph
from tests.conftest import MakeReview
from tests.folder import test_library as library

TOML = """id = "r"
title = "R"

[[map]]
name = "places"
title = "Sectors by age"
rows = "sector"
columns = "age"

[[map]]
name = "designs"
rows = "factor"
columns = "outcome"
segments = "design"
"""
STUDIES = """key,year,title,design,sector,age
a,2018,A,survey,health; housing,young; old
b,2018,B,survey,health,young
c,2021,C,interviews,schools,old
d,,D,survey,schools,old
"""
FINDINGS = """study,factor,direction,outcomes,pole
a,Pay,facilitator,Retention,presence
b,Pay,facilitator,Retention,presence
c,Pay,barrier,Retention,absence
a,Pay,no_effect,Burnout,
b,Training,mixed,Burnout,
c,Training,unspecified,Retention,
d,Stress,barrier,Burnout,presence
"""
VOCABULARY = "id,label,broader\nw,Work,\np,Person,\na,Pay,w\nb,Training,w\nc,Stress,p\nd,Sleep,p\n"


@pytest.fixture
def small(make_review: MakeReview) -> Iterator[Graph]:
    """Its graph: four studies, four factors of two groups, two outcomes, seven findings."""
    review = make_review(
        {
            "review.toml": TOML,
            "sheets/studies.csv": STUDIES,
            "sheets/findings.csv": FINDINGS,
            "vocabulary/factors.csv": VOCABULARY,
        }
    )
    with review.graph() as graph:
        yield graph


@pytest.fixture
def cited(make_review: MakeReview) -> Iterator[Graph]:
    """The graph of a review with records from OpenAlex, in which one included study cites another."""
    made = make_review({"sheets/studies.csv": library.STUDIES, "records/searches.csv": library.LOG})
    shutil.copyfile(library.WORKS, made.root / "records" / library.WORKS.name)
    with made.graph() as graph:
        yield graph
