"""Records and studies joined by the keys that identify a publication, and by decisions. Pure; holds keys only.

A join that would make two studies of the sheets one, or two works that were decided to be different, or that another
key speaks against, is not made but noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.model.records import Pair, Record, Study

#: How a merge by a person's decision is explained.
DECIDED = "decided in records/duplicates.csv"

#: Kinds of keys in the order in which they are followed. The first three say which publication it is; the others are
#: what a database assigned, and it may have assigned one to two publications.
_OPENALEX, _DOI, _DOI_OF_LOCATION, _PMID, _PMCID, _LOCATION = range(6)
_SURE = (_OPENALEX, _DOI, _DOI_OF_LOCATION)
_NAMES = ("OpenAlex id", "DOI", "DOI of a location", "PMID", "PMCID", "location")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A join that was not made: ``record`` has a key (``reason``) of ``other``, but reports ``kept``.

    ``kept`` and ``other`` are ids of studies where they are studies, else of records. ``kind`` says why not: "two
    studies" of the sheets would be one; a person "decided" that they are different; or the key is in "doubt", since the
    DOIs differ.
    """

    record: str
    kept: str
    other: str
    reason: str
    kind: str


def keys_of(record: Record) -> Iterator[tuple[int, str]]:
    """Yield what identifies the publication, as (kind, key); equal keys of two records mean one publication."""
    if record.openalex:
        yield _OPENALEX, f"openalex:{record.openalex}"
    if record.doi:
        yield _DOI, f"doi:{record.doi}"
    if record.pmid:
        yield _PMID, f"pmid:{record.pmid}"
    if record.pmcid:
        yield _PMCID, f"pmcid:{record.pmcid}"
    for location in record.locations:
        kind, _, value = location.partition(":")
        if kind == "doi":
            yield _DOI_OF_LOCATION, f"doi:{value.lower()}"
        else:
            yield _PMID if kind == "pmid" else _LOCATION, location


