"""A change of a vocabulary, worked out: which rows of its sheet become what, and the row of the migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.errors import KgError, UnknownName, UsageProblem
from kg.folder.config import Config
from kg.folder.csvtext import CsvText, read_csv
from kg.folder.tables import FolderReader
from kg.loaders.sheets.columns import VOCABULARY, match_columns
from kg.loaders.sheets.terms import Terms
from kg.model.ids import slug
from kg.model.migrations import Migration, former_names, splits
from kg.model.normalise import fold_term
from kg.model.records import Concept
from kg.problems import nearest

#: The vocabularies in which a term can be split.
_SPLIT = ("factor", "outcome")


@dataclass(frozen=True)
class Asked:
    """What is asked for: a ``change`` of the ``term`` called this, and what it becomes.

    ``to`` has the new label, the term that it becomes part of, the labels of the new terms, or the broader term, which
    may be missing. ``of`` is the vocabulary: "factor", "outcome" or a facet; None where the name says which.
    """

    change: str
    term: str
    to: tuple[str, ...]
    date: str
    reason: str = ""
    of: str | None = None


@dataclass(frozen=True)
class Revised:
    """A change that was worked out: its migration, the file of the vocabulary, and the new text of that file."""

    migration: Migration
    file: str
    text: str


def revise(root: Path, config: Config, asked: Asked, migrations: Sequence[Migration]) -> Revised:
    """Work out a change of a vocabulary. Nothing is written.

    Raises UnknownName for a term that is not there, UsageProblem for a change that cannot be, and KgError for a
    vocabulary that cannot be changed, such as one in Turtle.
    """
    reader = FolderReader(root, config)
    listed = {kind: reader.vocabulary(f"{kind}s") for kind in _SPLIT}
    vocabularies = {**{kind: terms for kind, terms in listed.items() if terms}, **reader.facet_vocabularies()}
    if asked.of is not None and asked.of not in vocabularies:
        known = " or ".join(vocabularies) or "none: the terms are those of the sheets, which are changed there"
        raise UsageProblem(f"there is no vocabulary of {asked.of!r} in vocabulary/; there is {known}")
    names = (asked.of,) if asked.of else tuple(vocabularies)
    found = [(kind, term) for kind in names if (term := Terms(kind, vocabularies[kind]).find(asked.term))]
    for kind in names:
        if not any(term for k, term in found if k == kind and _is_own(vocabularies[kind], term, asked.term)):
            _check_former(kind, asked.term, migrations)
    if len(found) > 1:
        raise UsageProblem(f"{asked.term!r} is a term of {' and '.join(k for k, _ in found)}: say which with --of")
    if not found:
        labels = [term.label for kind in names for term in vocabularies[kind]]
        raise UnknownName("term of the vocabularies", asked.term, nearest(asked.term, labels))
    kind, id_ = found[0]
    return _Revision(root, kind, vocabularies[kind], migrations).made(asked, id_)


def _is_own(concepts: Sequence[Concept], id_: str, name: str) -> bool:
    """Return whether a name is the id or the label of a term, and not another name of it."""
    return any(c.id == id_ and fold_term(name) in (fold_term(c.id), fold_term(c.label)) for c in concepts)


def _check_former(kind: str, name: str, migrations: Sequence[Migration]) -> None:
    former = former_names(migrations, kind).get(fold_term(name))
    if former and former[1].change != "split":
        change = former[1]
        raise UsageProblem(f"{name!r} was {change.says()} (number {change.number} of the changes): it is no {kind} now")


class _Revision:
    """A vocabulary while one of its terms is changed."""

    def __init__(self, root: Path, kind: str, concepts: Sequence[Concept], migrations: Sequence[Migration]) -> None:
        self.kind, self.migrations = kind, migrations
        self.terms = Terms(kind, concepts)
        self.by_id = {concept.id: concept for concept in concepts}
        self.file = concepts[0].source
        if not self.file.endswith(".csv"):
            raise KgError(f"cannot change {self.file}: it is SKOS; kg vocabulary changes a vocabulary in CSV")
        self.sheet: CsvText = read_csv(root, self.file)
        self.columns = match_columns(self.sheet.rows[0], VOCABULARY)
        if "label" not in self.columns:
            raise KgError(f"cannot change {self.file}: its first row is not the header with a column label")

    def made(self, asked: Asked, id_: str) -> Revised:
        """Return the change with the text of the vocabulary."""
        concept = self.by_id[id_]
        before = splits(self.migrations, self.kind).get(id_)
        if before and asked.change in ("merge", "split"):
            raise UsageProblem(f"{concept.label!r} was {before.says()} (number {before.number} of the changes)")
        draft = Migration(
            len(self.migrations) + 1, asked.date, asked.change, self.kind, id_, concept.label, reason=asked.reason
        )
        names = tuple(" ".join(name.split()) for name in asked.to)
        if not all(names):
            raise UsageProblem("a term needs a name")
        work = {"rename": self._rename, "merge": self._merge, "split": self._split, "move": self._move}[asked.change]
        to = work(concept, names)
        if any(";" in text for text in (id_, *(t.id for t in to))):
            raise KgError(f"cannot change {self.file}: an id with a semicolon cannot stand in the list of changes")
        migration = replace(draft, to=tuple(t.id for t in to), to_labels=tuple(t.label for t in to))
        return Revised(migration, self.file, self.sheet.text())

    def _rename(self, concept: Concept, names: tuple[str, ...]) -> list[Concept]:
        (label,) = names
        other = self.terms.find(label)
        if label == concept.label:
            raise UsageProblem(f"{label!r} is the label already")
        if other not in (None, concept.id):
            raise UsageProblem(
                f"{label!r} is the name of another {self.kind}: kg vocabulary merge makes one of the two"
            )
        synonyms = [name for name in concept.synonyms if fold_term(name) != fold_term(label)]
        old = [] if fold_term(label) == fold_term(concept.label) else [concept.label]
        self._set(concept, id=concept.id, label=label, synonyms=_joined([*synonyms, *old]))
        return [replace(concept, label=label)]

    def _merge(self, concept: Concept, names: tuple[str, ...]) -> list[Concept]:
        into = self._known(*names)
        if into.id == concept.id:
            raise UsageProblem(f"{concept.label!r} cannot be merged into itself")
        if change := splits(self.migrations, self.kind).get(into.id):
            raise UsageProblem(f"{into.label!r} was {change.says()}: merge into one of the new terms")
        known = {fold_term(name) for name in (into.label, *into.synonyms)}
        more = [name for name in (concept.label, *concept.synonyms) if fold_term(name) not in known]
        self._set(into, synonyms=_joined([*into.synonyms, *more]))
        for other in self.by_id.values():
            if other.broader == concept.id:
                self._set(other, broader=(concept.broader or "") if other.id == into.id else into.id)
        self.sheet.remove(self._row(concept))
        return [into]

    def _move(self, concept: Concept, names: tuple[str, ...]) -> list[Concept]:
        broader = self._known(*names) if names else None
        if (broader.id if broader else None) == concept.broader:
            raise UsageProblem(
                f"{concept.label!r} is {'below ' + repr(broader.label) if broader else 'at the top'} already"
            )
        self._set(concept, broader=broader.id if broader else "")
        return [broader] if broader else []

    def _split(self, concept: Concept, names: tuple[str, ...]) -> list[Concept]:
        if self.kind not in _SPLIT:
            raise UsageProblem(
                "only factors and outcomes can be split: which value a cell has is changed in the sheets"
            )
        made: dict[str, Concept] = {}
        for name in names:
            _check_former(self.kind, name, self.migrations)
            id_ = self.terms.find(name) or slug(name)
            if id_ in self.by_id and not self.terms.find(name):
                raise UsageProblem(f"{name!r} would have the id {id_!r}, which {self.by_id[id_].label!r} has")
            made[id_] = self.by_id.get(id_) or replace(concept, id=id_, label=name, definition=None, synonyms=())
        if concept.id in made:
            raise UsageProblem(
                f"{concept.label!r} cannot be one of the terms that it is split into: choose other names"
            )
        if len(made) < 2:
            raise UsageProblem(
                f"{concept.label!r} has to be split into two terms or more; kg vocabulary rename renames it"
            )
        at = self._row(concept) + 1
        for id_, term in made.items():
            if id_ not in self.by_id:
                row = [""] * len(self.sheet.rows[0])
                copied = {name: self._cell(concept, name) for name in ("broader", "favourable", "nominal")}
                for name, text in {"id": id_, "label": term.label, **copied}.items():
                    if name in self.columns:
                        row[self.columns[name]] = text
                self.sheet.insert(at, row)
                at += 1
        return list(made.values())

    def _known(self, name: str) -> Concept:
        id_ = self.terms.find(name)
        if id_ is None or not _is_own(tuple(self.by_id.values()), id_, name):
            _check_former(self.kind, name, self.migrations)
        if id_ is None:
            raise UnknownName(self.kind, name, nearest(name, [c.label for c in self.by_id.values()]))
        return self.by_id[id_]

    def _row(self, concept: Concept) -> int:
        """Return the index of the row of a term."""
        label = self.columns["label"]
        rows = enumerate(self.sheet.rows)
        return next(at for at, row in rows if at and label < len(row) and " ".join(row[label].split()) == concept.label)

    def _cell(self, concept: Concept, column: str) -> str:
        row, index = self.sheet.rows[self._row(concept)], self.columns.get(column, len(self.sheet.rows[0]))
        return row[index] if index < len(row) else ""

    def _set(self, concept: Concept, **cells: str) -> None:
        for name, text in cells.items():
            if name not in self.columns and text:
                self.columns[name] = self.sheet.add_column(name)
        self.sheet.set(self._row(concept), {self.columns[n]: text for n, text in cells.items() if n in self.columns})


def _joined(names: Sequence[str]) -> str:
    """Return names as one cell; one with a separator in it would be read as two, and the changes have it anyway."""
    return "; ".join(name for name in names if not set(name) & set(";|\n"))
