"""The digest of an update: what the files of a day have brought, beside what was known before. Nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kg.fetch.update import came_on
from kg.folder.library import Library, read_library
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.graph.bibliography import CAUTIONS, gravest_standings
from kg.graph.build import study_labels
from kg.linkage.candidates import candidate_pairs
from kg.model.records import Search


@dataclass(frozen=True)
class Digest:
    """What came on a day.

    ``searches`` are those of the day with the number of records of each; of all these records, ``known`` came twice or
    are of works that were in the folder before. ``candidates`` are the ids of the new works, ``reports`` the labels of
    included studies with a new record. ``standings`` are (label, before, now) of studies whose standing has changed,
    ``retracted`` the candidates that came and are retracted. ``pairs`` is the number of new possible duplicates.
    """

    day: str
    searches: tuple[tuple[Search, int], ...] = ()
    records: int = 0
    known: int = 0
    candidates: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    standings: tuple[tuple[str, str, str], ...] = ()
    retracted: tuple[str, ...] = ()
    pairs: int = 0


def digest(review: Review, today: date) -> Digest:
    """Return what came on a day, by the search log. Raises BadInput for a folder that cannot be read."""
    loaded = review.load()
    files = came_on(loaded.evidence.searches, today)
    before = _without(review, loaded, set(files))
    now = loaded.library
    labels = {id_: str(label) for id_, label in study_labels(loaded.evidence.studies).items()}
    old_ids = {record.id for record in before.resolution.records}
    new = [record for record in now.resolution.records if record.id not in old_ids]
    new_ids = {record.id for record in new}
    work_of = now.resolution.work_of
    candidates = [work for work in now.resolution.works if new_ids.issuperset(work.records)]
    counts = now.resolution.counts
    searches = tuple((search, counts[name].records if name in counts else 0) for name, search in files.items())
    records = sum(number for _, number in searches)
    pairs = candidate_pairs(loaded.evidence.studies, now.resolution, now.decisions)
    old_pairs = candidate_pairs(loaded.evidence.studies, before.resolution, before.decisions)
    retracted = {standing.study for standing in now.candidate_standings() if standing.status == "retracted"}
    of_candidates = {id_ for work in candidates for id_ in work.records}
    return Digest(
        today.isoformat(),
        searches,
        records,
        records - len(of_candidates),
        tuple(work.id for work in candidates),
        tuple(dict.fromkeys(labels[work] for record in new if (work := work_of.get(record.id)) in labels)),
        tuple(_changed(before, now, labels)),
        tuple(work.id for work in candidates if work.id in retracted),
        len({(pair.a, pair.b) for pair in pairs} - {(pair.a, pair.b) for pair in old_pairs}),
    )


def _without(review: Review, loaded: Loaded, files: set[str]) -> Library:
    """Return the bibliographic files of the folder as they were without some of them."""
    names = [source.path for source in loaded.library.sources if source.path not in files]
    evidence = loaded.evidence
    return read_library(review.root, names, evidence.studies, evidence.searches, loaded.library.decisions)


def _changed(before: Library, now: Library, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    old, new = gravest_standings(before.standings), gravest_standings(now.standings)
    unknown = "not checked"
    return [
        (labels[id_], old.get(id_, unknown), new[id_])
        for id_ in labels
        if id_ in new and new[id_] != old.get(id_, unknown) and {new[id_], old.get(id_)} & set(CAUTIONS)
    ]
