"""Find columns by their names: numbered ones, those of a sheet of terms, and names for facets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kg.loaders.sheets.columns import FINDINGS
from kg.loaders.sheets.facets import facet_id
from kg.loaders.sheets.reading import FieldRole, Ignored, NumberedRole, Role
from kg.model.normalise import fold_words

#: Names that mean something else than a facet wherever a facet is named.
RESERVED = frozenset(("factor", "outcome", "direction", "pole", "approach", "certainty", "study", "report", "finding"))
_NUMBERED = re.compile(r"(\D*?)[\s_.-]*(\d{1,2})(?:[\s_.:-]+(\D+))?")
#: What follows the number in a numbered column -> the canonical column that it is.
_OF_NUMBER = {
    fold_words(text): name for name in ("direction", "locator", "note") for text in (name, *FINDINGS.columns[name])
} | dict.fromkeys(("impact", "result", "association", "direction of effect"), "direction")
_BASES = {fold_words(text): name for name in ("outcomes", "factor") for text in (name, *FINDINGS.columns[name])}
#: The last word of the name of a column of terms -> the canonical column that it is.
_OF_TERMS = {"id": "id", "name": "label"} | dict.fromkeys(("category", "class", "domain", "group"), "broader")


def numbered_by(header: Sequence[str], name: str, pattern: str) -> dict[int, NumberedRole]:
    """Return the columns that match a declared pattern such as ``Outcome{n}``.

    >>> numbered_by(["Outcome1", "Outcome1.impact"], "outcomes", "Outcome{n}")
    {0: NumberedRole(name='outcomes', n=1)}
    """
    before, _, after = pattern.partition("{n}")
    expression = re.compile(re.escape(before) + r"(\d{1,3})" + re.escape(after), re.IGNORECASE)
    matches = ((index, expression.fullmatch(text)) for index, text in enumerate(header))
    return {index: NumberedRole(name, int(match[1])) for index, match in matches if match}


def numbered_columns(header: Sequence[str], free: Iterable[int]) -> dict[int, NumberedRole]:
    """Return the numbered columns among the free ones: Outcome1, Outcome1.impact, Outcome2, …"""
    found: dict[str, dict[int, dict[str, int]]] = {}
    for index in free:
        match = _NUMBERED.fullmatch(header[index])
        base = _BASES.get(fold_words(match[1])) if match else None
        name = base if match and not match[3] else _OF_NUMBER.get(fold_words(match[3])) if match else None
        if match and base and name:
            found.setdefault(base, {}).setdefault(int(match[2]), {})[name] = index
    return {
        index: NumberedRole(name, n)
        for base, numbers in found.items()
        if len([n for n, columns in numbers.items() if base in columns]) > 1
        for n, columns in numbers.items()
        for name, index in columns.items()
    }


def term_columns(header: Sequence[str], free: Sequence[int], known: Mapping[str, int]) -> dict[int, Role]:
    """Return the roles of the free columns of a sheet of terms; ``known`` are the canonical columns found already."""
    roles: dict[int, Role] = {}
    names = set(known)
    for index in free:
        words = fold_words(header[index]).split()
        name = _OF_TERMS.get(words[-1]) if words else None
        if name is None and len(free) == 1 and "label" not in names:
            name = "label"
        if name is None or name in names:
            roles[index] = Ignored("not a column of a sheet of terms")
        else:
            names.add(name)
            roles[index] = FieldRole("term", name)
    return roles


def unused_name(name: str, taken: set[str]) -> str:
    """Return a name for a facet that no other has, and add its id to those that are taken.

    >>> unused_name("Not specified", {"not_specified"})
    'Not specified (2)'
    """
    unused, number = name, 1
    while facet_id(unused) in taken:
        number += 1
        unused = f"{name} ({number})"
    taken.add(facet_id(unused))
    return unused
