"""The columns of extraction sheets: their names and synonyms, and the values of those with a fixed set.

Columns with other names are mapped in ``review.toml``; docs/sheets.md shows how.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable
from kg.model.fields import FINDING_FIELDS, STUDY_FIELDS, TERM_FIELDS, VALUES, Field
from kg.model.layout import CONFIG
from kg.model.normalise import fold_words
from kg.problems import Problem, nearest


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of sheet: canonical name -> synonyms; cells of the ``required`` ones are not blank."""

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


def _layout(kind: str, fields: Sequence[Field]) -> Layout:
    return Layout(kind, {f.name: f.synonyms for f in fields}, tuple(f.name for f in fields if f.required))


FINDINGS = _layout("findings", FINDING_FIELDS)
STUDIES = _layout("studies", STUDY_FIELDS)
VOCABULARY = _layout("vocabulary", TERM_FIELDS)

LINKS = Layout(
    "links",
    {
        "study": (*FINDINGS.columns["study"], *STUDIES.columns["key"]),
        "term": ("factor", "outcome", "value", "term id", "code"),
        **{name: FINDINGS.columns[name] for name in ("direction", "locator", "note")},
    },
    ("study", "term"),
)

LAYOUTS = {layout.kind: layout for layout in (FINDINGS, STUDIES)}


def spellings(column: str, spec: SheetSpec | None = None) -> dict[str, str]:
    """Return every accepted spelling of a column's values -> the value; words declared in ``spec`` take precedence."""
    known = {text.casefold(): value for value, others in VALUES[column].items() for text in (value, *others)}
    if spec:
        known.update({text.casefold(): value for text, value in spec.values.get(column, {}).items() if value})
    return known


def find_columns(table: RawTable, layout: Layout, spec: SheetSpec | None = None) -> dict[str, int]:
    """Return canonical name -> column index; missing and misspelt columns become problems of the whole table.

    Where several columns match one canonical name, a mapping in ``review.toml`` wins over the canonical name, and that
    over the synonyms in their order. The order of the columns makes no difference.
    """
    if not table.header:
        return {}  # the table is broken, and its problem is recorded already
    mapped = dict(spec.columns) if spec else {}
    columns = match_columns(table.header, layout, mapped)
    check_mapping(table, layout, mapped, columns)
    known = canonical_names(layout)
    unread = [h for i, h in enumerate(table.header) if h and i not in columns.values() and fold_words(h) not in known]
    missing = [name for name in layout.required if name not in columns and name not in mapped]
    unread = report_missing(table, layout, missing, unread)
    optional = [name for name in layout.columns if name not in columns and name not in missing]
    _report_misspelt(table, optional, unread)
    return columns


def canonical_names(layout: Layout) -> dict[str, str]:
    """Return the folded canonical names and synonyms of a layout -> canonical name."""
    return {fold_words(text): name for name, others in layout.columns.items() for text in (name, *others)}


def match_columns(header: Iterable[str], layout: Layout, mapped: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return canonical name -> index of the column that matches it best; ``mapped`` is the mapping of review.toml."""
    mapped = mapped or {}
    declared = {fold_words(column): name for name, column in mapped.items()}
    known = {
        fold_words(text): (name, rank)
        for name, others in layout.columns.items()
        for rank, text in enumerate((name, *others), start=1)
    }
    ranks: dict[str, int] = {}
    columns: dict[str, int] = {}
    for index, column in enumerate(header):
        folded = fold_words(column)
        name, rank = (declared[folded], 0) if folded in declared else known.get(folded, (None, 0))
        if name and column and not (name in mapped and rank) and rank < ranks.get(name, 99):
            ranks[name], columns[name] = rank, index
    return columns


def check_mapping(table: RawTable, layout: Layout, mapped: Mapping[str, str], columns: Mapping[str, int]) -> None:
    """Record a problem for each entry of ``columns`` in ``review.toml`` that is wrong."""
    for name, column in mapped.items():
        if name not in layout.columns:
            table.broken.append(
                Problem(
                    CONFIG,
                    f"is no column of a {layout.kind} sheet",
                    column=f"[[sheet]] columns.{name}",
                    value=column,
                    suggestion=" or ".join(nearest(name, layout.columns)),
                    accepted=", ".join(layout.columns),
                )
            )
        elif name not in columns:
            table.broken.append(
                table.problem(
                    f"the column that review.toml maps to {name} is not there",
                    table.header_row,
                    column,
                    suggestion=_alternatives(nearest(column, table.header)),
                    accepted=table.names(),
                )
            )


def report_missing(table: RawTable, layout: Layout, missing: Iterable[str], unread: list[str]) -> list[str]:
    """Record a problem for each missing column; return the unread columns that are not suggested for one of them."""
    for name in missing:
        synonyms = layout.columns[name]
        similar = [h for h in unread if any(_similar(fold_words(h), fold_words(n)) for n in (name, *synonyms))]
        accepted = f"a column called {name!r}"
        if synonyms:
            accepted += f" (also {_alternatives(synonyms[:3])}, …)"
        if layout.kind in LAYOUTS:
            accepted += f', or columns = {{ {name} = "…" }} under [[sheet]] in review.toml'
        table.broken.append(
            table.problem(
                "the column is missing",
                table.header_row,
                name,
                suggestion=_alternatives(similar or nearest(name, unread)),
                accepted=accepted,
            )
        )
        unread = [h for h in unread if h not in similar]
    return unread


def _report_misspelt(table: RawTable, optional: Sequence[str], unread: Iterable[str]) -> None:
    """Record a problem for each unread column whose name is similar to that of an optional one."""
    for header in unread:
        similar = next((name for name in optional if _similar(fold_words(header), name)), None)
        if similar:
            table.broken.append(
                table.problem(
                    "the column would not be read",
                    table.header_row,
                    header,
                    suggestion=repr(similar),
                    accepted=f"{similar!r}, or a name less like it for a column of your own",
                )
            )


def _alternatives(names: Iterable[str]) -> str:
    return " or ".join(repr(name) for name in names)


def similar_names(names: Iterable[str], unread: Iterable[str]) -> list[tuple[str, str]]:
    """Return each unread column whose name is like one of the canonical ``names``, with that name."""
    known = list(names)
    found = ((h, next((n for n in known if _similar(fold_words(h), fold_words(n))), None)) for h in unread)
    return [(header, name) for header, name in found if name]


def _similar(a: str, b: str) -> bool:
    return difflib.SequenceMatcher(None, a, b).ratio() >= 0.8
