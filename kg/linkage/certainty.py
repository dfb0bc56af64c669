"""The order in which a person decides on pairs of works that may be one: the most certain first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.linkage.authors import names_in
from kg.linkage.fields import Fields, fields_of
from kg.linkage.match import certainty, levels
from kg.linkage.resolve import Resolution
from kg.model.literature import Author, Pair, Record
from kg.model.records import Study


def most_certain_first(pairs: Iterable[Pair], studies: Sequence[Study], resolution: Resolution) -> tuple[Pair, ...]:
    """Return pairs in the order of their scores (``match.certainty``), the highest first, then of their ids.

    Pairs whose titles differ have no score and come last. Compared are the sheet of a study and the first record of
    another work.
    """
    listed = list(pairs)
    wanted = {id_ for pair in listed for id_ in (pair.a, pair.b)}
    fields = {study.id: fields_of(_as_record(study)) for study in studies if study.id in wanted}
    for work in resolution.works:
        if work.id in wanted:
            fields[work.id] = fields_of(resolution.records.of(work.records[0]))
    return tuple(sorted(listed, key=lambda pair: (*_place(fields[pair.a], fields[pair.b]), pair.a, pair.b)))


def _place(a: Fields, b: Fields) -> tuple[bool, float]:
    found = levels(a, b)
    return found is None, -certainty(found) if found else 0.0


def _as_record(study: Study) -> Record:
    """Return what the sheet says of a study as a record."""
    authors = tuple(map(Author, names_in(study.authors)))
    return Record(study.id, "sheet", title=study.title, authors=authors, year=study.year, doi=study.doi)
