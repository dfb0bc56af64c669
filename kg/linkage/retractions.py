"""Whether studies still stand: what each source says of each, and when. Pure.

A source that was not asked, or did not answer, leaves a study "not checked"; that is never "current".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.linkage.resolve import PREPRINTS
from kg.model.notices import NATURES, standing_in_title
from kg.model.records import Record, Standing, Study
from kg.model.vocabulary import STANDINGS

#: Types of records of what a preprint becomes; data, a poster or a peer review beside it do not supersede it.
_ARTICLES = frozenset({"article", "review", "book-chapter", "letter"})

#: DOIs of servers of preprints. OpenAlex makes a preprint and its article one work, with the DOI of the article; that
#: of the preprint is then one of its locations, as those of copies in repositories are.
_PREPRINT_DOI = re.compile(
    r"10\.(?:1101/\d|21203/rs|31234/osf|31219/osf|31235/osf|2139/ssrn|48550/arxiv|20944/preprints|26434/chemrxiv"
    r"|36227/techrxiv|22541/au|2196/preprints|7287/peerj\.preprints)"
)


@dataclass(frozen=True)
class Notice:
    """That something was announced about a publication: by its DOI or PMID, with the day (ISO 8601) and the reason."""

    nature: str
    doi: str | None = None
    pmid: str | None = None
    date: str | None = None
    reason: str | None = None
    notice: str | None = None


@dataclass(frozen=True)
class NoticeFile:
    """The notices of one source, as of one day; ``complete`` where what it does not list has no notice.

    An answer of Crossref about a few works is not complete: it speaks of ``listed``, the DOIs in it, and of no other.
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
    """Return what each source says of each study: the databases of its records, and each file of notices.

    ``reports`` has the records of each study by its id; all files of one source are taken as one. Where there are
    neither records nor files, no study has a standing.
    """
    databases = sorted({record.database for records in reports.values() for record in records})
    asked: dict[str, list[_Asked]] = defaultdict(list)
    for file in files:
        asked[file.source].append((file, _by_publication(file.notices)))
    found: list[Standing] = []
    for study in studies:
        records = reports.get(study.id, ())
        for database in databases:
            said = _of_records(study, [record for record in records if record.database == database], database, records)
            if said is not None:
                found.append(said)
        found += [_of_files(study, records, source, of_source) for source, of_source in asked.items()]
    return tuple(found)


def _of_records(study: Study, own: Sequence[Record], database: str, records: Sequence[Record]) -> Standing | None:
    """Return what one database says of a study through its records; None where it never says such things."""
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
    """Return whether a DOI is that of a preprint, as its record, or one that it was made one with, lets know."""
    if record.doi == doi:
        return record.type in PREPRINTS
    return bool(_PREPRINT_DOI.match(doi)) and f"doi:{doi}" in {location.lower() for location in record.locations}


def _of_files(study: Study, records: Sequence[Record], source: str, asked: Sequence[_Asked]) -> Standing:
    """Return what the files of one source say of a study: by the DOIs and PMIDs of the study and of its records.

    A notice that one file has and a later one has not still counts: what was announced once is not taken back silently.
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
        # OpenAlex has PMIDs on works that are not theirs: a person has to see by what the two were taken to be one
        reason = "; ".join(filter(None, (reason, f"known by PMID {gravest.pmid}, the DOI there is {gravest.doi}")))
    return Standing(study.id, source, NATURES[gravest.nature], gravest.date, seen, reason, gravest.notice)


def _in_force(notices: Collection[Notice]) -> list[Notice]:
    """Return the notices that still hold, by their day: a reinstatement ends the retractions before it."""
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
