"""Cells of the map that rest on one study, one sample, one author team, the grey literature or retracted studies.

A cell is a factor, an outcome and a pole of the factor. Its side is the direction, facilitator or barrier, that more of
its studies report. It is fragile if, without one of those, it vanishes or has another side or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.model.vocabulary import OPPOSITES
from kg.query.answers import Answers
from kg.query.dependence import names_of, samples, teams
from kg.query.dimensions import dimension
from kg.query.units import Units

KIND = "fragile"
VANISHES = "vanishes"


@dataclass
class Cell:
    """The studies of a cell by direction, by place."""

    by_direction: dict[str, set[int]] = field(default_factory=dict)

    def studies(self) -> set[int]:
        """Return the studies in any direction."""
        return set().union(*self.by_direction.values())

    def side(self, without: frozenset[int] = frozenset()) -> str | None:
        """Return the direction that more studies report, None where neither has more."""
        helped, harmed = (len(self.by_direction.get(name, set()) - without) for name in OPPOSITES)
        return None if helped == harmed else OPPOSITES[helped < harmed]

    def effect(self, without: frozenset[int]) -> str | None:
        """Return what happens to the cell without some of its studies, None where it stays on its side."""
        if self.studies() <= without:
            return VANISHES
        before, after = self.side(), self.side(without)
        if before is None or before == after:
            return None
        return f"turns from {before} to {after}" if after else f"is no longer on the side of {before}"


class Rests:
    """What studies belong to, in words, and which of their studies that are."""

    def __init__(self, graph: Answers, labels: Mapping[int, int | str]) -> None:
        self._labels = labels
        self._samples, self._teams = samples(graph), teams(graph)
        rows = graph.table("facet-values", facet="sample").dicts()
        self._names = {row["id"]: row["label"] for row in rows}
        grey = (row for row in graph.table("codes", facet="evidence").dicts() if row["value"] == "evidence:grey")
        self._grey = {place for row in grey if row["of"] == "study" for place in row["studies"]}
        self._retracted = {place for place, label in labels.items() if graph.flags.get(label) == "retracted"}

    def parts_of(self, studies: set[int]) -> Iterator[tuple[str, frozenset[int]]]:
        """Yield everything that some of the studies of a cell belong to, with those studies: the smallest first."""
        places = sorted(studies)
        for place in places:
            yield f"study {self._labels[place]}", frozenset([place])
        for name, members in names_of(self._samples, places).items():
            yield f"the sample {self._names[name]} ({self.listed(members)})", frozenset(members)
        for members in names_of(self._teams, places).values():
            yield f"one team of authors ({self.listed(members)})", frozenset(members)
        for says, kind in (("the grey literature", self._grey), ("the retracted", self._retracted)):
            if members := [place for place in places if place in kind]:
                yield f"{says} ({self.listed(members)})", frozenset(members)

    def listed(self, places: Sequence[int]) -> str:
        """Return studies in words: study 1, or studies 1, 2."""
        labels = ", ".join(str(self._labels[place]) for place in places)
        return f"study {labels}" if len(places) == 1 else f"studies {labels}"


def fragile(graph: Answers, terms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a gap for each fragile cell and what it rests on, in the order of the map.

    ``terms`` are the rows of the table ``vocabulary``. What follows from a smaller part is not repeated: a cell of one
    study does not rest on its sample and team as well.
    """
    studies = {(row["kind"], row["label"]): row["studies"] for row in terms}
    labels: dict[int, int | str] = {place: label for place, _, label in graph.table("units").rows}
    rests = Rests(graph, labels)
    for (factor, outcome, pole), cell in _cells(graph):
        found: list[tuple[str, frozenset[int]]] = []
        for says, part in rests.parts_of(cell.studies()):
            effect = cell.effect(part)
            if effect is None or any(other == effect and smaller <= part for other, smaller in found):
                continue
            found.append((effect, part))
            yield {
                "kind": KIND,
                "factor": factor,
                "outcome": outcome,
                "studies": len(cell.studies()),
                "reason": f"{pole}{effect} without {says}",
                "attention": studies["factor", factor] + studies["outcome", outcome],
                "study_labels": [labels[place] for place in sorted(part)],
            }


def _cells(graph: Answers) -> Iterator[tuple[tuple[str, str, str], Cell]]:
    """Yield the cells with the labels of factor and outcome, and what a reason says of the pole."""
    of = [dimension(graph, name) for name in ("factor", "outcome", "direction", "pole")]
    factors, outcomes, directions, poles = of
    found: dict[tuple[int, int, str], Cell] = {}
    for unit in Units(graph, of).of_findings():
        if unit.finding is None:
            continue
        direction, pole = str(directions.name(unit.keys[2][0])), poles.name(unit.keys[3][0])
        says = "by its absence: " if pole == "absence" and direction in OPPOSITES else ""
        for factor in unit.keys[0]:
            for outcome in filter(outcomes.is_coded, unit.keys[1]):
                cell = found.setdefault((factor, outcome, says), Cell())
                cell.by_direction.setdefault(direction, set()).add(unit.study)
    for key in sorted(found):
        yield (str(factors.name(key[0])), str(outcomes.name(key[1])), key[2]), found[key]
