"""What kind of sheet a table is, by its name and header. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kg.loaders.sheets.columns import FINDINGS, LAYOUTS, LINKS, STUDIES, VOCABULARY, canonical_names, match_columns
from kg.loaders.sheets.filled import column_to_fill
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.tables.rawtable import RawTable
from kg.model.normalise import fold_words

#: Words in the name of a sheet of a workbook that is neither studies nor findings.
_PASSED_OVER = frozenset(
    """
    codebook codebooks legend legends readme exclude excluded exclusions exclusion ineligible rejected instructions
    instruction dictionary guidance lookup lookups dropdowns dropdown about metadata changelog
    """.split()  # noqa: SIM905
)
_PAIRS = ({"read", "me"}, {"drop", "down"}, {"not", "included"}, {"screened", "out"})
_OF_REPORT = {"title", "doi", "authors", "year", "author_year"}


#: The words by which a list of records says what was decided of each.
_IN = frozenset(("include", "included", "keep", "kept", "accept", "accepted", "maybe"))
_OUT = frozenset(("exclude", "excluded", "drop", "dropped", "reject", "rejected"))


#: A sheet with more columns than this, one of them an id, is no list of terms.
_MANY = 6


def passed_over(table: RawTable) -> bool:
    """Return whether the name of a sheet says that it holds no data: a codebook, a legend, excluded studies.

    >>> passed_over(RawTable("a.xlsx", "Excluded studies")), passed_over(RawTable("a.xlsx", "Sheet1"))
    (True, False)
    """
    words = set(fold_words(table.sheet).split())
    return bool(words & _PASSED_OVER) or any(pair <= words for pair in _PAIRS)


def decides(table: RawTable) -> str | None:
    """Return the name of a column that says which rows were included and which excluded, if there is one.

    >>> decides(RawTable("a.csv", header=["title", "full text"], rows=[(2, ["A", "Include"]), (3, ["B", "exclude"])]))
    'full text'
    """
    for index, name in enumerate(table.header):
        cells = (cells[index] for _, cells in table.rows if index < len(cells))
        texts = Counter(fold_words(cell) for cell in cells if isinstance(cell, str) and cell)
        decisions = [number for text, number in texts.items() if text in _IN | _OUT]
        if name and _OUT & texts.keys() and 2 * sum(decisions) > texts.total():
            return name
    return None


def guess_kind(table: RawTable, spec: SheetSpec | None = None, *, sure: bool = True) -> str | None:
    """Return the kind of a sheet according to its declaration or header, or None for one of no known kind.

    ``sure`` states that the sheet is meant to be read, so that a declared kind is taken. Otherwise the sheet is one of
    several in its workbook, and one matching column is not enough: a codebook has a column called factor as well. A
    sheet with a title and other columns of a study is a studies sheet even if it has a column called intervention. A
    sheet of findings that also has two of title, authors, year and DOI, or one and no column for the study, holds its
    studies as well.
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
        of_report = _OF_REPORT & present["studies"]
        own = len(of_report) > 1 or (of_report and "study" not in present["findings"]) or (spec and spec.key)
        return "studies and findings" if own else "findings"
    declared = bool(spec and (spec.directions or spec.key or spec.marks)) and sure
    charted = sure and "key" in present["studies"] and not link_columns(table) and len(headers) > 1
    return "studies" if study or "title" in present["studies"] or declared or charted else None


def is_charted(table: RawTable, studies: Sequence[RawTable]) -> bool:
    """Return whether a sheet of a workbook is about its studies although only its ids tell so.

    They are those of the other sheets of ``studies``, or there is no such sheet, and each row has a good many values.
    """
    ids = _ids(table)
    if guess_kind(table) != "studies" or not ids:
        return False
    known = set().union(*map(_ids, studies))
    return 2 * len(ids & known) > len(ids) if known else len(list(filter(None, table.header))) > _MANY


def _ids(table: RawTable) -> set[str]:
    """Return the ids of the studies of a sheet, folded."""
    index = match_columns(table.header, STUDIES).get("key")
    cells = (cells[index] for _, cells in table.rows if index is not None and index < len(cells))
    return {text for cell in cells if isinstance(cell, str) and (text := fold_words(cell))}


def link_columns(table: RawTable) -> tuple[str, str] | None:
    """Return the names of the two columns of a table that is nothing but ids: those of studies and of something else.

    >>> link_columns(RawTable("a.csv", header=["refid", "synd_id"], rows=[(2, ["3", "1"]), (3, ["3", "2"])]))
    ('refid', 'synd_id')
    """
    names = [header for header in table.header if header]
    study = next((h for h in names if fold_words(h) in canonical_names(LINKS) and _is_study(h)), None)
    if len(names) != 2 or study is None or not table.rows:
        return None
    ids = all(isinstance(cell, str) and cell.strip().isdigit() for _, cells in table.rows for cell in cells[:2])
    return (study, next(name for name in names if name != study)) if ids else None


def _is_study(header: str) -> bool:
    return canonical_names(LINKS)[fold_words(header)] == "study"


def what_to_declare(table: RawTable) -> str:
    """Return what to declare of a sheet of unknown kind."""
    if columns := link_columns(table):
        return (
            '[[sheet]] with kind = "links", of = "factor", "outcome" or a facet, and '
            f'columns = {{ study = "{columns[0]}", term = "{columns[1]}" }} in review.toml, if it links the two'
        )
    general = (
        "columns study, factor, direction, … (findings) or key, title, doi, … (studies); "
        "or [[sheet]] with kind and columns in review.toml"
    )
    names = [header for header in table.header if header]
    if 0 < len(names) <= 4 and any({"name", "label", "term"} & set(fold_words(header).split()) for header in names):
        return general + ' (kind = "terms" and of = "factor", "outcome" or a facet, if it lists terms)'
    return general


def for_kind(spec: SheetSpec, kind: str, table: RawTable) -> SheetSpec:
    """Return the declaration of a whole workbook, reduced to the columns that this sheet of it has."""
    headers = {fold_words(header) for header in table.header if header}
    names = columns_of(kind)
    columns = {n: h for n, h in spec.columns.items() if n in names and fold_words(h) in headers}
    fill_down = tuple(name for name in spec.fill_down if column_to_fill(table.header, spec, name) is not None)
    return replace(spec, columns=columns, fill_down=fill_down)


def columns_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Return the canonical columns of a kind of sheet, with their synonyms."""
    if kind == "studies and findings":
        finding = {name: names for name, names in FINDINGS.columns.items() if name != "study"}
        return {**STUDIES.columns, **finding}
    layouts = {"studies": STUDIES, "findings": FINDINGS, "terms": VOCABULARY, "links": LINKS}
    return dict(layouts[kind].columns) if kind in layouts else {}
