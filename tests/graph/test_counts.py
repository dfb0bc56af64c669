"""Tallies, cells and discussed outcomes, from findings that are counted by hand."""

from __future__ import annotations

from dataclasses import replace

from kg.graph.build import assemble, study_labels, study_orders
from kg.graph.counts import Counts, count, count_rows, studies_of
from kg.model.records import Concept, Evidence, Facet, Finding, ReviewInfo, Study

#: Pay is a factor and an outcome; the order of the outcomes is not that of their ids.
FACTORS = (Concept("team", "Team"), Concept("pay", "Pay"), Concept("hours", "Hours"))
OUTCOMES = (Concept("stay", "Retention"), Concept("pay", "Pay"), Concept("mood", "Morale"), Concept("skill", "Skill"))
STUDIES = (Study("key:a", "a", outcomes=("skill", "skill")), Study("key:b", "b"), Study("key:c", "c"))


def finding(
    study: str, factor: str, direction: str, *outcomes: str, tabulated: bool = True, associated: bool = False
) -> Finding:
    id_ = f"{study}{factor}{direction}{outcomes}"
    return Finding(id_, f"key:{study}", factor, direction, outcomes, tabulated, associated)


FINDINGS = (
    finding("c", "pay", "barrier", "stay"),
    finding("a", "pay", "barrier", "pay", "stay"),
    finding("a", "pay", "barrier", "stay"),
    finding("b", "pay", "facilitator", "mood", tabulated=False),
    finding("b", "pay", "mixed", "pay", tabulated=False, associated=True),
    finding("b", "team", "no_effect", "skill", tabulated=False),
)
EVIDENCE = Evidence(ReviewInfo("r", "R"), STUDIES, FINDINGS, FACTORS, OUTCOMES)
COUNTS = count(EVIDENCE, {"key:a": 1, "key:b": 2, "key:c": 3}, ("a", "b", "c"))
NODES, EDGES = count_rows(COUNTS, "r", FACTORS, OUTCOMES)


def numbers(kind: str) -> list[tuple[str, str, int, int, list[str]]]:
    rows = EDGES[kind, "Factor", "Outcome"]
    return [(row["from"], row["to"], row["studies"], row["findings"], row["study_labels"]) for row in rows]


def test_a_cell_counts_studies_once_and_findings_each() -> None:
    assert numbers("HINDERS") == [("pay", "stay", 2, 3, ["a", "c"]), ("pay", "pay", 1, 1, ["a"])]
    assert numbers("FACILITATES") == [("pay", "mood", 1, 1, ["b"])]
    assert numbers("MIXED_FOR") == [("pay", "pay", 1, 1, ["b"])]
    assert numbers("NO_EFFECT_ON") == [("team", "skill", 1, 1, ["b"])]
    assert numbers("REPORTED_WITH") == []


def test_every_edge_of_a_pair_has_the_design_that_its_studies_share() -> None:
    designs = Facet(
        "design", "Design", "study", "categories", (Concept("survey", "A survey"), Concept("trial", "Trial"))
    )
    given = {"key:a": ("survey",), "key:b": ("survey", "trial"), "key:c": ("survey",)}
    studies = tuple(replace(study, facets={"design": given[study.id]}) for study in STUDIES)
    findings = (*FINDINGS, finding("c", "pay", "facilitator", "stay"), finding("b", "team", "mixed", "skill"))
    edges = assemble(replace(EVIDENCE, studies=studies, findings=findings, facets=(designs,))).edges
    shared = {
        (kind, row["from"], row["to"]): (row["one_design"], row["one_design_labels"])
        for (kind, start, _), rows in edges.items()
        for row in rows
        if start == "Factor" and "one_design" in row
    }
    both = "A survey", ["a", "c"]
    assert shared == {
        ("HINDERS", "pay", "stay"): both,
        ("FACILITATES", "pay", "stay"): both,
    }  # not those of b, with two
    assert not any("one_setting" in row for rows in edges.values() for row in rows)


