"""The tables that databases export: how to recognise them, and the meaning of their columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Export:
    """A kind of table that a database exports, recognised by the columns ``marks`` (in lower case, ``|`` means or).

    ``columns`` maps the fields of an entry to the columns that may hold them, separated by ``|``, in order of
    preference. ``split`` is the pattern that separates authors. A platform that exports from several databases has a
    ``database_column``; ``database`` is then the name for rows where that column is not conclusive. ``quoted`` is True
    if cells may be quoted as in CSV, False if quotation marks are part of the cell.
    """

    database: str
    marks: tuple[str, ...]
    columns: Mapping[str, str]
    split: str = r";\s*"
    database_column: str | None = None
    quoted: bool = True

    def matches(self, names: Collection[str]) -> bool:
        """Return whether a table with these columns (in lower case) is such an export."""
        return all(any(name in names for name in mark.split("|")) for mark in self.marks)


EXPORTS = (
    Export(
        "PubMed",
        ("pmid", "citation", "first author"),
        {
            "pmid": "pmid",
            "title": "title",
            "authors": "authors",
            "dates": "publication year",  # not its create date, which is the date of the entry
            "identifiers": "doi",
            "pmcid": "pmcid",
            "venue": "journal/book",
        },
        split=r",\s*|\.$",
    ),
    Export(
        "Scopus",
        ("source title", "eid|art. no.|author(s) id"),
        {
            "title": "title",
            "authors": "author full names|authors",
            "dates": "year",
            "identifiers": "doi|link",
            "pmid": "pubmed id",
            "type": "document type",
            "venue": "source title",
            "language": "language of original document",
            "abstract": "abstract",
            "accession": "eid",
        },
    ),
    Export(
        "Web of Science",
        ("ut (unique wos id)", "article title"),
        {
            "title": "article title",
            "authors": "author full names|authors",
            "dates": "publication year|publication date",
            "identifiers": "doi|doi link",
            "pmid": "pubmed id",
            "type": "document type",
            "venue": "source title",
            "language": "language",
            "abstract": "abstract",
            "accession": "ut (unique wos id)",
        },
    ),
    Export(
        "Web of Science",
        ("ut", "so", "ti"),
        {
            "title": "ti",
            "authors": "af|au",
            "dates": "py|pd",
            "identifiers": "di",
            "pmid": "pm",
            "type": "dt",
            "venue": "so",
            "language": "la",
            "abstract": "ab",
            "accession": "ut",
        },
        quoted=False,
    ),
    Export(
        "EBSCOhost",
        ("article title", "journal title", "accession number"),
        {
            "title": "article title",
            "authors": "author",
            "dates": "publication date",
            "identifiers": "doi",
            "type": "doctype",
            "venue": "journal title",
            "language": "language",
            "abstract": "abstract",
            "accession": "accession number",
        },
        database_column="plink",
    ),
    Export(
        "Ovid",
        ("accession number", "title", "authors", "source"),
        {
            "title": "title",
            "authors": "authors",
            "dates": "year|publication date",
            "identifiers": "doi|url",
            "type": "document type|publication type",
            "venue": "journal|source",
            "language": "language",
            "abstract": "abstract",
            "accession": "accession number",
        },
        split=r";\s*|\s*\|\s*",
        database_column="database",
    ),
    Export(
        "ProQuest",
        ("storeid", "pubtitle"),
        {
            "title": "title",
            "authors": "authors",
            "dates": "year|pubdate",
            "identifiers": "digitalobjectidentifier",
            "type": "documenttype",
            "venue": "pubtitle",
            "language": "language",
            "abstract": "abstract",
            "accession": "accessionnumber|storeid",
        },
        database_column="database",
    ),
    Export(
        "Cochrane Library",
        ("central id", "author(s)", "title"),
        {
            "title": "title",
            "authors": "author(s)",
            "dates": "year",
            "identifiers": "doi",
            "pmid": "pubmed id",
            "type": "publication type",
            "venue": "source",
            "abstract": "abstract",
            "accession": "central id",
        },
    ),
    Export(
        "Embase",
        ("title", "author names", "source title|embase link|embase accession id|medline pmid|pui"),
        {
            "title": "title",
            "authors": "author names",
            "dates": "publication year",
            "identifiers": "doi",
            "pmid": "medline pmid",
            "type": "publication type",
            "venue": "source title|source",
            "language": "article language|language of article",
            "abstract": "abstract",
            "accession": "embase accession id|pui",
        },
        split=r",\s*",
    ),
    Export(
        "The Lens",
        ("lens id", "title"),
        {
            "title": "title",
            "authors": "author/s",
            "dates": "date published|publication year",
            "identifiers": "doi",
            "pmid": "pmid",
            "pmcid": "pmcid",
            "type": "publication type",
            "venue": "source title",
            "abstract": "abstract",
            "accession": "lens id",
        },
    ),
    Export(
        "Zotero",
        ("item type", "publication title", "abstract note|library catalog|key"),
        {
            "title": "title",
            "authors": "author",
            "dates": "date|publication year",
            "identifiers": "doi|url",
            "type": "item type",
            "venue": "publication title",
            "language": "language",
            "abstract": "abstract note",
            "extra": "extra",
        },
    ),
    Export(
        "OpenAlex",
        ("id", "publication_year"),
        {
            "openalex": "id",
            "title": "title|display_name",
            "authors": "authorships.author.display_name|authors",
            "dates": "publication_date|publication_year",
            "identifiers": "doi",
            "pmid": "ids.pmid",
            "pmcid": "ids.pmcid",
            "type": "type",
            "venue": "primary_location.source.display_name|primary_location_display_name",
            "language": "language",
            "abstract": "abstract",
            "oa_url": "open_access.oa_url|best_oa_location.landing_page_url",
            "cited_by": "cited_by_count",
            "is_retracted": "is_retracted",
        },
        split=r"\s*\|\s*",
    ),
    Export(
        "OpenAlex",
        ("id", "title", "author", "citation count"),
        {
            "openalex": "id",
            "title": "title",
            "authors": "author",
            "dates": "year",
            "identifiers": "doi",
            "type": "type",
            "venue": "source",
            "abstract": "abstract",
            "cited_by": "citation count",
        },
        split=r"\s*\|\s*",
    ),
)
