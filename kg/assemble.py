"""Evidence -> graph: the one place that knows which record becomes which node and edge. Pure.

The derived edges are computed here, once, so that a table costs the number of its cells on every engine.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from kg.ids import slug
from kg.model import Concept, Evidence, Finding, Study
from kg.vocab import DERIVED, DIRECTIONS, POLES, PROPERTIES, SUMMARY_LABELS, SUMMARY_RELATIONSHIPS

Row: TypeAlias = dict[str, Any]
#: Relationship type, start label, end label.
EdgeKey: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class GraphData:
    """Nodes by label, edges by (type, start label, end label); every row is a flat dictionary.

    Node rows carry ``id``; edge rows carry ``from`` and ``to``. A property without a value is absent.
    """

    nodes: dict[str, list[Row]] = field(default_factory=dict)
    edges: dict[EdgeKey, list[Row]] = field(default_factory=dict)

    def summary(self) -> GraphData:
        """Return the part that tables and maps read: reviews, factors, outcomes and the edges between them."""
        return GraphData(
            {label: rows for label, rows in self.nodes.items() if label in SUMMARY_LABELS},
            {key: rows for key, rows in self.edges.items() if key[0] in SUMMARY_RELATIONSHIPS},
        )


def assemble(evidence: Evidence) -> GraphData:
    """Return the graph of ``evidence``; the same evidence gives the same graph, in the same order.

    An outcome that no study is coded to discuss is discussed by the studies whose findings are tied to it.
    """
    evidence = replace(evidence, studies=_with_outcomes(evidence))
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    nodes: dict[str, list[Row]] = {
        "Review": [_review_row(evidence)],
        "Study": [_study_row(study, labels[study.id], orders[study.id]) for study in evidence.studies],
        "Factor": _concept_rows(evidence.factors, ((f.factor, f.study) for f in evidence.findings)),
        "Outcome": _concept_rows(evidence.outcomes, ((o, s.id) for s in evidence.studies for o in s.outcomes)),
        "Finding": [_finding_row(finding) for finding in evidence.findings],
        "Source": [{"id": s.path, "path": s.path, "sha256": s.sha256, "rows": s.rows} for s in evidence.sources],
        "Search": [_row("Search", search) for search in evidence.searches],
        "StatedGap": [_row("StatedGap", gap) for gap in evidence.gaps],
    }
    edges: dict[EdgeKey, list[Row]] = {}
    review = evidence.review.id
    edges["INCLUDES", "Review", "Study"] = [
        {"from": review, "to": s.id, "label": labels[s.id]} for s in evidence.studies
    ]
    edges["RAN", "Review", "Search"] = [{"from": review, "to": s.id} for s in evidence.searches]
    edges["STATES", "Review", "StatedGap"] = [{"from": review, "to": g.id} for g in evidence.gaps]
    edges["CONCERNS", "StatedGap", "Factor"] = [{"from": g.id, "to": f} for g in evidence.gaps for f in g.factors]
    edges["CONCERNS", "StatedGap", "Outcome"] = [{"from": g.id, "to": o} for g in evidence.gaps for o in g.outcomes]
    edges["EXAMINES", "Study", "Outcome"] = [{"from": s.id, "to": o} for s in evidence.studies for o in s.outcomes]
    for label, concepts in (("Factor", evidence.factors), ("Outcome", evidence.outcomes)):
        edges["BROADER", label, label] = [{"from": c.id, "to": c.broader} for c in concepts if c.broader]
    for label, kind, facet in (
        ("Design", "HAS_DESIGN", "design"),
        ("Setting", "IN_SETTING", "setting"),
        ("Population", "WITH_POPULATION", "population"),
    ):
        nodes[label], edges[kind, "Study", label] = _facet(evidence.studies, facet)
    edges["REPORTS", "Study", "Finding"] = [{"from": f.study, "to": f.id} for f in evidence.findings]
    edges["ABOUT", "Finding", "Factor"] = [{"from": f.id, "to": f.factor} for f in evidence.findings]
    edges["AFFECTS", "Finding", "Outcome"] = [{"from": f.id, "to": o} for f in evidence.findings for o in f.outcomes]
    edges["EXTRACTED_FROM", "Finding", "Source"] = [
        {"from": f.id, "to": f.source, "row": f.row} for f in evidence.findings if f.source
    ]
    nodes["Tally"], derived = _derived(evidence, orders, labels)
    edges.update(derived)
    for rows in nodes.values():
        for row in rows:
            row["review"] = review
    return GraphData(nodes, {key: rows for key, rows in edges.items() if rows})


def _with_outcomes(evidence: Evidence) -> tuple[Study, ...]:
    coded = {outcome for study in evidence.studies for outcome in study.outcomes}
    tied: dict[str, dict[str, None]] = defaultdict(dict)
    for finding in evidence.findings:
        for outcome in finding.outcomes:
            if outcome not in coded:
                tied[finding.study][outcome] = None
    return tuple(replace(s, outcomes=(*s.outcomes, *tied[s.id])) if s.id in tied else s for s in evidence.studies)


def study_orders(studies: Iterable[Study]) -> dict[str, int]:
    """Return each study's place: by article number where all labels are numbers, else as listed."""
    listed = list(studies)
    if _numbered(listed):
        listed.sort(key=lambda s: int(s.label or 0))
    return {study.id: place for place, study in enumerate(listed, start=1)}


