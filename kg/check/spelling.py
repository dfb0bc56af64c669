"""Check of terms that are spelt nearly alike."""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from kg.check.audit.records import Discrepancy, Place
from kg.linkage.titles import similarity
from kg.model.records import Concept

#: Two terms whose labels are at least so much alike may be one. rapidfuzz's ratio, in percent, is never less than that
#: of difflib, so it sorts most of them out much faster.
_ALIKE, _FIRST = 0.85, 84.0


def similar_terms(concepts: Iterable[Concept]) -> Iterator[Discrepancy]:
    """Yield pairs of terms that may be one: without a vocabulary, a typing error becomes a term of its own."""
    open_terms = [c for c in concepts if not c.source]  # the terms of a vocabulary file were chosen by a person
    labels = sorted(c.label for c in open_terms)
    for concept in open_terms:
        after = labels[bisect_right(labels, concept.label) :]
        near = [label for label in after if similarity()(concept.label, label, score_cutoff=_FIRST)]
        for other in difflib.get_close_matches(concept.label, near, n=3, cutoff=_ALIKE):
            yield Discrepancy(
                "similar-terms",
                "note",
                f"the terms {concept.label!r} and {other!r} are spelt nearly alike: one term, or two?",
                (Place("sheets", concept.label), Place("sheets", other)),
            )
