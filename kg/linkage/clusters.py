"""Record linkage: clusters of studies and records that share a key, or that a person decided to be the same.

A link is refused, and noted as a conflict, where it would merge two studies of the sheets, or two works that a person
decided to be different, or where another key, or title and first author, contradict it. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from kg.linkage.columns import Columns
from kg.linkage.contradictions import Described, contradiction_of_all, described
from kg.linkage.disjoint_set import DisjointSet
from kg.linkage.keys import DOI, KINDS, OPENALEX, PUBLICATION_KEYS, key_reason, keys_of
from kg.model.literature import Pair
from kg.model.packed import Records
from kg.model.records import Study

#: The reason of a merge that a person decided.
DECIDED = "decided in records/duplicates.csv"
#: Among more works with one key that contradict each other, only those with the same title are compared.
_MOST_FIRSTS = 50

#: A node that has a key, and the kind of that key.
_Owner: TypeAlias = tuple[int, int]
#: Key -> its owners. A single owner is packed into one integer, because most of the millions of keys have one only.
_Owners: TypeAlias = dict[str, int | list[_Owner]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A refused link: ``record`` reports ``kept`` and shares a key (``reason``) with ``other``.

    ``kept`` and ``other`` are ids of studies where they are studies, else of records. ``kind`` is "two studies" where
    the link would merge two studies of the sheets; "decided" where a person decided that the works are different;
    "doubt" where the DOIs differ; and "contradicted" where title and first author differ.
    """

    record: str
    kept: str
    other: str
    reason: str
    kind: str


