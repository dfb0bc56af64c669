"""The words that a review has for factors, outcomes and directions, as tables in the terminal use them."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMED = re.compile(r"\b(factors?|outcomes?)\b")


def spoken(words: Mapping[str, str]) -> dict[str, str]:
    """Return the words of ``review.toml`` as they stand in a sentence or a header: without a capital at the beginning.

    >>> spoken({"factor": "Determinant", "outcome": "HIV outcome"})
    {'factor': 'determinant', 'outcome': 'HIV outcome'}
    """
    return {name: word.lower() if word[1:].islower() else word for name, word in words.items() if word}


def in_words(text: str, words: Mapping[str, str]) -> str:
    """Return a text of ours with the words of the review for factors and outcomes.

    >>> in_words("Evidence counts by factor", {"factor": "determinant"})
    'Evidence counts by determinant'
    """
    return _NAMED.sub(lambda found: words.get(found[0], found[0]), text)
