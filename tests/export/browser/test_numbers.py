"""The numbers of the page are those of the terminal: the cells and totals of every map, and the tables."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from kg.query.graph import Graph

from .conftest import NAMES, Example, Opener
from .reading import enumerated, labels, marks, open_all, plural, show, totals

TALL = {"width": 1600, "height": 6000}
EMPTY = {"no study: a gap", "no study of this row at all", "no study of this column at all"}
WORDS = {
    "facilitator": "facilitator", "barrier": "barrier", "mixed": "mixed", "no_effect": "no effect",
    "unspecified": "direction not stated",
}  # fmt: skip
MAPS = [
    ("peer-workforce", None), ("four-day-week", "evidence"), ("four-day-week", "states"), ("open-science", None),
    ("open-science", "subclasses"), ("open-science", "classes"), ("open-science", "interventions"),
]  # fmt: skip
Rows = list[dict[str, Any]]


def cells_of(graph: Graph, name: str | None) -> dict[tuple[str, str], Rows]:
    """Return the rows of the table of a map by row and column."""
    table = graph.gap_map(name)
    found: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in table.dicts():
        names = (row["factor"], row["outcome"]) if name is None else (row[table.columns[0]], row[table.columns[1]])
        found[str(names[0]), str(names[1])].append(row)
    return found


def part_of(row: dict[str, Any], words: dict[str, str], segment: str | None) -> str:
    """Return what the page calls a part of a cell."""
    if segment is None:
        return ""
    if segment != "direction":
        return str(row[segment])
    return words[row["direction"]] + (" by absence of the factor" if row.get("pole") == "absence" else "")


def said(rows: Rows, words: dict[str, str], segment: str | None) -> str:
    """Return what the page says of a cell."""
    parts = []
    for row in rows:
        text = f"{plural(row['studies'])} {part_of(row, words, segment)}".strip()
        parts.append(text + (f" ({row['implied']} of them by implication only)" if row["implied"] else ""))
    total = len({label for row in rows for label in row["study_labels"]})
    notes = []
    if all(row.get("indirect") == row["studies"] for row in rows):
        notes.append("every study cited jointly or inferred")
    if total == 1:
        notes.append("rests on a single study")
    return "; ".join([enumerated(parts), *notes])


def segment_of(example: Example, name: str | None) -> str | None:
    (spec,) = (each for each in example.data["maps"] if each["name"] == (name or "factors and outcomes"))
    return None if spec["segments"] < 0 else str(example.data["dims"][spec["segments"]]["id"])


@pytest.mark.parametrize(("review", "name"), MAPS)
def test_every_cell_and_total_is_that_of_the_table(
    open_page: Opener, examples: dict[str, Example], review: str, name: str | None
) -> None:
    example = examples[review]
    page = open_page(example.html, viewport=TALL)
    show(page, ("map", name or ""))
    open_all(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#grid tr[data-row]')].every(row => row.cells.length > 1)"
    )
    wanted = cells_of(example.graph, name)
    words = WORDS | {key: word for key, word in example.data["words"].items() if word}
    segment = segment_of(example, name)
    drawn = labels(page)
    assert {at: text for at, text in drawn.items() if text not in EMPTY} == {
        at: said(rows, words, segment) for at, rows in wanted.items()
    }
    studies: dict[str, set[Any]] = defaultdict(set)
    for (row, column), rows in wanted.items():
        for each in rows:
            studies[f"row {row}"] |= set(each["study_labels"])
            studies[f"column {column}"] |= set(each["study_labels"])
    heads = totals(page)
    columns = len({column for _, column in drawn})
    assert [(head, n) for head, n in heads[:columns]] == [
        (head, len(studies[f"column {head}"])) for head, _ in heads[:columns]
    ]
    assert [(head, n) for head, n in heads[columns:]] == [
        (head, len(studies[f"row {head}"])) for head, _ in heads[columns:]
    ]


def test_a_mark_is_solid_for_studies_that_examined_the_pair_and_hollow_for_the_others(
    open_page: Opener, examples: dict[str, Example]
) -> None:
    example = examples["peer-workforce"]
    page = open_page(example.html, viewport=TALL)
    open_all(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#grid tr[data-row]')].every(row => row.cells.length > 1)"
    )
    wanted = cells_of(example.graph, None)
    for at, drawn in zip(labels(page), marks(page), strict=True):
        expected = []
        for row in wanted.get(at, []):
            sign = "∅" if row["pole"] == "absence" else ""
            if row["studies"] > row["implied"]:
                expected.append((f"mark {row['direction']}", f"{sign}{row['studies'] - row['implied']}"))
            if row["implied"]:
                expected.append((f"mark {row['direction']} implied", f"{sign}({row['implied']})"))
        assert drawn == expected, at


def shown_table(page: Any) -> list[list[str]]:
    found: list[list[str]] = page.locator("#tables-view table tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return found


@pytest.mark.parametrize("review", NAMES)
def test_the_counts_of_every_facet_are_those_of_the_terminal(
    open_page: Opener, examples: dict[str, Example], review: str
) -> None:
    example = examples[review]
    page = open_page(example.html, "#view=tables-view")
    words = WORDS | {key: word for key, word in example.data["words"].items() if word}
    for dimension in example.data["dims"]:
        if not dimension["values"] or dimension["kind"] == "number" or dimension["id"] == "year band":
            continue
        show(page, ("view", "tables-view"), ("table", dimension["id"]))
        table = example.graph.counts(dimension["id"])
        column = table.columns.index("studies")
        wanted = [(str(row[column - 1]), row[column], row[column + 2]) for row in table.rows[:-1] if row[column]]
        if dimension["id"] == "direction":
            wanted = [(words.get(name, name), n, percent) for name, n, percent in wanted]
        shown = [
            (name, int(n.replace(",", "")), float(percent)) for name, n, percent in shown_table(page)[1:] if n != "0"
        ]
        assert shown == wanted, dimension["id"]


CROSSTABS = [
    ("peer-workforce", "factor", "direction"), ("peer-workforce", "design", "outcome"), ("peer-workforce", "factor", "outcome"),
    ("peer-workforce", "setting", "design"), ("four-day-week", "evidence", "equity"), ("four-day-week", "state", "publication_type"),
    ("open-science", "outcomes_class", "study_design_short"), ("open-science", "factor", "direction"),
]  # fmt: skip


@pytest.mark.parametrize(("review", "first", "second"), CROSSTABS)
def test_a_table_of_two_facets_is_the_crosstab(
    open_page: Opener, examples: dict[str, Example], review: str, first: str, second: str
) -> None:
    example = examples[review]
    page = open_page(example.html)
    show(page, ("view", "tables-view"), ("table", first), ("by", second))
    heads, *rows = shown_table(page)
    words = WORDS | {key: word for key, word in example.data["words"].items() if word}
    table = example.graph.crosstab([first, second])
    named = (
        [words.get(name, name) for name in table.columns[1:-1]] if second == "direction" else list(table.columns[1:-1])
    )
    wanted = {
        (str(row[0]), name): n
        for row in table.rows[:-1]
        for name, n in zip([*named, "Studies"], row[1:], strict=True)
        if n
    }
    shown = {
        (row[0], head): int(n.replace(",", ""))
        for row in rows for head, n in zip(heads[1:-1], row[1:-1], strict=True) if n != "0"
    }  # fmt: skip
    assert shown == wanted
