"""The words of cells that are marks or coding statuses, and the lists in cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kg.model.fields import VALUES
from kg.model.normalise import fold_term, fold_words

#: Coding status -> the words for it, unless ``review.toml`` declares others. R writes NA for a cell without a value.
STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    "not reported": ("not reported", "nr", "not stated", "not given", "none reported", "none stated", "not mentioned"),
    "not applicable": ("not applicable", "n/a"),
    "not extracted": ("not extracted", "-999", "-99", "na", "nan"),
}
#: Mark -> the words for it in a column of yes and no.
YES_NO_WORDS: Mapping[str, tuple[str, ...]] = {
    "yes": ("yes", "y", "true", "t", "1", "x", "✓", "✔", "☑", "☒", "checked", "•"),
    "no": ("no", "n", "false", "f", "0", "unchecked", "☐"),
}
#: Word -> coding status.
STATUSES = {word: status for status, words in STATUS_WORDS.items() for word in words}
#: Word -> mark.
MARKS = {word: mark for mark, words in YES_NO_WORDS.items() for word in words}
#: Word -> direction.
DIRECTION_WORDS = {word.casefold(): value for value, others in VALUES["direction"].items() for word in (value, *others)}
#: Words that are also answers to other questions, as in yes, no and unclear: alone they make no column of directions.
ANSWERS = frozenset((*VALUES["direction"]["unspecified"], "unspecified", "none", "both", "mixed"))
_SEPARATOR = re.compile(r"[;\n|]")
_LETTERED = re.compile(r"(?:1[5-9]|20)\d\d[a-z]")
_BULLET = re.compile(r"(?:^|(?<=\s))(?:[•▪◦‣·●○–—*-]|\(?\d{1,2}[.)])\s+")


def split_list(text: str) -> tuple[str, ...]:
    """Return the parts of a text between ``;``, ``|`` and line breaks, without blank ones."""
    return tuple(part.strip() for part in _SEPARATOR.split(text) if part.strip())


def split_bullets(text: str) -> tuple[str, ...]:
    """Return the items of a list with ``;``, ``|``, line breaks, bullets or numbers between them.

    >>> split_bullets("• Pay • Hours"), split_bullets("1. Pay\\n2. Hours")
    (('Pay', 'Hours'), ('Pay', 'Hours'))
    """
    parts = [part for line in _SEPARATOR.split(text) for part in _bullets(line)]
    return tuple(part.strip().rstrip(",") for part in parts if part.strip())


def _bullets(line: str) -> Iterable[str]:
    """Split a line at bullets in it; a hyphen or number is a bullet only at the beginning of the line."""
    start = _BULLET.match(line.strip())
    rest = line.strip()[start.end() :] if start else line
    return re.split(r"\s*[•▪◦‣●○]\s*", rest)


def without_letter(year: str) -> str:
    """Return a year without the letter that tells apart two papers of the same authors.

    >>> without_letter("2020a"), without_letter("2020")
    ('2020', '2020')
    """
    return year[:-1] if _LETTERED.fullmatch(year) else year


def is_status(text: str) -> bool:
    """Return whether a text is a word for a coding status."""
    return fold_term(text) in STATUSES


def own_words(*names: str) -> frozenset[str]:
    """Return what a cell holds, folded, if it repeats one of the names of its column."""
    return frozenset(folded for name in names if (folded := fold_words(name)))
