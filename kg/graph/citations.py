"""Which work cites which, by the references of their records, as numbers. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from kg.graph.rows import EdgeKey, Links, Row
from kg.model.literature import Report
from kg.model.packed import Records
from kg.model.records import Evidence

_STUDY, _CANDIDATE = "Study", "Candidate"


class Works:
    """The studies and then the other works of the evidence, by their numbers.

    ``ids`` are theirs; ``of`` has for the position of each record the number of its work, or -1.
    """

    def __init__(self, evidence: Evidence, records: Records) -> None:
        self.ids = [study.id for study in evidence.studies] + [work.id for work in evidence.works]
        self._studies = len(evidence.studies)
        self._records = records
        numbers = {id_: number for number, id_ in enumerate(self.ids)}
        self.of = array("q", [-1]) * len(records)
        positions = records.positions
        for report in evidence.reports:
            self.of[positions[report.record]] = numbers[report.work]
        #: OpenAlex id -> number, where the id of the record does not say it.
        self._numbers: dict[str, int] = {}
        for position, id_ in enumerate(records.ids):
            if not id_.startswith("openalex:") and self.of[position] >= 0 and (named := records[position].openalex):
                self._numbers[named] = self.of[position]
        for number, study in enumerate(evidence.studies):
            if study.id.startswith("openalex:"):
                self._numbers[study.id.removeprefix("openalex:")] = number

    def kind(self, number: int) -> str:
        """Return the label of a work."""
        return _STUDY if 0 <= number < self._studies else _CANDIDATE

    def is_study(self, position: int) -> bool:
        """Return whether the record at a position reports an included study."""
        return 0 <= self.of[position] < self._studies

    def with_openalex(self, ids: Iterable[str]) -> Iterator[tuple[str, int | None]]:
        """Yield each of these OpenAlex ids (W…) with the number of its work, or None where there is no such work."""
        position_of, own, of = self._records.positions.get, self._numbers, self.of
        for id_ in ids:  # of every reference of every record, so nothing is called for most of them
            position = position_of(f"openalex:{id_}", -1)
            number = of[position] if position >= 0 else -1
            if own and id_ in own:
                number = own[id_]
            yield id_, number if number >= 0 else None


class Citations:
    """The works that each record cites. ``stubs`` are ids of works without a record, with their numbers."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._cited, self._ends = array("q"), array("Q", [0])
        self.stubs: dict[str, int] = {}

    def add(self, position: int, references: Iterable[str]) -> None:
        """Add the references (W…) of the next record, which is at this position."""
        works = self._works
        if (own := works.of[position]) >= 0:
            included = works.is_study(position)
            for reference, cited in works.with_openalex(references):
                if cited is None and included:
                    cited = self.stubs.setdefault(f"openalex:{reference}", len(works.ids) + len(self.stubs))
                if cited is not None and cited != own:
                    self._cited.append(cited)
        self._ends.append(len(self._cited))

    def edges(self, reports: Iterable[Report], positions: Mapping[str, int]) -> dict[EdgeKey, Sequence[Row]]:
        """Return the edges between works, each once, in the order of ``reports``, in which a work's are together."""
        found: dict[EdgeKey, Links] = {}
        for _, of_work in groupby(reports, key=lambda report: report.work):
            places = [positions[report.record] for report in of_work]
            own = self._works.of[places[0]]
            cited = (number for place in places for number in self._cited[self._ends[place] : self._ends[place + 1]])
            for number in dict.fromkeys(cited):
                key = "CITES", self._works.kind(own), self._works.kind(number)
                found.setdefault(key, Links()).add(own, number)
        ids = [*self._works.ids, *self.stubs]
        return {key: links.rows(ids, ids) for key, links in found.items()}
