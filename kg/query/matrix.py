"""The gap map as a grid for the terminal: factors in rows, outcomes in columns, a sign for each direction."""

from __future__ import annotations

from typing import Any

from kg.query.answers import Answers
from kg.table import STANDING_MARKS, Table

#: Direction -> the sign after the number of studies; before it, a spreadsheet would read the cell as a formula.
DIRECTION_SIGNS = {"facilitator": "+", "barrier": "−", "mixed": "±", "no_effect": "=", "unspecified": "?"}
#: The sign before that of the direction, where the findings are about the absence of the factor.
ABSENCE_SIGN = "∅"
#: The sign after that of the direction, where every study is cited jointly or its tie is inferred.
INDIRECT_SIGN = "~"
LEGEND = "n+ facilitator, n− barrier, n± mixed, n= no effect, n? direction not stated, in studies; · is a gap"


def matrix(graph: Answers, level: str | None = None, *, everything: bool = False) -> Table:
    """Return a row per factor and a column per outcome; cells such as ``4+ 3∅−`` are numbers of studies per direction.

    ``∅`` is the absence of the factor, ``~`` stands where all studies are cited jointly or inferred. The factors are
    those that the review's own tables count, or all with ``everything``; the last column is the number of studies that
    report the factor.
    """
    terms = [row for row in graph.table("vocabulary").dicts() if row["studies"]]
    outcomes = [row["label"] for row in terms if row["kind"] == "outcome"]
    shown = {row["factor"] for row in graph.table("evidence-counts", level=level, all=everything).dicts()}
    cells: dict[tuple[str, str], list[str]] = {}
    flags, used = graph.flags, {""}
    for row in graph.table("gap-map").dicts():
        standings = (flags[label] for label in row["study_labels"] if label in flags)
        marks = "".join(dict.fromkeys(STANDING_MARKS[standing] for standing in standings))
        pole = ABSENCE_SIGN if row["pole"] == "absence" else ""
        basis = INDIRECT_SIGN if row["indirect"] == row["studies"] else ""
        used |= {pole, basis}
        cell = f"{row['studies']}{pole}{DIRECTION_SIGNS[row['direction']]}{basis}{marks}"
        cells.setdefault((row["factor"], row["outcome"]), []).append(cell)
        if row["outcome"] not in outcomes:
            outcomes.append(row["outcome"])
    rows: list[tuple[Any, ...]] = [
        (row["label"], *(" ".join(cells.get((row["label"], outcome), ["·"])) for outcome in outcomes), row["studies"])
        for row in terms
        if row["kind"] == "factor" and row["label"] in shown
    ]
    columns = ["factor", *(f"{o} (outcome)" if o in ("factor", "studies") else o for o in outcomes), "studies"]
    return Table("matrix", tuple(columns), rows, f"Gap map ({_legend(used)})", "gap-map", flags)


def _legend(used: set[str]) -> str:
    """Return what the signs mean; those of poles and indirect evidence only if the map has them."""
    meanings = {
        ABSENCE_SIGN: f"{ABSENCE_SIGN} by the absence of the factor",
        INDIRECT_SIGN: f"{INDIRECT_SIGN} every study cited jointly or inferred",
    }
    return "; ".join([LEGEND, *(text for sign, text in meanings.items() if sign in used)])
