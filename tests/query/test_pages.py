"""The findings in pages, and how often a graph is read for parts of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.cli.table import SHOWN
from kg.export.data import csv_files
from kg.export.tables import FORMATS
from kg.export.terminal import terminal_pages, to_terminal
from kg.folder.review import Review
from kg.graph.rows import GraphData
from kg.query import pages
from kg.query.graph import Graph
from kg.query.pages import FindingPages
from kg.table import Table
from tests.conftest import MakeReview, Run


@pytest.fixture
def graph(example: Review) -> Iterator[Graph]:
    with example.graph() as opened:
        yield opened


def test_the_pages_are_the_table(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = graph.table("findings")
    assert [page.rows for page in FindingPages(graph)] == [whole.rows]
    factors = [row["studies"] for row in graph.table("vocabulary").dicts() if row["kind"] == "factor"]
    monkeypatch.setattr(pages, "PAGE", 30)
    listed = list(FindingPages(graph))
    assert [row for page in listed for row in page.rows] == whole.rows
    assert {(page.name, page.columns, page.title) for page in listed} == {(whole.name, whole.columns, whole.title)}
    assert 3 < len(listed) < len(factors)
    assert all(len({row["study_id"] for row in page.dicts()}) <= 30 + max(factors) for page in listed)


@pytest.mark.parametrize("format_", ["csv", "tsv", "json"])
@pytest.mark.parametrize("size", [1, 10_000])
def test_the_command_writes_the_same_text_page_by_page(
    example: Review, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str, size: int
) -> None:
    monkeypatch.setattr(pages, "PAGE", size)
    with example.graph() as graph:
        text = FORMATS[format_](graph.table("findings"))
    asked = ("table", "findings", "-C", example.root)
    assert run(*asked, "--format", format_).out == text
    assert run(*asked, "-o", tmp_path / f"f.{format_}").code == 0
    assert (tmp_path / f"f.{format_}").read_bytes() == text.encode()


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_terminal_shows_the_same_page_by_page(
    example: Review, run: Run, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Columns are as wide as those of the whole table, and numbers are aligned where the whole column has numbers."""
    monkeypatch.setattr(pages, "PAGE", size)
    with example.graph() as graph:
        whole = graph.table("findings").only(*SHOWN["findings"])
    for width in (60, 100, 400):
        monkeypatch.setenv("COLUMNS", str(width))
        assert run("table", "findings", "-C", example.root).out == to_terminal(whole, width)


def test_pages_are_measured_together() -> None:
    """A page may have text where the others have numbers, or a wider cell."""
    rows: list[tuple[Any, ...]] = [(1, "a", None), (22, "b", 1), ("three and more", None, 2)]
    listed = [Table("t", ("n", "letter", "number"), [row], "Title", flags={}) for row in rows]
    assert "".join(terminal_pages(listed, 80)) == to_terminal(replace(listed[0], rows=rows), 80)
    assert "".join(terminal_pages([replace(listed[0], rows=[])] * 2, 80)) == "Title: none\n"


def test_the_sheet_of_findings_is_the_same_in_pages(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = csv_files(graph)
    monkeypatch.setattr(pages, "PAGE", 1)
    assert csv_files(graph) == whole


def test_a_review_without_findings_has_one_page(make_review: MakeReview, run: Run) -> None:
    review = make_review({"sheets/studies.csv": "key,title\na,A\n", "sheets/findings.csv": "study,factor,direction\n"})
    with review.graph() as graph:
        assert [page.rows for page in FindingPages(graph)] == [[]]
    assert run("table", "findings", "--format", "json", "-C", review.root).out == "[]\n"
    assert run("table", "findings", "--format", "csv", "-C", review.root).out.startswith("id,study_id,study,")


def test_a_graph_is_read_once_for_several_parts_of_it(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = graph.store.rows

    def counting(review: str) -> GraphData:
        read.append(review)
        return real(review)

    monkeypatch.setattr(graph.store, "rows", counting)
    found = []
    for condition in ("design=survey", "year>=2015", "design=survey"):
        with graph.where([condition]) as part:
            found.append(part.table("units").rows)
    assert found[0] == found[2] != found[1]
    assert read == [graph.review]
    graph.close()
    with graph.where(["design=survey"]) as part:
        assert part.table("units").rows == found[0]
    assert read == [graph.review] * 2, "a closed graph keeps no rows"
