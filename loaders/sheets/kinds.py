"""What kind of sheet a table is, by its name and header. Pure."""

from __future__ import annotations

from dataclasses import replace

from kg.loaders.sheets.columns import FINDINGS, LAYOUTS, LINKS, STUDIES, VOCABULARY, canonical_names
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable
from kg.model.normalise import fold_words

#: Words in the name of a sheet of a workbook that is neither studies nor findings.
_PASSED_OVER = frozenset(
    "codebook codebooks legend legends readme excluded exclusions exclusion instructions instruction dictionary "
    "guidance lookup lookups dropdowns dropdown about metadata changelog".split()  # noqa: SIM905
)
_OF_REPORT = {"title", "doi", "authors", "year"}


def passed_over(table: RawTable) -> bool:
    """Return whether the name of a sheet says that it holds no data: a codebook, a legend, excluded studies.

    >>> passed_over(RawTable("a.xlsx", "Excluded studies")), passed_over(RawTable("a.xlsx", "Sheet1"))
    (True, False)
    """
    words = set(fold_words(table.sheet).split())
    return bool(words & _PASSED_OVER) or {"read", "me"} <= words or {"drop", "down"} <= words


def guess_kind(table: RawTable, spec: SheetSpec | None = None, *, sure: bool = True) -> str | None:
    """Return the kind of a sheet according to its declaration or header, or None for one of no known kind.

    ``sure`` states that the sheet is meant to be read, so that a declared kind is taken. Otherwise the sheet is one of
    several in its workbook, and one matching column is not enough: a codebook has a column called factor as well. A
    sheet with a title and other columns of a study is a studies sheet even if it has a column called intervention. A
    sheet of findings that also has two of title, authors, year and DOI holds its studies as well.
    """
    if spec and spec.kind and sure:
        return spec.kind
    headers = {fold_words(header) for header in table.header if header}
    mapped = {n for n, header in (spec.columns if spec else {}).items() if sure or fold_words(header) in headers}
    mapped |= set(spec.constant) if spec and sure else set()
    present: dict[str, set[str]] = {}
    for kind, layout in LAYOUTS.items():
        known = canonical_names(layout)
        present[kind] = {known[header] for header in headers if header in known} | mapped
    finding = {"factor", "direction"} & present["findings"]
    study = {"doi", "year", "authors", "design", "author_year"} & present["studies"]
    if not sure and len(present["findings"] & set(FINDINGS.required)) < 2 and len(present["studies"]) < 3:
        return None
    if len(finding) == 2 or (finding and not (study and "title" in present["studies"])):
        return "studies and findings" if len(_OF_REPORT & present["studies"]) > 1 else "findings"
    declared = bool(spec and (spec.directions or spec.key)) and sure
    return "studies" if study or "title" in present["studies"] or declared else None


def for_kind(spec: SheetSpec, kind: str, table: RawTable) -> SheetSpec:
    """Return the declaration of a whole workbook, reduced to the columns that this sheet of it has."""
    headers = {fold_words(header) for header in table.header if header}
    names = columns_of(kind)
    columns = {n: h for n, h in spec.columns.items() if n in names and fold_words(h) in headers}
    return replace(spec, columns=columns)


def columns_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Return the canonical columns of a kind of sheet, with their synonyms."""
    if kind == "studies and findings":
        finding = {name: names for name, names in FINDINGS.columns.items() if name != "study"}
        return {**STUDIES.columns, **finding}
    layouts = {"studies": STUDIES, "findings": FINDINGS, "terms": VOCABULARY, "links": LINKS}
    return dict(layouts[kind].columns) if kind in layouts else {}
