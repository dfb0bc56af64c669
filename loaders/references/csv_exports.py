"""CSV and TSV exports of databases -> records. The header identifies the database.

Exports are not read by ``kg.loaders.tables``, which is for sheets: their cells may hold reference lists that are longer
than a spreadsheet allows, lines with the search may precede the header, and quotation marks may be part of cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kg.loaders.openalex.works import short_id
from kg.loaders.references.candidates import column_name, export_of, may_be_references
from kg.loaders.references.databases import Export
from kg.loaders.references.entries import Entry, database_named, record_of_entry
from kg.loaders.references.spec import FIELDS, ReferenceSpec
from kg.loaders.references.tools import PLAIN
from kg.loaders.tables.read import QUOTATION
from kg.loaders.tables.separators import lines_of
from kg.model.literature import Record
from kg.problems import Problem, shorten

_AUTHOR_NUMBER = re.compile(r"(?<!\s)\s*\(\d+\)$")  # Scopus appends its number of the author to the name
#: An integer with more digits does not fit into the 64 bits that graph stores have.
_MOST_DIGITS = 18
_LAST_DIGITS = re.compile(r"(\d+)$")
_PMID = re.compile(r"(?:^|\D)(\d{1,9})(?=$| \[)")  # Ovid appends the address of PubMed in brackets
#: The journal and the year in a citation of Ovid: "A Journal. 25 (1) (no pagination), 2018. Article Number: 1."
_CITATION = re.compile(r"(?P<venue>[^.]{1,300})\..*?, ?(?P<year>(?:19|20)\d\d)\.", re.DOTALL)
_FORMULA = re.compile(r'="(.*)"')  # EBSCO writes ="…" so that spreadsheets do not convert the cell
_EXTRA_IDENTIFIER = re.compile(r"(?m)^(DOI|PMID|PMCID): *(\S+)")  # Zotero, for types without such a field
#: The number of lines in which the header is searched.
_HEADER_LINES = 12
#: The most characters of a cell; one with the references of a review may have more than 100,000.
_MAX_CELL = 1 << 24


def read_export(text: str, name: str, spec: ReferenceSpec | None = None) -> Iterator[Record | Problem]:
    """Yield the record of every row of a table, or a problem; rows are counted as in a spreadsheet.

    ``spec`` is what ``review.toml`` declares of the file. A header that no known database writes is read by the names
    that are usual for columns.
    """
    if not text.strip():
        yield Problem(name, "the file is empty", accepted="an export with a header and at least one row under it")
        return
    found = _find_header(text, spec)
    if isinstance(found, Problem):
        yield replace(found, file=name)
        return
    export, delimiter, header_row, header = found
    rows, broken = _rows(text, delimiter, quoted=export.quoted or delimiter != "\t")
    indexes = {column: index for index, column in reversed(list(enumerate(header)))}  # the first of duplicates
    for number, cells in enumerate(rows[header_row:], start=header_row + 1):
        if not any(map(str.strip, cells)):
            continue
        extra = next((cell for cell in cells[len(header) :] if cell.strip()), None)
        if extra is not None:
            accepted = f"{len(header)} cells, as the header has"
            yield Problem(name, "the row has more cells than the header", row=number, value=extra, accepted=accepted)
            continue
        entry, database = _entry(export, indexes, cells)
        record = record_of_entry(entry, database or export.database, name, number)
        yield record or Problem(
            name, "the row has no title, DOI or PMID to be known by", row=number, accepted="a row with a title"
        )
    if broken:
        reason = "a quotation mark opens a cell in this row and does not end it: nothing from here on can be read"
        yield Problem(name, reason, row=len(rows) + 1, value=broken, accepted=QUOTATION)


def spec_of(text: str, name: str, spec: ReferenceSpec | None = None) -> ReferenceSpec | Problem:
    """Return the declaration that reads a table as it is read, or the problem of its header.

    A column is named as in the file. ``split`` is given only where ``spec`` gives it.
    """
    found = _find_header(text, spec) if text.strip() else Problem("", "the file is empty")
    if isinstance(found, Problem):
        return replace(found, file=name)
    export, delimiter, row, names = found
    written = next(cells for other, number, cells in _first_rows(text) if (other, number) == (delimiter, row))
    of = dict(zip(reversed(names), map(str.strip, reversed(written)), strict=True))
    columns: dict[str, str] = {}
    for own, field in FIELDS.items():
        wanted = export.columns.get(field, "").split("|")
        if field in ("dates", "identifiers"):
            wanted = [column for column in wanted if _is_of(own, column)]
        if column := next((column for column in wanted if column in of), None):
            columns[own] = of[column].removeprefix("\ufeff")
    if spec:
        columns.update(spec.columns)
    return ReferenceSpec(name, export.database, columns, spec.split if spec else None)


def _is_of(name: str, column: str) -> bool:
    """Return whether a column of dates or identifiers is the one that ``name`` of ``FIELDS`` means."""
    is_url, is_day = "url" in column or "link" in column, "date" in column or column == "pd"
    return {"doi": not is_url, "url": is_url, "date": is_day, "year": not is_day}[name]


#: The columns of the place in a journal, which many databases name alike.
_PLACE = {
    "volume": ("volume", "vl", "vi"),
    "issue": ("issue", "is", "ip"),
    "pages": ("pages", "page range", "page start", "start page", "first page", "bp", "pg"),
}


def is_export(text: str) -> bool:
    """Return whether a table is the export of a known database."""
    return any(export_of(cells) for _, _, cells in _first_rows(text))


def may_be_list(text: str) -> bool:
    """Return whether a table could be a list of references as well as a sheet of studies."""
    return any(may_be_references(cells) for _, _, cells in _first_rows(text))


def _first_rows(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Yield the first rows of a table, split at each of the possible separators, with the separator and the number."""
    start = "\n".join(text[: 1 << 17].split("\n", _HEADER_LINES)[:_HEADER_LINES])
    for delimiter in ("\t", ",", ";"):
        for number, cells in enumerate(csv.reader(io.StringIO(start), delimiter=delimiter), start=1):
            yield delimiter, number, cells


