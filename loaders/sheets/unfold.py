"""Read the facets and marks of a row as its ``Reading`` says. Cells with the same content are read once a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kg.loaders.sheets.cells import MANGLED, RowReader
from kg.loaders.sheets.facets import Code, Facets, FacetTerms, as_number, facet_id
from kg.loaders.sheets.reading import FieldRole, MarkGroup, Reading
from kg.loaders.sheets.terms import Terms
from kg.loaders.sheets.words import DIRECTION_WORDS, MARKS, STATUSES, own_words
from kg.loaders.tables.rawtable import Cell, Mangled
from kg.model.fields import FACET_KINDS, STUDY_FACETS
from kg.model.normalise import fold_term, fold_words

#: Kind of facet -> what a message calls a value that is expected.
_KIND_NAMES = {"number": "a number", "year": "a year", "yes/no": "yes or no"}
#: The columns of a study that are read, and their problems reported, before they are read as facets.
_CHECKED = ("year", "sample_size", "methods")
#: What a study has of which no term of a group is marked with yes, and some with no.
_NONE = "none"


class FacetColumns:
    """The facets of the studies or findings of one table: standard columns, columns of their own, groups of marks."""

    def __init__(self, cells: RowReader, reading: Reading, facets: Facets, of: str) -> None:
        self._cells = cells
        columns = _facet_columns(reading, of)
        self._columns: list[_FacetColumn] = []
        for index, name, kind in columns:
            terms = facets.of_column(name, of, kind)
            self._columns.append(_FacetColumn(cells, index, terms, name in _CHECKED and of == "study"))
        self._groups: list[tuple[FacetTerms, MarkReader]] = []
        for number in reading.groups_of(of):
            group, labels = reading.groups[number], reading.marks(number)
            terms = facets.of_marks(group.name, of, [_term(label) for label in labels.values() if not _status(label)])
            self._groups.append((terms, MarkReader(cells, reading, number, terms.terms)))
        self.kinds = {column.terms.id: column.terms.kind for column in self._columns}

    def read(self) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Return the values of the current row by facet, and the coding status of the facets without one."""
        values: dict[str, tuple[str, ...]] = {}
        statuses: dict[str, str] = {}
        row = self._cells.row()
        width = len(row)
        for column in self._columns:
            if column.index >= width or not (cell := row[column.index]):
                continue
            code = column.codes.get(cell)
            if code is None:
                code = column.read(cell)
            if code.values:
                values[column.terms.id] = code.values
            elif code.status:
                statuses[column.terms.id] = code.status
        for terms, marks in self._groups:
            self._read_group(terms, marks, values, statuses)
        return values, statuses

    @staticmethod
    def _read_group(
        terms: FacetTerms, marks: MarkReader, values: dict[str, tuple[str, ...]], statuses: dict[str, str]
    ) -> None:
        marked = marks.read()
        found = tuple(dict.fromkeys(id_ for id_, _ in marked.terms))
        if not found and marked.no and not marked.status and not terms.closed:
            terms.none = terms.none or terms.terms.find(_NONE)
            found = (terms.none,) if terms.none else ()
        if found:
            values[terms.id] = tuple(dict.fromkeys((*values.get(terms.id, ()), *found)))
            statuses.pop(terms.id, None)
        elif marked.status and marked.status != "not extracted" and terms.id not in values:
            statuses[terms.id] = marked.status


def _facet_columns(reading: Reading, of: str) -> list[tuple[int, str, str]]:
    """Return index, name and kind of the columns that are facets of the study or finding."""
    found: list[tuple[int, str, str]] = [(i, role.name, role.kind) for i, role in reading.facets(of)]
    if of == "study":
        for index, role in enumerate(reading.roles):
            if isinstance(role, FieldRole) and role.of == "study" and (kind := STUDY_FACETS.get(role.name)):
                found.append((index, role.name, role.kind or kind))
    return sorted(found)


class _FacetColumn:
    """One column that is a facet: its index, the facet, and what each content of its cells says."""

    def __init__(self, cells: RowReader, index: int, terms: FacetTerms, checked: bool) -> None:
        self.cells, self.index, self.terms, self.checked = cells, index, terms, checked
        self.codes: dict[Cell, Code] = {}
        spec = cells.spec
        declared = next((w for name, w in spec.values.items() if facet_id(name) == terms.id), {}) if spec else {}
        self._words = {word.casefold(): value for word, value in declared.items()}

    def read(self, cell: Cell) -> Code:
        """Return what a cell says that was not read before; one that cannot be accepted rejects the row."""
        text = self._text(cell)
        if text is None:
            return Code(())
        code = self.terms.code(text)
        if code is None:
            if not self.checked:
                self._fail(text)
            return Code(())
        if code.status == "not extracted":
            code = Code(())
        self.codes[cell] = code
        return code

    def _text(self, cell: Cell) -> str | None:
        """Return the text of a cell; None, and a problem, for one that a spreadsheet changed into something else."""
        if isinstance(cell, Mangled):
            if cell.kind == "date" and self.terms.kind not in ("number", "year", "yes/no"):
                return cell.text
            if not self.checked:
                reason, accepted = MANGLED[cell.kind]
                self.cells.fail(self.cells.table.header[self.index], cell.text, reason, accepted=accepted)
            return None
        text = cell.strip()
        return self._words.get(text.casefold(), text) if self._words else text

    def _fail(self, text: str) -> None:
        header, terms = self.cells.table.header[self.index], self.terms
        if terms.closed:
            reason = f"no value of {terms.label} is called this"
            self.cells.fail(header, text, reason, suggestion=terms.terms.suggest(text), accepted=terms.terms.examples())
        else:
            accepted = f'{FACET_KINDS[terms.kind]}, blank, or kind = "text" under [[facet]] in review.toml'
            self.cells.fail(header, text, f"is not {_KIND_NAMES[terms.kind]}", accepted=accepted)


