"""What depends on what: the samples, reviews and author teams that studies have in common.

A team is a set of studies joined by shared authors. An author is known by an id of a record, or by the family name with
the first initial; a family name alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kg.linkage.authors import family_words
from kg.linkage.disjoint_set import DisjointSet
from kg.model.names import family_name
from kg.query.answers import Answers

_SEPARATOR = re.compile(r"\s*(?:,|&|\band\b|\bund\b)\s*")
_ET_AL = re.compile(r",?\s*\bet al\b\.?", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]*){1,4}")


def samples(graph: Answers) -> dict[int, list[str]]:
    """Return the samples of studies by place, for those that name one."""
    return values_of(graph, "sample")


def reviews(graph: Answers) -> dict[int, list[str]]:
    """Return the ids of the reviews that include a study, by place."""
    found: dict[int, list[str]] = {}
    for row in graph.table("inclusions").dicts():
        found.setdefault(row["place"], []).append(row["review"])
    return found


def teams(graph: Answers) -> dict[int, list[str]]:
    """Return the author team of studies by place, named after its first study; studies without authors have none."""
    keys: dict[int, set[str]] = {}
    for place, _, id_, name, _ in graph.table("authors").rows:
        own = keys.setdefault(place, set())
        own.update(filter(None, [id_, *map(person, [name] if id_ else author_names(name))]))
    places = sorted(place for place, own in keys.items() if own)
    joined = DisjointSet(len(places))
    first: dict[str, int] = {}
    for n, place in enumerate(places):
        for key in sorted(keys[place]):
            a, b = joined.find(n), joined.find(first.setdefault(key, n))
            joined.attach(max(a, b), min(a, b))
    return {place: [f"team of {places[joined.find(n)]}"] for n, place in enumerate(places)}


def values_of(graph: Answers, facet: str) -> dict[int, list[str]]:
    """Return the ids of the values that studies have of a facet, by place, for those that have one."""
    found: dict[int, list[str]] = {}
    for row in graph.table("codes", facet=facet).dicts():
        if row["of"] == "study" and row["value"] is not None:
            for place in row["studies"]:
                found.setdefault(place, []).append(row["value"])
    return found


def author_names(text: str) -> list[str]:
    """Return the names in the text of a sheet.

    >>> author_names("Ng, A.; Bell, C."), author_names("Felton JW, Abidogun TM et al.")
    (['Ng, A.', 'Bell, C.'], ['Felton JW', 'Abidogun TM'])
    >>> author_names("Ng, A., & Bo, C."), author_names("Ng, Alice"), author_names("Ng and Bo")
    (['Ng, A.', 'Bo, C.'], ['Ng, Alice'], ['Ng', 'Bo'])
    """
    text = _ET_AL.sub("", text)
    if ";" in text:
        return [name for name in map(str.strip, text.split(";")) if name]
    names: list[str] = []
    parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    inverted = len(parts) == 2 and "," in text and " " not in text.replace(", ", ",")  # Family, Given
    for part in parts:
        if names and (inverted or (part.isupper() and _INITIALS.fullmatch(part))):
            names[-1] += f", {part}"
        else:
            names.append(part)
    return names


def person(name: str) -> str | None:
    """Return what identifies the person or organization of a name, None for a family name alone.

    >>> person("Lauren A. Brady"), person("Brady LA"), person("Brady")
    ('brady l', 'brady l', None)
    """
    family = family_name(name)
    words = family_words(name)
    before, comma, after = name.partition(",")
    given = after if comma else before.removeprefix(family) if before.startswith(f"{family} ") else before
    given = given.strip()
    if given and given != family:
        return f"{' '.join(words)} {given[0].casefold()}"
    return " ".join(words) if len(words) > 1 else None


#: What studies can be counted as, beside studies and their reports -> its plural, and what finds it.
GROUPS = {"sample": ("samples", samples), "review": ("reviews", reviews), "team": ("teams", teams)}


def names_of(groups: Mapping[int, Sequence[str]], places: Iterable[int]) -> dict[str, list[int]]:
    """Return name -> the places of the studies of each group, in order."""
    found: dict[str, list[int]] = {}
    for place in places:
        for name in groups.get(place, ()):
            found.setdefault(name, []).append(place)
    return found
