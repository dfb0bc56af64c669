"""Filters of the page against filters of the graph: the studies and cells they leave, and what the facets promise."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from kg.export.page import scrub
from kg.export.page.data import PageData, page_data
from kg.export.page.render import render
from kg.model.vocabulary import OPPOSITES
from kg.query.dimensions import Dimension, dimension
from kg.query.graph import Graph
from kg.query.units import Units
from tests.generated import Folder, folders

from .conftest import Example, Opener
from .reading import dim, keys_of, listed_studies, names_of, open_all, show

EXAMPLES = int(os.environ.get("KG_EXAMPLES", "0"))
#: Facet -> the keys that are ticked.
Ticked = Mapping[str, set[int]]
WORDS = {
    "facilitator": "facilitator", "barrier": "barrier", "mixed": "mixed", "no effect": "no_effect",
    "direction not stated": "unspecified",
}  # fmt: skip
_PART = re.compile(rf"([\d,]+) stud(?:y|ies) ({'|'.join(WORDS)})( by absence of the factor)?")
#: The number beside each value of the open facets.
_COUNTS = """() => [...document.querySelectorAll('#facets li')].map(item => [item.querySelector('input').dataset.value,
  Number(item.querySelector('.n').firstChild.textContent)])"""
_OPEN = """async () => {
  for (const each of document.querySelectorAll('#facets details')) each.open = true;
  await new Promise(done => setTimeout(done, 30));
  for (const each of document.querySelectorAll('#facets .link')) if (each.textContent.startsWith('Show all')) each.click();
}"""
_CELLS = """() => [...document.querySelectorAll('#grid tr[data-row]')].flatMap(row =>
  [...row.querySelectorAll('td')].map(cell => [row.querySelector('.name').textContent, cell.dataset.name,
    cell.querySelector('button').getAttribute('aria-label')]))"""
TALL = {"width": 1400, "height": 4000}


def kept(graph: Graph, ticked: Ticked) -> tuple[set[int], set[str]]:
    """Return the places of the studies and the ids of the findings that meet all conditions."""
    dimensions = [dimension(graph, name) for name in ticked]
    wanted = [with_below(found, ticked[found.id]) for found in dimensions]
    studies, findings = set(), set()
    for unit in Units(graph, dimensions).of_findings():
        if all(own & set(keys) for own, keys in zip(wanted, unit.keys, strict=True)):
            studies.add(unit.study)
            if unit.finding is not None:
                findings.add(unit.finding)
    return studies, findings


def with_below(found: Dimension, keys: set[int]) -> set[int]:
    names = [found.values[key].id for key in keys if found.is_coded(key)]
    below = set().union(*(found.find(name) for name in names)) if names else set()
    return below | {key for key in keys if not found.is_coded(key)}


def counts_of(page: Page) -> dict[str, int]:
    found: dict[str, int] = dict(page.evaluate(_COUNTS))
    return found


def tick(page: Page, value: str) -> None:
    page.locator(f'#facets input[data-value="{value}"]').evaluate("box => box.click()")


def shown_cells(page: Page) -> Counter[tuple[str, str, str, bool, int]]:
    """Return the parts of the cells of the map: row, column, direction, whether it is an absence, number of studies."""
    found: Counter[tuple[str, str, str, bool, int]] = Counter()
    for row, column, label in page.evaluate(_CELLS):
        said = label[len(f"{row}, {column}: ") :]
        row, column = row.removesuffix(", in general"), column.removesuffix(", in general")
        for n, word, absent in _PART.findall(said):
            found[row, column, WORDS[word], bool(absent), int(n.replace(",", ""))] += 1
    return found


def cells_of(data: PageData, findings: set[int]) -> Counter[tuple[str, str, str, bool, int]]:
    """Count the studies in each part of each cell from the findings at these places."""
    factor, outcome, direction, pole = (dim(data, name) for name in ("factor", "outcome", "direction", "pole"))
    parts: dict[tuple[int, int, str, bool], set[int]] = defaultdict(set)
    for place in findings:
        (its,) = keys_of(direction["findings"], place)
        name = direction["values"][its]
        poles = {pole["values"][key] for key in keys_of(pole["findings"], place) if key < len(pole["values"])}
        for row in keys_of(factor["findings"], place):
            for column in keys_of(outcome["findings"], place):
                if row < len(factor["values"]) and column < len(outcome["values"]):
                    absent = name in OPPOSITES and "absence" in poles
                    parts[row, column, name, absent].add(data["findings"]["study"][place])
    return Counter(
        (str(factor["values"][row]), str(outcome["values"][column]), name, absent, len(studies))
        for (row, column, name, absent), studies in parts.items()
    )


def check(page: Page, graph: Graph, data: PageData, ticked: Ticked) -> None:
    """Compare what the page shows with what the graph keeps."""
    studies, findings = kept(graph, ticked)
    ids = [row["id"] for row in in_order(graph)]
    shown = {place for place, id_ in enumerate(ids) if id_ in findings}
    place_of = {label: n for n, label in enumerate(Units(graph, []).labels)}
    places = {place_of[each] for each in studies}
    status = page.text_content("#status") or ""
    numbers = [
        int(n.replace(",", ""))
        for n in re.findall(r"(?:all )?([\d,]+)(?: of [\d,]+)? (?:study|studies|finding)", status)
    ]
    assert numbers == [len(places), *([len(shown)] if ids else [])], (status, ticked)
    page.click("#tab-studies")
    assert listed_studies(page) == [name for place, name in enumerate(names_of(data)) if place in places]
    page.click("#tab-map")
    if page.locator("#grid tr[data-row]").count():
        assert shown_cells(page) == cells_of(data, shown)


def in_order(graph: Graph) -> list[dict[str, object]]:
    """Return the findings in the order of the page, which is by study."""
    order = {id_: n for n, id_ in enumerate(Units(graph, []).ids.values())}
    return sorted(graph.table("findings").dicts(), key=lambda row: order[row["study_id"]])


@given(folder=folders(), draw=st.data())
@settings(
    max_examples=EXAMPLES or 10, derandomize=not EXAMPLES, database=None, deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_filters_leave_what_the_graph_keeps(open_page: Opener, folder: Folder, draw: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as room:
        review = folder.write(Path(room))
        review.build()
        with review.graph() as graph:
            data = scrub(page_data(graph, review.config.review))
            page = window(open_page, render(data))
            open_all(page)
            page.evaluate(_OPEN)
            check(page, graph, data, {})
            ticked: dict[str, set[int]] = {}
            for _ in range(4):
                counts = counts_of(page)
                if all(value.startswith("year band.") for value in counts):
                    break
                value = draw.draw(
                    st.sampled_from(sorted(value for value in counts if not value.startswith("year band.")))
                )
                facet, _, key = value.rpartition(".")
                alone = facet not in ticked
                own = ticked.setdefault(facet, set())
                own ^= {int(key)}
                if not own:
                    del ticked[facet]
                tick(page, value)
                if alone:
                    status = page.text_content("#status") or ""
                    shown = int(re.findall(r"[\d,]+", status)[0].replace(",", ""))
                    assert shown == counts[value], f"{value} promised {counts[value]}: {status}"
                check(page, graph, data, ticked)


def window(open_page: Opener, text: str) -> Page:
    """Return the one page of a test with other text in it."""
    if not open_page.contexts:
        return open_page(text, viewport=TALL)
    page = open_page.contexts[0].pages[0]
    open_page.replace(page, text)
    return page


def test_filters_of_several_kinds_on_a_real_review(open_page: Opener, examples: dict[str, Example]) -> None:
    example = examples["peer-workforce"]
    page = open_page(example.html, viewport=TALL)
    folds = open_all(page)
    conditions = [
        [("f.design", "survey"), ("f.outcome", "burnout")],
        [("f.direction", "facilitator~mixed"), ("f.setting", "prison")],
        [("r.year", "2019~2021"), ("f.direction", "barrier")],
        [("tables", "1"), ("f.pole", "absence")],
    ]
    graph = example.graph
    rows = in_order(graph)
    for pairs in conditions:
        show(page, ("folds", folds), *pairs)
        where = [
            f"{name[2:]}={value.replace('~', ',')}" if name[:2] == "f." else f"year>={value[:4]}"
            for name, value in pairs if name != "tables"
        ] + [f"year<={value[5:]}" for name, value in pairs if name == "r.year"]  # fmt: skip
        part = graph.where(where)
        ids = {row["id"] for row in part.table("findings").dicts()}
        if ("tables", "1") in pairs:
            ids &= {row["id"] for row in rows if row["tabulated"]}
        shown = {place for place, row in enumerate(rows) if row["id"] in ids}
        assert shown, pairs
        assert shown_cells(page) == cells_of(example.data, shown), pairs
        part.close()
