"""Checks of the bibliographic records: differences from the sheets, and matters for a person to know or decide. Pure.

A record never changes the coding of a reviewer: if the two differ, both are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from kg.check.audit.records import Discrepancy, Place
from kg.errors import counted
from kg.graph.bibliography import CAUTIONS, gravest_standings
from kg.linkage.candidates import candidate_pairs, contradicted_keys, works_by_name
from kg.linkage.titles import plain_title
from kg.loaders.openalex.works import doubtful_year
from kg.model.notices import without_retraction_prefix
from kg.table import STANDING_WORDS

if TYPE_CHECKING:
    from kg.folder.read import Loaded
    from kg.linkage.resolve import Resolution
    from kg.model.literature import Record, Standing
    from kg.model.records import Study

#: Kind of discrepancy -> its meaning.
RECORD_KINDS = {
    "record-differs": "a study's year, title or DOI, and that of its record",
    "one-record-two-studies": "one record that two studies of the sheets share a key with",
    "key-not-followed": "works that share a key which a decision speaks against",
    "key-contradicted": "works that share a key although title and first author differ",
    "study-not-standing": "a study that is retracted, of concern, corrected or superseded",
    "candidate-not-standing": "a candidate that is retracted or of concern",
    "standing-not-checked": "studies whose standing no source was asked for",
    "study-without-record": "studies that no record reports, where there are records",
    "sheet-may-be-candidates": "a list of references among the sheets, whose rows count as included studies",
    "possible-duplicate": "works that may be one, for a person to decide",
    "decision-without-work": "a decision on a work that is no longer there",
    "doubtful-year": "a record whose year of publication cannot be right",
}

#: The most works or pairs that one message names.
_MOST_SHOWN = 5


def check_records(loaded: Loaded, labels: Mapping[str, int | str]) -> Iterator[Discrepancy]:
    """Yield the discrepancies of the bibliographic files of a folder; ``labels`` are the article numbers of studies."""
    from kg.folder.among_sheets import lists_among_sheets

    evidence, resolution = loaded.evidence, loaded.library.resolution
    for listed in lists_among_sheets(loaded):
        yield Discrepancy("sheet-may-be-candidates", "note", str(listed), (Place(listed.file, listed.sheet),))
    records = resolution.of_studies(evidence.studies)
    for study in evidence.studies:
        yield from _differing(study, records.get(study.id, ()), labels[study.id])
    yield from _keys(resolution, labels)
    yield from _contradicted(loaded)
    yield from _standing(loaded, labels)
    yield from _candidates(loaded)
    missing = [labels[study.id] for study in evidence.studies if study.id not in records]
    if missing and evidence.records:
        message = f"no record for {len(missing)} of {counted(len(evidence.studies), 'study', 'studies')}"
        yield Discrepancy("study-without-record", "note", message, (Place("studies", "no record", tuple(missing)),))
    yield from _duplicates(loaded)
    this_year = date.today().year
    for record in evidence.records:
        if doubt := doubtful_year(record, this_year):
            place = Place(f"{record.source}, row {record.row}", str(record.year))
            yield Discrepancy("doubtful-year", "note", f"{record.id}: {doubt}", (place,))


def _keys(resolution: Resolution, labels: Mapping[str, int | str]) -> Iterator[Discrepancy]:
    """Yield the records that share a key with two studies, and the shared keys that a decision overrides."""
    for conflict in resolution.conflicts:
        studies = tuple(labels[id_] for id_ in (conflict.kept, conflict.other))
        yield Discrepancy(
            "one-record-two-studies",
            "conflict",
            f"{conflict.record} would make two studies one ({conflict.reason}); they stay two",
            (Place("studies", f"{conflict.kept}, {conflict.other}", studies),),
        )
    for refused in resolution.refused:
        if refused.kind == "decided":
            yield Discrepancy(
                "key-not-followed",
                "note",
                f"{refused.kept} and {refused.other} stay two by decision ({refused.reason} in {refused.record})",
                (Place("records/duplicates.csv", f"{refused.kept}, {refused.other}"),),
            )


def _contradicted(loaded: Loaded) -> Iterator[Discrepancy]:
    """Yield the keys that several works share whose title and first author differ."""
    library = loaded.library
    found = contradicted_keys(loaded.evidence.studies, library.resolution, library.decisions)
    for reason, conflicts in found.items():
        works = tuple(dict.fromkeys(name for conflict in conflicts for name in (conflict.other, conflict.kept)))
        places = tuple(Place("records", name) for name in works[:_MOST_SHOWN])
        message = f"{len(works)} works are not merged: {reason}; kg check --duplicates lists them"
        yield Discrepancy("key-contradicted", "note", message, places)


def _duplicates(loaded: Loaded) -> Iterator[Discrepancy]:
    """Yield the number of possible duplicates without a decision, and the decisions on works that are gone."""
    studies, library = loaded.evidence.studies, loaded.library
    undecided = candidate_pairs(studies, library.resolution, library.decisions)
    if undecided:
        places = tuple(Place(f"{pair.a} and {pair.b}", pair.evidence) for pair in undecided[:_MOST_SHOWN])
        message = f"{counted(len(undecided), 'pair')} of works that may be one: kg check --duplicates lists them"
        yield Discrepancy("possible-duplicate", "note", message, places)
    names = works_by_name(studies, library.resolution)
    for decision in library.decisions:
        gone = [name for name in (decision.a, decision.b) if name not in names]
        if gone:
            verb = "is" if len(gone) == 1 else "are"
            message = f"{' and '.join(gone)} of a decision ({decision.decision}) {verb} not there"
            place = Place("records/duplicates.csv", "; ".join(gone))
            yield Discrepancy("decision-without-work", "note", message, (place,))


def _differing(study: Study, records: Iterable[Record], label: int | str) -> Iterator[Discrepancy]:
    """Yield the differences between a study and the record that is shown for it."""
    record = next(iter(records), None)
    if record is None:
        return
    a, b = (without_retraction_prefix(plain_title(title or "")) for title in (study.title, record.title))
    titles_differ = a and b and not a.startswith(b) and not b.startswith(a)
    for name, coded, recorded, differ in (
        ("year", study.year, record.year, study.year and record.year and study.year != record.year),
        ("title", study.title, record.title, titles_differ),
        ("DOI", study.doi, record.doi, study.doi and record.doi and study.doi != record.doi),
    ):
        if differ:
            yield Discrepancy(
                "record-differs",
                "conflict",
                f"study {label}: the {name} is coded as {coded}, {record.database} says {recorded}",
                (Place("studies", str(coded), (label,)), Place(f"{record.source}, row {record.row}", str(recorded))),
            )


def _standing(loaded: Loaded, labels: Mapping[str, int | str]) -> Iterator[Discrepancy]:
    """Yield the studies that are retracted or otherwise in doubt, and those whose standing was not checked."""
    standings = loaded.evidence.standings
    statuses, places = gravest_standings(standings), _places(standings)
    for study in loaded.evidence.studies:
        if statuses.get(study.id) in CAUTIONS:
            message = f"study {labels[study.id]} is {STANDING_WORDS[statuses[study.id]]}"
            yield Discrepancy("study-not-standing", "conflict", message, places[study.id])
    unchecked = [
        labels[study.id] for study in loaded.evidence.studies if statuses.get(study.id) in (None, "not checked")
    ]
    if unchecked and standings:
        message = f"no source says whether {len(unchecked)} of {counted(len(labels), 'study', 'studies')} still stand"
        yield Discrepancy("standing-not-checked", "note", message, (Place("studies", "not checked", tuple(unchecked)),))


def _candidates(loaded: Loaded) -> Iterator[Discrepancy]:
    """Yield the candidates that are retracted or of concern."""
    standings = loaded.library.candidate_standings()
    places = _places(standings)
    for work, status in gravest_standings(standings).items():
        message = f"candidate {work} is {STANDING_WORDS[status]}"
        yield Discrepancy("candidate-not-standing", "note", message, places[work])


def _places(standings: Iterable[Standing]) -> dict[str, tuple[Place, ...]]:
    """Return id of a study or candidate -> what sources say of it."""
    found: dict[str, list[Place]] = {}
    for standing in standings:
        found.setdefault(standing.study, []).append(_said(standing))
    return {work: tuple(places) for work, places in found.items()}


def _said(standing: Standing) -> Place:
    """Return what a source says of a publication."""
    parts = standing.status, standing.date and f"on {standing.date}", standing.reason
    return Place(standing.source, ", ".join(filter(None, parts)))
