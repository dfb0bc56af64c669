"""Where a title, an abstract or the topics of a work name a term of the vocabulary. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.screening.words import words_of

#: How sure it is that a work is about a term: named in the title, the abstract, the topics; by all its words apart; by
#: half of the words of its definition or more.
IN_TITLE, IN_ABSTRACT, IN_TOPICS, WORDS_APART, BY_DEFINITION = 1.0, 0.8, 0.6, 0.5, 0.3
#: The fewest words of a definition that are compared.
_FEWEST = 4


@dataclass(frozen=True)
class Text:
    """What is read of a work before its full text; ``topics`` are labels of the source's classification."""

    title: str = ""
    abstract: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """The words of a text, part by part."""

    title: tuple[str, ...]
    abstract: tuple[str, ...]
    topics: tuple[tuple[str, ...], ...]

    @cached_property
    def all(self) -> frozenset[str]:
        """The words of all parts."""
        return frozenset((*self.title, *self.abstract, *(word for topic in self.topics for word in topic)))

    @classmethod
    def of(cls, text: Text) -> Words:
        """Return the words of a text."""
        title, abstract = tuple(words_of(text.title)), tuple(words_of(text.abstract))
        topics = tuple(tuple(words_of(topic)) for topic in text.topics)
        return cls(title, abstract, topics)


@dataclass(frozen=True)
class Term:
    """A term of the vocabulary as it is looked for: the words of its names and of its definition."""

    label: str
    names: tuple[tuple[str, ...], ...]
    definition: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A term that a work seems to be about: how sure (0 to 1), and how it was found, as a part of a sentence."""

    term: Term
    strength: float
    how: str


def term_of(label: str, synonyms: Iterable[str] = (), definition: str | None = None) -> Term:
    """Return a term to look for."""
    names = [tuple(words_of(name)) for name in (label, *synonyms)]
    return Term(label, tuple(dict.fromkeys(filter(None, names))), frozenset(words_of(definition or "")))


class Finder:
    """Finds terms in many texts."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = terms
        #: Word -> the places of the terms that a text with this word may be about: the rarest word of each name, and
        #: every word of a definition that is compared.
        self._places: dict[str, list[int]] = defaultdict(list)
        names_with = Counter(word for term in terms for name in term.names for word in set(name))
        for place, term in enumerate(terms):
            rarest = {min(name, key=names_with.__getitem__) for name in term.names}
            for word in rarest | (term.definition if len(term.definition) >= _FEWEST else frozenset()):
                self._places[word].append(place)

    def find(self, words: Words) -> list[Match]:
        """Return the terms that a work is about, in their order."""
        places = {place for word in words.all & self._places.keys() for place in self._places[word]}
        return [found for place in sorted(places) if (found := match(self._terms[place], words))]


def match(term: Term, words: Words) -> Match | None:
    """Return how a work names a term, the surest way first; None where it does not."""
    present = [name for name in term.names if words.all.issuperset(name)]
    for strength, parts, how in (
        (IN_TITLE, (words.title,), "title"),
        (IN_ABSTRACT, (words.abstract,), "abstract"),
        (IN_TOPICS, words.topics, "topics"),
    ):
        if any(_holds(part, name) for part in parts for name in present):
            return Match(term, strength, how)
    if present:
        return Match(term, WORDS_APART, "words apart")
    shared = len(term.definition & words.all)
    if len(term.definition) >= _FEWEST and 2 * shared >= len(term.definition):
        return Match(term, BY_DEFINITION * shared / len(term.definition), "words of its definition")
    return None


def _holds(part: Sequence[str], name: Sequence[str]) -> bool:
    """Return whether the words of a name stand next to each other in a part."""
    first, width = name[0], len(name)
    if width == 1 or first not in part:
        return first in part
    return any(word == first and tuple(part[at : at + width]) == name for at, word in enumerate(part))
