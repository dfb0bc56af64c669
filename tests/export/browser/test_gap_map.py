"""The gap map page in a browser: display, keyboard, screen reader, downloads and hostile data."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from kg.export.html import NO_OUTCOME, doi_url, gap_map_page
from kg.export.page.marks import COLOURS, OUTLINES
from kg.export.page.model import WORDS
from kg.model.vocabulary import DIRECTIONS, OPPOSITES
from kg.text import is_formula

from .conftest import Data, Opener, hostile, large, small

Keep = Callable[[Data, Data], bool]  # study, finding -> is it shown?

WITHOUT_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
CELLS = """() => [...document.querySelectorAll('#grid tr[data-factor]')].flatMap(row =>
  [...row.querySelectorAll('td')].map((cell, column) => [Number(row.dataset.factor), column, cell.className,
    cell.querySelector('button')?.getAttribute('aria-label') ?? null,
    [...cell.querySelectorAll('.mark')].map(mark => [mark.classList[1], mark.textContent]),
    cell.textContent.trim()]))"""
MARKS = "all => all.map(mark => [mark.classList[1], mark.textContent])"


def shown(data: Data, keep: Keep = lambda study, finding: True) -> list[Data]:
    studies = {study["id"]: study for study in data["studies"]}
    return [finding for finding in data["findings"] if keep(studies[finding["study"]], finding)]


def cell(findings: list[Data], factor: str, outcome: str | None) -> list[Data]:
    """Return the findings behind a cell; outcome None is the column of findings without an outcome."""
    its = [finding for finding in findings if finding["factor"] == factor]
    return [f for f in its if (outcome in f["outcomes"] if outcome else not f["outcomes"])]


def by_factor(findings: list[Data]) -> dict[str, list[Data]]:
    found: dict[str, list[Data]] = defaultdict(list)
    for finding in findings:
        found[finding["factor"]].append(finding)
    return found


def counts(findings: list[Data]) -> list[tuple[str, int]]:
    by = [(d, len({f["study"] for f in findings if f["direction"] == d})) for d in DIRECTIONS]
    return [(direction, n) for direction, n in by if n]


def poles(findings: list[Data]) -> list[tuple[str, str, int]]:
    """Return direction, sign of the absence and number of studies; only opposite directions are told apart by pole."""
    lacks = [f["pole"] == "absence" and f["direction"] in OPPOSITES for f in findings]
    parts = [
        (direction, sign, counts([f for f, lack in zip(findings, lacks, strict=True) if lack == bool(sign)]))
        for direction in DIRECTIONS
        for sign in ("", "∅")
    ]
    return [(direction, sign, n) for direction, sign, found in parts for d, n in found if d == direction]


def said(findings: list[Data]) -> str:
    """Return what a cell says of the findings behind it, after the names of its row and column."""
    parts = [
        f"{n} {'study' if n == 1 else 'studies'} {WORDS[direction]}{' by absence of the factor' if sign else ''}"
        for direction, sign, n in poles(findings)
    ]
    indirect = all(f["certainty"] and f["outcomes"] for f in findings)
    return ", ".join(parts) + ("; every study cited jointly or inferred" if indirect else "")


def columns(data: Data) -> list[tuple[str | None, str]]:
    return [*((o["id"], o["label"]) for o in data["outcomes"]), (None, NO_OUTCOME)]


def check_cells(page: Page, data: Data, keep: Keep = lambda study, finding: True) -> None:
    """Compare every cell of the page with counts computed here."""
    drawn, heads = page.evaluate(CELLS), columns(data)
    kept, every = by_factor(shown(data, keep)), by_factor(data["findings"])
    assert len(drawn) == len(data["factors"]) * len(heads)
    for row, column, style, label, marks, text in drawn:
        factor, (outcome, name) = data["factors"][row], heads[column]
        behind = cell(kept[factor["id"]], factor["id"], outcome)
        wanted = [[direction, f"{sign}{n}"] for direction, sign, n in poles(behind)]
        assert marks == wanted, (factor["label"], name)
        assert label == (f"{factor['label']}, {name}: {said(behind)}" if behind else None)
        gap = not cell(every[factor["id"]], factor["id"], outcome) and outcome is not None
        assert (style == "gap", text == "no study") == (gap, gap), "a gap is where no study is, filtered or not"


def status(page: Page, data: Data, keep: Keep) -> None:
    found = shown(data, keep)
    text = f"{len({f['study'] for f in found})} of {len(data['studies'])} studies and {len(found)} of"
    expect(page.locator("#status")).to_contain_text(text)


def button(page: Page, factor: str, outcome: str) -> Locator:
    return page.locator(f'#grid td button[aria-label^="{factor}, {outcome}:"]')


def download(page: Page, selector: str) -> tuple[bytes, list[dict[str, str]]]:
    with page.expect_download() as event:
        page.click(selector)
    raw = Path(event.value.path()).read_bytes()
    return raw, list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def listed(findings: list[Data]) -> list[tuple[str, str, str]]:
    """Return the distinguishing values of the findings in a download, sorted."""
    return sorted((f["study"], f["locator"], f["direction"]) for f in findings)


def plain(text: str) -> str:
    """Return text as a page shows it: without unprintable characters, with spaces collapsed."""
    return re.sub(r"\s+", " ", re.sub("[\x00-\x08\x7f-\x9f\ud800-\udfff]", "\ufffd", text)).strip()


# ---- The file


def test_equal_data_gives_equal_bytes() -> None:
    data = small()
    turned = json.loads(json.dumps(data), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert gap_map_page(data).encode() == gap_map_page(copy.deepcopy(data)).encode() == gap_map_page(turned).encode()
    assert data == small(), "the data is left as it was"


def test_the_script_has_no_way_to_make_markup_or_code_from_text() -> None:
    script = files("kg.export.page").joinpath("app.js").read_text(encoding="utf-8")
    sinks = (
        r"innerHTML|outerHTML|insertAdjacent|setHTML|DOMParser|document\.(write|domain)|\beval\b|\bFunction\(|import\(|srcdoc"
        r"|createContextualFragment|\.on[a-z]+\s*=|setTimeout\(\s*['\"`]|\b(fetch|XMLHttpRequest|WebSocket|sendBeacon)\b"
    )
    assert re.findall(sinks, script) == []
    assert "</script" not in script and "<!--" not in script


def test_the_file_asks_for_nothing_and_has_no_inline_style_or_handler() -> None:
    page = gap_map_page(small())
    assert re.findall(r"<(?:link|img|iframe|object|embed|base|form)\b|\bsrc=|@import|url\(|sourceMapping", page) == []
    assert re.findall(r'<[^>]+\s(?:style|on[a-z]+)="', page) == []
    assert page.index("<meta charset") < page.index("Content-Security-Policy") < page.index("<title>")
    policy = re.search(r'Security-Policy" content="([^"]*)"', page)
    assert policy and "default-src &#x27;none&#x27;" in policy[1] and "unsafe" not in policy[1]


def test_only_white_listed_fields_are_in_the_file() -> None:
    page = gap_map_page(hostile())
    assert "secret" not in page
    assert page.count("<script") == page.count("</script>") == 2
    assert not any((ord(c) < 32 and c not in "\t\r\n") or 0xD800 <= ord(c) < 0xE000 for c in page)


def test_a_colour_that_is_not_one_is_replaced() -> None:
    page = gap_map_page(small())
    assert "display:none" not in page and f".mixed{{--mark:{COLOURS['mixed']};" in page
    assert ".barrier{--mark:#d55e00;--ink:#000}" in page and ".facilitator{--mark:#0072b2;--ink:#fff}" in page


def test_shapes_and_words_cover_the_directions() -> None:
    assert tuple(OUTLINES) == tuple(COLOURS) == DIRECTIONS
    assert set(DIRECTIONS) < set(WORDS)
    assert len({path for path, _ in OUTLINES.values()}) == len(DIRECTIONS)


@pytest.mark.parametrize(
    "doi", [None, "", "x", "javascript:alert(1)", "https://doi.org/10.1234/a", "10.12/a", "10.1234/a b", "10.1234/a\n"]
)
def test_what_is_not_a_doi_is_no_link(doi: str | None) -> None:
    assert doi_url(doi) is None


def test_a_doi_is_encoded() -> None:
    url = "https://doi.org/10.1002/(SICI)1097%3C1661::AID%3E3.0;2-2%3F%23%22"
    assert doi_url('10.1002/(SICI)1097<1661::AID>3.0;2-2?#"') == url


@pytest.mark.parametrize("change", [{"study": "x"}, {"factor": "x"}, {"outcomes": ["x"]}])
def test_a_finding_that_names_something_unknown_is_refused(change: Data) -> None:
    data = small()
    data["findings"][0].update(change)
    with pytest.raises(KeyError, match="x"):
        gap_map_page(data)
    data["findings"][0].update(direction="sideways")
    with pytest.raises(ValueError, match="sideways"):
        gap_map_page(data)


def test_a_map_without_groups_optional_values_or_findings(open_page: Opener) -> None:
    data: Data = {
        "meta": {"title": "Bare"}, "factors": [{"id": "f", "label": "F"}], "outcomes": [{"id": "o", "label": "O"}],
        "studies": [{"id": "s"}], "findings": [],
    }  # fmt: skip
    page = open_page(data)
    assert page.locator("#grid td.gap").count() == 1 and page.locator("#grid .group, #grid .groups").count() == 0
    expect(page.locator("#status")).to_have_text("Showing all 1 study and 0 findings.")
    data["findings"] = [{"study": "s", "factor": "f", "outcomes": ["o", "o"], "direction": "mixed"}]
    page = open_page(data)
    page.click("#grid td button")
    assert page.locator("#records li").count() == 1
    assert NO_OUTCOME not in page.inner_text("#grid"), "the extra column is there for those who need it"


# ---- Numbers


@pytest.mark.parametrize("javascript", [True, False])
def test_every_cell_counts_its_studies(open_page: Opener, javascript: bool) -> None:
    data = small()
    page = open_page(data, java_script_enabled=javascript)
    check_cells(page, data)
    assert page.title() == data["meta"]["title"]
    for row, factor in enumerate(data["factors"]):
        n = len({f["study"] for f in data["findings"] if f["factor"] == factor["id"]})
        assert page.text_content(f'tr[data-factor="{row}"] .total') == f"{n} {'study' if n == 1 else 'studies'}"
    for column, (outcome, _) in enumerate(columns(data)):
        n = len({f["study"] for f in data["findings"] if (outcome in f["outcomes"] if outcome else not f["outcomes"])})
        total = page.locator("#head > th").nth(column + 1).locator(".total").text_content()
        assert total == f"{n} {'study' if n == 1 else 'studies'}"


def test_groups_are_gathered_in_order_of_appearance(open_page: Opener) -> None:
    data = small()
    straight = copy.deepcopy(data)
    data["factors"] = [data["factors"][n] for n in (0, 5, 1, 6, 2, 7, 3, 4)]
    data["outcomes"] = [data["outcomes"][n] for n in (0, 4, 1, 5, 2, 3)]
    check_cells(open_page(data), straight)
    data["factors"][0]["group"] = None
    page = open_page(data)
    assert page.locator("#grid .group button").all_inner_texts() == ["Individual", "Organizational", "Ungrouped"]


Step = tuple[str, ...]  # a method of the page and its arguments

FILTERS: dict[str, tuple[list[Step], Keep]] = {
    "a direction less": (
        [("uncheck", "#directions input[value=barrier]")],
        lambda study, finding: finding["direction"] != "barrier",
    ),
    "no direction": (
        [("uncheck", f"#directions input[value={direction}]") for direction in DIRECTIONS],
        lambda study, finding: False,
    ),
    "years": (
        [("fill", "#from", "2013"), ("fill", "#to", "2016"), ("press", "#to", "Tab")],
        lambda study, finding: study["year"] is not None and 2013 <= study["year"] <= 2016,
    ),
    "tables only": ([("check", "#tables")], lambda study, finding: bool(finding["tabulated"])),
    "search in study and note": (
        [("fill", "#search", "MULLER supervis")],
        lambda study, finding: "Müller" in study["short"] and "supervis" in (finding["note"] or ""),
    ),
}


def take(page: Page, steps: list[Step]) -> None:
    for method, *arguments in steps:
        getattr(page, method)(*arguments)


@pytest.mark.parametrize("name", FILTERS)
def test_marks_follow_the_filters(open_page: Opener, name: str) -> None:
    data, (steps, keep) = small(), FILTERS[name]
    page = open_page(data)
    take(page, steps)
    status(page, data, keep)
    check_cells(page, data, keep)
    page.click("#tab-studies")
    studies = {f["study"] for f in shown(data, keep)}
    assert page.locator("#studies tbody tr:visible").count() == len(studies)
    page.click("#reset")
    expect(page.locator("#status")).to_contain_text("Showing all")
    check_cells(page, data)


def test_state_is_kept_in_the_address(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    for name in ("a direction less", "years", "tables only"):
        take(page, FILTERS[name][0])
    page.fill("#search", "tate & <b>")
    page.click("#grid .group button >> nth=1")
    page.click("#tab-gaps")
    page.select_option("#kind", "contested")
    expect(page).to_have_url(re.compile("tate"))
    fragment = "#" + page.url.split("#")[1]
    again = open_page(data, fragment=fragment)
    assert again.url.split("#")[1] == fragment[1:]
    values = "() => [...document.querySelectorAll('main input, main select')].map(each => each.checked + each.value)"
    assert again.evaluate(values) == page.evaluate(values)
    assert again.inner_text("#gaps tbody").count("\n") == 0 and again.is_visible("#gaps")
    assert again.locator("#grid [aria-expanded=false]").count() == 1
    open_page(data, fragment="#tab=__proto__&hide=x&kind=x&from=abc&closed=99.-1&q=%00")
    # a link that is pasted into the same window
    again.evaluate("() => { location.hash = 'hide=facilitator' }")
    status(again, data, lambda s, f: f["direction"] != "facilitator")


# ---- Findings behind the numbers


@pytest.mark.parametrize("filtered", [False, True])
def test_a_cell_lists_and_saves_exactly_its_findings(open_page: Opener, filtered: bool) -> None:
    data = small()
    keep: Keep = (lambda s, f: bool(f["tabulated"])) if filtered else (lambda s, f: True)
    page = open_page(data)
    if filtered:
        page.check("#tables")
    findings = shown(data, keep)
    for factor in data["factors"]:
        for outcome, name in columns(data):
            if not (behind := cell(findings, factor["id"], outcome)):
                continue
            button(page, factor["label"], name).click()
            expect(page.locator("#records")).to_be_visible()
            wheres = page.locator("#records .where").all_text_contents()
            assert sorted(wheres) == sorted(f["locator"] for f in behind)
            assert page.locator("#records .badge").all_text_contents().count("prose only") == sum(
                f["tabulated"] is False for f in behind
            )
            heads = page.locator("#records h3 .mark").evaluate_all(MARKS)
            assert heads == [[direction, str(n)] for direction, n in counts(behind)]
            page.keyboard.press("Escape")
    outcome, name = columns(data)[0]
    behind = cell(findings, data["factors"][0]["id"], outcome)
    button(page, data["factors"][0]["label"], name).click()
    raw, rows = download(page, "#save")
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == raw.count(b"\n") == len(rows) + 1
    assert sorted((r["study"], r["locator"], r["direction"]) for r in rows) == listed(behind)
    assert {r["factor"] for r in rows} == {data["factors"][0]["label"]}


def test_headings_open_their_row_and_column(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    page.click("tr[data-factor='1'] th button")
    _, rows = download(page, "#save")
    assert sorted((r["study"], r["locator"], r["direction"]) for r in rows) == listed(
        [f for f in data["findings"] if f["factor"] == data["factors"][1]["id"]]
    )
    expect(page.locator("#records-note")).to_contain_text("What Role autonomy means.")
    page.click("#close")
    page.click("#head button >> nth=2")
    _, rows = download(page, "#save")
    assert sorted((r["study"], r["locator"], r["direction"]) for r in rows) == listed(
        [f for f in data["findings"] if data["outcomes"][2]["id"] in f["outcomes"]]
    )
    page.click("#close")
    page.click("#head button >> nth=-1")
    assert page.locator("#records li").count() == sum(not f["outcomes"] for f in data["findings"])
    page.click("#close")
    _, rows = download(page, "#save-shown")
    assert len(rows) == len(data["findings"])


def test_titles_link_to_dois_only(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    page.click("#grid tr[data-factor='0'] th button")
    links = set(page.locator("#records a").evaluate_all("all => all.map(a => a.href)"))
    studies = {f["study"] for f in data["findings"] if f["factor"] == data["factors"][0]["id"]}
    assert links == {f"https://doi.org/{s['doi']}" for s in data["studies"] if s["doi"] and s["id"] in studies}
    assert set(page.locator("a").evaluate_all("all => all.map(a => a.rel)")) == {"noopener noreferrer"}


def test_lists_sort_and_filter(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    page.click("#tab-studies")
    page.click("#studies thead button >> nth=3")
    years = [t for t in page.locator("#studies tbody td:nth-child(4)").all_inner_texts() if t]
    assert years == sorted(str(s["year"]) for s in data["studies"] if s["year"])
    assert page.locator("#studies tbody td:nth-child(4)").last.inner_text() == "", "unknown years come last"
    page.click("#studies thead button >> nth=3")
    assert page.get_attribute("#studies thead th >> nth=3", "aria-sort") == "descending"
    assert [t for t in page.locator("#studies tbody td:nth-child(4)").all_inner_texts() if t] == years[::-1]
    row = page.locator("#studies tbody tr").first
    n = int(row.locator("button").inner_text())
    row.locator("button").click()
    assert page.locator("#records li").count() == n
    page.keyboard.press("Escape")
    page.click("#tab-gaps")
    assert page.locator("#gaps tbody tr:visible").count() == 3
    page.select_option("#kind", "no-study")
    assert page.locator("#gaps tbody tr:visible").count() == 1


def test_signs_of_absence_and_of_indirect_evidence_are_explained_where_they_are(open_page: Opener) -> None:
    keys = open_page(small()).locator("#filters .key").all_inner_texts()
    wanted = ["no study: a gap", "∅ by absence of the factor", "~ every study cited jointly or inferred"]
    assert [" ".join(key.split()) for key in keys] == wanted
    plainly = small()
    for finding in plainly["findings"]:
        finding.update(pole="presence", certainty=None)
    assert open_page(plainly).locator("#filters .key").count() == 1


def test_a_finding_on_an_absence_says_so(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    page.locator("#grid tbody tr[data-factor='0'] th button").click()
    its = [f for f in data["findings"] if f["factor"] == "supervisory-support"]
    lacks = sum(f["pole"] == "absence" and f["direction"] in OPPOSITES for f in its)
    assert page.locator("#records .badge", has_text="by absence of the factor").count() == lacks > 0
    rows = download(page, "#save")[1]
    assert sorted(row["pole"] for row in rows) == sorted(f["pole"] or "" for f in its)


def test_a_collapsed_group_sums_its_rows(open_page: Opener) -> None:
    data = small()
    data["findings"] = [
        f for f in data["findings"] if f["factor"] not in ("self-care", "client-boundaries", "spirituality")
        or "return-to-use" not in f["outcomes"]
    ]  # fmt: skip
    page = open_page(data)
    page.click("#grid .group button >> nth=1")
    group = page.locator("#grid tr.group").nth(1)
    assert page.locator("#grid tr[data-factor]:visible").count() == 5
    own = {f["id"] for f in data["factors"] if f["group"] == "Individual"}
    for column, (outcome, _) in enumerate(columns(data)):
        behind = [f for factor in own for f in cell(data["findings"], factor, outcome)]
        td = group.locator("td").nth(column)
        marks = td.locator(".mark").evaluate_all(MARKS)
        assert marks == [[direction, f"{sign}{n}"] for direction, sign, n in poles(behind)]
        assert (td.get_attribute("class") == "gap") == (outcome == "return-to-use")
    group.locator("td button").first.click()
    behind = [f for factor in own for f in cell(data["findings"], factor, "job-satisfaction")]
    assert page.locator("#records li").count() == len(behind) > 0
    page.keyboard.press("Escape")
    page.click("#grid .group button >> nth=1")
    assert group.locator("td button, td.gap").count() == 0
    check_cells(page, data)
    page.click("#fold")
    assert page.locator("#grid tr[data-factor]:visible").count() == 0
    page.click("#fold")
    assert page.locator("#grid tr[data-factor]:visible").count() == 8


# ---- Hostile text


@pytest.mark.parametrize("edit", [str, lambda text: WITHOUT_POLICY.sub("", text)], ids=["policy", "no policy"])
def test_hostile_text_stays_text(open_page: Opener, edit: Callable[[str], str]) -> None:
    data = hostile()
    page = open_page(data, edit=edit)
    assert (page.locator("meta[http-equiv]").count() == 1) == (edit is str)
    for tab in ("gaps", "studies", "about", "map"):
        page.click(f"#tab-{tab}")
    for row in range(len(data["factors"])):
        page.click(f"tr[data-factor='{row}'] th button")
        page.locator("#records-list").hover()
        page.keyboard.press("Escape")
    for head in page.locator("#head button").all():
        head.click()
        page.keyboard.press("Escape")
    page.click("#fold")
    page.fill("#search", "<img")
    page.wait_for_url(re.compile("img"))
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, [onload], [onerror], [onmouseover], a[href^='javascript']").count() == 0
    assert page.locator("script").count() == 2 and page.locator("form").count() == 0
    seen = plain(page.locator("body").text_content() or "")
    fields = ("title", "question", "citation", "version", "search_date", "label", "definition", "group", "factor",
              "outcome", "reason", "statement", "locator", "short", "design", "methods", "setting")  # fmt: skip
    kinds = ("factors", "outcomes", "studies", "gaps", "stated_gaps")
    for item in (data["meta"], *(item for kind in kinds for item in data[kind])):
        for text in (item[name] for name in fields if item.get(name)):
            assert plain(text) in seen, "not a character is lost"


def test_a_mark_of_direction_ends_with_the_name_that_holds_it(open_page: Opener) -> None:
    page = open_page(hostile())
    styles = (
        "[...document.querySelectorAll('a, b, button, code, label, span')].map(e => getComputedStyle(e).unicodeBidi)"
    )
    assert set(page.evaluate(styles)) == {"isolate"}


def test_no_download_cell_is_a_formula(open_page: Opener) -> None:
    data = hostile()
    page = open_page(data)
    _, rows = download(page, "#save-shown")
    assert len(rows) == len(data["findings"])
    values = [value for row in rows for value in row.values()]
    assert [v for v in values if is_formula(v)] == []
    assert '\'=HYPERLINK("http://x","y") note' in values and 'two\r\nlines, "quoted" note' in values


# ---- People


def test_keyboard_alone(open_page: Opener) -> None:
    data = small()
    page = open_page(data)
    focus = "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    page.focus("#tab-map")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-gaps", "aria-selected") == "true" and page.is_visible("#gaps")
    page.keyboard.press("Home")
    stops = []
    where_am_i = "(at => at.id || at.closest('#grid')?.id || at.value || at.className)(document.activeElement)"
    while (stop := page.evaluate(where_am_i)) != "grid":
        stops.append(stop)
        page.keyboard.press("Tab")
        assert len(stops) < 20, stops
    assert stops == ["tab-map", *DIRECTIONS, "from", "to", "search", "tables", "reset", "save-shown", "fold", "scroll"]
    assert page.evaluate(focus) == "Organizational"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focus) == data["factors"][0]["label"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focus).startswith("Supervisory support, Job satisfaction:")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focus).startswith("Role autonomy, Retention and turnover:"), "the gap is stepped over"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focus) == "Role autonomy"
    page.keyboard.press("ArrowRight")
    where = page.evaluate(focus)
    page.keyboard.press("Enter")
    expect(page.locator("#records")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "records-title"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "save"
    page.keyboard.press("Escape")
    expect(page.locator("#records")).to_be_hidden()
    assert page.evaluate(focus) == where, "focus comes back to the cell"
    page.keyboard.press("Control+Home")
    assert page.evaluate(focus) == "Job satisfaction"
    page.keyboard.press("Control+End")
    assert page.evaluate(focus).startswith("Spirituality")
    page.keyboard.press("Home")
    assert page.evaluate(focus) == "Spirituality"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "Spirituality", "Tab comes back to where the arrow keys left"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Opener, scheme: str) -> None:
    page = open_page(small(), color_scheme=scheme, bypass_csp=True)
    clicks = ["#tab-map", "#fold", "#tab-gaps", "#tab-studies", "#tab-about", "#tab-map", "#head button >> nth=0"]
    for selector in clicks:
        page.click(selector)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        assert [(v["id"], v["nodes"][0]["html"]) for v in result["violations"]] == []
        assert len(result["passes"]) > 10, "axe looked at something"


def test_readable_without_javascript(open_page: Opener) -> None:
    data = small()
    page = open_page(data, java_script_enabled=False)
    text = page.inner_text("body")
    concepts = [*data["factors"], *data["outcomes"]]
    wanted = [item[name] for item in concepts for name in ("label", "definition")]
    wanted += [study["title"] for study in data["studies"]] + [gap["reason"] for gap in data["gaps"]]
    assert [each for each in [*wanted, "Rural workers"] if each not in text] == []
    assert page.locator("input:visible, select:visible, [role=tab]:visible").count() == 0
    assert page.locator("#directions .mark:visible").count() == 5, "the legend stays"
    assert page.text_content("#grid tr[data-factor='0'] td >> nth=0") == (
        "2 facilitator ∅1 facilitator by absence of the factor 1 barrier 1 no effect "
    )


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 700}, {"width": 640, "height": 450}])
def test_a_narrow_window_scrolls_the_table_not_the_page(open_page: Opener, viewport: dict[str, int]) -> None:
    page = open_page(small(), viewport=viewport)
    for tab in ("map", "gaps", "studies", "about"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#tab-map")
    page.click("#grid td button >> nth=3")
    assert page.evaluate("document.querySelector('#records').getBoundingClientRect().left >= 0")


def test_headings_stay_in_sight_and_focus_is_not_hidden_under_them(open_page: Opener) -> None:
    page = open_page(large())
    page.locator("#grid td button").last.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    box = page.locator("#map .scroll").bounding_box()
    head, first = page.locator("#grid thead").bounding_box(), page.locator("tr[data-factor='50'] th").bounding_box()
    assert box and head and first and abs(head["y"] - box["y"]) < 3 and abs(first["x"] - box["x"]) < 3
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+End")
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    here, head = page.locator("#grid :focus").bounding_box(), page.locator("#grid thead").bounding_box()
    first = page.locator("#head > th").first.bounding_box()
    assert here and head and first
    assert here["y"] >= head["y"] + head["height"] - 1 and here["x"] >= first["x"] + first["width"] - 1


def test_print_shows_everything(open_page: Opener) -> None:
    page = open_page(small())
    page.emulate_media(media="print")
    for panel in ("map", "gaps", "studies", "about"):
        assert page.is_visible(f"#{panel}")
    assert page.locator("input:visible, [role=tab]:visible, #reset:visible").count() == 0


def test_a_large_map_becomes_ready_and_right(open_page: Opener) -> None:
    data = large()
    page = open_page(data)
    check_cells(page, data)
    page.click("tr[data-factor='0'] th button")
    assert page.locator("#records li").count() == 300
    page.click("#more")
    assert page.locator("#records li").count() == sum(f["factor"] == data["factors"][0]["id"] for f in data["findings"])
    page.keyboard.press("Escape")
    page.check("#tables")
    check_cells(page, data, lambda s, f: bool(f["tabulated"]))
