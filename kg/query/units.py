"""What is counted: studies, reports and findings, each with its values of some dimensions.

A value of a dimension is a key (see ``Dimension.key``). A study or finding without a value has the key of the coding
status that says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeAlias

from kg.query.answers import Answers
from kg.query.dependence import GROUPS
from kg.query.dimensions import Dimension
from kg.query.dimensions import dimension as find_dimension

#: What can be counted -> its plural.
COUNTED = {
    "study": "studies",
    "report": "reports",
    "finding": "findings",
    **{name: plural for name, (plural, _) in GROUPS.items()},
}

#: A key of each dimension.
Cell: TypeAlias = tuple[int, ...]
#: The keys that a unit has of each dimension.
Keys: TypeAlias = tuple[Sequence[int], ...]
#: A study by its place, a finding by its id, or the name of a report, sample, review or team; a study without one
#: counts as one of its own, by its place.
Thing: TypeAlias = int | str


class Codes:
    """The keys of one dimension: of studies by place, and of findings by id. Who is in neither has no value."""

    def __init__(self, graph: Answers, dimension: Dimension) -> None:
        self._dimension = dimension
        self._rows: list[tuple[int, list[int], list[str]]] = []
        self.studies: dict[int, list[int]] = defaultdict(list)
        for row in graph.table("codes", facet=dimension.id).dicts():
            key = dimension.index[row["value"]] if row["status"] is None else dimension.key(row["status"])
            if row["of"] == "finding":
                self._rows.append((key, row["studies"], row["findings"]))
            else:
                for study in row["studies"]:
                    self.studies[study].append(key)
        self._settle(self.studies.values())

    @cached_property
    def findings(self) -> Mapping[str, list[int]]:
        """The keys of findings."""
        found: dict[str, list[int]] = defaultdict(list)
        for key, _, findings in self._rows:
            for finding in findings:
                found[finding].append(key)
        self._settle(found.values())
        return found

    @cached_property
    def owners(self) -> Mapping[str, int]:
        """The place of the study of each finding that has a key."""
        return {
            finding: study
            for _, studies, findings in self._rows
            for study, finding in zip(studies, findings, strict=True)
        }

    def of_their_findings(self) -> dict[int, set[int]]:
        """Return the keys that the findings of studies have."""
        found: dict[int, set[int]] = {}
        for key, studies, _ in self._rows:
            for study in set(studies):
                found.setdefault(study, set()).add(key)
        return found

    def merged(self) -> dict[int, list[int]]:
        """Return the keys of studies, with those of their findings."""
        found = self.of_their_findings()
        for study, keys in self.studies.items():
            found.setdefault(study, set()).update(keys)
        listed = {study: list(keys) for study, keys in found.items()}
        self._settle(listed.values())
        return listed

    def _settle(self, listed: Iterable[list[int]]) -> None:
        """Sort keys, and leave out coding statuses beside values."""
        for keys in listed:
            if len(keys) > 1:
                keys.sort()
                values = [key for key in keys if self._dimension.is_coded(key)]
                keys[:] = values or keys


@dataclass(frozen=True, slots=True)
class Unit:
    """A finding, or a study where ``finding`` is None, with its keys of each dimension."""

    study: int
    finding: str | None
    keys: Keys


class Units:
    """The studies and findings of a graph with their keys of some dimensions."""

    def __init__(self, graph: Answers, dimensions: Sequence[Dimension]) -> None:
        self._graph = graph
        self.dimensions = dimensions
        self.ids: dict[int, str] = {}
        self.labels: dict[int, int | str] = {}
        for place, id_, label in graph.table("units").rows:
            self.ids[place], self.labels[place] = id_, label
        read = {dimension.id: Codes(graph, dimension) for dimension in dimensions}
        self.codes = [read[dimension.id] for dimension in dimensions]
        self._groups: dict[str, Mapping[int, list[str]]] = {}
        self.missing = [[dimension.key("not extracted")] for dimension in dimensions]

    @cached_property
    def reports(self) -> Mapping[int, list[str]]:
        """The names of the reports of studies by place, for those that name one."""
        found: dict[int, list[str]] = defaultdict(list)
        for place, report in self._graph.table("reports").rows:
            found[place].append(report)
        return found

    def groups(self, by: str) -> Mapping[int, list[str]]:
        """Return the names of the samples, reviews or teams (``by``) of studies by place, for those that have one."""
        if by not in self._groups:
            self._groups[by] = GROUPS[by][1](self._graph)
        return self._groups[by]

    @cached_property
    def _reviews_of_findings(self) -> Mapping[str, list[str]]:
        """The reviews whose finding a finding is, where there are several reviews."""
        found: dict[str, list[str]] = {}
        for row in self._graph.table("codes", facet="review").dicts():
            for finding in row["findings"] if row["value"] else ():
                found.setdefault(finding, []).append(row["value"].partition(":")[2])
        return found

    @cached_property
    def owners(self) -> Mapping[str, int]:
        """The place of the study of every finding."""
        for dimension, codes in zip(self.dimensions, self.codes, strict=True):
            if dimension.id in ("factor", "direction"):  # every finding has them
                return codes.owners
        return Codes(self._graph, find_dimension(self._graph, "direction")).owners

    def of_studies(self) -> Iterator[Unit]:
        """Yield every study with its keys, which include those of its findings."""
        found = [codes.merged() for codes in self.codes]
        for study in self.labels:
            keys = (own.get(study, missing) for own, missing in zip(found, self.missing, strict=True))
            yield Unit(study, None, tuple(keys))

    def of_findings(self) -> Iterator[Unit]:
        """Yield every finding with its keys; a finding has those of its study where a facet is of studies.

        What a study has of a dimension of findings, and none of its findings has, makes a unit without a finding. So
        does a study without findings.
        """
        parts = [
            (dimension.of, codes.findings, codes.studies, missing)
            for dimension, codes, missing in zip(self.dimensions, self.codes, self.missing, strict=True)
        ]
        with_findings = set(self.owners.values())
        for finding, study in self.owners.items():
            keys = (
                own.get(finding) or (of_study.get(study) if of == "study" else None) or missing
                for of, own, of_study, missing in parts
            )
            yield Unit(study, finding, tuple(keys))
        said = [codes.of_their_findings() for codes in self.codes]
        for study in self.labels:
            own_keys = [of_study.get(study) or missing for _, _, of_study, missing in parts]
            if study in with_findings:
                rest = [
                    [key for key in own if d.of == "finding" and d.is_coded(key) and key not in there.get(study, ())]
                    for d, own, there in zip(self.dimensions, own_keys, said, strict=True)
                ]
                if not any(rest):
                    continue
                own_keys = [
                    (more or missing) if d.of == "finding" else own
                    for d, own, more, missing in zip(self.dimensions, own_keys, rest, self.missing, strict=True)
                ]
            yield Unit(study, None, tuple(own_keys))

    def count(self, by: str) -> int:
        """Return the number of everything that is counted."""
        if by == "finding":
            return len(self.owners)
        return len({thing for study in self.labels for thing in self.named(by, study, None)})

    def named(self, by: str, study: int, finding: str | None) -> Sequence[Thing]:
        """Return what a unit is counted as: its finding, its study, or the reports, sample, team or reviews of it."""
        if by == "finding":
            return [finding] if finding is not None else []
        if by == "review" and finding is not None and finding in self._reviews_of_findings:
            return self._reviews_of_findings[finding]
        if by in GROUPS:
            return self.groups(by).get(study) or [study]
        return self.reports.get(study) or [study] if by == "report" else [study]


def cells_of(units: Iterable[Unit], counting: Units, by: str) -> dict[Thing, set[Cell]]:
    """Return everything that is counted with its cells, without those that say less than another cell of it.

    A study with a value in one finding and none in another is not counted as one without a value.
    """
    found: dict[Thing, set[Cell]] = defaultdict(set)
    for unit in units:
        cells = set(product(*unit.keys))
        for thing in counting.named(by, unit.study, unit.finding):
            found[thing] |= cells
    sizes = [len(dimension.values) for dimension in counting.dimensions]
    highest = [max((cell[n] for cells in found.values() for cell in cells), default=0) for n in range(len(sizes))]
    if all(high < size for high, size in zip(highest, sizes, strict=True)):
        return found  # everything has a value
    return {thing: _most_telling(cells, sizes) if len(cells) > 1 else cells for thing, cells in found.items()}


def _most_telling(cells: set[Cell], sizes: Sequence[int]) -> set[Cell]:
    """Return the cells without those for which another has the same values and more."""
    values = {cell: tuple(key if key < size else None for key, size in zip(cell, sizes, strict=True)) for cell in cells}
    if all(None not in coded for coded in values.values()):
        return cells
    return {cell for cell in cells if not any(_tells_more(other, values[cell]) for other in values.values())}


def _tells_more(other: tuple[int | None, ...], cell: tuple[int | None, ...]) -> bool:
    return other != cell and all(b is None or a == b for a, b in zip(other, cell, strict=True))
