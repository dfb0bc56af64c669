"""Whether studies still stand: what each source says of each, and when. Pure.

A source that was not asked, or did not answer, leaves a study "not checked"; that is never "current".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.identity import PREPRINTS
from kg.model import Record, Standing, Study
from kg.vocab import STANDINGS

#: Nature of a notice -> the standing that it gives; a reinstatement ends a retraction.
NATURES = {
    "retraction": "retracted",
    "withdrawal": "retracted",
    "removal": "retracted",
    "partial retraction": "retracted",
    "expression of concern": "concern",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
    "addendum": "corrected",
    "new version": "superseded",
    "new edition": "superseded",
    "reinstatement": "current",
}
#: How a title begins that a publisher changed -> the standing.
_TITLES = (
    (
        re.compile(r"\W*(?:retracted|withdrawn)(?: article| chapter| paper)?\W*[:\]\-\u2013\u2014]", re.IGNORECASE),
        "retracted",
    ),
    (re.compile(r"\W*expression of concern\W*[:\]]", re.IGNORECASE), "concern"),
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


def standings(
    studies: Sequence[Study], reports: Mapping[str, Sequence[Record]], files: Iterable[NoticeFile]
) -> tuple[Standing, ...]:
    """Return what each source says of each study: the databases of its records, and each file of notices.

    ``reports`` has the records of each study by its id. A study without a record of any source, in a folder with neither
    records nor files, has no standing at all.
    """
    databases = sorted({record.database for records in reports.values() for record in records})
    asked = [(file, _by_publication(file.notices)) for file in files]
    found: list[Standing] = []
    for study in studies:
        records = reports.get(study.id, ())
        for database in databases:
            said = _of_records(study, [record for record in records if record.database == database], database, records)
            if said is not None:
                found.append(said)
        by_source: dict[str, list[Standing]] = defaultdict(list)
        for file, notices in asked:
            by_source[file.source].append(_of_file(study, records, file, notices))
        found += [_gravest(said) for said in by_source.values()]
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
        for pattern, status in _TITLES:
            if record.title and pattern.match(record.title):
                return Standing(study.id, database, status, seen=seen, reason="its title says so")
    article = next((r for r in records if r.type not in PREPRINTS and r.type is not None and r.doi != study.doi), None)
    extracted = next((r for r in own if r.doi is not None and r.doi == study.doi and r.type in PREPRINTS), None)
    if extracted and article:
        reason = f"the preprint was extracted, and there is an article{f': {article.doi}' if article.doi else ''}"
        return Standing(study.id, database, "superseded", article.date, seen, reason, article.doi)
    if any(record.is_retracted is False for record in own):
        return Standing(study.id, database, "current", seen=seen)
    return Standing(study.id, database, "not checked", seen=seen) if database == "OpenAlex" else None


def _of_file(
    study: Study, records: Sequence[Record], file: NoticeFile, notices: Mapping[str, Sequence[Notice]]
) -> Standing:
    """Return what a file of notices says of a study: by the DOIs and PMIDs of the study and of its records."""
    dois = dict.fromkeys(filter(None, (study.doi, *(record.doi for record in records))))
    pmids = dict.fromkeys(filter(None, (record.pmid for record in records)))
    of_it = [n for key in (*(f"doi:{d}" for d in dois), *(f"pmid:{p}" for p in pmids)) for n in notices.get(key, ())]
    said = sorted(dict.fromkeys(of_it), key=lambda notice: notice.date or "")
    back = max((n.date or "" for n in said if n.nature == "reinstatement"), default=None)
    if back is not None:
        said = [n for n in said if NATURES[n.nature] != "retracted" or (n.date or "") > back]
    if said:
        gravest = min(said, key=lambda n: STANDINGS.index(NATURES[n.nature]))
        status = NATURES[gravest.nature]
        return Standing(study.id, file.source, status, gravest.date, file.as_of, gravest.reason, gravest.notice)
    asked = bool(dois or pmids) if file.complete else any(doi in file.listed for doi in dois)
    return Standing(study.id, file.source, "current" if asked else "not checked", seen=file.as_of if asked else None)


def _by_publication(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        for name, value in (("doi", notice.doi), ("pmid", notice.pmid)):
            if value:
                found[f"{name}:{value}"].append(notice)
    return found


def _gravest(said: Sequence[Standing]) -> Standing:
    """Return the gravest of what several files of one source say; of two that are equally grave, the later."""
    latest = sorted(said, key=lambda standing: standing.seen or "", reverse=True)
    return min(latest, key=lambda standing: STANDINGS.index(standing.status))
