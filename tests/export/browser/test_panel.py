"""What is behind a cell: findings, two cells side by side, everything on a study, citations, search and what is left out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kg.export.page.render import render

from .conftest import Example, Opener
from .reading import cell, dim, keys_of, labels, show
from .synthetic import small


def open_cell(page: Page, row: str, column: str) -> None:
    cell(page, row, column).click()
    expect(page.locator("#panel h2").last).to_have_text(f"{row} → {column}")


def test_the_panel_has_the_findings_of_the_cell(open_page: Opener, examples: dict[str, Example]) -> None:
    example = examples["peer-workforce"]
    page = open_page(example.html, "#cell=pay/job-satisfaction&folds=row.organizational")
    show(page, ("cell", "organizational/burnout"))
    found = example.graph.where(["factor=Organizational", "outcome=Burnout"])
    rows = list(found.table("findings").dicts())
    found.close()
    n = len({row["study_id"] for row in rows})
    assert page.locator("#panel .hint").first.text_content() == f"{n} studies, {len(rows)} findings"
    assert page.locator("#panel h3").all_text_contents() == ["facilitator 7 studies", "barrier 3 studies"]
    assert page.locator("#panel article ul li").count() == len(rows)
    notes = page.locator("#panel .note").all_text_contents()
    assert sorted(notes) == sorted(row["note"] for row in rows if row["note"])


def test_a_finding_says_where_it_stands_and_how_sure_it_is(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data), "#cell=supervisory-support/")
    factor = dim(data, "factor")
    outcome, certainty = dim(data, "outcome"), data["findings"]["certainty"]
    tied = [n for n in range(90) if keys_of(factor["findings"], n) == [0] and keys_of(outcome["findings"], n)]
    n = next(n for n in tied if certainty[n] == "joint" and not data["findings"]["tabulated"][n])
    item = page.locator("#panel li", has=page.locator(".where", has_text=re.compile(rf"^p\. {n} ·")))
    expect(item).to_have_count(1)
    badges = item.locator(".badge").all_text_contents()
    assert badges[-2:] == ["prose only", "joint citation"] or badges[-3:] == [
        "prose only",
        "joint citation",
        "pairing implied",
    ]
    assert (item.locator(".where").text_content() or "").startswith(f"p. {n} · sheets/findings.csv, row {n + 2}")


def test_two_cells_side_by_side(open_page: Opener) -> None:
    page = open_page(render(small()))
    open_cell(page, "Team culture", "Burnout")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#panel")).to_contain_text("Now choose another cell, row or column.")
    cell(page, "Role autonomy", "Burnout").click()
    sides = page.locator("#panel section.side")
    assert sides.evaluate_all("all => all.map(each => each.getAttribute('aria-label'))") == [
        "Team culture → Burnout",
        "Role autonomy → Burnout",
    ]
    box = [each.bounding_box() for each in sides.all()]
    assert box[0] and box[1] and box[0]["x"] < box[1]["x"] and box[0]["y"] == box[1]["y"]
    sides.first.get_by_role("button", name="Close").click()
    assert sides.evaluate_all("all => all.map(each => each.getAttribute('aria-label'))") == ["Role autonomy → Burnout"]
    page.get_by_role("button", name="Compare").click()
    page.locator("#grid thead .name >> nth=0").click()
    expect(sides).to_have_count(2)
    sides.last.get_by_role("button", name="Close").click()
    expect(page.locator("#panel")).to_be_hidden()


CITATIONS = {
    "APA": "Müller, A. B., & Doe, J. (2014). Workforce experiences of peer specialists in programme 5. https://doi.org/10.1234/peer.4",
    "Vancouver": "Müller AB, Doe J. Workforce experiences of peer specialists in programme 5. 2014. doi:10.1234/peer.4",
    "Harvard": "Müller, A. B. and Doe, J. (2014). ‘Workforce experiences of peer specialists in programme 5’. https://doi.org/10.1234/peer.4",
    "Chicago": "Müller, A. B., and Jo Doe. 2014. “Workforce experiences of peer specialists in programme 5”. https://doi.org/10.1234/peer.4",
}


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "no clipboard"])
def test_everything_on_a_study_its_citations_and_copies(open_page: Opener, clipboard: bool) -> None:
    data = small()
    page = open_page(
        render(data), "#view=studies", **({"permissions": ["clipboard-read", "clipboard-write"]} if clipboard else {})
    )
    if not clipboard:
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="[5] Müller 2014").click()
    opened = page.locator("#studies .opened")
    opened.locator("summary").first.click()
    expect(opened.locator("blockquote").first).to_be_attached()
    terms = opened.locator("dt").all_text_contents()
    assert terms[0] == "Authors" and terms[-1] == "Funding" and {"Year", "Setting"} <= set(terms)
    assert opened.locator("dd").first.text_content() == "Müller, A. B.; Doe, Jo"
    for style, text in CITATIONS.items():
        opened.locator(".cite select").first.select_option(style)
        assert opened.locator("blockquote").first.text_content() == text
    opened.get_by_role("button", name="Copy citation").first.click()
    expect(page.locator("#said")).to_have_text("Copied.")
    page.evaluate(
        "() => { const area = document.createElement('textarea'); area.id = 'paste'; document.body.append(area); area.focus(); }"
    )
    page.keyboard.press("Control+V")
    assert page.locator("#paste").input_value() == CITATIONS["Chicago"]


def test_the_other_findings_of_a_study_are_behind_more(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    page.locator("#grid td button:has(.mark) >> nth=0").click()
    article = page.locator("#panel article").first
    here = article.locator("> ul > li").count()
    name = (article.locator("b").first.text_content() or "").partition("]")[0].removeprefix("[")
    total = data["findings"]["study"].count(int(name) - 1)
    article.locator("summary").click()
    expect(article.locator("h4")).to_have_text(f"Its other findings ({total - here})")
    assert article.locator(".more > ul > li").count() == total - here


# ---- Search


def test_search_finds_facets_marks_words_and_ignores_accents(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    factor = dim(data, "factor")
    page.fill("#search", "role AUTONOMY")
    wanted = {data["findings"]["study"][n] for n in range(90) if 1 in keys_of(factor["findings"], n)}
    expect(page.locator("#status")).to_have_text(re.compile(f"^{len(wanted)} of 20 studies"))
    chips = page.locator("#suggestions button")
    assert chips.all_text_contents() == ["Factor: Role autonomy"]
    chips.click()
    assert page.locator("#chips .chip").all_text_contents() == ["Factor: Role autonomy ×"]
    assert page.input_value("#search") == ""
    page.locator("#chips .chip").click()
    page.fill("#search", "muller")
    expect(page.locator("#status")).to_have_text(re.compile("^2 of 20 studies"))
    page.click("#tab-studies")
    page.get_by_role("button", name="[5] Müller 2014").click()
    assert page.locator("#studies .opened mark").first.text_content() == "Müller"
    page.fill("#search", '"grant 4"')
    expect(page.locator("#status")).to_have_text(re.compile("^1 of 20 studies"))
    page.fill("#search", "interviews hospital")
    design, setting = dim(data, "design"), dim(data, "setting")
    both = sum(design["studies"][n] == 1 and 1 in keys_of(setting["studies"], n) for n in range(20))
    expect(page.locator("#status")).to_have_text(re.compile(f"^{both} of 20 studies"))
    page.fill("#search", "nothing like it")
    expect(page.locator("#status")).to_have_text(re.compile("^0 of 20 studies"))
    page.fill("#search", "")
    expect(page.locator("#status")).to_have_text(re.compile("^all 20 studies"))


def test_search_finds_the_country_of_a_real_review(open_page: Opener, examples: dict[str, Example]) -> None:
    page = open_page(examples["open-science"].html)
    page.fill("#search", "germany")
    wanted = examples["open-science"].graph.where(["country=Germany"])
    page.get_by_role("button", name="Country: Germany").click()
    studies = len(list(wanted.table("characteristics").dicts()))
    expect(page.locator("#status")).to_have_text(re.compile(f"^{studies} of 105 studies"))
    wanted.close()


# ---- Left out


def test_without_a_study_the_cells_that_change_say_what_they_were(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    before = labels(page)
    page.click("#tab-studies")
    page.get_by_role("button", name="[3] Abraham 2012").click()
    page.locator("#studies .opened summary").first.click()
    page.get_by_role("button", name="The map without this study").first.click()
    assert page.locator("#chips .chip").all_text_contents() == ["without [3] Abraham 2012 ×"]
    page.click("#tab-map")
    factor, outcome = dim(data, "factor"), dim(data, "outcome")
    its = {
        (factor["values"][row], outcome["values"][column])
        for n, study in enumerate(data["findings"]["study"]) if study == 2
        for row in keys_of(factor["findings"], n) for column in keys_of(outcome["findings"], n)
    }  # fmt: skip
    after = labels(page)
    assert its and {at for at in before if before[at] != after[at]} == its
    changed = page.locator("#grid td.changed")
    assert changed.count() == len(its)
    for each in changed.all():
        assert re.fullmatch(r"was \d+", each.locator(".was").text_content() or "")
    page.locator("#chips .chip").click()
    assert labels(page) == before and changed.count() == 0


def test_without_a_value_and_without_the_retracted(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    page.locator("#facets summary", has_text="Setting").click()
    page.get_by_role("button", name="without Hospital").click()
    setting = dim(data, "setting")
    kept = [n for n in range(20) if 1 not in keys_of(setting["studies"], n)]
    expect(page.locator("#status")).to_have_text(re.compile(f"^{len(kept)} of 20 studies"))
    page.get_by_role("button", name="without retracted").click()
    left = [n for n in kept if data["studies"]["standing"][n] != "retracted"]
    expect(page.locator("#status")).to_have_text(re.compile(f"^{len(left)} of 20 studies"))
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#status")).to_have_text(re.compile("^all 20 studies"))


# ---- Signs


def test_cells_say_what_they_rest_on(open_page: Opener) -> None:
    data = small()
    page = open_page(render(data))
    factor, outcome = dim(data, "factor"), dim(data, "outcome")
    standing, certainty = data["studies"]["standing"], data["findings"]["certainty"]
    for row, label in enumerate(factor["values"]):
        for column, name in enumerate(outcome["values"]):
            behind = [
                n
                for n in range(90)
                if row in keys_of(factor["findings"], n) and column in keys_of(outcome["findings"], n)
            ]
            studies = {data["findings"]["study"][n] for n in behind}
            wanted = []
            if behind and all(certainty[n] for n in behind):
                wanted.append(("~", "every study cited jointly or inferred"))
            flagged = [standing[study] for study in studies if standing[study]]
            if flagged:
                said = [
                    f"{flagged.count(word)} {says}"
                    for word, says in (("retracted", "retracted"), ("concern", "of concern"))
                    if word in flagged
                ]
                wanted.append(("!", "; ".join(said)))
            pressed = cell(page, label, name)
            assert pressed.locator(".sign").all_text_contents() == [sign for sign, _ in wanted], (label, name)
            notes = (pressed.get_attribute("aria-label") or "").split("; ")[1:]
            single = ["rests on a single study"] if len(studies) == 1 else []
            assert sorted(notes) == sorted([note for _, each in wanted for note in each.split("; ")] + single)
    assert page.locator(".sign.caution").count() > 1 and page.locator("#grid .sign.indirect").count() > 0


def test_a_retracted_study_says_who_said_so(open_page: Opener) -> None:
    page = open_page(render(small()), "#view=studies")
    row = page.locator("#studies tbody tr", has_text="[3] Abraham 2012")
    assert "Retraction Watch: retracted 2024-01-31" in row.locator("td").all_text_contents()
    row.locator("button").click()
    assert page.locator("#studies .opened .badge.warn").first.text_content() == "Retraction Watch: retracted 2024-01-31"