class Clusters:
    """The clusters of studies and records; each is one work.

    Nodes are numbers: first the studies in the order of their ids, then the records, which are given in the order of
    theirs. The result is therefore the same whatever the order of the files. From outside, records are known by their
    positions. ``notices_left`` are those of notices that belong to no study.
    """

    def __init__(self, studies: Sequence[Study], records: Records, columns: Columns, decisions: Sequence[Pair]) -> None:
        in_order = sorted(studies, key=lambda study: study.id)
        self._ids = [study.id for study in in_order] + records.ids
        self._studies, self._records = in_order, records
        self._study_count = len(in_order)
        self._sets = DisjointSet(len(self._ids))
        #: Root of a cluster of several nodes -> the nodes.
        self._members: dict[int, list[int]] = {}
        self._described: dict[int, Described] = {}
        #: Root of a cluster -> the node of the study in it.
        self._study_of: dict[int, int] = {node: node for node in range(self._study_count)}
        #: Root of a cluster -> whether it has a DOI.
        self._has_doi = bytearray(bool(study.doi) or study.id.startswith("doi:") for study in in_order)
        self._has_doi += columns.has_doi
        #: Cannot-link constraints: root of a cluster -> nodes that must not be in it.
        self._cannot_link: dict[int, set[int]] = defaultdict(set)
        #: Node -> the links that were made from it, with their reasons.
        self._links: dict[int, list[tuple[int, str]]] = defaultdict(list)
        #: Links that were refused: two nodes, the reason of the link, and the kind of conflict.
        self._refused: list[tuple[int, int, str, str]] = []
        self.notices_left: dict[int, None] = {}
        shared, owners = self._index_keys(in_order, columns, decisions)
        self._apply_decisions(in_order, owners, decisions)
        self._link_by_publication_keys(shared)
        self._link_by_database_keys(shared)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """The refused links, one for each pair of works and kind."""
        found: dict[tuple[frozenset[int], str], Conflict] = {}
        for a, b, reason, kind in self._refused:
            record, partner = (b, a) if b >= self._study_count else (a, b)
            kept, other = self._sets.find(record), self._sets.find(partner)
            if kept != other:
                kept_id = self._ids[self._study_of.get(kept, record)]
                other_id = self._ids[self._study_of.get(other, partner)]
                conflict = Conflict(self._ids[record], kept_id, other_id, reason, kind)
                found.setdefault((frozenset((kept, other)), kind), conflict)
        return sorted(found.values(), key=lambda conflict: (conflict.kept, conflict.other, conflict.kind))

    def by_study(self) -> tuple[dict[str, list[int]], list[list[int]]]:
        """Return study id -> its records, and the clusters without a study, all in the order of record ids."""
        clusters: dict[int, list[int]] = defaultdict(list)
        for node in range(self._study_count, len(self._ids)):
            if node - self._study_count not in self.notices_left:
                clusters[self._sets.find(node)].append(node - self._study_count)
        of_studies = {self._ids[self._study_of[root]]: of for root, of in clusters.items() if root in self._study_of}
        return of_studies, [of for root, of in clusters.items() if root not in self._study_of]

    def reason(self, record: int, first: str) -> str:
        """Return why a record is in its cluster: the reason of its link to ``first``, else that of its first link."""
        links = self._links.get(record + self._study_count, [])
        return next((reason for node, reason in links if self._ids[node] == first), links[0][1] if links else "")

    def are_one(self, a: int, b: int) -> bool:
        """Return whether two records report one work."""
        return self._sets.find(a + self._study_count) == self._sets.find(b + self._study_count)

    def records_with(self, record: int) -> list[int]:
        """Return the records of the work that a record reports."""
        root = self._sets.find(record + self._study_count)
        nodes = self._members.get(root, (root,))
        return [node - self._study_count for node in nodes if node >= self._study_count]

    def link_records(self, a: int, b: int, reason: str) -> bool:
        """Merge the works of two records; return False, and note why, where that is not allowed."""
        return self._link(a + self._study_count, b + self._study_count, reason)

    def _index_keys(
        self, studies: Sequence[Study], columns: Columns, decisions: Iterable[Pair]
    ) -> tuple[dict[str, list[_Owner]], _Owners]:
        """Return the keys that several nodes share, with their owners, and the keys of decisions with theirs."""
        owners: _Owners = {}
        shared: dict[str, list[_Owner]] = {}

        def add(key: str, node: int, kind: int) -> None:
            packed = node * KINDS + kind
            known = owners.setdefault(key, packed)
            if isinstance(known, int):
                if known // KINDS == node:
                    owners[key] = min(known, packed)
                    return
                known = owners[key] = shared[key] = [divmod(known, KINDS)]
            if known[-1][0] != node:
                known.append((node, kind))

        for node, study in enumerate(studies):
            if study.id.startswith("openalex:"):
                add(study.id, node, OPENALEX)
            if study.doi or study.id.startswith("doi:"):
                add(f"doi:{study.doi}" if study.doi else study.id, node, DOI)
        keys_of_studies = set(owners)
        decided = (name.removeprefix("record:") for pair in decisions for name in (pair.a, pair.b))
        for position, may_share in columns.with_keys([*owners, *decided]):
            keys = sorted(keys_of(self._records[position])) if may_share else ()
            if position in columns.notices and not any(key in keys_of_studies for _, key in keys):
                self.notices_left[position] = None
                continue
            for kind, key in keys:
                add(key, position + self._study_count, kind)
        return shared, owners

    def _apply_decisions(self, studies: Sequence[Study], owners: _Owners, decisions: Iterable[Pair]) -> None:
        """Constrain what a person decided to be different, then link what a person decided to be the same."""
        decided = sorted((p for p in decisions if p.decision in ("same", "different")), key=lambda p: (p.a, p.b))
        if not decided:
            return
        named = {name.removeprefix("record:") for pair in decided for name in (pair.a, pair.b)}
        node_of_id: dict[str, int] = {}
        for node, id_ in enumerate(self._ids):
            if id_ in named and node - self._study_count not in self.notices_left:
                node_of_id.setdefault(id_, node)
        node_of_key = {study.key: node for node, study in enumerate(studies)}

        def nodes(name: str) -> list[int]:
            name = name.removeprefix("record:")
            if name in node_of_id:
                return [node_of_id[name]]
            if (key := name.removeprefix("key:")) in node_of_key:
                return [node_of_key[key]]
            found = owners.get(name, [])
            return [found // KINDS] if isinstance(found, int) else [node for node, _ in found]

        ends = [(nodes(pair.a), nodes(pair.b), pair.decision) for pair in decided]
        for of_a, of_b, decision in ends:
            if decision == "different":
                for a in of_a:
                    for b in of_b:
                        if a not in of_b or b not in of_a:
                            self._cannot_link[a].add(b)
                            self._cannot_link[b].add(a)
        for of_a, of_b, decision in ends:
            if decision == "same" and of_a and of_b:
                self._link(of_a[0], of_b[0], DECIDED)

    def _link_by_publication_keys(self, shared: dict[str, list[_Owner]]) -> None:
        """Link nodes by keys that identify a publication; a record's own keys come before those of its locations."""
        links: dict[tuple[int, str], list[int]] = defaultdict(list)
        for key, owners in shared.items():
            first, first_kind = min(owners, key=lambda owner: (owner[1], owner[0]))
            for node, kind in owners:
                weaker = max(first_kind, kind)
                if node != first and weaker in PUBLICATION_KEYS:
                    links.setdefault((weaker, key), [first]).append(node)
        for (kind, key), nodes in sorted(links.items()):
            if kind == OPENALEX:  # the id of a record, which nothing contradicts
                for node in nodes[1:]:
                    self._link(nodes[0], node, key_reason(kind, key))
            else:
                self._link_all(nodes, key_reason(kind, key))

    def _link_by_database_keys(self, shared: dict[str, list[_Owner]]) -> None:
        """Link nodes by keys that a database assigned, unless several of their works have a DOI of their own."""
        for kind, key in sorted((min(k for _, k in owners), key) for key, owners in shared.items()):
            if kind in PUBLICATION_KEYS:
                continue
            owners = [node for node, _ in shared[key]]
            reason = key_reason(kind, key)
            # Of each work that has a DOI, its first node.
            works = {self._sets.find(node): node for node in reversed(owners) if self._has_doi[self._sets.find(node)]}
            with_doi = sorted(works.values())
            if len(with_doi) < 2:
                first = with_doi[0] if with_doi else owners[0]
                self._link_all([first, *(node for node in owners if node != first)], reason)
                continue
            without_doi = [node for node in owners if not self._has_doi[self._sets.find(node)]]
            self._link_all(without_doi, reason)
            self._refused += [(with_doi[0], node, reason, "doubt") for node in with_doi[1:]]
            self._refused += [(node, other, reason, "doubt") for node in with_doi for other in without_doi[:1]]

    def _link_all(self, nodes: Sequence[int], reason: str) -> None:
        """Link each of the nodes that share a key to the first before it that it does not contradict.

        If no record agrees with the study of a sheet, the first record belongs to it: the sheet names the publication.
        """
        firsts: list[int] = []
        contradicting: list[int] = []
        for node in nodes:
            near = firsts if len(firsts) < _MOST_FIRSTS else firsts[:1] + self._of_same_title(firsts, node)
            agreeing = [first for first in near if self._contradiction(first, node) is None]
            if any(self._link(first, node, reason) for first in agreeing):
                continue
            if firsts and not agreeing:
                contradicting.append(node)
            firsts.append(node)
        root = self._sets.find(firsts[0]) if firsts else 0
        if contradicting and root in self._study_of and root not in self._members:
            self._link(firsts[0], contradicting.pop(0), reason)
        for node in contradicting:
            if said := self._contradiction(firsts[0], node):
                kind = "two studies" if node < self._study_count else "contradicted"
                self._refused.append((firsts[0], node, f"{reason}, but {said}", kind))

    def _of_same_title(self, firsts: Sequence[int], node: int) -> list[int]:
        title = self._described_as(node).title
        titles = [(first, self._described_as(first).title) for first in firsts]
        return [first for first, of_first in titles if title and of_first and of_first.plain == title.plain]

    def _contradiction(self, a: int, b: int) -> str | None:
        """Return what speaks against merging the clusters of two nodes, or None."""
        root, other = self._sets.find(a), self._sets.find(b)
        if root == other:
            return None
        ones, others = (
            [self._described_as(node) for node in self._members.get(found, (found,))] for found in (root, other)
        )
        return contradiction_of_all(ones, others)

    def _described_as(self, node: int) -> Described:
        if node not in self._described:
            of_record = node - self._study_count
            self._described[node] = described(self._studies[node] if of_record < 0 else self._records[of_record])
        return self._described[node]

    def _link(self, a: int, b: int, reason: str) -> bool:
        """Merge the clusters of two nodes, or note why not and return False. A study stays the root of its cluster."""
        root, other = self._sets.find(a), self._sets.find(b)
        if root == other:
            return True
        if root in self._study_of and other in self._study_of:
            self._refused.append((a, b, reason, "two studies"))
            return False
        if self._cannot_link and self._is_forbidden(root, other):
            self._refused.append((a, b, reason, "decided"))
            return False
        if other in self._study_of:
            root, other = other, root
        self._sets.attach(other, root)
        self._members.setdefault(root, [root]).extend(self._members.pop(other, [other]))
        self._has_doi[root] |= self._has_doi[other]
        self._links[a].append((b, reason))
        self._links[b].append((a, reason))
        if other in self._cannot_link:
            self._cannot_link[root] |= self._cannot_link.pop(other)
        return True

    def _is_forbidden(self, a: int, b: int) -> bool:
        """Return whether a cannot-link constraint holds between the clusters of two roots. Both roots have it."""
        return any(self._sets.find(node) == b for node in self._cannot_link.get(a, ()))
