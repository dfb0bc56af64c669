"""A part of a graph: some of the studies and findings, with everything that is counted anew. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from kg.graph.bibliography import standing_rows
from kg.graph.counts import count, count_rows, studies_of
from kg.graph.facets import other_evidence, value_id
from kg.graph.rows import EdgeKey, GraphData, Row
from kg.model.fields import REVIEW
from kg.model.literature import Standing
from kg.model.records import Concept, Evidence, Facet, Finding, ReviewInfo, Study
from kg.model.vocabulary import ONE_VALUE

#: Labels of nodes that go with the last study or record that they belong to.
_LEANING = ("Report", "Standing", "Author", "Institution", "Topic", "Funder")


def select(
    data: GraphData,
    studies: Collection[str],
    findings: Collection[str],
    *,
    tied: bool = False,
    examined: Mapping[str, Collection[str]] | None = None,
) -> GraphData:
    """Return the graph of these studies and findings: as if no others had been charted.

    Vocabularies, facets, searches and sources stay whole. A study discusses the outcomes that it discussed before;
    with ``tied``, those of its findings that are left, if any is; with ``examined``, those given there by its id.
    """
    counted = _counted(data, set(studies), set(findings), tied, examined)
    nodes: dict[str, Sequence[Row]] = {label: list(rows) for label, rows in data.nodes.items()}
    nodes["Study"] = [row for row in nodes.get("Study", ()) if row["id"] in studies]
    nodes["Finding"] = [row for row in nodes.get("Finding", ()) if row["id"] in findings]
    nodes["Review"] = [{**row, **_numbers(data, row, studies, findings)} for row in nodes.get("Review", ())]
    nodes.update(counted.nodes)
    edges = {key: rows for key, rows in data.edges.items() if key not in counted.edges}
    _drop_what_leaned(nodes, edges)
    edges = {**_between(nodes, edges), **counted.edges}
    for row in nodes["Review"]:
        row.pop("other_evidence", None)
        if row["id"] == row["review"] and (number := other_evidence(edges.get(("CODED_AS", "Study", "Value"), ()))):
            row["other_evidence"] = number
    return GraphData(nodes, {key: rows for key, rows in edges.items() if rows})


def _numbers(data: GraphData, review: Row, studies: Collection[str], findings: Collection[str]) -> Row:
    """Return the numbers of the kept studies and findings of a review: all of them for the folder's own."""
    if review["id"] == review["review"]:
        return {"studies": len(studies), "findings": len(findings)}
    included = {row["to"] for row in data.edges["INCLUDES", "Review", "Study"] if row["from"] == review["id"]}
    coded = data.edges.get(("CODED_AS", "Finding", "Value"), ())
    told = {row["from"] for row in coded if row["to"] == value_id(REVIEW, review["id"])}
    return {"studies": len(included & set(studies)), "findings": len(told & set(findings))}


def _drop_what_leaned(nodes: dict[str, Sequence[Row]], edges: Mapping[EdgeKey, Sequence[Row]]) -> None:
    """Remove the records, authors and the like of dropped studies, and works that only dropped studies cite."""

    def drop(label: str, lost: set[str]) -> None:
        nodes[label] = [row for row in nodes.get(label, ()) if row["id"] not in lost]

    drop("Record", _lost(nodes, edges, "Record", "REPORT_OF"))
    for label in _LEANING:
        drop(label, _lost(nodes, edges, label))
    stubs = {row["id"] for row in nodes.get("Candidate", ()) if not row["records"]}
    drop("Candidate", stubs & _lost(nodes, edges, "Candidate", "CITES"))


def _lost(
    nodes: Mapping[str, Sequence[Row]], edges: Mapping[EdgeKey, Sequence[Row]], label: str, kind: str | None = None
) -> set[str]:
    """Return the nodes of a label that had edges (of a type), all of them to nodes that are no longer there."""
    kept = _ids(nodes)
    gone: set[str] = set()
    held: set[str] = set()
    for (name, start, end), rows in edges.items():
        for own, here, there, other in (("from", start, end, "to"), ("to", end, start, "from")):
            if here == label and kind in (None, name) and there != "Source":
                for row in rows:
                    (held if row[other] in kept[there] else gone).add(row[own])
    return gone - held