def _find_header(text: str, spec: ReferenceSpec | None) -> tuple[Export, str, int, list[str]] | Problem:
    """Return the kind of export, the separator, the row of the header, and its column names in lower case."""
    declared = {name: column_name(column) for name, column in spec.columns.items()} if spec else {}
    plain: tuple[Export, str, int, list[str]] | None = None
    for delimiter, number, cells in _first_rows(text):
        names = [column_name(cell) for cell in cells]
        export = export_of(names)
        if declared and set(declared.values()) <= set(names):
            return _declared(export or PLAIN, spec, declared), delimiter, number, names
        if export and not declared:
            return _declared(export, spec, {}), delimiter, number, names
        if not declared and not plain and _IDENTIFYING & set(names):
            plain = _declared(PLAIN, spec, {}), delimiter, number, names
    if plain:
        return plain
    first = next(line for line in text.split("\n") if line.strip())
    accepted = 'a column called title, doi or pmid; or columns = { title = "…" } under [[references]] in review.toml'
    if declared:
        every = {name for _, _, cells in _first_rows(text) for name in map(column_name, cells)}
        missing = ", ".join(column for name, column in declared.items() if column not in every) or "no row has them all"
        reason = f"columns that [[references]] in review.toml names are not there: {missing}"
        return Problem("", reason, row=1, value=shorten(first), accepted="names of columns as in the file")
    return Problem(
        "", "no column of a title, DOI or PMID is in the header", row=1, value=shorten(first), accepted=accepted
    )


#: Columns by which a row of a table can be known.
_IDENTIFYING = {
    column for name in ("title", "identifiers", "pmid", "openalex") for column in PLAIN.columns[name].split("|")
} - {"url", "link"}


