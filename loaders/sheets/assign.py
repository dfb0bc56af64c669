"""Give the columns of a table their roles: those that ``review.toml`` declares, and those with a known name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kg.loaders.sheets.columns import Layout, check_mapping, match_columns, report_missing
from kg.loaders.sheets.declared import declared_groups, find_column
from kg.loaders.sheets.facets import facet_id
from kg.loaders.sheets.filled import fill_down
from kg.loaders.sheets.groups import direction_of_group
from kg.loaders.sheets.keys import Key, id_beside
from kg.loaders.sheets.layouts import numbered_by
from kg.loaders.sheets.profile import Profile
from kg.loaders.sheets.reading import (
    DirectedRole,
    FieldRole,
    Ignored,
    MarkGroup,
    MarkRole,
    NumberedRole,
    Question,
    Role,
)
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable
from kg.model.normalise import fold_words
from kg.problems import nearest


class Assignment:
    """The roles of the columns of one table, while they are found out."""

    def __init__(self, table: RawTable, kind: str, spec: SheetSpec, own: Mapping[str, str | None]) -> None:
        self.table, self.kind, self.spec, self.own = table, kind, spec, own
        fill_down(table, spec)
        self.header = table.header
        self.profile = Profile(table)
        self.roles: list[Role | None] = [None] * len(table.header)
        self.groups: list[MarkGroup] = []
        self.notes: list[str] = list(table.notes)
        self.key = Key()
        self.of = spec.of
        self.question: Question | None = None

    def free(self) -> list[int]:
        """Return the indexes of the columns that have a name and no role yet."""
        return [i for i, role in enumerate(self.roles) if role is None and self.header[i]]

    def take(self, roles: Mapping[int, Role]) -> None:
        """Give columns that have no role yet their roles."""
        self.roles = [role or roles.get(index) for index, role in enumerate(self.roles)]

    def ignore(self) -> None:
        """Take the columns that are declared as not read."""
        for name in self.spec.ignore:
            if (index := self.column(name, "ignore")) is not None:
                self.roles[index] = Ignored("declared in review.toml")

    def column(self, name: str, key: str) -> int | None:
        """Return the index of a declared column; one that is not there becomes a problem."""
        index = find_column(self.header, name)
        if index is None:
            self.table.broken.append(
                self.table.problem(
                    f"the column that review.toml names under {key} is not there",
                    self.table.header_row,
                    name,
                    suggestion=" or ".join(map(repr, nearest(name, self.header))),
                    accepted=self.table.names(),
                )
            )
        return index

    def declared(self) -> None:
        """Take the declared directions, marks and numbered columns."""
        for name, direction in self.spec.directions.items():
            if (index := self.column(name, "directions")) is not None:
                self.roles[index] = DirectedRole(direction)
        for name, pattern in self.spec.numbered.items():
            self.take(found := numbered_by(self.header, name, pattern))
            if not found:
                check_mapping(self.table, Layout("", {name: ()}, ()), {name: pattern}, {})
        above = dict(enumerate(self.table.groups))
        for mark, columns in declared_groups(self.table, self.profile, self.spec.marks, above):
            kind = mark.of if mark.of in ("factor", "outcome") else self.unit()
            stated = mark.prefix or mark.group or mark.pattern.partition("*")[0]
            way = mark.direction or (direction_of_group(stated.strip("_- :.>")) if kind == "factor" else None)
            how = next(
                ((n, getattr(mark, n)) for n in ("prefix", "suffix", "pattern", "group") if getattr(mark, n)), None
            )
            group = MarkGroup(mark.of, kind, how, mark.yes, mark.no, mark.missing, way)
            free = {i: label for i, label in columns.items() if self.roles[i] is None and not self._is_number(i)}
            self.add_group(group, free)
        if self.kind == "studies" and (self.spec.directions or any(g.kind == "factor" for g in self.groups)):
            self.kind = "studies and findings"

    def _is_number(self, index: int) -> bool:
        """Return whether review.toml declares a column as a facet of numbers or texts, so that it holds no marks."""
        return self.own.get(facet_id(self.header[index])) in ("number", "year", "text")

    def add_group(self, group: MarkGroup, columns: Mapping[int, str]) -> None:
        """Make columns the terms of a group of marks."""
        if not columns:
            return
        styles = {self.profile.mark_style(i, self.header[i], label) for i, label in columns.items()}
        directed = group.kind == "factor" and "direction" in styles
        name = group.kind if group.kind in ("factor", "outcome") else group.name
        direction = group.direction if group.kind == "factor" else None
        self.groups.append(replace(group, name=name, direction=direction, directed=directed))
        for index, label in columns.items():
            self.roles[index] = MarkRole(len(self.groups) - 1, label)

    def unit(self) -> str:
        """Return what the facets of the sheet are of, if nothing else is known."""
        return "finding" if self.kind == "findings" else "study"

    def fields(self, of: str, layout: Layout, mapped: Mapping[str, str]) -> None:
        """Give the columns with a declared, canonical or synonymous name their role."""
        header = [name if self.roles[i] is None else "" for i, name in enumerate(self.header)]
        columns = match_columns(header, layout, mapped)
        check_mapping(self.table, layout, mapped, columns)
        for name, index in columns.items():
            self.roles[index] = FieldRole(of, name)

    def require(self, layout: Layout) -> None:
        """Record the required columns of a layout that are missing."""
        has = {role.name for role in self.roles if isinstance(role, FieldRole | NumberedRole)}
        has |= set(self.spec.constant) | set(self.spec.columns)
        if any(isinstance(role, DirectedRole) for role in self.roles):
            has |= {"factor", "direction"}
        if any(group.kind == "factor" for group in self.groups):
            has |= {"factor", "direction"}
        missing = [name for name in layout.required if name not in has]
        report_missing(self.table, layout, missing, [self.header[i] for i in self.free()])

    def check_label(self, key: int, label: int) -> None:
        """Take a column such as "number" as a facet, where it is no number of the study."""
        declared = self.spec.columns.get("label") or fold_words(self.header[label]) == "label"
        pairs = set(zip(self.profile.column(key), self.profile.column(label), strict=True))
        pairs = {(one, other) for one, other in pairs if one and other}
        if not declared and any(len({pair[at] for pair in pairs}) < len(pairs) for at in (0, 1)):
            self.roles[label] = None

    def instead_of_citation(
        self, fields: dict[str, int], named: list[int], *, combined: bool
    ) -> tuple[dict[str, int], tuple[int, ...]]:
        """Return the columns of a study and its key where authors and year, as in Ng 2021, stand for several papers.

        A column of ids beside them is the key, or else they are together with the title.
        """
        cited = fields["key"]
        beside = id_beside(self.profile, fields, named)
        if beside is None:
            return fields, () if combined or "title" not in fields else (cited, fields["title"])
        self.roles[beside] = FieldRole("study", "key")
        self.roles[cited] = FieldRole("study", "author_year") if "author_year" not in fields else None
        return {"author_year": cited, **fields, "key": beside}, ()

    def only_key(self, fields: Mapping[str, int], index: int) -> dict[str, int]:
        """Take one declared column as the key, in place of one with a synonym of it; return the columns of a study."""
        own = self.roles[index]
        if own is None or (isinstance(own, FieldRole) and own.name == "key"):
            if "key" in fields and fields["key"] != index:
                self.roles[fields["key"]] = None
            self.roles[index] = FieldRole("study", "key")
            return {**fields, "key": index}
        return dict(fields)
