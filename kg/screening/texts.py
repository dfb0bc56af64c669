"""The title, abstract and topics of the works of a folder, read from its files of records.

Records hold no abstracts, so the works of OpenAlex are read again; of an export of a database, only the title is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from sys import intern

from kg.folder.read import Loaded
from kg.loaders.openalex.abstracts import abstract_of
from kg.loaders.openalex.files import iter_works
from kg.loaders.openalex.works import short_id
from kg.screening.terms import Text


def texts_of(root: Path, loaded: Loaded) -> dict[str, Text]:
    """Return id of a study or candidate -> what can be read of it without its full text."""
    work_of = loaded.library.resolution.work_of
    titles = {study.id: study.title or "" for study in loaded.evidence.studies}
    records: dict[str, list[str]] = {work: [] for work in titles}
    topics: dict[str, tuple[str, ...]] = {}
    wanted: dict[str, dict[int, str]] = {}
    for record in loaded.library.resolution.records:
        if work := work_of.get(record.id):
            records.setdefault(work, []).append(record.id)
            titles[work] = titles.get(work) or record.title or ""
            labels = (*topics.get(work, ()), *(intern(topic.label) for topic in record.topics))
            topics[work] = tuple(dict.fromkeys(labels))
            if record.openalex and record.has_abstract and record.source.startswith("records/"):
                wanted.setdefault(record.source, {})[record.row] = record.id
    abstracts = _abstracts(root, wanted)
    return {
        work: Text(titles[work], next((abstracts[id_] for id_ in ids if id_ in abstracts), ""), topics.get(work, ()))
        for work, ids in records.items()
    }


def _abstracts(root: Path, wanted: Mapping[str, Mapping[int, str]]) -> dict[str, str]:
    """Return id of a record -> its abstract; ``wanted`` maps a file and a row of it to the id of the record."""
    found = {}
    for name, rows in sorted(wanted.items()):
        for row, work in iter_works(root / name, name):
            if row in rows and isinstance(work, dict) and short_id(work.get("id"), "W") and (text := abstract_of(work)):
                found[rows[row]] = text
    return found
