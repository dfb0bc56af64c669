"""Ontology, ``kg.model.vocabulary``, queries, sheets and export say the same, and the shapes catch what is wrong."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any
from unittest import mock

import pyshacl
import pytest
import rdflib
from pyshacl.constraints.constraint_component import ConstraintComponent
from rdflib.collection import Collection
from rdflib.namespace import DC, DCTERMS, OWL, PROV, RDF, RDFS, SH, SKOS, XSD

from kg.errors import KgError
from kg.export.rdf import KG, ontology, to_rdf, turtle
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.graph.rows import GraphData
from kg.loaders.sheets.columns import spellings
from kg.loaders.sheets.vocabulary import read_turtle
from kg.model import vocabulary as vocab
from kg.model.fields import CODING_STATUSES, FACET_KINDS, VALUES
from kg.model.records import Concept, Evidence, ReviewInfo
from tests.paths import ROOT
from tests.sample import FULL
from tests.sparql import prepared_once

Node = rdflib.term.Node

MODEL = ontology("kg.ttl")
VALUES_TTL = ontology("vocabularies.ttl")
SHAPES = ontology("shapes.ttl")
ABSTRACT = {further for labels in vocab.LABELS.values() for further in labels}
#: Column or property -> the values that the code allows. Scopes are known to kg.graph.build alone.
ALLOWED: dict[str, tuple[str, ...]] = {
    "direction": vocab.DIRECTIONS,
    "approach": tuple(VALUES["approach"]),
    "methods": tuple(VALUES["methods"]),
    "evidence": tuple(VALUES["evidence"]),
    "certainty": tuple(VALUES["certainty"]),
    "pole": vocab.POLES,
    "favourable": tuple(VALUES["favourable"]),
    "standing": vocab.STANDINGS,
    "status": vocab.STANDINGS,
}
QUERIES = sorted(
    (p.relative_to(root).as_posix(), p.read_text(encoding="utf-8"))
    for root in (Path(str(resources.files("kg.queries"))),)
    for p in root.rglob("*.cypher")
)
#: Statements whose labels and types are filled in from kg.model.vocabulary.
TEMPLATES = [(name, text) for name, text in QUERIES if re.search(r"\{[A-Z]\w+\}", text)]
#: What a server keeps about the graphs in it is no part of the model.
QUERIES = [query for query in QUERIES if query not in TEMPLATES and not query[0].startswith("server/")]


def named(annotation: Node) -> dict[Node, str]:
    return {term: str(name) for term, name in MODEL.subject_objects(annotation)}


LABEL, TYPE, PROPERTY = named(KG.nodeLabel), named(KG.relationshipType), named(KG.propertyName)


def members(term: Node, predicate: Node) -> list[Node]:
    """The classes (or datatypes) that a domain or range names, a union taken apart."""
    found: list[Node] = []
    for value in MODEL.objects(term, predicate):
        union = MODEL.value(value, OWL.unionOf)
        found += list(Collection(MODEL, union)) if union else [value]
    return found


def concrete(classes: list[Node]) -> set[str]:
    """The node labels that classes stand for; an abstract class stands for its subclasses."""
    return {
        label
        for sub, label in LABEL.items()
        if label not in ABSTRACT and set(MODEL.transitive_objects(sub, RDFS.subClassOf)) & set(classes)
    }


def pairs(relation: Node) -> set[tuple[str, str]]:
    """The (start, end) labels of a relationship: domain and range, less what a restriction on the start forbids."""
    found: set[tuple[str, str]] = set()
    for start in members(relation, RDFS.domain):
        only = {
            MODEL.value(r, OWL.allValuesFrom)
            for r in MODEL.objects(start, RDFS.subClassOf)
            if MODEL.value(r, OWL.onProperty) == relation
        }
        found |= {(LABEL[start], LABEL[end]) for end in members(relation, RDFS.range) if not only or end in only}
    return found


# --- names: ontology and kg.model.vocabulary, in both directions -------------------------------------------------------------


def test_labels() -> None:
    above = {
        label: tuple(sorted(LABEL[up] for up in MODEL.objects(term, RDFS.subClassOf) if up in LABEL))
        for term, label in LABEL.items()
    }
    assert above == {**dict.fromkeys(ABSTRACT, ()), **vocab.LABELS}


def test_relationships() -> None:
    declared = {kind: pairs(term) for term, kind in TYPE.items()}
    assert declared == {kind: set(ends) for kind, ends in vocab.RELATIONSHIPS.items()}


def test_properties() -> None:
    declared: dict[str, set[str]] = {}
    for term, name in PROPERTY.items():
        domain = members(term, RDFS.domain)
        kinds = {TYPE[relation] for relation in MODEL.subjects(KG.relationshipProperty, term)}
        assert bool(kinds) == (KG.Relationship in domain), f"{name}: its domain and its relationships disagree"
        for owner in concrete(domain) | kinds:
            declared.setdefault(owner, set()).add(name)
    assert declared == {owner: set(names) for owner, names in vocab.PROPERTIES.items()}


def test_derived_relationships() -> None:
    summarised: dict[str, set[str]] = {}
    for term, concept in MODEL.subject_objects(KG.summarises):
        summarised.setdefault(TYPE[term], set()).add(str(VALUES_TTL.value(concept, SKOS.notation)))
    assert summarised == {kind: {part for part in parts if part} for kind, parts in vocab.DERIVED.items()}


def test_names_follow_the_convention() -> None:
    """StatedGap -> kg:StatedGap, EXTRACTED_FROM -> kg:extractedFrom, study_labels -> kg:studyLabels."""
    assert all(term == KG[label] for term, label in LABEL.items())
    for term, name in (*TYPE.items(), *PROPERTY.items()):
        first, *rest = name.lower().split("_")
        assert term == KG[first + "".join(word.capitalize() for word in rest)]


def test_there_is_nothing_else_in_the_ontology() -> None:
    """A term without its annotation would escape every comparison above."""
    for kind, known in (
        (OWL.Class, {*LABEL, KG.Relationship}),
        (OWL.ObjectProperty, {*TYPE}),
        (OWL.DatatypeProperty, {*PROPERTY}),
    ):
        assert {t for t in MODEL.subjects(RDF.type, kind) if isinstance(t, rdflib.URIRef)} == known
    described = {*LABEL, *TYPE, *PROPERTY, KG.Relationship, *MODEL.subjects(RDF.type, OWL.AnnotationProperty)}
    used = {t for triple in MODEL for t in triple if isinstance(t, rdflib.URIRef) and t.startswith(str(KG))}
    assert used == described
    for names in (LABEL, TYPE, PROPERTY):
        assert len(set(names.values())) == len(names)


def test_every_term_is_described() -> None:
    for term in (*LABEL, *TYPE, *PROPERTY, KG.Relationship):
        label, comment = list(MODEL.objects(term, RDFS.label)), list(MODEL.objects(term, RDFS.comment))
        assert len(label) == 1, term
        assert len(comment) == 1 and re.fullmatch(r"[A-Z][^.]*\.", str(comment[0])), term


def test_aligned_terms_exist() -> None:
    """The namespaces that rdflib knows whole; the others were looked up in their published files."""
    foreign = {t for triple in MODEL + VALUES_TTL for t in triple if isinstance(t, rdflib.URIRef)}
    for namespace in (DC, DCTERMS, OWL, PROV, RDF, RDFS, SKOS):
        of_it = [t for t in foreign if t.startswith(str(namespace)) and str(t) != str(namespace)]
        assert all(t in namespace for t in of_it), [t for t in of_it if t not in namespace]


# --- allowed values -----------------------------------------------------------------------------------------------


def notations(scheme: Node) -> tuple[str, ...]:
    """The notations of a concept scheme, in its order."""
    (ordered,) = set(VALUES_TTL.subjects(SKOS.inScheme, scheme)) & set(VALUES_TTL.subjects(SKOS.memberList))
    head = VALUES_TTL.value(ordered, SKOS.memberList)
    assert head
    listed = list(Collection(VALUES_TTL, head))
    assert {*listed, ordered} == set(VALUES_TTL.subjects(SKOS.inScheme, scheme))
    return tuple(str(VALUES_TTL.value(concept, SKOS.notation)) for concept in listed)


KGV = rdflib.Namespace("https://w3id.org/evidence-kg/vocabulary#")
SCHEME_OF = {name: scheme for term, name in PROPERTY.items() for scheme in MODEL.objects(term, KG["values"])}


def test_schemes() -> None:
    assert {name: notations(scheme) for name, scheme in SCHEME_OF.items()} == ALLOWED
    assert notations(KGV.standings) == vocab.STANDINGS
    assert set(VALUES_TTL.subjects(RDF.type, SKOS.ConceptScheme)) == {*SCHEME_OF.values(), KGV.standings}
    for concept in VALUES_TTL.subjects(RDF.type, SKOS.Concept):
        for needed in (SKOS.inScheme, SKOS.notation, SKOS.prefLabel, SKOS.definition):
            assert len(list(VALUES_TTL.objects(concept, needed))) == 1, (concept, needed)


@pytest.mark.parametrize("column", VALUES)
def test_sheets_accept_the_values_of_the_ontology(column: str) -> None:
    if column not in SCHEME_OF:
        (term,) = [t for t, name in PROPERTY.items() if name == column]
        assert members(term, RDFS.range) == [XSD.boolean] and list(VALUES[column]) == ["yes", "no"]
        return
    assert tuple(VALUES[column]) == notations(SCHEME_OF[column])
    accepted = spellings(column)
    for concept in VALUES_TTL.subjects(SKOS.notation):
        if (concept, SKOS.inScheme, SCHEME_OF[column]) in VALUES_TTL:
            for kind in (SKOS.prefLabel, SKOS.altLabel):
                for label in VALUES_TTL.objects(concept, kind):
                    assert accepted[str(label).casefold()] == str(VALUES_TTL.value(concept, SKOS.notation))


def test_the_shapes_list_the_values_of_the_ontology() -> None:
    listed: dict[tuple[str, str], tuple[str, ...]] = {}
    for shape, head in SHAPES.subject_objects(SH["in"]):
        name = PROPERTY.get(SHAPES.value(shape, SH.path) or RDF.nil)
        if name and isinstance(shape, rdflib.URIRef):
            listed[name, str(shape)] = tuple(str(v) for v in Collection(SHAPES, head))
    allowed = {
        **ALLOWED,
        "scope": ("tabulated", "all"),
        "unit": ("study", "finding"),
        "kind": tuple(FACET_KINDS),
        "coding_status": tuple(status for status in CODING_STATUSES if status != "not extracted"),
    }
    assert {name for name, _ in listed} == allowed.keys()
    for (name, where), values in listed.items():
        assert values == allowed[name], where


# --- queries ------------------------------------------------------------------------------------------------------

#: An abstract label has the properties that all of its sublabels have.
_PROPERTIES: dict[str, set[str]] = {owner: set(names) for owner, names in vocab.PROPERTIES.items()}
_PROPERTIES |= {
    up: set.intersection(*(_PROPERTIES[label] for label, ups in vocab.LABELS.items() if up in ups)) for up in ABSTRACT
}
_NODE = r"\((\w*)(?::(\w+))?[^()]*\)"
_STEP = re.compile(rf"(?={_NODE}(<?)-\[\w*:([\w|]+)[^\]]*\]-(>?){_NODE})")


def misspelt(cypher: str) -> Iterator[str]:
    """Yield the labels, relationship types, properties and patterns of a query that the ontology does not know.

    The engines answer a misspelt name with no rows, so this is where it has to be noticed.
    """
    text = re.sub(r"'[^'\n]*'", "''", re.sub(r"//.*", "", cypher))
    bound: dict[str, set[str]] = {}
    for known, pattern in ((LABEL, r"(?:\(|SET )(\w*):([\w|&:]+)"), (TYPE, r"-\[(\w*):([\w|]+)")):
        for variable, joined in re.findall(pattern, text):
            names = set(re.split(r"[|&:]", joined))
            bound.setdefault(variable, set()).update(names)
            yield from (f"name {name}" for name in names - set(known.values()))
    for variable, name in re.findall(r"(?<![$\w.])([A-Za-z_]\w*)\.(\w+)", text):
        if variable not in bound:
            yield f"variable {variable} of {variable}.{name} has no label"
        elif not any(name in _PROPERTIES.get(owner, ()) for owner in bound[variable]):
            yield f"property {variable}.{name}"
    for owner, inside in re.findall(r":(\w+)\s*\{([^}]*)\}", text):
        yield from (
            f"property {owner}.{name}"
            for name in re.findall(r"(\w+)\s*:", inside)
            if name not in _PROPERTIES.get(owner, ())
        )
    for a, a_label, left, kinds, right, b, b_label in _STEP.findall(text):
        ends = [{label} if label else bound.get(variable, set()) for variable, label in ((a, a_label), (b, b_label))]
        start, end = reversed(ends) if left else ends
        if bool(left) == bool(right):
            yield f"the direction of {kinds} is open"
        for kind in kinds.split("|"):
            if not any(s in start and e in end for s, e in vocab.RELATIONSHIPS.get(kind, ())):
                yield f"pattern {sorted(start)} {kind} {sorted(end)}"


@pytest.mark.parametrize(("name", "text"), QUERIES, ids=[name for name, _ in QUERIES])
def test_queries_use_names_of_the_ontology(name: str, text: str) -> None:
    assert not list(misspelt(text))


@pytest.mark.parametrize(("name", "text"), TEMPLATES, ids=[name for name, _ in TEMPLATES])
def test_templates_name_no_label_themselves(name: str, text: str) -> None:
    code = re.sub(r"//.*", "", text)
    assert not re.findall(r":(?!\{)\w+", code), "a label or type that is not filled in"
    assert set(re.findall(r"\{([A-Z]\w*)\}", code)) <= {"Label", "Further", "Type", "Types", "Start", "End", "Columns"}
    assert set(re.findall(r"(\w+):\s", code)) <= {"review", "id"}


def test_the_query_gate_sees_every_file() -> None:
    folders = {name.split("/")[0] for name, _ in QUERIES}
    assert folders >= {"schema", "load", "read"} and len(QUERIES) > 15


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("MATCH (s:Studdy) RETURN 1", "name Studdy"),
        ("MATCH (n:Study) SET n:Wrok;", "name Wrok"),
        ("MATCH (s:Study)-[:REPORT]->(x:Finding) RETURN 1", "name REPORT"),
        ("MATCH (f:Factor)-[c:HINDERS|HELPS]->(o:Outcome) RETURN 1", "name HELPS"),
        ("MATCH (s:Study) RETURN s.tittle AS title", "property s.tittle"),
        ("MATCH (s:Study)-[:REPORTS]->(x:Finding) RETURN x.year AS year", "property x.year"),
        ("MATCH (x:Finding)-[e:EXTRACTED_FROM]->(:Source) RETURN e.line AS line", "property e.line"),
        ("MATCH (f:Factor {idd: $id}) RETURN 1", "property Factor.idd"),
        ("MATCH (s:Study)<-[:REPORTS]-(x:Finding) RETURN 1", "pattern ['Finding'] REPORTS ['Study']"),
        ("MATCH (x:Finding) MATCH (x)-[:AFFECTS]->(f:Factor) RETURN 1", "pattern ['Finding'] AFFECTS ['Factor']"),
        ("MATCH (s:Study)-[:REPORTS]-(x:Finding) RETURN 1", "the direction of REPORTS is open"),
        ("MATCH (s) RETURN s.title AS title", "variable s of s.title has no label"),
    ],
)
def test_the_query_gate_sees_a_misspelt_name(query: str, wrong: str) -> None:
    assert wrong in list(misspelt(query))


# --- what the graph emits -----------------------------------------------------------------------------------------


def test_the_sample_fills_every_field() -> None:
    """A field that is added to the model must be added to the sample, or the tests below do not see it."""
    records: dict[type, list[Any]] = {ReviewInfo: [FULL.review]}
    for part in fields(Evidence):
        for record in getattr(FULL, part.name) if part.name != "review" else ():
            records.setdefault(type(record), []).append(record)
    for kind, of_kind in records.items():
        names = getattr(kind, "__struct_fields__", None) or [f.name for f in fields(kind)]
        assert not [name for name in names if not any(getattr(r, name) for r in of_kind)], kind
    assert all(getattr(FULL, part.name) for part in fields(Evidence))


def emitted(graph: GraphData) -> dict[str, set[str]]:
    """Label or relationship type -> the properties that its rows have."""
    found: dict[str, set[str]] = {}
    for owner, rows in (*graph.nodes.items(), *((key[0], rows) for key, rows in graph.edges.items())):
        found.setdefault(owner, set()).update(name for row in rows for name in row if name not in ("from", "to"))
    return found


def test_assemble_emits_what_is_declared_and_all_of_it() -> None:
    graph = assemble(FULL)
    assert set(graph.nodes) == set(vocab.LABELS)
    assert {(kind, (start, end)) for kind, start, end in graph.edges} == {
        (kind, pair) for kind, ends in vocab.RELATIONSHIPS.items() for pair in ends
    }
    without: dict[str, set[str]] = {kind: set() for kind in vocab.RELATIONSHIPS}
    assert emitted(graph) == without | {owner: set(names) for owner, names in vocab.PROPERTIES.items()}


def test_the_bundled_review_emits_what_is_declared(example: Review) -> None:
    graph = assemble(example.load().evidence)
    assert all(names <= set(vocab.PROPERTIES.get(owner, ())) for owner, names in emitted(graph).items())
    assert all((start, end) in vocab.RELATIONSHIPS[kind] for kind, start, end in graph.edges)


@pytest.mark.parametrize("term", PROPERTY, ids=PROPERTY.get)
def test_values_are_of_the_declared_kind(term: Node) -> None:
    graph, name = assemble(FULL), PROPERTY[term]
    kinds = {XSD.string: str, XSD.integer: int, XSD.boolean: bool, XSD.double: float}
    allowed = {kinds[r] for r in members(term, RDFS.range) if isinstance(r, rdflib.URIRef)}
    values = [row[name] for rows in (*graph.nodes.values(), *graph.edges.values()) for row in rows if name in row]
    assert values
    lists = MODEL.value(term, KG.isList) is not None
    assert all(isinstance(value, list) == lists for value in values)
    assert {type(v) for value in values for v in (value if lists else [value])} <= allowed


def test_scopes() -> None:
    assert {row["scope"] for row in assemble(FULL).nodes["Tally"]} == {"tabulated", "all"}


# --- RDF ----------------------------------------------------------------------------------------------------------


def test_the_export_in_full() -> None:
    """Every triple of a small graph, as text: the form of the export cannot change unnoticed."""
    graph = GraphData(
        {
            "Review": [{"id": "r 1", "title": 'The "title"'}],
            "Factor": [{"id": "autonomy", "label": "Autonomy"}],
            "Outcome": [{"id": "burnout", "label": "Burnout", "synonyms": "Fatigue; Strain", "favourable": "lower"}],
        },
        {
            ("HINDERS", "Factor", "Outcome"): [
                {"from": "autonomy", "to": "burnout", "direction": "barrier", "studies": 2, "study_labels": [10, 2]}
            ]
        },
    )
    text = turtle(graph)
    prefixes, body = text.split("\n\n", 1)
    assert all(line.startswith("@prefix ") for line in prefixes.splitlines())
    assert (
        body.replace("https://w3id.org/evidence-kg/review/r%201/", "…")
        == """\