class Marked(NamedTuple):
    """What a row says in a group of marks: each marked term with the direction in its cell, whether any is marked with
    no, and the coding status where there is one."""

    terms: tuple[tuple[str, str | None], ...]
    no: bool = False
    status: str | None = None


class MarkReader:
    """Reads the marks in one group of columns."""

    def __init__(self, cells: RowReader, reading: Reading, number: int, terms: Terms) -> None:
        self._cells, self._group = cells, reading.groups[number]
        header = cells.table.header
        self._columns: list[tuple[int, str | None, dict[Cell, str]]] = []
        self._words: dict[int, dict[str, str]] = {}
        self._numbers: dict[int, str] = {}
        words = _words(self._group)
        for index, label in reading.marks(number).items():
            own = dict.fromkeys(own_words(header[index], label), "yes")
            self._words[index] = {**own, **words}
            id_ = None if _status(label) else _find(terms, label, header[index])
            if id_ is None and not _status(label):
                self._unknown(terms, index, label)
                continue
            self._columns.append((index, id_, {"": ""}))
        self._status_of = {i: s for i, label in reading.marks(number).items() if (s := _status(label))}

    def read(self) -> Marked:
        """Return what the current row says."""
        found: list[tuple[str, str | None]] = []
        no, status = False, None
        row = self._cells.row()
        width = len(row)
        for index, id_, known in self._columns:
            if index >= width or not (cell := row[index]):
                continue
            mark = known.get(cell)
            if mark is None:
                mark = self._read(index, cell, known)
            if mark == "no":
                no = no or id_ is not None
            elif mark in STATUS_NAMES:
                status = status or mark
            elif mark and id_ is None:
                status = self._status_of[index]
            elif mark and id_ is not None:
                found.append((id_, None if mark == "yes" else mark))
        return Marked(tuple(found), no, status)

    def _read(self, index: int, cell: Cell, known: dict[Cell, str]) -> str:
        """Return yes, no, a coding status or a direction; "" for a blank cell, and for one that rejects the row."""
        header = self._cells.table.header[index]
        if isinstance(cell, Mangled):
            reason, accepted = MANGLED[cell.kind]
            self._cells.fail(header, cell.text, reason, accepted=accepted)
            return ""
        text = cell.strip()
        words = self._words[index]
        mark = "" if not text else words.get(fold_term(text)) or words.get(fold_words(text) or "\0")
        if mark is None and as_number(text) is not None:
            first = self._numbers.setdefault(index, text)  # the same problem in each row, so that it is told once
            accepted = (
                f'x, yes, 1, … or no, 0, …, or kind = "number" under [[facet]] with name = "{header}" in review.toml, '
                "which takes the column out of the marks"
            )
            self._cells.fail(
                header, "", f"holds numbers such as {first}, no marks of {self._group.name}", accepted=accepted
            )
            return ""
        if mark is None:
            accepted = (
                f'x, yes, 1, … or no, 0, …, with notes in a column of their own; or yes = ["{text}"], no = […] or '
                f'missing = […] under [[sheet.marks]] of = "{self._group.name}" in review.toml'
            )
            self._cells.fail(header, text, f"is no mark of {self._group.name}", accepted=accepted)
            return ""
        known[cell] = mark
        return mark

    def _unknown(self, terms: Terms, index: int, label: str) -> None:
        table = self._cells.table
        table.problems.append(
            table.problem(
                f"no {terms.kind} of the vocabulary is called this",
                table.header_row,
                table.header[index],
                _term(label),
                suggestion=terms.suggest(_term(label)),
                accepted=terms.examples() + ', or labels = { "column" = "term" } under [[sheet.marks]] in review.toml',
            )
        )


STATUS_NAMES = frozenset(STATUSES.values())


def _words(group: MarkGroup) -> Mapping[str, str]:
    """Return word -> what it means in a group of marks; declared words come first."""
    words = {**STATUSES, **MARKS}
    if group.directed:
        words = {**words, **DIRECTION_WORDS}
        words.update({word: mark for word, mark in MARKS.items() if word not in DIRECTION_WORDS})
    for mark, declared in (("yes", group.yes), ("no", group.no), ("not extracted", group.missing)):
        words.update(
            (fold_term(word), STATUSES.get(fold_term(word), mark) if mark[:3] == "not" else mark) for word in declared
        )
    return words


def _term(label: str) -> str:
    return " ".join(label.replace("_", " ").split())


def _status(label: str) -> str | None:
    return STATUSES.get(fold_term(label))


def _find(terms: Terms, label: str, header: str) -> str | None:
    """Return the term of a column: by its label, as it is or with spaces for underscores, or by its whole name."""
    names: Iterable[str] = dict.fromkeys((_term(label), label, header, _term(header)))
    return next((found for name in names if (found := terms.find(name))), None)
