"""Hostile text in every field runs nothing, asks nobody and is shown as text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kg.export.page import scrub
from kg.export.page.data import PageData
from kg.export.page.render import render
from kg.text import guarded

from .conftest import Opener, without_policy
from .reading import download, rows_of, show
from .synthetic import hostile, texts_of

VIEWS = ("map", "graph", "tables-view", "figures", "studies", "about")
#: What no element that the script or the parser makes may have.
_FOUND = """() => ({
  pwned: window.pwned, elements: [...document.querySelectorAll('#views *, aside *, #rail *, .top *, header *, #paper *')]
    .filter(each => !ALLOWED.includes(each.localName)).map(each => each.outerHTML.slice(0, 200)),
  handlers: [...document.querySelectorAll('*')].filter(each => [...each.attributes].some(a => a.name.startsWith('on')))
    .map(each => each.outerHTML.slice(0, 200)),
  links: [...document.querySelectorAll('a')].map(each => each.href),
  scripts: document.scripts.length, styles: document.querySelectorAll('style').length,
  shown: getComputedStyle(document.body).display,
})""".replace(
    "ALLOWED",
    str(
        [
            "div",
            "bdi",
            "section",
            "span",
            "p",
            "b",
            "a",
            "button",
            "input",
            "select",
            "option",
            "label",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "small",
            "details",
            "summary",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "svg",
            "g",
            "path",
            "text",
            "rect",
            "line",
            "circle",
            "title",
            "dl",
            "dt",
            "dd",
            "code",
            "mark",
            "article",
            "blockquote",
            "canvas",
        ]
    ),
)
#: Links go to DOIs, and to the addresses in what a review says of itself.
LINK = re.compile(r"https://doi\.org/10\.[0-9]{4,9}/[A-Za-z0-9._/;:(),%!~*'-]*|https?://x/|mailto:a@b\.example")


def check(page: Page) -> None:
    found = page.evaluate(_FOUND)
    assert found["pwned"] is None
    assert (found["elements"], found["handlers"]) == ([], [])
    assert [link for link in found["links"] if not LINK.fullmatch(link)] == []
    assert (found["scripts"], found["styles"], found["shown"]) == (3, 1, "flex")


def compressed(data: PageData) -> str:
    """Return a page whose data are large enough to be compressed."""
    data["texts"].append({"label": "long", "studies": ["</script><script>window.pwned=1</script>" * 500] * 20})
    text = render(data)
    assert '<script type="application/gzip" id="data">' in text
    return text


@pytest.mark.parametrize(
    "made", [render, compressed, lambda data: without_policy(render(data))], ids=["policy", "compressed", "no policy"]
)
def test_nothing_of_it_runs(open_page: Opener, made: Callable[[PageData], str]) -> None:
    page = open_page(made(hostile()))
    for view in VIEWS:
        show(page, ("view", view))
        check(page)
    page.locator("#about details, #facets details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    show(page, ("view", "studies"))
    page.locator("#studies tbody th button").evaluate_all("all => all.forEach(each => each.click())")
    page.locator("#studies details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    page.wait_for_function("() => document.querySelectorAll('#studies .cite').length > 5")
    check(page)
    for lens in ("no-study", "contested", "outcome-without-factor"):
        show(page, ("lens", lens))
        check(page)
    for style in ("bars", "heat", "numbers"):
        show(page, ("style", style), ("parts", "free"))
        check(page)
    for figure in ("counts", "years", "facet", "upset", "flow", "citations"):
        show(page, ("view", "figures"), ("figure", figure))
        check(page)
    show(page)
    page.locator("#grid td button:has(.mark) >> nth=0").click()
    page.get_by_role("button", name="Compare").click()
    page.locator("#grid thead button.name >> nth=0").click()
    check(page)
    page.locator("#facets input[type=checkbox]").evaluate_all("all => all.slice(0, 6).forEach(each => each.click())")
    page.fill("#search", "<img script")
    page.wait_for_timeout(200)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    check(page)


def test_every_text_is_shown_as_it_is(open_page: Opener) -> None:
    data = hostile()
    page = open_page(render(data))
    show(page, ("view", "about"))
    page.locator("#about details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#about details')].every(each => each.children.length > 1)"
    )
    about = page.text_content("#about") or ""
    clean = scrub(data)
    for part in ("stated", "searches"):
        missing = [
            text
            for each in clean[part]
            for key, text in each.items()
            if key not in ("hits", "platform") and text not in about
        ]
        assert missing == []
    assert [value for each in clean["dims"] for value in each["values"] if str(value) not in about] == []
    show(page, ("view", "studies"))
    shown = page.text_content("#studies") or ""
    assert [text for name in ("short", "title") for text in clean["studies"][name] if text not in shown] == []
    assert page.title() == " ".join(clean["meta"]["title"].split())


def test_no_spreadsheet_calculates_a_cell_of_a_download(open_page: Opener) -> None:
    data = scrub(hostile())
    page = open_page(render(data), "#view=studies")
    _, raw = download(page, page.locator("#studies").get_by_role("button", name="CSV"))
    rows = rows_of(raw)
    assert len(rows) == 20
    risky = re.compile(r"[\s\u200b\u202e]*[=+\-@\uff1d]|[\t\r\n]")
    assert [value for row in rows for value in row.values() if risky.match(value)] == []
    assert [row["Title"] for row in rows] == [guarded(title) for title in data["studies"]["title"]]
    assert any(row["Title"].startswith("'") for row in rows)


def test_a_direction_mark_in_a_name_has_no_effect_on_the_text_after_it(open_page: Opener) -> None:
    data = hostile()
    data["studies"]["short"] = ["\u202eevil"] * 20
    page = open_page(render(data), "#view=studies")
    isolated = page.evaluate("""() => [...document.querySelectorAll('#studies tbody th button, #studies td')]
        .every(each => getComputedStyle(each).unicodeBidi !== 'normal')""")
    assert isolated


def test_the_page_without_scripts_shows_text_as_text(open_page: Opener) -> None:
    from kg.table import Table

    attack = "<img src=x onerror=alert(1)>"
    page = open_page(
        render(hostile(), Table("m", (attack, "b"), [(attack, "</noscript><script>alert(1)</script>")])),
        java_script_enabled=False,
    )
    assert page.locator("noscript th").all_text_contents() == [attack, "b", attack]
    assert page.locator("noscript td").all_text_contents() == ["</noscript><script>alert(1)</script>"]
    assert page.locator("img").count() == 0


def test_no_text_is_in_the_markup_of_the_page() -> None:
    page = render(hostile())
    body = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(body)
    assert [text for text in texts_of(hostile()) if "<" in text and text in page] == []


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty"])
def test_names_that_every_object_has_are_names_like_others(open_page: Opener, name: str) -> None:
    data = hostile()
    data["dims"][-1] |= {
        "id": name,
        "label": name,
        "values": [name, "other"],
        "parents": [-1, -1],
        "studies": [0] * 5 + [1] * 15,
    }
    page = open_page(
        render(data), f"#f.{name}=other&table={name}&f.valueOf=x&r.prototype=1~2&sort=__proto__&figure=constructor"
    )
    expect(page.locator("#status")).to_have_text(re.compile("^15 of 20 studies"))
    show(page, ("view", "tables-view"), ("table", name))
    assert page.locator("#tables-view tbody th").all_text_contents() == [name, "other"]
    show(page, ("view", "valueOf"), ("table", "toString"), ("map", "constructor"))
    expect(page.locator("#status")).to_have_text(re.compile("^all 20 studies"))
