"""Bibliographic records and standings -> nodes and edges, each with the source that it was read from. Pure.

A record gives properties to its own node, never to a study: a study has only what the reviewers coded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kg.graph.citations import Citations, Works
from kg.graph.rows import Links, MadeRows
from kg.model.ids import slug
from kg.model.literature import Record, Report, Standing
from kg.model.names import author_year
from kg.model.packed import Records
from kg.model.records import Evidence, Search
from kg.model.vocabulary import STANDINGS

if TYPE_CHECKING:
    from kg.graph.rows import EdgeKey, Row

    Rows = tuple[dict[str, Sequence[Row]], dict[EdgeKey, Sequence[Row]]]

#: The standings that tables mark, the gravest first.
CAUTIONS = tuple(status for status in STANDINGS if status not in ("current", "not checked"))


def gravest_standings(standings: Iterable[Standing]) -> dict[str, str]:
    """Return study id -> its gravest standing by any source; "not checked" only where no source has another."""
    found: dict[str, str] = {}
    for standing in standings:
        known = found.get(standing.study)
        if known is None or STANDINGS.index(standing.status) < STANDINGS.index(known):
            found[standing.study] = standing.status
    return found


def standing_rows(evidence: Evidence, labels: Mapping[str, int | str]) -> Rows:
    """Return the standings of studies by source, and the cautions that tables show.

    ``labels`` maps study ids to the labels of the studies in the review, in its order.
    """
    review = evidence.review.id
    nodes, edges = [], []
    for standing in evidence.standings:
        id_ = f"{standing.study}|{standing.source}"
        row = {"id": id_, "source": standing.source, "status": standing.status}
        more = (
            ("date", standing.date),
            ("seen", standing.seen),
            ("reason", standing.reason),
            ("notice", standing.notice),
        )
        row.update((name, value) for name, value in more if value is not None)
        nodes.append(row)
        edges.append({"from": standing.study, "to": id_})
    gravest = gravest_standings(evidence.standings)
    cautions = []
    for status in CAUTIONS:
        listed = [label for study, label in labels.items() if gravest.get(study) == status]
        if listed:
            cautions.append({"id": status, "status": status, "studies": len(listed), "study_labels": listed})
    return {"Standing": nodes, "Caution": cautions}, {
        ("HAS_STANDING", "Study", "Standing"): edges,
        ("HAS_CAUTION", "Review", "Caution"): [{"from": review, "to": row["id"]} for row in cautions],
    }


def record_rows(evidence: Evidence) -> Rows:
    """Return the records with their institutions, topics and funders, and the citations between works.

    Only the authors of included studies are nodes; a record names all of its own. A work without a record that a study
    cites becomes a candidate with nothing but an id. Of the references of other works, those without a record are only
    counted.
    """
    review, records = evidence.review.id, evidence.records
    if not isinstance(records, Records):
        records = Records(records)
    works = Works(evidence, records)
    shared, citations = _Shared(evidence.searches), Citations(works)
    for place in range(len(records)):
        record = records[place]
        shared.add(place, record, authors=works.is_study(place))
        citations.add(place, record.references)
    edges: dict[EdgeKey, Sequence[Row]] = {}
    by_kind: dict[str, list[Report]] = {}
    positions = records.positions
    for report in evidence.reports:
        by_kind.setdefault(works.kind(works.of[positions[report.record]]), []).append(report)
    for kind, reports in by_kind.items():
        edges["REPORT_OF", "Record", kind] = _report_rows(reports)
    edges |= shared.edges(records.ids)
    edges |= citations.edges(evidence.reports, positions)
    stubs = list(citations.stubs)

    def candidate(number: int) -> Row:
        if number >= len(evidence.works):
            return {"id": stubs[number - len(evidence.works)], "records": 0, "review": review}
        work = evidence.works[number]
        return _candidate(work.id, records[positions[work.records[0]]], len(work.records)) | {"review": review}

    nodes: dict[str, Sequence[Row]] = {
        "Record": MadeRows(len(records), lambda number: _record(records[number]) | {"review": review}),
        **shared.nodes,
        "Candidate": MadeRows(len(evidence.works) + len(stubs), candidate),
    }
    return nodes, edges


def _report_rows(reports: Sequence[Report]) -> Sequence[Row]:
    def made(number: int) -> Row:
        report = reports[number]
        return {"from": report.record, "to": report.work, "reason": report.reason}

    return MadeRows(len(reports), made)


def record_counts(evidence: Evidence) -> dict[str, int]:
    """Return how many records report each study or other work."""
    counts: dict[str, int] = defaultdict(int)
    for report in evidence.reports:
        counts[report.work] += 1
    return dict(counts)


def _candidate(id_: str, shown: Record, records: int) -> Row:
    row: Row = {"id": id_, "records": records, "short": _short(shown)}
    row.update((name, value) for name in ("doi", "year", "title") if (value := getattr(shown, name)) is not None)
    return row


def _short(record: Record) -> str:
    return author_year(record.authors[0].name if record.authors else "", record.year, record.title or record.id)


class _Shared:
    """Collects what records share: each author, institution, topic and funder is a node once."""

    def __init__(self, searches: Iterable[Search]) -> None:
        names = ("Author", "Institution", "Topic", "Funder")
        self.nodes: dict[str, Sequence[Row]] = {}
        self._nodes: dict[str, list[Row]] = {name: [] for name in names}
        self.nodes.update(self._nodes)
        self._numbers: dict[str, dict[str, int]] = {name: {} for name in (*names, "Source")}
        self._links = {name: Links(*more) for name, more in _LINKED.items()}
        self._searches = [search.id for search in searches if search.file]
        self._of_file: dict[str, list[int]] = defaultdict(list)
        for number, file in enumerate(search.file for search in searches if search.file):
            self._of_file[file].append(number)

    def add(self, place: int, record: Record, *, authors: bool) -> None:
        """Add what the record at a place has."""
        if record.source:
            source = self._numbers["Source"].setdefault(record.source, len(self._numbers["Source"]))
            self._links["Source"].add(place, source, record.row)
        for number in self._of_file.get(record.source, ()):
            self._links["Search"].add(place, number)
        if authors:
            self._join("Author", place, _authors(record))
        self._join("Institution", place, _institutions(record))
        self._join("Topic", place, _topics(record))
        self._join("Funder", place, _funders(record))

    def _join(self, name: str, place: int, found: Iterable[tuple[str, tuple[Any, ...], tuple[Any, ...]]]) -> None:
        """Link the record at a place to nodes, each given by its id, its properties and those of the link."""
        numbers, nodes, links = self._numbers[name], self._nodes[name], self._links[name]
        joined = set()
        for id_, values, more in found:
            number = numbers.setdefault(id_, len(nodes))
            if number == len(nodes):
                named = zip(_NODES[name], values, strict=True)
                nodes.append({"id": id_} | {name: value for name, value in named if value})
            if number not in joined:
                joined.add(number)
                links.add(place, number, *more)

    def edges(self, ids: Sequence[str]) -> dict[EdgeKey, Sequence[Row]]:
        """Return the edges of the records with these ids."""
        ends = {name: list(numbers) for name, numbers in self._numbers.items()} | {"Search": self._searches}
        return {(_KINDS[name], "Record", name): links.rows(ids, ends[name]) for name, links in self._links.items()}


#: What a record is linked to -> the properties of the node, the first of which it always has.
_NODES = {
    "Author": ("name", "orcid"), "Institution": ("name", "ror", "country_code"),
    "Topic": ("label", "subfield", "field", "domain"), "Funder": ("name",),
}  # fmt: skip
#: What a record is linked to -> the properties of the link, and its type.
_LINKED = {
    "Source": ("row",), "Search": (), "Author": ("position",), "Institution": (), "Topic": (), "Funder": ("awards",),
}  # fmt: skip
_KINDS = {
    "Source": "EXTRACTED_FROM", "Search": "FOUND_BY", "Author": "AUTHORED_BY", "Institution": "AFFILIATED_WITH",
    "Topic": "HAS_TOPIC", "Funder": "FUNDED_BY",
}  # fmt: skip


_RECORD = (
    "id", "database", "openalex", "doi", "pmid", "pmcid", "year", "date", "title", "venue", "language", "oa_url",
    "oa_status", "cited_by", "has_abstract", "updated", "seen",
)  # fmt: skip
_values_of = attrgetter(*_RECORD)


def _record(record: Record) -> Row:
    row: Row = {name: value for name, value in zip(_RECORD, _values_of(record), strict=True) if value is not None}
    if record.authors:
        row["authors"] = "; ".join([author.name for author in record.authors])
    if record.type is not None:
        row["publication_type"] = record.type
    if record.references:
        row["references"] = len(record.references)
    if record.is_retracted is not None:
        row["retracted"] = record.is_retracted
    return row


def _authors(record: Record) -> Iterator[tuple[str, tuple[str, str | None], tuple[int]]]:
    for position, author in enumerate(record.authors, start=1):
        # A name does not identify an author.
        id_ = author.id or (f"orcid:{author.orcid}" if author.orcid else f"{record.id}#{position}")
        yield id_, (author.name, author.orcid), (position,)


def _institutions(record: Record) -> Iterator[tuple[str, tuple[str | None, ...], tuple[()]]]:
    for author in record.authors:
        for one in author.institutions:
            yield one.id or (f"ror:{one.ror}" if one.ror else _slug(one.name)), (one.name, one.ror, one.country), ()


_slug = lru_cache(maxsize=1 << 16)(slug)


def _topics(record: Record) -> Iterator[tuple[str, tuple[str | None, ...], tuple[()]]]:
    for topic in record.topics:
        yield topic.id or slug(topic.label), (topic.label, topic.subfield, topic.field, topic.domain), ()


def _funders(record: Record) -> Iterator[tuple[str, tuple[str], tuple[str | None]]]:
    for funder in record.funders:
        yield funder.id or _slug(funder.name), (funder.name,), ("; ".join(funder.awards) or None,)
