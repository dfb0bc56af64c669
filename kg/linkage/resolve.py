"""Entity resolution: which records report one study. Pure; the result does not depend on the order of the files.

Two records are merged where they share a key that identifies a publication (DOI, PMID, PMCID, a location or an id of
OpenAlex), where a person decided so, or where so much agrees that hardly any such merge is false
(``kg.linkage.agreeing``). All other similarities are candidates for a person (``kg.linkage.candidates``), and so are
keys that contradict each other: in OpenAlex, works with different DOIs that share a PMID are mostly different papers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.linkage.agreeing import link_agreeing
from kg.linkage.clusters import DECIDED, Clusters, Conflict
from kg.model.notices import NOTICE_TYPES, is_notice_title
from kg.model.records import Merge, Pair, Record, Report, Study, Work

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

    records: tuple[Record, ...] = ()
    works: tuple[Work, ...] = ()
    reports: tuple[Report, ...] = ()
    merges: tuple[Merge, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)
    older: tuple[Record, ...] = ()
    refused: tuple[Conflict, ...] = ()
    scores: tuple[float, ...] = ()

    @property
    def work_of(self) -> dict[str, str]:
        """Record id -> id of the study or work that it reports."""
        return {report.record: report.work for report in self.reports}

    def of_studies(self, studies: Iterable[Study]) -> dict[str, list[Record]]:
        """Return study id -> its records, the shown one first; studies without records are left out."""
        wanted, records = {study.id for study in studies}, {record.id: record for record in self.records}
        found: dict[str, list[Record]] = defaultdict(list)
        for report in self.reports:
            if report.work in wanted:
                found[report.work].append(records[report.record])
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
    newest, older = _newest(records)
    clusters = Clusters(studies, newest, {record.id for record in newest if _notice(record)}, decisions)
    left_out = set(clusters.notices_left)
    scores = link_agreeing(clusters, (record for record in newest if record.id not in left_out), false_merges)
    by_id = {record.id: record for record in newest}
    left = {id_: _notice(by_id[id_]) or "" for id_ in clusters.notices_left}
    works: list[Work] = []
    reports: list[Report] = []
    merges = [Merge(record.id, record.id, f"same id, older: {record.source}, row {record.row}") for record in older]
    standing_for: set[str] = set()
    taken = {study.id for study in studies}
    of_studies, others = clusters.by_study()
    for study in studies:
        own = study.id.removeprefix("openalex:")
        # The record whose OpenAlex id is in the sheet comes first, whatever was decided on others.
        shown = sorted((by_id[i] for i in of_studies.get(study.id, ())), key=lambda r: (r.openalex != own, *_rank(r)))
        reports += [Report(record.id, study.id, clusters.reason(record.id, study.id)) for record in shown]
        standing_for.update(record.id for record in shown[:1])
        merges += [Merge(record.id, study.id, clusters.reason(record.id, study.id)) for record in shown[1:]]
    for members in others:
        shown = [by_id[id_] for id_ in members]
        if len(shown) > 1:
            shown.sort(key=_rank)
        first = shown[0]
        work = Work(_work_id(shown, taken), tuple(record.id for record in shown))
        taken.add(work.id)
        works.append(work)
        standing_for.add(first.id)
        reports.append(Report(first.id, work.id, "the first record of it"))
        for record in shown[1:]:
            reason = clusters.reason(record.id, first.id)
            reports.append(Report(record.id, work.id, reason))
            merges.append(Merge(record.id, work.id, reason))
    works.sort(key=lambda work: work.id)
    order = {id_: index for index, id_ in enumerate([*(s.id for s in studies), *(w.id for w in works)])}
    reports.sort(key=lambda report: order[report.work])
    return Resolution(
        tuple(newest),
        tuple(works),
        tuple(reports),
        tuple(sorted(merges, key=lambda merge: (merge.into, merge.record, merge.reason))),
        tuple(left.items()),
        tuple(conflict for conflict in clusters.conflicts if conflict.kind == "two studies"),
        _counts(newest, older, standing_for, left),
        tuple(sorted(older, key=lambda record: (record.id, *_age(record)))),
        tuple(conflict for conflict in clusters.conflicts if conflict.kind != "two studies"),
        scores,
    )


def _newest(records: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """Return the newest record of each id, in the order of ids, and the older records."""
    by_id: dict[str, Record] = {}
    older = []
    for record in records:
        known = by_id.setdefault(record.id, record)
        if known is not record:
            if _age(record) > _age(known):
                by_id[record.id], record = record, known
            older.append(record)
    return [by_id[id_] for id_ in sorted(by_id)], older


def _age(record: Record) -> tuple[str, str, str, int]:
    return record.updated or "", record.seen or "", record.source, record.row


def _rank(record: Record) -> tuple[bool, bool, int, int, str]:
    """Return the sort key of the records of one work: articles first, then OpenAlex, the most complete, the newest."""
    completeness = sum(
        bool(getattr(record, name)) for name in ("doi", "title", "authors", "year", "venue", "has_abstract")
    )
    return record.type in PREPRINTS, record.openalex is None, -completeness, -(record.year or 0), record.id


def _notice(record: Record) -> str | None:
    """Return why a record is a notice and reports no study, or None."""
    if record.type and record.type.casefold().replace(" ", "-") in NOTICE_TYPES:
        return f"its type is {record.type}"
    if record.title and is_notice_title(record.title):
        return "its title is that of a notice"
    return None


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
    newest: Iterable[Record], older: Iterable[Record], standing_for: set[str], left: Mapping[str, str]
) -> dict[str, Count]:
    numbers: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for record in newest:
        numbers[record.source][0 if record.id in standing_for else 2 if record.id in left else 1] += 1
    for record in older:
        numbers[record.source][1] += 1
    return {source: Count(sum(parts), *parts) for source, parts in sorted(numbers.items())}