def _numbered(studies: list[Study]) -> bool:
    """Return whether every study has an article number; 01 is a name and not the number 1."""
    return all(s.label and re.fullmatch("[1-9][0-9]{0,8}", s.label) for s in studies)


def short_citation(study: Study) -> str:
    """Return ``Author Year``, or what there is of it.

    >>> short_citation(Study("key:a", "a", authors="Felton JW, Abidogun TM", year=2023))
    'Felton 2023'
    """
    first = (study.authors or "").split(";")[0].split(",")[0].strip()
    family = first.rsplit(" ", 1)[0] if first.rsplit(" ", 1)[-1].isupper() else first
    named = family or study.title or study.key
    return f"{named} {study.year}" if study.year else named


def study_labels(studies: Iterable[Study]) -> dict[str, int | str]:
    """Return what the review calls each study: its article number, as integers where all are, else its label or key."""
    listed = list(studies)
    if _numbered(listed):
        return {s.id: int(s.label or 0) for s in listed}
    return {s.id: s.label or s.key for s in listed}


def _review_row(evidence: Evidence) -> Row:
    return _row("Review", evidence.review, studies=len(evidence.studies), findings=len(evidence.findings))


def _study_row(study: Study, label: int | str, order: int) -> Row:
    several = {name: "; ".join(getattr(study, name)) or None for name in ("design", "setting", "population")}
    return _row("Study", study, label=label, order=order, short=short_citation(study), **several)


def _finding_row(finding: Finding) -> Row:
    row: Row = {"id": finding.id, "direction": finding.direction, "tabulated": finding.tabulated}
    if finding.associated:
        row["associated"] = True
    if finding.locator:
        row["locator"] = finding.locator
    if finding.note:
        row["note"] = finding.note
    if finding.approach:
        row["approach"] = finding.approach
    if finding.certainty:
        row["certainty"] = finding.certainty
    if finding.coder:
        row["coder"] = finding.coder
    return row


def _concept_rows(concepts: Iterable[Concept], uses: Iterable[tuple[str, str]]) -> list[Row]:
    """Return concept nodes; ``uses`` are (concept, study) pairs: the studies that report or discuss each."""
    listed = list(concepts)
    by_id = {c.id: c for c in listed}
    studies: dict[str, set[str]] = defaultdict(set)
    for concept_id, study in uses:
        studies[concept_id].add(study)

    def top(concept: Concept) -> str | None:
        at, seen = concept, {concept.id}
        while at.broader and at.broader not in seen:  # loaders refuse a cycle; here it must not hang
            at = by_id[at.broader]
            seen.add(at.id)
        return at.label if at is not concept else None

    return [
        _row(
            "Outcome", c, synonyms="; ".join(c.synonyms) or None, group=top(c), order=order, studies=len(studies[c.id])
        )
        for order, c in enumerate(listed, start=1)
    ]


def _facet(studies: Iterable[Study], name: str) -> tuple[list[Row], list[Row]]:
    nodes: dict[str, Row] = {}
    ids: dict[str, str] = {}
    edges: list[Row] = []
    for study in studies:
        for value in getattr(study, name):
            folded = " ".join(value.casefold().split())
            if folded not in ids:
                made = slug(value)
                while made in nodes:  # values that differ in more than case and spaces stay apart: Age <18 and Age >18
                    made += "-2"
                ids[folded] = made
                nodes[made] = {"id": made, "label": value}
            edges.append({"from": study.id, "to": ids[folded]})
    return [nodes[id_] for id_ in sorted(nodes)], edges


