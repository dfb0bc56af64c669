"""What changed between two states: pure, on small snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kg.release.cells import kinds_of
from kg.release.changes import Change
from kg.release.diff import diff
from kg.release.snapshot import COLUMNS, Snapshot, cells_of, is_contested, snapshot

MAP = "factors and outcomes"


def rows(table: str, *given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{name: row.get(name, "") for name in COLUMNS[table]} for row in given]


def study(key: str, doi: str = "", **more: str) -> dict[str, str]:
    return {"id": f"doi:{doi}" if doi else f"key:{key}", "key": key, "doi": doi, "study": key.title(), **more}


def finding(study: str, direction: str = "facilitator", **more: str) -> dict[str, str]:
    given = {"study": study, "factor": "pay", "direction": direction, "outcomes": "burnout", "locator": "p. 1", **more}
    return {"id": "/".join(given.values()), **given}


TERMS = [
    {"vocabulary": "factor", "id": "pay", "label": "Pay"},
    {"vocabulary": "outcome", "id": "burnout", "label": "Burnout"},
]


def a_state(
    studies: list[dict[str, str]],
    findings: list[dict[str, str]] | None = None,
    review: Mapping[str, Any] | None = None,
    **tables: list[dict[str, str]],
) -> Snapshot:
    """Return a state whose cells follow from its findings."""
    cells = [
        {"map": MAP, "row": f["factor"], "column": f["outcomes"], "segment": f["direction"], "study": f["study"]}
        for f in findings or ()
    ]
    given = {"terms": TERMS, "studies": studies, "findings": findings or [], "cells": cells, **tables}
    return snapshot("s", review or {}, {name: rows(name, *table) for name, table in given.items()})


def changes(before: Snapshot, after: Snapshot, *parts: str) -> list[Change]:
    return [change for change in diff(before, after).changes if change.part in parts or not parts]


def test_a_state_does_not_differ_from_itself() -> None:
    state = a_state([study("a", "10.1/a"), study("b")], [finding("doi:10.1/a"), finding("key:b", "barrier")])
    assert changes(state, state) == []


def test_studies_in_and_out_say_why() -> None:
    before = a_state([study("a"), study("b", standing="retracted")])
    after = a_state([study("a"), study("c"), study("d")], [finding("key:c", file="sheets/new.csv")])
    assert changes(before, after, "study") == [
        Change("study", "in", "C (c)", "", "key:c", "1 finding in sheets/new.csv", ("C",)),
        Change("study", "in", "D (d)", "", "key:d", "in the sheets, without a finding", ("D",)),
        Change("study", "out", "B (b)", "key:b", "", "it was retracted; it is no longer in the sheets", ("B",)),
    ]


def test_a_study_with_another_doi_is_renamed_and_keeps_its_findings() -> None:
    before = a_state([study("a", "10.1/old")], [finding("doi:10.1/old")])
    after = a_state([study("a", "10.1/new")], [finding("doi:10.1/new")])
    assert changes(before, after) == [
        Change("study", "renamed", "A (a)", "doi:10.1/old", "doi:10.1/new", "the same study by its key a", ("A",)),
        Change("study", "changed", "A (a)", "10.1/old", "10.1/new", "its doi", ("A",)),
    ]


def test_a_study_with_another_key_is_the_same_by_its_doi() -> None:
    """The id of a study that had an OpenAlex id and a DOI in a column is that of the DOI, once it has one."""
    before = a_state([study("a", "10.1/a") | {"id": "openalex:W1"}], [finding("openalex:W1")])
    after = a_state([study("other", "10.1/a")], [finding("doi:10.1/a")])
    assert changes(before, after) == [
        Change(
            "study", "renamed", "Other (other)", "openalex:W1", "doi:10.1/a", "the same study by its DOI 10.1/a", ("Other",)
        )
    ]  # fmt: skip


def test_a_doi_goes_before_a_key() -> None:
    """Two studies exchange their keys: the DOI says which is which, and no study is in or out."""
    before = a_state([study("a", "10.1/x") | {"id": "1"}, study("b", "10.1/y") | {"id": "2"}])
    after = a_state([study("b", "10.1/x") | {"id": "3"}, study("a", "10.1/y") | {"id": "4"}])
    found = changes(before, after, "study")
    assert [(c.change, c.before, c.after) for c in found] == [("renamed", "2", "4"), ("renamed", "1", "3")]


def test_a_key_of_two_studies_names_none() -> None:
    before = a_state([study("a", "10.1/x")])
    after = a_state([study("a", "10.1/y"), study("a", "10.1/z")])
    assert [c.change for c in changes(before, after, "study")] == ["in", "in", "out"]


def cell(facilitators: str = "", barriers: str = "", absent: str = "") -> dict[str, frozenset[str]]:
    """Return a cell: a letter is a study."""
    given = {"facilitator": facilitators, "barrier": barriers, "absence barrier": absent}
    return {segment: frozenset(letters) for segment, letters in given.items() if letters}


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (cell(), cell("a"), ["opened"]),
        (cell(), cell("a", "b"), ["opened", "contested"]),
        (cell("a"), cell(), ["closed"]),
        (cell("a"), cell("ab"), ["strengthened"]),
        (cell("ab"), cell("a"), ["weakened"]),
        (cell("a"), cell("b"), ["changed"]),
        (cell("ab"), cell("a", "b"), ["contested"]),
        (cell("a"), cell("a", "b"), ["strengthened", "contested"]),
        (cell("a", "b"), cell("a"), ["weakened", "settled"]),
        (cell("a"), cell("", "a"), ["flipped"]),
        (cell("ab", "c"), cell("ab", "cde"), ["strengthened", "flipped"]),
        (cell("a", "b"), cell("a", "bc"), ["strengthened"]),
        (cell("a"), cell("a", "", "a"), ["changed"]),
        (cell("a", "", "b"), cell("", "c", "b"), ["flipped"]),
        (cell("a"), cell("", "", "a"), ["changed"]),
    ],
)
def test_what_becomes_of_a_cell(
    before: dict[str, frozenset[str]], after: dict[str, frozenset[str]], kinds: list[str]
) -> None:
    assert kinds_of(before, after) == kinds


def test_contested_is_of_one_pole() -> None:
    assert is_contested(cell("a", "a"))
    assert not is_contested(cell("a", "", "b"))
    assert not is_contested({})


def test_a_cell_says_what_it_had_and_has() -> None:
    before = a_state([study("a"), study("b")], [finding("key:a"), finding("key:b")])
    after = a_state(
        [study("a"), study("c"), study("d")],
        [finding("key:a"), finding("key:c", "barrier"), finding("key:d", "barrier")],
    )
    says = "in: C, D; out: B"
    assert changes(before, after, "cell") == [
        Change("cell", kind, "Pay → Burnout", "2 facilitator", "2 barrier, 1 facilitator", says, ("C", "D", "B"))
        for kind in ("strengthened", "flipped", "contested")
    ]


def test_a_finding_of_a_kept_study_is_in_or_out() -> None:
    before = a_state([study("a")], [finding("key:a")])
    after = a_state([study("a"), study("b")], [finding("key:a", "barrier", pole="absence"), finding("key:b")])
    assert changes(before, after, "finding") == [
        Change("finding", "in", "Pay → Burnout", "", "absence barrier", "p. 1", ("A",)),
        Change("finding", "out", "Pay → Burnout", "facilitator", "", "p. 1", ("A",)),
    ]


def test_a_reworded_note_or_another_row_is_no_change() -> None:
    before = a_state([study("a")], [finding("key:a", certainty="", file="sheets/a.csv")])
    after = a_state([study("a")], [finding("key:a", certainty="joint", file="sheets/b.csv")])
    assert changes(before, after) == []


def test_a_retraction_says_what_rests_on_the_study() -> None:
    findings = [finding("key:a"), finding("key:b"), finding("key:a", factor="rest")]
    before = a_state([study("a"), study("b")], findings)
    gone = study("a", standing="retracted", notice="OpenAlex 2026-02-03: Data")
    after = a_state([gone, study("b", standing="corrected", notice="Crossref")], findings)
    resting = "OpenAlex 2026-02-03: Data; it is in 2 cells, 1 of which rests on it alone: rest → Burnout"
    assert changes(before, after) == [
        Change("standing", "changed", "B (b)", "not checked", "corrected", "Crossref", ("B",)),
        Change("standing", "retracted", "A (a)", "not checked", "retracted", resting, ("A",)),
    ]
    assert [c.before for c in changes(after, after, "standing")] == ["retracted"]  # it is told each time


def test_gaps_are_known_by_kind_row_and_column() -> None:
    gap = {"map": MAP, "kind": "no-study", "row": "pay", "column": "burnout"}
    renamed = [{**TERMS[0], "label": "Payment"}, TERMS[1]]
    before, after = a_state([], gaps=[gap]), a_state([], gaps=[gap], terms=renamed)
    assert changes(before, after, "gap") == []
    after = a_state([], gaps=[{**gap, "kind": "one-study"}, {**gap, "kind": "stated", "row": "gap-07", "column": ""}])
    assert changes(before, after, "gap") == [
        Change("gap", "new", "gap-07", "", "stated"),
        Change("gap", "new", "Pay → Burnout", "", "one-study"),
        Change("gap", "closed", "Pay → Burnout", "no-study", ""),
    ]


def test_terms_criteria_searches_flow_and_numbers() -> None:
    before = a_state(
        [],
        review={"question": "Why?", "inclusion_criteria": ["About carers", "In English"]},
        searches=[{"id": "s1", "date": "2025", "source": "Embase"}],
        flow=[{"stage": "identified", "printed": "100"}],
        numbers=[{"table": "outcomes", "row": "burnout", "column": "", "number": "3"}],
    )
    after = a_state(
        [],
        review={"question": "How?", "inclusion_criteria": ["About carers", "Peer-reviewed"], "protocol": "10.1/p"},
        terms=[{**TERMS[0], "broader": "work"}, TERMS[1], {"vocabulary": "design", "id": "design:x", "label": "X"}],
        searches=[{"id": "s1", "date": "2025", "source": "Embase", "hits": "9"}, {"id": "s2", "source": "CINAHL"}],
        flow=[{"stage": "identified", "printed": "100", "counted": "120"}],
        numbers=[
            {"table": "outcomes", "row": "burnout", "column": "", "number": "4"},
            {"table": "evidence-counts", "row": "pay", "column": "barrier", "number": "1"},
            {"table": "evidence-counts", "row": "pay", "column": "mixed", "number": "0"},
        ],
    )
    assert changes(before, after) == [
        Change("number", "new", "Pay / barrier", "", "1", "evidence-counts"),
        Change("number", "changed", "Burnout", "3", "4", "outcomes"),
        Change("term", "new", "design design:x", "", "X"),
        Change("term", "changed", "factor pay", "Pay", "Pay < work"),
        Change("criterion", "new", "inclusion criterion", "", "Peer-reviewed"),
        Change("criterion", "new", "protocol", "", "10.1/p"),
        Change("criterion", "changed", "question", "Why?", "How?"),
        Change("criterion", "gone", "inclusion criterion", "In English", ""),
        Change("search", "new", "s2", "", "CINAHL"),
        Change("search", "changed", "s1", "2025; Embase", "2025; Embase; 9 hits"),
        Change("flow", "changed", "identified", "100 (as printed)", "120"),
    ]


def test_counts_stand_last_in_the_table() -> None:
    before = a_state([study("a")], [finding("key:a")])
    after = a_state([study("a"), study("b")], [finding("key:a"), finding("key:b", "barrier")])
    table = diff(before, after).table()
    assert [row[:5] for row in table.rows if row[0] == "count"] == [
        ("count", "changed", "studies", "1", "2"),
        ("count", "changed", "findings", "1", "2"),
        ("count", "same", "factors", "1", "1"),
        ("count", "same", "outcomes", "1", "1"),
        ("count", "same", "cells", "1", "1"),
        ("count", "changed", "contested cells", "0", "1"),
        ("count", "same", "gaps", "0", "0"),
        ("count", "same", "searches", "0", "0"),
        ("count", "same", "retracted studies", "0", "0"),
    ]


def test_cells_of_placements() -> None:
    placed = rows("cells", {"map": "m", "row": "r", "column": "c", "segment": "s", "study": "1"})
    assert cells_of(placed) == {("m", "r", "c"): {"s": frozenset({"1"})}}
