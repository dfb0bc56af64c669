"""Notices about publications: their types, and the words that mark a retraction or a correction in a title. Pure."""

from __future__ import annotations

import re

#: Nature of a notice -> the standing that it gives; a reinstatement ends a retraction.
NATURES = {
    "retraction": "retracted",
    "withdrawal": "retracted",
    "removal": "retracted",
    "partial retraction": "retracted",
    "expression of concern": "concern",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
    "addendum": "corrected",
    "clarification": "corrected",
    "new version": "superseded",
    "new edition": "superseded",
    "reinstatement": "current",
}
#: Types of records that report no study: notices about one, and what journals print around their articles.
NOTICE_TYPES = frozenset(
    {
        "corrigendum", "erratum", "expression-of-concern", "paratext", "published-erratum", "retraction",
        "retraction-notice", "retraction-of-publication",
    }
)  # fmt: skip
#: Types by which Scopus, PubMed and Web of Science mark a retracted publication.
RETRACTED_TYPES = frozenset({"retracted", "retracted publication", "retracted article"})
#: Words that name a notice of correction and nothing else; "correction" and "addendum" have other meanings as well.
CORRECTION_WORDS = ("corrigendum", "corrigenda", "erratum", "errata")

_CORRECTION = "|".join(CORRECTION_WORDS)
#: What publishers and databases put before or behind the title of an article that they retracted.
_RETRACTED = "(?:retracted|withdrawn)"
_ARTICLE = "(?: article| chapter| paper)"
#: "Correction of scoliosis" is the title of a study and "Correction to: …" that of a notice.
_NOTICE_TITLE = re.compile(
    rf"(?:(?:(?:author|publisher)(?:'s|’s)? )?corrections?|{_CORRECTION}|addendum|expression of concern"
    r"|(?:retraction|withdrawal)(?: notice| note)?)\s*(?:[:.]|to\b|$)"
    rf"|(?:{_CORRECTION}|(?:retraction|withdrawal) not(?:ic)?e|expression of concern)\b",
    re.IGNORECASE,
)
#: Pattern of a title that was changed -> the standing that it gives. "Withdrawn-looking" is one word, and
#: "Retraction: …" is the title of a notice.
_CHANGED_TITLES = tuple(
    (re.compile(pattern, re.IGNORECASE), status)
    for pattern, status in (
        (rf"\W*{_RETRACTED}{_ARTICLE}?\W*?(?:[:\]]|\s[\-\u2013\u2014]\s)", "retracted"),
        (rf"\W*retracted{_ARTICLE}\b", "retracted"),
        (rf".+[(\[]\s*{_RETRACTED}(?: (?:article|chapter|paper|publication)\b[^()\[\]]*)?[)\]]\W*$", "retracted"),
        (r"\W*expression of concern\W*?[:\]]", "concern"),
    )
)
_RETRACTION_PREFIX = re.compile(rf"{_RETRACTED}{_ARTICLE}? ")


def is_notice_title(title: str) -> bool:
    """Return whether a title is that of a notice and not of an article.

    >>> is_notice_title("Correction to: A study"), is_notice_title("Correction of scoliosis")
    (True, False)
    """
    return bool(_NOTICE_TITLE.match(title))


def standing_in_title(title: str) -> str | None:
    """Return the standing that the changed title of an article states, or None.

    >>> standing_in_title("RETRACTED: A study"), standing_in_title("Withdrawn-looking children")
    ('retracted', None)
    """
    return next((status for pattern, status in _CHANGED_TITLES if pattern.match(title)), None)


def without_retraction_prefix(title: str) -> str:
    """Return a normalised title (lower-case words) without the words that mark a retraction at its beginning.

    >>> without_retraction_prefix("retracted article a study")
    'a study'
    """
    found = _RETRACTION_PREFIX.match(title)
    return title[found.end() :] if found else title
