"""Ranked gaps in the evidence: those of the query ``gaps``, and those that the authors of the review state."""

from __future__ import annotations

from typing import Any

from kg.errors import UnknownName
from kg.problems import nearest
from kg.query.answers import Answers
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
    "stated": "the authors of the review state the gap",
}

RANKED_BY = (
    "ranked by attention: the studies that report the factor plus the studies that discuss the outcome; "
    "gaps that the authors state come last, in their order"
)
COLUMNS = ("rank", "kind", "factor", "outcome", "studies", "reason", "attention", "study_labels")


def gaps(graph: Answers, kind: str | None = None) -> Table:
    """Return the gaps of a graph in the order that RANKED_BY describes. Raises UnknownName for an unknown kind."""
    if kind is not None and kind not in GAP_KINDS:
        raise UnknownName("kind of gap", kind, nearest(kind, GAP_KINDS) or list(GAP_KINDS))
    found: list[dict[str, Any]] = []
    if kind != "stated":
        found += graph.table("gaps", kind=kind).dicts()
    if kind in (None, "stated"):
        for row in graph.table("stated-gaps").dicts():
            found.append(
                {
                    "kind": "stated",
                    "factor": "; ".join(row["factors"]) or None,
                    "outcome": "; ".join(row["outcomes"]) or None,
                    "studies": 0,
                    "reason": f"{row['statement']} ({row['locator']})" if row["locator"] else row["statement"],
                    "attention": None,
                    "study_labels": [],
                }
            )
    rows = [(rank, *(row[name] for name in COLUMNS[1:])) for rank, row in enumerate(found, start=1)]
    return Table("gaps", COLUMNS, rows, f"Gaps, {RANKED_BY}", "gaps", graph.flags)
