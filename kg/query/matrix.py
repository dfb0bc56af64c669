"""The gap map as a grid for the terminal: factors in rows, outcomes in columns, a sign for each direction."""

from __future__ import annotations

from typing import Any

from kg.query.answers import Answers
from kg.query.signs import ABSENCE_SIGN, DIRECTION_SIGNS, IMPLIED_SIGN, INDIRECT_SIGN, legend, signed
from kg.table import STANDING_MARKS, Table


def matrix(graph: Answers, level: str | None = None, *, everything: bool = False) -> Table:
    """Return a row per factor and a column per outcome; cells such as ``4+ 3∅−`` are numbers of studies per direction.

    ``∅`` is the absence of the factor, ``~`` stands where all studies are cited jointly or inferred, and studies that
    are not known to have examined the pair are in brackets. The factors are those that the review's own tables count,
    or all with ``everything``; the last column is the number of studies that report the factor.
    """
    terms = [row for row in graph.table("vocabulary").dicts() if row["studies"]]
    outcomes = [row["label"] for row in terms if row["kind"] == "outcome"]
    shown = {row["factor"] for row in graph.table("evidence-counts", level=level, all=everything).dicts()}
    listed = list(graph.table("gap-map").dicts())
    directed = any(row["direction"] != "unspecified" for row in listed) or not listed
    cells: dict[tuple[str, str], list[str]] = {}
    flags, used = graph.flags, {""}
    for row in listed:
        standings = (flags[label] for label in row["study_labels"] if label in flags)
        marks = "".join(dict.fromkeys(STANDING_MARKS[standing] for standing in standings))
        pole = ABSENCE_SIGN if row["pole"] == "absence" else ""
        basis = INDIRECT_SIGN if row["indirect"] == row["studies"] else ""
        used |= {pole, basis, IMPLIED_SIGN if row["implied"] else ""}
        sign = pole + (DIRECTION_SIGNS[row["direction"]] if directed else "")
        cell = f"{signed(row['studies'], row['implied'], sign)}{basis}{marks}"
        cells.setdefault((row["factor"], row["outcome"]), []).append(cell)
        if row["outcome"] not in outcomes:
            outcomes.append(row["outcome"])
    rows: list[tuple[Any, ...]] = [
        (row["label"], *(" ".join(cells.get((row["label"], outcome), ["·"])) for outcome in outcomes), row["studies"])
        for row in terms
        if row["kind"] == "factor" and row["label"] in shown
    ]
    columns = ["factor", *(f"{o} (outcome)" if o in ("factor", "studies") else o for o in outcomes), "studies"]
    title = f"Gap map ({legend(used, graph.words, directed=directed)})"
    return Table("matrix", tuple(columns), rows, title, "gap-map", flags, graph.words)
