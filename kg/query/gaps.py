"""Ranked gaps in the evidence: those of the query ``gaps``, of declared maps, and those that the authors state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from kg.errors import UnknownName, UsageProblem, counted
from kg.model.normalise import fold_term
from kg.problems import nearest
from kg.query.answers import Answers
from kg.query.dimensions import RESIDUAL_LABELS
from kg.query.fragile import KIND as FRAGILE
from kg.query.fragile import fragile
from kg.query.maps import Map, MapCell, MapSpec
from kg.query.words import in_words
from kg.table import Table

#: Kind of gap -> what it means.
GAP_KINDS = {
    "no-study": "no study ties the factor to the outcome",
    "one-study": "the pair rests on a single study",
    "one-direction": "several studies, all in one direction",
    "contested": "some studies report a facilitator and some a barrier, of the same pole of the factor",
    "two-sided": "the presence of the factor helps and its absence harms, or the other way round",
    "indirect": "every study of the pair is cited jointly with others, or the tie is inferred",
    "factor-without-outcome": "the factor is reported, but no outcome is tied to it",
    "outcome-without-factor": "the outcome is discussed, but no factor is tied to it",
    "one-design": "every study whose design is given has the same design",
    "one-setting": "every study whose setting is given was in the same setting",
    "pairing-unknown": "studies have both values, and none is known to have examined the two together",
    "stated": "the authors of the review state the gap",
}

#: The kinds of gaps that are listed only if asked for, because they repeat much of the others.
ASKED_KINDS = {FRAGILE: "the cell vanishes or changes sides without one study, sample, team or class of evidence"}

#: The kinds of gaps that a map of any facets has.
MAP_KINDS = ("no-study", "one-study", "pairing-unknown")

RANKED_BY = (
    "ranked by attention: the studies that report the factor plus the studies that discuss the outcome; "
    "gaps that the authors state come last, in their order"
)
RESIDUAL_LAST = "; terms such as other or unclear come after all others"
COLUMNS = ("rank", "kind", "factor", "outcome", "studies", "reason", "attention", "study_labels")


def gaps(graph: Answers, kind: str | None = None) -> Table:
    """Return the gaps of a graph in the order that RANKED_BY describes. Raises UnknownName for an unknown kind."""
    known = (*GAP_KINDS, *ASKED_KINDS)
    if kind is not None and kind not in known:
        raise UnknownName("kind of gap", kind, nearest(kind, known) or list(known))
    found: list[dict[str, Any]] = []
    if kind not in ("stated", "pairing-unknown", FRAGILE):
        found += graph.table("gaps", kind=kind).dicts()
    terms = list(graph.table("vocabulary").dicts())
    if kind in (None, "pairing-unknown"):
        found += _pairing_unknown(graph, terms)
    if kind == FRAGILE:
        found += fragile(graph, terms)
    if not _is_directed(graph):
        found = [row for row in found if row["kind"] != "one-direction"]  # on a map of tags, all have no direction
    residual = {(row["kind"], row["label"]) for row in terms if is_residual(row)}

    def place(row: dict[str, Any]) -> tuple[bool, int]:
        return any((of, row[of]) in residual for of in ("factor", "outcome")), -row["attention"]

    found.sort(key=place)
    after = RESIDUAL_LAST if any(place(row)[0] for row in found) else ""
    if kind in (None, "stated"):
        found += _stated(graph)
    rows = [(rank, *(row[name] for name in COLUMNS[1:])) for rank, row in enumerate(found, start=1)]
    return Table(
        "gaps", COLUMNS, rows, in_words(f"Gaps, {RANKED_BY}{after}", graph.words), "gaps", graph.flags, graph.words
    )


def is_residual(term: dict[str, Any]) -> bool:
    """Return whether a term says that no other term fits: by its vocabulary, or because it is called other."""
    return bool(term["residual"]) or fold_term(term["label"]) in RESIDUAL_LABELS


def _is_directed(graph: Answers) -> bool:
    """Return whether any finding states a direction."""
    return any(row["direction"] != "unspecified" for row in graph.table("evidence-counts", all=True).dicts())


def _stated(graph: Answers) -> Iterator[dict[str, Any]]:
    for row in graph.table("stated-gaps").dicts():
        yield {
            "kind": "stated",
            "factor": "; ".join(row["factors"]) or None,
            "outcome": "; ".join(row["outcomes"]) or None,
            "studies": 0,
            "reason": f"{row['statement']} ({row['locator']})" if row["locator"] else row["statement"],
            "attention": None,
            "study_labels": [],
        }


def _pairing_unknown(graph: Answers, terms: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the pairs of which every study is there by implication only, in the order of the map."""
    studies = {(row["kind"], row["label"]): row["studies"] for row in terms}
    for factor, outcome, labels in graph.table("implied-pairs").rows:
        yield {
            "kind": "pairing-unknown",
            "factor": factor,
            "outcome": outcome,
            "studies": len(labels),
            "reason": _unknown(len(labels)),
            "attention": studies["factor", factor] + studies["outcome", outcome],
            "study_labels": labels,
        }


