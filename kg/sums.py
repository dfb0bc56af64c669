"""What follows from findings by counting: tallies, derived edges, and who examines what. Pure.

There is one definition for a whole graph and for a change of it: every number is that of the members under a key, to
which a finding adds itself and from which it can be taken away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.members import Labels, Members, union
from kg.model import Concept, Finding
from kg.vocab import DERIVED, DIRECTIONS, POLES

if TYPE_CHECKING:
    from kg.graphdata import EdgeKey, Row

    Rows: TypeAlias = tuple[dict[str, list[Row]], dict[EdgeKey, list[Row]]]
    _Counted: TypeAlias = tuple[str, str, str, dict[str, Any], Sequence[Members]]

#: What is counted under one number. The members of ``reported`` (tabulated or not, factor, direction), ``cell``
#: (factor, outcome, direction) and ``examined`` (outcome) are the places of studies, one for each finding; those of
#: ``tied`` (named by the review's table or not, factor) are the places of outcomes.
Key: TypeAlias = tuple[str, ...]
#: Key -> member -> how many of it come (or go, below zero).
Shift: TypeAlias = dict[Key, dict[int, int]]

REPORTED, TIED, CELL, EXAMINED = "reported", "tied", "cell", "examined"
YES, NO = "yes", "no"
#: What a tally counts -> which findings those are; a tally of every direction has ANY for one.
SCOPES = {"tabulated": (YES,), "all": (YES, NO)}
ANY = "any"


@dataclass(frozen=True)
class Basis:
    """What findings are counted against. ``labels`` are what the review calls its studies, in their order; ``coded``
    are the outcomes that a sheet of studies says are discussed."""

    review: str
    factors: Sequence[Concept]
    outcomes: Sequence[Concept]
    labels: Sequence[int | str]
    coded: frozenset[str]


@dataclass(frozen=True)
class Touched:
    """What depends on members that change: tallies (label, concept, scope, direction) and cells (factor, outcome,
    direction)."""

    tallies: frozenset[tuple[str, str, str, str]]
    cells: frozenset[tuple[str, str, str]]

    def concepts(self, label: str) -> set[str]:
        """Return the factors or outcomes whose number of studies may change."""
        return {tally[1] for tally in self.tallies if tally[0] == label and tally[2:] == ("all", ANY)}


class Sums:
    """The members under every key, and the rows that follow from them.

    ``place_of`` gives a study's place in ``Basis.labels``, counted from 1. An outcome that no study is coded to discuss
    is discussed by the studies whose findings are tied to it.
    """

    def __init__(self, basis: Basis, place_of: Callable[[str], int], members: MutableMapping[Key, Members]) -> None:
        self.basis, self.place_of, self.members = basis, place_of, members
        self._outcomes = {concept.id: place for place, concept in enumerate(basis.outcomes)}

    @classmethod
    def of(
        cls, basis: Basis, places: Mapping[str, int], findings: Iterable[Finding], coded: Iterable[tuple[str, str]]
    ) -> Sums:
        """Count findings, and the pairs of a study and an outcome that it is coded to discuss."""
        sums = cls(basis, places.__getitem__, {})
        listed: dict[Key, list[int]] = defaultdict(list)
        for finding in findings:
            for key, member in sums._counted(finding):
                listed[key].append(member)
        for study, outcome in coded:
            listed[EXAMINED, outcome].append(places[study])
        sums.members.update((key, Members.of(members)) for key, members in listed.items())
        return sums

    def shift(self, gone: Iterable[Finding], come: Iterable[Finding]) -> Shift:
        """Return by how much the members change where findings go and others come; what cancels out is not there."""
        shift: dict[Key, Counter[int]] = defaultdict(Counter)
        for findings, number in ((gone, -1), (come, 1)):
            for finding in findings:
                for key, member in self._counted(finding):
                    shift[key][member] += number
        net = {key: {member: n for member, n in moved.items() if n} for key, moved in shift.items()}
        return {key: moved for key, moved in net.items() if moved}

    def apply(self, shift: Shift) -> None:
        """Change the members. Raises ValueError where one is to go that is not there."""
        for key, moved in shift.items():
            members = self.members.setdefault(key, Members())
            for member, number in moved.items():
                members.change(member, number)

    def _counted(self, finding: Finding) -> Iterator[tuple[Key, int]]:
        study, factor, direction = self.place_of(finding.study), finding.factor, finding.direction
        yield (REPORTED, YES if finding.tabulated else NO, factor, direction), study
        named = YES if finding.tabulated or finding.associated else NO
        for outcome in finding.outcomes:
            yield (TIED, named, factor), self._outcomes[outcome]
            yield (CELL, factor, outcome, direction), study
            if outcome not in self.basis.coded:
                yield (EXAMINED, outcome), study

    def touched(self, shift: Shift) -> Touched:
        """Return what ``apply`` will change: no more than that, since a tally of a large review is long."""
        tallies: set[tuple[str, str, str, str]] = set()
        reported: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        tied: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        for key, moved in shift.items():
            if key[0] == EXAMINED and self._comes_or_goes(moved, key):
                tallies.add(("Outcome", key[1], "all", ANY))
            for scope, parts in SCOPES.items() if key[0] in (REPORTED, TIED) else ():
                if key[1] in parts:
                    net = (reported if key[0] == REPORTED else tied)[scope, key[2]]
                    for member, number in moved.items():
                        net[member] += number
                    if key[0] == REPORTED:
                        tallies.add(("Factor", key[2], scope, key[3]))
        for (scope, factor), net in reported.items():
            if any(net.values()):
                tallies.add(("Factor", factor, scope, ANY))
            now = sum(len(self._of(REPORTED, p, factor, d)) for p in SCOPES[scope] for d in DIRECTIONS)
            if now == 0 or now + sum(net.values()) == 0:
                tallies.update(("Factor", factor, scope, d) for d in (ANY, *DIRECTIONS))
        for (scope, factor), net in tied.items():
            if self._comes_or_goes(net, *((TIED, part, factor) for part in SCOPES[scope])):
                tallies.update(("Factor", factor, scope, d) for d in (ANY, *DIRECTIONS))
        cells = ((key[1], key[2], key[3]) for key in shift if key[0] == CELL)
        return Touched(frozenset(tallies), frozenset(cells))

    def _comes_or_goes(self, moved: Mapping[int, int], *keys: Key) -> bool:
        """Return whether there will be a member under the keys that was not there, or the other way round."""
        for member, number in moved.items():
            now = sum(self._of(*key).count(member) for key in keys)
            if (now == 0) != (now + number == 0):
                return True
        return False

    def rows(self, touched: Touched | None = None, *, bare: bool = False) -> Rows:
        """Return the nodes and edges that follow: all of them, or those that are touched, with ``Labels`` for lists of
        labels. Bare ones only say which there are."""

        labels = self.basis.labels
        #: Where everything is tabulated, each is needed twice. The parts are kept so that their ids are theirs alone.
        unions: dict[tuple[int, ...], tuple[Sequence[Members], Sequence[int]]] = {}

        def count(parts: Sequence[Members]) -> Row:
            if bare:
                return {}
            key = tuple(id(part) for part in parts if part)
            if key not in unions:
                unions[key] = parts, union(parts)
            places = unions[key][1]
            listed = Labels(places, labels) if touched else [labels[place - 1] for place in places]
            return {"studies": len(places), "findings": sum(map(len, parts)), "study_labels": listed}

        cells = touched.cells if touched else {(key[1], key[2], key[3]) for key in self.members if key[0] == CELL}
        edges: dict[EdgeKey, list[Row]] = {(kind, "Factor", "Outcome"): [] for kind in DERIVED.values()}
        factor_place = {concept.id: place for place, concept in enumerate(self.basis.factors)}
        for factor, outcome, direction in sorted(cells, key=lambda c: (factor_place[c[0]], self._outcomes[c[1]])):
            if studies := self._of(CELL, factor, outcome, direction):
                edges[DERIVED[direction], "Factor", "Outcome"].append(
                    {"from": factor, "to": outcome, "direction": direction, **count([studies])}
                )
        tallies: list[Row] = []
        of: dict[str, list[Row]] = {"Factor": [], "Outcome": []}
        for label, concept, scope, more, parts in chain(self._factor_tallies(touched), self._outcome_tallies(touched)):
            id_ = ":".join((label.lower(), scope, concept, more.get("direction", ANY)))
            tallies.append({"id": id_, "scope": scope, **more, **count(parts)})
            of[label].append({"from": id_, "to": concept})
        edges["HAS_TALLY", "Review", "Tally"] = [{"from": self.basis.review, "to": t["id"]} for t in tallies]
        edges.update({("OF", "Tally", label): rows for label, rows in of.items()})
        return {"Tally": tallies}, edges

    def _factor_tallies(self, touched: Touched | None) -> Iterator[_Counted]:
        """Yield a tally for each factor and direction, the zero rows of the two poles included, and for any."""
        for scope, parts in SCOPES.items():
            for factor in (concept.id for concept in self.basis.factors):
                wanted = [
                    d for d in (ANY, *DIRECTIONS) if not touched or ("Factor", factor, scope, d) in touched.tallies
                ]
                if not wanted:
                    continue
                reported = {d: [self._of(REPORTED, part, factor, d) for part in parts] for d in DIRECTIONS}
                reported[ANY] = list(chain(*reported.values()))
                if not any(reported[ANY]):
                    continue
                outcomes = [self.basis.outcomes[p].label for p in union(self._of(TIED, part, factor) for part in parts)]
                for direction in wanted:
                    if direction in (ANY, *POLES) or any(reported[direction]):
                        more = {} if direction == ANY else {"direction": direction}
                        yield "Factor", factor, scope, {**more, "outcomes": outcomes}, reported[direction]

    def _outcome_tallies(self, touched: Touched | None) -> Iterator[_Counted]:
        for outcome in (concept.id for concept in self.basis.outcomes):
            wanted = not touched or ("Outcome", outcome, "all", ANY) in touched.tallies
            if wanted and (studies := self._discussed(outcome)):
                yield "Outcome", outcome, "all", {}, [studies]

    def examined(self, outcome: str) -> Sequence[int]:
        """Return the places of the studies that discuss an outcome, as they are coded or tied to it."""
        return self._of(EXAMINED, outcome).places

    def _discussed(self, outcome: str) -> Members:
        """Return the same as members: once each, however often they are tied to it."""
        studies = Members()
        studies.places = self._of(EXAMINED, outcome).places
        return studies

    def _of(self, *key: str) -> Members:
        return self.members.get(key) or _NOBODY


_NOBODY = Members()


def studies_of(rows: Rows) -> Counter[tuple[str, str]]:
    """Return how many studies report or discuss each factor and outcome, by label and id, as the tallies say."""
    nodes, edges = rows
    studies = {tally["id"]: tally["studies"] for tally in nodes["Tally"] if tally["scope"] == "all"}
    return Counter(
        {
            (label, row["to"]): studies[row["from"]]
            for label in ("Factor", "Outcome")
            for row in edges["OF", "Tally", label]
            if row["from"] in studies and row["from"].endswith(f":{ANY}")
        }
    )
