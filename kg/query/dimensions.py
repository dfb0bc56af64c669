"""Dimensions: what studies and findings are counted and filtered by, which is every facet and vocabulary of a review.

A dimension is found by its id or label. Its values are in the order of the vocabulary; numbers ascend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kg.errors import UnknownName, UsageProblem, counted
from kg.model.fields import CODING_STATUSES, FINDING_FACETS, VALUES
from kg.model.normalise import fold_term
from kg.model.vocabulary import NOT_MAPPED
from kg.problems import nearest
from kg.query.answers import Answers
from kg.query.words import in_words

#: The dimensions that every review has: the two vocabularies, and the fixed values of findings.
STANDARD = ("factor", "outcome", *FINDING_FACETS)
#: Labels of terms that say that no other term fits.
RESIDUAL_LABELS = frozenset(
    """
    unknown|other|others|unclear|not clear|not specified|unspecified|not stated|not reported|not given|not available
    |not described|not applicable|miscellaneous|none of these|none of the above|undefined|n/a|na
    """.replace("\n", "").replace("  ", "").split("|")
)  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One value of a dimension. ``group`` is the label of its topmost broader value, ``broader`` the id of the next."""

    id: str
    label: str
    group: str | None = None
    broader: str | None = None
    synonyms: tuple[str, ...] = ()
    number: float | None = None
    residual: bool = False
    colour: str | None = None

    @property
    def shown(self) -> str | int | float:
        """The label, or the number of a value that is one."""
        if self.number is None:
            return self.label
        return int(self.number) if self.number == int(self.number) else self.number


