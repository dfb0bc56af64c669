"""Bibliographic records and standings -> nodes and edges, each with the source that it was read from. Pure.

A record gives properties to its own node, never to a study: a study has only what the reviewers coded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.model.ids import slug
from kg.model.names import author_year
from kg.model.records import Author, Evidence, Record, Search, Standing
from kg.model.vocabulary import STANDINGS

if TYPE_CHECKING:
    from kg.graph.rows import EdgeKey, Row

    Rows = tuple[dict[str, list[Row]], dict[EdgeKey, list[Row]]]

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
    """Return the records with their authors, institutions, topics and funders, and the citations between works.

    A work without a record that a study cites becomes a candidate with nothing but an id. Of the references of other
    works, those without a record are only counted.
    """
    rows = _Rows()
    kinds = {study.id: "Study" for study in evidence.studies} | {work.id: "Candidate" for work in evidence.works}
    reports: dict[str, list[str]] = defaultdict(list)
    report_of = {report.record: report.work for report in evidence.reports}
    for report in evidence.reports:
        reports[report.work].append(report.record)
        edge = {"from": report.record, "to": report.work, "reason": report.reason}
        rows.edges["REPORT_OF", "Record", kinds[report.work]].append(edge)
    searches: dict[str, list[Search]] = defaultdict(list)
    for search in evidence.searches:
        if search.file:
            searches[search.file].append(search)
    for record in evidence.records:
        rows.add(record, searches.get(record.source, ()))
    records = {record.id: record for record in evidence.records}
    candidates = [_candidate(work.id, [records[id_] for id_ in work.records]) for work in evidence.works]
    cited = _citations(evidence, records, report_of, reports, kinds)
    for start, end in cited:
        rows.edges["CITES", kinds[start], kinds.setdefault(end, "Candidate")].append({"from": start, "to": end})
    known = {row["id"] for row in candidates}
    stubs = dict.fromkeys(end for _, end in cited if kinds[end] == "Candidate" and end not in known)
    rows.nodes["Candidate"] = candidates + [{"id": id_, "records": 0} for id_ in stubs]
    return dict(rows.nodes), dict(rows.edges)


def record_counts(evidence: Evidence) -> dict[str, int]:
    """Return how many records report each study or other work."""
    counts: dict[str, int] = defaultdict(int)
    for report in evidence.reports:
        counts[report.work] += 1
    return dict(counts)


def _citations(
    evidence: Evidence,
    records: Mapping[str, Record],
    report_of: Mapping[str, str],
    reports: Mapping[str, Iterable[str]],
    kinds: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Return the distinct pairs (citing work, cited work), without works that cite another record of themselves."""
    by_openalex = {record.openalex: report_of[record.id] for record in evidence.records if record.id in report_of}
    by_openalex |= {s.id.removeprefix("openalex:"): s.id for s in evidence.studies if s.id.startswith("openalex:")}
    found: dict[tuple[str, str], None] = {}
    for work, of_work in reports.items():
        included = kinds[work] == "Study"
        for id_ in of_work:
            for reference in records[id_].references:
                cited = by_openalex.get(reference)
                if cited is None and included:
                    cited = f"openalex:{reference}"
                if cited is not None and cited != work:
                    found[work, cited] = None
    return list(found)


def _candidate(id_: str, records: list[Record]) -> Row:
    shown = records[0]
    row: Row = {"id": id_, "records": len(records), "short": _short(shown)}
    row.update((name, value) for name in ("doi", "year", "title") if (value := getattr(shown, name)) is not None)
    return row


def _short(record: Record) -> str:
    return author_year(record.authors[0].name if record.authors else "", record.year, record.title or record.id)


class _Rows:
    """Collects the rows of records; a node that several records share is added once."""

    def __init__(self) -> None:
        self.nodes: dict[str, list[Row]] = {name: [] for name in ("Record", "Author", "Institution", "Topic", "Funder")}
        self.edges: dict[EdgeKey, list[Row]] = defaultdict(list)
        self._known: dict[str, set[str]] = {name: set() for name in self.nodes}

    def add(self, record: Record, searches: Iterable[Search]) -> None:
        """Add a record with its authors, institutions, topics and funders."""
        id_ = record.id
        self.nodes["Record"].append(_record(record))
        if record.source:
            edge = {"from": id_, "to": record.source, "row": record.row}
            self.edges["EXTRACTED_FROM", "Record", "Source"].append(edge)
        for search in searches:
            self.edges["FOUND_BY", "Record", "Search"].append({"from": id_, "to": search.id})
        for name, kind, rows in (
            ("Author", "AUTHORED_BY", _authors(record)),
            ("Institution", "AFFILIATED_WITH", _institutions(record)),
            ("Topic", "HAS_TOPIC", _topics(record)),
            ("Funder", "FUNDED_BY", _funders(record)),
        ):
            known, nodes, edges = self._known[name], self.nodes[name], self.edges[kind, "Record", name]
            joined = set()
            for node, more in rows:
                to = node["id"]
                if to not in known:
                    known.add(to)
                    nodes.append(node)
                if to not in joined:
                    joined.add(to)
                    edges.append({"from": id_, "to": to, **more})


_RECORD = (
    "database", "openalex", "doi", "pmid", "pmcid", "year", "date", "title", "venue", "language", "oa_url",
    "oa_status", "cited_by", "has_abstract", "updated", "seen",
)  # fmt: skip


def _record(record: Record) -> Row:
    row: Row = {"id": record.id}
    for name in _RECORD:
        value = getattr(record, name)
        if value is not None:
            row[name] = value
    if record.authors:
        row["authors"] = "; ".join(author.name for author in record.authors)
    if record.type is not None:
        row["publication_type"] = record.type
    if record.references:
        row["references"] = len(record.references)
    if record.is_retracted is not None:
        row["retracted"] = record.is_retracted
    return row


def _authors(record: Record) -> Iterator[tuple[Row, Row]]:
    for position, author in enumerate(record.authors, start=1):
        row: Row = {"id": _author_id(author) or f"{record.id}#{position}", "name": author.name}
        if author.orcid:
            row["orcid"] = author.orcid
        yield row, {"position": position}


def _author_id(author: Author) -> str | None:
    """Return the OpenAlex id or ORCID of an author, or None: a name does not identify an author."""
    return author.id or (f"orcid:{author.orcid}" if author.orcid else None)


def _institutions(record: Record) -> Iterator[tuple[Row, Row]]:
    seen = set()
    for author in record.authors:
        for institution in author.institutions:
            id_ = institution.id or (f"ror:{institution.ror}" if institution.ror else _slug(institution.name))
            if id_ in seen:
                continue
            seen.add(id_)
            row: Row = {"id": id_, "name": institution.name}
            if institution.ror:
                row["ror"] = institution.ror
            if institution.country:
                row["country_code"] = institution.country
            yield row, {}


_slug = lru_cache(maxsize=1 << 16)(slug)


def _topics(record: Record) -> Iterator[tuple[Row, Row]]:
    for topic in record.topics:
        row: Row = {"id": topic.id or slug(topic.label), "label": topic.label}
        row.update((n, v) for n in ("subfield", "field", "domain") if (v := getattr(topic, n)))
        yield row, {}


def _funders(record: Record) -> Iterator[tuple[Row, Row]]:
    for funder in record.funders:
        more = {"awards": "; ".join(funder.awards)} if funder.awards else {}
        yield {"id": funder.id or slug(funder.name), "name": funder.name}, more
