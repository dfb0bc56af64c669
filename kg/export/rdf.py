"""The graph as RDF, in the terms of ``ontology/kg.ttl``. Pure; the only module outside the loaders that imports rdflib.

A node is a resource, an edge a triple. An edge with properties is written out beside its triple as a
``kg:Relationship`` with subject, predicate and object. Where the ontology derives a term from one of SKOS, PROV-O,
Dublin Core, FaBiO, CiTO or SEPIO, the export has the statement with that term too, so that tools without a reasoner
understand it. There are no blank nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

import rdflib
from rdflib.namespace import RDF, RDFS, SKOS

from kg.errors import KgError
from kg.graph.rows import GraphData, Row
from kg.text import escaped

KG = rdflib.Namespace("https://w3id.org/evidence-kg#")
ONTOLOGY_FILES = ("kg.ttl", "vocabularies.ttl", "shapes.ttl")
_DATA = "https://w3id.org/evidence-kg/review/"
_PREFIXES = {
    "cito": "http://purl.org/spar/cito/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "kg": str(KG),
    "obo": "http://purl.obolibrary.org/obo/",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

IRI = rdflib.URIRef
Triple = tuple[IRI, IRI, rdflib.term.Identifier]


@dataclass(frozen=True)
class Terms:
    """Names in the graph -> terms of the ontology: the term itself, then the more general ones."""

    labels: dict[str, tuple[IRI, ...]]
    relationships: dict[str, tuple[IRI, ...]]
    properties: dict[str, tuple[IRI, ...]]


def ontology(*names: str) -> rdflib.Graph:
    """Return the named files of ``ontology/`` as one graph; all of them by default."""
    graph = rdflib.Graph(bind_namespaces="none")
    for name in names or ONTOLOGY_FILES:
        graph.parse(data=(resources.files("kg.ontology") / name).read_text(encoding="utf-8"), format="turtle")
    return graph


@cache
def terms() -> Terms:
    """Return the mapping from names to terms, read from the annotations of ``kg.ttl``."""
    model = ontology("kg.ttl")

    def named(annotation: IRI, up: IRI) -> dict[str, tuple[IRI, ...]]:
        found: dict[str, tuple[IRI, ...]] = {}
        for term, name in model.subject_objects(annotation):
            above = {t for t in model.transitive_objects(term, up) if isinstance(t, IRI)} - {term}
            found[str(name)] = (IRI(str(term)), *sorted(above))
        return found

    return Terms(
        named(KG.nodeLabel, RDFS.subClassOf),
        named(KG.relationshipType, RDFS.subPropertyOf),
        named(KG.propertyName, RDFS.subPropertyOf),
    )


def to_rdf(graph: GraphData) -> rdflib.Graph:
    """Return ``graph`` as RDF. Raises KgError for a label, relationship type or property that the ontology lacks."""
    result = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in _PREFIXES.items():
        result.bind(prefix, namespace)
    base = (
        _DATA
        + quote(next((str(r.get("review", r["id"])) for r in graph.nodes.get("Review", ())), "unnamed"), safe="")
        + "/"
    )
    for triple in _triples(graph, base):
        result.add(triple)
    return result


def turtle(graph: GraphData) -> str:
    """Return ``graph`` as Turtle, sorted: the same content gives the same text, in whatever order it comes.

    Control characters can only be in literals, where Turtle reads ``\\u001b`` as it reads the character.
    """
    return escaped(to_rdf(graph).serialize(format="turtle"), bidi=False)


def _triples(graph: GraphData, base: str) -> Iterator[Triple]:
    for label, rows in graph.nodes.items():
        kinds = _look_up(terms().labels, label) if rows else ()
        for row in rows:
            node = _iri(base, label, row["id"])
            yield from ((node, RDF.type, kind) for kind in kinds)
            yield from _values(node, row)
            if KG.Concept in kinds:
                yield from _skos(node, row)
            if "doi" in row:
                yield node, RDFS.seeAlso, IRI("https://doi.org/" + quote(row["doi"], safe="/"))
    for (kind, start, end), rows in graph.edges.items():
        relations = _look_up(terms().relationships, kind)
        for row in rows:
            subject, obj = _iri(base, start, row["from"]), _iri(base, end, row["to"])
            yield from ((subject, relation, obj) for relation in relations)
            properties = {name: value for name, value in row.items() if name not in ("from", "to")}
            if properties:
                yield from _relationship(base, (subject, relations[0], obj), properties)


def _look_up(known: dict[str, tuple[IRI, ...]], name: str) -> tuple[IRI, ...]:
    if name not in known:
        raise KgError(f"the ontology has no term for {name!r}")
    return known[name]


def _iri(base: str, label: str, id_: str) -> IRI:
    name = quote(id_, safe="")
    return IRI(_DATA + name if label == "Review" else f"{base}{label[0].lower()}{label[1:]}/{name}")


def _values(node: IRI, row: Row) -> Iterator[Triple]:
    for name, value in row.items():
        items = value if isinstance(value, (list, tuple)) else (value,)
        for term in _look_up(terms().properties, name):
            yield from ((node, term, rdflib.Literal(item)) for item in items)


def _skos(node: IRI, row: Row) -> Iterator[Triple]:
    """Yield the labels of a concept for SKOS tools; the graph has the synonyms as one text."""
    yield node, SKOS.prefLabel, rdflib.Literal(row["label"])
    yield from ((node, SKOS.altLabel, rdflib.Literal(s)) for s in row.get("synonyms", "").split("; ") if s)


def _relationship(base: str, edge: tuple[IRI, IRI, IRI], properties: dict[str, Any]) -> Iterator[Triple]:
    node = IRI(f"{base}relationship/{hashlib.sha256(' '.join(edge).encode()).hexdigest()[:20]}")
    yield from ((node, RDF.type, kind) for kind in (KG.Relationship, RDF.Statement))
    yield from ((node, part, end) for part, end in zip((RDF.subject, RDF.predicate, RDF.object), edge, strict=True))
    yield from _values(node, properties)
