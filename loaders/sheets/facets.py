"""Facets: the columns that a team charts beyond those of ``kg.model.fields``, and the values in their cells. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kg.loaders.sheets.terms import Terms
from kg.loaders.sheets.words import MARKS, STATUS_WORDS, STATUSES, YES_NO_WORDS, split_list, without_letter
from kg.model.fields import REVIEW, STUDY_FACETS, VALUES
from kg.model.ids import slug
from kg.model.normalise import fold_term, fold_words
from kg.model.records import Concept, Facet

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[,\u00a0\u202f ']\d{3})+|\d{1,15})(?:\.\d{1,9})?")
_YEARS = range(1500, 2101)
#: A column whose cells have on average more letters than this is free text.
_LONG = 60
#: A column whose cells all differ is free text, unless they are names or numbers of fewer letters than this on average.
_NAME = 25
#: Lists of categories name fewer different ones than this share of all that they name.
_REPEATED = 0.6


@dataclass(frozen=True)
class FacetSpec:
    """The declaration of a facet in ``review.toml``; everything is optional but the name, which is its column."""

    name: str
    label: str | None = None
    of: str | None = None
    kind: str | None = None
    definition: str | None = None
    values: tuple[str, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Code(NamedTuple):
    """What one cell says of a facet: the ids of values, or else a coding status."""

    values: tuple[str, ...]
    status: str | None = None


class FacetTerms:
    """One facet: finds the values that cells name, and keeps them in the order of the vocabulary or of first use."""

    def __init__(
        self, id_: str, spec: FacetSpec, of: str, kind: str, concepts: Sequence[Concept] | None = None
    ) -> None:
        self.id, self.label, self.of, self.kind = id_, spec.label or spec.name, of, kind
        self.definition = spec.definition
        self.closed = concepts is not None
        self.terms = Terms(self.id, concepts)
        declared = {**STATUS_WORDS, **spec.statuses}
        self._statuses = {fold_term(word): status for status, words in declared.items() for word in words}
        self._colours = {fold_term(name): colour for name, colour in spec.colours.items()}
        self._codes: dict[str, Code | None] = {}
        #: What an explicit no to every value of a group of marks is called.
        self.none: str | None = None
        #: Label or id of a declared value -> its id; a label may have a separator of lists in it.
        self._declared: dict[str, str] = {}
        for label in spec.values:
            if value := self.terms.find(label):
                self._declared |= {fold_term(value): value, fold_term(label): value}

    def code(self, text: str) -> Code | None:
        """Return what a cell says: the ids of its values, or a coding status; None where it cannot be accepted."""
        if text not in self._codes:
            self._codes[text] = self._read(text)
        return self._codes[text]

    def _read(self, text: str) -> Code | None:
        whole = fold_term(text)
        if not whole:
            return Code((), "not extracted")
        if known := self._declared.get(whole) or (self.terms.find(text) if self.closed else None):
            return Code((known,))
        if status := self._statuses.get(whole):
            return Code((), status)
        parts = split_list(text) if self.kind == "categories" else (text,)
        found = [
            self._declared.get(fold_term(part)) or self._find(part)
            for part in parts
            if fold_term(part) in self._declared or fold_term(part) not in self._statuses
        ]
        return None if None in found else Code(tuple(dict.fromkeys(value for value in found if value)))

    def _find(self, text: str) -> str | None:
        if self.kind in ("number", "year"):
            number = as_number(without_letter(text) if self.kind == "year" else text)
            return None if number is None else self._add(number)
        if self.kind == "yes/no" and not self.closed:
            return next((self._add(mark) for mark, words in YES_NO_WORDS.items() if fold_term(text) in words), None)
        return self.terms.find(text) or (self.terms.find(split_review(text)[0]) if self.id == REVIEW else None)

    def _add(self, text: str) -> str:
        if text not in self.terms.concepts:
            self.terms.concepts[text] = Concept(text, text)
        return text

    def facet(self) -> Facet:
        """Return the facet with the values seen so far; numbers are in ascending order."""
        values = [
            replace(value, colour=self._colours.get(fold_term(value.label), value.colour))
            for value in self.terms.concepts.values()
        ]
        if self.kind in ("number", "year"):
            values.sort(key=lambda value: float(value.label))
        return Facet(self.id, self.label, self.of, self.kind, tuple(values), self.definition)


class Facets:
    """The facets of a review, over all of its sheets: a facet of several sheets has one set of values.

    ``specs`` are the declarations of ``review.toml``; ``vocabularies`` maps the id of a facet to its closed vocabulary.
    """

    def __init__(self, specs: Iterable[FacetSpec] = (), vocabularies: Mapping[str, Sequence[Concept]] | None = None):
        self._specs = {facet_id(spec.name): spec for spec in specs}
        self._vocabularies = vocabularies or {}
        self.by_id: dict[str, FacetTerms] = {}
        #: The facets that studies and their findings have in common.
        self._of_both = {REVIEW} & set(self._vocabularies)

    def of_column(self, name: str, of: str, kind: str, labels: Sequence[str] = ()) -> FacetTerms:
        """Return the facet of a column, which becomes one where it was none.

        ``of`` is "study" or "finding"; ``kind`` is that of the cells, if the declaration names no other. With
        ``labels``, it is a group of columns: one called evidence need not be about the classes of evidence.
        """
        id_ = facet_id(name)
        if id_ in self.by_id and self.by_id[id_].of != of and id_ not in self._of_both:
            id_, name = f"{id_}_of_{of}", f"{name} ({of})"
        if (known := self.by_id.get(id_)) and known.kind == "category" and not known.terms.concepts:
            del self.by_id[id_]  # a column of blank cells in another sheet: its kind was a guess
        if id_ not in self.by_id:
            spec = self._specs.get(facet_id(name), FacetSpec(name))
            concepts = self._vocabularies.get(id_) or _fixed_values(id_, (*spec.values, *labels))
            self.by_id[id_] = FacetTerms(id_, spec, spec.of or of, spec.kind or kind, concepts)
        return self.by_id[id_]

    def of_marks(self, name: str, of: str, labels: Sequence[str]) -> FacetTerms:
        """Return the facet of a group of marked columns; its values are in the order of the columns."""
        terms = self.of_column(name, of, "categories", labels)
        if not terms.closed:
            for label in labels:
                terms.terms.find(label)
        return terms

    def all(self) -> tuple[Facet, ...]:
        """Return the facets in the order of their first column."""
        return tuple(terms.facet() for terms in self.by_id.values())


def _fixed_values(id_: str, labels: Iterable[str]) -> list[Concept] | None:
    """Return the values of a standard facet that has a fixed set of them, such as the methods of a study.

    There are none where one of ``labels``, which are declared or head columns, is no such value.
    """
    if id_ not in STUDY_FACETS or id_ not in VALUES:
        return None
    accepted = {fold_term(name) for value, others in VALUES[id_].items() for name in (value, *others)}
    if not accepted.issuperset(map(fold_term, labels)):
        return None
    return [Concept(value, value, synonyms=others) for value, others in VALUES[id_].items()]


def split_review(text: str) -> tuple[str, str]:
    """Return the id of a review and the label of the study in it, which is blank where none is given.

    >>> split_review("cmha-bc: 23"), split_review("cmha-bc")
    (('cmha-bc', '23'), ('cmha-bc', ''))
    """
    review, colon, label = text.rpartition(":")
    return (review.strip(), label.strip()) if colon else (text, "")


def facet_id(name: str) -> str:
    """Return the id of the facet of a column: its name as one word.

    >>> facet_id("Study Design (short)")
    'study_design_short'
    """
    return slug(name).replace("-", "_")


def as_number(text: str) -> str | None:
    """Return a number in its shortest spelling, or None where the text is no number.

    >>> as_number("1,200"), as_number("57.890"), as_number("n = 3")
    ('1200', '57.89', None)
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    value = float(re.sub(r"[,\u00a0\u202f ']", "", stripped))
    return str(int(value)) if value.is_integer() else repr(value)


