"""Tables that may be lists of references or sheets of studies: what their header says. Pure.

A list of references holds candidates, and a row of it must never count as an included study by accident.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.loaders.references.databases import EXPORTS, Export
from kg.loaders.references.tools import TOOLS
from kg.loaders.sheets.columns import FINDINGS, STUDIES, canonical_names
from kg.model.normalise import fold_words

#: Columns that describe a publication and that no reviewer fills while extracting data.
_OF_PUBLICATION = frozenset(
    fold_words(name)
    for name in (
        *("abstract", "abstract note", "summary", "journal", "journal name", "journal/book", "source", "source title"),
        *("publication title", "container title", "venue", "volume", "vol", "issue", "number of pages", "pages"),
        *("start page", "end page", "page start", "page end", "first page", "last page", "issn", "isbn", "eissn"),
        *("publisher", "url", "link", "doi link", "keywords", "author keywords", "index keywords", "mesh", "pmid"),
        *("pubmed id", "pubmed_id", "pmcid", "pmc_id", "accession number", "database", "source database", "language"),
        *("month", "day", "affiliations", "cited by", "citations", "times cited", "published month", "urls"),
        *("file attachments", "booktitle", "primary title", "secondary title", "accession", "place published"),
    )
)
#: The canonical columns of sheets that say what a study found, did or looked at.
_CHARTED = frozenset(
    ("factor", "direction", "outcomes", "pole", "design", "methods", "setting", "population", "sample_size")
)
#: So many columns of publications make a list of references, whatever else stands in it that is not charted.
_MANY, _SOME = 4, 2
#: With so many, even a column that may be charted does not tell: Zotero writes a "Contributor".
_VERY_MANY = 8
#: A list that was screened has at most so many columns; one with more is a form for extraction.
_NARROW = 20


def export_of(header: Iterable[str]) -> Export | None:
    """Return the database or tool that writes such a header, or None.

    >>> found = export_of(["EID", "Title", "Source title"])
    >>> found and found.database
    'Scopus'
    """
    names = {column_name(cell) for cell in header}
    found = next((export for export in (*EXPORTS, *TOOLS) if export.matches(names)), None)
    return None if found in TOOLS and _canonical(names) & _CHARTED else found


def column_name(cell: str) -> str:
    """Return the name of a column as ``EXPORTS`` has it: in lower case and with single spaces."""
    return " ".join(cell.replace("\ufeff", "").split()).casefold()


def may_be_references(header: Iterable[str]) -> bool:
    """Return whether a header is as likely that of a list of references as that of a sheet of studies.

    That is so where it has a title and several columns that describe a publication, or that say how it was screened,
    and none that charts a study.

    >>> may_be_references(["title", "authors", "year", "journal", "abstract"])
    True
    >>> may_be_references(["title", "authors", "year", "journal", "abstract", "design"])
    False
    """
    names = {fold_words(cell) for cell in header if cell}
    canonical = _canonical(names)
    found = len(names & _OF_PUBLICATION)
    if canonical & _CHARTED and found < _VERY_MANY:
        return False
    if len(names) <= _NARROW and _is_screened(names):
        return True
    if not ("title" in canonical or names & _TITLES):
        return False
    others = len(names) - found - len(canonical)
    if found and not others and not canonical & {"key", "label"}:
        return True  # a list of works and nothing else
    return found >= _MANY or (found >= _SOME and 2 * others <= len(names))


def _is_screened(names: Iterable[str]) -> bool:
    """Return whether columns say of titles, or of titles with abstracts, how they were screened."""
    words = [set(name[:_LONGEST].split()) for name in names]
    others = [found for found in words if "title" not in found]
    if len(others) == len(words):
        return False
    is_decided = any("abstract" in found for found in others) and any(found & _DECIDED for found in others)
    return is_decided or any(found & _SCREENED for found in others)


#: The most characters of the name of a column in which words are looked for; a longer name is a question.
_LONGEST = 60
#: Words that only a column about screening has, and words that have that meaning beside a title and an abstract.
_SCREENED = frozenset(("screened", "screener", "screening"))
_DECIDED = frozenset(("decision", "include", "exclude", "included", "excluded", "label", "relevant"))


def _canonical(names: Iterable[str]) -> set[str]:
    """Return the canonical columns of sheets among the names, without those that also describe a publication."""
    known = canonical_names(FINDINGS) | canonical_names(STUDIES)
    return {known[name] for name in map(fold_words, names) if name in known and name not in _OF_PUBLICATION}


_TITLES = frozenset(("title", "titles", "primary title", "document title", "publication title"))
