"""Merges of records without a common key, where enough agrees and nothing speaks against it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from kg.linkage.blocking import pairs_to_compare
from kg.linkage.clusters import Clusters
from kg.linkage.columns import Columns
from kg.linkage.fields import Fields, fields_of
from kg.linkage.match import Levels, against, in_words, least_score, levels, may_agree, score
from kg.model.packed import Records

#: The most records of a work that are compared with those of another.
_MOST_COMPARED = 20
#: What must not speak against a merge between any two records of the works.
_CONFLICTS = ("DOI", "first page")
#: So many records are held with their fields.
_HELD = 1 << 14


def link_agreeing(clusters: Clusters, records: Records, columns: Columns, false_merges: float) -> tuple[float, ...]:
    """Merge works whose records agree, and return the scores of these merges, the surest first.

    ``false_merges`` is a bound on the estimated share of them that is false; below the smallest of
    ``match.CALIBRATION``, nothing is merged. A merge is not made where a person decided otherwise, where it would merge
    two studies of the sheets, or where other records of the two works have different DOIs or pages. Notices that the
    clusters leave out are not compared.
    """
    least = least_score(false_merges)
    if least is None:
        return ()

    @lru_cache(_HELD)
    def fields(position: int) -> Fields:
        return fields_of(records[position])

    titles, left = columns.titles, clusters.notices_left
    seen: set[tuple[int, int]] = set()
    found: list[tuple[float, int, int, Levels]] = []
    for a, b in pairs_to_compare(columns.blocks(), left):
        if not may_agree(titles[a], titles[b]) or (a, b) in seen:
            continue
        seen.add((a, b))
        agreed = levels(fields(a), fields(b))
        if agreed is None or against(agreed) is not None:
            continue
        of_pair = score(agreed)
        if of_pair >= least:
            found.append((-of_pair, a, b, agreed))
    scores = []
    for negative, a, b, agreed in sorted(found):
        if clusters.are_one(a, b):
            continue
        if _conflict(*(_of_work(clusters, fields, place) for place in (a, b))):
            continue
        if clusters.link_records(a, b, in_words(agreed, -negative)):
            scores.append(-negative)
    return tuple(scores)


def _of_work(clusters: Clusters, fields: Callable[[int], Fields], place: int) -> list[Fields]:
    others = clusters.records_with(place)[:_MOST_COMPARED]
    return [fields(other) for other in others if other not in clusters.notices_left]


def _conflict(ones: Sequence[Fields], others: Sequence[Fields]) -> bool:
    """Return whether a DOI or a page of a record of one work speaks against a record of the other."""
    pairs = (levels(a, b) for a in ones for b in others)
    return any(agreed is not None and against(agreed) in _CONFLICTS for agreed in pairs)