<https://w3id.org/evidence-kg/review/r%201> a fabio:Work,
        prov:Entity,
        kg:Review,
        kg:Work ;
    dcterms:identifier "r 1" ;
    dcterms:title "The \\"title\\"" ;
    kg:id "r 1" ;
    kg:title "The \\"title\\"" .

<…relationship/a63e4bc10dba280be240> a rdf:Statement,
        kg:Relationship ;
    rdf:object <…outcome/burnout> ;
    rdf:predicate kg:hinders ;
    rdf:subject <…factor/autonomy> ;
    kg:direction "barrier" ;
    kg:studies 2 ;
    kg:studyLabels 2,
        10 .

<…factor/autonomy> a skos:Concept,
        kg:Concept,
        kg:Factor ;
    rdfs:label "Autonomy" ;
    dcterms:identifier "autonomy" ;
    skos:prefLabel "Autonomy" ;
    kg:hinders <…outcome/burnout> ;
    kg:id "autonomy" ;
    kg:label "Autonomy" .

<…outcome/burnout> a skos:Concept,
        kg:Concept,
        kg:Outcome ;
    rdfs:label "Burnout" ;
    dcterms:identifier "burnout" ;
    skos:altLabel "Fatigue",
        "Strain" ;
    skos:prefLabel "Burnout" ;
    kg:favourable "lower" ;
    kg:id "burnout" ;
    kg:label "Burnout" ;
    kg:synonyms "Fatigue; Strain" .