def _derived(
    evidence: Evidence, orders: Mapping[str, int], labels: Mapping[str, int | str]
) -> tuple[list[Row], dict[tuple[str, str, str], list[Row]]]:
    """Sum findings up: a tally per factor and direction and per outcome, an edge per cell and direction."""
    cells: dict[tuple[str, str, str], list[int]] = {}
    reported: dict[str, dict[str, dict[str, list[int]]]] = {"tabulated": {}, "all": {}}
    tied: dict[str, dict[str, set[str]]] = {"tabulated": defaultdict(set), "all": defaultdict(set)}
    for finding in evidence.findings:
        study = orders[finding.study]
        for scope in ("tabulated", "all") if finding.tabulated else ("all",):
            by_direction = reported[scope].setdefault(finding.factor, {})
            by_direction.setdefault(finding.direction, []).append(study)
        tied["all"][finding.factor].update(finding.outcomes)
        if finding.tabulated or finding.associated:
            tied["tabulated"][finding.factor].update(finding.outcomes)
        for outcome in finding.outcomes:
            cells.setdefault((finding.direction, finding.factor, outcome), []).append(study)
    examined: dict[str, list[int]] = defaultdict(list)
    for discussed in evidence.studies:
        for outcome in discussed.outcomes:
            examined[outcome].append(orders[discussed.id])
    label_at = {orders[id_]: label for id_, label in labels.items()}

    def counts(studies: list[int]) -> Row:
        distinct = sorted(set(studies))
        return {"studies": len(distinct), "findings": len(studies), "study_labels": [label_at[s] for s in distinct]}

    outcome_order = {c.id: place for place, c in enumerate(evidence.outcomes)}
    outcome_label = {c.id: c.label for c in evidence.outcomes}
    factor_order = {c.id: place for place, c in enumerate(evidence.factors)}
    edges: dict[tuple[str, str, str], list[Row]] = {(kind, "Factor", "Outcome"): [] for kind in DERIVED.values()}
    for direction, factor, outcome in sorted(cells, key=lambda k: (factor_order[k[1]], outcome_order[k[2]])):
        edges[DERIVED[direction], "Factor", "Outcome"].append(
            {"from": factor, "to": outcome, "direction": direction, **counts(cells[direction, factor, outcome])}
        )

    tallies: list[Row] = []
    of: dict[str, list[Row]] = {"Factor": [], "Outcome": []}

    def tally(label: str, concept: str, scope: str, studies: list[int], **more: Any) -> None:
        id_ = ":".join((label.lower(), scope, concept, more.get("direction", "any")))
        tallies.append({"id": id_, "scope": scope, **more, **counts(studies)})
        of[label].append({"from": id_, "to": concept})

    for scope in ("tabulated", "all"):
        for factor in sorted(reported[scope], key=factor_order.__getitem__):
            by_direction = reported[scope][factor]
            outcomes = [outcome_label[o] for o in sorted(tied[scope][factor], key=outcome_order.__getitem__)]
            tally("Factor", factor, scope, [s for ids in by_direction.values() for s in ids], outcomes=outcomes)
            for direction in DIRECTIONS:
                if direction in POLES or direction in by_direction:
                    tally(
                        "Factor", factor, scope, by_direction.get(direction, []), direction=direction, outcomes=outcomes
                    )
    for outcome in sorted(examined, key=outcome_order.__getitem__):
        tally("Outcome", outcome, "all", examined[outcome])
    edges["HAS_TALLY", "Review", "Tally"] = [{"from": evidence.review.id, "to": t["id"]} for t in tallies]
    edges["OF", "Tally", "Factor"] = of["Factor"]
    edges["OF", "Tally", "Outcome"] = of["Outcome"]
    return tallies, edges


def _row(kind: str, record: object, /, **more: Any) -> Row:
    """Return a record's properties of a node label, those in ``more`` in their place, without what is absent."""
    values = {name: more[name] if name in more else getattr(record, name, None) for name in PROPERTIES[kind]}
    return {name: value for name, value in values.items() if value is not None}
