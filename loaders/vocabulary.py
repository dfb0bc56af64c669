"""Vocabularies: factors and outcomes with their hierarchy, from a sheet or from SKOS in Turtle. Pure but for the reading."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.ids import slug
from kg.loaders.cells import RowReader
from kg.loaders.columns import VOCABULARY, find_columns
from kg.loaders.tables import RawTable
from kg.model import Concept
from kg.problems import Problem


def read_vocabulary(table: RawTable) -> list[Concept]:
    """Return the terms of a vocabulary sheet, in its order; problems go to ``table.problems``."""
    places = find_columns(table, VOCABULARY)
    if "label" not in places:
        return []
    cells = RowReader(table, places, None)
    concepts: list[Concept] = []
    for number, row in table.rows:
        cells.start(number, row)
        label = " ".join(cells.text("label").split())
        if not label:
            cells.fail("label", "", "the term has no label")
        concept = Concept(
            cells.text("id") or slug(label), label, cells.text("broader") or None, cells.text("definition") or None,
            cells.several("synonyms"), cells.choice("favourable"), table.file, number,
        )
        if not cells.rejected:
            concepts.append(concept)
    return concepts


def read_turtle(path: Path, name: str) -> tuple[list[Concept], list[Problem]]:
    """Return the SKOS concepts of a Turtle file, sorted by notation, then label; ids are the IRIs' last parts."""
    import rdflib
    from rdflib.namespace import RDF, SKOS

    graph = rdflib.Graph()
    try:
        graph.parse(str(path), format="turtle")
    except Exception as error:  # noqa: BLE001 - rdflib raises whatever its parsers raise
        return [], [Problem(name, f"is not valid Turtle: {' '.join(str(error).split())[:200]}")]

    def ending(node: rdflib.term.Node) -> str:
        return str(node).replace("#", "/").rstrip("/").rsplit("/", 1)[-1]

    def text(node: rdflib.term.Node, kind: rdflib.URIRef) -> str | None:
        values = sorted(str(value) for value in graph.objects(node, kind))
        return values[0] if values else None

    nodes = sorted(
        graph.subjects(RDF.type, SKOS.Concept), key=lambda n: (text(n, SKOS.notation) or "~", text(n, SKOS.prefLabel) or "")
    )
    favourable = rdflib.URIRef("https://w3id.org/evidence-kg#favourable")
    concepts = []
    problems = []
    for node in nodes:
        label = text(node, SKOS.prefLabel)
        if not label:
            problems.append(Problem(name, "the concept has no skos:prefLabel", value=str(node)))
            continue
        broader = next(iter(sorted(graph.objects(node, SKOS.broader), key=str)), None)
        concepts.append(Concept(
            ending(node), label, ending(broader) if broader is not None else None, text(node, SKOS.definition),
            tuple(sorted(str(s) for s in graph.objects(node, SKOS.altLabel))), text(node, favourable), name,
        ))
    return concepts, problems


def check_vocabulary(concepts: Iterable[Concept]) -> list[Problem]:
    """Return what is wrong between terms: an id or label given twice, an unknown broader term, a cycle."""
    listed = list(concepts)
    problems: list[Problem] = []
    by_id: dict[str, Concept] = {}
    named: dict[str, Concept] = {}
    for concept in listed:
        if concept.id in by_id:
            problems.append(_problem(concept, "id", concept.id, f"two terms have this id (also row {by_id[concept.id].row})"))
        by_id.setdefault(concept.id, concept)
        for name in dict.fromkeys(n.casefold() for n in (concept.label, *concept.synonyms)):
            other = named.setdefault(name, concept)
            if other is not concept:
                column = "label" if name == concept.label.casefold() else "synonyms"
                problems.append(_problem(
                    concept, column, name if column == "synonyms" else concept.label,
                    f"two terms share this label (the other is {other.id!r}, row {other.row})",
                    "one label for one term; merge them, or say what makes them differ"))
    for concept in listed:
        if concept.broader and concept.broader not in by_id:
            from kg.problems import nearest

            close = " or ".join(repr(n) for n in nearest(concept.broader, by_id))
            problems.append(_problem(concept, "broader", concept.broader, "no term has this id",
                                     "the id of another term of the file, or blank", close))
    in_cycle: set[str] = set()
    for concept in listed:
        path = [concept.id]
        while (broader := by_id[path[-1]].broader) and broader in by_id and broader not in path:
            path.append(broader)
        if broader == concept.id and concept.id not in in_cycle:
            in_cycle.update(path)
            problems.append(_problem(concept, "broader", broader,
                                     "the hierarchy runs in a circle: " + " → ".join([*path, concept.id]),
                                     "a broader term that is not below this one"))
    return problems


def _problem(concept: Concept, column: str, value: str, reason: str, accepted: str = "", suggestion: str = "") -> Problem:
    return Problem(concept.source, reason, row=concept.row, column=column, value=value, accepted=accepted, suggestion=suggestion)
