"""The table of findings in pages, so that its memory does not grow with the number of findings."""

from __future__ import annotations

from collections.abc import Iterator

from kg.query.answers import Answers
from kg.table import Table

#: A page ends with the factor with which its factors have this many studies: at least as many findings.
PAGE = 2_000


def finding_pages(graph: Answers) -> Iterator[Table]:
    """Yield the table ``findings`` in pages, one after the other; there is one page at least.

    A page has all findings of some factors, since the rows are in the order of the vocabulary. The largest is that of
    the factor with the most findings, or of factors with PAGE studies.
    """
    first = studies = 1
    factors = [row["studies"] for row in graph.table("vocabulary").dicts() if row["kind"] == "factor"]
    for place, of_factor in enumerate(factors[:-1], start=1):
        studies += of_factor
        if studies > PAGE:
            yield graph.table("findings", first=first, last=place)
            first, studies = place + 1, 1
    yield graph.table("findings", first=first)
