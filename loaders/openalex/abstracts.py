"""Abstracts of OpenAlex works, which come as an inverted index: word -> positions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

from kg.loaders.markup import may_have_markup, plain_text

#: The heading "Abstract" or "Summary" before the text or joined to it, once or twice. "Abstract thinking is …" is a
#: sentence and not a heading.
_HEADING = re.compile(
    r"(?:(?i:abstract|summary)(?:\s?[:.\u2014\u2013]+\s?|\s?-+\s|\s(?![a-z]))"
    r"|(?:Abstract|Summary)(?=[A-Z])|(?:ABSTRACT|SUMMARY)(?=[A-Z][a-z])){1,2}"
)
#: Sentences that repositories and publishers put in place of an abstract.
_PLACEHOLDER = re.compile(
    r"(?:no abstract (?:is )?(?:provided|available)\b.{0,40}|contains full ?text\s*:.*|abstract not available\.?"
    r"|(?:an )?abstract is not available\b.{0,80}|(?:click|see) (?:here|pdf|article)\b.*|n/?a|\[no abstract.*"
    r"|for a searchable version of these abstracts\b.*)",
    re.IGNORECASE,
)
#: The least words of an abstract; of 7,233 works of the SYNERGY data set, 9 have fewer than a hundred characters.
FEWEST_WORDS = 10
#: The least characters of an abstract in scripts that put no spaces between words.
FEWEST_CHARACTERS = 40
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, kana, Han
#: The most words of an abstract; a longer text is the whole article, or a volume of abstracts.
MOST_WORDS = 2500
#: A text of this many words is not a placeholder.
_LONGER_THAN_PLACEHOLDERS = 60
#: The most words that a heading can have.
_HEADING_WORDS = 4


def abstract_of(work: Mapping[str, Any]) -> str | None:
    """Return the abstract as text, or None where there is none or only a placeholder.

    The inverted index may be a dictionary, a dictionary under ``InvertedIndex`` (snapshots before September 2023) or
    the JSON of either; positions may have gaps. Markup, entities and a leading "Abstract" are removed.
    """
    index = _index_of(work)
    number = sum(map(len, index.values()))
    if not 0 < number <= MOST_WORDS:
        return None
    placed = [(position, word) for word, positions in index.items() for position in positions]
    placed.sort()
    text = plain_text(_without_escaped_breaks(" ".join([word for _, word in placed]))) or ""
    heading = _HEADING.match(text)
    text = text[heading.end() :] if heading else text
    if len(text.split()) < FEWEST_WORDS and len(_UNSPACED.findall(text)) < FEWEST_CHARACTERS:
        return None
    return None if number < _LONGER_THAN_PLACEHOLDERS and _PLACEHOLDER.fullmatch(text) else text


def has_abstract(work: Mapping[str, Any]) -> bool:
    """Return whether ``abstract_of`` returns a text. Long abstracts without markup are not assembled for that."""
    index = _index_of(work)
    if _LONGER_THAN_PLACEHOLDERS <= sum(map(len, index.values())) <= MOST_WORDS:
        words = _without_escaped_breaks(" ".join(index))
        enough = FEWEST_WORDS + _HEADING_WORDS
        if len(words.split(None, enough)) > enough and not may_have_markup(words):
            return True
    return bool(index) and abstract_of(work) is not None


def _without_escaped_breaks(text: str) -> str:
    r"""Return text with a space for each line break that a repository sent as the two characters ``\n``."""
    return text.replace("\\n", " ")


def _index_of(work: Mapping[str, Any]) -> dict[str, list[int]]:
    """Return the inverted index of a work, unwrapped and without invalid positions; empty where there is none."""
    index = work.get("abstract_inverted_index")
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return {}
    if isinstance(index, dict) and isinstance(index.get("InvertedIndex"), dict):
        index = index["InvertedIndex"]
    if not isinstance(index, dict) or not index:
        return {}
    with suppress(TypeError):  # the sum is an int only if all positions are: the fastest check of a few hundred
        if type(sum(chain.from_iterable(index.values()))) is int:
            return index
    return {
        word: [position for position in positions if isinstance(position, int)]
        for word, positions in index.items()
        if isinstance(positions, list)
    }
