"""The address keeps the view: a reload shows the same, names with any character survive, and nonsense does no harm."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kg.export.page.render import render

from .conftest import Example, Opener
from .reading import cell, dim, labels, show
from .synthetic import small

STRANGE = ("a~b", "a&b=c", "100 % #1", "é", "e", "E", "日本", "", "/", "-x", "x-", "+", 'Ωmega, or: "quoted"')
VIEW = """() => document.querySelector('main').innerText + '|' + [...document.querySelectorAll('select, input')]
    .filter(each => each.checkVisibility()).map(each => each.type === 'checkbox' ? each.checked : each.value).join('|')"""


def view(page: Page) -> str:
    text: str = page.evaluate(VIEW)
    return text


def again(page: Page) -> None:
    """Leave the view, and come back to it by its address."""
    fragment = page.evaluate("() => location.hash")
    for each in ("", fragment):
        page.evaluate("hash => { location.hash = hash; return new Promise(done => setTimeout(done)); }", each)


STATES = (
    [("f.design", "interviews"), ("f.direction", "facilitator~barrier"), ("r.year", "2012~2020"), ("style", "bars")],
    [("view", "tables-view"), ("table", "factor"), ("by", "direction"), ("without", "standing~retracted")],
    [("transpose", "1"), ("hideEmpty", "1"), ("sort", "count"), ("q", "programme 1"), ("style", "numbers")],
    [
        ("cell", "team-culture/burnout"),
        ("pinned", "self-care/"),
        ("without", "study~key:s3"),
        ("without", "design~interviews"),
    ],
    [("view", "graph"), ("focus", "row.0"), ("kinds", "studies")],
    [("view", "figures"), ("figure", "facet"), ("by", "setting")],
    [("view", "studies"), ("order", "year~down"), ("tables", "1")],
    [("rows", "design"), ("columns", "setting"), ("parts", "direction"), ("lens", "one-study")],
    [("folds", "-row.group-0~row.group-1"), ("lens", "contested")],
)


@pytest.mark.parametrize("pairs", STATES, ids=lambda pairs: pairs[0][0])
def test_a_reload_shows_the_same(open_page: Opener, pairs: list[tuple[str, str]]) -> None:
    page = open_page(render(small()))
    plain = view(page)
    show(page, *pairs)
    before = view(page)
    assert before != plain
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert view(page) == before


def test_what_is_done_by_hand_is_in_the_address(open_page: Opener) -> None:
    page = open_page(render(small()))
    page.locator('#facets input[data-value="direction.0"]').check()
    page.get_by_label("Style").select_option("heat")
    page.fill("#search", "programme")
    page.wait_for_function("() => location.hash.includes('q=')")
    cell(page, "Team culture", "Burnout").click()
    page.get_by_role("button", name="Compare").click()
    page.locator("#grid .fold >> nth=0").click()
    before = page.evaluate("() => location.hash")
    assert before == (
        "#style=heat&cell=team-culture%2Fburnout&pinned=team-culture%2Fburnout&q=programme&f.direction=facilitator"
        "&folds=-row.group-0"
    )
    shown = view(page)
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert view(page) == shown


def test_values_of_any_name_survive(open_page: Opener) -> None:
    data = small()
    setting = dim(data, "setting") | {
        "values": list(STRANGE), "parents": [-1] * len(STRANGE), "studies": [n % len(STRANGE) for n in range(20)],
    }  # fmt: skip
    data["dims"][-1] = setting
    data["maps"][0] |= {"rows": len(data["dims"]) - 1}
    data["maps"][0]["gaps"] = []
    page = open_page(render(data))
    for key, name in enumerate(STRANGE):
        page.locator("#facets details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        more = page.locator("#facets .link", has_text="Show all")
        if more.count():
            more.first.click()
        page.locator(f'#facets input[data-value="setting.{key}"]').check()
        expect(page.locator("#status")).to_have_text(re.compile(f"^{2 if key < 7 else 1} of 20 studies"))
        status = page.text_content("#status")
        again(page)
        assert page.text_content("#status") == status, name
        assert page.locator("#chips .chip").all_text_contents() == [f"Setting: {name} ×"]
        show(page)


def test_a_cell_of_any_name_opens_from_its_address(open_page: Opener) -> None:
    data = small()
    names = [name or "∅" for name in STRANGE]
    data["dims"][0] |= {"values": names, "parents": [-1] * len(names), "groups": [], "definitions": {},
                        "findings": [n % len(names) for n in range(90)]}  # fmt: skip
    page = open_page(render(data))
    for n, (row, _) in enumerate(list(labels(page))[::4]):
        page.locator(f'#grid tr[data-row="{n}"] td button').first.click()
        assert page.locator("#panel h2").text_content() == f"{row} → Job satisfaction"
        again(page)
        assert page.locator("#panel h2").text_content() == f"{row} → Job satisfaction"
        assert page.locator("#grid td.open").count() == 1


@pytest.mark.parametrize(
    "fragment",
    ["#view=nosuch", "#map=nosuch&rows=nosuch&columns=nosuch&parts=nosuch", "#cell=a/b&pinned=%2F&lens=nosuch", "#f.design=nosuch&r.year=a~b",
     "#%E0%A4%A", "#&&==&f.=x&r.=1~2", "#view=figures&figure=nosuch", "#view=figures&figure=constructor", "#view=graph&focus=row.999&kinds=x.y",
     "#view=tables-view&table=nosuch&by=nosuch", "#view=tables-view&table=design&by=design", "#view=studies&order=nosuch~x", "#style=nosuch",
     "#without=a~b&without=study~x&without=&without=standing~x", "#folds=~-~x&sort=nosuch", "#rows=design&columns=design", "#r.year=2020~2010"],
)  # fmt: skip
def test_nonsense_in_an_address_does_no_harm(open_page: Opener, fragment: str) -> None:
    page = open_page(render(small()), fragment)
    assert page.locator("[role=tabpanel]:visible").count() == 1
    page.click("#tab-studies")
    page.click("#tab-map")
    page.evaluate("hash => { location.hash = ''; location.hash = hash; }", fragment)
    page.wait_for_timeout(20)
    assert page.locator("[role=tabpanel]:visible").count() == 1
    assert page.locator("[role=tab][aria-selected=true]").count() == 1


def test_the_back_of_an_address_that_was_typed_shows_what_was(open_page: Opener, examples: dict[str, Example]) -> None:
    page = open_page(examples["peer-workforce"].html)
    show(page, ("f.direction", "barrier"))
    barrier = page.text_content("#status")
    show(page, ("f.direction", "mixed"))
    assert page.text_content("#status") != barrier
    page.go_back()
    expect(page.locator("#status")).to_have_text(barrier or "")
