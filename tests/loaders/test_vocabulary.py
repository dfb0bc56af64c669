"""Vocabularies as sheets and as SKOS in Turtle, and terms by any of their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import BadInput
from kg.folder.review import Review
from kg.loaders.sheets.terms import Terms
from kg.loaders.sheets.vocabulary import check_vocabulary, read_turtle
from kg.model.records import Concept, Evidence
from tests.conftest import MakeReview

SHEET = """id,label,broader,definition,synonyms,favourable
wellbeing,Well-being,,How people fare,,
job-satisfaction,Job satisfaction,wellbeing,How content peers are,Contentment; Zufriedenheit,higher
burnout,Burnout,wellbeing,,Emotional exhaustion,lower
retention,Retention,,,,
"""

TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix kg: <https://w3id.org/evidence-kg#> .
@prefix : <https://example.org/outcomes/> .

:burnout a skos:Concept ; skos:notation "10" ; skos:prefLabel "Burnout"@en , "Ausgebranntsein"@de ;
    skos:altLabel "Emotional exhaustion" ; skos:broader :wellbeing ; kg:favourable "lower" .
:retention a skos:Concept ; skos:notation "11" ; skos:prefLabel "Retention"@en .
:job-satisfaction a skos:Concept ; skos:notation "9" ; skos:prefLabel "Arbeitszufriedenheit"@de , "Job satisfaction"@en ;
    skos:altLabel "Zufriedenheit"@de , "Contentment"@en ; skos:definition "How content\\n peers are"@en ;
    kg:favourable "Higher" .
:wellbeing a skos:Concept ; skos:notation "2" ; skos:prefLabel "Well-being" ; skos:scopeNote "How people fare" ;
    skos:narrower :job-satisfaction .
"""

FILES = {
    "sheets/studies.csv": "key,title,outcomes\na,A,Burnout; Contentment\n",
    "sheets/findings.csv": "study,factor,direction,outcomes\na,Pay,barrier,burnout;Retention\n",
}


def evidence(make_review: MakeReview, name: str, text: str) -> Evidence:
    return make_review({**FILES, f"vocabulary/{name}": text}, name).load().evidence


def test_turtle_and_a_sheet_give_the_same_vocabulary(make_review: MakeReview) -> None:
    """German labels used to win over English ones, notation 10 came before 9, and narrower was ignored."""
    sheet, turtle = evidence(make_review, "outcomes.csv", SHEET), evidence(make_review, "outcomes.ttl", TURTLE)
    there, here = ([replace(c, source="", row=0) for c in found.outcomes] for found in (sheet, turtle))
    assert here == there
    assert [c.id for c in turtle.outcomes] == ["wellbeing", "job-satisfaction", "burnout", "retention"]
    assert turtle.outcomes[1] == Concept(
        "job-satisfaction",
        "Job satisfaction",
        "wellbeing",
        "How content peers are",
        ("Contentment", "Zufriedenheit"),
        "higher",
        "vocabulary/outcomes.ttl",
        0,
    )
    assert {c.row for c in sheet.outcomes} == {2, 3, 4, 5}
    assert [f.id for f in turtle.findings] == [f.id for f in sheet.findings]
    assert turtle.studies == sheet.studies
    assert turtle.studies[0].outcomes == ("burnout", "job-satisfaction")


@pytest.mark.parametrize(
    "order", ["id,label,broader", "broader,label,id", "parent,term,code", "Group,Preferred label,Key"]
)
def test_columns_in_any_order_and_by_other_names(make_review: MakeReview, order: str) -> None:
    kinds = {
        "code": "id",
        "key": "id",
        "term": "label",
        "preferred label": "label",
        "parent": "broader",
        "group": "broader",
    }
    rows = [{"id": "x", "label": "Money", "broader": ""}, {"id": "p", "label": "Pay", "broader": "x"}]
    lines = [",".join(row[kinds.get(name.lower(), name)] for name in order.split(",")) for row in rows]
    factors = evidence(make_review, "factors.csv", "\n".join([order, *lines])).factors
    assert [(c.id, c.label, c.broader) for c in factors] == [("x", "Money", None), ("p", "Pay", "x")]


