"""How to read a sheet: what ``review.toml`` declares of it, and the rest by its header and cells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kg.loaders.sheets.assign import Assignment
from kg.loaders.sheets.columns import (
    FINDINGS,
    LINKS,
    STUDIES,
    VOCABULARY,
    Layout,
    match_columns,
    report_missing,
    similar_names,
)
from kg.loaders.sheets.declared import find_column
from kg.loaders.sheets.excluded import find_reasons
from kg.loaders.sheets.facets import facet_id, infer_kind
from kg.loaders.sheets.groups import Group, direction_of_group, find_groups, kind_of_group
from kg.loaders.sheets.keys import find_key, is_citation, repeated_rows
from kg.loaders.sheets.kinds import columns_of
from kg.loaders.sheets.layouts import RESERVED, numbered_columns, term_columns, unused_name
from kg.loaders.sheets.questions import were_excluded, which_rows
from kg.loaders.sheets.reading import (
    DirectedRole,
    FacetRole,
    FieldRole,
    Ignored,
    MarkGroup,
    MarkRole,
    NumberedRole,
    Reading,
    Role,
)
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable, first_names
from kg.model.fields import STUDY_FACETS
from kg.model.normalise import fold_words

#: Cells of a standard facet that have on average more letters than this are free text.
_LONG = 90
#: Cells that list factors have on average fewer letters than this.
_LONGEST_LIST = 400


def guess(
    table: RawTable, kind: str, spec: SheetSpec | None = None, own: Mapping[str, str | None] = MappingProxyType({})
) -> Reading:
    """Return how a table of a known kind is read; problems of its declaration and header go to ``table.broken``.

    ``own`` maps the ids of the facets that ``review.toml`` declares to their kinds: their columns are no part of a
    group of marks, and one of several categories may have another value in each row of a study.
    """
    return _Guess(table, kind, spec or SheetSpec(table.file), own).reading()


class _Guess(Assignment):
    """Gives each column of one table its role, the declared ones first."""

    def reading(self) -> Reading:
        """Return the reading."""
        if self.kind != "ignore" and self.header:
            self.ignore()
            self.declared()
            if self.kind == "terms":
                self._terms()
            elif self.kind == "links":
                self.fields("link", LINKS, self.spec.columns)
                self.require(LINKS)
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

    def _of_studies_and_findings(self) -> None:
        mapped = dict(self.spec.columns)
        numbered = self._numbered()
        if self.kind == "findings":
            self.fields("finding", FINDINGS, mapped)
        else:
            finding = {n: c for n, c in mapped.items() if n in FINDINGS.columns and n not in STUDIES.columns}
            if {"factor", "direction"} & finding.keys() and self.spec.kind is None:
                self.kind = "studies and findings"
            if self.kind == "studies and findings":
                of_study = {n: c for n, c in mapped.items() if n not in finding and n != "outcomes"}
                of_finding = {n: c for n, c in mapped.items() if n in finding or n == "outcomes"}
                study = of_finding.pop("study", None)
                self.fields("study", _without(STUDIES, "outcomes"), of_study | ({"key": study} if study else {}))
                self.fields("finding", _without(FINDINGS, "study"), of_finding)
            else:
                self.fields("study", STUDIES, mapped)
        self._long_texts()
        self.take(numbered)
        self._directed()
        self._marks()
        self._check_required()
        if self.kind != "findings":
            self._keys()
        self._facets()
        reasons = None if self.spec.kind else find_reasons(self.table)
        if reasons and reasons.column not in self.spec.ignore:
            self.question = were_excluded(reasons, self.kind)

    def _numbered(self) -> dict[int, Role]:
        """Return the numbered columns that are declared or guessed.

        With a direction of each outcome and a column of factors, a sheet of studies has findings as well. Without a
        column of factors, the outcomes are those that the study discusses, and everything else is charted of it.
        """
        named = numbered_columns(self.header, self.free())  # by their headers, before cells are counted
        free = [i for i in named if self.profile.mark_style(i, self.header[i]) in ("", "blank", "direction")]
        found: dict[int, Role] = {**numbered_columns(self.header, free)}
        listed = {**dict(enumerate(self.roles)), **found}
        names = {role.name for role in listed.values() if isinstance(role, NumberedRole)}
        if self.kind != "studies" or not names:
            return found
        has_factor = "factor" in names or "factor" in match_columns(self.header, FINDINGS, {})
        if "direction" in names and has_factor and self.spec.kind is None:
            self.kind = "studies and findings"
            return found
        self.roles = [None if _is_other(role) else role for role in self.roles]
        return {index: role for index, role in found.items() if not _is_other(role)}

    def _long_texts(self) -> None:
        """Take a column of long texts as free text, where only a synonym makes it a category or terms."""
        declared = {find_column(self.header, name) for name in self.spec.columns.values()}
        for index, role in enumerate(self.roles):
            if not isinstance(role, FieldRole):
                continue
            charted = STUDY_FACETS.get(role.name) in ("category", "categories")
            listed = role.name == "outcomes" and index not in declared and fold_words(self.header[index]) != "outcomes"
            if not (charted or listed) or self.profile.mean_length(index) <= _LONG:
                continue
            self.roles[index] = FieldRole(role.of, role.name, "text") if charted else None
            self.notes.append(f"the texts of {self.header[index]!r} are long: it is free text")

    def _directed(self) -> None:
        """Find the columns that list barriers or facilitators."""
        found = {i: d for i in self.free() if (d := direction_of_group(self.header[i])) and self._is_list(i)}
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
        above = dict(enumerate(self.table.groups))
        free = [i for i in self.free() if facet_id(self.header[i]) not in self.own]
        declared = {group.kind for group in self.groups}
        unnamed: list[Group] = []
        for group in find_groups(self.profile, free, above):
            kind = "factor" if group.style == "direction" else kind_of_group(group.name)
            if kind in declared or self.kind == "findings":
                kind = None
            name = group.name if kind or facet_id(group.name) not in RESERVED else f"{group.name} (2)"
            self.add_group(
                MarkGroup(name, kind or self.unit(), group.select, direction=direction_of_group(group.name)),
                group.columns,
            )
            unnamed += [group] if group.select is None else []
        if unnamed:
            self.notes.append(_unnamed(unnamed, self.header))
        if self.kind == "studies" and any(group.kind == "factor" for group in self.groups):
            self.kind = "studies and findings"

    def _check_required(self) -> None:
        """Record the required columns that are missing."""
        if self.kind == "findings":
            self.require(FINDINGS)
        elif self.kind == "studies and findings":
            self.require(_without(FINDINGS, "study"))

    def _keys(self) -> None:
        """Find what identifies a study."""
        fields = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole) and r.of == "study"}
        named = [i for i, role in enumerate(self.roles) if self.header[i] and not isinstance(role, Ignored | MarkRole)]
        several = [i for i in named if self.own.get(facet_id(self.header[i])) == "categories"]
        given = tuple(i for name in self.spec.key if (i := self.column(name, "key")) is not None)
        if len(given) == 1:
            fields = self.only_key(fields, given[0])
        combined = self.kind != "studies"
        if not self.spec.key and "key" not in self.spec.columns and is_citation(self.profile, fields):
            fields, given = self.instead_of_citation(fields, named, combined=combined)
        self.key = find_key(
            self.profile, fields, named, combined=combined, several=several, given=given if len(given) > 1 else ()
        )
        if "label" in fields and "key" in fields and not self.key.columns:
            self.check_label(fields["key"], fields["label"])
        if self.key.parts:
            self.question = which_rows(self.header, fields, self.key.parts)
        first = self.roles[given[0]] if len(given) > 1 else Ignored("")
        if "report" not in fields and (first is None or (isinstance(first, FieldRole) and first.name == "key")):
            self.key.report = given[0]
        if self.key.report is not None:
            self.roles[self.key.report] = FieldRole("study", "report")
        if self.key.note:
            self.notes.append(self.key.note)

    def _facets(self) -> None:
        """Make every other column a facet of the study, or of the finding where it differs within a study."""
        differing = self._of_finding() if self.kind == "studies and findings" else set()
        declared = {find_column(self.header, name) for name in self.spec.facets}
        taken = {*RESERVED, *(facet_id(group.name) for group in self.groups)}
        taken |= {role.name for role in self.roles if isinstance(role, FieldRole) and role.of == "study"}
        known = {role.name for role in self.roles if isinstance(role, FieldRole)}
        missing = [
            name for name in columns_of(self.kind) if name not in known and name not in ("key", "basis", "study_label")
        ]
        for header, name in similar_names(missing, [self.header[i] for i in self.free()]):
            self.notes.append(
                f'{header!r} is a facet; if it is meant as {name!r}, declare columns = {{ {name} = "{header}" }}'
            )
        for index in self.free():
            of = "finding" if self.kind == "findings" or index in differing or index in declared else "study"
            name = unused_name(self.header[index], taken)
            self.roles[index] = FacetRole(name, of, infer_kind(name, self.profile.counts(index)))
        if differing:
            names = first_names(self.header[i] for i in sorted(differing))
            self.notes.append(f"of the finding, because they differ within a study: {names}")

    def _of_finding(self) -> set[int]:
        """Return the columns that differ between the rows of one study: groups of marks and facets are of the finding.

        What identifies a study or report is left as it is: there, a difference is an error in the row.
        """
        fields = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole) and r.of == "study"}
        own = next(((fields[n],) for n in ("key", "label", "doi") if n in fields), None)
        columns = self.key.columns or own or tuple(fields[n] for n in ("authors", "year", "title") if n in fields)
        rows = repeated_rows(self.profile, columns)
        charted = [i for name, i in fields.items() if STUDY_FACETS.get(name, "year") != "year"]
        differing = {i for i in (*self.free(), *charted) if rows and _differs(self.profile.column(i), rows)}
        for index in differing:
            self.roles[index] = None
        for number, group in enumerate(self.groups):
            marked = [i for i, r in enumerate(self.roles) if isinstance(r, MarkRole) and r.group == number]
            if group.kind == "study" and any(_differs(self.profile.column(i), rows) for i in marked):
                self.groups[number] = replace(group, kind="finding")
                differing.update(marked)
        return differing

    def _terms(self) -> None:
        """Find the columns of a sheet of terms; a term without an id is called by its position."""
        self.fields("term", VOCABULARY, self.spec.columns)
        known = {r.name: i for i, r in enumerate(self.roles) if isinstance(r, FieldRole)}
        self.take(term_columns(self.header, self.free(), known))
        names = {role.name for role in self.roles if isinstance(role, FieldRole)}
        report_missing(self.table, VOCABULARY, [] if "label" in names else ["label"], [])
        if "id" not in names:
            self.notes.append("a term is called by its position, from 1, because there is no column of ids")


def _differs(column: list[str], rows: Mapping[tuple[str, ...], list[int]]) -> bool:
    return any(any(column[at] != column[positions[0]] for at in positions) for positions in rows.values())


def _is_other(role: Role | None) -> bool:
    return isinstance(role, NumberedRole) and role.name != "outcomes"


def _without(layout: Layout, name: str) -> Layout:
    columns = {other: names for other, names in layout.columns.items() if other != name}
    return Layout(layout.kind, columns, tuple(other for other in layout.required if other != name))


def _unnamed(groups: list[Group], header: list[str]) -> str:
    """Return the sentence on groups of marked columns without a name in common."""
    ends = [(header[min(group.columns)], header[max(group.columns)]) for group in groups]
    listed = "; ".join(f"{first!r} to {last!r}" for first, last in ends[:6]) + ("; …" if len(ends) > 6 else "")
    first, last = ends[0]
    return (
        f"marked columns without a name in common: {listed}; say what they are, such as [[sheet.marks]] with "
        f'of = "factor" (or "outcome", or the name of a facet) and columns = ["{first}", "…", "{last}"]'
    )
