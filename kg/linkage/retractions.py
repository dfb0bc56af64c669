"""The standing of studies and candidates (retracted, of concern, …) by each source, with its date. Pure.

Where a source was not asked or did not answer, the standing is "not checked", never "current".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.linkage.resolve import PREPRINTS
from kg.model.literature import Record, Standing, Work
from kg.model.notices import NATURES, standing_in_title
from kg.model.packed import Records
from kg.model.records import Study
from kg.model.vocabulary import STANDINGS

#: Types of records that supersede a preprint; a data set, a poster or a peer review does not.
_ARTICLES = frozenset({"article", "review", "book-chapter", "letter"})

#: DOI prefixes of preprint servers. OpenAlex merges a preprint and its article into one work with the DOI of the
#: article; the DOI of the preprint is then among the locations, like those of copies in repositories.
_PREPRINT_DOI = re.compile(
    r"10\.(?:1101/\d|21203/rs|31234/osf|31219/osf|31235/osf|2139/ssrn|48550/arxiv|20944/preprints|26434/chemrxiv"
    r"|36227/techrxiv|22541/au|2196/preprints|7287/peerj\.preprints)"
)


@dataclass(frozen=True)
class Notice:
    """A notice about a publication, which is identified by DOI or PMID; ``date`` is ISO 8601, ``notice`` a DOI."""

    nature: str
    doi: str | None = None
    pmid: str | None = None
    date: str | None = None
    reason: str | None = None
    notice: str | None = None


@dataclass(frozen=True)
class NoticeFile:
    """The notices of one source as of one day.

    ``complete`` is True where a publication that is not in the file has no notice. An answer of Crossref about a few
    works is not complete: it covers only the DOIs in ``listed``.
    """

    source: str
    notices: tuple[Notice, ...] = ()
    as_of: str | None = None
    complete: bool = True
    listed: frozenset[str] = frozenset()


#: A file, and its notices by publication: ``doi:…`` or ``pmid:…``.
_Asked = tuple[NoticeFile, Mapping[str, Sequence[Notice]]]


def standings(
    studies: Sequence[Study], reports: Mapping[str, Sequence[Record]], files: Iterable[NoticeFile]
) -> tuple[Standing, ...]:
    """Return the standing of each study by each source: the databases of its records, and the files of notices.

    ``reports`` maps the id of a study to its records. All files of one source count as one. Without records and files,
    no study has a standing.
    """
    databases = sorted({record.database for records in reports.values() for record in records})
    asked = _by_source(files)
    return tuple(
        standing for study in studies for standing in _of_all(study, reports.get(study.id, ()), databases, asked)
    )


def candidate_standings(works: Iterable[Work], records: Records, files: Iterable[NoticeFile]) -> tuple[Standing, ...]:
    """Return the standings of candidates that are retracted or of concern, by each source that says so.

    ``works`` are those that are no studies; ``study`` of a Standing is the id of the work.
    """
    asked = _by_source(files)
    named = {key for of_source in asked.values() for _, notices in of_source for key in notices}
    doubtful = {record.id for record in records if _may_not_stand(record, named)}
    found: list[Standing] = []
    for work in works:
        if not doubtful.isdisjoint(work.records):
            own = [records.of(id_) for id_ in work.records]
            databases = sorted({record.database for record in own})
            of_work = _of_all(Study(work.id, work.id, doi=own[0].doi), own, databases, asked)
            found += [standing for standing in of_work if standing.status in ("retracted", "concern")]
    return tuple(found)


def _may_not_stand(record: Record, named: Collection[str]) -> bool:
    """Return whether a record, or a notice of a publication among those ``named``, could say that it is retracted."""
    return (
        bool(record.is_retracted)
        or f"doi:{record.doi}" in named
        or f"pmid:{record.pmid}" in named
        or standing_in_title(record.title or "") is not None
    )


def _by_source(files: Iterable[NoticeFile]) -> dict[str, list[_Asked]]:
    asked: dict[str, list[_Asked]] = defaultdict(list)
    for file in files:
        asked[file.source].append((file, _by_publication(file.notices)))
    return asked


def _of_all(
    study: Study, records: Sequence[Record], databases: Iterable[str], asked: Mapping[str, Sequence[_Asked]]
) -> Iterator[Standing]:
    """Yield the standing of a study by each source that has one of it."""
    for database in databases:
        standing = _of_records(study, [record for record in records if record.database == database], database, records)
        if standing is not None:
            yield standing
    for source, of_source in asked.items():
        yield _of_files(study, records, source, of_source)


def _of_records(study: Study, own: Sequence[Record], database: str, records: Sequence[Record]) -> Standing | None:
    """Return the standing of a study by one database; None where the database does not record retractions."""
    if not own:
        return Standing(study.id, database, "not checked") if database == "OpenAlex" else None
    seen = max((record.seen for record in own if record.seen), default=None)
    for record in own:
        if record.is_retracted:
            return Standing(study.id, database, "retracted", seen=seen, reason="the record says so")
    for record in own:
        if status := standing_in_title(record.title or ""):
            return Standing(study.id, database, status, seen=seen, reason="its title says so")
    article = next((r for r in records if r.type in _ARTICLES and r.doi != study.doi), None)
    if article and study.doi and any(_is_preprint(study.doi, record) for record in own):
        reason = f"the preprint was extracted, and there is an article{f': {article.doi}' if article.doi else ''}"
        return Standing(study.id, database, "superseded", article.date, seen, reason, article.doi)
    if any(record.is_retracted is False for record in own):
        return Standing(study.id, database, "current", seen=seen)
    return Standing(study.id, database, "not checked", seen=seen) if database == "OpenAlex" else None


def _is_preprint(doi: str, record: Record) -> bool:
    """Return whether a DOI is that of a preprint, by its own record or by the record that it was merged into."""
    if record.doi == doi:
        return record.type in PREPRINTS
    return bool(_PREPRINT_DOI.match(doi)) and f"doi:{doi}" in {location.lower() for location in record.locations}


def _of_files(study: Study, records: Sequence[Record], source: str, asked: Sequence[_Asked]) -> Standing:
    """Return the standing of a study by the files of one source, looked up by the DOIs and PMIDs of its records.

    A notice that only an older file has still counts: a notice ends with a reinstatement, not by its absence.
    """
    dois = dict.fromkeys(filter(None, (study.doi, *(record.doi for record in records))))
    pmids = dict.fromkeys(filter(None, (record.pmid for record in records)))
    keys = [*(f"doi:{doi}" for doi in dois), *(f"pmid:{pmid}" for pmid in pmids)]
    known: dict[Notice, None] = {}
    days: list[str] = []
    answered = False
    for file, notices in asked:
        of_it = [notice for key in keys for notice in notices.get(key, ())]
        known.update(dict.fromkeys(of_it))
        if of_it or (keys if file.complete else file.listed.intersection(dois)):
            answered = True
            days += [file.as_of] if file.as_of else []
    if not answered:
        return Standing(study.id, source, "not checked")
    seen = max(days, default=None)
    in_force = _in_force(known)
    if not in_force:
        return Standing(study.id, source, "current", seen=seen)
    gravest = min(in_force, key=lambda notice: STANDINGS.index(NATURES[notice.nature]))
    reason = gravest.reason
    if gravest.doi and gravest.doi not in dois:
        # OpenAlex assigns PMIDs to wrong works, so the reason states which key matched.
        reason = "; ".join(filter(None, (reason, f"known by PMID {gravest.pmid}, the DOI there is {gravest.doi}")))
    return Standing(study.id, source, NATURES[gravest.nature], gravest.date, seen, reason, gravest.notice)


def _in_force(notices: Collection[Notice]) -> list[Notice]:
    """Return the notices in force, in the order of their dates: a reinstatement ends the retractions before it."""
    back = max((notice.date or "" for notice in notices if notice.nature == "reinstatement"), default=None)
    return sorted(
        (n for n in notices if back is None or NATURES[n.nature] != "retracted" or (n.date or "") > back),
        key=lambda notice: notice.date or "",
    )


def _by_publication(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        for name, value in (("doi", notice.doi), ("pmid", notice.pmid)):
            if value:
                found[f"{name}:{value}"].append(notice)
    return found