def test_a_missing_id_is_derived_from_the_label(make_review: MakeReview) -> None:
    text = "label,broader\nPeer  support roles,\nДоверие,peer-support-roles\n"
    concepts = evidence(make_review, "outcomes.csv", text + "Burnout,\nContentment,\nRetention,\n").outcomes
    assert [(c.id, c.label, c.broader) for c in concepts[:2]] == [
        ("peer-support-roles", "Peer support roles", None),
        ("xa7ed2ec1fd", "Доверие", "peer-support-roles"),
    ]


def test_a_sheet_with_a_title_or_another_separator(make_review: MakeReview) -> None:
    text = "\n\n" + SHEET.replace("; ", " | ").replace(",", ";")
    concepts = evidence(make_review, "outcomes.csv", text).outcomes
    assert [(c.id, c.synonyms, c.row) for c in concepts][1] == ("job-satisfaction", ("Contentment", "Zufriedenheit"), 5)


@pytest.mark.parametrize(
    "name", ["job-satisfaction", "Job satisfaction", "JOB  SATISFACTION", " contentment ", "Job\u00a0satisfaction"]
)
def test_a_term_is_found_by_every_name(make_review: MakeReview, name: str) -> None:
    terms = Terms("outcome", evidence(make_review, "outcomes.csv", SHEET).outcomes)
    assert terms.find(name) == "job-satisfaction"


def test_an_unknown_term() -> None:
    terms = Terms("factor", [Concept(f"f{n}", f"Factor {n}") for n in range(12)])
    assert terms.find("Factor 99") is None
    assert terms.suggest("factor 1") == "'Factor 1' or 'Factor 11' or 'Factor 10'"
    assert terms.suggest("quite another") == ""
    assert terms.examples() == "; ".join(f"Factor {n}" for n in range(8)) + "; … (12 in vocabulary/factors)"


def turtle(tmp_path: Path, text: str) -> tuple[list[Concept], list[str]]:
    (tmp_path / "x.ttl").write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "@prefix kg: <https://w3id.org/evidence-kg#> .\n@prefix : <urn:x/> .\n" + text,
        encoding="utf-8",
    )
    concepts, problems = read_turtle(tmp_path / "x.ttl", "vocabulary/factors.ttl")
    return concepts, [str(problem) for problem in [*problems, *check_vocabulary(concepts)]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":a a skos:Concept .", "vocabulary/factors.ttl: 'urn:x/a': the concept has no skos:prefLabel"),
        (
            ':a a skos:Concept ; skos:prefLabel "A" ; kg:favourable "up there" .',
            "vocabulary/factors.ttl, column 'favourable of A': 'up there': is not an end of the scale; accepted: higher, lower",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" ; skos:broader :b , :c . :b a skos:Concept ; skos:prefLabel "B" . '
            ':c a skos:Concept ; skos:prefLabel "C" .',
            "vocabulary/factors.ttl, column 'skos:broader': 'A': the concept has several broader ones; accepted: one of b, c",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" ; skos:broader :b .',
            "vocabulary/factors.ttl, column 'broader': 'b': no term has this id; accepted: the id of another term of the file, "
            "or blank",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" . <urn:y/a> a skos:Concept ; skos:prefLabel "B" .',
            "vocabulary/factors.ttl, column 'id': 'a': two terms have this id (the other is 'A'); accepted: an id of its own "
            "for each term",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" . :b a skos:Concept ; skos:prefLabel "B" ; skos:altLabel "a" .',
            "vocabulary/factors.ttl, column 'synonyms': 'a': two terms are called this (the other is 'A'); accepted: one name "
            "for one term; merge them, or say what makes them differ",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" ; skos:broader :a .',
            "vocabulary/factors.ttl, column 'broader': 'a': the hierarchy runs in a circle: a → a; accepted: a broader term "
            "that is not below this one, or blank",
        ),
    ],
)
def test_problems_in_turtle(tmp_path: Path, text: str, message: str) -> None:
    assert turtle(tmp_path, text)[1] == [message]


def test_invalid_turtle(tmp_path: Path) -> None:
    concepts, (message,) = turtle(tmp_path, "<a> a skos:Concept\n<b>")
    assert concepts == []
    assert message.startswith("vocabulary/factors.ttl: is not valid Turtle: ")
    assert "\n" not in message
    assert str(tmp_path) not in message


def test_a_term_may_have_the_same_name_twice() -> None:
    assert check_vocabulary([Concept("burnout", "Burnout", synonyms=("burnout", "BURNOUT"))]) == []


