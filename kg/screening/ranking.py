"""The order in which candidates are worth reading: by what they could do to the map, and by their likeness to what is
included. Pure; the order of the input makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from kg.screening.terms import Finder, Match, Term, Text, Words
from kg.screening.words import Similarity, centre, likeness

#: What a candidate could do to a cell -> how much that counts. "more" adds to a cell that rests on several studies.
POTENTIAL: Mapping[str, float] = {"fills": 1.0, "second": 0.9, "contests": 0.8, "more": 0.4}
#: The weights of the map and of citations beside the likeness, which is 1 for the candidate that is most alike.
MAP_WEIGHT, LINK_WEIGHT = 0.5, 0.25
#: Citations from and to included studies beyond this number make no difference.
_MOST_LINKS = 4


@dataclass(frozen=True)
class Cell:
    """A cell of the map: its number of studies, and the direction of all of them if they have one in common."""

    studies: int = 0
    direction: str | None = None

    @property
    def potential(self) -> str:
        """What one more study could do to the cell, as a key of POTENTIAL."""
        if self.studies == 0:
            return "fills"
        if self.studies == 1:
            return "second"
        return "contests" if self.direction else "more"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work to rank; ``links`` is the number of included studies that it cites or that cite it."""

    id: str
    text: Text
    links: int = 0


@dataclass(frozen=True, slots=True)
class Concern:
    """A cell that a candidate could concern, by the terms it names; ``score`` is from 0 to 1."""

    factor: Match
    outcome: Match
    cell: Cell
    score: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score, its likeness to the included studies (0 to 1) and the cells, the first one first.

    ``named`` are the terms that it names where it names no pair of a factor and an outcome.
    """

    candidate: Candidate
    score: float
    likeness: float
    concerns: tuple[Concern, ...]
    named: tuple[Match, ...]


@dataclass(frozen=True)
class Map:
    """The terms and cells of a map; a cell that is not in ``cells`` has no study."""

    factors: tuple[Term, ...] = ()
    outcomes: tuple[Term, ...] = ()
    cells: Mapping[tuple[str, str], Cell] = field(default_factory=dict)


def rank(candidates: Iterable[Candidate], included: Iterable[Text], of: Map) -> list[Ranked]:
    """Return the candidates, those first that are most worth reading; equal ones are in the order of their ids."""
    listed = sorted(candidates, key=lambda candidate: candidate.id)
    words = [Words.of(candidate.text) for candidate in listed]
    examples = [_bag(Words.of(text)) for text in included]
    similarity = Similarity(chain(map(_bag, words), examples))
    middle = centre(similarity.vector(bag) for bag in examples)
    alike = [likeness(similarity.vector(_bag(one)), middle) for one in words]
    most = max(alike, default=0.0) or 1.0
    each = zip(listed, _taken(words), alike, strict=True)
    finders = Finder(of.factors), Finder(of.outcomes)
    ranked = [_ranked(candidate, one, found / most, of.cells, *finders) for candidate, one, found in each]
    return sorted(ranked, key=lambda one: -one.score)


def _taken(listed: list[Words]) -> Iterator[Words]:
    """Yield the words of each text and let go of them: what is made of them to find terms is large."""
    listed.reverse()
    while listed:
        yield listed.pop()


def _bag(words: Words) -> Sequence[str]:
    return (*words.title, *words.abstract)


def _ranked(
    candidate: Candidate,
    words: Words,
    alike: float,
    cells: Mapping[tuple[str, str], Cell],
    factor_finder: Finder,
    outcome_finder: Finder,
) -> Ranked:
    factors, outcomes = factor_finder.find(words), outcome_finder.find(words)
    concerns = [
        _concern(factor, outcome, cells.get((factor.term.label, outcome.term.label), Cell()))
        for factor in factors
        for outcome in outcomes
    ]
    concerns.sort(key=lambda one: -one.score)
    named = sorted((*factors, *outcomes), key=lambda one: -one.strength)
    on_map = concerns[0].score if concerns else 0.5 * POTENTIAL["more"] * named[0].strength if named else 0.0
    links = min(candidate.links, _MOST_LINKS) / _MOST_LINKS
    score = alike + MAP_WEIGHT * on_map + LINK_WEIGHT * links
    return Ranked(candidate, score, alike, tuple(concerns), () if concerns else tuple(named))


def _concern(factor: Match, outcome: Match, cell: Cell) -> Concern:
    return Concern(factor, outcome, cell, factor.strength * outcome.strength * POTENTIAL[cell.potential])
