"""How to read a sheet: what ``review.toml`` declares of it, and the rest by its header and cells. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kg.loaders.sheets.columns import FINDINGS, LINKS, STUDIES, VOCABULARY, Layout, check_mapping, match_columns, report_missing
from kg.loaders.sheets.declared import declared_groups, find_column
from kg.loaders.sheets.facets import facet_id, infer_kind
from kg.loaders.sheets.groups import Group, direction_of_group, find_groups, kind_of_group
from kg.loaders.sheets.keys import Key, find_key, repeated_rows
from kg.loaders.sheets.profile import Profile
from kg.loaders.sheets.reading import (
    DirectedRole,
    FacetRole,
    FieldRole,
    Ignored,
    MarkGroup,
    MarkRole,
    NumberedRole,
    Question,
    Reading,
    Role,
)
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable, check_duplicate_names
from kg.model.fields import STUDY_FACETS
from kg.model.normalise import fold_term, fold_words

#: Cells of a standard facet that have on average more letters than this are free text.
_LONG = 90
#: Cells that list factors have on average fewer letters than this.
_LONGEST_LIST = 400
#: Names that mean something else than a facet wherever a facet is named.
_RESERVED = ("factor", "outcome", "direction", "pole", "approach", "certainty", "study", "report", "finding")
_NUMBERED = re.compile(r"(\D*?)[\s_.-]*(\d{1,2})(?:[\s_.:-]+(\D+))?")
#: What follows the number in a numbered column -> the canonical column that it is.
_OF_NUMBER = {
    fold_words(text): name for name in ("direction", "locator", "note") for text in (name, *FINDINGS.columns[name])
} | dict.fromkeys(("impact", "result", "association", "direction of effect"), "direction")
_BASES = {
    fold_words(text): name for name in ("outcomes", "factor") for text in (name, *FINDINGS.columns[name])
}


def guess(table: RawTable, kind: str, spec: SheetSpec | None = None, own: Mapping[str, str | None] = MappingProxyType({})) -> Reading:
    """Return how a table of a known kind is read; problems of its declaration and header go to ``table.broken``.

    ``own`` maps the ids of the facets that ``review.toml`` declares to their kinds: their columns are no part of a group
    of marks, and one of several categories may have another value in each row of a study.
    """
    return _Guess(table, kind, spec or SheetSpec(table.file), own).reading()


class _Guess:
    """Gives each column of one table its role, the declared ones first."""

    def __init__(self, table: RawTable, kind: str, spec: SheetSpec, own: Mapping[str, str | None]) -> None:
        self.table, self.kind, self.spec, self.own = table, kind, spec, own
        self.header = table.header
        self.profile = Profile(table)
        self.roles: list[Role | None] = [None] * len(table.header)
        self.groups: list[MarkGroup] = []
        self.notes: list[str] = []
        self.key = Key()
        self.of = spec.of
        self.question: Question | None = None

    def reading(self) -> Reading:
        """Return the reading."""
        if self.kind != "ignore" and self.header:
            self._ignore()
            self._declared()
            if self.kind == "terms":
                self._terms()
            elif self.kind == "links":
                self._fields("link", LINKS, self.spec.columns)
                self._require(LINKS)
            else:
                self._of_studies_and_findings()
        return Reading(
            self.table.file,
            self.table.sheet,
            self.kind,
            self.table.header_row,
            tuple(self.header),
            tuple(self.roles),
            self.key.columns,
            tuple(self.groups),
            self.of,
            dict(self.spec.constant),
            self.spec,
            len(self.table.rows),
            tuple(self.notes),
            self.key.repeats,
            self.question,
        )

    def _free(self) -> list[int]:
        return [i for i, role in enumerate(self.roles) if role is None and self.header[i]]

    def _ignore(self) -> None:
        for name in self.spec.ignore:
            if (index := self._column(name, "ignore")) is not None:
                self.roles[index] = Ignored("declared in review.toml")

    def _column(self, name: str, key: str) -> int | None:
        """Return the index of a declared column; one that is not there becomes a problem."""
        index = find_column(self.header, name)
        if index is None:
            check_mapping(self.table, Layout("", {key: ()}, ()), {key: name}, {})
        return index

    def _declared(self) -> None:
        """Take the declared directions, marks and numbered columns."""
        for name, direction in self.spec.directions.items():
            if (index := self._column(name, "a direction")) is not None:
                self.roles[index] = DirectedRole(direction)
        for name, pattern in self.spec.numbered.items():
            self._numbered_by(name, pattern)
        above = dict(getattr(self.table, "groups", None) or {})
        for mark, columns in declared_groups(self.table, self.profile, self.spec.marks, above):
            kind = mark.of if mark.of in ("factor", "outcome") else self._unit()
            stated = mark.prefix or mark.group or mark.pattern.partition("*")[0]
            way = mark.direction or (direction_of_group(stated.strip("_- :.>")) if kind == "factor" else None)
            how = next(((n, getattr(mark, n)) for n in ("prefix", "suffix", "pattern", "group") if getattr(mark, n)), None)
            group = MarkGroup(mark.of, kind, how, mark.yes, mark.no, mark.missing, way)
            self._add_group(group, {i: label for i, label in columns.items() if self.roles[i] is None})
        if self.kind == "studies" and (self.spec.directions or any(g.kind == "factor" for g in self.groups)):
            self.kind = "studies and findings"

    def _numbered_by(self, name: str, pattern: str) -> None:
        """Take the columns that match a declared pattern such as ``Outcome{n}``."""
        before, _, after = pattern.partition("{n}")
        expression = re.compile(re.escape(before) + r"(\d{1,3})" + re.escape(after), re.IGNORECASE)
        for index, header in enumerate(self.header):
            if self.roles[index] is None and (match := expression.fullmatch(header)):
                self.roles[index] = NumberedRole(name, int(match[1]))
        if not any(isinstance(r, NumberedRole) and r.name == name for r in self.roles):
            check_mapping(self.table, Layout("", {name: ()}, ()), {name: pattern}, {})

    def _add_group(self, group: MarkGroup, columns: Mapping[int, str]) -> None:
        if not columns:
            return
        styles = {self.profile.mark_style(i, self.header[i], label) for i, label in columns.items()}
        directed = group.kind == "factor" and "direction" in styles
        name = group.kind if group.kind in ("factor", "outcome") else group.name
        direction = group.direction if group.kind == "factor" else None
        self.groups.append(replace(group, name=name, direction=direction, directed=directed))
        for index, label in columns.items():
            self.roles[index] = MarkRole(len(self.groups) - 1, label)

    def _unit(self) -> str:
        return "finding" if self.kind == "findings" else "study"

    def _of_studies_and_findings(self) -> None:
        mapped = dict(self.spec.columns)
        if self.kind == "findings":
            self._fields("finding", FINDINGS, mapped)
        else:
            finding = {n: c for n, c in mapped.items() if n in FINDINGS.columns and (n not in STUDIES.columns)}
            if finding and self.kind == "studies":
                self.kind = "studies and findings"
            if self.kind == "studies and findings":
                of_study = {n: c for n, c in mapped.items() if n not in finding and n != "outcomes"}
                of_finding = {n: c for n, c in mapped.items() if n in finding or n == "outcomes"}
                study = of_finding.pop("study", None)
                self._fields("study", _without(STUDIES, "outcomes"), of_study | ({"key": study} if study else {}))
                self._fields("finding", _without(FINDINGS, "study"), of_finding)
            else:
                self._fields("study", STUDIES, mapped)
        self._long_texts()
        self._numbered()
        self._directed()
        self._marks()
        self._check_required()
        if self.kind != "findings":
            self._keys()
        self._facets()

    def _fields(self, of: str, layout: Layout, mapped: Mapping[str, str]) -> None:
        """Give the columns with a declared, canonical or synonymous name their role."""
        header = [name if self.roles[i] is None else "" for i, name in enumerate(self.header)]
        columns = match_columns(header, layout, mapped)
        check_mapping(self.table, layout, mapped, columns)
        check_duplicate_names(self.table, {fold_term(self.header[index]) for index in columns.values()})
        for name, index in columns.items():
            self.roles[index] = FieldRole(of, name)

    def _long_texts(self) -> None:
        """Take a column of long texts as free text, where only a synonym makes it a category or terms."""
        declared = {find_column(self.header, name) for name in self.spec.columns.values()}
        for index, role in enumerate(self.roles):
            if not isinstance(role, FieldRole) or self.profile.mean_length(index) <= _LONG:
                continue
            if role.name in STUDY_FACETS and STUDY_FACETS[role.name] in ("category", "categories"):
                self.roles[index] = FieldRole(role.of, role.name, "text")
            elif role.name == "outcomes" and index not in declared and fold_words(self.header[index]) != "outcomes":
                self.roles[index] = None
            else:
                continue
            self.notes.append(f"the texts of {self.header[index]!r} are long: it is free text")

    def _numbered(self) -> None:
        """Find numbered columns: Outcome1, Outcome1.impact, Outcome2, …"""
        found: dict[str, dict[int, dict[str, int]]] = {}
        for index in self._free():
            match = _NUMBERED.fullmatch(self.header[index])
            base = _BASES.get(fold_words(match[1])) if match else None
            name = base if match and not match[3] else _OF_NUMBER.get(fold_words(match[3])) if match else None
            if match and base and name:
                found.setdefault(base, {}).setdefault(int(match[2]), {})[name] = index
        for base, numbers in found.items():
            if len([n for n, columns in numbers.items() if base in columns]) > 1:
                for n, columns in numbers.items():
                    for name, index in columns.items():
                        self.roles[index] = NumberedRole(name, n)

    def _directed(self) -> None:
        """Find the columns that list barriers or facilitators."""
        found = {i: d for i in self._free() if (d := direction_of_group(self.header[i])) and self._is_list(i)}
        if self.kind != "findings" and len(set(found.values())) < 2 and not self.spec.directions:
            return
        for index, direction in found.items():
            self.roles[index] = DirectedRole(direction)
        if found and self.kind == "studies":
            self.kind = "studies and findings"

    def _is_list(self, index: int) -> bool:
        style = self.profile.mark_style(index, self.header[index])
        return not style and self.profile.mean_length(index) <= _LONGEST_LIST

    def _marks(self) -> None:
        """Find the groups of columns that are marked."""
        above = dict(getattr(self.table, "groups", None) or {})
        free = [i for i in self._free() if facet_id(self.header[i]) not in self.own]
        declared = {group.kind for group in self.groups}
        for group in find_groups(self.profile, free, above):
            kind = "factor" if group.style == "direction" else kind_of_group(group.name)
            if kind in declared or self.kind == "findings":
                kind = None
            name = group.name if kind or facet_id(group.name) not in _RESERVED else f"{group.name} (2)"
            self._add_group(
                MarkGroup(name, kind or self._unit(), group.select, direction=direction_of_group(group.name)),
                group.columns,
            )
            if group.select is None:
                self.notes.append(_unnamed(group, self.header))
        if self.kind == "studies" and any(group.kind == "factor" for group in self.groups):
            self.kind = "studies and findings"

    def _check_required(self) -> None:
        """Record the required columns that are missing."""
        if self.kind == "findings":
            self._require(FINDINGS)
        elif self.kind == "studies and findings":
            self._require(_without(FINDINGS, "study"))

    def _require(self, layout: Layout) -> None:
        has = {role.name for role in self.roles if isinstance(role, FieldRole | NumberedRole)}
        has |= set(self.spec.constant) | set(self.spec.columns)
        if any(isinstance(role, DirectedRole) for role in self.roles):
            has |= {"factor", "direction"}
        if any(group.kind == "factor" for group in self.groups):
            has |= {"factor", "direction"}
        missing = [name for name in layout.required if name not in has]
        report_missing(self.table, layout, missing, [self.header[i] for i in self._free()])

    def _keys(self) -> None:
        """Find what identifies a study."""
        fields = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole) and r.of == "study"}
        named = [i for i, role in enumerate(self.roles) if self.header[i] and not isinstance(role, Ignored | MarkRole)]
        several = [i for i in named if self.own.get(facet_id(self.header[i])) == "categories"]
        given = tuple(i for name in self.spec.key if (i := self._column(name, "the key")) is not None)
        if len(given) == 1:
            fields = self._only_key(fields, given[0])
        combined = self.kind != "studies"
        self.key = find_key(self.profile, fields, named, combined=combined, several=several, given=given if len(given) > 1 else ())
        if self.key.parts:
            self.question = _which_rows(self.header, fields, self.key.parts)
        first = self.roles[given[0]] if len(given) > 1 else Ignored("")
        if "report" not in fields and (first is None or (isinstance(first, FieldRole) and first.name == "key")):
            self.key.report = given[0]
        if self.key.report is not None:
            self.roles[self.key.report] = FieldRole("study", "report")
        if self.key.note:
            self.notes.append(self.key.note)

    def _only_key(self, fields: Mapping[str, int], index: int) -> dict[str, int]:
        """Take one declared column as the key, in place of one with a synonym of it; return the columns of a study."""
        own = self.roles[index]
        if own is None or (isinstance(own, FieldRole) and own.name == "key"):
            if "key" in fields and fields["key"] != index:
                self.roles[fields["key"]] = None
            self.roles[index] = FieldRole("study", "key")
            return {**fields, "key": index}
        return dict(fields)

    def _facets(self) -> None:
        """Make every other column a facet of the study, or of the finding where it differs within a study."""
        differing = self._differing() if self.kind == "studies and findings" else set()
        declared = {find_column(self.header, name) for name in self.spec.facets}
        taken = {*_RESERVED, *(facet_id(group.name) for group in self.groups)}
        taken |= {role.name for role in self.roles if isinstance(role, FieldRole) and role.of == "study"}
        for index in self._free():
            of = "finding" if self.kind == "findings" or index in differing or index in declared else "study"
            name = _unused(self.header[index], taken)
            self.roles[index] = FacetRole(name, of, infer_kind(name, self.profile.counts(index)))
        if differing and (names := [self.header[i] for i in sorted(differing) if not isinstance(self.roles[i], FieldRole)]):
            self.notes.append("of the finding, because they differ within a study: " + ", ".join(names))

    def _differing(self) -> set[int]:
        """Return the columns that differ between the rows of one study."""
        fields = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole) and r.of == "study"}
        own = next(((fields[n],) for n in ("key", "label", "doi") if n in fields), None)
        columns = self.key.columns or own or tuple(fields[n] for n in ("authors", "year", "title") if n in fields)
        rows = repeated_rows(self.profile, columns)
        free = [*self._free(), *(i for i, r in enumerate(self.roles) if isinstance(r, MarkRole))]
        return {i for i in free if rows and _differs(self.profile.column(i), rows)}

    def _terms(self) -> None:
        """Find the columns of a sheet of terms; a term without an id is called by its position."""
        self._fields("term", VOCABULARY, self.spec.columns)
        names = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole)}
        for index in self._free():
            words = fold_words(self.header[index]).split()
            if "id" not in names and words[-1:] == ["id"]:
                names["id"] = index
            elif "label" not in names and (words[-1:] == ["name"] or len(self._free()) == 1):
                names["label"] = index
            elif "broader" not in names and words[-1:] and words[-1] in ("category", "class", "domain", "group"):
                names["broader"] = index
            else:
                self.roles[index] = Ignored("not a column of a sheet of terms")
                continue
            self.roles[index] = FieldRole("term", next(n for n, i in names.items() if i == index))
        report_missing(self.table, VOCABULARY, [] if "label" in names else ["label"], [])
        if "id" not in names:
            self.notes.append("a term is called by its position, from 1, because there is no column of ids")


def _which_rows(header: list[str], fields: Mapping[str, int], parts: tuple[int, ...]) -> Question:
    """Return the question what several rows with one key are."""
    own = header[fields["key"]] if "key" in fields else header[next(iter(fields.values()))]
    key = ", ".join(f'"{name}"' for name in (own, *(header[i] for i in parts)))
    return Question(
        f"several rows have the same {own!r}: are they several studies of one report, or one study?",
        (
            ("each row is a study, and they have one report", f"key = [{key}]"),
            ("each row is a finding of one study", 'kind = "studies and findings"'),
        ),
    )


def _unused(name: str, taken: set[str]) -> str:
    """Return a name for a facet that no other column has, and add it to those taken."""
    unused, number = name, 1
    while facet_id(unused) in taken:
        number += 1
        unused = f"{name} ({number})"
    taken.add(facet_id(unused))
    return unused


def _differs(column: list[str], rows: Mapping[object, list[int]]) -> bool:
    return any(any(column[at] != column[positions[0]] for at in positions) for positions in rows.values())


def _without(layout: Layout, name: str) -> Layout:
    columns = {other: names for other, names in layout.columns.items() if other != name}
    return Layout(layout.kind, columns, tuple(other for other in layout.required if other != name))


def _unnamed(group: Group, header: list[str]) -> str:
    first, last = (header[i] for i in (min(group.columns), max(group.columns)))
    return (
        f"{len(group.columns)} columns from {first!r} to {last!r} are marked; say what they are: "
        f'[[sheet.marks]] of = "factor", "outcome" or a facet, columns = ["{first}", "…", "{last}"]'
    )
