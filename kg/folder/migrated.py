"""What changes of the vocabularies mean for a folder: old names in sheets, findings to recode, terms that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from kg.folder.tables import FolderReader
from kg.loaders.sheets.migrations import check_migrations, read_migrations
from kg.loaders.sheets.overlays import MappingRow
from kg.loaders.sheets.recode import Recoded, read_recoded, recode
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms
from kg.loaders.tables.rawtable import RawTable
from kg.model.layout import MIGRATIONS, RECODE
from kg.model.migrations import Migration, former_names, merged, splits
from kg.model.records import Concept, Finding, StatedGap, Study
from kg.problems import Note

KINDS = ("factor", "outcome")
#: Kind and id of a term -> the findings on it, and the studies that discuss it.
Undecided: TypeAlias = dict[tuple[str, str], tuple[list[Finding], list[Study]]]


class Changes:
    """The changes of the vocabularies of a folder, while it is read.

    ``to_recode`` are the rows of findings on split terms for which nobody has chosen a new term.
    """

    def __init__(self, reader: FolderReader, known: Sequence[Migration] | None = None) -> None:
        """Read the changes, or take those that are ``known``, which then fit the vocabularies."""
        self._reader, self._is_known = reader, known is not None
        self.listed = tuple(read_migrations(reader.read_fixed(MIGRATIONS)) if known is None else known)
        self._notes: list[tuple[Note, Migration | None]] = []
        self._gone: dict[str, Migration] = {}
        self._terms: dict[str, Terms] = {}
        self.to_recode: tuple[Recoded, ...] = ()
        self._split = {kind: splits(self.listed, kind) for kind in KINDS}
        self._whole = {kind: set(merged(self.listed, kind).values()) for kind in KINDS}

    def terms(
        self, vocabularies: Mapping[str, list[Concept] | None], of_facets: Mapping[str, list[Concept]]
    ) -> dict[str, Terms]:
        """Return the factors and outcomes with their former names; wrong changes are problems of the reader."""
        if self.listed and not self._is_known and not self._reader.broken:
            known = {kind: None if terms is None else [c.id for c in terms] for kind, terms in vocabularies.items()}
            known |= {id_: [c.id for c in terms] for id_, terms in of_facets.items()}
            self._reader.broken += check_migrations(self.listed, known, MIGRATIONS)
        self._terms = {
            kind: Terms(kind, terms, former_names(self.listed, kind)) for kind, terms in vocabularies.items()
        }
        return self._terms

    def note_old_names(self, table: RawTable) -> None:
        """Note the former names that were found since the last call, which are those of a table."""
        for kind in KINDS:
            for name, change in self._terms[kind].met.items():
                which = "; which of them is meant is not decided" if change.change == "split" else ""
                reason = f"the {kind} {change.label!r} was {change.says()}{which}"
                self._notes.append((Note(table.file, reason, table.sheet, value=name), change))
            self._terms[kind].met.clear()

    def are_one(self, finding: Finding) -> bool:
        """Return whether a merge may have made one finding of several that a study had of the merged terms."""
        return finding.factor in self._whole["factor"] or not self._whole["outcome"].isdisjoint(finding.outcomes)

    def note_one(self, table: RawTable, finding: Finding, other: Finding) -> None:
        """Note that a row says the same as another since the terms of the two were merged."""
        reason = f"says the same as row {other.row} of {other.source} since terms were merged: it counts once"
        self._notes.append((Note(table.file, reason, table.sheet, finding.row), None))

    def recode(
        self,
        index: StudyIndex,
        studies: dict[str, Study],
        findings: Mapping[str, Finding],
    ) -> dict[str, Finding]:
        """Return the findings with the terms that persons chose for them; ``studies`` are changed."""
        tables = self._reader.read_fixed(RECODE)
        rows = [row for table in tables for row in read_recoded(table, index, self._terms, self._split)]
        self.to_recode = tuple(row for _, row in rows if not row.to)
        for kind in KINDS:
            self._terms[kind].met.clear()
        return recode(rows, studies, findings)

    def retire(
        self,
        studies: Iterable[Study],
        findings: Iterable[Finding],
        gaps: Iterable[StatedGap],
    ) -> None:
        """Remove the split terms that nothing names any more."""
        used = {kind: {c.broader for c in self._terms[kind].concepts.values()} for kind in KINDS}
        for finding in findings:
            used["factor"].add(finding.factor)
            used["outcome"].update(finding.outcomes)
        for study in studies:
            used["outcome"].update(study.outcomes)
        for gap in gaps:
            used["factor"].update(gap.factors)
            used["outcome"].update(gap.outcomes)
        gone = {kind: {id_: m for id_, m in self._split[kind].items() if id_ not in used[kind]} for kind in KINDS}
        for kind, ids in gone.items():
            for id_ in ids:
                self._terms[kind].concepts.pop(id_, None)
        self._gone = {f"{kind}:{id_}": migration for kind, ids in gone.items() for id_, migration in ids.items()}
        self._notes = [(note, change) for note, change in self._notes if change not in self._gone.values()]

    def mappings(self, file: str, rows: Iterable[MappingRow]) -> list[MappingRow]:
        """Return the mappings of an overlay in the terms that there are.

        One of a merged term is of the term that it is part of now. One of a split term that is gone is left out, and so
        is one of a term that a release does not have.
        """
        kept: dict[tuple[str, str, str], MappingRow] = {}
        for row in rows:
            kind, _, id_ = row.object.partition(":")
            if change := self._gone.get(row.object):
                reason = f"the {kind} {change.label!r} was {change.says()}: the mapping is left out"
                accepted = "a mapping of each of the new terms"
                self._notes.append((Note(file, reason, "", row.row, "object_id", row.object, accepted), None))
                continue
            now = merged(self.listed, kind).get(id_, id_)
            if self._is_known and kind in self._terms and now not in self._terms[kind].concepts:
                continue
            made = replace(row, object=f"{kind}:{now}")
            first = kept.setdefault((row.prefix, row.id, made.object), made)
            if first.predicate != row.predicate:
                reason = f"maps the same pair as row {first.row} since terms were merged: that row counts"
                self._notes.append((Note(file, reason, "", row.row, "object_id", row.object), None))
        return list(kept.values())

    @property
    def notes(self) -> list[Note]:
        """What sheets say in names of before, and which rows are one finding since a merge."""
        return [note for note, _ in self._notes]


def undecided(findings: Iterable[Finding], studies: Iterable[Study], migrations: Iterable[Migration]) -> Undecided:
    """Return what is still on terms that were split: kind and term -> the findings, and the studies."""
    listed = list(migrations)
    found: Undecided = {}
    split = {kind: splits(listed, kind) for kind in KINDS}
    for finding in findings:
        if finding.factor in split["factor"]:
            found.setdefault(("factor", finding.factor), ([], []))[0].append(finding)
        for outcome in split["outcome"].keys() & set(finding.outcomes):
            found.setdefault(("outcome", outcome), ([], []))[0].append(finding)
    for study in studies:
        for outcome in split["outcome"].keys() & set(study.outcomes):
            found.setdefault(("outcome", outcome), ([], []))[1].append(study)
    return found
