"""Terms: the concepts of a vocabulary, found by the names that cells use for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.suggestions import Suggester
from kg.loaders.sheets.words import is_status
from kg.model.ids import slug
from kg.model.migrations import Migration
from kg.model.normalise import fold_term
from kg.model.records import Concept


class Terms:
    """Finds concepts by id, label or synonym, in any case.

    Without a vocabulary (``concepts`` is None) the terms are open: every text is a term, in the order of first use.
    ``former`` maps the names that terms had before to the id and the change (see ``kg.model.migrations``).
    """

    def __init__(
        self,
        kind: str,
        concepts: Iterable[Concept] | None,
        former: Mapping[str, tuple[str, Migration]] | None = None,
    ) -> None:
        self.kind, self.open = kind, concepts is None
        self._former = former or {}
        #: The former names that were found since this was last cleared, as cells have them.
        self.met: dict[str, Migration] = {}
        self.concepts: dict[str, Concept] = {c.id: c for c in concepts or ()}
        self._id_of: dict[str, str] = {}
        for concept in self.concepts.values():
            for name in (concept.id, concept.label, *concept.synonyms):
                self._id_of[fold_term(name)] = concept.id
        labels = {fold_term(concept.label) for concept in self.concepts.values()}
        # A name that a term has now is no former name, unless the term itself was split.
        self._former = {n: f for n, f in self._former.items() if n not in labels or f[1].change == "split"}
        for name, (id_, _) in self._former.items():
            if id_ in self.concepts:
                self._id_of.setdefault(name, id_)
        self._cache: dict[str, str] = {}
        self._suggester = Suggester()

    def find(self, text: str) -> str | None:
        """Return the id of the concept called ``text``, or None."""
        found = self._cache.get(text)
        if self._former and (former := self._former.get(fold_term(text))):
            self.met[text] = former[1]
        if found is None:
            found = self._id_of.get(fold_term(text))
            if found is None and self.open:
                found = self._add(text)
            if found is not None:
                self._cache[text] = found
        return found

    def suggest(self, text: str) -> str:
        """Return the labels that are similar to ``text``."""
        ids = dict.fromkeys(self._id_of[name] for name in self._suggester.similar(fold_term(text), self._id_of))
        return " or ".join(repr(self.concepts[id_].label) for id_ in ids)

    def what_became(self, text: str) -> Migration | None:
        """Return the change of the term that was called ``text`` before, or None."""
        former = self._former.get(fold_term(text))
        return former[1] if former else None

    def examples(self) -> str:
        """Return some of the labels, for a message on what is accepted."""
        labels = [c.label for c in islice(self.concepts.values(), 8)]
        count = len(self.concepts)
        return "; ".join(labels) + (f"; … ({count} in vocabulary/{self.kind}s)" if count > 8 else "")

    def _add(self, text: str) -> str:
        """Add a concept with ``text`` as its label and return its id."""
        id_ = slug(text)
        while id_ in self.concepts:
            id_ += "-2"
        self.concepts[id_] = Concept(id_, " ".join(text.split()))
        self._id_of[fold_term(text)] = id_
        return id_


def find_term(cells: RowReader, terms: Terms, column: str, text: str, accepted: str | None = None) -> str | None:
    """Return the id of the term called ``text``, or reject the row and return None.

    The message gives ``accepted`` as what is accepted, by default some of the labels. "Not reported" and the like are
    no terms of outcomes and lists.
    """
    if column != "factor" and terms.open and is_status(text):
        return None
    found = terms.find(text)
    if found is None and (change := terms.what_became(text)):
        cells.fail(column, text, f"was {change.says()}", accepted="; ".join(change.to_labels))
    elif found is None:
        cells.fail(
            column,
            text,
            f"no {terms.kind} of the vocabulary is called this",
            suggestion=terms.suggest(text),
            accepted=terms.examples() if accepted is None else accepted,
        )
    return found


def read_terms(cells: RowReader, terms: Terms, column: str) -> tuple[str, ...]:
    """Return the distinct ids of the terms in a cell; an unknown term rejects the row."""
    found = [find_term(cells, terms, column, text) for text in _split(cells, terms, column)]
    return tuple(dict.fromkeys(id_ for id_ in found if id_))


def _split(cells: RowReader, terms: Terms, column: str) -> tuple[str, ...]:
    """Return the names of terms in a cell.

    A label may itself contain a separator, so a cell that is a label as a whole is not split. A comma separates only
    where every part is a known term.
    """
    text = cells.text(column)
    if not text:
        return ()
    if ";" not in text and "\n" not in text and "|" not in text:
        if "," in text and not terms.open and terms.find(text) is None:
            parts = [part.strip() for part in text.split(",")]
            if all(terms.find(part) for part in parts if part):
                return tuple(part for part in parts if part)
        return (text,)
    return (text,) if not terms.open and terms.find(text) else cells.several(column)