def test_a_long_chain_is_not_a_cycle() -> None:
    chain = [Concept(f"c{n}", f"C {n}", f"c{n - 1}" if n else None) for n in range(2000)]
    assert check_vocabulary(chain) == []


def test_one_unreadable_vocabulary_is_one_message(make_review: MakeReview) -> None:
    """There used to be a second problem for every finding, because no factor was known."""
    review: Review = make_review({**FILES, "vocabulary/factors.csv": 'label\n"x'})
    with pytest.raises(BadInput) as caught:
        review.load()
    assert [(p.file, p.row) for p in caught.value.problems] == [("vocabulary/factors.csv", 2)]


def test_a_vocabulary_without_terms_is_open(make_review: MakeReview) -> None:
    """A new folder has vocabularies with a header only; every row of its first sheet used to be rejected."""
    found = evidence(make_review, "factors.csv", "id,label,broader,definition,synonyms\n")
    assert [(c.id, c.label) for c in found.factors] == [("pay", "Pay")]


def test_nominal_and_residual_terms_and_colours(make_review: MakeReview) -> None:
    review = make_review({
        "vocabulary/factors.csv": (
            "id,label,nominal,residual,colour\nregion,Region,yes,,\nother,Other,no,yes,#0072B2\npay,Pay,,,\n"
        ),
        "sheets/studies.csv": "key,title\na,A\n",
    })  # fmt: skip
    found = review.load().evidence.factors
    assert [(c.id, c.nominal, c.residual, c.colour) for c in found] == [
        ("region", True, False, None), ("other", False, True, "#0072B2"), ("pay", False, False, None),
    ]  # fmt: skip


def test_a_mark_that_is_neither_yes_nor_no_and_a_colour_that_is_none(make_review: MakeReview) -> None:
    text = "id,label,nominal,colour\nregion,Region,maybe,\npay,Pay,,red\n"
    review = make_review({"vocabulary/factors.csv": text, "sheets/studies.csv": "key,title\na,A\n"})
    with pytest.raises(BadInput) as raised:
        review.load()
    assert [str(problem) for problem in raised.value.problems] == [
        "vocabulary/factors.csv, row 2, column 'nominal': 'maybe': is not yes or no; accepted: yes, no",
        "vocabulary/factors.csv, row 3, column 'colour': 'red': is not a colour; accepted: # and six hexadecimal digits, "
        "such as #0072b2",
    ]


def test_a_nominal_factor_can_neither_help_nor_harm(make_review: MakeReview) -> None:
    review = make_review({
        "vocabulary/factors.csv": "id,label,nominal\nregion,Region,yes\npay,Pay,\n",
        "sheets/studies.csv": "key,title\na,A\nb,B\n",
        "sheets/findings.csv": (
            "study,factor,direction,outcomes\na,Region,barrier,Stay\na,pay; region,helps,Stay\na,region,no effect,Stay\n"
            "b,region,mixed,Stay\na,region,unspecified,Stay\na,pay,barrier,Stay\n"
        ),
    })  # fmt: skip
    with pytest.raises(BadInput) as raised:
        review.load()
    reason = (
        "the factor 'Region' is nominal: none of its values is the good one; accepted: mixed, no_effect, unspecified"
    )
    assert [str(problem) for problem in raised.value.problems] == [
        f"sheets/findings.csv, row 2, column 'direction': 'barrier': {reason}",
        f"sheets/findings.csv, row 3, column 'direction': 'helps': {reason}",
    ]


def test_a_nominal_factor_has_no_rows_of_zero(make_review: MakeReview) -> None:
    review = make_review({
        "vocabulary/factors.csv": "id,label,nominal\nregion,Region,yes\npay,Pay,\n",
        "sheets/studies.csv": "key,title\na,A\n",
        "sheets/findings.csv": "study,factor,direction,outcomes\na,region,no_effect,Stay\na,pay,no_effect,Stay\n",
    })  # fmt: skip
    with review.graph() as graph:
        assert graph.table("evidence-counts").only("factor", "direction", "studies").rows == [
            ("Region", "no_effect", 1), ("Pay", "facilitator", 0), ("Pay", "barrier", 0), ("Pay", "no_effect", 1),
        ]  # fmt: skip
