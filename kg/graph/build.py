"""Evidence -> graph: the only module that maps records to nodes and edges. Pure.

``kg.graph.counts`` computes tallies and derived edges in advance, so that the cost of a table is the number of its
cells on every engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kg.graph.bibliography import gravest_standings, record_counts, record_rows, standing_rows
from kg.graph.counts import count, count_rows, studies_of
from kg.graph.facets import NUMERIC, facet_rows, other_evidence
from kg.graph.rows import ColumnRows, EdgeKey, GraphData, Row
from kg.model.fields import REVIEW, STUDY_FACETS, VALUES
from kg.model.names import author_year
from kg.model.records import Concept, Evidence, Facet, Finding, ReviewInfo, Source, Study
from kg.model.vocabulary import PROPERTIES

#: Article numbers are from 1 to below this.
_LAST = 10**9
_ARTICLE_NUMBER = re.compile("[1-9][0-9]{0,8}")


def assemble(evidence: Evidence) -> GraphData:
    """Return the graph of ``evidence``; the same evidence gives the same graph, in the same order."""
    orders, labels = study_orders(evidence.studies), study_labels(evidence.studies)
    in_order = {id_: labels[id_] for id_ in sorted(orders, key=orders.__getitem__)}
    counts = count(evidence, orders, list(in_order.values()))
    counted = count_rows(counts, evidence.review.id, evidence.factors, evidence.outcomes)
    studies = studies_of(counts)
    nodes: dict[str, Sequence[Row]] = {
        "Review": [
            review_row(evidence.review, len(evidence.studies), len(evidence.findings)),
            *_other_reviews(evidence),
        ],
        "Study": study_rows(evidence, orders, labels),
        "Factor": concept_rows("Factor", evidence.factors, studies),
        "Outcome": concept_rows("Outcome", evidence.outcomes, studies),
        "Finding": [],
        "Source": [source_row(source) for source in evidence.sources],
        "Search": [_row("Search", s, missing="; ".join(s.missing) or None) for s in evidence.searches],
        "StatedGap": [_row("StatedGap", gap) for gap in evidence.gaps],
    }
    edges: dict[EdgeKey, Sequence[Row]] = {}
    review = evidence.review.id
    edges["INCLUDES", "Review", "Study"] = list(_inclusions(evidence, labels))
    edges["RAN", "Review", "Search"] = [{"from": review, "to": s.id} for s in evidence.searches]
    edges["STATES", "Review", "StatedGap"] = [{"from": review, "to": g.id} for g in evidence.gaps]
    edges["CONCERNS", "StatedGap", "Factor"] = [{"from": g.id, "to": f} for g in evidence.gaps for f in g.factors]
    edges["CONCERNS", "StatedGap", "Outcome"] = [{"from": g.id, "to": o} for g in evidence.gaps for o in g.outcomes]
    study_ids = list(in_order)
    examined = [(study_ids[n - 1], o.id) for o in evidence.outcomes for n in counts.discussed.get(o.id, ())]
    edges["EXAMINES", "Study", "Outcome"] = ColumnRows.of(examined, "from", "to")
    for label, concepts in (("Factor", evidence.factors), ("Outcome", evidence.outcomes)):
        edges["BROADER", label, label] = [{"from": c.id, "to": c.broader} for c in concepts if c.broader]
    names = sorted({name for study in evidence.studies for name in study.reports})
    nodes["Report"] = [{"id": name} for name in names]
    edges["REPORTED_IN", "Study", "Report"] = [{"from": s.id, "to": r} for s in evidence.studies for r in s.reports]
    facets, bibliography = facet_rows(evidence), record_rows(evidence)
    if number := other_evidence(facets[1]["CODED_AS", "Study", "Value"]):
        nodes["Review"][0]["other_evidence"] = number
    found, standings = finding_rows(evidence.findings, review), standing_rows(evidence, in_order)
    for part in (found, counted, facets, bibliography, standings):
        nodes.update(part[0])
        edges.update(part[1])
    return GraphData(with_review_id(nodes, review), {key: rows for key, rows in edges.items() if rows})


def with_review_id(nodes: dict[str, Sequence[Row]], review: str) -> dict[str, Sequence[Row]]:
    """Set the property ``review`` of every node to the id of the review, unless its row has it when it is made."""
    for rows in nodes.values():
        for row in rows if isinstance(rows, list) else ():
            row["review"] = review
    return nodes


def finding_rows(findings: Sequence[Finding], review: str) -> tuple[dict[str, ColumnRows], dict[EdgeKey, ColumnRows]]:
    """Return the nodes of findings, and their edges to studies, concepts and files."""
    ids = [f.id for f in findings]
    nodes = {name: [getattr(f, name) or None for f in findings] for name in PROPERTIES["Finding"] if name != "review"}
    nodes |= {"review": [review] * len(ids), "tabulated": [f.tabulated for f in findings]}
    affected = [(f.id, outcome) for f in findings for outcome in f.outcomes]
    extracted = [(f.id, f.source, f.row) for f in findings if f.source]
    return {"Finding": ColumnRows(nodes)}, {
        ("REPORTS", "Study", "Finding"): ColumnRows({"from": [f.study for f in findings], "to": ids}),
        ("ABOUT", "Finding", "Factor"): ColumnRows({"from": ids, "to": [f.factor for f in findings]}),
        ("AFFECTS", "Finding", "Outcome"): ColumnRows.of(affected, "from", "to"),
        ("EXTRACTED_FROM", "Finding", "Source"): ColumnRows.of(extracted, "from", "to", "row"),
    }


def study_orders(studies: Iterable[Study]) -> dict[str, int]:
    """Return study id -> position, from 1: those with an article number by it, the others as listed."""
    ordered = sorted(studies, key=lambda study: _article_number(study) or _LAST)
    return {study.id: position for position, study in enumerate(ordered, start=1)}


def _article_number(study: Study) -> int | None:
    """Return the label of a study as a number if it is an article number; "01" is not one."""
    return int(study.label) if study.label and _ARTICLE_NUMBER.fullmatch(study.label) else None


def short_citation(study: Study) -> str:
    """Return ``Author Year`` of a study, with its title or key where it has no author.

    >>> short_citation(Study("key:a", "a", authors="Felton JW, Abidogun TM", year=2023))
    'Felton 2023'
    """
    first = (study.authors or "").split(";")[0].split(",")[0].strip()
    return author_year(first, study.year, study.title or study.key)


def study_labels(studies: Iterable[Study]) -> dict[str, int | str]:
    """Return study id -> label in the review: the article numbers as integers where all are numbers, else texts."""
    listed = list(studies)
    numbers = {study.id: _article_number(study) for study in listed}
    if None in numbers.values():
        return {study.id: study.label or study.key for study in listed}
    return {id_: number for id_, number in numbers.items() if number is not None}


def review_row(review: ReviewInfo, studies: int, findings: int) -> Row:
    """Return the node of a review, with its numbers of studies and findings."""
    return _row("Review", review, studies=studies, findings=findings)


def _other_reviews(evidence: Evidence) -> Iterator[Row]:
    """Yield the nodes of the other reviews, with the numbers of those studies and findings that are in the folder."""
    for info in evidence.reviews:
        studies, findings = (
            sum(info.id in unit.facets.get(REVIEW, ()) for unit in units)
            for units in (evidence.studies, evidence.findings)
        )
        yield review_row(info, studies, findings)


def _inclusions(evidence: Evidence, labels: Mapping[str, int | str]) -> Iterator[Row]:
    """Yield the edges from reviews to the studies that they include, with what each review calls them."""
    own = evidence.review.id
    for study in evidence.studies:
        if not evidence.reviews:
            yield {"from": own, "to": study.id, "label": labels[study.id]}
        for review in study.facets.get(REVIEW, ()) if evidence.reviews else ():
            label = str(labels[study.id]) if review == own else study.labels.get(review, study.key)
            yield {"from": review, "to": study.id, "label": label}


def source_row(source: Source) -> Row:
    """Return the node of an input file."""
    return _row("Source", source, id=source.path)


def study_rows(evidence: Evidence, orders: Mapping[str, int], labels: Mapping[str, int | str]) -> ColumnRows:
    """Return the nodes of studies; ``orders`` and ``labels`` are those of ``study_orders`` and ``study_labels``."""
    studies, records = evidence.studies, record_counts(evidence)
    standings = {id_: found for id_, found in gravest_standings(evidence.standings).items() if found != "not checked"}
    columns: dict[str, list[Any]] = {
        "review": [evidence.review.id] * len(studies),
        "label": [labels[study.id] for study in studies],
        "order": [orders[study.id] for study in studies],
        "short": [short_citation(study) for study in studies],
        "records": [records.get(study.id) for study in studies],
        "standing": [standings.get(study.id) for study in studies],
    }
    for facet in evidence.facets:
        if facet.id in STUDY_FACETS and facet.id != REVIEW:
            columns[facet.id] = _facet_column(facet, studies)
    return ColumnRows(
        {name: columns.get(name) or [getattr(s, name, None) for s in studies] for name in PROPERTIES["Study"]}
    )


def _facet_column(facet: Facet, studies: Iterable[Study]) -> list[str | int | float | None]:
    """Return the values of a facet as one property of each study, for tables: a number, or labels joined."""
    labels = {v.id: v.label for v in facet.values}

    def shown(values: tuple[str, ...]) -> str | int | float | None:
        found: str | int | float | None = "; ".join(labels[value] for value in values) or None
        if facet.kind in NUMERIC and values:
            number = float(labels[values[0]])
            found = int(number) if number == int(number) else number
        # A team may call a facet of its own ``evidence``, and a property has only the values of the ontology.
        return found if facet.id not in VALUES or found in VALUES[facet.id] else None

    known: dict[tuple[str, ...], str | int | float | None] = {}
    column: list[str | int | float | None] = []
    for study in studies:
        values = study.facets.get(facet.id)
        if values is None:
            column.append(study.year if facet.id == "year" else None)
            continue
        if values not in known:
            known[values] = shown(values)
        column.append(known[values])
    return column


def concept_rows(label: str, concepts: Iterable[Concept], studies: Mapping[tuple[str, str], int]) -> list[Row]:
    """Return the nodes of factors or outcomes; ``studies`` maps (label, id) to the number of studies."""
    listed = list(concepts)
    by_id = {c.id: c for c in listed}

    def top(concept: Concept) -> str | None:
        at, seen = concept, {concept.id}
        while at.broader and at.broader not in seen:  # loaders refuse a cycle; this loop must end even so
            at = by_id[at.broader]
            seen.add(at.id)
        return at.label if at is not concept else None

    return [
        _row(
            label,
            c,
            synonyms="; ".join(c.synonyms) or None,
            group=top(c),
            order=order,
            studies=studies[label, c.id],
            nominal=c.nominal or None,
            residual=c.residual or None,
        )
        for order, c in enumerate(listed, start=1)
    ]


def _row(kind: str, record: object, /, **more: Any) -> Row:
    """Return the properties of a node label, from ``more`` or else from the record, without those that are None."""
    return {
        name: value
        for name in PROPERTIES[kind]
        if (value := more[name] if name in more else getattr(record, name, None)) is not None
    }
