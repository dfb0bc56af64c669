"""Studies sheets -> studies, and the index by which other sheets refer to them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from kg.loaders.sheets.cells import RowReader, split_list
from kg.loaders.sheets.columns import STUDIES, SheetSpec, find_columns
from kg.loaders.sheets.facets import FacetColumns, Facets
from kg.loaders.sheets.suggestions import Suggester
from kg.loaders.sheets.terms import Terms, find_term
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import expand_numbers, normalise_doi, slug, study_id
from kg.model.records import Study

_OPENALEX = re.compile(r"(?:https?://openalex\.org/)?(W\d+)", re.IGNORECASE)


class StudyIndex:
    """Finds studies by what a cell may call them: key, article number, DOI in any spelling, or id.

    ``rejected`` maps the names of studies whose own row was rejected to the location of that row. ``complete`` is False
    if some sheet could not be read, in which case an unknown study may be defined there.
    """

    def __init__(
        self, studies: Iterable[Study], rejected: Mapping[str, str] | None = None, *, complete: bool = True
    ) -> None:
        self.studies = {study.id: study for study in studies}
        self.rejected = rejected or {}
        self.complete = complete
        self._id_of: dict[str, str] = {}  # keys are case-folded
        self._spelling: dict[str, str] = {}  # case-folded name -> the name as written
        self._suggester = Suggester()
        for study in self.studies.values():
            for name in names_of(study):
                self._id_of.setdefault(name.casefold(), study.id)
                self._spelling.setdefault(name.casefold(), name)

    def find(self, text: str) -> str | None:
        """Return the Study.id of the study called ``text``, or None."""
        found = self._id_of.get(text.casefold())
        if found is None:
            doi = normalise_doi(text)
            found = self._id_of.get(doi) if doi else None
        return found

    def find_all(self, text: str) -> list[str] | str:
        """Return the ids of all studies in a cell, or the first part that is not the name of a study.

        Accepts ``brady-2022``, ``brady-2022; felton-2023`` and, for article numbers, ``1,3–11``. A text that is a name
        as a whole is not split: an article may be called ``01`` or ``3-4``.
        """
        whole = self.find(text)
        if whole:
            return [whole]
        found: list[str] = []
        for part in split_list(text):
            studies = self._find_listed(part)
            if isinstance(studies, str):
                return studies
            found += studies
        return found

    def _find_listed(self, text: str) -> list[str] | str:
        """Return the ids of studies separated by commas, or the first part that is not the name of a study.

        A name may contain commas: if no part of ``text`` is known, all of it is one name.
        """
        study = self.find(text)
        if study:
            return [study]
        parts = [part for part in map(str.strip, text.split(",")) if part]
        if expand_numbers(text) is None and not any(self.find(p) or p.casefold() in self.rejected for p in parts):
            return text
        found = []
        for part in parts:
            names = [(part,)] if self.find(part) else _expand_range(part)
            for name, *others in names:
                study = next(filter(None, map(self.find, (name, *others))), None)
                if study is None:
                    return name
                found.append(study)
        return found

    def suggest(self, text: str) -> str:
        """Return the names that are similar to ``text``; there are none for a number."""
        if text.isdigit():
            return ""
        return " or ".join(repr(self._spelling[n]) for n in self._suggester.similar(text, self._spelling))


def names_of(study: Study) -> list[str]:
    """Return everything that a cell may call a study."""
    return [name for name in (study.id, study.key, study.label, study.doi) if name]


def _expand_range(text: str) -> list[tuple[str, ...]]:
    """Return the numbers of a range, each first with the leading zeros of its start and then without them.

    Text that is not a range comes back as it is.

    >>> _expand_range("08-09"), _expand_range("smith")
    ([('08', '8'), ('09', '9')], [('smith',)])
    """
    first = text[: len(text) - len(text.lstrip("0123456789"))]
    width = len(first) if first.startswith("0") else 0
    return [(str(n).zfill(width), str(n)) for n in expand_numbers(text) or ()] or [(text,)]


def read_studies(
    table: RawTable, spec: SheetSpec | None, outcomes: Terms, facets: Facets, rejected: dict[str, str] | None = None
) -> list[tuple[int, Study]]:
    """Return the studies of a sheet, each with its row number; problems go to ``table.problems``.

    The names of studies whose rows were rejected are added to ``rejected``, with the location of the row.
    """
    columns = find_columns(table, STUDIES, spec)
    cells = RowReader(table, columns, spec)
    coder = FacetColumns(cells, facets, "study")
    latest_year = date.today().year + 2
    studies: list[tuple[int, Study]] = []
    lost = {} if rejected is None else rejected
    for number, row in table.malformed:
        indexes = [columns[name] for name in ("key", "label", "doi") if name in columns]
        lost.update({str(row[i]).casefold(): table.location(number) for i in indexes if i < len(row) and row[i]})
    for number, row in table.rows:
        cells.start(number, row)
        study = _read_study(cells, outcomes, coder, latest_year)
        if not cells.rejected:
            studies.append((number, study))
        else:
            lost.update({name.casefold(): table.location(number) for name in names_of(study)})
    return studies


def _read_study(cells: RowReader, outcomes: Terms, coder: FacetColumns, latest_year: int) -> Study:
    """Return the study of the current row; it is incomplete if the row was rejected."""
    doi = _read_doi(cells)
    openalex = _read_openalex(cells)
    own_key, label = cells.text("key"), cells.text("label")
    authors, title = cells.text("authors"), cells.text("title")
    year = cells.number_of("year", 1500, latest_year)
    key = own_key or label or doi or slug(f"{authors.split(',')[0]} {year or ''} {title}")[:60]
    if not (own_key or label or doi or title or cells.rejected):
        cells.fail("key", "", "the row names no study", accepted="a key, an article number, a DOI or a title")
    discussed = [find_term(cells, outcomes, "outcomes", text) for text in cells.several("outcomes")]
    cells.number_of("sample_size", 0, 10**9)
    cells.choice("methods")
    facets, not_coded = coder.read()
    return Study(
        id=study_id(doi, openalex, key),
        key=key,
        label=label or None,
        reference=cells.text("reference") or None,
        doi=doi,
        authors=authors or None,
        year=year,
        title=title or None,
        outcomes=tuple(dict.fromkeys(outcome for outcome in discussed if outcome)),
        basis=cells.text("basis") or None,
        reports=cells.several("report"),
        facets=facets,
        not_coded=not_coded,
    )


def _read_doi(cells: RowReader) -> str | None:
    text = cells.text("doi")
    doi = normalise_doi(text) if text else None
    if text and doi is None:
        cells.fail("doi", text, "is not a DOI", accepted="10.…/…, with or without https://doi.org/, or blank")
    return doi


def _read_openalex(cells: RowReader) -> str | None:
    text = cells.text("openalex")
    found = _OPENALEX.fullmatch(text)
    if text and found is None:
        cells.fail("openalex", text, "is not an OpenAlex work", accepted="W followed by digits, or blank")
    return found[1].upper() if found else None
