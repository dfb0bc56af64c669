"""Words of titles and abstracts as they are compared, and the similarity of texts by the words they share. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from sys import intern

from kg.model.normalise import without_accents

_WORD = re.compile(r"[^\W_]+")
#: Words that say nothing of a topic, besides those of one letter.
_STOP_TEXT = (
    "a about after all also an and any are as at be been before being between both but by can could did do does during "
    "each either for from had has have having her his how if in into is it its may more most no nor not of on or other "
    "our out over own she should so some such than that the their them then there these they this those through to "
    "under up use used using very was we were what when where which while who whom why will with within without would "
    "you your et al vs per via"
)
_STOP = frozenset(_STOP_TEXT.split())
Vector = Mapping[str, float]


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, without accents, plural endings and words of no topic.

    >>> words_of("The studies’ effects on Burnout")
    ['study', 'effect', 'burnout']
    """
    return [
        intern(_singular(word)) for word in _WORD.findall(without_accents(text)) if word not in _STOP and len(word) > 1
    ]


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


class Similarity:
    """Texts compared by TF-IDF: words that occur in few of the texts count more."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        counts: Counter[str] = Counter()
        self._number = 0
        for words in texts:
            counts.update(set(words))
            self._number += 1
        self._counts = counts

    def vector(self, words: Sequence[str]) -> dict[str, float]:
        """Return word -> weight, of length 1; empty for a text without words."""
        weights = {
            word: (1 + math.log(n)) * math.log((1 + self._number) / (1 + self._counts[word]))
            for word, n in Counter(words).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()} if length else {}


def centre(vectors: Iterable[Vector]) -> dict[str, float]:
    """Return the mean of vectors; empty for none."""
    total: dict[str, float] = {}
    number = 0
    for vector in vectors:
        number += 1
        for word, weight in vector.items():
            total[word] = total.get(word, 0.0) + weight
    return {word: weight / number for word, weight in total.items()}


def likeness(a: Vector, b: Vector) -> float:
    """Return the sum of the products of the weights of common words."""
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[word] for word, weight in a.items() if word in b)
