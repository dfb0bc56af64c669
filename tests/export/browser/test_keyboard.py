"""The page by keyboard alone: tabs, the map through heads, groups and cells, the panel, and back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from kg.export.page.data import PageData
from kg.export.page.render import render

from .conftest import Opener
from .reading import dim, keys_of, plural, show
from .synthetic import small

#: Where the focus is: the label of a cell, or the text of anything else.
_FOCUS = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def focus(page: Page) -> str:
    text: str = page.evaluate(_FOCUS)
    return text.partition(":")[0]


def press(page: Page, *keys: str) -> list[str]:
    """Press keys one after another; return where the focus is after each."""
    found = []
    for key in keys:
        page.keyboard.press(key)
        found.append(focus(page))
    return found


def test_tabs_by_arrows_home_and_end(open_page: Opener) -> None:
    page = open_page(render(small()))
    page.focus("#tab-map")
    assert press(page, "ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "ArrowRight") == [
        "Graph", "Tables", "About", "Map", "About", "Map", "Graph",
    ]  # fmt: skip
    assert page.locator("[role=tab][tabindex='0']").all_text_contents() == ["Graph"]
    assert page.locator("[role=tabpanel]:visible").get_attribute("id") == "graph"


def test_arrows_go_through_heads_groups_and_cells(open_page: Opener) -> None:
    page = open_page(render(small()))
    page.locator("#grid thead .name >> nth=0").focus()
    assert press(page, "ArrowRight", "ArrowLeft", "ArrowLeft") == [
        "Role clarity",
        "Job satisfaction",
        "Job satisfaction",
    ]
    assert press(page, "ArrowDown", "ArrowDown") == [
        "Supervisory support, Job satisfaction",
        "Role autonomy, Job satisfaction",
    ]
    assert press(page, "ArrowRight", "ArrowLeft", "ArrowLeft") == [
        "Role autonomy, Role clarity", "Role autonomy, Job satisfaction", "Role autonomy",
    ]  # fmt: skip
    assert press(page, "ArrowUp", "ArrowUp", "ArrowUp") == ["Supervisory support", "Organizational", "Organizational"]
    assert press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown") == [
        "Supervisory support", "Role autonomy", "Team culture", "Payment", "Individual",
    ]  # fmt: skip
    assert press(page, "ArrowDown", "ArrowRight", "ArrowUp") == [
        "Self-care", "Self-care, Job satisfaction", "Payment, Job satisfaction",
    ], "a column goes on across the head of a group"  # fmt: skip
    assert press(page, "End", "Home") == ["Payment, Return to use", "Payment"]
    assert press(page, "Control+End", "Control+Home") == ["Spirituality, Return to use", "Job satisfaction"]


def test_arrows_go_through_heads_of_grouped_columns(open_page: Opener) -> None:
    data = small()
    data["dims"][1] |= {"parents": [-2, -2, -3, -1], "groups": ["At work", "Strain"]}
    page = open_page(render(data))
    page.locator("#grid thead .name", has_text="At work").focus()
    assert press(page, "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown") == [
        "Strain",
        "Return to use",
        "Strain",
        "Burnout",
    ]
    assert press(page, "ArrowLeft", "ArrowUp", "ArrowDown", "ArrowDown") == [
        "Role clarity", "At work", "Job satisfaction", "Supervisory support, Job satisfaction",
    ]  # fmt: skip
    assert press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowDown") == [
        "Supervisory support, Role clarity", "Supervisory support, Burnout", "Supervisory support, Return to use",
        "Return to use", "Supervisory support, Return to use",
    ]  # fmt: skip


def test_one_button_of_the_map_is_reached_by_tab(open_page: Opener) -> None:
    page = open_page(render(small()))
    assert page.locator("#grid button[tabindex='0']").count() == 1
    page.locator("#grid td button >> nth=5").focus()
    assert page.locator("#grid button[tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('#grid')") is None
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("() => [...document.querySelectorAll('#grid td button')].indexOf(document.activeElement)") == 5


def test_enter_opens_the_panel_follows_and_escape_gives_the_focus_back(open_page: Opener) -> None:
    page = open_page(render(small()))
    page.locator("#grid thead .name >> nth=0").focus()
    press(page, "ArrowDown", "Enter")
    title = page.locator("#panel h2")
    expect(title).to_have_text("Supervisory support → Job satisfaction")
    assert focus(page) == "Supervisory support, Job satisfaction", "the focus stays, so that arrows go on"
    press(page, "ArrowDown")
    expect(title).to_have_text("Role autonomy → Job satisfaction")
    press(page, "ArrowLeft")
    expect(title).to_have_text("Role autonomy")
    press(page, "ArrowRight", "ArrowUp", "ArrowUp")
    expect(title).to_have_text("Job satisfaction")
    press(page, "ArrowDown")
    page.locator("#panel button", has_text="×").focus()
    press(page, "Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert focus(page) == "Supervisory support, Job satisfaction"


def test_a_gap_has_the_focus_and_says_why_it_is_empty(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    gap = page.locator("#grid td.gap button").last
    gap.focus()
    row, column = (gap.get_attribute("aria-label") or "").partition(":")[0].split(", ")
    assert (gap.get_attribute("aria-label") or "").endswith(": no study: a gap")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text(f"{row} → {column}")
    n, m = (plural(studies_with(data, *each)) for each in (("factor", row), ("outcome", column)))
    expect(page.locator("#panel .why")).to_have_text(
        f"No study ties “{row}” to “{column}”: {n} on the one, {m} on the other, none on both."
    )
    assert page.locator("#panel h3").all_text_contents() == [f"Studies of {row} {n}", f"Studies of {column} {m}"]


def studies_with(data: PageData, id_: str, value: str) -> int:
    found = dim(data, id_)
    key = found["values"].index(value)
    return len({study for n, study in enumerate(data["findings"]["study"]) if key in keys_of(found["findings"], n)})


def test_the_list_of_gaps_leads_to_the_cell(open_page: Opener) -> None:
    page = open_page(render(small()))
    page.get_by_role("combobox", name="Gaps").select_option("contested")
    item = page.locator("#gap-list li button")
    assert item.all_text_contents() == ["Supervisory support → Job satisfaction"]
    assert page.locator("#grid td.lit").count() == 1
    item.focus()
    page.keyboard.press("Enter")
    assert focus(page) == "Supervisory support, Job satisfaction"
    expect(page.locator("#panel h2")).to_have_text("Supervisory support → Job satisfaction")
    page.keyboard.press("Escape")
    expect(page.locator("#gap-list")).to_be_visible()
    show(page, ("lens", "outcome-without-factor"))
    assert page.locator("#gap-list li button").all_text_contents() == ["Role clarity"]
    page.locator("#gap-list li button").click()
    expect(page.locator("#panel h2")).to_have_text("Role clarity")
    assert focus(page) == "Role clarity"


def test_a_gap_in_a_closed_group_opens_the_group(open_page: Opener) -> None:
    page = open_page(render(small()), "#folds=-row.group-0&lens=contested")
    page.locator("#gap-list li button").click()
    expect(page.locator("#panel h2")).to_have_text("Supervisory support → Job satisfaction")
    assert focus(page) == "Supervisory support, Job satisfaction"


def test_filters_by_keyboard_keep_the_focus(open_page: Opener) -> None:
    page = open_page(render(small()))
    box = page.locator('#facets input[data-value="direction.1"]')
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    assert page.evaluate("() => document.activeElement.dataset.value") == "direction.1"
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    assert page.evaluate("() => document.activeElement.dataset.value") == "direction.1"


def test_the_graph_by_keyboard(open_page: Opener) -> None:
    page = open_page(render(small()), "#view=graph")
    page.locator("#graph canvas").focus()
    title = page.locator("#graph-text h2")
    expect(title).to_have_text("The strongest links, in words")
    page.keyboard.press("ArrowDown")
    first = title.text_content()
    page.keyboard.press("ArrowDown")
    expect(title).not_to_have_text(first or "")
    page.keyboard.press("ArrowUp")
    expect(title).to_have_text(first or "")
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Escape")
    expect(title).to_have_text("The strongest links, in words")
    assert page.evaluate("() => document.activeElement.localName") == "canvas"
