"""Studies that do not stand as published, on the gap map page: the mark, its words, and the counts without the retracted."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kg.export.html import NO_OUTCOME, gap_map_page
from kg.table import STANDING_WORDS

from .conftest import Data, Opener, small
from .test_gap_map import button, cell, check_cells, columns, download, shown, status

#: Number of a made-up study -> its standing, and what sources say of it.
FLAGGED = {
    2: ("retracted", "OpenAlex: current (seen 2026-11-20); Retraction Watch: retracted 2024-01-31"),
    5: ("concern", "Retraction Watch: of concern 2024-02-01"),
    7: ("corrected", "Crossref: corrected 2024-03-05"),
    11: ("retracted", "Retraction Watch: retracted 2023-05-06"),
}
CAUTIONS = """() => [...document.querySelectorAll('#grid tr[data-factor]')].flatMap(row =>
  [...row.querySelectorAll('td')].map(cell => [cell.querySelectorAll('.caution').length,
    cell.querySelector('button')?.getAttribute('aria-label')?.split('; ').slice(1)
      .filter(part => !part.startsWith('every study'))[0] ?? null, cell.innerText.includes('!')]))"""
TEXTS = "all => all.map(cell => cell.textContent)"


def flagged() -> Data:
    data = small()
    for number, study in enumerate(data["studies"]):
        standing, text = FLAGGED.get(number, (None, "not checked" if number % 2 else "current"))
        study.update(standing=standing, standing_said=text)
    return data


def caution(data: Data, findings: list[Data]) -> str | None:
    standing = {study["id"]: study["standing"] for study in data["studies"]}
    numbers = [
        (len({f["study"] for f in findings if standing[f["study"]] == status}), word)
        for status, word in STANDING_WORDS.items()
    ]
    return ", ".join(f"{n} {word}" for n, word in numbers if n) or None


def check_cautions(page: Page, data: Data, findings: list[Data]) -> None:
    """Compare the mark of every cell, and its words, with what is counted here."""
    wanted = []
    for factor in data["factors"]:
        for outcome, _ in columns(data):
            said = caution(data, cell(findings, factor["id"], outcome))
            wanted.append([1 if said else 0, said, bool(said)])
    assert any(said for _, said, _ in wanted) or findings != data["findings"]
    assert page.evaluate(CAUTIONS) == wanted


def unmarked(data: Data) -> Data:
    """Return the data as though every study stood, for counts that do not depend on it."""
    return {**data, "studies": [{**study, "standing": None} for study in data["studies"]]}


@pytest.mark.parametrize("javascript", [False, True])
def test_cells_that_rest_on_a_flagged_study_say_so(open_page: Opener, javascript: bool) -> None:
    data = flagged()
    page = open_page(data, java_script_enabled=javascript)
    check_cautions(page, data, data["findings"])
    key = page.locator("#filters .key").last
    expect(key).to_be_visible()
    assert " ".join(key.inner_text().split()) == "! rests on a study that is retracted, of concern or corrected"
    assert "An exclamation mark in a cell: a study behind it is retracted" in (page.text_content("#about") or "")


def test_the_script_draws_what_python_drew(open_page: Opener) -> None:
    data = flagged()
    drawn = [
        open_page(data, java_script_enabled=javascript).locator("#grid tbody td").evaluate_all(TEXTS)
        for javascript in (False, True)
    ]
    assert drawn[0] == drawn[1] and any(" retracted " in text for text in drawn[0])


def test_counts_without_the_retracted(open_page: Opener) -> None:
    data = flagged()
    page = open_page(data)
    switch = page.get_by_role("switch", name="without the retracted")
    assert not switch.is_checked(), "retracted studies are shown unless somebody leaves them out"
    switch.check()
    kept = shown(data, lambda study, finding: study["standing"] != "retracted")
    assert 0 < len(kept) < len(data["findings"])
    status(page, data, lambda study, finding: study["standing"] != "retracted")
    check_cautions(page, data, kept)
    assert "retracted" not in " ".join(said or "" for _, said, _ in page.evaluate(CAUTIONS))
    page.click("#tab-studies")
    assert page.locator("#studies tbody tr:visible").count() == len({f["study"] for f in kept})
    fragment = "#" + page.url.split("#")[1]
    assert "standing=1" in fragment
    again = open_page(data, fragment=fragment)
    assert again.locator("#standing").is_checked()
    again.click("#reset")
    assert not again.locator("#standing").is_checked()
    check_cautions(again, data, data["findings"])


def test_a_collapsed_group_says_it_for_its_rows(open_page: Opener) -> None:
    data = flagged()
    page = open_page(data)
    page.click("#fold")
    its = [factor["id"] for factor in data["factors"] if factor["group"] == data["factors"][0]["group"]]
    label = page.locator("#grid .group >> nth=0").locator("td button >> nth=0").get_attribute("aria-label") or ""
    findings = [f for f in data["findings"] if f["factor"] in its and data["outcomes"][0]["id"] in f["outcomes"]]
    assert label.partition("; ")[2] == caution(data, findings)


def test_lists_and_downloads_name_source_and_day(open_page: Opener) -> None:
    data = flagged()
    page = open_page(data)
    page.click("#tab-studies")
    heads = page.locator("#studies thead th").all_inner_texts()
    at = heads.index("Standing")
    assert page.locator(f"#studies tbody td:nth-child({at + 1})").all_inner_texts() == [
        study["standing_said"] for study in data["studies"]
    ]
    page.click("#tab-map")
    behind = next(f for f in data["findings"] if f["study"] == data["studies"][2]["id"])
    names = {factor["id"]: factor["label"] for factor in data["factors"]}
    outcomes = {outcome["id"]: outcome["label"] for outcome in data["outcomes"]}
    tied = outcomes[behind["outcomes"][0]] if behind["outcomes"] else NO_OUTCOME
    button(page, names[behind["factor"]], tied).click()
    assert FLAGGED[2][1] in page.locator("#records .badge").all_text_contents()
    assert not {"current", "not checked"} & set(page.locator("#records .badge").all_text_contents())
    page.keyboard.press("Escape")
    _, rows = download(page, "#save-shown")
    standing = {study["short"]: study["standing"] or "" for study in data["studies"]}
    assert {(row["short"], row["standing"]) for row in rows} == {
        (short, standing[short]) for short in {row["short"] for row in rows}
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Opener, scheme: str) -> None:
    page = open_page(flagged(), color_scheme=scheme, bypass_csp=True)
    for selector in ("#tab-map", "#standing", "#tab-studies", "#tab-about"):
        page.click(selector)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        assert [(v["id"], v["nodes"][0]["html"]) for v in result["violations"]] == []


def test_where_every_study_stands_the_page_says_nothing_of_it(open_page: Opener) -> None:
    page = open_page(unmarked(flagged()))
    assert page.locator(".caution, #standing").count() == 0
    assert "Standing" not in page.locator("#studies thead th").all_inner_texts()
    assert "exclamation mark" not in (page.text_content("#about") or "")
    check_cells(page, unmarked(flagged()))


def test_the_switch_is_there_only_for_retracted_studies() -> None:
    data = flagged()
    for study in data["studies"]:
        study["standing"] = "corrected" if study["standing"] else None
    text = gap_map_page(data)
    assert 'id="standing"' not in text and "rests on a study that is corrected" in text


def test_what_is_said_of_studies_that_stand_is_not_in_the_data_of_the_script() -> None:
    island = re.search(r'<script type="application/json" id="data">(.*?)</script>', gap_map_page(flagged()))
    assert island and island[1].count('"standing_said"') == len(FLAGGED)
