"""What the page says about the review, and in whose direction it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page

from kg.export.page.data import page_data
from kg.export.page.render import render
from kg.folder.review import Review
from kg.model.records import ReviewInfo
from kg.query.graph import Graph
from tests.sample import FULL

Open: TypeAlias = Callable[..., Page]
INFO = replace(FULL.review, words={}, colours={})


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Write a page and open its About view on a day."""
    context = browser.new_context(offline=True)
    wrong: list[str] = []

    def open_(text: str, day: str = "2026-11-01") -> Page:
        (tmp_path / "map.html").write_text(text, encoding="utf-8", newline="\n")
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.clock.set_fixed_time(f"{day}T12:00:00")
        page.goto((tmp_path / "map.html").as_uri() + "#view=about")
        page.wait_for_selector("html[data-ready]", state="attached")
        page.click("#tab-about")
        return page

    yield open_
    context.close()
    assert wrong == []


def facts(page: Page) -> dict[str, str]:
    """Return the facts of the About view: name -> text."""
    names, values = (page.locator(f"#about .facts > {each}").all_inner_texts() for each in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


# --- the data -----------------------------------------------------------------------------------------------------


def test_the_page_has_what_review_toml_says(graph: Graph) -> None:
    meta = page_data(graph, INFO)["meta"]
    assert {name: meta[name] for name in list(meta)[7:-4]} == {
        "review_version": "2",
        "authors": "Doe J; Roe R",
        "changes": "Adds the search of 2023.",
        "inclusion_criteria": ["About carers"],
        "exclusion_criteria": ["Not in English"],
        "protocol": "10.1000/protocol",
        "registration": "https://osf.io/abcde",
        "licence": "CC BY 4.0",
        "contact": "doe@example.org",
        "update_every": 12,
    }


def test_what_review_toml_does_not_say_is_left_out(graph: Graph) -> None:
    known = ["id", "title", "question", "citation", "doi", "year", "search_date"]
    known += ["version", "data_sha256", "left_out", "only"]
    assert list(page_data(graph)["meta"]) == known
    assert list(page_data(graph, ReviewInfo("r", "R", authors="", inclusion_criteria=()))["meta"]) == known


def test_the_keys_of_review_toml_reach_the_page(make_review: Callable[..., Review]) -> None:
    toml = (
        'id = "r"\ntitle = "R"\nauthors = "Doe J"\nversion = "1.1"\nchanges = "Two studies more."\n'
        'inclusion_criteria = ["Carers", "Since 2010"]\nexclusion_criteria = []\nprotocol = "https://osf.io/abcde"\n'
        'registration = "PROSPERO CRD42026000000"\nlicence = "CC0"\ncontact = "doe@example.org"\nupdate_every = 6\n'
        'search_date = "2026-02"\n'
    )
    info = make_review({"review.toml": toml, "sheets/studies.csv": "key,title\na,A\n"}).config.review
    assert info == ReviewInfo(
        "r",
        "R",
        search_date="2026-02",
        authors="Doe J",
        version="1.1",
        changes="Two studies more.",
        inclusion_criteria=("Carers", "Since 2010"),
        protocol="https://osf.io/abcde",
        registration="PROSPERO CRD42026000000",
        licence="CC0",
        contact="doe@example.org",
        update_every=6,
    )


# --- the view -----------------------------------------------------------------------------------------------------


def test_the_about_view_says_who_what_when_and_how_to_cite(graph: Graph, opened: Open) -> None:
    data = page_data(graph, INFO)
    data["meta"]["left_out"] = 1
    page = opened(render(data))
    shown = facts(page)
    assert list(shown) == [
        "Question", "Authors", "Included", "Excluded", "Protocol", "Registration", "Last search", "Updated every", "Size",
        "Left out", "Version", "What changed", "Cite as", "DOI", "Licence", "Contact", "Made by", "Data",
    ]  # fmt: skip
    assert shown["Authors"] == "Doe J; Roe R"
    assert shown["Included"] == "About carers"
    assert shown["Updated every"] == "12 months"
    assert shown["Left out"] == "1 row"
    assert shown["Version"] == "2"
    links = page.locator("#about .facts a")
    assert [(a.inner_text(), a.get_attribute("href")) for a in links.all()] == [
        ("10.1000/protocol", "https://doi.org/10.1000/protocol"),
        ("https://osf.io/abcde", "https://osf.io/abcde"),
        ("10.3389/fpubh.2024.1515264", "https://doi.org/10.3389/fpubh.2024.1515264"),
        ("doe@example.org", "mailto:doe@example.org"),
    ]


def test_only_web_addresses_become_links(graph: Graph, opened: Open) -> None:
    info = replace(
        INFO,
        protocol="See https://osf.io/abcde?a=1&b=2, and (http://example.org/x).",
        registration="javascript:alert(1)",
        licence="<a href='https://example.org'>CC0</a>",
        contact="doe@example.org?bcc=all@example.org",
    )
    page = opened(render(page_data(graph, info)))
    shown = facts(page)
    assert shown["Protocol"] == info.protocol
    assert shown["Registration"] == info.registration
    assert shown["Licence"] == info.licence
    assert shown["Contact"] == info.contact
    assert [a.get_attribute("href") for a in page.locator("#about .facts a").all()] == [
        "https://osf.io/abcde?a=1&b=2",
        "http://example.org/x",
        "https://doi.org/10.3389/fpubh.2024.1515264",
        "https://example.org",
    ]


@pytest.mark.parametrize(
    ("searched", "months", "day", "stale"),
    [
        ("2025-08-22", 12, "2026-08-22", False),
        ("2025-08-22", 12, "2026-08-23", True),
        ("2025-08", 12, "2026-08-31", False),
        ("2025-08", 12, "2026-09-01", True),
        ("2025", 1, "2026-01-31", False),
        ("2025", 1, "2026-02-01", True),
        ("2025-08-22", None, "2099-01-01", False),
        ("spring 2025", 12, "2099-01-01", False),
    ],
)
def test_a_search_that_is_older_than_the_review_wants(
    searched: str, months: int | None, day: str, stale: bool, graph: Graph, opened: Open
) -> None:
    data = page_data(graph, replace(INFO, update_every=months))
    data["meta"]["search_date"] = searched
    expected = [
        f"Last search: {searched}. The review says that it is updated every {months} month{'s' if months != 1 else ''}, "
        "and that time has passed: newer studies may be missing."
    ]
    assert opened(render(data), day).locator("#about .warning").all_inner_texts() == (expected if stale else [])


def test_the_last_search_of_the_log_where_the_review_names_none(graph: Graph, opened: Open) -> None:
    data = page_data(graph, INFO)
    data["meta"]["search_date"] = None
    data["searches"] = [{**data["searches"][0], "date": date} for date in ("2024-05-01", "2025-01-31", None, "unknown")]
    page = opened(render(data), "2026-02-01")
    assert facts(page)["Last search"] == "2025-01-31"
    assert page.locator("#about .warning").count() == 1
