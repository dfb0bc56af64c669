"""Words of texts, terms that texts name, and the order of candidates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.screening.ranking import POTENTIAL, Candidate, Cell, Map, rank
from kg.screening.terms import BY_DEFINITION, Finder, Text, Words, match, term_of
from kg.screening.words import Similarity, centre, likeness, words_of

BURNOUT = term_of("Burnout", ["Job exhaustion"], "A state of emotional and physical depletion at work")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Studies’ effects on burnout!", ["study", "effect", "burnout"]),
        ("Größe, crisis; classes and boxes; bus", ["grosse", "crisis", "class", "box", "bus"]),
        ("a I x 12", ["12"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_likeness_counts_rare_words_more() -> None:
    texts = [["peer", "work"], ["peer", "pay"], ["peer", "team"], ["zoo"]]
    similarity = Similarity(texts)
    one, other, third = (similarity.vector(words) for words in (["peer", "pay"], ["pay"], ["peer"]))
    assert likeness(one, other) > likeness(one, third) > 0 == likeness(other, third)
    assert likeness(one, one) == pytest.approx(1.0)
    assert similarity.vector([]) == {} and centre([]) == {}
    assert centre([{"a": 1.0}, {"a": 0.5, "b": 1.0}]) == {"a": 0.75, "b": 0.5}


@pytest.mark.parametrize(
    ("text", "how", "strength"),
    [
        (Text("On burnouts", "burnout"), "title", 1.0),
        (Text("On work", "High job exhaustion"), "abstract", 0.8),
        (Text("On work", "", ("Care", "Job exhaustion")), "topics", 0.6),
        (Text("exhaustion in a job", "", ()), "words apart", 0.5),
        (Text("emotional depletion", "of a physical kind"), "words of its definition", BY_DEFINITION * 3 / 5),
        (Text("emotional depletion"), None, 0.0),
        (Text("burn out"), None, 0.0),
    ],
)
def test_how_a_text_names_a_term(text: Text, how: str | None, strength: float) -> None:
    found = match(BURNOUT, Words.of(text))
    assert (found.how if found else None) == how
    assert (found.strength if found else 0.0) == pytest.approx(strength)


_SOME_WORDS = st.lists(st.sampled_from(["job", "pay", "peer", "stress", "team", "work"]), max_size=8).map(" ".join)


@given(
    st.lists(st.tuples(_SOME_WORDS, st.lists(_SOME_WORDS, max_size=2), _SOME_WORDS), max_size=6),
    st.builds(Text, _SOME_WORDS, _SOME_WORDS, st.lists(_SOME_WORDS, max_size=2).map(tuple)),
)
def test_a_finder_finds_what_each_term_by_itself_finds(made: list[tuple[str, list[str], str]], text: Text) -> None:
    terms = [term_of(*each) for each in made]
    words = Words.of(text)
    assert Finder(terms).find(words) == [found for term in terms if (found := match(term, words))]


def test_what_one_more_study_does_to_a_cell() -> None:
    cells = [Cell(), Cell(1, "barrier"), Cell(2, "barrier"), Cell(2)]
    assert [cell.potential for cell in cells] == list(POTENTIAL)


def test_what_could_change_the_map_comes_first_in_any_order() -> None:
    of = Map(
        (term_of("Pay"), term_of("Team"), term_of("Training"), term_of("Supervision")),
        (term_of("Burnout"),),
        {("Pay", "Burnout"): Cell(3), ("Team", "Burnout"): Cell(3, "barrier"), ("Training", "Burnout"): Cell(1)},
    )
    titles = [
        "Pay and burnout",
        "Team and burnout",
        "Training and burnout",
        "Supervision and burnout",
        "Team only",
        "Zebras",
    ]
    candidates = [Candidate(f"w{n}", Text(title)) for n, title in enumerate(titles)]
    found = rank(candidates, [], of)
    assert rank(reversed(candidates), [], of) == found
    assert [one.candidate.id for one in found] == ["w3", "w2", "w1", "w0", "w4", "w5"]
    assert [one.score for one in found] == pytest.approx([0.5, 0.45, 0.4, 0.2, 0.1, 0.0])
    (first, *_) = found[0].concerns
    assert (first.factor.term.label, first.outcome.how, first.cell) == ("Supervision", "title", Cell())
    assert [m.term.label for m in found[4].named] == ["Team"] and found[5].named == ()


def test_likeness_and_citations_count() -> None:
    candidates = [Candidate("a", Text("zebras")), Candidate("b", Text("zebras"), 4), Candidate("c", Text("peer pay"))]
    found = rank(candidates, [Text("peer pay and work")], Map())
    assert [(one.candidate.id, one.score) for one in found] == [("c", 1.0), ("b", 0.25), ("a", 0.0)]
