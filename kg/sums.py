"""What follows from findings by counting: tallies, derived edges, and who examines what. Pure.

There is one definition for a whole graph and for a change of it: every number is that of the members under a key, to
which a finding adds itself and from which it can be taken away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.model import Concept, Finding
from kg.vocab import DERIVED, DIRECTIONS, POLES

if TYPE_CHECKING:
    from kg.assemble import EdgeKey, Row

#: What is counted under one number. The members of ``reported`` (tabulated or not, factor, direction), ``cell``
#: (factor, outcome, direction) and ``examined`` (outcome) are the places of studies, one for each finding; those of
#: ``tied`` (named by the review's table or not, factor) are the places of outcomes.
Key: TypeAlias = tuple[str, ...]
Members: TypeAlias = MutableMapping[Key, list[int]]
#: Key -> member -> how many of it come (or go, below zero).
Shift: TypeAlias = dict[Key, dict[int, int]]

REPORTED, TIED, CELL, EXAMINED = "reported", "tied", "cell", "examined"
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Basis:
    """What findings are counted against. ``labels`` are what the review calls its studies, in their order; ``coded``
    are the outcomes that a sheet of studies says are discussed."""

    review: str
    factors: Sequence[Concept]
    outcomes: Sequence[Concept]
    labels: Sequence[int | str]
    coded: frozenset[str]


class Sums:
    """The members under every key, and the rows that follow from them.

    ``place_of`` gives a study's place in ``Basis.labels``, counted from 1. An outcome that no study is coded to discuss
    is discussed by the studies whose findings are tied to it.
    """

    def __init__(self, basis: Basis, place_of: Callable[[str], int], members: Members | None = None) -> None:
        self.basis, self.place_of = basis, place_of
        self.members: Members = defaultdict(list) if members is None else members
        self._outcomes = {concept.id: place for place, concept in enumerate(basis.outcomes)}

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings."""
        members = self.members
        for finding in findings:
            for key, member in self._counted(finding):
                members[key].append(member)

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
            members = self.members[key]
            for member, number in moved.items():
                for _ in range(-number):
                    members.remove(member)
                members += [member] * number

    def _counted(self, finding: Finding) -> Iterator[tuple[Key, int]]:
        study, factor, direction = self.place_of(finding.study), finding.factor, finding.direction
        yield (REPORTED, YES if finding.tabulated else NO, factor, direction), study
        named = YES if finding.tabulated or finding.associated else NO
        for outcome in finding.outcomes:
            yield (TIED, named, factor), self._outcomes[outcome]
            yield (CELL, factor, outcome, direction), study
            if outcome not in self.basis.coded:
                yield (EXAMINED, outcome), study

    def rows(self, keys: Iterable[Key] | None = None) -> tuple[dict[str, list[Row]], dict[EdgeKey, list[Row]]]:
        """Return the nodes and edges that follow: all of them, or those that depend on some keys."""
        known = list(self.members if keys is None else keys)
        factors = {key[2] for key in known if key[0] in (REPORTED, TIED)}
        outcomes = {key[1] for key in known if key[0] == EXAMINED}
        edges: dict[EdgeKey, list[Row]] = {(kind, "Factor", "Outcome"): [] for kind in DERIVED.values()}
        factor_place = {concept.id: place for place, concept in enumerate(self.basis.factors)}
        cells = {key[1:] for key in known if key[0] == CELL}
        for factor, outcome, direction in sorted(cells, key=lambda c: (factor_place[c[0]], self._outcomes[c[1]])):
            if studies := self._of(CELL, factor, outcome, direction):
                edges[DERIVED[direction], "Factor", "Outcome"].append(
                    {"from": factor, "to": outcome, "direction": direction, **self._counts(studies)}
                )
        tallies: list[Row] = []
        for label, found in (
            ("Factor", self._factor_tallies([c.id for c in self.basis.factors if c.id in factors])),
            ("Outcome", self._outcome_tallies([c.id for c in self.basis.outcomes if c.id in outcomes])),
        ):
            of = edges["OF", "Tally", label] = []
            for concept, tally in found:
                tallies.append(tally)
                of.append({"from": tally["id"], "to": concept})
        edges["HAS_TALLY", "Review", "Tally"] = [{"from": self.basis.review, "to": t["id"]} for t in tallies]
        return {"Tally": tallies}, edges

    def _factor_tallies(self, factors: Sequence[str]) -> Iterator[tuple[str, Row]]:
        """Yield a tally for each factor and direction, the zero rows of the two poles included, and for any."""
        for scope, parts in (("tabulated", (YES,)), ("all", (YES, NO))):
            for factor in factors:
                reported = {
                    direction: [study for part in parts for study in self._of(REPORTED, part, factor, direction)]
                    for direction in DIRECTIONS
                }
                if not any(reported.values()):
                    continue
                tied = {place for part in parts for place in self._of(TIED, part, factor)}
                outcomes = [self.basis.outcomes[place].label for place in sorted(tied)]
                studies = [study for by_direction in reported.values() for study in by_direction]
                yield factor, self._tally("Factor", factor, scope, studies, outcomes=outcomes)
                for direction, studies in reported.items():
                    if studies or direction in POLES:
                        more = {"direction": direction, "outcomes": outcomes}
                        yield factor, self._tally("Factor", factor, scope, studies, **more)

    def _outcome_tallies(self, outcomes: Sequence[str]) -> Iterator[tuple[str, Row]]:
        for outcome in outcomes:
            if studies := self.examined(outcome):
                yield outcome, self._tally("Outcome", outcome, "all", studies)

    def _tally(self, label: str, concept: str, scope: str, studies: list[int], **more: Any) -> Row:
        id_ = ":".join((label.lower(), scope, concept, more.get("direction", "any")))
        return {"id": id_, "scope": scope, **more, **self._counts(studies)}

    def _counts(self, studies: list[int]) -> Row:
        distinct = sorted(set(studies))
        labels = self.basis.labels
        return {"studies": len(distinct), "findings": len(studies), "study_labels": [labels[p - 1] for p in distinct]}

    def examined(self, outcome: str) -> list[int]:
        """Return the places of the studies that discuss an outcome: as coded, else each that is tied to it once."""
        studies = self._of(EXAMINED, outcome)
        return studies if outcome in self.basis.coded else sorted(set(studies))

    def studies_of(self, factors: Iterable[str], outcomes: Iterable[str]) -> Mapping[tuple[str, str], int]:
        """Return how many studies report or discuss each factor and outcome, by label and id."""
        counts = {("Outcome", outcome): len(set(self._of(EXAMINED, outcome))) for outcome in outcomes}
        for factor in factors:
            studies = {s for part in (YES, NO) for d in DIRECTIONS for s in self._of(REPORTED, part, factor, d)}
            counts["Factor", factor] = len(studies)
        return counts

    def _of(self, *key: str) -> list[int]:
        return self.members.get(key) or []
