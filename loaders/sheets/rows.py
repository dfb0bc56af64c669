"""Extraction sheets -> studies and findings. Pure: what cannot be accepted becomes a problem; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from kg.loaders.sheets.cells import MOST_SUGGESTIONS, RowReader, Terms, looks_like_date, turned_into_date
from kg.loaders.sheets.columns import FINDINGS, STUDIES, SheetSpec, find_columns
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import expand_numbers, finding_id, normalise_doi, slug, study_id
from kg.model.records import Finding, Study
from kg.model.vocabulary import DIRECTIONS
from kg.problems import nearest

_OPENALEX = re.compile(r"(?:https?://openalex\.org/)?(W\d+)", re.IGNORECASE)


class StudyIndex:
    """Finds the study that a cell names: by key, article number, DOI in any spelling, or identifier."""

    def __init__(
        self, studies: Iterable[Study], rejected: Mapping[str, str] | None = None, *, complete: bool = True
    ) -> None:
        self.studies = {study.id: study for study in studies}
        #: Names of studies whose own row was rejected -> where that row is.
        self.rejected = rejected or {}
        #: Whether all sheets could be read; if not, an unknown study may stand in one of the others.
        self.complete = complete
        #: What a cell may call a study, case aside -> its id.
        self.named: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._suggested: dict[str, str] = {}
        for study in self.studies.values():
            for name in (study.id, study.key, study.label, study.doi):
                if name:
                    self.named.setdefault(name.casefold(), study.id)
                    self._written.setdefault(name.casefold(), name)

    def find(self, text: str) -> str | None:
        """Return the Study.id that ``text`` names, or None."""
        found = self.named.get(text.casefold())
        if found is None:
            doi = normalise_doi(text)
            found = self.named.get(doi) if doi else None
        return found

    def find_all(self, text: str) -> list[str] | str:
        """Return the ids of all studies that a cell names, or the first part that names none.

        ``brady-2022``, ``brady-2022; felton-2023`` and, by article number, ``1,3–11`` are understood. What is there is
        taken as it is written before it is taken apart: an article may be called ``01`` or ``3-4``.
        """
        whole = self.find(text)
        if whole:
            return [whole]
        found: list[str] = []
        for part in map(str.strip, re.split(r"[;\n|]", text)):
            studies = self._listed(part) if part else []
            if isinstance(studies, str):
                return studies
            found += studies
        return found

    def _listed(self, text: str) -> list[str] | str:
        """Return the ids of studies with commas between them, or the first part that names none.

        Names may hold commas as well: where no part is known, ``text`` is one name.
        """
        study = self.find(text)
        if study:
            return [study]
        parts = [part for part in map(str.strip, text.split(",")) if part]
        if expand_numbers(text) is None and not any(self.find(p) or p.casefold() in self.rejected for p in parts):
            return text
        found = []
        for part in parts:
            names = [(part,)] if self.find(part) else _numbered(part)
            for name, *others in names:
                study = next(filter(None, map(self.find, (name, *others))), None)
                if study is None:
                    return name
                found.append(study)
        return found

    def suggest(self, text: str) -> str:
        """Return the names that come near ``text``; of numbers, none does."""
        if text.isdigit():
            return ""
        if text not in self._suggested and len(self._suggested) < MOST_SUGGESTIONS:
            self._suggested[text] = " or ".join(repr(self._written[n]) for n in nearest(text, self._written))
        return self._suggested.get(text, "")


def _numbered(text: str) -> list[tuple[str, ...]]:
    """Return the numbers of a range, each with as many zeros as the first and without; of other text, the text."""
    first = text[: len(text) - len(text.lstrip("0123456789"))]
    width = len(first) if first.startswith("0") else 0
    return [(str(n).zfill(width), str(n)) for n in expand_numbers(text) or ()] or [(text,)]


def read_studies(
    table: RawTable, spec: SheetSpec | None, outcomes: Terms, rejected: dict[str, str] | None = None
) -> list[tuple[int, Study]]:
    """Return the studies of a sheet, each with its row number; problems go to ``table.problems``.

    ``rejected`` collects the names of the studies whose rows were rejected, and where those are.
    """
    places = find_columns(table, STUDIES, spec)
    cells = RowReader(table, places, spec)
    this_year = date.today().year
    studies: list[tuple[int, Study]] = []
    lost = {} if rejected is None else rejected
    where = table.file + (f" [{table.sheet}]" if table.sheet else "") + ", row "
    for number, row in table.unfit:
        at = [places[name] for name in ("key", "label", "doi") if name in places]
        lost.update({str(row[p]).casefold(): f"{where}{number}" for p in at if p < len(row) and row[p]})
    for number, row in table.rows:
        cells.start(number, row)
        doi_text = cells.text("doi")
        doi = normalise_doi(doi_text) if doi_text else None
        if doi_text and doi is None:
            cells.fail("doi", doi_text, "is not a DOI", accepted="10.…/…, with or without https://doi.org/, or blank")
        openalex_text = cells.text("openalex")
        openalex = _OPENALEX.fullmatch(openalex_text)
        if openalex_text and openalex is None:
            cells.fail("openalex", openalex_text, "is not an OpenAlex work", accepted="W followed by digits, or blank")
        own_key, label = cells.text("key"), cells.text("label")
        authors, title = cells.text("authors"), cells.text("title")
        year = cells.number_of("year", 1500, this_year + 2)
        key = own_key or label or doi or slug(f"{authors.split(',')[0]} {year or ''} {title}")[:60]
        if not (own_key or label or doi or title or cells.rejected):
            cells.fail("key", "", "the row names no study", accepted="a key, an article number, a DOI or a title")
        tied = [_term(cells, outcomes, "outcomes", text) for text in cells.several("outcomes")]
        study = Study(
            id=study_id(doi, openalex[1].upper() if openalex else None, key),
            key=key,
            label=label or None,
            reference=cells.text("reference") or None,
            doi=doi,
            authors=authors or None,
            year=year,
            title=title or None,
            publication_type=cells.text("publication_type") or None,
            methods=cells.choice("methods"),
            design=_once(cells.several("design")),
            setting=_once(cells.several("setting")),
            population=_once(cells.several("population")),
            country=cells.text("country") or None,
            sample_size=cells.number_of("sample_size", 0, 10**9),
            outcomes=tuple(dict.fromkeys(o for o in tied if o)),
            basis=cells.text("basis") or None,
        )
        if not cells.rejected:
            studies.append((number, study))
        else:
            names = (study.id, study.key, study.label, study.doi)
            lost.update({name.casefold(): f"{where}{number}" for name in names if name})
    return studies


def _once(values: Iterable[str]) -> tuple[str, ...]:
    """Return values, each once, as it is first written; they are the same where they differ in case and spaces only."""
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(" ".join(value.casefold().split()), value)
    return tuple(first.values())


def read_findings(
    table: RawTable, spec: SheetSpec | None, studies: StudyIndex, factors: Terms, outcomes: Terms
) -> list[Finding]:
    """Return the findings of a sheet, long or condensed: a cell may name several studies, factors or outcomes.

    Problems go to ``table.problems``. Texts that recur are resolved once.
    """
    places = find_columns(table, FINDINGS, spec)
    if any(name not in places for name in FINDINGS.required):
        return []
    cells = RowReader(table, places, spec)
    read_study = cells.once("study", lambda: _studies(cells, studies, cells.text("study")))
    read_factors = cells.once("factor", lambda: _terms(cells, factors, "factor"))
    read_outcomes = cells.once("outcomes", lambda: _terms(cells, outcomes, "outcomes"))
    read_direction = cells.once("direction", lambda: cells.choice("direction"))
    read_tabulated = cells.once("tabulated", lambda: cells.flag("tabulated", blank=True))
    read_associated = cells.once("associated", lambda: cells.flag("associated", blank=False))
    read_approach = cells.once("approach", lambda: cells.choice("approach"))
    read_certainty = cells.once("certainty", lambda: cells.choice("certainty"))
    findings: list[Finding] = []
    for number, row in table.rows:
        cells.start(number, row)
        found, factor_ids, outcome_ids, direction = read_study(), read_factors(), read_outcomes(), read_direction()
        if not factor_ids and cells.is_blank("factor"):
            cells.fail("factor", "", "the cell is blank", accepted="" if factors.open else factors.examples())
        if not direction and cells.is_blank("direction"):
            cells.fail("direction", "", "the cell is blank", accepted=", ".join(DIRECTIONS))
        tabulated, associated = read_tabulated(), read_associated()
        if tabulated and associated:
            cells.fail(
                "associated",
                "yes",
                "the review's table counts this row already",
                accepted="yes only where tabulated says no",
            )
        locator, note, coder = cells.text("locator"), cells.text("note"), cells.text("coder")
        if "-" in locator and turned_into_date(locator):
            cells.fail("locator", locator, "looks like pages that a spreadsheet turned into a date", accepted=_AS_TEXT)
        approach, certainty = read_approach(), read_certainty()
        if cells.rejected or not direction:
            continue
        for study in found:
            for factor in factor_ids:
                findings.append(
                    Finding(
                        finding_id(study, factor, direction, outcome_ids, locator),
                        study,
                        factor,
                        direction,
                        outcome_ids,
                        tabulated,
                        associated,
                        locator or None,
                        note or None,
                        approach,
                        certainty,
                        coder or None,
                        table.file,
                        number,
                    )
                )
    return findings


_STUDY = "a key, article number or DOI of the studies sheet; several with ; between them"
_AS_TEXT = "text such as 3-4, typed into a cell formatted as Text"


def _studies(cells: RowReader, studies: StudyIndex, text: str) -> list[str]:
    if not text:
        if cells.is_blank("study"):
            cells.fail("study", "", "the cell is blank", accepted=_STUDY)
        return []
    found = studies.find_all(text)
    if isinstance(found, list):
        return found
    if looks_like_date(text) or looks_like_date(found):
        cells.fail("study", text, "looks like article numbers that a spreadsheet turned into a date", accepted=_AS_TEXT)
        return []
    doi = normalise_doi(found)
    elsewhere = studies.rejected.get(found.casefold()) or (studies.rejected.get(doi) if doi else None)
    if elsewhere or not studies.complete:
        cells.follow(
            "study",
            found,
            f"the row of this study was rejected ({elsewhere})"
            if elsewhere
            else "no sheet that could be read defines this study",
        )
        return []
    cells.fail(
        "study",
        found,
        "no sheet defines this study" + (f" (of {text!r})" if found != text else ""),
        suggestion=studies.suggest(found),
        accepted=_STUDY if studies.studies else "a studies sheet in sheets/ with a row for each study",
    )
    return []


def _split(cells: RowReader, terms: Terms, column: str) -> tuple[str, ...]:
    """Return the terms of a cell; a label that holds a ``;`` or, in condensed sheets, commas is tried whole first."""
    text = cells.text(column)
    if not text:
        return ()
    if ";" not in text and "\n" not in text and "|" not in text:
        if "," in text and not terms.open and terms.find(text) is None:
            parts = [part.strip() for part in text.split(",")]
            if all(terms.find(part) for part in parts if part):
                return tuple(part for part in parts if part)
        return (text,)
    return (text,) if not terms.open and terms.find(text) else cells.several(column)


def _terms(cells: RowReader, terms: Terms, column: str) -> tuple[str, ...]:
    """Return the ids of the terms of a cell, each once; those that name none are rejected."""
    found = [_term(cells, terms, column, text) for text in _split(cells, terms, column)]
    return tuple(dict.fromkeys(id_ for id_ in found if id_))


def _term(cells: RowReader, terms: Terms, column: str, text: str) -> str | None:
    found = terms.find(text)
    if found is None:
        cells.fail(
            column,
            text,
            f"no {terms.kind} of the vocabulary is called this",
            suggestion=terms.suggest(text),
            accepted=terms.examples(),
        )
    return found