def _ids(nodes: Mapping[str, Sequence[Row]]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    found.update({label: {row["id"] for row in rows} for label, rows in nodes.items()})
    return found


def _between(
    nodes: Mapping[str, Sequence[Row]], edges: Mapping[EdgeKey, Sequence[Row]]
) -> dict[EdgeKey, Sequence[Row]]:
    """Return the edges whose two ends are there."""
    kept = _ids(nodes)
    return {
        key: [row for row in rows if row["from"] in kept[key[1]] and row["to"] in kept[key[2]]]
        for key, rows in edges.items()
    }


def _counted(
    data: GraphData,
    studies: set[str],
    findings: set[str],
    tied: bool,
    examined: Mapping[str, Collection[str]] | None,
) -> GraphData:
    """Return the nodes and edges that are counted from findings: tallies, cells, cautions, numbers of studies."""
    rows = sorted((row for row in data.nodes.get("Study", ()) if row["id"] in studies), key=lambda row: row["order"])
    labels: dict[str, int | str] = {row["id"]: row["label"] for row in rows}
    positions = {id_: position for position, id_ in enumerate(labels, start=1)}
    evidence = _evidence(data, list(labels), findings, tied, examined)
    counts = count(evidence, positions, list(labels.values()))
    review = evidence.review.id
    of_nodes, of_edges = count_rows(counts, review, evidence.factors, evidence.outcomes)
    nodes: dict[str, Sequence[Row]] = {**of_nodes}
    edges: dict[EdgeKey, Sequence[Row]] = {**of_edges}
    reporting = studies_of(counts)
    for label in ("Factor", "Outcome"):
        nodes[label] = [{**row, "studies": reporting[label, row["id"]]} for row in data.nodes.get(label, ())]
    ids = list(labels)
    edges["EXAMINES", "Study", "Outcome"] = [
        {"from": ids[position - 1], "to": outcome.id}
        for outcome in evidence.outcomes
        for position in counts.discussed.get(outcome.id, ())
    ]
    standings = standing_rows(evidence, labels)
    nodes["Caution"] = [{**row, "review": review} for row in standings[0]["Caution"]]
    nodes["Tally"] = [{**row, "review": review} for row in nodes["Tally"]]
    key = ("HAS_CAUTION", "Review", "Caution")
    edges[key] = standings[1][key]
    return GraphData(nodes, edges)


def _evidence(
    data: GraphData,
    studies: list[str],
    findings: set[str],
    tied: bool,
    given: Mapping[str, Collection[str]] | None,
) -> Evidence:
    """Return what tallies and cells are counted from, of these studies and findings."""
    left = _findings(data, findings)
    examined: dict[str, Collection[str]] = dict(given or _ends_of(data, "EXAMINES", "Study", "Outcome"))
    if tied:
        outcomes: dict[str, dict[str, None]] = {}
        for finding in left:
            outcomes.setdefault(finding.study, {}).update(dict.fromkeys(finding.outcomes))
        examined |= {study: list(of_study) for study, of_study in outcomes.items()}
    review = next(row for row in data.nodes["Review"] if row["id"] == row["review"])
    terms = {
        label: tuple(
            Concept(row["id"], row["label"], nominal=row.get("nominal") or False)
            for row in sorted(data.nodes.get(label, ()), key=_place)
        )
        for label in ("Factor", "Outcome")
    }
    facets, coded = _one_value_facets(data)
    owner = {end: start for start, ends in _ends_of(data, "HAS_STANDING", "Study", "Standing").items() for end in ends}
    return Evidence(
        ReviewInfo(review["id"], ""),
        tuple(Study(id_, "", outcomes=tuple(examined.get(id_, ())), facets=coded.get(id_, {})) for id_ in studies),
        tuple(left),
        terms["Factor"],
        terms["Outcome"],
        standings=tuple(
            Standing(owner[row["id"]], row["source"], row["status"])
            for row in data.nodes.get("Standing", ())
            if owner.get(row["id"]) in studies
        ),
        facets=facets,
    )


def _one_value_facets(data: GraphData) -> tuple[tuple[Facet, ...], dict[str, dict[str, tuple[str, ...]]]]:
    """Return the facets of which a cell may have one value, and the values of the studies by facet.

    The ids of the values are those of their nodes.
    """
    values: dict[str, list[Concept]] = {name: [] for name in ONE_VALUE}
    for row in data.nodes.get("Value", ()):
        if row["facet"] in values:
            values[row["facet"]].append(Concept(row["id"], row["label"]))
    facet_of = {value.id: name for name, of_facet in values.items() for value in of_facet}
    coded: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for study, ends in _ends_of(data, "CODED_AS", "Study", "Value").items():
        for value in ends:
            if name := facet_of.get(value):
                coded[study][name] = (*coded[study].get(name, ()), value)
    return tuple(Facet(name, "", "study", "categories", tuple(listed)) for name, listed in values.items()), coded


def _findings(data: GraphData, kept: set[str]) -> list[Finding]:
    of = {row["to"]: row["from"] for row in data.edges.get(("REPORTS", "Study", "Finding"), ())}
    about, affected = _ends_of(data, "ABOUT", "Finding", "Factor"), _ends_of(data, "AFFECTS", "Finding", "Outcome")
    return [
        Finding(
            row["id"],
            of[row["id"]],
            about[row["id"]][0],
            row["direction"],
            tuple(affected.get(row["id"], ())),
            row["tabulated"],
            row.get("associated") or False,
            certainty=row.get("certainty"),
            pole=row.get("pole"),
            implied=row.get("implied") or False,
        )
        for row in data.nodes.get("Finding", ())
        if row["id"] in kept
    ]


def _ends_of(data: GraphData, kind: str, start: str, end: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in data.edges.get((kind, start, end), ()):
        found.setdefault(row["from"], []).append(row["to"])
    return found


def _place(row: Row) -> int:
    order: int = row["order"]
    return order
