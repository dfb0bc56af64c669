"""Facets: the columns that a team charts beyond those of ``kg.model.fields``, and the values in their cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kg.loaders.sheets.cells import RowReader, split_list
from kg.loaders.sheets.terms import Terms
from kg.model.fields import FACET_KINDS, STUDY_FACETS, VALUES
from kg.model.ids import slug
from kg.model.normalise import fold_term, fold_words
from kg.model.records import Concept, Facet

#: Coding status -> the words for it, unless ``review.toml`` declares others. R writes NA for a cell without a value.
STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    "not reported": ("not reported", "nr", "not stated", "not given"),
    "not applicable": ("not applicable", "n/a"),
    "not extracted": ("not extracted", "-999", "-99", "na", "nan"),
}
#: Mark -> the words for it in a column of yes and no.
YES_NO_WORDS = {"yes": ("yes", "y", "true", "t", "1", "x", "✓", "✔"), "no": ("no", "n", "false", "f", "0")}
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3})+|\d{1,15})(?:\.\d{1,9})?")
_YEARS = range(1500, 2101)
#: Kind of facet -> what a message calls a value that is expected.
_KIND_NAMES = {"number": "a number", "year": "a year", "yes/no": "yes or no"}
#: A column whose cells have on average more letters than this is free text.
_LONG = 60


@dataclass(frozen=True)
class FacetSpec:
    """The declaration of a facet in ``review.toml``; everything is optional but the name, which is its column."""

    name: str
    label: str | None = None
    of: str | None = None
    kind: str | None = None
    values: tuple[str, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Code(NamedTuple):
    """What one cell says of a facet: the ids of values, or else a coding status."""

    values: tuple[str, ...]
    status: str | None = None


class FacetTerms:
    """One facet: finds the values that cells name, and keeps them in the order of the vocabulary or of first use."""

    def __init__(self, spec: FacetSpec, of: str, kind: str, concepts: Sequence[Concept] | None = None) -> None:
        self.id, self.label, self.of, self.kind = facet_id(spec.name), spec.label or spec.name, of, kind
        self.closed = concepts is not None
        self.terms = Terms(self.id, concepts)
        declared = {**STATUS_WORDS, **spec.statuses}
        self._statuses = {fold_term(word): status for status, words in declared.items() for word in words}
        self._colours = {fold_term(name): colour for name, colour in spec.colours.items()}
        self._codes: dict[str, Code | None] = {}
        for label in spec.values:
            self.terms.find(label)

    def code(self, text: str) -> Code | None:
        """Return what a cell says: the ids of its values, or a coding status; None where it cannot be accepted."""
        if text not in self._codes:
            self._codes[text] = self._read(text)
        return self._codes[text]

    def _read(self, text: str) -> Code | None:
        whole = fold_term(text)
        if not whole:
            return Code((), "not extracted")
        if self.closed and (known := self.terms.find(text)):
            return Code((known,))
        if status := self._statuses.get(whole):
            return Code((), status)
        parts = split_list(text) if self.kind == "categories" else (text,)
        found = [self._find(part) for part in parts if fold_term(part) not in self._statuses]
        return None if None in found else Code(tuple(dict.fromkeys(value for value in found if value)))

    def _find(self, text: str) -> str | None:
        if self.kind in ("number", "year"):
            number = as_number(text)
            return None if number is None else self._add(number)
        if self.kind == "yes/no" and not self.closed:
            return next((self._add(mark) for mark, words in YES_NO_WORDS.items() if fold_term(text) in words), None)
        return self.terms.find(text)

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
        return Facet(self.id, self.label, self.of, self.kind, tuple(values))


class Facets:
    """The facets of a review, over all of its sheets: a facet of several sheets has one set of values.

    ``specs`` are the declarations of ``review.toml``; ``vocabularies`` maps the id of a facet to its closed vocabulary.
    """

    def __init__(self, specs: Iterable[FacetSpec] = (), vocabularies: Mapping[str, Sequence[Concept]] | None = None):
        self._specs = {facet_id(spec.name): spec for spec in specs}
        self._vocabularies = vocabularies or {}
        self._blank: set[str] = set()  # facets whose kind is not known yet: no column of theirs had a value
        self.by_id: dict[str, FacetTerms] = {}

    def of_column(self, name: str, of: str, cells: Iterable[str], kind: str | None = None) -> FacetTerms:
        """Return the facet of a column, which becomes one where it was none.

        ``of`` is "study" or "finding", ``cells`` its texts, from which the kind is inferred where neither the
        declaration nor ``kind`` says it.
        """
        id_ = facet_id(name)
        if id_ not in self.by_id or id_ in self._blank:
            spec = self._specs.get(id_, FacetSpec(name))
            concepts = self._vocabularies.get(id_) or _fixed_values(id_)
            kind = spec.kind or kind
            if not kind:
                texts = list(cells)
                kind = infer_kind(name, texts)
                (self._blank.discard if any(map(str.strip, texts)) else self._blank.add)(id_)
            self.by_id[id_] = FacetTerms(spec, of, kind, concepts)
        return self.by_id[id_]

    def all(self) -> tuple[Facet, ...]:
        """Return the facets in the order of their first column."""
        return tuple(terms.facet() for terms in self.by_id.values())


def _fixed_values(id_: str) -> list[Concept] | None:
    """Return the values of a standard facet that has a fixed set of them, such as the methods of a study."""
    if id_ not in STUDY_FACETS or id_ not in VALUES:
        return None
    return [Concept(value, value, synonyms=others) for value, others in VALUES[id_].items()]


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
    value = float(re.sub(r"[,\u00a0\u202f ]", "", stripped))
    return str(int(value)) if value.is_integer() else repr(value)


def infer_kind(name: str, cells: Iterable[str]) -> str:
    """Return the kind of the facet whose cells these are: numbers, marks of yes and no, lists, free text or categories.

    A column of numbers is one of years where all are between 1500 and 2100 and the name says so.
    """
    statuses = {fold_term(word) for words in STATUS_WORDS.values() for word in words}
    texts = [text for text in cells if fold_term(text) and fold_term(text) not in statuses]
    if not texts:
        return "category"
    numbers = [as_number(text) for text in texts]
    if all(numbers):
        of_years = "year" in fold_words(name) and all(number and float(number) in _YEARS for number in numbers)
        if of_years:
            return "year"
        if not set(numbers) <= {"0", "1"}:
            return "number"
    marks = {word for words in YES_NO_WORDS.values() for word in words}
    if all(fold_term(text) in marks for text in texts):
        return "yes/no"
    parts = [part for text in texts for part in split_list(text)]
    if sum(map(len, parts)) > _LONG * len(parts):
        return "text"
    distinct = {fold_term(part) for part in parts}
    if len(parts) > len(texts) and len(distinct) < len(parts):
        return "categories"
    return (
        "text" if len(texts) > 20 and len({fold_term(t) for t in texts}) == len(texts) and _wordy(texts) else "category"
    )


def _wordy(texts: Sequence[str]) -> bool:
    return sum(len(text.split()) for text in texts) > 4 * len(texts)


class FacetColumns:
    """The facets in the columns of one table: the standard ones, and every column that has no other meaning."""

    def __init__(self, cells: RowReader, facets: Facets, of: str) -> None:
        self._cells = cells
        table = cells.table
        read = set(cells.columns.values())
        own = STUDY_FACETS if of == "study" else {}
        known = {name: index for name, index in cells.columns.items() if name in own}
        known |= {name: index for index, name in enumerate(table.header) if name and index not in read}
        self._columns = [
            (index, facets.of_column(name, of, cells.texts(index), own.get(name))) for name, index in known.items()
        ]

    def read(self) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Return the values of the current row by facet, and the coding status of the facets without one."""
        values: dict[str, tuple[str, ...]] = {}
        statuses: dict[str, str] = {}
        for index, terms in self._columns:
            text = self._cells.text_at(index)
            if not text:
                continue
            code = terms.code(text)
            if code is None:
                self._fail(index, terms, text)
            elif code.values:
                values[terms.id] = code.values
            elif code.status and code.status != "not extracted":
                statuses[terms.id] = code.status
        return values, statuses

    def is_blank(self) -> bool:
        """Return whether every column of a facet is blank in the current row."""
        return not any(self._cells.text_at(index) for index, _ in self._columns)

    def _fail(self, index: int, terms: FacetTerms, text: str) -> None:
        header = self._cells.table.header[index]
        if terms.closed:
            reason = f"no value of {terms.label} is called this"
            self._cells.fail(
                header, text, reason, suggestion=terms.terms.suggest(text), accepted=terms.terms.examples()
            )
        else:
            accepted = f'{FACET_KINDS[terms.kind]}, blank, or kind = "text" under [[facet]] in review.toml'
            self._cells.fail(header, text, f"is not {_KIND_NAMES[terms.kind]}", accepted=accepted)
