"""Names of authors: the family name, and the short citation of a work; for sheets and records alike."""

from __future__ import annotations

#: Words that mark the name of an organization, which has no family name.
_ORGANIZATIONS = frozenset(
    """
    administration agency alliance association authority board bureau centre center coalition collaboration
    collaborative college commission committee consortium council department federation forum foundation government
    group institute institution institutes ministry network office organisation organization panel partnership program
    programme project society team trust union university
    """.split()  # noqa: SIM905
)


def family_name(name: str) -> str:
    """Return the family name in ``Family, Given``, ``Given Family`` or ``Family AB``, or the name of an organization.

    >>> family_name("Lauren A. Brady"), family_name("Brady, Lauren"), family_name("Brady LA")
    ('Brady', 'Brady', 'Brady')
    >>> family_name("World Health Organization"), family_name("van der Berg AB")
    ('World Health Organization', 'van der Berg')
    """
    before, comma, _ = name.partition(",")
    words = before.split()
    if comma or len(words) < 2 or any(word.casefold() in _ORGANIZATIONS for word in words):
        return before.strip()
    return " ".join(words[:-1]) if words[-1].isupper() and len(words[-1]) <= 3 else words[-1]


def author_year(author: str, year: int | None, otherwise: str) -> str:
    """Return ``Author Year``; ``otherwise`` replaces an author that is not given.

    >>> author_year("Felton JW", 2023, "A study"), author_year("", None, "A study")
    ('Felton 2023', 'A study')
    """
    name = family_name(author) or otherwise
    return f"{name} {year}" if year else name
