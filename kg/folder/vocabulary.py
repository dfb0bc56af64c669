"""Change a vocabulary: the sheet, the list of changes and the findings to recode are written together or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from kg.errors import BadInput, KgError, counted
from kg.folder.csvtext import read_csv
from kg.folder.files import sha256, variant_of
from kg.folder.migrated import undecided
from kg.folder.read import Loaded
from kg.folder.review import Review
from kg.folder.revise import Asked, revise
from kg.folder.transaction import Placing, complete, pending, place
from kg.folder.trial import trial
from kg.folder.writing import folder_lock, part_of
from kg.loaders.sheets.columns import Layout, match_columns
from kg.loaders.sheets.migrations import LAYOUT as MIGRATION_LAYOUT
from kg.loaders.sheets.recode import COLUMNS as RECODE_COLUMNS
from kg.loaders.sheets.recode import LAYOUT as RECODE_LAYOUT
from kg.loaders.sheets.words import split_list
from kg.model.layout import MIGRATIONS, RECODE
from kg.model.migrations import COLUMNS, Migration
from kg.model.records import Concept, Evidence, Finding, Study

#: Called with the evidence before and after a change.
Foresee: TypeAlias = Callable[[Evidence, Evidence], None]

_NO_RELEASE = (
    "printed tables: [published] of review.toml names no release, so that they are compared with the changed terms; "
    "make a release before a change, and name it there"
)


@dataclass(frozen=True)
class Changed:
    """A change of a vocabulary, and what was on the term: ``findings``, ``studies`` and ``cells`` of the map.

    ``also`` are sentences on what else names the term. ``recode`` is the number of rows that wait for a new term.
    ``completed`` are the files of an earlier command that was interrupted.
    """

    migration: Migration | None
    findings: int = 0
    studies: int = 0
    cells: int = 0
    also: tuple[str, ...] = ()
    recode: int = 0
    completed: tuple[str, ...] = ()


def change_vocabulary(review: Review, asked: Asked, *, foresee: Foresee | None = None, write: bool = True) -> Changed:
    """Change a term of a vocabulary, and return what was on it.

    Writes the sheet of the vocabulary, a row of ``vocabulary/changes/migrations.csv`` and, for a split, the findings
    to recode into ``vocabulary/changes/recode.csv``. ``foresee`` is called before that. Without ``write``, all is
    checked and nothing is written. Waits for other processes that write into the folder, and first completes one that
    was interrupted.

    Raises what ``revise`` raises, and BadInput where the folder cannot be read, before or after the change; then
    nothing was written.
    """
    with folder_lock(review.root):
        completed = _completed(review.root, write=write)
        before = _loaded(review, {}, "the vocabulary was not changed")
        migrations = before.evidence.migrations
        revised = revise(review.root, review.config, asked, migrations)
        texts = {revised.file: revised.text, MIGRATIONS: _with_migration(review.root, revised.migration)}
        after = _loaded(review, texts, "the vocabulary was not changed")
        rows = list(_rows(after, revised.migration)) if asked.change == "split" else []
        if rows:
            texts[RECODE] = _with_rows(review.root, rows)
        if foresee:
            foresee(before.evidence, after.evidence)
        if write:
            _place(review.root, texts)
    found = _changed(revised.migration, before.evidence, len(rows), completed)
    if asked.change in ("merge", "split") and review.config.published and review.config.release is None:
        return replace(found, also=(*found.also, _NO_RELEASE))
    return found


def list_undecided(review: Review, *, write: bool = True) -> Changed:
    """Add the findings on split terms that ``vocabulary/changes/recode.csv`` lacks to it, and return their number.

    Such findings come from sheets that were added after the split. Raises BadInput where the folder cannot be read.
    """
    with folder_lock(review.root):
        completed = _completed(review.root, write=write)
        loaded = _loaded(review, {}, "nothing was written")
        rows = list(_rows(loaded))
        if rows and write:
            _place(review.root, {RECODE: _with_rows(review.root, rows)})
    return Changed(None, recode=len(rows), completed=completed)


def _completed(root: Path, *, write: bool) -> tuple[str, ...]:
    if not write and pending(root):
        raise KgError("an earlier command was interrupted: the next one that writes completes it")
    return tuple(file.target for file in complete(root))


def _loaded(review: Review, texts: Mapping[str, str], consequence: str) -> Loaded:
    """Return the folder as it would be with these texts of files."""
    with tempfile.TemporaryDirectory() as scratch:
        targets = []
        for number, (name, text) in enumerate(texts.items()):
            path = Path(scratch) / str(number)
            path.write_bytes(text.encode())
            targets.append((path, review.root / name))
        try:
            return trial(review, targets)
        except BadInput as error:
            raise BadInput(error.problems, consequence) from error


def _place(root: Path, texts: Mapping[str, str]) -> None:
    """Write the texts of files: all, or none. The caller holds the lock of the folder."""
    targets = [root / name for name in texts]
    try:
        for target, text in zip(targets, texts.values(), strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            part_of(target).write_bytes(text.encode())
        placing = [Placing(name, sha256(part_of(root / name)), 0, "change") for name in texts]
        place(root, placing)
    except OSError as error:
        raise KgError(f"cannot write into {root}: {error.strerror or error}") from error
    finally:
        if not pending(root):
            for target in targets:
                part_of(target).unlink(missing_ok=True)


def _with_migration(root: Path, migration: Migration) -> str:
    values = dict(zip(COLUMNS, migration.row_values(), strict=True))
    return _appended(root, MIGRATIONS, MIGRATION_LAYOUT, COLUMNS, [values])


def _with_rows(root: Path, rows: Sequence[Mapping[str, str]]) -> str:
    return _appended(root, RECODE, RECODE_LAYOUT, RECODE_COLUMNS, rows)


def _appended(root: Path, name: str, layout: Layout, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return the text of a file with more rows, in the columns that it has."""
    there = variant_of(root, name)
    if there != name:
        raise KgError(f"cannot add a row to {root / there}: save it as {Path(name).name}")
    file = read_csv(root, name, header)
    columns = match_columns(file.rows[0], layout)
    for values in rows:
        row = [""] * len(file.rows[0])
        for column, index in columns.items():
            row[index] = values.get(column, "")
        file.insert(len(file.rows), row)
    return file.text()


