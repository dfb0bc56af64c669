"""CSV and TSV exports of databases -> records: which database a header is of, and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.loaders.entries import Entry, record_of_entry
from kg.loaders.rawtable import Cell, RawTable
from kg.loaders.works import short_id
from kg.model import Record
from kg.problems import Problem


@dataclass(frozen=True)
class Export:
    """A database's table: ``marks`` are columns that tell it from others, ``columns`` says what is where.

    Of several columns for one field the first that is filled counts; ``split`` parts the authors.
    """

    database: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    split: str


EXPORTS = (
    Export(
        "PubMed",
        ("pmid", "citation", "first author"),
        {
            "pmid": ("pmid",),
            "title": ("title",),
            "authors": ("authors",),
            "dates": ("publication year", "create date"),
            "identifiers": ("doi",),
            "pmcid": ("pmcid",),
            "venue": ("journal/book",),
        },
        r",\s*",
    ),
    Export(
        "Scopus",
        ("eid", "source title"),
        {
            "title": ("title",),
            "authors": ("author full names", "authors"),
            "dates": ("year",),
            "identifiers": ("doi", "link"),
            "pmid": ("pubmed id",),
            "type": ("document type",),
            "venue": ("source title",),
            "language": ("language of original document",),
            "abstract": ("abstract",),
            "accession": ("eid",),
        },
        r";\s*",
    ),
    Export(
        "Web of Science",
        ("ut (unique wos id)", "article title"),
        {
            "title": ("article title",),
            "authors": ("author full names", "authors"),
            "dates": ("publication year",),
            "identifiers": ("doi", "doi link"),
            "pmid": ("pubmed id",),
            "type": ("document type",),
            "venue": ("source title",),
            "language": ("language",),
            "abstract": ("abstract",),
            "accession": ("ut (unique wos id)",),
        },
        r";\s*",
    ),
    Export(
        "Web of Science",
        ("ut", "so", "ti"),
        {
            "title": ("ti",),
            "authors": ("af", "au"),
            "dates": ("py",),
            "identifiers": ("di",),
            "pmid": ("pm",),
            "type": ("dt",),
            "venue": ("so",),
            "language": ("la",),
            "abstract": ("ab",),
            "accession": ("ut",),
        },
        r";\s*",
    ),
    Export(
        "PsycINFO",
        ("accession number", "article title"),
        {
            "title": ("article title",),
            "authors": ("author",),
            "dates": ("publication date",),
            "identifiers": ("doi",),
            "type": ("doctype",),
            "venue": ("journal title",),
            "language": ("language",),
            "abstract": ("abstract",),
            "accession": ("accession number",),
        },
        r";\s*",
    ),
    Export(
        "PsycINFO",
        ("accession number", "title", "authors", "source"),
        {
            "title": ("title",),
            "authors": ("authors",),
            "dates": ("year", "publication date"),
            "identifiers": ("doi", "url"),
            "type": ("document type", "publication type"),
            "venue": ("journal", "source"),
            "language": ("language",),
            "abstract": ("abstract",),
            "accession": ("accession number",),
        },
        r";\s*|\|",
    ),
    Export(
        "ProQuest",
        ("storeid", "pubtitle"),
        {
            "title": ("title",),
            "authors": ("authors",),
            "dates": ("year", "pubdate"),
            "identifiers": ("digitalobjectidentifier",),
            "type": ("documenttype",),
            "venue": ("pubtitle",),
            "language": ("language",),
            "abstract": ("abstract",),
            "accession": ("accessionnumber", "storeid"),
        },
        r";\s*",
    ),
    Export(
        "Zotero",
        ("key", "item type", "publication title"),
        {
            "title": ("title",),
            "authors": ("author",),
            "dates": ("date", "publication year"),
            "identifiers": ("doi", "url", "extra"),
            "type": ("item type",),
            "venue": ("publication title",),
            "language": ("language",),
            "abstract": ("abstract note",),
        },
        r";\s*",
    ),
    Export(
        "OpenAlex",
        ("id", "publication_year"),
        {
            "title": ("title", "display_name"),
            "authors": ("authorships.author.display_name", "authors"),
            "dates": ("publication_date", "publication_year"),
            "identifiers": ("doi",),
            "pmid": ("ids.pmid",),
            "pmcid": ("ids.pmcid",),
            "type": ("type",),
            "venue": ("primary_location.source.display_name", "primary_location_display_name"),
            "language": ("language",),
            "abstract": ("abstract",),
            "oa_url": ("open_access.oa_url", "best_oa_location.landing_page_url"),
        },
        r"\s*\|\s*",
    ),
)

_IN_BRACKETS = re.compile(r"\s*\(\d+\)$")  # Scopus puts its number of an author behind the name
_DIGITS = re.compile(r"(\d+)$")


def export_of(header: list[str]) -> Export | None:
    """Return the database whose export has this header; None where none has."""
    names = {name.casefold().strip() for name in header}
    return next((export for export in EXPORTS if names >= set(export.marks)), None)


def read_export(table: RawTable) -> Iterator[Record | Problem]:
    """Yield the record of every row of a database's table, or what is wrong with it."""
    yield from table.broken
    if table.broken:
        return
    yield from table.problems
    export = export_of(table.header)
    if export is None:
        known = "; ".join(f"{export.database} ({', '.join(export.marks)}, …)" for export in EXPORTS)
        reason = "no database that is known writes such a header"
        yield Problem(table.file, reason, row=table.header_row, value=", ".join(table.header), accepted=known)
        return
    places = {name.casefold().strip(): place for place, name in reversed(list(enumerate(table.header)))}
    for number, cells in table.rows:
        record = record_of_entry(_entry(export, places, cells), export.database, table.file, number)
        yield record or Problem(
            table.file, "the row has no title, DOI or PMID to be known by", row=number, accepted="a row with a title"
        )


def _entry(export: Export, places: Mapping[str, int], cells: list[Cell]) -> Entry:
    def all_of(field: str) -> list[str]:
        columns = [places[name] for name in export.columns.get(field, ()) if name in places]
        return [text for at in columns if at < len(cells) and (text := str(cells[at] or "").strip())]

    def one(field: str) -> str | None:
        return next(iter(all_of(field)), None)

    def cell(name: str) -> str:
        at = places.get(name, len(cells))
        return str(cells[at] or "").strip() if at < len(cells) else ""

    retracted = cell("is_retracted").casefold()
    cited = cell("cited_by_count")
    pmid = _DIGITS.search(one("pmid") or "")
    return Entry(
        title=one("title"),
        authors=[_IN_BRACKETS.sub("", name) for name in re.split(export.split, one("authors") or "") if name],
        dates=all_of("dates"),
        identifiers=all_of("identifiers"),
        pmid=pmid[1] if pmid else None,
        pmcid=(one("pmcid") or "").rpartition("/")[2] or None,
        openalex=short_id(cell("id"), "W") if export.database == "OpenAlex" else None,
        type=one("type"),
        venue=one("venue"),
        language=one("language"),
        abstract=one("abstract"),
        accession=one("accession"),
        oa_url=one("oa_url"),
        cited_by=int(cited) if cited.isdigit() else None,
        is_retracted={"true": True, "false": False}.get(retracted) if retracted else None,
    )
