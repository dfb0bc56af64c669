"""The table of findings in pages, so that its memory does not grow with the number of findings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from kg.query.answers import Answers
from kg.table import Table

#: A page ends with the factor with which its factors have this many studies: at least as many findings.
PAGE = 2_000


class FindingPages:
    """The table ``findings`` in pages; there is at least one page. Each iteration asks the graph again.

    A page has all findings of some factors, since the rows are in the order of the vocabulary. The largest is that of
    the factor with the most findings, or of factors with PAGE studies. With ``columns``, a page has only these.
    """

    def __init__(self, graph: Answers, *columns: str) -> None:
        self._graph, self._columns = graph, columns

    def __iter__(self) -> Iterator[Table]:
        first = studies = 1
        for place, of_factor in enumerate(self._studies[:-1], start=1):
            studies += of_factor
            if studies > PAGE:
                yield self._page(first=first, last=place)
                first, studies = place + 1, 1
        yield self._page(first=first)

    @cached_property
    def _studies(self) -> list[int]:
        """The number of studies of each factor, in the order of the vocabulary."""
        return [row["studies"] for row in self._graph.table("vocabulary").dicts() if row["kind"] == "factor"]

    def _page(self, **factors: int) -> Table:
        page = self._graph.table("findings", **factors)
        return page.only(*self._columns) if self._columns else page
