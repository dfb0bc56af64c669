"""CSV and TSV exports of databases -> records. The header identifies the database.

Exports are not read by ``kg.loaders.tables``, which is for sheets: their cells may hold reference lists that are longer
than a spreadsheet allows, lines with the search may precede the header, and quotation marks may be part of cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from kg.loaders.openalex.works import short_id
from kg.loaders.references.databases import EXPORTS, Export
from kg.loaders.references.entries import Entry, database_named, record_of_entry
from kg.loaders.tables.read import QUOTATION
from kg.loaders.tables.separators import lines_of
from kg.model.records import Record
from kg.problems import Problem, shorten

_AUTHOR_NUMBER = re.compile(r"(?<!\s)\s*\(\d+\)$")  # Scopus appends its number of the author to the name
_LAST_DIGITS = re.compile(r"(\d+)$")
_FORMULA = re.compile(r'="(.*)"')  # EBSCO writes ="…" so that spreadsheets do not convert the cell
_EXTRA_IDENTIFIER = re.compile(r"(?m)^(DOI|PMID|PMCID): *(\S+)")  # Zotero, for types without such a field
#: The number of lines in which the header is searched.
_HEADER_LINES = 12
#: The most characters of a cell; one with the references of a review may have more than 100,000.
_MAX_CELL = 1 << 24


def read_export(text: str, name: str) -> Iterator[Record | Problem]:
    """Yield the record of every row of an export, or a problem; rows are counted as in a spreadsheet."""
    if not text.strip():
        yield Problem(name, "the file is empty", accepted="an export with a header and at least one row under it")
        return
    found = _find_header(text)
    if found is None:
        known = "; ".join(f"{export.database} ({', '.join(export.marks)}, …)" for export in EXPORTS)
        reason = "no database that is known writes such a header"
        first = shorten(next(line for line in text.split("\n") if line.strip()))
        yield Problem(name, reason, row=1, value=first, accepted=known)
        return
    export, delimiter, header_row, header = found
    rows, broken = _rows(text, delimiter, quoted=export.quoted)
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


def is_export(text: str) -> bool:
    """Return whether a table is the export of a known database."""
    return _find_header(text) is not None


def _find_header(text: str) -> tuple[Export, str, int, list[str]] | None:
    """Return the kind of export, the separator, the row of the header, and its column names in lower case."""
    start = "\n".join(text[: 1 << 17].split("\n", _HEADER_LINES)[:_HEADER_LINES])
    for delimiter in ("\t", ",", ";"):
        rows = csv.reader(io.StringIO(start), delimiter=delimiter)
        for number, cells in enumerate(rows, start=1):
            names = [" ".join(cell.split()).casefold() for cell in cells]
            export = next((export for export in EXPORTS if set(export.marks) <= set(names)), None)
            if export:
                return export, delimiter, number, names
    return None


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
        return cells[index].strip() if index < len(cells) else ""

    def all_of(field: str) -> list[str]:
        return [text for column in export.columns.get(field, "").split("|") if (text := cell(column))]

    def one(field: str) -> str | None:
        return next(iter(all_of(field)), None)

    extra = dict(_EXTRA_IDENTIFIER.findall(one("extra") or ""))
    dates = all_of("dates")
    pmid = _LAST_DIGITS.search(one("pmid") or extra.get("PMID", ""))
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
        venue=one("venue"),
        language=one("language"),
        abstract=one("abstract"),
        accession=one("accession"),
        oa_url=one("oa_url"),
        cited_by=int(cited) if cited.isdigit() else None,
        is_retracted={"true": True, "false": False}.get((one("is_retracted") or "").casefold()),
    )
    return entry, database_named(cell(export.database_column)) if export.database_column else None
