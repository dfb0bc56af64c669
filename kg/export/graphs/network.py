"""The nodes and edges that the files of ``kg export graph`` have in common, with white-listed attributes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kg.errors import UnknownName
from kg.export.graphs.layout import Position, columns
from kg.graph.rows import EdgeKey, GraphData, Row
from kg.model.vocabulary import DERIVED

if TYPE_CHECKING:
    from kg.query.graph import Graph

#: "factors": factors and outcomes, and an edge for each direction of a cell. "studies": also the studies, and the edges
#: of each finding.
LEVELS: Final = ("factors", "studies")

Value: TypeAlias = str | int | float | bool

#: The attributes of nodes and of edges, with their types. An attribute without a value is absent.
NODE_ATTRIBUTES: Final[Mapping[str, type]] = {
    "kind": str, "group": str, "definition": str, "favourable": str, "studies": int, "study_label": str, "title": str,
    "authors": str, "year": int, "doi": str, "design": str, "methods": str, "setting": str, "population": str,
    "country": str, "standing": str,
}  # fmt: skip
EDGE_ATTRIBUTES: Final[Mapping[str, type]] = {
    "kind": str, "direction": str, "pole": str, "studies": int, "findings": int, "implied_studies": int,
    "indirect_studies": int, "study_labels": str, "finding": str, "study": str, "outcomes": str, "locator": str,
    "note": str, "tabulated": bool, "certainty": str, "origin": str,
}  # fmt: skip

#: What XML and pages cannot hold: control characters, lone surrogates and two codes that are no characters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WORDS: Final = {"no_effect": "no effect", "unspecified": "direction not stated"}


@dataclass(frozen=True)
class Node:
    """A study, factor or outcome. ``x`` and ``y`` are in pixels, y downwards; ``size`` is a radius in pixels."""

    id: str
    label: str
    attributes: Mapping[str, Value]
    x: float
    y: float

    @property
    def kind(self) -> str:
        """The kind of the node: study, factor or outcome."""
        return str(self.attributes["kind"])

    @property
    def size(self) -> float:
        """The radius; the area grows with the number of studies."""
        studies = int(self.attributes.get("studies", 1))
        return round(8 + 3 * math.sqrt(studies), 1)


@dataclass(frozen=True)
class Edge:
    """A directed edge; ``weight`` is its number of studies. Two nodes may have several edges."""

    id: str
    source: str
    target: str
    label: str
    attributes: Mapping[str, Value]

    @property
    def kind(self) -> str:
        """The kind of the edge: ties, reports, affects or examines."""
        return str(self.attributes["kind"])

    @property
    def direction(self) -> str:
        """The direction of the finding or findings, or blank."""
        return str(self.attributes.get("direction", ""))

    @property
    def is_absence(self) -> bool:
        """Whether it is the absence of the factor that has the effect."""
        return self.attributes.get("pole") == "absence"

    @property
    def weight(self) -> int:
        """The number of studies."""
        return int(self.attributes.get("studies", 1))


@dataclass(frozen=True)
class Network:
    """Nodes and edges in the order of the review. ``facts`` describes the graph that they were read from."""

    title: str
    level: str
    facts: Mapping[str, Value]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def network(graph: Graph, level: str = "factors") -> Network:
    """Return the nodes and edges of a graph at one of the ``LEVELS``. Raises UnknownName for another level."""
    if level not in LEVELS:
        raise UnknownName("level", level, LEVELS)
    data = graph.rows()
    words = {**_WORDS, **graph.words}
    attributes = dict(_terms(data))
    if level == "studies":
        attributes = {**dict(_studies(data)), **attributes}
        edges = [*_of_findings(data, words), *_examined(data)]
    else:
        edges = list(_ties(data, words))
    places = columns((id_, str(row["kind"]), str(row.get("group", ""))) for id_, (_, row) in attributes.items())
    nodes = [_node(id_, label, row, places[id_]) for id_, (label, row) in attributes.items()]
    numbered = [_edge(number, *edge) for number, edge in enumerate(edges, start=1)]
    review = next(iter(data.nodes["Review"]), {})
    title = _fit(str(review.get("title", graph.review)))
    return Network(title, level, _facts(graph, review), tuple(nodes), tuple(numbered))


#: The ends of an edge, its label and its attributes.
_Ends: TypeAlias = tuple[str, str, str, Row]


def _facts(graph: Graph, review: Row) -> dict[str, Value]:
    from kg.version import __version__

    facts: dict[str, Any] = {
        "review": graph.review,
        "studies": review.get("studies"),
        "findings": review.get("findings"),
        "left_out": graph.left_out or None,
        "only": graph.only or None,
        "data_sha256": graph.digest,
        "version": f"kg {__version__}",
    }
    return {name: _fitted(value) for name, value in facts.items() if value is not None}


def _terms(data: GraphData) -> Iterator[tuple[str, tuple[str, Row]]]:
    """Yield the factors and the outcomes: every term but the groups without a finding of their own."""
    for label, kind, edge in (("Factor", "factor", "ABOUT"), ("Outcome", "outcome", "AFFECTS")):
        used = {row["to"] for row in data.edges.get((edge, "Finding", label), ())}
        groups = {row["to"] for row in data.edges.get(("BROADER", label, label), ())}
        for row in data.nodes[label]:
            if row["id"] in used or row["id"] not in groups:
                yield f"{kind}:{row['id']}", (str(row["label"]), {**row, "kind": kind})


def _studies(data: GraphData) -> Iterator[tuple[str, tuple[str, Row]]]:
    for row in data.nodes["Study"]:
        yield f"study:{row['id']}", (str(row["short"]), {**row, "kind": "study", "study_label": str(row["label"])})


def _ties(data: GraphData, words: Mapping[str, str]) -> Iterator[_Ends]:
    """Yield an edge for each direction and pole of each cell, in the order of the factors and outcomes."""
    ties = [row for kind in DERIVED for row in data.edges.get((kind, "Factor", "Outcome"), ())]
    factors, outcomes = _places(data, "Factor"), _places(data, "Outcome")
    for row in sorted(ties, key=lambda row: (factors[row["from"]], outcomes[row["to"]])):  # directions stay in order
        studies = "; ".join(map(str, row["study_labels"]))
        ends = f"factor:{row['from']}", f"outcome:{row['to']}"
        yield *ends, _said(row, words), {**row, "kind": "ties", "study_labels": studies}


def _of_findings(data: GraphData, words: Mapping[str, str]) -> Iterator[_Ends]:
    """Yield, for each finding, an edge from its study to its factor and one from there to each of its outcomes."""
    factor = {row["from"]: row["to"] for row in data.edges.get(("ABOUT", "Finding", "Factor"), ())}
    source = {row["from"]: row for row in data.edges.get(("EXTRACTED_FROM", "Finding", "Source"), ())}
    findings = {row["id"]: row for row in data.nodes["Finding"]}
    label = {row["id"]: str(row["label"]) for row in data.nodes["Outcome"]}
    tied: dict[str, list[str]] = {}
    for id_, outcome in _in_order(data, ("AFFECTS", "Finding", "Outcome"), None, _places(data, "Outcome")):
        tied.setdefault(id_, []).append(outcome)
    for study, id_ in _in_order(data, ("REPORTS", "Study", "Finding"), _places(data, "Study"), None):
        finding, outcomes, middle = findings[id_], tied.get(id_, []), f"factor:{factor[id_]}"
        row = {**finding, "finding": id_, "study": f"study:{study}"}
        if place := source.get(id_):
            row["origin"] = f"{place['to']}, row {place['row']}"
        if outcomes:
            row["outcomes"] = "; ".join(label[outcome] for outcome in outcomes)
        yield f"study:{study}", middle, _said(finding, words), {**row, "kind": "reports"}
        for outcome in outcomes:
            yield middle, f"outcome:{outcome}", _said(finding, words), {**row, "kind": "affects"}


def _examined(data: GraphData) -> Iterator[_Ends]:
    """Yield an edge from each study to each outcome that it discusses, with or without a finding."""
    places = _places(data, "Study"), _places(data, "Outcome")
    for study, outcome in _in_order(data, ("EXAMINES", "Study", "Outcome"), *places):
        yield f"study:{study}", f"outcome:{outcome}", "examines", {"kind": "examines"}


def _places(data: GraphData, label: str) -> dict[str, int]:
    return {row["id"]: place for place, row in enumerate(data.nodes[label])}


def _in_order(
    data: GraphData, key: EdgeKey, starts: Mapping[str, int] | None, ends: Mapping[str, int] | None
) -> list[tuple[str, str]]:
    """Return the ends of edges in the order of ``starts`` and ``ends``, which have places, and then of the ids."""
    pairs = [(row["from"], row["to"]) for row in data.edges.get(key, ())]
    return sorted(pairs, key=lambda pair: (starts[pair[0]] if starts else 0, ends[pair[1]] if ends else 0, pair))


def _said(row: Row, words: Mapping[str, str]) -> str:
    said = words.get(row["direction"], row["direction"])
    return f"{said} by absence" if row.get("pole") == "absence" else said


def _node(id_: str, label: str, row: Row, place: Position) -> Node:
    return Node(_fit(id_), _fit(label), _typed(row, NODE_ATTRIBUTES), *place)


def _edge(number: int, source: str, target: str, label: str, row: Row) -> Edge:
    return Edge(f"e{number}", _fit(source), _fit(target), _fit(label), _typed(row, EDGE_ATTRIBUTES))


def _typed(row: Row, attributes: Mapping[str, type]) -> dict[str, Value]:
    """Return the white-listed attributes that have a value of their type, in the order of the list."""
    return {
        name: _fitted(row[name]) for name, kind in attributes.items() if name in row and isinstance(row[name], kind)
    }


def _fitted(value: Any) -> Any:
    return _fit(value) if isinstance(value, str) else value


def _fit(text: str) -> str:
    """Replace what neither XML nor a page can hold; text taken from PDF files has it."""
    return _UNFIT.sub("\ufffd", text)
