"""Vocabularies: factors and outcomes with their hierarchy, from a sheet or from SKOS in Turtle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.loaders.sheets.cells import MOST_SUGGESTIONS, RowReader
from kg.loaders.sheets.columns import VOCABULARY, find_columns, spellings
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import slug
from kg.model.normalise import fold_term
from kg.model.records import Concept
from kg.problems import Problem, nearest


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
            cells.text("id") or slug(label),
            label,
            cells.text("broader") or None,
            cells.text("definition") or None,
            cells.several("synonyms"),
            cells.choice("favourable"),
            table.file,
            number,
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
        graph.parse(data=path.read_bytes(), format="turtle")
    except Exception as error:  # noqa: BLE001 - rdflib raises whatever its parsers raise
        return [], [Problem(name, f"is not valid Turtle: {' '.join(str(error).split())[:200]}")]

    def ending(node: rdflib.term.Node) -> str:
        return str(node).replace("#", "/").rstrip("/").rsplit("/", 1)[-1]

    def text(node: rdflib.term.Node, kind: rdflib.URIRef) -> str | None:
        values = sorted(graph.objects(node, kind), key=lambda v: (_language(v), str(v)))
        return " ".join(str(values[0]).split()) if values else None

    def order(node: rdflib.term.Node) -> tuple[bool, int, str, str]:
        notation = text(node, SKOS.notation)
        number = int(notation) if notation and notation.isdecimal() else 0
        return notation is None, number, notation or "", text(node, SKOS.prefLabel) or ""

    ends = spellings("favourable")
    concepts = []
    problems = []
    for node in sorted(graph.subjects(RDF.type, SKOS.Concept), key=order):
        label, good = text(node, SKOS.prefLabel), text(node, rdflib.URIRef(_FAVOURABLE))
        if not label:
            problems.append(Problem(name, "the concept has no skos:prefLabel", value=str(node)))
            continue
        if good and good.casefold() not in ends:
            problems.append(
                Problem(
                    name,
                    "is not an end of the scale",
                    column=f"favourable of {label}",
                    value=good,
                    accepted=", ".join(dict.fromkeys(ends.values())),
                )
            )
            good = None
        broader = sorted({*graph.objects(node, SKOS.broader), *graph.subjects(SKOS.narrower, node)}, key=str)
        if len(broader) > 1:
            problems.append(
                Problem(
                    name,
                    "the concept has several broader ones",
                    column="skos:broader",
                    value=label,
                    accepted="one of " + ", ".join(map(ending, broader)),
                )
            )
        concepts.append(
            Concept(
                ending(node),
                label,
                ending(broader[0]) if broader else None,
                text(node, SKOS.definition) or text(node, SKOS.scopeNote),
                tuple(sorted(" ".join(str(s).split()) for s in graph.objects(node, SKOS.altLabel))),
                ends[good.casefold()] if good else None,
                name,
            )
        )
    return concepts, problems


_FAVOURABLE = "https://w3id.org/evidence-kg#favourable"


def _language(value: object) -> int:
    """Return the rank of a text's language: none, English, any other."""
    language = str(getattr(value, "language", None) or "")
    return 0 if not language else 1 if language.split("-")[0] == "en" else 2


def check_vocabulary(concepts: Iterable[Concept]) -> list[Problem]:
    """Return what is wrong between terms: an id or label given twice, an unknown broader term, a cycle."""
    listed = list(concepts)
    problems: list[Problem] = []
    by_id: dict[str, Concept] = {}
    named: dict[str, Concept] = {}
    for concept in listed:
        other = by_id.setdefault(concept.id, concept)
        if other is not concept:
            problems.append(
                _problem(
                    concept,
                    "id",
                    concept.id,
                    f"two terms have this id ({_other(other)})",
                    "an id of its own for each term",
                )
            )
        for name in dict.fromkeys((concept.label, *concept.synonyms, concept.id)):
            clash = named.setdefault(fold_term(name), concept)
            if clash is not concept and clash.id != concept.id:
                column = "label" if name == concept.label else "id" if name == concept.id else "synonyms"
                problems.append(
                    _problem(
                        concept,
                        column,
                        name,
                        f"two terms are called this ({_other(clash)})",
                        "one name for one term; merge them, or say what makes them differ",
                    )
                )
                break
    unknown = 0
    for concept in listed:
        if concept.broader and concept.broader not in by_id:
            same = named.get(fold_term(concept.broader))
            unknown += not same
            close = [same.id] if same else nearest(concept.broader, by_id) if unknown <= MOST_SUGGESTIONS else []
            problems.append(
                _problem(
                    concept,
                    "broader",
                    concept.broader,
                    "no term has this id",
                    "the id of another term of the file, or blank",
                    " or ".join(map(repr, close)),
                )
            )
    place = {id_: number for number, id_ in enumerate(by_id)}
    seen: set[str] = set()  # terms from which the way up is known; a circle is told at the first of its terms
    for concept in listed:
        path: dict[str, None] = {}
        broader: str | None = concept.id
        while broader and broader in by_id and broader not in path and broader not in seen:
            path[broader] = None
            broader = by_id[broader].broader
        seen.update(path)
        if broader in path:
            circle = list(path)[list(path).index(broader) :]
            start = circle.index(min(circle, key=place.__getitem__))
            circle = circle[start:] + circle[: start + 1]
            problems.append(
                _problem(
                    by_id[circle[0]],
                    "broader",
                    circle[0],
                    "the hierarchy runs in a circle: " + " → ".join(circle),
                    "a broader term that is not below this one, or blank",
                )
            )
    return problems


def _other(concept: Concept) -> str:
    return f"the other is {concept.label!r}" + (f", row {concept.row}" if concept.row else "")


def _problem(
    concept: Concept, column: str, value: str, reason: str, accepted: str = "", suggestion: str = ""
) -> Problem:
    return Problem(concept.source, reason, "", concept.row, column, value, accepted, suggestion)