"""
    )


def test_every_property_and_edge_reaches_the_export() -> None:
    rdf = to_rdf(assemble(FULL))
    for term in LABEL:
        assert (None, RDF.type, term) in rdf, term
    for term in (*TYPE, *PROPERTY):
        assert (None, term, None) in rdf, term
    assert not [t for triple in rdf for t in triple if isinstance(t, rdflib.BNode)]
    assert set(rdflib.Graph().parse(data=turtle(assemble(FULL)), format="turtle")) == set(rdf)


def test_terms_of_other_vocabularies_are_said() -> None:
    rdf = to_rdf(assemble(FULL))
    base = "https://w3id.org/evidence-kg/review/r%201/"
    ends = ("outcome/burnout", "finding/g", "study/doi%3A10.1000%2Fa")
    burnout, finding, study = (rdflib.URIRef(base + end) for end in ends)
    assert (burnout, RDF.type, SKOS.Concept) in rdf
    assert (burnout, SKOS.broader, rdflib.URIRef(base + "outcome/strain")) in rdf
    assert (burnout, SKOS.altLabel, rdflib.Literal("Emotional exhaustion")) in rdf
    assert (finding, PROV.wasDerivedFrom, rdflib.URIRef(base + "source/sheets%2Ffindings%201.csv")) in rdf
    assert (study, RDFS.seeAlso, rdflib.URIRef("https://doi.org/10.1000/a")) in rdf
    assert (study, DCTERMS.title, rdflib.Literal('A "title"\nin two lines')) in rdf
    edge = rdf.value(predicate=RDF.subject, object=finding)
    assert rdf.value(edge, KG.row) == rdflib.Literal(9)


def test_an_exported_vocabulary_can_be_read_again(tmp_path: Path) -> None:
    path, whole, broader = tmp_path / "outcomes.ttl", assemble(FULL), ("BROADER", "Outcome", "Outcome")
    part = GraphData({"Outcome": whole.nodes["Outcome"]}, {broader: whole.edges[broader]})
    path.write_text(turtle(part), encoding="utf-8")
    concepts, problems = read_turtle(path, "outcomes.ttl")
    assert not problems

    def said(concept: Concept) -> tuple[Any, ...]:
        return (concept.id, concept.label, concept.broader, concept.definition, concept.synonyms, concept.favourable)

    assert {said(c) for c in concepts} == {said(c) for c in FULL.outcomes}


def test_the_turtle_does_not_depend_on_order() -> None:
    expected, mixed = turtle(assemble(FULL)), random.Random(1)  # noqa: S311 - a shuffle, not a secret
    for _ in range(3):
        nodes = [(label, list(rows)) for label, rows in assemble(FULL).nodes.items()]
        edges = [(key, list(rows)) for key, rows in assemble(FULL).edges.items()]
        for shuffled in (nodes, edges, *(rows for _, rows in nodes), *(rows for _, rows in edges)):
            mixed.shuffle(shuffled)  # type: ignore[arg-type]
        assert turtle(GraphData(dict(nodes), dict(edges))) == expected


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_turtle_does_not_depend_on_the_process(seed: str) -> None:
    modules = "import sys; from kg.export.rdf import turtle; from kg.graph.build import assemble; from tests.sample import FULL"
    code = f"{modules}; sys.stdout.buffer.write(turtle(assemble(FULL)).encode())"
    made = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert made.stdout.decode() == turtle(assemble(FULL))


@pytest.mark.parametrize(
    ("graph", "name"),
    [
        (GraphData({"Studdy": [{"id": "x"}]}), "Studdy"),
        (GraphData({"Study": [{"id": "x", "tittle": "T"}]}), "tittle"),
        (GraphData({}, {("REPORT", "Study", "Finding"): [{"from": "x", "to": "y"}]}), "REPORT"),
    ],
)
def test_a_name_that_the_ontology_lacks_is_refused(graph: GraphData, name: str) -> None:
    with pytest.raises(KgError, match=f"no term for '{name}'"):
        to_rdf(graph)


# --- shapes -------------------------------------------------------------------------------------------------------


def violations(data: rdflib.Graph) -> dict[Node, dict[str, set[str]]]:
    """The constraints that ``data`` violates, by the node that does and by name, with their messages."""
    silent = mock.patch.object(ConstraintComponent, "make_v_result_description", return_value="")  # long, and not read
    with silent, prepared_once():
        conforms, report, _ = pyshacl.validate(data, shacl_graph=SHAPES)
    found: dict[Node, dict[str, set[str]]] = {}
    for result in report.subjects(RDF.type, SH.ValidationResult):
        shape = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
        of_node = found.setdefault(report.value(result, SH.focusNode), {})
        of_node.setdefault(str(shape).rpartition("#")[2], set()).update(
            str(m) for m in report.objects(result, SH.resultMessage)
        )
    assert conforms == (not found)
    return found


MESSAGES = {str(shape).rpartition("#")[2]: str(message) for shape, message in SHAPES.subject_objects(SH.message)}
STUDY, FINDING, CELL = "?s kg:key 'a'", "?f kg:id 'f2'", "?c rdf:predicate kg:facilitates"


def change(subject: str, name: str, value: str, where: str = "") -> str:
    """Replace a value of the resource that ``subject`` describes."""
    var = subject.split()[0]
    return f"DELETE {{ {var} {name} ?old }} INSERT {{ {var} {name} {value} }} WHERE {{ {subject} ; {name} ?old . {where} }}"


def drop(subject: str, name: str) -> str:
    var = subject.split()[0]
    return f"DELETE {{ {var} {name} ?old }} WHERE {{ {subject} ; {name} ?old }}"


def add(subject: str, name: str, value: str, where: str = "") -> str:
    return f"INSERT {{ {subject.split()[0]} {name} {value} }} WHERE {{ {subject} . {where} }}"


def concept(var: str, id_: str) -> str:
    return f"?{var} a kg:Concept ; kg:id '{id_}'"


BROKEN = [
    ("node-id", add("?x a kg:Source", "kg:id", "'second'")),
    ("node-id", drop("?x a kg:Search", "kg:id")),
    ("work-year", change(STUDY, "kg:year", "20023")),
    ("work-year", change(STUDY, "kg:year", "'2020'")),
    ("work-year", add("?r a kg:Review", "kg:year", "1999")),
    ("work-doi", change(STUDY, "kg:doi", "'https://doi.org/10.1000/a'")),
    ("work-doi", change(STUDY, "kg:doi", "'10.1000/A'")),
    ("study-id", change(STUDY, "kg:id", "'10.1000/a'")),
    ("study-key", drop(STUDY, "kg:key")),
    ("study-key", add(STUDY, "kg:key", "'second'")),
    ("study-label", add(STUDY, "kg:label", "7")),
    ("study-label", drop(STUDY, "kg:label")),
    ("study-order", change(STUDY, "kg:order", "0")),
    ("study-included", f"DELETE {{ ?r kg:includes ?s }} WHERE {{ {STUDY} . ?r kg:includes ?s }}"),
    ("study-methods", change(STUDY, "kg:methods", "'survey'")),
    ("study-evidence", change(STUDY, "kg:evidence", "'gossip'")),
    ("study-sample-size", change(STUDY, "kg:sampleSize", "-1")),
    ("study-examines", add(STUDY, "kg:examines", "?c", concept("c", "autonomy"))),
    ("study-facets", add(STUDY, "kg:codedAs", "?s")),
    ("study-reports", add(STUDY, "kg:reportedIn", "?s")),
    ("review-title", drop("?r a kg:Review", "kg:title")),
    ("review-counts", change("?r a kg:Review", "kg:studies", "-1")),
    ("finding-study", f"DELETE {{ ?s kg:reports ?f }} WHERE {{ {FINDING} . ?s kg:reports ?f }}"),
    ("finding-study", f"INSERT {{ ?s kg:reports ?f }} WHERE {{ {FINDING} . ?s kg:key 'b' }}"),
    ("finding-factor", drop(FINDING, "kg:about")),
    ("finding-factor", add(FINDING, "kg:about", "?c", concept("c", "work"))),
    ("finding-factor", change(FINDING, "kg:about", "?f")),
    ("finding-outcome", add(FINDING, "kg:affects", "?c", concept("c", "work"))),
    ("finding-direction", change(FINDING, "kg:direction", "'positive'")),
    ("finding-direction", add(FINDING, "kg:direction", "'barrier'")),
    ("finding-direction", drop(FINDING, "kg:direction")),
    ("finding-approach", add(FINDING, "kg:approach", "'survey'")),
    ("finding-certainty", add(FINDING, "kg:certainty", "'low'")),
    ("finding-pole", add(FINDING, "kg:pole", "'lack'")),
    ("finding-facets", add(FINDING, "kg:codedAs", "?s", STUDY)),
    ("finding-tabulated", drop(FINDING, "kg:tabulated")),
    ("finding-tabulated", change(FINDING, "kg:tabulated", "'yes'")),
    ("finding-associated", add(FINDING, "kg:associated", "'yes'")),
    ("finding-source", drop(FINDING, "kg:extractedFrom")),
    ("finding-source", change(FINDING, "kg:extractedFrom", "?f")),
    ("finding-row", f"DELETE {{ ?e kg:row ?n }} WHERE {{ {FINDING} . ?e rdf:subject ?f ; kg:row ?n }}"),
    ("finding-row", f"DELETE {{ ?e kg:row 2 }} INSERT {{ ?e kg:row 0 }} WHERE {{ {FINDING} . ?e rdf:subject ?f }}"),
    ("concept-label", drop("?d a kg:Value", "kg:label")),
    ("concept-label", add(concept("c", "burnout"), "kg:label", "'Fatigue'")),
    ("concept-broader", add(concept("c", "burnout"), "kg:broader", "?d", concept("d", "clarity"))),
    ("concept-cycle", add(concept("c", "strain"), "kg:broader", "?d", concept("d", "burnout"))),
    ("concept-cycle", add(concept("c", "work"), "kg:broader", "?c")),
    ("factor-broader", add(concept("c", "work"), "kg:broader", "?d", concept("d", "clarity"))),
    ("factor-nominal", change(concept("c", "region"), "kg:nominal", "'yes'")),
    ("factor-nominal-direction", add(concept("c", "autonomy"), "kg:nominal", "true")),
    ("value-facet", drop("?v kg:id 'design:survey'", "kg:inFacet")),
    ("value-facet", add("?v kg:id 'design:survey'", "kg:inFacet", "?f", "?f a kg:Facet ; kg:id 'setting'")),
    ("value-broader", change("?v kg:id 'design:survey'", "kg:broader", "?c", concept("c", "work"))),
    ("value-number", change("?v kg:id 'mean_age:30.5'", "kg:number", "30")),
    ("value-matches", add("?v kg:id 'design:survey'", "kg:narrowMatch", "?s", STUDY)),
    ("facet-label", drop("?v a kg:Facet", "kg:label")),
    ("facet-definition", change("?v kg:id 'mean_age' ; a kg:Facet", "kg:definition", "''")),
    ("facet-unit", change("?v kg:id 'design' ; a kg:Facet", "kg:unit", "'review'")),
    ("facet-kind", change("?v kg:id 'design' ; a kg:Facet", "kg:kind", "'list'")),
    ("not-coded-facet", add(STUDY, "kg:notCoded", "?s")),
    ("report-study", drop("?s a kg:Study", "kg:reportedIn")),
    ("outcome-broader", add(concept("c", "clarity"), "kg:broader", "?d", concept("d", "work"))),
    ("outcome-favourable", change(concept("c", "burnout"), "kg:favourable", "'down'")),
    ("search-source", drop("?x a kg:Search", "kg:source")),
    ("search-review", "DELETE WHERE { ?r kg:ran ?x }"),
    ("search-hits", change("?x a kg:Search", "kg:hits", "-1")),
    ("gap-statement", drop("?x a kg:StatedGap", "kg:statement")),
    ("gap-review", "DELETE WHERE { ?r kg:states ?x }"),
    ("gap-concerns", add("?x a kg:StatedGap", "kg:concerns", "?x")),
    ("source-path", change("?x a kg:Source", "kg:path", "'/home/me/findings.csv'")),
    ("source-sha256", change("?x a kg:Source", "kg:sha256", "'abc'")),
    ("source-rows", change("?x a kg:Source", "kg:rows", "-1")),
    ("tally-of", "DELETE WHERE { ?t kg:of ?x }"),
    ("tally-review", "DELETE WHERE { ?r kg:hasTally ?t }"),
    ("tally-scope", change("?t a kg:Tally", "kg:scope", "'some'")),
    ("tally-direction", change("?t a kg:Tally", "kg:direction", "'positive'")),
    ("tally-studies", change("?t a kg:Tally", "kg:studies", "99")),
    ("tally-studies", change("?t a kg:Tally", "kg:studies", "-1")),
    ("record-database", drop("?x a kg:Record", "kg:database")),
    ("record-work", add("?x a kg:Record", "kg:reportOf", "?r", "?r a kg:Review")),
    ("record-source", drop("?x a kg:Record", "kg:extractedFrom")),
    ("standing-study", "DELETE WHERE { ?s kg:hasStanding ?x }"),
    ("standing-status", change("?x a kg:Standing", "kg:status", "'unsure'")),
    ("caution-status", change("?x a kg:Caution", "kg:status", "'gone'")),
    ("study-standing", add(STUDY, "kg:standing", "'gone'")),
    ("caution-studies", drop("?x a kg:Caution", "kg:studyLabels")),
    ("relationship-type", change("?c kg:row 9", "rdf:predicate", "kg:about")),
    ("cell-studies", change(CELL, "kg:studies", "0")),
    ("cell-studies", change(CELL, "kg:studies", "2")),
    ("cell-counts", drop(CELL, "kg:findings")),
    ("cell-counts", drop(CELL, "kg:studyLabels")),
    ("cell-direction", change(CELL, "kg:direction", "'barrier'")),
    ("cell-direction", drop(CELL, "kg:direction")),
    ("cell-pole", change(CELL, "kg:pole", "'absence'")),
    ("cell-pole", drop(CELL, "kg:pole")),
    ("cell-pole", add("?c rdf:predicate kg:mixedFor", "kg:pole", "'presence'")),
    ("cell-indirect", change(CELL, "kg:indirectStudies", "2")),
    ("cell-implied", change(CELL, "kg:impliedStudies", "2")),
    ("coding-status", change("?c rdf:predicate kg:notCoded", "kg:codingStatus", "'not extracted'")),
]


@dataclass(frozen=True)
class Break:
    """What a case of ``BROKEN`` takes from the sample and puts into it, and the nodes that this is about."""

    name: str
    expected: dict[str, set[str]]
    lost: set[Any]
    gained: set[Any]
    nodes: set[Node]


def breaks(sample: rdflib.Graph) -> Iterator[Break]:
    """Yield the cases; ``sample`` is as before after each of them."""
    before = set(sample)
    for number, (shape, update) in enumerate(BROKEN):
        sample.update(update)
        lost, gained = before - set(sample), set(sample) - before
        assert lost or gained, f"{shape}: {update} breaks nothing"
        put(sample, lost=gained, gained=lost)
        nodes: set[Node] = {end for s, _, o in lost | gained for end in (s, o) if isinstance(end, rdflib.URIRef)}
        nodes |= {start for node in nodes for start in sample.objects(node, RDF.subject)}
        yield Break(f"{number}-{shape}", {shape: {MESSAGES[shape]}}, lost, gained, nodes)
    assert set(sample) == before


def put(graph: rdflib.Graph, *, lost: set[Any], gained: set[Any]) -> None:
    for triple in lost:
        graph.remove(triple)
    for triple in gained:
        graph.add(triple)


def test_a_broken_graph_violates_the_intended_shape_and_no_other() -> None:
    """Cases about different nodes are in one graph: a violation belongs to the case that is about its node."""
    batches: list[list[Break]] = []
    for case in breaks(to_rdf(assemble(FULL))):
        free = (b for b in batches if not any(case.nodes & other.nodes for other in b))
        batch = next(free, [])
        if not batch:
            batches.append(batch)
        batch.append(case)
    wrong: dict[str, Any] = {}
    for batch in batches:
        data = to_rdf(assemble(FULL))
        for case in batch:
            put(data, lost=case.lost, gained=case.gained)
        found = violations(data)
        for case in batch:
            of_case = merged(found.pop(node) for node in case.nodes & found.keys())
            if of_case != case.expected:
                wrong[case.name] = of_case
        assert found == {}, [case.name for case in batch]
    assert wrong == {}


def merged(found: Iterable[dict[str, set[str]]]) -> dict[str, set[str]]:
    """Violations by constraint alone."""
    together: dict[str, set[str]] = {}
    for of_node in found:
        for shape, messages in of_node.items():
            together.setdefault(shape, set()).update(messages)
    return together


def test_every_constraint_was_seen_red() -> None:
    assert {shape for shape, _ in BROKEN} == set(MESSAGES)


def test_every_constraint_has_a_name_and_a_message() -> None:
    """Inside sh:or only the whole has a message; everything else that can fail must tell a person what to mend."""
    attached = {
        o for p in (SH.property, SH.sparql) for s, o in SHAPES.subject_objects(p) if isinstance(s, rdflib.URIRef)
    }
    alone = {s for s in SHAPES.subjects(SH["or"]) if isinstance(s, rdflib.URIRef)}
    assert {str(t).rpartition("#")[2] for t in attached | alone} == set(MESSAGES)
    assert all(message.endswith(".") for message in MESSAGES.values())


def test_shapes_speak_of_the_terms_of_the_ontology() -> None:
    """A shape for a misspelt class or path never fails."""
    known = {*LABEL, *TYPE, *PROPERTY, KG.Relationship}
    assert {t for triple in SHAPES for t in triple if isinstance(t, rdflib.URIRef) and t.startswith(str(KG))} <= known
    targets = {LABEL[t] for t in SHAPES.objects(None, SH.targetClass) if t in LABEL}
    assert targets == set(vocab.LABELS)


def test_the_sample_conforms() -> None:
    assert violations(to_rdf(assemble(FULL))) == {}


def test_a_lack_that_harms_is_no_harm_of_the_factor(example: Review) -> None:
    """The text says that a lack of supervisory support feeds burnout, and that support eases it."""
    rdf = to_rdf(assemble(example.load().evidence))
    base = "https://w3id.org/evidence-kg/review/bell-2025/"
    support, burnout = rdflib.URIRef(base + "factor/supervisory-support"), rdflib.URIRef(base + "outcome/burnout")
    assert set(rdf.predicates(support, burnout)) == {KG.facilitates, KG.absenceHinders}


def test_the_bundled_review_conforms(example: Review) -> None:
    assert violations(to_rdf(assemble(example.load().evidence))) == {}
