"""Checks of changed vocabularies: findings on split terms that wait for a decision, and sheets with names of before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.check.audit.records import Discrepancy, Place
from kg.errors import counted
from kg.folder.migrated import undecided
from kg.model.layout import RECODE
from kg.model.migrations import splits
from kg.problems import row_numbers

if TYPE_CHECKING:
    from kg.folder.read import Loaded


#: Kind of discrepancy -> its meaning.
TERM_KINDS = {
    "undecided-term": "findings on a term that was split, for a person to decide which of the new terms is meant",
    "former-term": "a sheet with a name that a term had before, or rows that are one since a merge",
}


def check_terms(loaded: Loaded, labels: Mapping[str, int | str]) -> Iterator[Discrepancy]:
    """Yield what the changes of the vocabularies leave to do; ``labels`` are the article numbers of studies."""
    evidence, listed = loaded.evidence, loaded.recode_keys
    open_ = undecided(evidence.findings, evidence.studies, evidence.migrations)
    for (kind, term), (findings, studies) in open_.items():
        change = splits(evidence.migrations, kind)[term]
        keys = [(kind, term, f.study, f.id) for f in findings] + [(kind, term, s.id, None) for s in studies]
        missing = sum(key not in listed for key in keys)
        numbers = [counted(len(findings), "finding")] if findings else []
        numbers += [f"the outcomes of {counted(len(studies), 'study', 'studies')}"] if studies else []
        then = f"fill in new_term in {RECODE}"
        then += f", which lacks {missing} of them: kg vocabulary recode adds them" if missing else ""
        of = tuple(dict.fromkeys(labels[id_] for id_ in [f.study for f in findings] + [s.id for s in studies]))
        message = f"{' and '.join(numbers)} on the {kind} {change.label!r}, which was {change.says()}: {then}"
        yield Discrepancy("undecided-term", "note", message, (Place(RECODE, change.label, of),))
    for note in loaded.notes:
        place = Place(note.file, row_numbers((note.row,)) if note.row else note.value)
        yield Discrepancy("former-term", "note", str(note), (place,))