def infer_kind(name: str, counts: Mapping[str, int]) -> str:
    """Return the kind of the facet with these texts: numbers, marks of yes and no, lists, free text or categories.

    ``counts`` maps each text to the number of its cells. A column of numbers is one of years where all are between 1500
    and 2100 and the name says so.

    >>> infer_kind("Blinded", {"yes": 3, "no": 2}), infer_kind("Aim", {"to see": 1})
    ('yes/no', 'category')
    """
    texts = {text: number for text, number in counts.items() if (word := fold_term(text)) and word not in STATUSES}
    if not texts:
        return "category"
    numbers = [as_number(text) for text in texts]
    if all(numbers):
        if "year" in fold_words(name) and all(number and float(number) in _YEARS for number in numbers):
            return "year"
        if not set(numbers) <= {"0", "1"}:
            return "number"
    if all(fold_term(text) in MARKS for text in texts):
        return "yes/no"
    return _kind_of_texts(texts)


def _kind_of_texts(texts: Mapping[str, int]) -> str:
    cells = sum(texts.values())
    parts: Counter[str] = Counter()
    length = 0
    for text, number in texts.items():
        for part in split_list(text):
            parts[fold_term(part)] += number
            length += len(part) * number
    listed = sum(parts.values())
    if length > _LONG * listed:
        return "text"
    if listed > cells and len(parts) < listed * (1 if listed < 30 else _REPEATED):
        return "categories"
    names = len(texts) == cells > 20 and length > _NAME * listed
    return "text" if names else "category"
