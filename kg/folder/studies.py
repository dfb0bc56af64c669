"""The studies of a folder, over all of its sheets: one study may have a row in several of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from kg.loaders.tables.rawtable import RawTable
from kg.model.records import Study
from kg.problems import Problem

#: Column that identifies a study -> its name in messages.
_IDENTIFIERS = {"doi": "DOI", "openalex": "OpenAlex ID", "key": "key", "label": "article number"}


class Studies:
    """The studies of all sheets.

    ``rejected`` maps the names of studies whose row was rejected, in lower case, to the place of that row.
    """

    def __init__(self) -> None:
        self.rejected: dict[str, str] = {}
        self._studies: list[Study] = []
        self._tables: list[set[int]] = []  # of each study, the tables that have a row for it
        self._rows: dict[str, tuple[str, int]] = {}  # name of a study, in lower case -> its file and row
        self._index: dict[str, int] = {}  # name of a study, in lower case -> its position in the list

    @property
    def by_id(self) -> dict[str, Study]:
        """The studies by their id, in the order of their first rows."""
        return {study.id: study for study in self._studies}

    def add(self, table: RawTable, studies: Iterable[tuple[int, Study]]) -> None:
        """Add the studies of a table, with their row numbers; reject those whose identifiers are taken.

        A study of another sheet may have a row here too, if the two rows do not say different things of it.
        """
        for number, study in studies:
            id_column = "doi" if study.doi else "openalex" if study.id.startswith("openalex:") else "key"
            names = [(id_column, study.id), ("key", study.key), ("label", study.label or "")]
            taken = next(((column, name) for column, name in names if name.casefold() in self._rows), None)
            if taken is None:
                self._place(len(self._studies), study, table, number)
                continue
            at = {self._index[name.casefold()] for _, name in names if name.casefold() in self._index}
            position = next(iter(at)) if len(at) == 1 else None
            if position is None or id(table) in self._tables[position]:
                column, name = taken
                value = {"doi": study.doi or "", "key": study.key}.get(column, name)
                problem = _duplicate(table, number, column, value, self._rows[name.casefold()])
            else:
                joined = put_together(self._studies[position], study)
                if isinstance(joined, Study):
                    self._place(position, joined, table, number)
                    continue
                problem = _difference(table, number, joined, _said(study, joined), self._rows[taken[1].casefold()])
            table.problems.append(problem)
            where = f"{table.file}, row {number}"
            self.rejected.update({n.casefold(): where for _, n in names if n.casefold() not in self._rows})

    def _place(self, position: int, study: Study, table: RawTable, number: int) -> None:
        if position == len(self._studies):
            self._studies.append(study)
            self._tables.append(set())
        self._studies[position] = study
        self._tables[position].add(id(table))
        for name in filter(None, (study.id, study.key, study.label)):
            self._rows.setdefault(name.casefold(), (table.file, number))
            self._index[name.casefold()] = position


def _duplicate(table: RawTable, number: int, column: str, value: str, other: tuple[str, int]) -> Problem:
    file, row = other
    return Problem(
        table.file,
        f"two studies have one {_IDENTIFIERS[column]} (the other is in {file}, row {row})",
        table.sheet,
        number,
        column,
        value,
        accepted="one row a study; several reports of one study belong in one row",
    )


def _difference(table: RawTable, number: int, column: str, value: str, other: tuple[str, int]) -> Problem:
    file, row = other
    return Problem(
        table.file,
        f"another sheet says something else of this study ({file}, row {row})",
        table.sheet,
        number,
        column,
        value,
        accepted="the same in both, or blank in one of them; another key, if these are two studies",
    )


def put_together(first: Study, second: Study) -> Study | str:
    """Return the study that two rows describe, or the name of a column on which they differ.

    A row that leaves a column blank says nothing about it.
    """
    filled: dict[str, Any] = {}
    for field in fields(Study):
        ours, theirs = getattr(first, field.name), getattr(second, field.name)
        if field.name in ("id", "facets", "not_coded") or not theirs or ours == theirs:
            continue
        if ours:
            return field.name
        filled[field.name] = theirs
    for facet in (*second.facets, *second.not_coded):
        known = _said(first, facet)
        if known and known != _said(second, facet):
            return facet
    id_ = second.id if second.doi and not first.doi else first.id
    facets, not_coded = {**first.facets, **second.facets}, {**first.not_coded, **second.not_coded}
    return replace(first, **filled, id=id_, facets=facets, not_coded=not_coded)


def _said(study: Study, name: str) -> str:
    """Return what a study's row says in a column or of a facet, as text."""
    if name in study.facets or name in study.not_coded:
        return "; ".join(study.facets.get(name, ())) or study.not_coded[name]
    value = getattr(study, name, None)
    return "; ".join(value) if isinstance(value, tuple) else str(value or "")
