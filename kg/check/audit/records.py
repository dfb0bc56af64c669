"""The findings of a check: discrepancies between two places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.problems import Problem

#: Kind of discrepancy -> what two places of the review disagree about.
AUDIT_KINDS = {
    "count-and-list": "a number and the list of studies beside it",
    "total-and-parts": "the studies listed for a factor, and those listed for its directions",
    "table-and-prose": "a row of a table and the list in the prose",
    "outcome-list": "a study tied to an outcome, and the outcome's own list, which leaves it out",
    "factor-list": "a study cited for a factor or direction, and the factor's own row, which leaves it out",
    "outcome-of-factor": "outcomes that one section ties to a factor, and those of the table",
    "fact": "one fact stated twice",
    "uncited-tie": "a tie in the results without any study",
    "table-order": "the order a table claims, and the order it has",
    "duplicate-reference": "one publication under two reference numbers",
    "eligibility": "an inclusion criterion, and an included study that does not meet it",
    "flow": "the numbers of the study flow, and those of the studies that are here",
    "no-row": "an included study that no row of the tables counts",
}


@dataclass(frozen=True)
class Place:
    """A section, table or file, and what it ``says``; ``studies`` are the review's article numbers."""

    place: str
    says: str
    studies: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class Discrepancy:
    """Two places that do not agree. ``severity``: error (the folder), conflict (the review) or note.

    ``problem`` is the problem of an input file that an error reports.
    """

    kind: str
    severity: str
    message: str
    places: tuple[Place, ...] = ()
    problem: Problem | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        places = [{"place": p.place, "says": p.says, "studies": list(p.studies)} for p in self.places]
        return {"kind": self.kind, "severity": self.severity, "message": self.message, "places": places}


def conflict(kind: str, message: str, *places: Place) -> Discrepancy:
    """Return a contradiction between two places of the review."""
    return Discrepancy(kind, "conflict", message, places)
