"""The title, abstract and topics of the works of a folder, read from its files of records.

Records hold no abstracts, so the works of OpenAlex are read again; of an export of a database, only the title is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kg.folder.read import Loaded
from kg.loaders.openalex.abstracts import abstract_of
from kg.loaders.openalex.files import iter_works
from kg.loaders.openalex.works import short_id
from kg.model.records import Record
from kg.screening.terms import Text


def texts_of(root: Path, loaded: Loaded) -> dict[str, Text]:
    """Return id of a study or candidate -> what can be read of it without its full text."""
    records = loaded.library.resolution.records
    abstracts = _abstracts(root, records)
    by_work: dict[str, list[Record]] = {}
    work_of = loaded.library.resolution.work_of
    for record in records:
        if record.id in work_of:
            by_work.setdefault(work_of[record.id], []).append(record)
    titles = {study.id: study.title or "" for study in loaded.evidence.studies}
    return {work: _text(titles.get(work, ""), by_work.get(work, ()), abstracts) for work in {**titles, **by_work}}


def _text(title: str, records: Iterable[Record], abstracts: Mapping[str, str]) -> Text:
    listed = list(records)
    return Text(
        title or next((record.title for record in listed if record.title), ""),
        next((abstracts[record.id] for record in listed if record.id in abstracts), ""),
        tuple(dict.fromkeys(topic.label for record in listed for topic in record.topics)),
    )


def _abstracts(root: Path, records: Iterable[Record]) -> dict[str, str]:
    """Return id of a record -> its abstract, from the file and row of the record."""
    wanted: dict[str, dict[int, str]] = {}
    for record in records:
        if record.openalex and record.has_abstract and record.source.startswith("records/"):
            wanted.setdefault(record.source, {})[record.row] = record.id
    found = {}
    for name, rows in sorted(wanted.items()):
        for row, work in iter_works(root / name, name):
            if row in rows and isinstance(work, dict) and short_id(work.get("id"), "W") and (text := abstract_of(work)):
                found[rows[row]] = text
    return found
