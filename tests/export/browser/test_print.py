"""The page on paper: every column and row of a large map, with their names on each sheet, and the studies."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kg.export.page.render import render

from .conftest import Example, Opener
from .reading import open_all, show
from .synthetic import small, wide

PAPER: dict[str, Any] = {"format": "A4", "landscape": True, "prefer_css_page_size": True}


def pages(pdf: bytes) -> int:
    """Return the number of pages of a PDF file."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def tables(page: Any) -> list[list[list[str]]]:
    """Return the cells of every printed table."""
    found: list[list[list[str]]] = page.locator("#paper table").evaluate_all(
        "all => all.map(table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent)))"
    )
    return found


def test_a_large_map_is_whole_on_few_pages(open_page: Opener) -> None:
    data = wide(60, 24, 120)
    page = open_page(render(data))
    open_all(page)
    pdf = page.pdf(**PAPER)
    blocks = tables(page)
    heads = [name for block in blocks for name in block[0][1:]]
    assert heads == data["dims"][1]["values"]
    for block in blocks:
        assert [row[0] for row in block[1:] if not row[0].startswith("Domain")] == data["dims"][0]["values"]
    assert pages(pdf) <= 15
    assert pdf.startswith(b"%PDF-")


def test_the_names_of_columns_are_on_each_page(open_page: Opener) -> None:
    page = open_page(render(wide()))
    open_all(page)
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    shown = page.evaluate(
        "() => [...document.querySelectorAll('#paper thead')].map(each => getComputedStyle(each).display)"
    )
    assert shown and set(shown) == {"table-header-group"}
    assert page.evaluate(
        "() => [...document.querySelectorAll('#paper tbody tr')].every(each => getComputedStyle(each).breakInside === 'avoid')"
    )
    assert page.locator("main").is_hidden() and page.locator("#paper").is_visible()


@pytest.mark.parametrize("columns", [9, 10])
def test_no_column_is_wider_than_the_paper(open_page: Opener, columns: int) -> None:
    data = wide(20, columns, 60)
    data["dims"][1]["values"] = [
        f"{name} Pneumonoultramicroscopicsilicovolcanoconiosis" for name in data["dims"][1]["values"]
    ]
    page = open_page(render(data), viewport={"width": 1032, "height": 700})  # A4 landscape without margins, at 96 dpi
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1032


def test_the_printed_cells_are_those_of_the_map(open_page: Opener) -> None:
    page = open_page(render(small()))
    marks = page.evaluate("""() => [...document.querySelectorAll('#grid tr[data-row]')].map(row => [row.querySelector('.name').textContent,
        ...[...row.querySelectorAll('td')].map(cell => cell.className === 'gap' ? '▨' : [...cell.querySelectorAll('.mark')].map(mark =>
          mark.textContent + {facilitator: '+', barrier: '−', mixed: '±', no_effect: '=', unspecified: '?'}[mark.classList[1]]).join(' '))])""")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    ((head, *rows),) = tables(page)
    assert head == ["Factor", "Job satisfaction", "Role clarity", "Burnout", "Return to use"]
    assert [row for row in rows if row[0] not in ("Organizational", "Individual")] == marks
    key = page.text_content("#paper .key") or ""
    assert "+ facilitator" in key and "= no effect" in key and "▨ no study: a gap" in key and "∅" in key


def test_the_paper_says_the_filters_and_lists_the_studies(open_page: Opener, examples: dict[str, Example]) -> None:
    example = examples["peer-workforce"]
    page = open_page(example.html)
    show(page, ("f.direction", "mixed~no-effect"), ("r.year", "2012~2024"))
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    text = page.text_content("#paper") or ""
    kept = example.graph.where(["direction=no_effect"])
    studies = list(kept.table("characteristics").dicts())
    kept.close()
    assert "Filters: Direction: mixed; Direction: no effect" in text
    listed = page.locator("#paper .references li").all_text_contents()
    assert [row["title"] in text for row, text in zip(studies, listed, strict=True)] == [True] * len(studies)
    assert "kg " in text and "Searched 2023-08-22." in text


@pytest.mark.parametrize(("review", "name"), [("four-day-week", "states"), ("open-science", "subclasses")])
def test_a_map_of_other_facets_is_printed(
    open_page: Opener, examples: dict[str, Example], review: str, name: str
) -> None:
    page = open_page(examples[review].html)
    show(page, ("map", name))
    pdf = page.pdf(**PAPER)
    rows = page.locator("#grid tr[data-row]").count()
    assert all(len(block) - 1 >= rows for block in tables(page))
    assert sum(len(block[0]) - 1 for block in tables(page)) == page.locator("#grid th[data-column]").count()
    assert 1 < pages(pdf) <= 15
