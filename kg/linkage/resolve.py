"""Entity resolution: which records report one study. Pure; the result does not depend on the order of the files.

Two records are merged where they share a key that identifies a publication (DOI, PMID, PMCID, a location or an id of
OpenAlex), where a person decided so, or where so much agrees that hardly any such merge is false
(``kg.linkage.agreeing``). All other similarities are candidates for a person (``kg.linkage.candidates``), and so are
keys that contradict each other: in OpenAlex, works with different DOIs that share a PMID are mostly different papers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

from kg.linkage.agreeing import link_agreeing
from kg.linkage.clusters import DECIDED, Clusters, Conflict
from kg.linkage.columns import Columns
from kg.model.literature import Merge, Pair, Record, Report, Work
from kg.model.packed import Records
from kg.model.records import Study

__all__ = ["DECIDED", "PREPRINTS", "Conflict", "Count", "Resolution", "resolve"]

#: Types of records of a version that comes before an article.
PREPRINTS = frozenset({"preprint", "posted-content", "working-paper"})


@dataclass(frozen=True, slots=True)
class Count:
    """The numbers of records of one file: ``records`` = ``studies`` + ``merged`` + ``left``.

    Of the records that report one study or other work, the first counts under ``studies`` and the others under
    ``merged``; ``left`` counts records that report no study.
    """

    records: int
    studies: int
    merged: int
    left: int


@dataclass(frozen=True)
class Resolution:
    """Which record reports which work.

    ``records`` has the newest record of each id, and ``older`` the others. ``reports`` has the study or work that each
    record reports, with the reason; the first record of a work is the one that is shown. ``left`` are records that
    report no study, with the reason; ``counts`` are by file. Links that were refused are ``conflicts`` where they would
    have merged two studies of the sheets, and ``refused`` otherwise. ``scores`` are those of the merges by agreement.
    """

    records: Records = field(default_factory=Records)
    works: tuple[Work, ...] = ()
    reports: tuple[Report, ...] = ()
    merges: tuple[Merge, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)
    older: Records = field(default_factory=Records)
    refused: tuple[Conflict, ...] = ()
    scores: tuple[float, ...] = ()

    @cached_property
    def work_of(self) -> dict[str, str]:
        """Record id -> id of the study or work that it reports."""
        return {report.record: report.work for report in self.reports}

    @cached_property
    def work_of_key(self) -> dict[str, str]:
        """``doi:…`` or ``pmid:…`` of a record -> id of the study or work that the first such record reports."""
        found: dict[str, str] = {}
        for record in self.records:
            if work := self.work_of.get(record.id):
                for name in (record.doi and f"doi:{record.doi}", record.pmid and f"pmid:{record.pmid}"):
                    if name:
                        found.setdefault(name, work)
        return found

    def of_studies(self, studies: Iterable[Study]) -> dict[str, list[Record]]:
        """Return study id -> its records, the shown one first; studies without records are left out."""
        wanted = {study.id for study in studies}
        found: dict[str, list[Record]] = defaultdict(list)
        for report in self.reports:
            if report.work in wanted:
                found[report.work].append(self.records.of(report.record))
        return dict(found)


def resolve(
    studies: Sequence[Study], records: Iterable[Record], decisions: Iterable[Pair] = (), false_merges: float = 0.0
) -> Resolution:
    """Return which records report which study of the sheets, and which works the others report.

    A decision identifies two works by the id or key of a study, the id of a record (``openalex:W…``, ``ref:…``), a DOI
    (``doi:…``) or a PMID (``pmid:…``). "same" merges them; "different" keeps them apart, even if they share a key. Two
    studies of the sheets are never merged. ``false_merges`` bounds the estimated share of false merges among those of
    records without a common key; with 0, there are none of these.
    """
    decisions = tuple(decisions)
    packed, columns = records if isinstance(records, Records) else Records(records), Columns()
    for place in range(len(packed)):
        columns.add(packed[place])
    order, superseded = _newest(packed)
    newest, of_files = packed.chosen(order), columns.sources
    columns = columns.chosen(order)
    clusters = Clusters(studies, newest, columns, decisions)
    scores = link_agreeing(clusters, newest, columns, false_merges)
    left = {position: columns.notices[position] for position in clusters.notices_left}
    reported = _Reported(newest, columns, clusters)
    reported.add_studies(studies)
    reported.add_others()
    superseded.sort(key=lambda place: (packed.ids[place], *_age(packed[place])))
    older = packed.chosen(superseded)
    reported.merges += [Merge(old.id, old.id, f"same id, older: {old.source}, row {old.row}") for old in older]
    conflicts = clusters.conflicts
    return Resolution(
        newest,
        tuple(reported.works),
        tuple(reported.reports),
        tuple(sorted(reported.merges, key=lambda merge: (merge.into, merge.record, merge.reason))),
        tuple((newest.ids[position], reason) for position, reason in left.items()),
        tuple(conflict for conflict in conflicts if conflict.kind == "two studies"),
        _counts(columns.sources, [of_files[place] for place in superseded], reported.standing_for, left),
        older,
        tuple(conflict for conflict in conflicts if conflict.kind != "two studies"),
        scores,
    )


class _Reported:
    """Which record reports which work, and why; records are known by their positions.

    ``standing_for`` has a 1 for each record that is the first one of a work.
    """

    def __init__(self, records: Records, columns: Columns, clusters: Clusters) -> None:
        self._records, self._columns, self._clusters = records, columns, clusters
        self._of_studies, self._others = clusters.by_study()
        self._taken: set[str] = set()
        self.works: list[Work] = []
        self.reports: list[Report] = []
        self.merges: list[Merge] = []
        self.standing_for = bytearray(len(records))

    def add_studies(self, studies: Sequence[Study]) -> None:
        """Add the records of the studies, in the order of these."""
        self._taken.update(study.id for study in studies)
        for study in studies:
            own = study.id.removeprefix("openalex:")
            # The record whose OpenAlex id is in the sheet comes first, whatever was decided on others.
            read = ((self._records[place], place) for place in self._of_studies.get(study.id, ()))
            shown = sorted(read, key=lambda one: (one[0].openalex != own, *_rank(one[0])))
            found = [Report(record.id, study.id, self._clusters.reason(place, study.id)) for record, place in shown]
            self.reports += found
            self.merges += [Merge(report.record, study.id, report.reason) for report in found[1:]]
            for _, place in shown[:1]:
                self.standing_for[place] = 1

    def add_others(self) -> None:
        """Add the works that no sheet has, in the order of their ids."""
        of_work = sorted(map(self._work, self._others), key=itemgetter(0))
        self._others = []
        ids = self._records.ids
        for work, places in of_work:
            first, *rest = places
            self.works.append(Work(work, tuple([ids[place] for place in places])))
            self.standing_for[first] = 1
            self.reports.append(Report(ids[first], work, "the first record of it"))
            for place in rest:
                reason = self._clusters.reason(place, ids[first])
                self.reports.append(Report(ids[place], work, reason))
                self.merges.append(Merge(ids[place], work, reason))

    def _work(self, places: list[int]) -> tuple[str, list[int]]:
        """Return the id of the work that records report, and the records in their order."""
        id_ = self._columns.works[places[0]]
        if len(places) > 1 or id_ in self._taken:
            shown = sorted(((self._records[place], place) for place in places), key=lambda one: _rank(one[0]))
            id_, places = _work_id([record for record, _ in shown], self._taken), [place for _, place in shown]
        self._taken.add(id_)
        return id_, places


def _newest(records: Records) -> tuple[list[int], list[int]]:
    """Return the positions of the newest record of each id, in the order of ids, and those of the older records."""
    newest: list[int] = []
    older: list[int] = []
    ids = records.ids
    for place in sorted(range(len(records)), key=ids.__getitem__):
        if newest and ids[newest[-1]] == ids[place]:
            if _age(records[place]) > _age(records[newest[-1]]):
                newest[-1], place = place, newest[-1]
            older.append(place)
        else:
            newest.append(place)
    return newest, older


def _age(record: Record) -> tuple[str, str, str, int]:
    return record.updated or "", record.seen or "", record.source, record.row


def _rank(record: Record) -> tuple[bool, bool, int, int, str]:
    """Return the sort key of the records of one work: articles first, then OpenAlex, the most complete, the newest."""
    completeness = sum(
        bool(getattr(record, name)) for name in ("doi", "title", "authors", "year", "venue", "has_abstract")
    )
    return record.type in PREPRINTS, record.openalex is None, -completeness, -(record.year or 0), record.id


def _work_id(records: Sequence[Record], taken: set[str]) -> str:
    """Return the id of a work: the first DOI of its records, else an OpenAlex id, else the id of the first record.

    An id in ``taken`` belongs to a work that was decided to be different; then the next one is used.
    """
    if records[0].doi and (id_ := f"doi:{records[0].doi}") not in taken:
        return id_
    ids = [f"doi:{record.doi}" for record in records if record.doi]
    ids += [f"openalex:{record.openalex}" for record in records if record.openalex]
    ids += [record.id for record in records] + [f"record:{records[0].id}"]
    return next(id_ for id_ in ids if id_ not in taken)


def _counts(
    sources: Sequence[str], of_older: Iterable[str], standing_for: bytearray, left: Container[int]
) -> dict[str, Count]:
    numbers: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for position, source in enumerate(sources):
        numbers[source][0 if standing_for[position] else 2 if position in left else 1] += 1
    for source in of_older:
        numbers[source][1] += 1
    return {source: Count(sum(parts), *parts) for source, parts in sorted(numbers.items())}
