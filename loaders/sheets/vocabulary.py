"""Vocabularies: factors and outcomes with their hierarchy, from a sheet or from SKOS in Turtle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import VOCABULARY, find_columns, spellings
from kg.loaders.sheets.suggestions import Suggester
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import slug
from kg.model.normalise import fold_term
from kg.model.records import Concept
from kg.problems import Problem
from kg.text import is_colour

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

_KG = "https://w3id.org/evidence-kg#"


def read_vocabulary(table: RawTable) -> list[Concept]:
    """Return the terms of a vocabulary sheet, in its order; problems go to ``table.problems``."""
    columns = find_columns(table, VOCABULARY)
    if "label" not in columns:
        return []
    cells = RowReader(table, columns, None)
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
            cells.flag("nominal", blank=False),
            cells.flag("residual", blank=False),
            _colour(cells),
        )
        if not cells.rejected:
            concepts.append(concept)
    return concepts


def _colour(cells: RowReader) -> str | None:
    text = cells.text("colour")
    if text and not is_colour(text):
        cells.fail("colour", text, "is not a colour", accepted="# and six hexadecimal digits, such as #0072b2")
    return text or None


def read_turtle(path: Path, name: str) -> tuple[list[Concept], list[Problem]]:
    """Return the SKOS concepts of a Turtle file, sorted by notation and label, and the problems.

    The id of a concept is the last part of its IRI.
    """
    import rdflib

    graph = rdflib.Graph()
    try:
        graph.parse(data=path.read_bytes(), format="turtle")
    except Exception as error:  # noqa: BLE001 - rdflib raises whatever its parsers raise
        return [], [Problem(name, f"is not valid Turtle: {' '.join(str(error).split())[:200]}")]
    reader = _SkosReader(graph, name)
    return reader.concepts(), reader.problems


class _SkosReader:
    """Reads the concepts of one graph and collects the problems in ``problems``."""

    def __init__(self, graph: Graph, name: str) -> None:
        from rdflib import Namespace
        from rdflib.namespace import RDF, SKOS

        self.problems: list[Problem] = []
        self._graph, self._name = graph, name
        self._rdf, self._skos = RDF, SKOS
        self._kg = Namespace(_KG)
        self._ends = spellings("favourable")

    def concepts(self) -> list[Concept]:
        """Return the concepts in order; one without a label gives a problem instead."""
        nodes = sorted(self._graph.subjects(self._rdf.type, self._skos.Concept), key=self._order)
        return [concept for node in nodes if (concept := self._concept(node)) is not None]

    def _order(self, node: Node) -> tuple[bool, int, str, str]:
        notation = self._text(node, self._skos.notation)
        number = int(notation) if notation and notation.isdecimal() else 0
        return notation is None, number, notation or "", self._text(node, self._skos.prefLabel) or ""

    def _concept(self, node: Node) -> Concept | None:
        skos = self._skos
        label = self._text(node, skos.prefLabel)
        if not label:
            self.problems.append(Problem(self._name, "the concept has no skos:prefLabel", value=str(node)))
            return None
        favourable = self._favourable_end(node, label)
        broader = self._broader(node, label)
        return Concept(
            _last_part(node),
            label,
            broader,
            self._text(node, skos.definition) or self._text(node, skos.scopeNote),
            tuple(sorted(" ".join(str(s).split()) for s in self._graph.objects(node, skos.altLabel))),
            favourable,
            self._name,
            nominal=self._flag(node, "nominal"),
            residual=self._flag(node, "residual"),
            colour=self._text(node, self._kg.colour),
        )

    def _flag(self, node: Node, name: str) -> bool:
        return self._text(node, self._kg[name]) == "true"

    def _favourable_end(self, node: Node, label: str) -> str | None:
        """Return the end of the scale that is favourable, ``higher`` or ``lower``."""
        text = self._text(node, self._kg.favourable)
        if text and text.casefold() not in self._ends:
            self.problems.append(
                Problem(
                    self._name,
                    "is not an end of the scale",
                    column=f"favourable of {label}",
                    value=text,
                    accepted=", ".join(dict.fromkeys(self._ends.values())),
                )
            )
        return self._ends.get(text.casefold()) if text else None

    def _broader(self, node: Node, label: str) -> str | None:
        """Return the id of the broader concept; if there are several, the first by IRI, with a problem."""
        skos = self._skos
        nodes = {*self._graph.objects(node, skos.broader), *self._graph.subjects(skos.narrower, node)}
        broader = [_last_part(other) for other in sorted(nodes, key=str)]
        if len(broader) > 1:
            self.problems.append(
                Problem(
                    self._name,
                    "the concept has several broader ones",
                    column="skos:broader",
                    value=label,
                    accepted="one of " + ", ".join(broader),
                )
            )
        return broader[0] if broader else None

    def _text(self, node: Node, predicate: URIRef) -> str | None:
        """Return the text of a property on one line, preferably without a language tag, else in English."""
        values = sorted(self._graph.objects(node, predicate), key=lambda v: (_language_rank(v), str(v)))
        return " ".join(str(values[0]).split()) if values else None


def _last_part(node: Node) -> str:
    """Return what follows the last ``#`` or ``/`` of an IRI."""
    return str(node).replace("#", "/").rstrip("/").rsplit("/", 1)[-1]


