"""Comparison of the names of authors: one person's name is written in many ways. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kg.linkage.titles import plain_title
from kg.model.names import family_name

#: Name particles, which do not identify a family.
_PARTICLES = frozenset(
    plain_title("al ben bin da das de del della den der di do dos du el jr la le st sr ter van von").split()
)

_SEPARATORS = re.compile(r"\s*(?:;|,|&|\band\b|\bund\b|\bet al\b\.?)\s*")


def names_in(authors: str | None) -> tuple[str, ...]:
    """Return the names in the cell of a sheet.

    >>> names_in("Brady, Felton & Cruz et al."), names_in(None)
    (('Brady', 'Felton', 'Cruz'), ())
    """
    return tuple(name for name in _SEPARATORS.split(authors or "") if name)


def family_words(name: str) -> list[str]:
    """Return the words of a family name in the form that is compared, without particles unless it has no other words.

    >>> family_words("L. van der Berg"), family_words("García-López, María"), family_words("Jørgensen KK")
    (['berg'], ['garcia', 'lopez'], ['jorgensen'])
    """
    given = name.split()
    if "," not in name and len(given) > 1 and given[-1].isupper() and 3 < len(given[-1]) < 6 and not name.isupper():
        name = " ".join(given[:-1])  # Williams ACDC
    words = plain_title(family_name(name)).split()
    return [word for word in words if word not in _PARTICLES] or words


def same_person(one: str, other: str) -> bool:
    """Return whether two names may be one person's: by the family name, with given and family name in either order.

    >>> same_person("María García López", "García López M"), same_person("Wang Wei", "Wei Wang")
    (True, True)
    """
    if one == other:
        return True
    first, second = family_words(one), family_words(other)
    if not set(first).isdisjoint(second):
        return True
    return bool(first and second) and first[-1] in plain_title(other).split() and second[-1] in plain_title(one).split()


def common_author(names: Sequence[str], others: Iterable[str]) -> str | None:
    """Return the first of ``names`` whose family name also occurs in ``others``, or None."""
    families = {word for name in others for word in family_words(name)}
    return next((name for name in names if not families.isdisjoint(family_words(name))), None)