def _rows(loaded: Loaded, of: Migration | None = None) -> Iterator[dict[str, str]]:
    """Yield a row for each finding on a split term, or on one of them, that is not listed yet."""
    evidence, listed = loaded.evidence, loaded.recode_keys
    keys = {study.id: study.key for study in evidence.studies}
    names = {"factor": _names(evidence.factors), "outcome": _names(evidence.outcomes)}
    for (kind, term), (findings, studies) in undecided(
        evidence.findings, evidence.studies, evidence.migrations
    ).items():
        if of is not None and (kind, term) != (of.vocabulary, of.term):
            continue
        own = {"vocabulary": kind, "term": names[kind][term]}
        for finding in findings:
            if (kind, term, finding.study, finding.id) not in listed:
                yield {**own, "study": keys[finding.study], **_cells(finding, names)}
        for study in studies:
            if (kind, term, study.id, None) not in listed:
                yield {**own, "study": study.key, "outcomes": own["term"], "note": "the outcomes of the study"}


def _cells(finding: Finding, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {
        "factor": names["factor"][finding.factor],
        "direction": finding.direction,
        "outcomes": "; ".join(names["outcome"][id_] for id_ in finding.outcomes),
        "locator": finding.locator or "",
        "note": finding.note or "",
    }


def _names(concepts: Sequence[Concept]) -> dict[str, str]:
    """Return id -> label of terms; the id again where a list would take the label apart."""
    return {c.id: c.label if split_list(c.label) == (c.label,) else c.id for c in concepts}


def _changed(migration: Migration, before: Evidence, recode: int, completed: tuple[str, ...]) -> Changed:
    findings = [f for f in before.findings if _is_on(f, migration)]
    studies = {f.study for f in findings} | {s.id for s in before.studies if _is_on(s, migration)}
    cells = {
        (f.factor, outcome)
        for f in findings
        for outcome in f.outcomes
        if migration.vocabulary != "outcome" or outcome == migration.term
    }
    also = tuple(_also(migration, before))
    return Changed(migration, len(findings), len(studies), len(cells), also, recode, completed)


def _is_on(unit: Finding | Study, migration: Migration) -> bool:
    """Return whether a finding or study has the term of a change."""
    if migration.vocabulary == "factor":
        return isinstance(unit, Finding) and unit.factor == migration.term
    if migration.vocabulary == "outcome":
        return migration.term in unit.outcomes
    return migration.term in unit.facets.get(migration.vocabulary, ())


def _also(migration: Migration, before: Evidence) -> Iterator[str]:
    """Yield sentences on overlays, stated gaps and narrower terms that name a term which goes or is divided."""
    if migration.change not in ("merge", "split") or migration.vocabulary not in ("factor", "outcome"):
        return
    kind, term, label = migration.vocabulary, migration.term, migration.label
    into = " and ".join(repr(name) for name in migration.to_labels)
    then = f"they count for {into}" if migration.change == "merge" else f"map {into} too"
    for overlay in before.overlays:
        number = sum(match.concept == term for match in overlay.matches) if overlay.of == kind else 0
        if number:
            yield f"overlay {overlay.id}: {counted(number, 'mapping')} of {label!r}; {then}"
    gaps = [gap.id for gap in before.gaps if term in (gap.factors if kind == "factor" else gap.outcomes)]
    then = f"read as {into}" if migration.change == "merge" else "it stays on the map for them"
    if gaps:
        yield f"published/gaps.csv: {counted(len(gaps), 'stated gap')} of {label!r} ({', '.join(gaps)}); {then}"
    below = [c.label for c in (before.factors if kind == "factor" else before.outcomes) if c.broader == term]
    then = f"now below {into}" if migration.change == "merge" else "move them to one of the new terms"
    if below:
        yield f"{counted(len(below), 'narrower term')}: {', '.join(below)}; {then}"
