"""The tables of record linkage: pairs to decide on, the log of merges, and the numbers of records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kg.linkage.authors import same_person
from kg.linkage.candidates import YEARS, works_by_name
from kg.linkage.resolve import Resolution
from kg.linkage.titles import agreement, title_of
from kg.model.literature import Pair, Record
from kg.model.records import Study
from kg.table import Table


def pair_table(
    found: Sequence[Pair], studies: Sequence[Study], resolution: Resolution, decisions: Iterable[Pair] = ()
) -> Table:
    """Return pairs as the table that a person fills in: ``decision`` is "same" or "different".

    ``decisions`` come first, so that the table can replace ``records/duplicates.csv``.
    """
    records = resolution.records
    titles = {study.id: study.title for study in studies}
    first = {work.id: work.records[0] for work in resolution.works}
    names = works_by_name(studies, resolution)

    def title(name: str) -> str | None:
        """Return the title of a record, or of the study or work that has the name."""
        if name in records.positions and (of_record := records.of(name).title):
            return of_record
        work = names.get(name, name)
        return titles[work] if work in titles else records.of(first[work]).title if work in first else None

    rows: list[tuple[Any, ...]] = []
    for pair in (*decisions, *found):
        of_a, of_b = (title(name) for name in (pair.a, pair.b))
        rows.append((pair.a, of_a, pair.b, of_b, pair.evidence or None, pair.decision, pair.note))
    return Table("duplicates", ("a", "a_title", "b", "b_title", "evidence", "decision", "note"), rows)


def merge_table(resolution: Resolution) -> Table:
    """Return the log of merges: each merged record, the work that it was merged into, the reason, and its file.

    ``differs`` lists which of title, year and first author differ: a key may be wrong, and the decision "different"
    undoes the merge. Each file has as many rows as ``Count.merged`` states.
    """
    records = resolution.records
    first = {work.id: work.records[0] for work in resolution.works}
    for report in resolution.reports:
        first.setdefault(report.work, report.record)
    rows: list[tuple[Any, ...]] = []
    for merge in resolution.merges:
        if merge.record == merge.into:
            continue
        record, other = records.of(merge.record), records.of(first[merge.into])
        rows.append(
            (record.id, record.database, record.title, merge.into, merge.reason, _differs(record, other), record.source)
        )
    for copy in resolution.older:
        record = records.of(copy.id)
        reason = f"same id, older than row {record.row} of {record.source}"
        rows.append((copy.id, copy.database, copy.title, copy.id, reason, _differs(copy, record), copy.source))
    rows.sort(key=lambda row: (row[3], row[0], row[6]))
    return Table("merges", ("record", "database", "title", "into", "reason", "differs", "file"), rows)


def _differs(record: Record, other: Record) -> str | None:
    found = []
    titles = title_of(record.title), title_of(other.title)
    if titles[0] and titles[1] and agreement(titles[0], titles[1]) is None:
        found.append("title")
    if record.year and other.year and abs(record.year - other.year) > YEARS:
        found.append("year")
    if record.authors and other.authors and not same_person(record.authors[0].name, other.authors[0].name):
        found.append("first author")
    return ", ".join(found) or None


def count_table(resolution: Resolution) -> Table:
    """Return the numbers of records of each file and of all files; in every row, records = studies + merged + left."""
    rows: list[tuple[Any, ...]] = [
        (file, count.records, count.studies, count.merged, count.left) for file, count in resolution.counts.items()
    ]
    if len(rows) > 1:
        rows.append(("all files", *(sum(row[column] for row in rows) for column in range(1, 5))))
    return Table("records", ("file", "records", "studies", "merged", "left"), rows)
