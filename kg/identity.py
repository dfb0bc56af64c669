"""Records -> works: which records report one study. Pure, and the same whatever the order of the files.

Only keys that identify a publication make two records one: DOI, PMID, PMCID, a location id of OpenAlex, its id, or a
person's decision. All else is a question for a person (kg.duplicates).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.model import Merge, Pair, Record, Report, Study, Work

#: Types of records that report no study: notices about one, and what journals print around their articles.
NOTICE_TYPES = frozenset({"erratum", "retraction", "paratext", "corrigendum", "expression-of-concern"})
_NOTICE = re.compile(
    r"(?:(?:erratum|corrigendum|correction|addendum|retraction(?: note| notice)?|withdrawal notice|expression of concern)"
    r"(?: to| of| for|:)\s|(?:erratum|corrigendum|correction|retraction notice)$)",
    re.IGNORECASE,
)
#: Types of records of a version that comes before an article.
PREPRINTS = frozenset({"preprint", "posted-content", "working-paper"})


@dataclass(frozen=True)
class Conflict:
    """Two studies of the sheets that one record would make one: they stay two, and the record is the first one's."""

    record: str
    kept: str
    other: str
    reason: str


@dataclass(frozen=True)
class Count:
    """What became of the records of one file: ``records`` = ``studies`` + ``merged`` + ``left``.

    ``studies`` stand for a study or another work: of several that report one work, the first. The others are merged.
    """

    records: int
    studies: int
    merged: int
    left: int


@dataclass(frozen=True)
class Resolution:
    """Which record reports what.

    ``records`` has one record an id, the newest. ``reports`` says which study or work each reports, and how that is
    known; the record of a work that comes first is the one that is shown. ``left`` are records that report no study, with
    the reason; ``counts`` are by file.
    """

    records: tuple[Record, ...] = ()
    works: tuple[Work, ...] = ()
    reports: tuple[Report, ...] = ()
    merges: tuple[Merge, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)

    def of_studies(self, studies: Iterable[Study]) -> dict[str, list[Record]]:
        """Return the records of each study that has any, the one that is shown first."""
        wanted, records = {study.id for study in studies}, {record.id: record for record in self.records}
        found: dict[str, list[Record]] = defaultdict(list)
        for report in self.reports:
            if report.work in wanted:
                found[report.work].append(records[report.record])
        return dict(found)


def resolve(studies: Sequence[Study], records: Iterable[Record], decisions: Iterable[Pair] = ()) -> Resolution:
    """Return which records report which study of the sheets, and which works the others report.

    A decision names two works by the id of a study, of a record (``openalex:W…``, ``ref:…``) or by a DOI (``doi:…``):
    "same" makes them one; "different" keeps the two apart, against a key that they share as well.
    """
    newest, older = _newest(records)
    notices = {record.id: reason for record in newest if (reason := _notice(record))}
    kept = [record for record in newest if record.id not in notices]
    found = _Groups(studies, kept, decisions)
    groups = found.groups()
    works: list[Work] = []
    reports: list[Report] = []
    merges = [Merge(record.id, record.id, f"an older copy of {record.id}") for record in older]
    standing_for: set[str] = set()
    by_id = {record.id: record for record in kept}
    for study in studies:
        shown = sorted((by_id[id_] for id_ in groups.pop(study.id, ())), key=_rank)
        reports += [Report(record.id, study.id, found.reason(record.id)) for record in shown]
        standing_for.update(record.id for record in shown[:1])
        merges += [Merge(record.id, study.id, found.reason(record.id)) for record in shown[1:]]
    for members in groups.values():
        shown = sorted((by_id[id_] for id_ in members), key=_rank)
        first = shown[0]
        work = Work(_work_id(shown), tuple(record.id for record in shown))
        works.append(work)
        standing_for.add(first.id)
        reports.append(Report(first.id, work.id, "the first record of it"))
        for record in shown[1:]:
            reason = found.reason(record.id, first.id)
            reports.append(Report(record.id, work.id, reason))
            merges.append(Merge(record.id, work.id, reason))
    works.sort(key=lambda work: work.id)
    order = {id_: place for place, id_ in enumerate([*(s.id for s in studies), *(w.id for w in works)])}
    reports.sort(key=lambda report: order[report.work])
    return Resolution(
        tuple(newest),
        tuple(works),
        tuple(reports),
        tuple(sorted(merges, key=lambda merge: (merge.into, merge.record))),
        tuple(notices.items()),
        tuple(found.conflicts),
        _counts(newest, older, standing_for, notices),
    )


