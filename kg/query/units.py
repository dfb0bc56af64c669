"""What is counted: studies, reports and findings, each with its values of some dimensions.

A value of a dimension is a key (see ``Dimension.key``). A study or finding without a value has the key of the coding
status that says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from kg.query.answers import Answers
from kg.query.dimensions import Dimension

#: What can be counted -> its plural.
COUNTED = {"study": "studies", "report": "reports", "finding": "findings"}

#: A key of each dimension.
Cell: TypeAlias = tuple[int, ...]
#: The keys that a unit has of each dimension.
Keys: TypeAlias = tuple[Sequence[int], ...]
#: A study by its place, a finding by its id, or a report: its name, or the place of a study that names none.
Thing: TypeAlias = int | str


@dataclass(frozen=True)
class Codes:
    """The keys of one dimension: of studies by place, and of findings by id. Who is in neither has no value."""

    studies: Mapping[int, list[int]]
    findings: Mapping[str, list[int]]
    owners: Mapping[str, int]


@dataclass(frozen=True)
class Unit:
    """A finding, or a study where ``finding`` is None, with its keys of each dimension."""

    study: int
    finding: str | None
    keys: Keys


def read_codes(graph: Answers, dimension: Dimension) -> Codes:
    """Return the codes of a graph in one dimension."""
    studies: dict[int, list[int]] = defaultdict(list)
    findings: dict[str, list[int]] = defaultdict(list)
    owners: dict[str, int] = {}
    for row in graph.table("codes", facet=dimension.id).dicts():
        key = dimension.index[row["value"]] if row["status"] is None else dimension.key(row["status"])
        if row["of"] == "study":
            for study in row["studies"]:
                studies[study].append(key)
            continue
        for study, finding in zip(row["studies"], row["findings"], strict=True):
            findings[finding].append(key)
            owners[finding] = study
    for keys in (*studies.values(), *findings.values()):
        if len(keys) > 1:
            keys[:] = sorted(_coded(dimension, keys))
    return Codes(studies, findings, owners)


class Units:
    """The studies and findings of a graph with their keys of some dimensions."""

    def __init__(self, graph: Answers, dimensions: Sequence[Dimension]) -> None:
        self.dimensions = dimensions
        rows = list(graph.table("units").dicts())
        self.labels: dict[int, int | str] = {row["place"]: row["label"] for row in rows}
        self.ids: dict[int, str] = {row["place"]: row["id"] for row in rows}
        self.reports: dict[int, list[str]] = {row["place"]: row["reports"] for row in rows}
        self._graph = graph
        read = {dimension.id: read_codes(graph, dimension) for dimension in dimensions}
        self.codes = [read[dimension.id] for dimension in dimensions]
        self.missing = [[dimension.key("not extracted")] for dimension in dimensions]
        self._parts = [
            (d.of, codes, missing) for d, codes, missing in zip(dimensions, self.codes, self.missing, strict=True)
        ]

    def owners(self) -> Mapping[str, int]:
        """Return the place of the study of every finding."""
        for dimension, codes in zip(self.dimensions, self.codes, strict=True):
            if dimension.id in ("factor", "direction"):  # every finding has them
                return codes.owners
        from kg.query.dimensions import dimension as find

        return read_codes(self._graph, find(self._graph, "direction")).owners

    def of_studies(self) -> Iterator[Unit]:
        """Yield every study with its keys, which include those of its findings."""
        found: list[dict[int, dict[int, None]]] = []
        for dimension, codes in zip(self.dimensions, self.codes, strict=True):
            keys: dict[int, dict[int, None]] = {study: dict.fromkeys(own) for study, own in codes.studies.items()}
            for finding, own in codes.findings.items():
                keys.setdefault(codes.owners[finding], {}).update(dict.fromkeys(own))
            found.append({study: _coded(dimension, own) for study, own in keys.items()})
        for study in self.labels:
            yield Unit(
                study, None, tuple(sorted(found[n].get(study, missing)) for n, missing in enumerate(self.missing))
            )

    def of_findings(self) -> Iterator[Unit]:
        """Yield every finding with its keys; a finding has those of its study where a facet is of studies.

        What a study has of a dimension of findings, and none of its findings has, makes a unit without a finding. So
        does a study without findings.
        """
        owners = self.owners()
        seen: dict[int, list[set[int]]] = {}
        for finding, study in owners.items():
            keys = self._keys(study, finding)
            of_study = seen.setdefault(study, [set() for _ in self.dimensions])
            for known, own in zip(of_study, keys, strict=True):
                known.update(own)
            yield Unit(study, finding, keys)
        for study in self.labels:
            keys = self._keys(study, None)
            if study in seen:
                rest = [
                    [key for key in own if d.of == "finding" and d.is_coded(key) and key not in there]
                    for d, own, there in zip(self.dimensions, keys, seen[study], strict=True)
                ]
                if not any(rest):
                    continue
                keys = tuple(
                    (more or missing) if d.of == "finding" else own
                    for d, own, more, missing in zip(self.dimensions, keys, rest, self.missing, strict=True)
                )
            yield Unit(study, None, keys)

    def _keys(self, study: int, finding: str | None) -> Keys:
        """Return the keys of a finding, or of a study by itself."""
        keys: list[Sequence[int]] = []
        for of, codes, missing in self._parts:
            own = codes.findings.get(finding) if finding is not None else None
            if own is None and (finding is None or of == "study"):
                own = codes.studies.get(study)
            keys.append(own or missing)
        return tuple(keys)

    def count(self, by: str) -> int:
        """Return the number of everything that is counted."""
        if by == "finding":
            return len(self.owners())
        return len({thing for study in self.labels for thing in self.named(by, study, None)})

    def named(self, by: str, study: int, finding: str | None) -> Sequence[Thing]:
        """Return what a unit is counted as: its finding, its study, or the reports of its study."""
        if by == "finding":
            return [finding] if finding is not None else []
        return self.reports[study] or [study] if by == "report" else [study]


def _coded(dimension: Dimension, keys: Iterable[int]) -> dict[int, None]:
    """Return the keys that are values; where none is, the coding statuses."""
    values = {key: None for key in keys if dimension.is_coded(key)}
    return values or dict.fromkeys(keys)


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
