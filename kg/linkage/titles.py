"""Comparison of titles: which are the same, which are nearly the same, and which are not titles of studies. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kg.model.normalise import LATIN_LETTERS, without_accents, without_tags
from kg.model.notices import CORRECTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

#: The least similarity of two titles, in percent (rapidfuzz's ratio).
ALIKE = 90.0
#: The least similarity of the words that differ between two titles: spellings of one word, and not two words.
WORDS_ALIKE = 72.0
#: The most words, stop words aside, that only one of two titles has.
MOST_EXTRA_WORDS = 2
#: A title with fewer letters does not identify a study: several papers of one year are called "Cerebral palsy".
FEWEST_LETTERS = 20
#: The fewest words of a title without its subtitle.
FEWEST_WORDS = 4

_NOT_WORD = re.compile(r"[\W_]+")
#: The code of an abstract at a congress: "P05 Cardiac safety …", "FRI0137 EFFICACY …".
_CODE = re.compile(
    r"(?:(?:AB|FRI|HPR|OP|PARE|POS|SAT|SP|THU|WED)\d{4}|(?:P|O|S|PO|OP|PP|DOP)-?\d{2,4}|P[A-Z]{2}\d{1,3}"
    r"|(?:Mo|Tu|We|Th|Fr|Sa|Su)\d{3,4})[:.]?\s+(?:[-–]\s+)?"
)
#: What a database adds to a title: "[Erratum appears in J Pediatr. 2003; Note: Doe, Ann [added]]", "[Review]
#: [33 refs]". Databases cut long titles off, so the last bracket may be open.
_ADDED = re.compile(
    r"(?:[\s.]*\[(?:(?:erratum|corrected|republished|(?:see )?comments?|review)\b(?:[^\[\]]|\[[^\]]*\])*|\d+ refs?)"
    r"(?:\]\.?|$))+\s*$",
    re.IGNORECASE,
)
#: It begins with the mark, so that few places of a title are tried.
_SUBTITLE = re.compile(r"[-:.?!…–—](?:(?<=[:.?!…])[:.?!…]*|(?<=[\s\S]\s[-–—])[-–—]*)\s+")
_LETTERS = str.maketrans(
    LATIN_LETTERS
    | {
        "’": "", "'": "", "‘": "",
        "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ω": "omega",
    }
)  # fmt: skip

#: What becomes of each ASCII character; a table takes a tenth of the time of the pattern.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {ord("'"): ""}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Generic words: a title of nothing else ("Letter to the editor") is not the title of a study.
_GENERIC = _words(
    """
    a abstract abstracts acknowledgements acknowledgments and annual authors best board book breaking chapter citation
    comment comments commentary conclusion conclusions conference congress contents contributors correspondence cover
    discussion editor editorial editors first foreword from front full general guest highlights in index information
    instructions introduction introductory invited issue issues late letter letters list literature matter meeting
    meetings message new news no note notes of oral paper papers plenary poster posters preface presentation
    presentations proceedings program programme reader readers referees remarks reply report reports response reviewers
    reviews scientific second section session sessions society speaker speakers special summary supplement symposium
    table thanks the third this to update viewpoint volume welcome with
    """
)
#: How a title of a reply or a notice begins. A study may be about the "response to" something, but then its other
#: record has the same beginning.
_REPLY_BEGINNING = re.compile(
    r"\W*(?:re|(?:author(?:'?s|s'?)? )?(?:in )?(?:reply|response)|comments?|commentary|letter|editorial|discussion"
    r"|(?:book )?review|invited (?:comment|commentary)|rejoinder|addendum"
    rf"|{'|'.join(CORRECTION_WORDS)})\b(?: to| on| of| by)?\W",
    re.IGNORECASE,
)
#: The words with which such a title may end: "…: authors' reply".
_REPLY_ENDINGS = _words("comment comments commentary correction rejoinder reply response").union(CORRECTION_WORDS)
NUMBERS = re.compile(
    r"\d+|\b(?:i|ii|iii|iv|v|vi|vii|viii|ix|x|xi|xii|one|two|three|four|five|first|second|third|fourth|fifth)\b"
)
_PART = _words("chapter part parts volume")
_STOP = _words("a an and are as at by for from in is its of on or the to with")


@dataclass(frozen=True, slots=True)
class Title:
    """A title and its normalised forms: ``plain`` is the whole title, ``main`` the part before a subtitle."""

    text: str
    plain: str
    main: str | None


class Agreement(NamedTuple):
    """How two titles agree; ``spelling_only`` is True where they differ in nothing but spelling."""

    description: str
    same: bool
    spelling_only: bool


def title_of(text: str | None) -> Title | None:
    """Return the normalised title; None for a title that no study has ("Letter to the editor")."""
    text = text or ""
    if code := _CODE.match(text):
        text = text[code.end() :]
    if "[" in text:
        text = _ADDED.sub("", text, count=1)
    plain = plain_title(text)
    if not plain or all(word in _GENERIC or word.isdigit() for word in plain.split()):
        return None
    end = _SUBTITLE.search(text, 1)
    main = plain_title(text[: end.start()]) if end else plain
    whole = main == plain
    long_enough = len(main.split()) >= FEWEST_WORDS and len(main) >= FEWEST_LETTERS
    return Title(text, plain, None if whole or not long_enough else main)


def plain_title(text: str) -> str:
    """Return a title as lower-case words without tags, accents and punctuation; Greek letters are spelled out.

    >>> plain_title("[Größe & Wirkung]: a <i>trial</i> of TNF-α")
    'grosse and wirkung a trial of tnf alpha'
    """
    text = without_tags(text).replace("&", " and ")
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    return " ".join(_NOT_WORD.sub(" ", without_accents(text, _LETTERS)).split())


def agreement(a: Title, b: Title) -> Agreement | None:
    """Return how two titles agree, or None where they are titles of different publications.

    They agree where they are the same; where they differ in spelling, a slip or stop words; and, with less certainty,
    where one lacks the subtitle or a word or two. They do not agree where numbers or words differ, or where only one is
    a reply or a correction.
    """
    if a.plain == b.plain:
        return Agreement("same title", True, True) if _is_reply(a) == _is_reply(b) else None
    shorter = b.main == a.plain or a.main == b.plain
    alike = 100.0 if shorter else similarity()(a.plain, b.plain, score_cutoff=ALIKE)
    if not alike or _is_reply(a) != _is_reply(b):
        return None
    one, other = a.plain.split(), b.plain.split()
    extra = _without(one, other), _without(other, one)
    if shorter:
        if _PART.intersection((*extra[0], *extra[1])):
            return None
        return Agreement("same title but for a subtitle", False, False)
    if sorted(NUMBERS.findall(a.plain)) != sorted(NUMBERS.findall(b.plain)):
        return None
    if _same_words(*extra):
        return Agreement(f"titles {int(alike)}% alike", False, True)
    more = [[word for word in words if word not in _STOP] for words in extra]
    if all(more) or max(map(len, more)) > MOST_EXTRA_WORDS:
        return None
    return Agreement(f'same title but for "{" ".join(more[0] or more[1])}"', False, False)


def _is_reply(title: Title) -> bool:
    return bool(_REPLY_BEGINNING.match(title.text)) or title.plain.rpartition(" ")[2] in _REPLY_ENDINGS


def _same_words(one: list[str], other: list[str]) -> bool:
    """Return whether the words that only one title has are spelling variants of those that only the other has."""
    if _spelled_alike("".join(one), "".join(other)):
        return True
    left = ["".join(word for word in words if word not in _STOP) for words in (one, other)]
    return _spelled_alike(*left)


def _spelled_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if not short or (long.endswith(short) and len(long) > len(short) + 1):  # noncardiovascular
        return False
    return bool(similarity()(one, other, score_cutoff=WORDS_ALIKE))


def _without(words: list[str], others: list[str]) -> list[str]:
    """Return the multiset difference of two lists of words, in the order of the first."""
    rest = list(others)
    found = []
    for word in words:
        if word in rest:
            rest.remove(word)
        else:
            found.append(word)
    return found


@cache
def similarity() -> Callable[..., float]:
    """Return rapidfuzz's ratio of two texts in percent, which is imported at its first use."""
    from rapidfuzz.fuzz import ratio

    return ratio