def _newest(records: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """Return one record an id, the one that its source changed last, in order of their ids; and the others."""
    by_id: dict[str, Record] = {}
    older = []
    for record in records:
        known = by_id.get(record.id)
        if known is None or _age(record) > _age(known):
            by_id[record.id] = record
        if known is not None:
            older.append(known if by_id[record.id] is record else record)
    return [by_id[id_] for id_ in sorted(by_id)], older


def _age(record: Record) -> tuple[str, str, str, int]:
    return record.updated or "", record.seen or "", record.source, record.row


def _rank(record: Record) -> tuple[bool, bool, int, int, str]:
    """Order the records of one work: an article before its preprint, OpenAlex first, the one that says most."""
    said = sum(bool(getattr(record, name)) for name in ("doi", "title", "authors", "year", "venue", "has_abstract"))
    return record.type in PREPRINTS, record.openalex is None, -said, -(record.year or 0), record.id


def _notice(record: Record) -> str | None:
    """Return why a record reports no study, if so."""
    if record.type and record.type.casefold().replace(" ", "-") in NOTICE_TYPES:
        return f"its type is {record.type}"
    if record.title and _NOTICE.match(record.title):
        return "its title is that of a notice"
    return None


def _work_id(records: Sequence[Record]) -> str:
    """Return the id of a work that is not included, from the first of its records that has a DOI, else an OpenAlex id."""
    doi = next((record.doi for record in records if record.doi), None)
    openalex = next((record.openalex for record in records if record.openalex), None)
    return f"doi:{doi}" if doi else f"openalex:{openalex}" if openalex else records[0].id


def keys_of(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what identifies the publication, as (key, how it is called); equal keys mean one publication."""
    if record.openalex:
        yield f"openalex:{record.openalex}", f"same OpenAlex id {record.openalex}"
    if record.doi:
        yield f"doi:{record.doi}", f"same DOI {record.doi}"
    if record.pmid:
        yield f"pmid:{record.pmid}", f"same PMID {record.pmid}"
    if record.pmcid:
        yield f"pmcid:{record.pmcid}", f"same PMCID {record.pmcid}"
    for location in record.locations:
        key = location.lower() if location.startswith(("doi:", "pmid:")) else location
        yield key, f"same location {location}"


class _Groups:
    """Records and studies joined by keys; no group ever holds two studies, or two that were decided to be different."""

    def __init__(self, studies: Sequence[Study], records: Sequence[Record], decisions: Iterable[Pair]) -> None:
        self.conflicts: list[Conflict] = []
        self._up: dict[str, str] = {}
        self._studies: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._why: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._apart: dict[str, set[str]] = defaultdict(set)
        for study in studies:
            self._up[study.id], self._studies[study.id], self._members[study.id] = study.id, study.id, []
        for record in records:
            self._up.setdefault(f"={record.id}", f"={record.id}")
            self._members[f"={record.id}"] = [record.id]
        owners = self._keys(studies, records)
        decided = [pair for pair in decisions if pair.decision]
        for pair in decided:
            if pair.decision == "different":
                ends = [self._node(end, owners) for end in (pair.a, pair.b)]
                if all(ends):
                    self._apart[str(ends[0])].add(str(ends[1]))
                    self._apart[str(ends[1])].add(str(ends[0]))
        for pair in decided:
            if pair.decision == "same":
                a, b = (self._node(end, owners) for end in (pair.a, pair.b))
                if a and b:
                    self._join(a, b, "decided in records/duplicates.csv")
        for nodes, reason in owners.values():
            for node in nodes[1:]:
                self._join(nodes[0], node, reason)

    def _keys(self, studies: Iterable[Study], records: Iterable[Record]) -> dict[str, tuple[list[str], str]]:
        owners: dict[str, tuple[list[str], str]] = {}
        for study in studies:
            for key in (study.id, f"doi:{study.doi}" if study.doi else study.id, f"key:{study.key}"):
                name, _, value = key.partition(":")
                reason = f"same {'OpenAlex id' if name == 'openalex' else name.upper()} {value}"
                nodes = owners.setdefault(key, ([], reason))[0]
                if study.id not in nodes:
                    nodes.append(study.id)
        for record in records:
            node = f"={record.id}"
            for key, reason in keys_of(record):
                nodes = owners.setdefault(key, ([], reason))[0]
                if not nodes or nodes[-1] != node:
                    nodes.append(node)
        return owners

    def _node(self, name: str, owners: Mapping[str, tuple[list[str], str]]) -> str | None:
        """Return the study or record that a decision calls ``name``; None for one that is no longer there."""
        if name in self._studies:
            return name
        if f"={name}" in self._up:
            return f"={name}"
        return owners[name][0][0] if name in owners else None

    def _find(self, node: str) -> str:
        while self._up[node] != node:
            self._up[node] = self._up[self._up[node]]
            node = self._up[node]
        return node

    def _join(self, a: str, b: str, reason: str) -> None:
        into, other = self._find(a), self._find(b)
        if into == other:
            return
        studies = self._studies.get(into), self._studies.get(other)
        if all(studies):
            record = next((node for node in (b, a) if node.startswith("=")), a).removeprefix("=")
            self.conflicts.append(Conflict(record, str(studies[0]), str(studies[1]), reason))
            return
        if self._kept_apart(into, other):
            return
        if studies[1]:
            into, other = other, into
        self._up[other] = into
        self._members[into] += self._members.pop(other)
        for end, of in ((a, b), (b, a)):
            self._why[end].append((of, reason))
        if self._apart:
            self._apart[into] |= self._apart.pop(other, set())

    def _kept_apart(self, a: str, b: str) -> bool:
        return bool(self._apart) and any(
            self._find(end) == two for one, two in ((a, b), (b, a)) for end in self._apart.get(one, ())
        )

    def groups(self) -> dict[str, list[str]]:
        """Return the records of each group by its study, or by one of its records, in the order of ids."""
        named = {self._studies.get(node, node): members for node, members in self._members.items() if members}
        return dict(sorted(named.items()))

    def reason(self, record: str, first: str | None = None) -> str:
        """Return why a record was joined to its group: to the record ``first`` where it was, else the first join."""
        joins = self._why[f"={record}"]
        wanted = None if first is None else f"={first}"
        return next((reason for of, reason in joins if of == wanted), joins[0][1] if joins else "")


def _counts(
    newest: Iterable[Record], older: Iterable[Record], standing_for: set[str], notices: Mapping[str, str]
) -> dict[str, Count]:
    numbers: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for record in newest:
        numbers[record.source][0 if record.id in standing_for else 2 if record.id in notices else 1] += 1
    for record in older:
        numbers[record.source][1] += 1
    return {source: Count(sum(parts), *parts) for source, parts in sorted(numbers.items())}
