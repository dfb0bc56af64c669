"""Facets: what a review charts of its studies and findings, as nodes of facets and values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from kg.graph.rows import EdgeKey, Row
from kg.model.fields import VALUES
from kg.model.records import Evidence, Facet, Finding, Match, Overlay, Study
from kg.model.vocabulary import MATCHES

Rows: TypeAlias = tuple[dict[str, list[Row]], dict[EdgeKey, list[Row]]]

#: The ids of the nodes of the classes of evidence that are not empirical.
OTHER_EVIDENCE = frozenset(f"evidence:{name}" for name in VALUES["evidence"] if name != "empirical")
#: Kinds of facets whose values are numbers.
NUMERIC = ("number", "year")


def facet_rows(evidence: Evidence) -> Rows:
    """Return the nodes of facets and values, the edges from the studies and findings that are coded with
    them, and those from the values of overlays to the factors and outcomes that they are matched to."""
    nodes: dict[str, list[Row]] = {"Facet": [], "Value": []}
    edges: dict[EdgeKey, list[Row]] = {}
    broader = edges["BROADER", "Value", "Value"] = []
    in_facet = edges["IN_FACET", "Value", "Facet"] = []
    for order, facet in enumerate(evidence.facets, start=1):
        row: Row = {"id": facet.id, "label": facet.label, "unit": facet.of, "kind": facet.kind, "order": order}
        nodes["Facet"].append({**row, "definition": facet.definition} if facet.definition else row)
        for row in _value_rows(facet):
            nodes["Value"].append(row)
            in_facet.append({"from": row["id"], "to": facet.id})
        broader += [
            {"from": value_id(facet.id, v.id), "to": value_id(facet.id, v.broader)} for v in facet.values if v.broader
        ]
    for label, units in (("Study", evidence.studies), ("Finding", evidence.findings)):
        edges["CODED_AS", label, "Value"], edges["NOT_CODED", label, "Facet"] = _codes(units)
    for overlay in evidence.overlays:
        for match in overlay.matches:
            edges.setdefault((MATCHES[match.predicate], "Value", overlay.of.capitalize()), []).append(
                _edge(overlay, match)
            )
    return nodes, edges


def other_evidence(coded: Iterable[Row]) -> int | None:
    """Return how many studies have another class of evidence than empirical, None for none.

    ``coded`` are the edges CODED_AS from studies.
    """
    return len({row["from"] for row in coded if row["to"] in OTHER_EVIDENCE}) or None


def _edge(overlay: Overlay, match: Match) -> Row:
    row: Row = {"from": value_id(overlay.id, match.value), "to": match.concept, "groups": match.groups}
    row["justification"] = match.justification
    return {**row, "comment": match.comment} if match.comment else row


def value_id(facet: str, value: str) -> str:
    """Return the id of the node of a value; values of different facets may have the same id within their facet."""
    return f"{facet}:{value}"


def _value_rows(facet: Facet) -> Iterable[Row]:
    groups = groups_of(facet)
    for order, value in enumerate(facet.values, start=1):
        row: Row = {"id": value_id(facet.id, value.id), "facet": facet.id, "label": value.label, "order": order}
        if facet.kind in NUMERIC:
            row["number"] = float(value.label)
        more = {
            "definition": value.definition,
            "synonyms": "; ".join(value.synonyms),
            "group": groups.get(value.id),
            "residual": value.residual,
            "colour": value.colour,
        }
        row.update({name: found for name, found in more.items() if found})
        yield row


def groups_of(facet: Facet) -> dict[str, str]:
    """Return the id of a value -> the label of its topmost broader value, for the values that have one."""
    by_id = {value.id: value for value in facet.values}
    groups: dict[str, str] = {}
    for value in facet.values:
        at, seen = value, {value.id}
        while at.broader and at.broader not in seen:
            at = by_id[at.broader]
            seen.add(at.id)
        if at is not value:
            groups[value.id] = at.label
    return groups


def _codes(units: Iterable[Study | Finding]) -> tuple[list[Row], list[Row]]:
    coded: list[Row] = []
    missing: list[Row] = []
    for unit in units:
        for facet, values in unit.facets.items():
            coded += [{"from": unit.id, "to": value_id(facet, value)} for value in values]
        for facet, status in unit.not_coded.items():
            missing.append({"from": unit.id, "to": facet, "coding_status": status})
    return coded, missing