def _declared(export: Export, spec: ReferenceSpec | None, declared: Mapping[str, str]) -> Export:
    """Return an export with what ``review.toml`` declares of it: its database, columns, and what parts authors."""
    if spec is None:
        return export
    columns = dict(export.columns)
    for name in dict.fromkeys(FIELDS[name] for name in declared):
        columns[name] = "|".join(column for own, column in declared.items() if FIELDS[own] == name)
    return replace(
        export,
        database=spec.database or export.database,
        database_column=None if spec.database else export.database_column,
        columns=columns,
        split=rf"\s*{re.escape(spec.split)}\s*" if spec.split else export.split,
    )


def _rows(text: str, delimiter: str, *, quoted: bool) -> tuple[list[list[str]], str]:
    """Return the rows of a table up to the first that cannot be read, and the first line of that one, if any."""
    if not quoted:
        return [[_unquoted(cell) for cell in line.split(delimiter)] for line in text.split("\n")], ""
    rows: list[list[str]] = []
    lines = 0
    before = csv.field_size_limit(_MAX_CELL)
    try:
        # Strict, because the lenient reader lets an unclosed quotation mark swallow all rows below it.
        reader = csv.reader(lines_of(text), delimiter=delimiter, strict=True)
        for cells in reader:
            rows.append([found[1] if (found := _FORMULA.fullmatch(cell)) else cell for cell in cells])
            lines = reader.line_num
    except csv.Error:
        return rows, text.split("\n")[lines]
    finally:
        csv.field_size_limit(before)
    return rows, ""


def _unquoted(cell: str) -> str:
    """Return a cell without the quotation marks that a spreadsheet has put around it."""
    inner = cell[1:-1].replace('""', "")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner else cell


def _entry(export: Export, indexes: Mapping[str, int], cells: Sequence[str]) -> tuple[Entry, str | None]:
    """Return the entry of a row, and the database that the row names, if any."""

    def cell(column: str) -> str:
        index = indexes.get(column, len(cells))
        text = cells[index].strip() if index < len(cells) else ""
        return "" if text == "NA" else text  # R writes it for a value that is missing

    def all_of(field: str) -> list[str]:
        return [text for column in export.columns.get(field, "").split("|") if (text := cell(column))]

    def one(field: str) -> str | None:
        return next(iter(all_of(field)), None)

    extra = dict(_EXTRA_IDENTIFIER.findall(one("extra") or ""))
    dates = all_of("dates")
    cited_as = _CITATION.match(one("citation") or "")
    if cited_as and not dates:
        dates = [cited_as["year"]]
    pmid = _PMID.search(one("pmid") or extra.get("PMID", ""))
    pmcid = _LAST_DIGITS.search(one("pmcid") or extra.get("PMCID", ""))
    cited = one("cited_by") or ""
    entry = Entry(
        title=one("title"),
        authors=[_AUTHOR_NUMBER.sub("", name) for name in re.split(export.split, one("authors") or "") if name],
        dates=[*dates, " ".join(dates)],  # Web of Science has the year in one column and "AUG 19" in another
        identifiers=[*all_of("identifiers"), *([extra["DOI"]] if "DOI" in extra else [])],
        pmid=pmid[1] if pmid else None,
        pmcid=f"PMC{pmcid[1]}" if pmcid else None,
        openalex=short_id(one("openalex"), "W"),
        type=one("type"),
        venue=one("venue") or (cited_as["venue"] if cited_as else None),
        language=one("language"),
        abstract=one("abstract"),
        accession=one("accession"),
        oa_url=one("oa_url"),
        cited_by=int(cited) if cited.isascii() and cited.isdigit() and len(cited) <= _MOST_DIGITS else None,
        is_retracted={"true": True, "false": False}.get((one("is_retracted") or "").casefold()),
        **{field: next(filter(None, map(cell, columns)), None) for field, columns in _PLACE.items()},
    )
    return entry, database_named(cell(export.database_column)) if export.database_column else None
