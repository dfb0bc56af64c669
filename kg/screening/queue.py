"""The queue: the candidates that are still to be decided on, ranked, each with the reason and the cells it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import islice

from kg.errors import counted
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.graph.bibliography import gravest_standings
from kg.query.answers import Answers
from kg.query.dimensions import Dimension
from kg.query.gaps import is_residual
from kg.query.maps import DEFAULT, MapCell, MapSpec, find_map
from kg.query.maps import Map as DeclaredMap
from kg.screening.decisions import Decision, read_decisions
from kg.screening.flow import by_work, verdict
from kg.screening.ranking import Candidate, Cell, Map, Ranked, rank
from kg.screening.terms import Match, Term, term_of
from kg.screening.texts import texts_of
from kg.table import STANDING_WORDS, Table

COLUMNS = ("rank", "work", "year", "title", "reason", "cells", "state")
#: A row names at most this many cells, and a reason this many terms.
_MOST_CELLS = 3
_LIKENESS = ((0.66, "much like the included studies"), (0.33, "somewhat like the included studies"))


def queue(review: Review, stage: str = "abstract", map: str | None = None) -> Table:
    """Return the candidates without a final decision at a stage, those first that could change most.

    At the stage "full-text", these are the works that were included by their abstract. Raises BadInput for a file or a
    decision that cannot be accepted. The graph of the folder is built if it is stale. ``map`` is the name of a map in
    ``review.toml``, whose cells count instead of those of factors and outcomes. Raises UnknownName.
    """
    loaded = review.load()
    decided = by_work(loaded, read_decisions(review.root))
    waiting = {work.id: state for work in loaded.library.resolution.works if (state := _state(decided, work.id, stage))}
    texts = texts_of(review.root, loaded)
    links = _links(loaded, waiting)
    with review.graph() as graph:
        of = map_of(graph, find_map(graph.maps, map))
    studies = [texts[study.id] for study in loaded.evidence.studies]
    found = rank([Candidate(id_, texts[id_], links[id_]) for id_ in waiting], studies, of)
    return _table(found, waiting, _years(loaded, waiting), gravest_standings(loaded.library.candidate_standings()))


def _state(decided: Mapping[str, Sequence[Decision]], work: str, stage: str) -> str | None:
    """Return why a work is in the queue of a stage; None for one that is not."""
    taken = decided.get(work, ())
    abstract, text = verdict(taken, "abstract"), verdict(taken, "full-text")
    if stage == "full-text":
        if text is None and (abstract is None or abstract.decision != "include"):
            return None
        final = text
    elif text is not None:
        return None
    else:
        final = abstract
    if final is None:
        return "awaiting a decision"
    return f"maybe ({final.by})" if final.decision == "maybe" else None


def map_of(graph: Answers, spec: MapSpec = DEFAULT) -> Map:
    """Return the terms and cells of a map. Terms that no study has and those such as "other" are left out."""
    if not spec.is_of_findings:
        return _map_of_values(graph, DeclaredMap(graph, spec))
    terms: dict[str, list[Term]] = {"factor": [], "outcome": []}
    for row in graph.table("vocabulary").dicts():
        if row["studies"] and not is_residual(row):
            terms[row["kind"]].append(term_of(row["label"], (row["synonyms"] or "").split("; "), row["definition"]))
    studies: dict[tuple[str, str], set[object]] = {}
    directions: dict[tuple[str, str], set[str]] = {}
    for row in graph.table("gap-map").dicts():
        cell = row["factor"], row["outcome"]
        studies.setdefault(cell, set()).update(row["study_labels"])
        directions.setdefault(cell, set()).add(f"{row['pole'] or ''} {row['direction']}".strip())
    cells = {cell: Cell(len(labels), _shared(directions[cell])) for cell, labels in studies.items()}
    return Map(tuple(terms["factor"]), tuple(terms["outcome"]), cells)


def _map_of_values(graph: Answers, found: DeclaredMap) -> Map:
    """Return the terms and cells of a map that ``review.toml`` declares; a number in a text says nothing of a value."""
    axes = (found.rows, found.by_row), (found.columns, found.by_column)
    rows, columns = (_terms(graph, dimension, studies) for dimension, studies in axes)
    cells = {
        (rows[row].label, columns[column].label): Cell(len(cell.studies), _direction(found, cell))
        for (row, column), cell in found.cells.items()
        if row in rows and column in columns
    }
    return Map(tuple(rows.values()), tuple(columns.values()), cells)


def _terms(graph: Answers, dimension: Dimension, used: Iterable[int]) -> dict[int, Term]:
    table = (
        graph.table("vocabulary") if dimension.kind == "concept" else graph.table("facet-values", facet=dimension.id)
    )
    definitions = {row["id"]: row["definition"] for row in table.dicts()}
    values = {key: dimension.values[key] for key in sorted(used)}
    return {
        key: term_of(value.label, value.synonyms, definitions.get(value.id))
        for key, value in values.items()
        if not value.residual and value.number is None
    }


def _direction(found: DeclaredMap, cell: MapCell) -> str | None:
    if not found.is_directed or found.segments is None:
        return None
    return _shared({str(found.segments.name(key)) for key in cell.segments} or {"unspecified"})


def _shared(directions: set[str]) -> str | None:
    """Return the direction that all studies have in common; None for several, or one that cannot be contested."""
    (first, *others) = sorted(directions)
    return None if others or first.endswith("unspecified") else first.rpartition(" ")[2]


def _links(loaded: Loaded, works: Iterable[str]) -> dict[str, int]:
    """Return candidate -> the number of included studies that it cites or that cite it."""
    resolution = loaded.library.resolution
    work_of, studies = resolution.work_of, {study.id for study in loaded.evidence.studies}
    waiting, linked = set(works), defaultdict[str, set[str]](set)
    if not studies:
        return dict.fromkeys(waiting, 0)
    of_openalex = {r.openalex: work_of[r.id] for r in resolution.records if r.openalex and r.id in work_of}
    for record in resolution.records:
        one = work_of.get(record.id)
        for other in filter(None, map(of_openalex.get, record.references)):
            if one in waiting and other in studies:
                linked[one].add(other)
            elif one in studies and other in waiting:
                linked[other].add(one)
    return {work: len(linked[work]) if work in linked else 0 for work in waiting}


def _years(loaded: Loaded, works: Container[str]) -> dict[str, int | None]:
    resolution = loaded.library.resolution
    return {work.id: resolution.records.of(work.records[0]).year for work in resolution.works if work.id in works}


def _table(
    found: Iterable[Ranked], states: Mapping[str, str], years: Mapping[str, int | None], standings: Mapping[str, str]
) -> Table:
    rows = []
    for place, one in enumerate(found, start=1):
        id_ = one.candidate.id
        cells = [f"{c.factor.term.label} × {c.outcome.term.label}" for c in islice(one.concerns, _MOST_CELLS)]
        reason = reason_of(one) + (f"; it is {STANDING_WORDS[standings[id_]]}" if id_ in standings else "")
        rows.append((place, id_, years[id_], one.candidate.text.title or None, reason, cells, states[id_]))
    return Table("queue", COLUMNS, rows, "Candidates, ranked by what they could do to the map")


def reason_of(one: Ranked) -> str:
    """Return why a candidate stands where it does, in a sentence without its full stop."""
    parts = []
    if one.concerns:
        first = one.concerns[0]
        named = f"it names {_named(first.factor)} and {_named(first.outcome)}"
        parts.append(f"{_effect(first.cell, len(one.concerns))}: {named}")
    elif one.named:
        parts.append("it names " + ", ".join(_named(found) for found in one.named[:_MOST_CELLS]))
    if one.candidate.links:
        parts.append(f"{counted(one.candidate.links, 'citation')} from or to included studies")
    parts += [words for least, words in _LIKENESS if one.likeness >= least][:1]
    return "; ".join(parts) or "it names no term of the map"


def _effect(cell: Cell, cells: int) -> str:
    """Return what the candidate could do to its first cell."""
    others = f", and {counted(cells - 1, 'other cell')}" if cells > 1 else ""
    if cell.potential == "fills":
        return f"could fill a cell without a study{others}"
    if cell.potential == "second":
        return f"could be the second study of a cell{others}"
    if cell.potential == "contests":
        return f"could contest a cell of {cell.studies} studies that all say {cell.direction}{others}"
    return f"could add to a cell of {cell.studies} studies{others}"


def _named(found: Match) -> str:
    return f"{found.term.label} ({found.how})"
