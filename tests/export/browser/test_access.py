"""The page for everyone: axe in each view, forced colours, narrow and enlarged screens, long labels, right to left."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kg.export.page.render import render

from .conftest import Example, Opener
from .reading import show
from .synthetic import review, small, wide

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
VIEWS = (
    (), (("cell", "team-culture/burnout"), ("pinned", "self-care/")), (("lens", "no-study"),), (("style", "heat"),),
    (("style", "bars"), ("parts", "design")), (("style", "numbers"), ("without", "standing~retracted")), (("f.direction", "barrier"), ("q", "programme")),
    (("view", "graph"),), (("view", "graph"), ("focus", "row.0")), (("view", "tables-view"), ("by", "direction")),
    (("view", "figures"),), (("view", "figures"), ("figure", "facet")), (("view", "studies"),), (("view", "about"),),
)  # fmt: skip
#: What is wider than the page: elements that stick out at the right, unless inside something that scrolls.
_STICKS_OUT = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1
      && !each.closest('.scroll, .graph')).map(each => each.outerHTML.slice(0, 120)).slice(0, 5) : []"""


#: What changes from view to view; the rest is looked at once.
CHANGING = {"include": [["#views"], ["#panel"], ["#gap-list"]]}


def violations(page: Page, context: dict[str, list[list[str]]] | None = None) -> list[tuple[str, str]]:
    """Return what axe finds. Of the two handles of the years, of which each covers the other, only the thumbs are targets."""
    if page.evaluate("() => typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate(
        "async given => (await axe.run(...given)).violations", [context or {"include": [["html"]]}, options]
    )
    listed = [(each["id"], node["html"][:200]) for each in found for node in each["nodes"]]
    return [(rule, html) for rule, html in listed if (rule, 'type="range"' in html) != ("target-size", True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Opener, scheme: str) -> None:
    page = open_page(render(small()), color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.locator("#facets details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    found = {"page": violations(page)}
    for pairs in VIEWS[1:]:
        show(page, *pairs)
        found[str(pairs)] = violations(page, CHANGING)
    assert {view: wrong for view, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_in_what_opens(open_page: Opener) -> None:
    page = open_page(render(small()), "#view=studies", bypass_csp=True, reduced_motion="reduce")
    page.locator("#studies tbody th button").first.click()
    page.locator("#studies .opened summary").first.click()
    expect(page.locator("#studies .opened blockquote").first).to_be_visible()
    assert violations(page) == []
    show(page)
    page.locator("#tools summary").click()
    page.fill("#search", "burnout")
    expect(page.locator("#suggestions button")).to_have_count(1)
    assert violations(page) == []


def test_forced_colours_show_a_sign_in_gaps(open_page: Opener) -> None:
    page = open_page(render(small()), forced_colors="active")
    signs = page.locator("#grid td.gap button").evaluate_all(
        "all => all.map(each => getComputedStyle(each, '::after').content)"
    )
    assert len(signs) > 2 and set(signs) == {'"▨"'}
    full = page.locator("#grid td:not(.gap) button").evaluate_all(
        "all => all.map(each => getComputedStyle(each, '::after').content)"
    )
    assert set(full) == {"none"}


def test_without_forced_colours_a_gap_is_hatched(open_page: Opener) -> None:
    page = open_page(render(small()))
    images = page.locator("#grid td").evaluate_all(
        "all => all.map(each => [each.classList.contains('gap'), getComputedStyle(each).backgroundImage !== 'none'])"
    )
    assert all(gap == hatched for gap, hatched in images)


@pytest.mark.parametrize(
    ("width", "height", "ratio"), [(320, 640, 2), (640, 450, 2), (1280, 900, 1)], ids=["320 px", "200 %", "desktop"]
)
def test_nothing_but_the_map_scrolls_sideways(
    open_page: Opener, examples: dict[str, Example], width: int, height: int, ratio: int
) -> None:
    page = open_page(
        examples["open-science"].html, viewport={"width": width, "height": height}, device_scale_factor=ratio
    )
    found = {}
    for pairs in ((), (("map", "subclasses"), ("cell", "other/")), (("view", "graph"),), (("view", "tables-view"), ("table", "outcome"), ("by", "direction")),
                  (("view", "figures"),), (("view", "studies"),), (("view", "about"),), (("lens", "no-study"),)):  # fmt: skip
        show(page, *pairs)
        wide_by = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        if wide_by > 0:
            found[str(pairs)] = (wide_by, page.evaluate(_STICKS_OUT))
    assert found == {}


def test_a_page_without_spaces_in_its_texts_does_not_scroll_sideways(open_page: Opener) -> None:
    data = small()
    long = "Supercalifragilistic" * 12
    data["meta"] |= {"title": long, "question": long, "citation": long}
    data["studies"] |= {"title": [long] * 20, "authors": [long] * 20, "short": [long] * 20}
    data["findings"]["note"] = [long] * 90
    for each in data["dims"]:
        each["label"] = long
        if each["kind"] != "year" and each["id"] not in ("direction", "pole"):
            each["values"] = [f"{n}{long}" for n in range(len(each["values"]))]
    data["words"] = {"factor": long, "outcome": long, "facilitator": long}
    page = open_page(render(data), viewport={"width": 390, "height": 800})
    page.locator("#rail-toggle").click()
    found = {}
    for pairs in (
        (),
        (("view", "graph"),),
        (("view", "tables-view"),),
        (("view", "figures"),),
        (("view", "studies"),),
        (("view", "about"),),
        (("f.direction", "barrier"),),
    ):
        show(page, *pairs)
        if sticks := page.evaluate(_STICKS_OUT):
            found[str(pairs)] = sticks
    assert found == {}


def test_a_long_label_leaves_the_height_to_the_map(open_page: Opener) -> None:
    data = small()
    long = ("A label of three hundred characters that says very much of one outcome " * 5)[:300]
    data["dims"][1]["values"] = [f"{long[:-2]} {n}" for n in range(4)]
    data["dims"][0]["values"][0] = long
    page = open_page(render(data))
    scroll = page.locator("#map .scroll").bounding_box()
    head = page.locator("#grid thead").bounding_box()
    assert scroll and head and head["height"] <= 0.4 * scroll["height"]
    row = page.locator("#grid tr[data-row]").first.bounding_box()
    assert row and row["height"] < 120
    names = page.locator("#grid thead .name").evaluate_all("all => all.map(each => [each.title, each.textContent])")
    assert names == [[value, value] for value in data["dims"][1]["values"]]


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1024, 700)])
def test_the_map_has_most_of_the_screen(open_page: Opener, width: int, height: int) -> None:
    page = open_page(render(wide()), viewport={"width": width, "height": height})
    box = page.locator("#map .scroll").bounding_box()
    assert box and box["height"] >= 0.6 * height


def test_on_a_phone_rows_open(open_page: Opener) -> None:
    page = open_page(render(small()), viewport={"width": 390, "height": 800})
    row = page.locator("#grid tr[data-row]").first
    cells = row.locator("td")
    assert [each.is_visible() for each in cells.all()] == [False] * 4
    row.locator(".name").click()
    shown = [each for each in cells.all() if each.is_visible()]
    assert len(shown) == row.locator("td:not(.gap)").count() > 0
    first = shown[0].evaluate("each => getComputedStyle(each, '::before').content")
    assert first == '"Job satisfaction"'
    shown[0].locator("button").click()
    expect(page.locator("#panel h2")).to_have_text("Supervisory support → Job satisfaction")
    box = page.locator("#panel").bounding_box()
    assert box and box["width"] == 390 and box["height"] <= 0.7 * 800
    page.get_by_role("button", name="Close", exact=True).click()
    row.locator(".name").click()
    assert [each.is_visible() for each in cells.all()] == [False] * 4
    page.locator("#rail-toggle").click()
    expect(page.locator("#rail")).to_be_visible()


def test_axe_finds_nothing_on_a_phone(open_page: Opener) -> None:
    page = open_page(
        render(small()),
        viewport={"width": 390, "height": 800},
        has_touch=True,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page.locator("#grid tbody .name >> nth=1").click()
    assert violations(page) == []
    page.locator("#grid td button:visible").first.click()
    page.locator("#rail-toggle").click()
    assert violations(page) == []


def rtl(text: str) -> str:
    assert 'dir="ltr"' in text
    return text.replace('dir="ltr"', 'dir="rtl"', 1)


def test_right_to_left(open_page: Opener) -> None:
    data = review({"ארגון": ["תמיכה", "תרבות"]}, ["שחיקה", "שביעות רצון"], 10, 40)
    page = open_page(rtl(render(data)))
    cells = page.locator("#grid tr[data-row] >> nth=0").locator("td button")
    boxes = [each.bounding_box() for each in cells.all()]
    assert boxes[0] and boxes[1] and boxes[0]["x"] > boxes[1]["x"]
    cells.first.focus()
    page.keyboard.press("ArrowLeft")
    assert cells.nth(1).evaluate("each => each === document.activeElement")
    page.keyboard.press("ArrowRight")
    assert cells.first.evaluate("each => each === document.activeElement")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.textContent") == "תמיכה"
    page.focus("#tab-map")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("() => document.activeElement.id") == "tab-graph"
    for view in ("map", "graph", "tables-view", "figures", "studies", "about"):
        show(page, ("view", view))
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), view
    rail, views = page.locator("#rail").bounding_box(), page.locator("#views").bounding_box()
    assert rail and views and rail["x"] > views["x"]


def test_without_scripts_the_numbers_can_be_read(open_page: Opener, examples: dict[str, Example]) -> None:
    from kg.export.html import page_of

    graph = examples["peer-workforce"].graph
    page = open_page(page_of(graph), java_script_enabled=False)
    table = page.locator("noscript table")
    expect(table).to_be_visible()
    shown = table.locator("tr").evaluate_all("all => all.map(row => [...row.cells].map(cell => cell.textContent))")
    wanted = graph.matrix(everything=True).worded()
    assert shown == [list(wanted.columns), *([str(cell) for cell in row] for row in wanted.rows)]
    note = page.locator("noscript p").text_content() or ""
    signs = {sign for row in wanted.rows for cell in row[1:-1] for sign in str(cell) if not sign.isalnum()} - set(
        " ()·"
    )
    assert [sign for sign in signs if sign not in note] == []
    assert page.locator("main").is_hidden() or page.locator(".live >> visible=true").count() == 0