class Joins:
    """Studies and records in groups; each group is a work. ``left`` are the notices that belong to no study.

    Nodes are numbers: first the studies in order of their ids, then the records, which come in order of theirs; so no
    outcome depends on the order of files.
    """

    def __init__(
        self, studies: Sequence[Study], records: Sequence[Record], notices: set[str], decisions: Iterable[Pair]
    ) -> None:
        in_order = sorted(studies, key=lambda study: study.id)
        self._ids = [study.id for study in in_order] + [record.id for record in records]
        self._studies = len(in_order)
        self._up = list(range(len(self._ids)))
        self._study: dict[int, int] = {node: node for node in range(self._studies)}
        self._has_doi = bytearray(bool(study.doi) or study.id.startswith("doi:") for study in in_order)
        self._has_doi += bytearray(
            bool(record.doi) or any(location.startswith("doi:") for location in record.locations) for record in records
        )
        self._apart: dict[int, set[int]] = defaultdict(set)
        self._why: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._refused: list[tuple[int, int, str, str]] = []
        shared, owners_of = self._keys(in_order, records, notices)
        self._decide(in_order, owners_of, decisions)
        self._follow_sure(shared)
        self._follow_others(shared)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """The joins that were not made, each pair of works once."""
        found: dict[tuple[frozenset[int], str], Conflict] = {}
        for a, b, reason, kind in self._refused:
            record, of = (b, a) if b >= self._studies else (a, b)
            kept, other = self._find(record), self._find(of)
            if kept != other:
                own, others = self._ids[self._study.get(kept, record)], self._ids[self._study.get(other, of)]
                found.setdefault(
                    (frozenset((kept, other)), kind), Conflict(self._ids[record], own, others, reason, kind)
                )
        return sorted(found.values(), key=lambda conflict: (conflict.kept, conflict.other, conflict.kind))

    def _keys(
        self, studies: Sequence[Study], records: Sequence[Record], notices: set[str]
    ) -> tuple[dict[str, list[tuple[int, int]]], dict[str, int | list[tuple[int, int]]]]:
        """Return the keys that more than one node has, key -> its (node, kind)s; and all keys -> a node or those."""
        owners: dict[str, int | list[tuple[int, int]]] = {}
        shared: dict[str, list[tuple[int, int]]] = {}

        def add(key: str, node: int, kind: int) -> None:
            known = owners.setdefault(key, node * 6 + kind)
            if isinstance(known, int):
                if known // 6 == node:
                    owners[key] = min(known, node * 6 + kind)
                    return
                known = owners[key] = shared[key] = [divmod(known, 6)]
            if known[-1][0] != node:
                known.append((node, kind))

        for node, study in enumerate(studies):
            if study.id.startswith("openalex:"):
                add(study.id, node, _OPENALEX)
            if study.doi or study.id.startswith("doi:"):
                add(f"doi:{study.doi}" if study.doi else study.id, node, _DOI)
        own = set(owners)
        self.left: list[str] = []
        for node, record in enumerate(records, start=self._studies):
            keys = sorted(keys_of(record))
            if record.id in notices and not any(key in own for _, key in keys):
                self.left.append(record.id)
                continue
            for kind, key in keys:
                add(key, node, kind)
        return shared, owners

    def _decide(
        self,
        studies: Sequence[Study],
        owners: dict[str, int | list[tuple[int, int]]],
        decisions: Iterable[Pair],
    ) -> None:
        decided = sorted((p for p in decisions if p.decision in ("same", "different")), key=lambda p: (p.a, p.b))
        if not decided:
            return
        named = {id_: node for node, id_ in reversed(list(enumerate(self._ids)))}
        for id_ in self.left:
            named.pop(id_, None)
        keys = {study.key: node for node, study in enumerate(studies)}

        def nodes(name: str) -> list[int]:
            name = name.removeprefix("record:")
            if name in named:
                return [named[name]]
            if name.removeprefix("key:") in keys:
                return [keys[name.removeprefix("key:")]]
            found = owners.get(name, [])
            return [found // 6] if isinstance(found, int) else [node for node, _ in found]

        ends = [(nodes(pair.a), nodes(pair.b), pair.decision) for pair in decided]
        for of_a, of_b, decision in ends:
            if decision == "different":
                for a in of_a:
                    for b in of_b:
                        if a != b and (a not in of_b or b not in of_a):
                            self._apart[a].add(b)
                            self._apart[b].add(a)
        for of_a, of_b, decision in ends:
            if decision == "same" and of_a and of_b:
                self._join(of_a[0], of_b[0], DECIDED)

    def _follow_sure(self, shared: dict[str, list[tuple[int, int]]]) -> None:
        """Join by what says which publication it is; what a record says of itself before what it says of locations."""
        edges = []
        for key, owners in shared.items():
            first, kind = min(owners, key=lambda owner: (owner[1], owner[0]))
            edges += [(max(kind, k), key, first, node) for node, k in owners if node != first and max(kind, k) in _SURE]
        for kind, key, first, node in sorted(edges):
            self._join(first, node, _reason(kind, key))

    def _follow_others(self, shared: dict[str, list[tuple[int, int]]]) -> None:
        """Join by what a database assigned, unless it assigned it to works of which each has a DOI of its own."""
        for kind, key in sorted((min(k for _, k in owners), key) for key, owners in shared.items()):
            if kind in _SURE:
                continue
            owners = [node for node, _ in shared[key]]
            reason = _reason(kind, key)
            named = {self._find(node): node for node in reversed(owners) if self._has_doi[self._find(node)]}
            with_doi = sorted(named.values())
            if len(with_doi) < 2:
                first = with_doi[0] if with_doi else owners[0]
                for node in owners:
                    self._join(first, node, reason)
                continue
            others = [node for node in owners if not self._has_doi[self._find(node)]]
            for node in others[1:]:
                self._join(others[0], node, reason)
            self._refused += [(with_doi[0], node, reason, "doubt") for node in with_doi[1:]]
            self._refused += [(node, other, reason, "doubt") for node in with_doi for other in others[:1]]

    def _find(self, node: int) -> int:
        up = self._up
        while up[node] != node:
            up[node] = up[up[node]]
            node = up[node]
        return node

    def _join(self, a: int, b: int, reason: str) -> None:
        into, other = self._find(a), self._find(b)
        if into == other:
            return
        if into in self._study and other in self._study:
            self._refused.append((a, b, reason, "two studies"))
            return
        if self._apart and self._kept_apart(into, other):
            self._refused.append((a, b, reason, "decided"))
            return
        if other in self._study:
            into, other = other, into
        self._up[other] = into
        self._has_doi[into] |= self._has_doi[other]
        self._why[a].append((b, reason))
        self._why[b].append((a, reason))
        if other in self._apart:
            self._apart[into] |= self._apart.pop(other)

    def _kept_apart(self, a: int, b: int) -> bool:
        return any(self._find(node) == b for node in self._apart.get(a, ())) or any(
            self._find(node) == a for node in self._apart.get(b, ())
        )

    def groups(self) -> tuple[dict[str, list[str]], list[list[str]]]:
        """Return the records of each study, study id -> record ids, and the groups of the others, in order of ids."""
        left = set(self.left)
        groups: dict[int, list[str]] = defaultdict(list)
        for node in range(self._studies, len(self._ids)):
            if self._ids[node] not in left:
                groups[self._find(node)].append(self._ids[node])
        of_studies = {self._ids[self._study[root]]: ids for root, ids in groups.items() if root in self._study}
        return of_studies, [ids for root, ids in groups.items() if root not in self._study]

    def reason(self, record: str, first: str) -> str:
        """Return why a record was joined to its group: to ``first`` if it was, else its first join."""
        joins = self._reasons.get(record, [])
        return next((reason for of, reason in joins if self._ids[of] == first), joins[0][1] if joins else "")

    @cached_property
    def _reasons(self) -> dict[str, list[tuple[int, str]]]:
        return {self._ids[node]: joins for node, joins in self._why.items() if node >= self._studies}


def _reason(kind: int, key: str) -> str:
    return f"same location {key}" if kind == _LOCATION else f"same {_NAMES[kind]} {key.partition(':')[2]}"