@dataclass(frozen=True)
class Dimension:
    """A facet or vocabulary. ``of`` is "study" or "finding", ``kind`` a kind of facet, "concept" for a vocabulary."""

    id: str
    label: str
    of: str
    kind: str
    values: tuple[Value, ...] = field(default=(), repr=False)
    #: Of an overlay, what titles say of it: how many terms are in several of its groups, and in none.
    note: str = field(default="", repr=False)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The id of a value -> its place in ``values``."""
        return {value.id: place for place, value in enumerate(self.values)}

    @cached_property
    def _named(self) -> Mapping[str, list[int]]:
        named: dict[str, list[int]] = {}
        for names in (_ids, _labels, lambda value: value.synonyms):
            found: dict[str, list[int]] = {}
            for place, value in enumerate(self.values):
                for name in names(value):
                    found.setdefault(fold_term(name), []).append(place)
            named = found | named
        return named

    def find(self, name: str) -> set[int]:
        """Return the places of the values with this id, label or synonym, and of those below them.

        Raises UnknownName with the nearest.
        """
        places = self._named.get(fold_term(name))
        if places is None:
            labels = [value.label for value in self.values]
            raise UnknownName(f"value of {self.label}", name, nearest(name, labels) or labels[:10])
        return set(self._below(places))

    def search(self, name: str) -> set[int]:
        """Return the places of the value with this id, label or synonym, or a part of one, and of those below it.

        Raises UnknownName with the nearest, or with all that have the part.
        """
        if fold_term(name) in self._named:
            return self.find(name)
        parts = {place for text, places in self._named.items() if fold_term(name) in text for place in places}
        if len(parts) == 1:
            return set(self._below(parts))
        if parts:
            choices = [f"{value.label} ({_ids(value)[-1]})" for value in map(self.values.__getitem__, sorted(parts))]
            raise UnknownName(f"{self.label} value", name, choices, ambiguous=True)
        return self.find(name)

    def _below(self, places: Iterable[int]) -> Iterator[int]:
        children: dict[str, list[int]] = {}
        for place, value in enumerate(self.values):
            if value.broader:
                children.setdefault(value.broader, []).append(place)
        waiting, seen = list(places), set()
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                yield place
                waiting += children.get(self.values[place].id, ())

    def key(self, status: str) -> int:
        """Return the number that stands for a coding status; those of values are their places, which are smaller."""
        return len(self.values) + CODING_STATUSES.index(status)

    def is_coded(self, key: int) -> bool:
        """Return whether a key is that of a value, not of a coding status."""
        return key < len(self.values)

    def name(self, key: int) -> str | int | float:
        """Return what tables call a value or coding status; a finding without an outcome has none."""
        if self.is_coded(key):
            return self.values[key].shown
        return "none" if self.kind == "concept" else CODING_STATUSES[key - len(self.values)]


def _ids(value: Value) -> tuple[str, ...]:
    return (value.id, value.id.partition(":")[2] or value.id)


def _labels(value: Value) -> tuple[str, ...]:
    return (value.label, *([str(value.shown)] if value.number is not None else []))


def dimension(graph: Answers, name: str) -> Dimension:
    """Return the dimension of a graph with this id or label. Raises UnknownName with the nearest."""
    facets = list(graph.table("facets").dicts())
    known = labels({row["facet"]: row["label"] for row in facets}, graph.words)
    found = id_of(name, known)
    for row in facets:
        if row["facet"] == found:
            values = _values(graph.table("facet-values", facet=found).dicts())
            return Dimension(row["facet"], row["label"], row["of"], row["kind"], values, _note(graph, found))
    return _standard(graph, found, known[found])


def _note(graph: Answers, facet: str) -> str:
    """Return how many terms with studies are in several groups of an overlay and in none; blank for other facets."""
    mappings = list(graph.table("mappings", facet=facet).dicts())
    if not mappings:
        return ""
    kind = mappings[0]["of"]
    used = {row["id"] for row in graph.table("vocabulary").dicts() if row["kind"] == kind and row["studies"]}
    grouped = Counter(row["term_id"] for row in mappings if row["groups"] and row["term_id"] in used)
    several, none = sum(number > 1 for number in grouped.values()), len(used) - len(grouped)
    codes = graph.table("codes", facet=facet).dicts()
    left = sum(len(row["findings"]) for row in codes if row["value"] == f"{facet}:{NOT_MAPPED}")
    return (
        f"{in_words(counted(len(used), kind), graph.words)} with studies, {several:,} of them in several groups and "
        f"counted in each, {none:,} in none, with {counted(left, 'finding')}"
    )


def labels(facets: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """Return the id -> label of every dimension of a review with these facets, given as id -> label."""
    return {id_: words.get(id_, id_) for id_ in STANDARD if id_ not in facets} | dict(facets)


def id_of(name: str, known: Mapping[str, str]) -> str:
    """Return the id of the dimension with this id or label, of ``known`` ids with their labels. Raises UnknownName."""
    wanted = fold_term(name)
    found = [id_ for id_ in known if fold_term(id_) == wanted] or [
        id_ for id_, label in known.items() if fold_term(label) == wanted
    ]
    if not found:
        names = {word: id_ for id_, label in known.items() for word in (id_, label)}
        raise UnknownName("facet", name, nearest(name, names) or list(known))
    if len(found) > 1:
        raise UnknownName("facet", name, [f"{known[id_]} ({id_})" for id_ in found], ambiguous=True)
    return found[0]


def countable(graph: Answers, name: str) -> Dimension:
    """Return the dimension of this name. Raises UsageProblem for free text, which is not counted."""
    found = dimension(graph, name)
    if found.kind == "text":
        raise UsageProblem(
            f'{found.label} is free text, which is not counted; [[facet]] with name = "{found.id}" and '
            f'kind = "category" in review.toml makes it a category'
        )
    return found


def _standard(graph: Answers, name: str, label: str) -> Dimension:
    if name in ("factor", "outcome"):
        rows = (row for row in graph.table("vocabulary").dicts() if row["kind"] == name)
        return Dimension(name, label, "finding", "concept", _values(rows))
    return Dimension(name, label, "finding", "category", tuple(Value(word, word) for word in VALUES[name]))


def _values(rows: Iterable[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(
        Value(
            row["id"],
            row["label"],
            row["group"],
            row["broader"],
            tuple((row["synonyms"] or "").split("; ")) if row["synonyms"] else (),
            row.get("number"),
            row["residual"] or fold_term(row["label"]) in RESIDUAL_LABELS,
            row["colour"],
        )
        for row in rows
    )


def notes(dimensions: Iterable[Dimension]) -> list[str]:
    """Return the notes of the overlays among the dimensions, each with the label of its overlay."""
    return list(dict.fromkeys(f"{found.label}: {found.note}" for found in dimensions if found.note))


def noted(title: str, dimensions: Iterable[Dimension]) -> str:
    """Return a title with the notes of the overlays among the dimensions."""
    return "; ".join((title, *notes(dimensions)))