def test_tallies_by_scope() -> None:
    found = [
        (row["id"], row.get("direction"), row["studies"], row["findings"], row["study_labels"], row.get("outcomes"))
        for row in NODES["Tally"]
    ]
    both, every = ["Retention", "Pay"], ["Retention", "Pay", "Morale"]
    assert found == [
        ("factor:tabulated:pay:any", None, 2, 3, ["a", "c"], both),
        ("factor:tabulated:pay:facilitator", "facilitator", 0, 0, [], both),
        ("factor:tabulated:pay:barrier", "barrier", 2, 3, ["a", "c"], both),
        ("factor:all:team:any", None, 1, 1, ["b"], ["Skill"]),
        ("factor:all:team:facilitator", "facilitator", 0, 0, [], ["Skill"]),
        ("factor:all:team:barrier", "barrier", 0, 0, [], ["Skill"]),
        ("factor:all:team:no_effect", "no_effect", 1, 1, ["b"], ["Skill"]),
        ("factor:all:pay:any", None, 3, 5, ["a", "b", "c"], every),
        ("factor:all:pay:facilitator", "facilitator", 1, 1, ["b"], every),
        ("factor:all:pay:barrier", "barrier", 2, 3, ["a", "c"], every),
        ("factor:all:pay:mixed", "mixed", 1, 1, ["b"], every),
        ("outcome:all:stay:any", None, 2, 2, ["a", "c"], None),
        ("outcome:all:pay:any", None, 2, 2, ["a", "b"], None),
        ("outcome:all:mood:any", None, 1, 1, ["b"], None),
        ("outcome:all:skill:any", None, 1, 1, ["a"], None),
    ]
    assert all(row["scope"] == row["id"].split(":")[1] for row in NODES["Tally"])


def test_tallies_are_joined_to_the_review_and_to_what_they_count() -> None:
    ids = [row["id"] for row in NODES["Tally"]]
    assert EDGES["HAS_TALLY", "Review", "Tally"] == [{"from": "r", "to": id_} for id_ in ids]
    of = {row["from"]: row["to"] for label in ("Factor", "Outcome") for row in EDGES["OF", "Tally", label]}
    assert of == {id_: id_.split(":")[2] for id_ in ids}


def test_an_outcome_that_a_sheet_lists_is_discussed_by_those_studies_alone() -> None:
    """The finding of b on Skill does not count: the sheet of studies says who discusses Skill."""
    assert COUNTS.discussed == {"skill": [1], "stay": [1, 3], "pay": [1, 2], "mood": [2]}
    assert assemble(EVIDENCE).edges["EXAMINES", "Study", "Outcome"] == [
        {"from": "key:a", "to": "stay"},
        {"from": "key:c", "to": "stay"},
        {"from": "key:a", "to": "pay"},
        {"from": "key:b", "to": "pay"},
        {"from": "key:b", "to": "mood"},
        {"from": "key:a", "to": "skill"},
    ]


def test_studies_of_factors_and_outcomes() -> None:
    assert studies_of(COUNTS) == {
        ("Factor", "pay"): 3,
        ("Factor", "team"): 1,
        ("Outcome", "skill"): 1,
        ("Outcome", "stay"): 2,
        ("Outcome", "pay"): 2,
        ("Outcome", "mood"): 1,
    }


def test_labels_come_in_the_order_of_the_review() -> None:
    assert Counts((7, 3, 5)).row([3, 1, 3]) == {"studies": 2, "findings": 3, "study_labels": [7, 5]}


def test_studies_with_a_number_come_first() -> None:
    """A label such as G1 used to put every study in the order of the sheet."""
    labels = {"a": "10", "b": "G1", "c": "2", "d": None, "e": "01"}
    studies = [Study(key, key, label) for key, label in labels.items()]
    assert sorted(labels, key=study_orders(studies).__getitem__) == ["c", "a", "b", "d", "e"]
    assert study_labels(studies) == {"a": "10", "b": "G1", "c": "2", "d": "d", "e": "01"}
    assert study_labels(studies[:1] + studies[2:3]) == {"a": 10, "c": 2}