def _unknown(studies: int) -> str:
    have = f"{counted(studies, 'study', 'studies')} {'has' if studies == 1 else 'have'}"
    return f"{have} both, and nothing says that the two were examined together"


def map_gaps(graph: Answers, spec: MapSpec, kind: str | None = None) -> Table:
    """Return the gaps of a declared map, ranked in the same way. Raises UnknownName for an unknown kind."""
    if kind is not None and kind not in MAP_KINDS:
        if kind in (*GAP_KINDS, *ASKED_KINDS):
            raise UsageProblem(f"gaps of kind {kind} are of factors and outcomes; a map has {', '.join(MAP_KINDS)}")
        raise UnknownName("kind of gap", kind, nearest(kind, MAP_KINDS) or list(MAP_KINDS))
    found = Map(graph, spec)
    listed = [gap for gap in _gaps_of(found) if kind in (None, gap[1])]
    listed.sort(key=lambda gap: gap[0])
    rows = [(rank, *gap[1:]) for rank, gap in enumerate(listed, start=1)]
    row, column = found.rows.label, found.columns.label
    title = f"Gaps of {found.title}, ranked by attention: the studies of the {row} plus those of the {column}"
    if any(gap[0][0] for gap in listed):
        title += RESIDUAL_LAST
    columns = ("rank", "kind", *found.names, *COLUMNS[4:])
    return Table("gaps", columns, rows, title, "codes", graph.flags, found.words)


def _gaps_of(found: Map) -> Iterator[tuple[tuple[bool, int, int], str, Any, Any, int, str, int, list[int | str]]]:
    """Yield the gaps of a map, each after what it is ranked by, in the order of the map."""
    rows, columns = (sorted({cell[n] for cell in found.cells}) for n in (0, 1))
    for row, column in product(rows, columns):
        cell = found.cells.get((row, column), MapCell())
        with_row, with_column = len(found.by_row[row]), len(found.by_column[column])
        reasons: dict[str, str] = {}
        if not cell.studies:
            have = "has" if with_row == 1 else "have"
            reasons["no-study"] = f"no study ties the two, though {with_row} {have} the one and {with_column} the other"
        elif len(cell.studies) == 1:
            reasons["one-study"] = "rests on a single study"
        if cell.studies and not cell.paired:
            reasons["pairing-unknown"] = _unknown(len(cell.studies))
        residual = found.rows.values[row].residual or found.columns.values[column].residual
        names, labels = (found.rows.name(row), found.columns.name(column)), found.labels(cell.studies)
        attention = with_row + with_column
        for kind, reason in reasons.items():
            rank = residual, -attention, MAP_KINDS.index(kind)
            yield rank, kind, *names, len(labels), reason, attention, labels
