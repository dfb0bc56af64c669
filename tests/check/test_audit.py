"""The rules of the audit on small codings: what each of them reports, word for word, and where it reports nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kg.check.audit.facts import duplicate_reference, eligibility, fact, flow, no_row, table_order
from kg.check.audit.index import Index
from kg.check.audit.lists import (
    count_and_list,
    factor_list,
    outcome_list,
    outcome_of_factor,
    table_and_prose,
    total_and_parts,
    uncited_tie,
)
from kg.check.audit.records import Discrepancy
from kg.model.published import Criterion, Fact, Published, Reference, Stage, Statement, TableRow
from kg.model.records import Concept, Evidence, Facet, ReviewInfo, Study

Found = list[tuple[str, list[tuple[str, str, tuple[int | str, ...]]]]]

#: Articles 1 to 4, which the text cites as references 11 to 14.
STUDIES = tuple(Study(key, key, str(n), str(10 + n), title=f"Title {n}") for n, key in enumerate("abcd", start=1))
FACTORS = (Concept("pay", "Pay"), Concept("team", "Team"), Concept("role", "Role"), Concept("time", "Time"))
FACETS = (
    Facet("country", "country", "study", "categories", (Concept("peru", "Peru"), Concept("kenya", "Kenya"))),
    Facet(
        "design",
        "design",
        "study",
        "categories",
        (Concept("rct", "RCT"), Concept("rct-2", "rct"), Concept("survey", "Survey")),
    ),
)
OUTCOMES = (Concept("stay", "Retention"), Concept("joy", "Joy"), Concept("care", "Care"))


def found(
    rule: Callable[[Index], Iterator[Discrepancy]],
    studies: tuple[Study, ...] = STUDIES,
    **published: tuple[object, ...],
) -> Found:
    evidence = Evidence(ReviewInfo("r", "R"), studies, factors=FACTORS, outcomes=OUTCOMES, facets=FACETS)
    index = Index(evidence, Published(**published))  # type: ignore[arg-type]
    return [(d.message, [(p.place, p.says, p.studies) for p in d.places]) for d in rule(index)]


def row(factor: str, direction: str, *labels: int, outcomes: tuple[str, ...] = (), file: str = "t.csv") -> TableRow:
    return TableRow(file, factor, direction, len(labels), labels, outcomes)


def says(
    section: str,
    scope: str,
    factor: str | None,
    direction: str | None,
    outcomes: str,
    *cited: int,
    count: int | None = None,
) -> Statement:
    return Statement("s", section, factor, direction, tuple(outcomes.split()), cited, count, scope)


#: The outcomes' own lists.
OWN = (says("3.2.1", "list", None, None, "stay", 11, 12), says("3.2.2", "list", None, None, "joy", 12, 13))


def test_a_fact_with_two_values_is_reported_with_the_first_value_that_differs() -> None:
    facts = (
        Fact("end", "May", "Abstract"),
        Fact("start", "June", "2.1"),
        Fact("end", "MAY", "2.2"),
        Fact("end", "July", "2.3", "until July"),
        Fact("end", "August", "2.4"),
    )
    assert found(fact, facts=facts) == [
        ("end: May in Abstract, July in 2.3", [("Abstract", "May", ()), ("2.3", "July (until July)", ())])
    ]


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        ("Most", "3 of 5", True),
        ("3 of 5", "most", True),
        ("most", "3 of 6", False),  # exactly half
        ("most", "2 of 5", False),
        ("all", "3 of 5", False),
        ("some", "3 of 5", False),
        ("most", "many", False),
        ("3 of 5", "4 of 5", False),
    ],
)
def test_most_agrees_with_more_than_half(a: str, b: str, agree: bool) -> None:
    assert (found(fact, facts=(Fact("k", a, "1"), Fact("k", b, "2"))) == []) is agree


def test_the_order_of_a_table_is_stated_by_the_review_and_is_no_other_fact() -> None:
    rows = (
        row("role", "barrier", 2, 3),
        row("role", "facilitator", 2, 3),
        row("team", "barrier", 1),
        row("time", "barrier", 1, 2, 3, 4, file="s.csv"),
        row("pay", "barrier", 1, 2),
        row("pay", "facilitator", 3),
        row("time", "barrier", 1, 2, 3, 4, file="u.csv"),
    )
    stated = (Fact("order of t.csv", "by studies", "Table 1"), Fact("order of t.csv", "most first", "Table 1"))
    assert found(fact, facts=stated) == []
    assert found(table_order, facts=(Fact("t.csv", "by studies", "Table 1"),), rows=rows) == []
    assert found(table_order, facts=stated, rows=rows[:4]) == []
    assert found(table_order, facts=stated, rows=(row("pay", "barrier", 1), row("team", "barrier", 2))) == []
    assert found(table_order, facts=(Fact("order", "none", "1"), stated[0]), rows=rows) == [
        (
            "Table 1 says that the rows go by unique studies, most first, but Pay (3) stands below Team (1)",
            [("Table 1", "by studies", ()), ("t.csv", "Team: 1", (1,)), ("t.csv", "Pay: 3", (1, 2, 3))],
        )
    ]


def test_references_with_one_title_are_one_publication() -> None:
    long = "a" * 59
    references = (
        Reference(11, "A", "2001", "Peer support: a study", "Journal"),
        Reference(12, "B", "2001", "Other"),
        Reference(13, "A", "1999", "Peer Support -- A Study."),
        Reference(19, "A", None, "peer support a study", "Book"),
        Reference(21, None, "2001", f"{long} x and more"),
        Reference(22, None, str(2001), f"{long} y"),
        Reference(23, None, "2001", f"{long[1:]} x"),
        Reference(24, None, "2001", f"{long[1:]} y"),
    )
    assert found(duplicate_reference, references=references) == [
        (
            "references 11 and 13 are one publication, dated 2001 and 1999: Peer support: a study",
            [("reference 11", "2001; Journal", (1, 3)), ("reference 13", "1999", (1, 3))],
        ),
        (
            "references 13 and 19 are one publication: Peer Support -- A Study.",
            [("reference 13", "1999", (3,)), ("reference 19", "no year; Book", (3,))],
        ),
        (
            f"references 21 and 22 are one publication: {long} x and more",
            [("reference 21", "2001", ()), ("reference 22", "2001", ())],
        ),
    ]


@pytest.mark.parametrize(
    ("field", "accepted", "failing", "values"),
    [
        ("year", "2001-2003", (1, 4), "2000, 2004"),
        ("year", "2001-", (1,), "2000"),
        ("year", "2000-2004", (), ""),
        ("year", "2000; 2004", (2,), "2003"),
        ("country", "chile;  Peru", (2, 4), "Kenya"),
        ("country", "*", (3,), "none"),
        ("design", "RCT", (2,), "Survey; rct"),
        ("design", "rct; survey", (), ""),
        ("design", "*", (3, 4), "none"),
        ("label", "1-3", (4,), "4"),
        ("no such field", "x", (), ""),
        (None, "x", (), ""),
        ("year", None, (), ""),
    ],
)
def test_a_criterion_is_met_by_its_values_or_its_range(
    field: str | None, accepted: str | None, failing: tuple[int, ...], values: str
) -> None:
    coded: tuple[tuple[int | None, dict[str, tuple[str, ...]]], ...] = (
        (2000, {"country": ("peru",), "design": ("rct",)}),
        (2003, {"country": ("kenya",), "design": ("survey", "rct-2")}),
        (None, {}),
        (2004, {"country": ("kenya",)}),
    )
    studies = tuple(
        replace(study, year=year, facets=facets) for study, (year, facets) in zip(STUDIES, coded, strict=True)
    )
    rules = (Criterion("include", "anything", None, None, "0"), Criterion("include", "so", field, accepted, "2.2"))
    articles = ("article " if len(failing) == 1 else "articles ") + ", ".join(map(str, failing))
    assert found(eligibility, studies, criteria=rules) == (
        [
            (
                f"2.2 asks for: so; coded otherwise: {articles} ({values})",
                [("2.2", "so", ()), ("included studies", f"{field}: {values}", failing)],
            )
        ]
        if failing
        else []
    )


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"identified": 10, "after_removal": 13, "included": 4}, None),
        ({"identified": 2, "included": 4}, None),
        ({"after_removal": 3, "included": 4}, None),
        (
            {"identified": 9, "after_removal": 13, "included": 4},
            "2 has 13 after removal, more than the 9 identified of 1",
        ),
        ({"identified": 0, "included": 4}, "3 has 4 included, more than the 0 identified of 1"),
        ({"identified": 1000, "after_removal": 1004}, "2 has 1,004 after removal, more than the 1,000 identified of 1"),
        ({"included": 3}, "3 includes 3 studies, the sheets hold 4"),
        ({"included": 1005}, "3 includes 1,005 studies, the sheets hold 4"),
    ],
)
def test_the_study_flow_shrinks_but_for_what_is_added(counts: dict[str, int], message: str | None) -> None:
    locators = {"identified": "1", "after_removal": "2", "included": "3"}
    stages = [Stage(name, number, locators[name]) for name, number in counts.items()]
    added = (Stage("added_by_hand", 1, "1"), Stage("added_from_lists", 2, "1"))
    told = found(flow, flow=(*reversed(stages), *added))
    assert [said for said, _ in told] == ([] if message is None else [message])


def test_the_places_of_the_study_flow() -> None:
    growing = (Stage("identified", 1000, "1"), Stage("included", 1001, "3"))
    assert [places for _, places in found(flow, flow=growing)] == [
        [("1", "1,000", ()), ("3", "1,001", ())],
        [("3", "1,001", ()), ("sheets", "4", ())],
    ]


def test_a_study_flow_that_does_not_add_up() -> None:
    stages = (Stage("screened", 1190, "p. 3"), Stage("excluded", 3, "p. 4"), Stage("included", 4, "p. 5"))
    assert found(flow, flow=stages) == [
        (
            "1,190 screened is not 3 excluded + 4 included = 7; if a study has several reports, give the number of "
            "reports included as well",
            [("p. 3", "1,190 screened", ()), ("p. 4", "3 excluded", ()), ("p. 5", "4 included", ())],
        )
    ]
    assert found(flow, flow=(stages[0], Stage("excluded", 1186, "p. 4"), stages[2])) == []


def test_an_included_study_without_a_row_is_noted() -> None:
    assert found(no_row) == [], "no table is coded"
    untitled = (*STUDIES[:3], replace(STUDIES[3], title=None))
    assert found(no_row, untitled, rows=(row("pay", "barrier", 1, 2), row("team", "barrier", 2, 9))) == [
        (
            f"article {label} is included, but no row of the printed tables counts it",
            [("included studies", title, (label,)), ("printed tables", "3 articles", (1, 2))],
        )
        for label, title in ((3, "Title 3"), (4, "d"))
    ]


def test_a_number_beside_a_list_is_its_length() -> None:
    statements = (
        says("1", "mention", "pay", "barrier", "stay", 11, 99, count=3),
        says("2", "mention", "pay", None, "", 11, 12, count=1),
        says("3", "mention", "pay", None, "", 11, 12, count=2),
        says("4", "mention", "pay", None, "", 11, 12),
        says("5", "mention", "pay", None, "", count=2),
        says("6", "list", None, None, "", 11, count=0),
    )
    assert found(count_and_list, statements=statements) == [
        (
            "1 counts 3 for Pay, barrier, Retention, but cites 2 (article 1)",
            [("1", "count 3", ()), ("1", "cites 2", (1,))],
        ),
        ("2 counts 1 for Pay, but cites 2 (articles 1, 2)", [("2", "count 1", ()), ("2", "cites 2", (1, 2))]),
        ("6 counts 0 for studies, but cites 1 (article 1)", [("6", "count 0", ()), ("6", "cites 1", (1,))]),
    ]
    rows = (
        row("pay", "barrier", 1, 9),
        replace(row("team", "barrier", 1, 9), count=3),
        replace(row("role", "x", 2), count=0),
    )
    assert found(count_and_list, rows=rows) == [
        ("t.csv counts 3 for Team, barrier, but lists 2", [("t.csv", "count 3", ()), ("t.csv", "lists 2", (1,))]),
        ("t.csv counts 0 for Role, x, but lists 1", [("t.csv", "count 0", ()), ("t.csv", "lists 1", (2,))]),
    ]


BARRIERS, FACILITATORS = (
    says("3.1", "list", "pay", "barrier", "", 11),
    says("3.2", "list", "pay", "facilitator", "", 12, 13),
)


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ((11, 12, 13), (BARRIERS, FACILITATORS)),
        ((11, 12, 13, 14), (BARRIERS, FACILITATORS)),  # a study may have no direction
        ((12, 14), (BARRIERS, FACILITATORS)),
        ((12,), (FACILITATORS,)),
        ((), (BARRIERS, FACILITATORS)),
        ((11,), (BARRIERS, says("3.2", "list", "team", "facilitator", "", 12))),
        ((11,), (BARRIERS, says("3.2", "mention", "pay", "facilitator", "", 12))),
        ((11,), (BARRIERS, says("3.2", "list", "pay", None, "joy", 12))),
    ],
)
def test_a_total_may_be_longer_than_its_parts_but_not_shorter(
    total: tuple[int, ...], parts: tuple[Statement, ...]
) -> None:
    assert found(total_and_parts, statements=(says("3", "list", "pay", None, "", *total), *parts)) == []


def test_the_total_of_a_factor_is_compared_with_its_directions_and_its_rows() -> None:
    of_team = says("4", "list", "team", None, "", 11)
    statements = (*OWN, says("3", "list", "pay", None, "", 12), BARRIERS, FACILITATORS, of_team)
    rows = (row("pay", "barrier", 3), row("pay", "facilitator", 4))
    assert found(total_and_parts, statements=statements, rows=rows) == [
        (
            "3 lists 1 studies for Pay, but the lists of its directions hold 3 (articles 1, 3 on one side only)",
            [("3", "lists 1", (2,)), ("the lists of its directions", "hold 3", (1, 2, 3))],
        ),
        (
            "3 lists 1 studies for Pay, but the rows of the table hold 2 (articles 2, 3, 4 on one side only)",
            [("3", "lists 1", (2,)), ("the rows of the table", "hold 2", (3, 4))],
        ),
    ]
    assert found(total_and_parts, statements=(of_team,), rows=(row("team", "barrier", 1),)) == []


def test_a_row_and_the_list_of_the_text_hold_the_same_studies() -> None:
    rows = (row("pay", "barrier", 1, 2), row("pay", "facilitator", 3), row("team", "barrier", 4))
    statements = (
        *OWN,
        says("3.1", "list", "pay", "barrier", "", 11, 13),
        says("3.2", "list", "pay", "facilitator", "", 13),
        says("3.3", "list", "pay", None, "", 11),
        says("3.4", "list", "team", "barrier", ""),
        says("3.5", "list", "team", "facilitator", "", 11),
        says("3.6", "mention", "team", "barrier", "", 11),
        says("3.7", "list", None, "barrier", "joy", 11),
    )
    assert found(table_and_prose, statements=statements, rows=rows) == [
        (
            "t.csv and 3.1 list different studies for Pay, barrier: articles 2, 3 on one side only",
            [("t.csv", "count 2", (1, 2)), ("3.1", "lists 2", (1, 3))],
        )
    ]


@pytest.mark.parametrize(
    ("statement", "left_out"),
    [
        (says("4", "tie", "pay", None, "stay", 11), {}),
        (says("4", "tie", "pay", None, "stay", 12, 13), {"Retention": (3,)}),
        (says("4", "tie", "pay", None, "stay", 13, 14), {"Retention": (3, 4)}),
        (says("4", "tie", "pay", None, "care", 11), {}),
        (says("4", "tie", "pay", None, "stay care", 13), {"Retention": (3,)}),
        (says("4", "tie", "pay", None, "stay joy", 11, 13), {}),
        (says("4", "tie", "pay", None, "stay joy", 11, 12, 14), {"Retention": (4,), "Joy": (4,)}),
        (says("4", "tie", "pay", None, "stay joy", 11), {"Joy": (1,)}),
        (says("4", "tie", "pay", None, "stay joy", 13, 14), {"Retention": (3, 4), "Joy": (4,)}),
        (says("4", "tie", "pay", None, "stay joy"), {}),
        (says("4", "list", "pay", None, "stay", 13), {"Retention": (3,)}),
        (says("4", "mention", "pay", None, "joy", 11), {"Joy": (1,)}),
    ],
)
def test_a_study_that_is_tied_to_an_outcome_is_in_the_list_of_the_outcome(
    statement: Statement, left_out: dict[str, tuple[int, ...]]
) -> None:
    own = {"Retention": ("3.2.1", (1, 2)), "Joy": ("3.2.2", (2, 3))}
    assert found(outcome_list, statements=(*OWN, statement)) == [
        (
            f"4 ties {'article' if len(articles) == 1 else 'articles'} {', '.join(map(str, articles))} to {outcome} "
            f"(through Pay); the outcome's own list in {own[outcome][0]} leaves {'it' if len(articles) == 1 else 'them'} out",
            [("4", f"ties to {outcome}", articles), (own[outcome][0], "lists 2", own[outcome][1])],
        )
        for outcome, articles in left_out.items()
    ]


def test_ties_to_an_outcome_are_reported_together_for_a_section() -> None:
    ties = (
        says("4", "tie", "team", None, "stay", 13),
        says("4", "tie", "pay", None, "stay", 14),
        says("5", "tie", None, None, "stay", 14),
    )
    assert [message for message, _ in found(outcome_list, statements=(*ties, *OWN))] == [
        "4 ties articles 3, 4 to Retention (through Pay; Team); the outcome's own list in 3.2.1 leaves them out",
        "5 ties article 4 to Retention; the outcome's own list in 3.2.1 leaves it out",
    ]


def test_a_list_for_a_factor_or_for_two_outcomes_is_not_the_list_of_an_outcome() -> None:
    lists = (
        says("2", "list", None, None, "", 11),
        says("3", "list", "pay", None, "stay", 11),
        says("4", "list", None, None, "stay joy", 11),
    )
    tie = says("5", "tie", "team", None, "stay", 14)
    assert found(outcome_list, statements=(*lists, tie, says("6", "mention", None, None, "stay", 11))) == []


ROWS = (row("pay", "barrier", 1), row("pay", "facilitator", 2, 3))
TEAM = says("3", "list", "team", None, "", 11, 12)


@pytest.mark.parametrize(
    ("statement", "message", "places"),
    [
        (says("4", "tie", "pay", "barrier", "", 11), None, []),
        (says("4", "tie", "pay", None, "", 11, 13), None, []),
        (says("4", "list", "pay", "barrier", "", 14), None, []),
        (says("4", "tie", None, None, "stay", 14), None, []),
        (says("4", "tie", "role", None, "", 14), None, []),
        (says("4", "tie", "team", "barrier", "", 12), None, []),
        (
            says("4", "tie", "pay", "barrier", "", 11, 12, 14),
            "4 cites articles 2, 4 for Pay, barrier, where t.csv has not; t.csv counts it in the other direction",
            [("4", "Pay, barrier", (2, 4)), ("t.csv", "Pay, barrier: 1", (1,))],
        ),
        (
            says("4", "tie", "pay", "barrier", "", 12, 13),
            "4 cites articles 2, 3 for Pay, barrier, where t.csv has not; t.csv counts some in the other direction",
            [("4", "Pay, barrier", (2, 3)), ("t.csv", "Pay, barrier: 1", (1,))],
        ),
        (
            says("4", "mention", "pay", "no_effect", "", 14),
            "4 cites article 4 for Pay, no effect, where the table has not",
            [("4", "Pay, no effect", (4,)), ("the table", "Pay, no effect: 0", ())],
        ),
        (
            says("4", "mention", "pay", None, "", 14),
            "4 cites article 4 for Pay, where the table has not",
            [("4", "Pay", (4,)), ("the table", "Pay: 3", (1, 2, 3))],
        ),
        (
            says("4", "tie", "team", "barrier", "joy", 12, 13),
            "4 cites article 3 for Team, barrier, where 3 has not",
            [("4", "Team, barrier", (3,)), ("3", "Team, barrier: 2", (1, 2))],
        ),
    ],
)
def test_a_study_that_is_cited_for_a_factor_is_in_its_rows_or_its_list(
    statement: Statement, message: str | None, places: list[object]
) -> None:
    told = found(factor_list, statements=(TEAM, statement), rows=ROWS)
    assert told == ([] if message is None else [(message, places)])


def test_the_citations_of_a_factor_are_reported_together_for_a_section() -> None:
    ties = (says("4", "tie", "pay", "barrier", "", 13), says("4", "tie", "pay", "barrier", "joy", 14))
    others = (*OWN, says("3", "list", "team", "barrier", "", 11), says("4", "tie", "team", None, "", 14))
    told = found(factor_list, statements=(*others, *ties), rows=ROWS)
    assert [places[0] for _, places in told] == [("4", "Pay, barrier", (3, 4))], "a direction has no list of the factor"


def test_the_outcomes_of_a_factor_are_in_its_rows() -> None:
    rows = (
        row("pay", "barrier", 1, outcomes=("joy",)),
        row("pay", "facilitator", 2, outcomes=("stay",)),
        row("team", "barrier", 3, file="u.csv"),
    )
    statements = (
        *OWN,
        says("4", "tie", "pay", None, "care stay", 11),
        says("4", "mention", "pay", "barrier", "care", 12),
        says("4", "tie", "team", None, "care joy", 13),
        says("4", "list", "team", None, "stay", 13),
        says("4", "none", "team", None, "stay", 13),
        says("5", "tie", "role", None, "stay", 13),
        says("5", "tie", None, None, "stay", 13),
        says("5", "tie", "pay", None, "stay joy", 13),
    )
    assert found(outcome_of_factor, statements=statements, rows=rows) == [
        (
            "4 ties Pay to Care; t.csv has for it: Retention; Joy",
            [("4", "Care", (1, 2)), ("t.csv", "Retention; Joy", (1, 2))],
        ),
        (
            "4 ties Team to Joy; Care; u.csv has for it: not discussed",
            [("4", "Joy; Care", (3,)), ("u.csv", "not discussed", (3,))],
        ),
    ]


def test_a_tie_in_a_chapter_of_results_cites_a_study_for_each_of_its_outcomes() -> None:
    statements = (
        says("3.3.1", "list", "pay", None, "", 11),
        says("3.2.1", "list", None, None, "stay", 11),
        says("3.3.2", "tie", "pay", "barrier", "stay joy"),
        says("3.3.3", "tie", "pay", None, "stay joy"),
        says("3.3.3", "mention", "pay", None, "stay", 11),
        says("3.3.3", "mention", "pay", None, "joy", count=1),
        says("3.3.4", "tie", "pay", None, "stay joy"),
        says("3.3.4", "tie", "pay", None, "joy", 11),
        says("3.3.5", "mention", "pay", None, "stay"),
        says("3.3.6", "tie", "team", None, "stay"),
        says("3.3.7", "tie", "pay", None, ""),
        says("3.2.2", "tie", "pay", None, "stay"),
        says("4.3.2", "tie", "pay", None, "stay"),
        says("3", "tie", "pay", None, "stay"),
    )
    places = ("t.csv", "names the outcomes", (1, 2, 3))
    assert found(uncited_tie, statements=statements, rows=ROWS) == [
        (f"{section} states a tie without naming a study: {subject}", [(section, subject, ()), places])
        for section, subject in (("3.3.2", "Pay, barrier, Retention, Joy"), ("3.3.4", "Pay, Retention, Joy"))
    ]