def _language_rank(value: object) -> int:
    """Return 0 for a text without a language tag, 1 for English, 2 for any other language."""
    language = str(getattr(value, "language", None) or "")
    return 0 if not language else 1 if language.split("-")[0] == "en" else 2


def check_vocabulary(concepts: Iterable[Concept]) -> list[Problem]:
    """Return the problems between terms: duplicate ids and names, unknown broader terms, cycles."""
    listed = list(concepts)
    by_id, by_name, problems = _index(listed)
    return [*problems, *_unknown_broader(listed, by_id, by_name), *_cycles(listed, by_id)]


def _index(concepts: Sequence[Concept]) -> tuple[dict[str, Concept], dict[str, Concept], list[Problem]]:
    """Return the concepts by id and by folded name, the first of duplicates, and a problem for each duplicate."""
    by_id: dict[str, Concept] = {}
    by_name: dict[str, Concept] = {}
    problems: list[Problem] = []
    for concept in concepts:
        first = by_id.setdefault(concept.id, concept)
        if first is not concept:
            reason = f"two terms have this id ({_other(first)})"
            problems.append(_problem(concept, "id", concept.id, reason, "an id of its own for each term"))
        for name in dict.fromkeys((concept.label, *concept.synonyms, concept.id)):
            first = by_name.setdefault(fold_term(name), concept)
            if first is not concept and first.id != concept.id:
                column = "label" if name == concept.label else "id" if name == concept.id else "synonyms"
                reason = f"two terms are called this ({_other(first)})"
                accepted = "one name for one term; merge them, or say what makes them differ"
                problems.append(_problem(concept, column, name, reason, accepted))
                break
    return by_id, by_name, problems


def _unknown_broader(
    concepts: Iterable[Concept], by_id: dict[str, Concept], by_name: dict[str, Concept]
) -> list[Problem]:
    """Return a problem for each broader term that is not the id of a term."""
    suggester = Suggester()
    problems: list[Problem] = []
    for concept in concepts:
        if concept.broader and concept.broader not in by_id:
            called = by_name.get(fold_term(concept.broader))
            similar = [called.id] if called else suggester.similar(concept.broader, by_id)
            accepted = "the id of another term of the file, or blank"
            suggestion = " or ".join(map(repr, similar))
            problems.append(_problem(concept, "broader", concept.broader, "no term has this id", accepted, suggestion))
    return problems


def _cycles(concepts: Iterable[Concept], by_id: dict[str, Concept]) -> list[Problem]:
    """Return one problem for each cycle of broader terms, at the term of the cycle that comes first in the file."""
    position = {id_: number for number, id_ in enumerate(by_id)}
    visited: set[str] = set()  # every path from these terms upwards has been followed
    problems: list[Problem] = []
    for concept in concepts:
        path: dict[str, None] = {}
        broader: str | None = concept.id
        while broader and broader in by_id and broader not in path and broader not in visited:
            path[broader] = None
            broader = by_id[broader].broader
        visited.update(path)
        if broader in path:
            cycle = list(path)[list(path).index(broader) :]
            start = cycle.index(min(cycle, key=position.__getitem__))
            cycle = cycle[start:] + cycle[: start + 1]
            reason = "the hierarchy runs in a circle: " + " → ".join(cycle)
            accepted = "a broader term that is not below this one, or blank"
            problems.append(_problem(by_id[cycle[0]], "broader", cycle[0], reason, accepted))
    return problems


def _other(concept: Concept) -> str:
    return f"the other is {concept.label!r}" + (f", row {concept.row}" if concept.row else "")


def _problem(
    concept: Concept, column: str, value: str, reason: str, accepted: str = "", suggestion: str = ""
) -> Problem:
    return Problem(concept.source, reason, "", concept.row, column, value, accepted, suggestion)
