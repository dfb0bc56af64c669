"""Identifiers: DOIs in one spelling, slugs for terms, content hashes for findings. Pure functions."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Iterable

from kg.model.normalise import without_accents

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(
    r"^(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi(?:\s*:\s*|\s+)|info:doi/|urn:doi:)+", re.IGNORECASE
)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def normalise_doi(text: str) -> str | None:
    """Return the bare lower-case DOI in ``text``, or None where there is none.

    DOIs are case-insensitive (DOI Handbook, section 2.4) and are written with many prefixes.

    >>> normalise_doi("https://doi.org/10.1037/PRJ0000222.")
    '10.1037/prj0000222'
    """
    bare = _DOI_PREFIX.sub("", text.strip().strip("<>\"'")).strip()
    found = _DOI.fullmatch(urllib.parse.unquote(bare).rstrip(".,;"))
    return found.group().lower() if found else None


def slug(text: str) -> str:
    """Return ``text`` as an identifier of lower-case ASCII words joined by hyphens.

    Letters that have no ASCII form are replaced by a hash of the text, so that different texts get different slugs.

    >>> slug("Return to uncontrolled use")
    'return-to-uncontrolled-use'
    >>> slug("Größe")
    'grosse'
    """
    plain = without_accents(text)
    made = _NOT_SLUG.sub("-", plain).strip("-")
    if made and not any(letter.isalnum() and not letter.isascii() for letter in plain):
        return made
    digest = hashlib.sha256(plain.encode()).hexdigest()[:10]
    return f"{made}-{digest}" if made else f"x{digest}"


def study_id(doi: str | None, openalex: str | None, key: str) -> str:
    """Return the study's identifier: ``doi:…``, else ``openalex:W…``, else ``key:…``."""
    if doi:
        return f"doi:{doi}"
    return f"openalex:{openalex}" if openalex else f"key:{key}"


def finding_id(study: str, factor: str, direction: str, outcomes: Iterable[str], locator: str) -> str:
    """Return the identifier of a finding: a hash of the study, the pair, the direction and the locator.

    The note, the coder and the row are left out, so that a reworded note keeps the finding.
    """
    parts = (study, factor, direction, ";".join(sorted(outcomes)), locator)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def expand_numbers(text: str) -> list[int] | None:
    """Return the numbers of a printed list such as ``1,3–11``, or None where the text is not such a list.

    >>> expand_numbers("1, 3–5; 9")
    [1, 3, 4, 5, 9]
    """
    numbers: list[int] = []
    for part in re.split(r"[,;]", text):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–—‐‑]\s*(\d{1,6}))?\s*", part)
        if not match:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 1000:
            return None
        numbers.extend(range(first, last + 1))
    return numbers
