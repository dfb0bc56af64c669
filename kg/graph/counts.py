"""Counts that follow from findings: tallies, the cells of the map, and which studies discuss an outcome.

Every number of studies is a count of distinct studies. The studies are counted by their position in the review's order,
so that lists of study labels come out in that order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from kg.graph.rows import EdgeKey, Row
from kg.model.records import Concept, Evidence, Finding, Study
from kg.model.vocabulary import DERIVED, DIRECTIONS, ONE_VALUE, OPPOSITES, POLES

#: The tally of a factor in any direction.
ANY = "any"

#: Factor, outcome, derived relationship.
Cell: TypeAlias = tuple[str, str, str]
Rows: TypeAlias = tuple[dict[str, list[Row]], dict[EdgeKey, list[Row]]]

#: Direction and pole of a finding -> the derived relationship that sums it up.
_KINDS = {
    (direction, pole): kind
    for kind, (direction, counted) in DERIVED.items()
    for pole in ((counted,) if counted else POLES)
}


@dataclass(frozen=True)
class Counts:
    """The counted findings, as lists of study positions; a position appears once for each finding of the study.

    ``reported`` maps (tabulated, factor, direction) to study positions, ``cells`` (factor, outcome, derived
    relationship) to study positions, ``tied`` (named by the review's table, factor) to outcome ids, and ``discussed``
    an outcome to study positions. Of the positions in a cell, ``paired`` are those of studies that are known to have
    examined the pair, ``direct`` those of studies whose text states the tie itself. ``coded`` maps a facet of
    ``ONE_VALUE`` and a study position to the ids of the study's values, ``values`` a facet and such an id to its label.
    """

    labels: Sequence[int | str]
    reported: dict[tuple[bool, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    cells: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(list))
    paired: dict[Cell, set[int]] = field(default_factory=lambda: defaultdict(set))
    direct: dict[Cell, set[int]] = field(default_factory=lambda: defaultdict(set))
    tied: dict[tuple[bool, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    discussed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    coded: dict[str, dict[int, tuple[str, ...]]] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def row(self, positions: Collection[int]) -> Row:
        """Return the number of studies and findings at these positions, and the labels of the studies."""
        distinct = sorted(set(positions))
        labels = [self.labels[position - 1] for position in distinct]
        return {"studies": len(distinct), "findings": len(positions), "study_labels": labels}


def count(evidence: Evidence, positions: Mapping[str, int], labels: Sequence[int | str]) -> Counts:
    """Count the findings of ``evidence``.

    ``positions`` maps a study to its position in the review's order, from 1; ``labels`` are the labels of the studies
    in that order. A study discusses the outcomes that its sheet lists. An outcome that no study lists is discussed by
    the studies whose findings are tied to it.
    """
    counts = Counts(
        labels,
        coded={name: _coded(evidence.studies, name, positions) for name in ONE_VALUE},
        values={(f.id, value.id): value.label for f in evidence.facets if f.id in ONE_VALUE for value in f.values},
    )
    listed = [(study.id, outcome) for study in evidence.studies for outcome in study.outcomes]
    in_sheets = {outcome for _, outcome in listed}
    for study_id, outcome in dict.fromkeys(listed):
        counts.discussed[outcome].append(positions[study_id])
    for claim, studies in _studies_by_claim(evidence.findings, positions).items():
        counts.reported[claim.tabulated, claim.factor, claim.direction] += studies
        if claim.outcomes:
            counts.tied[claim.tabulated or claim.associated, claim.factor].update(claim.outcomes)
        kind = _KINDS[claim.direction, claim.pole or "presence"]
        for outcome in claim.outcomes:
            cell = claim.factor, outcome, kind
            counts.cells[cell] += studies
            if not claim.implied:
                counts.paired[cell].update(studies)
            if not claim.certainty:
                counts.direct[cell].update(studies)
            if outcome not in in_sheets:
                counts.discussed[outcome] += studies
    counts.discussed.update((outcome, sorted(set(studies))) for outcome, studies in counts.discussed.items())
    return counts


class _Claim(NamedTuple):
    """What is counted of a finding besides its study; the fields are those of Finding."""

    factor: str
    direction: str
    outcomes: tuple[str, ...]
    tabulated: bool
    associated: bool
    pole: str | None
    implied: bool
    certainty: str | None


def _studies_by_claim(findings: Iterable[Finding], positions: Mapping[str, int]) -> dict[_Claim, list[int]]:
    """Return each different claim with the positions of the studies that make it, one for each finding."""
    claim_of = attrgetter(*_Claim._fields)
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for finding in findings:
        found[claim_of(finding)].append(positions[finding.study])
    return {_Claim(*claim): studies for claim, studies in found.items()}


def _coded(studies: Iterable[Study], facet: str, positions: Mapping[str, int]) -> dict[int, tuple[str, ...]]:
    return {positions[study.id]: values for study in studies if (values := study.facets.get(facet))}


def count_rows(counts: Counts, review: str, factors: Sequence[Concept], outcomes: Sequence[Concept]) -> Rows:
    """Return the tallies and the derived edges as rows."""
    tallies: list[Row] = []
    of: dict[str, list[Row]] = {"Factor": [], "Outcome": []}
    for scope in ("tabulated", "all"):
        for factor in factors:
            for tally in _factor_tallies(counts, scope, factor, outcomes):
                tallies.append(tally)
                of["Factor"].append({"from": tally["id"], "to": factor.id})
    for outcome in outcomes:
        if studies := counts.discussed.get(outcome.id):
            tallies.append({"id": f"outcome:all:{outcome.id}:{ANY}", "scope": "all", **counts.row(studies)})
            of["Outcome"].append({"from": tallies[-1]["id"], "to": outcome.id})
    edges = _derived_edges(counts, factors, outcomes)
    edges["HAS_TALLY", "Review", "Tally"] = [{"from": review, "to": tally["id"]} for tally in tallies]
    edges.update({("OF", "Tally", label): rows for label, rows in of.items()})
    return {"Tally": tallies}, edges


def _derived_edges(counts: Counts, factors: Sequence[Concept], outcomes: Sequence[Concept]) -> dict[EdgeKey, list[Row]]:
    """Return the derived edges by type, in the order of the vocabularies.

    Every edge of a pair says what all studies of the pair have in common.
    """
    edges: dict[EdgeKey, list[Row]] = {(kind, "Factor", "Outcome"): [] for kind in DERIVED}
    row_of = {factor.id: index for index, factor in enumerate(factors)}
    column_of = {outcome.id: index for index, outcome in enumerate(outcomes)}
    of_pair: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (factor, outcome, _), positions in counts.cells.items():
        of_pair[factor, outcome].update(positions)
    shared = {pair: _in_common(counts, positions) for pair, positions in of_pair.items()}
    for cell in sorted(counts.cells, key=lambda cell: (row_of[cell[0]], column_of[cell[1]])):
        factor, outcome, kind = cell
        direction, pole = DERIVED[kind]
        row: Row = {"from": factor, "to": outcome, "direction": direction, **counts.row(counts.cells[cell])}
        if pole:
            row["pole"] = pole
        row["implied_studies"] = row["studies"] - len(counts.paired[cell])
        row["indirect_studies"] = row["studies"] - len(counts.direct[cell])
        row.update(shared[factor, outcome])
        edges[kind, "Factor", "Outcome"].append(row)
    return edges


def _in_common(counts: Counts, positions: Iterable[int]) -> Row:
    """Return the value of each facet of ``ONE_VALUE`` that all of these studies have which have any, if two have one.

    The row has the label of the value as ``one_design`` and the labels of the studies with it as ``one_design_labels``.
    """
    found: Row = {}
    for facet, coded in counts.coded.items():
        given = sorted(position for position in positions if position in coded)
        values = {value for position in given for value in coded[position]}
        if len(given) > 1 and len(values) == 1:
            found[f"one_{facet}"] = counts.values[facet, values.pop()]
            found[f"one_{facet}_labels"] = [counts.labels[position - 1] for position in given]
    return found


def _factor_tallies(counts: Counts, scope: str, concept: Concept, outcomes: Sequence[Concept]) -> Iterable[Row]:
    """Yield the tallies of one factor: any direction, facilitator and barrier (even if zero), others with findings.

    A nominal factor can be neither facilitator nor barrier, so it has no rows of zero.
    """
    factor, parts = concept.id, (True,) if scope == "tabulated" else (True, False)
    reported = {d: [p for part in parts for p in counts.reported.get((part, factor, d), ())] for d in DIRECTIONS}
    if not any(reported.values()):
        return
    tied = set().union(*(counts.tied.get((part, factor), ()) for part in parts))
    labels = [outcome.label for outcome in outcomes if outcome.id in tied]
    everything = [position for positions in reported.values() for position in positions]
    yield {"id": f"factor:{scope}:{factor}:{ANY}", "scope": scope, "outcomes": labels, **counts.row(everything)}
    for direction in DIRECTIONS:
        if (direction in OPPOSITES and not concept.nominal) or reported[direction]:
            yield {
                "id": f"factor:{scope}:{factor}:{direction}",
                "scope": scope,
                "direction": direction,
                "outcomes": labels,
                **counts.row(reported[direction]),
            }


def studies_of(counts: Counts) -> Counter[tuple[str, str]]:
    """Return how many studies report each factor and discuss each outcome, by label and id."""
    reporting: dict[str, set[int]] = defaultdict(set)
    for (_, factor, _), positions in counts.reported.items():
        reporting[factor].update(positions)
    found = Counter({("Factor", factor): len(positions) for factor, positions in reporting.items()})
    found.update({("Outcome", outcome): len(positions) for outcome, positions in counts.discussed.items()})
    return found
