"""How sure it is that two records without a common key are one publication: a score, and what speaks against it. Pure.

The weights are a logistic regression on 2,500 labelled pairs of five reviews (``benchmarks/labelled.py``). A score is
the logarithm to base 10 of the odds that the records are one. The estimate of false merges follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.linkage.authors import same_person
from kg.linkage.fields import Fields, same_container, same_page
from kg.linkage.titles import NUMBERS, agreement, similarity

SAME, DIFFERENT, MISSING = "same", "different", "missing"
#: The names of the compared fields, in words.
NAMES = ("title", "authors", "year", "container", "volume", "issue", "first page", "DOI")
#: The fewest letters of a title that few other publications have, and of one that hardly any has.
_LONG, _VERY_LONG = 35, 60
#: The share of family names of the shorter list of authors that the other has as well.
_MOST_AUTHORS, _HALF_OF_AUTHORS = 0.6, 0.5
_ALIKE, _NEAR = 85.0, 60.0

#: Levels of titles that have other words.
OTHER_WORDS = ("alike", "near", "numbers")

#: Field -> level of agreement -> weight.
WEIGHTS: dict[str, dict[str, float]] = {
    "title": {"long": 0.70, SAME: 0.21, "part": 0.09, "spelling": -0.20, "short": -0.60},
    "authors": {SAME: 0.51, MISSING: -0.33, DIFFERENT: -0.33},
    "year": {SAME: 0.80, "a year apart": -0.59},
    "container": {SAME: 0.43, MISSING: -0.22},
    "volume": {SAME: 0.39, MISSING: -0.18},
    "issue": {SAME: 0.15},
    "page": {SAME: 0.41, MISSING: -0.21},
    "doi": {SAME: 0.16},
}
BIAS = 1.10
#: The least score, and the estimated share of false merges among the labelled pairs with that score or a higher one.
CALIBRATION = ((0.0, 0.0004), (1.5, 0.0002), (2.5, 0.00012), (3.5, 0.00006))
#: The bound on the share of false merges where a review does not set one.
FALSE_MERGES = 0.001


class Levels(NamedTuple):
    """How two records agree in each field: "same", "different", "missing", or a level of its own."""

    title: str
    authors: str
    year: str
    container: str
    volume: str
    issue: str
    page: str
    doi: str


def may_agree(one: str, other: str) -> bool:
    """Return whether two plain titles are near enough for ``levels``, which returns None for all others.

    >>> may_agree("peer support", "peer support a trial"), may_agree("peer support", "a model of ice")
    (True, False)
    """
    near = one.startswith(other) or other.startswith(one)
    return near or bool(similarity()(one, other, score_cutoff=_NEAR))


def levels(a: Fields, b: Fields) -> Levels | None:
    """Return how two records agree in each field; None where their titles differ or one has none."""
    title = _titles(a, b)
    if title is None:
        return None
    return Levels(
        title,
        _authors(a, b),
        _years(a.year, b.year),
        _level(same_container(a.container, b.container)),
        _texts(a.volume, b.volume),
        _texts(a.issue, b.issue),
        _level(same_page(a.page, b.page)),
        _texts(a.doi, b.doi),
    )


def _level(same: bool | None) -> str:
    return MISSING if same is None else SAME if same else DIFFERENT


def _texts(a: str, b: str) -> str:
    return _level(a == b if a and b else None)


def _years(a: int | None, b: int | None) -> str:
    if not a or not b:
        return MISSING
    return SAME if a == b else "a year apart" if abs(a - b) == 1 else DIFFERENT


def _authors(a: Fields, b: Fields) -> str:
    if not a.names or not b.names:
        return MISSING
    share = len(a.families & b.families) / max(1, min(len(a.families), len(b.families)))
    if same_person(a.names[0], b.names[0]):
        return SAME if share >= _MOST_AUTHORS else "first"
    return "common" if share >= _HALF_OF_AUTHORS else "some" if share else DIFFERENT


def _titles(a: Fields, b: Fields) -> str | None:
    if a.title is None or b.title is None:
        return None
    if a.plain == b.plain or a.plain.replace(" ", "") == b.plain.replace(" ", ""):
        return "short" if len(a.plain) < _LONG else SAME if len(a.plain) < _VERY_LONG else "long"
    if found := agreement(a.title, b.title):
        return "spelling" if found.spelling_only else "part"
    short, long = sorted((a.plain, b.plain), key=len)
    same_numbers = sorted(NUMBERS.findall(a.plain)) == sorted(NUMBERS.findall(b.plain))
    if len(short) >= _LONG and long.startswith(f"{short} "):
        return "part" if same_numbers else "numbers"
    alike = similarity()(a.plain, b.plain, score_cutoff=_NEAR)
    if alike < _ALIKE:
        return "near" if alike else None
    return "alike" if same_numbers else "numbers"


def against(found: Levels) -> str | None:
    """Return the field that speaks against a merge; None where nothing does."""
    same_title = found.title in (SAME, "long")
    same_place = found.volume == found.page == SAME
    other_words = found.title in OTHER_WORDS
    certain_title = found.title == "long" and found.year == SAME and same_place and found.container != DIFFERENT
    if (found.authors == DIFFERENT and not certain_title) or (other_words and found.authors not in (SAME, "first")):
        return "authors"
    if found.title in ("near", "numbers") and not same_place:
        return "title"
    if found.title == "alike" and SAME not in (found.page, found.doi):
        return "title"
    if found.year == DIFFERENT:
        return "year"
    same_record = found.authors == found.year == found.container == found.page == SAME and found.volume != DIFFERENT
    if found.doi == DIFFERENT and not (same_title and same_record):
        return "DOI"
    if found.page == DIFFERENT and not (
        same_title
        and found.authors == SAME
        and (found.doi == SAME or (found.volume == SAME and found.issue != DIFFERENT and found.container != DIFFERENT))
    ):
        return "first page"
    if found.page == MISSING and found.issue == DIFFERENT and found.doi != SAME and found.title != "long":
        return "issue"
    if found.container == DIFFERENT and (found.volume == DIFFERENT or found.page != SAME):
        return "container"
    if found.volume == DIFFERENT and found.page != SAME:
        return "volume"
    return None


def score(found: Levels) -> float:
    """Return the logarithm to base 10 of the odds that two records are one publication."""
    return BIAS + sum(WEIGHTS[field].get(level, 0.0) for field, level in zip(Levels._fields, found, strict=True))


def certainty(found: Levels) -> float:
    """Return a score by which pairs can be ordered that something speaks against.

    The weights were estimated without such pairs. Each field that differs, and a title in other words, divides the odds
    by ten.

    >>> certainty(Levels("long", "same", "same", "different", "missing", "missing", "missing", "different"))
    0.72
    """
    differ = sum(level == DIFFERENT for level in found) + (found.title in OTHER_WORDS)
    return round(score(found) - differ, 6)


def chance_of_error(of_score: float) -> float:
    """Return the estimated chance that a merge with a score is false.

    >>> round(chance_of_error(3.0), 6)
    0.000999
    """
    return 1 / (1 + 10**of_score)


def least_score(false_merges: float) -> float | None:
    """Return the least score of a merge under a bound on the share of false merges; None where no score is enough."""
    return next((least for least, share in CALIBRATION if share <= false_merges), None)


def in_words(found: Levels, of_score: float) -> str:
    """Return the reason of a merge.

    >>> in_words(Levels("same", "same", "same", "missing", "same", "missing", "same", "missing"), 4.25)
    'same title, authors, year, volume, first page (score 4.2)'
    """
    equal = (SAME, "short", "long")
    agree = [name for name, level in zip(NAMES, found, strict=True) if level in equal]
    parts = [f"same {', '.join(agree)}"] if agree else []
    parts += [
        f"{name} {level}" for name, level in zip(NAMES, found, strict=True) if level not in equal and level != MISSING
    ]
    return f"{'; '.join(parts)} (score {of_score:.1f})"


def expected_errors(scores: Iterable[float]) -> float:
    """Return the number of merges with these scores that are expected to be false."""
    return sum(map(chance_of_error, scores))
