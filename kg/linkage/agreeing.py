"""Merges of records without a common key, where enough agrees and nothing speaks against it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.linkage.blocking import pairs_to_compare
from kg.linkage.clusters import Clusters
from kg.linkage.fields import Fields, fields_of
from kg.linkage.match import Levels, against, in_words, least_score, levels, may_agree, score
from kg.model.records import Record

#: The most records of a work that are compared with those of another.
_MOST_COMPARED = 20
#: What must not speak against a merge between any two records of the works.
_CONFLICTS = ("DOI", "first page")


def link_agreeing(clusters: Clusters, records: Iterable[Record], false_merges: float) -> tuple[float, ...]:
    """Merge works whose records agree, and return the scores of these merges, the surest first.

    ``false_merges`` is a bound on the estimated share of them that is false; below the smallest of
    ``match.CALIBRATION``, nothing is merged. A merge is not made where a person decided otherwise, where it would merge
    two studies of the sheets, or where other records of the two works have different DOIs or pages.
    """
    least = least_score(false_merges)
    if least is None:
        return ()
    fields = {record.id: fields_of(record) for record in records}
    found: list[tuple[float, str, str, Levels]] = []
    for a, b in pairs_to_compare(list(fields.values())):
        agreed = levels(a, b) if may_agree(a.plain, b.plain) else None
        if agreed is None or against(agreed) is not None:
            continue
        of_pair = score(agreed)
        if of_pair >= least:
            found.append((-of_pair, a.id, b.id, agreed))
    scores = []
    for negative, a_id, b_id, agreed in sorted(found):
        if clusters.are_one(a_id, b_id):
            continue
        if _conflict(_of_work(clusters, fields, a_id), _of_work(clusters, fields, b_id)):
            continue
        if clusters.link_records(a_id, b_id, in_words(agreed, -negative)):
            scores.append(-negative)
    return tuple(scores)


def _of_work(clusters: Clusters, fields: dict[str, Fields], id_: str) -> list[Fields]:
    return [fields[other] for other in clusters.records_with(id_)[:_MOST_COMPARED] if other in fields]


def _conflict(ones: Sequence[Fields], others: Sequence[Fields]) -> bool:
    """Return whether a DOI or a page of a record of one work speaks against a record of the other."""
    pairs = (levels(a, b) for a in ones for b in others)
    return any(agreed is not None and against(agreed) in _CONFLICTS for agreed in pairs)
