"""The data of the map, arranged for printing: rows, columns and the studies in each cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kg.model.vocabulary import DIRECTIONS, OPPOSITES
from kg.table import STANDING_MARKS

Item = Mapping[str, Any]
#: The indexes of a factor and an outcome; None stands for all factors, or all outcomes.
Place = tuple[int | None, int | None]
#: A direction, and whether it is the absence of the factor that has the effect.
Kind = tuple[str, bool]

WORDS: Final = {
    "factor": "Factor", "factors": "Factors", "outcome": "Outcome", "outcomes": "Outcomes",
    "facilitator": "facilitator", "barrier": "barrier", "mixed": "mixed", "no_effect": "no effect",
    "unspecified": "direction not stated",
}  # fmt: skip
#: What is said of an effect of the absence of a factor, after the word for the direction.
BY_ABSENCE: Final = "by absence of the factor"
FINDING_FIELDS = ("direction", "pole", "locator", "note", "tabulated", "certainty", "source")


class MapData:
    """The data of one page. Factors and outcomes have indexes in the order of their groups, studies in their own."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.meta: Item = data["meta"]
        self.title: str = self.meta["title"]
        self.words = {name: (data.get("words") or {}).get(name) or word for name, word in WORDS.items()}
        self.own_colours: Item = data.get("colours") or {}
        self.rows, self.columns = _by_group(data["factors"]), _by_group(data["outcomes"])
        self.factors = [factor for _, group in self.rows for factor in group]
        self.outcomes = [outcome for _, group in self.columns for outcome in group]
        self.studies: Sequence[Item] = data["studies"]
        self.gaps: Sequence[Item] = data.get("gaps") or []
        self.stated: Sequence[Item] = data.get("stated_gaps") or []
        self.findings = self._indexed(data["findings"])
        self.directions = sorted({f["direction"] for f in self.findings}, key=DIRECTIONS.index)
        self.has_tables = {f["tabulated"] for f in self.findings} >= {True, False}
        self.has_untied = any(not f["outcomes"] for f in self.findings)
        #: place -> direction and pole -> indexes of studies
        self.cells = self._cells()
        self.has_absence = any(absent for cell in self.cells.values() for _, absent in cell)
        #: the cells in which every study is cited jointly or its tie is inferred
        self.indirect = self._indirect()
        #: index -> standing, for the studies that do not stand as published
        self.flagged = {
            n: str(study["standing"]) for n, study in enumerate(self.studies) if study.get("standing") in STANDING_MARKS
        }
        inner = [cell for (row, column), cell in self.cells.items() if row is not None and column is not None]
        #: The count of the largest mark; at least 10, so that a count of two is not large on a small map.
        self.largest = max([10, *(len(studies) for cell in inner for studies in cell.values())])

    def _indexed(self, findings: Iterable[Item]) -> list[dict[str, Any]]:
        """Return the findings with the indexes of their study, factor and outcomes instead of ids."""
        study, factor, outcome = (
            {item["id"]: n for n, item in enumerate(items)} for items in (self.studies, self.factors, self.outcomes)
        )
        indexed = []
        for finding in findings:
            if finding["direction"] not in DIRECTIONS:
                raise ValueError(f"not a direction: {finding['direction']!r}")
            outcomes = sorted({outcome[o] for o in finding.get("outcomes") or []})
            indexed.append({name: finding.get(name) for name in FINDING_FIELDS} | {
                "study": study[finding["study"]], "factor": factor[finding["factor"]], "outcomes": outcomes,
            })  # fmt: skip
        return indexed

    def said(self, kind: Kind) -> str:
        """Return the words for a direction and pole."""
        direction, absent = kind
        return f"{self.words[direction]} {BY_ABSENCE}" if absent else self.words[direction]

    def _indirect(self) -> set[Place]:
        tied = [(f["factor"], outcome, f["certainty"]) for f in self.findings for outcome in f["outcomes"]]
        return {(row, column) for row, column, _ in tied} - {(row, column) for row, column, how in tied if not how}

    def _cells(self) -> dict[Place, dict[Kind, set[int]]]:
        """Return the studies of each cell, row and column; findings without outcome are in a last column."""
        cells: dict[Place, dict[Kind, set[int]]] = {}
        for finding in self.findings:
            for row in (finding["factor"], None):
                for column in (*(finding["outcomes"] or [len(self.outcomes)]), None):
                    cell = cells.setdefault((row, column), {})
                    cell.setdefault(kind_of(finding), set()).add(finding["study"])
        return cells


def kind_of(finding: Item) -> Kind:
    """Return the direction of a finding, and whether the absence of the factor has that effect."""
    return finding["direction"], finding["pole"] == "absence" and finding["direction"] in OPPOSITES


def _by_group(items: Iterable[Item]) -> list[tuple[str | None, list[Item]]]:
    """Return the items by group, groups and items in order of first appearance; those without a group come last."""
    groups: dict[str | None, list[Item]] = {}
    for item in items:
        groups.setdefault(item.get("group") or None, []).append(item)
    return sorted(groups.items(), key=lambda group: group[0] is None)
