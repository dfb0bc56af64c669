"""Studies sheets -> studies, and the index by which other sheets refer to them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.facets import Facets, split_review
from kg.loaders.sheets.filled import find_below
from kg.loaders.sheets.identifiers import read_doi, read_openalex
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.suggestions import Suggester
from kg.loaders.sheets.terms import Terms, find_term
from kg.loaders.sheets.unfold import FacetColumns, MarkReader
from kg.loaders.sheets.words import is_status, split_list
from kg.loaders.tables.rawtable import Cell, RawTable, display_text
from kg.model.fields import REVIEW, STUDY_FACETS
from kg.model.ids import expand_numbers, normalise_doi, slug, study_id
from kg.model.normalise import fold_term
from kg.model.records import Study

_AUTHOR_YEAR = re.compile(r"(.+?)[\s,;(\[]*((?:19|20)\d\d)[a-z]?[)\].]*")


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
    in_reviews = (f"{review}:{label}" for review, label in study.labels.items())
    return [name for name in (study.id, study.key, study.label, study.doi, *in_reviews) if name]


def _expand_range(text: str) -> list[tuple[str, ...]]:
    """Return the numbers of a range, each first with the leading zeros of its start and then without them.

    Text that is not a range comes back as it is.

    >>> _expand_range("08-09"), _expand_range("smith")
    ([('08', '8'), ('09', '9')], [('smith',)])
    """
    first = text[: len(text) - len(text.lstrip("0123456789"))]
    width = len(first) if first.startswith("0") else 0
    return [(str(n).zfill(width), str(n)) for n in expand_numbers(text) or ()] or [(text,)]


@dataclass
class StudyRows:
    """The studies of a sheet with the number of their first row, and row number -> the key of the study in it."""

    studies: list[tuple[int, Study]] = field(default_factory=list)
    of_row: dict[int, str] = field(default_factory=dict)


def read_studies(
    table: RawTable, reading: Reading, outcomes: Terms, facets: Facets, rejected: dict[str, str] | None = None
) -> StudyRows:
    """Return the studies of a sheet; problems go to ``table.problems``.

    The names of studies whose rows were rejected are added to ``rejected``, with the location of the row.
    """
    columns = reading.fields("study")
    reader = _StudyReader(RowReader(table, columns, reading.spec), reading, outcomes, facets)
    found = StudyRows()
    lost = {} if rejected is None else rejected
    for number, row in table.malformed:
        indexes = [columns[name] for name in ("key", "label", "doi") if name in columns]
        lost.update({str(row[i]).casefold(): table.location(number) for i in indexes if i < len(row) and row[i]})
    first: dict[str, tuple[int, list[Cell]]] = {}
    repeats = reading.kind == "studies and findings" or reading.repeats
    position: dict[str, int] = {}
    for number, row in table.rows:
        reader.cells.start(number, row)
        study = reader.read()
        key = study.key.casefold()
        if repeats and key and key in first and not reader.cells.rejected:
            reader.compare(*first[key])
        if reader.cells.rejected:
            lost.update({name.casefold(): table.location(number) for name in names_of(study)})
            continue
        found.of_row[number] = study.key
        if not repeats or key not in first:
            first[key], position[key] = (number, row), len(found.studies)
            found.studies.append((number, study))
        elif reading.repeats:
            at, other = found.studies[position[key]]
            found.studies[position[key]] = at, _with_values(other, study)
    return found


def _with_values(study: Study, other: Study) -> Study:
    """Return a study with the values of another row of it as well."""
    names = dict.fromkeys((*study.facets, *other.facets))
    facets = {n: tuple(dict.fromkeys((*study.facets.get(n, ()), *other.facets.get(n, ())))) for n in names}
    statuses = {name: s for name, s in {**other.not_coded, **study.not_coded}.items() if name not in facets}
    outcomes = tuple(dict.fromkeys((*study.outcomes, *other.outcomes)))
    return replace(study, facets=facets, not_coded=statuses, outcomes=outcomes)


class _StudyReader:
    """Reads the study of the current row."""

    def __init__(self, cells: RowReader, reading: Reading, outcomes: Terms, facets: Facets) -> None:
        self.cells, self._reading, self._outcomes = cells, reading, outcomes
        self._coder = FacetColumns(cells, reading, facets, "study")
        groups = reading.groups_of("outcome") if reading.has_studies else []
        self._marked = [MarkReader(cells, reading, number, outcomes) for number in groups]
        self._numbered = [columns["outcomes"] for columns in reading.numbered().values() if "outcomes" in columns]
        if reading.kind != "studies":
            self._numbered = []
        naming = {*reading.key, *(i for name, i in cells.columns.items() if name in ("key", "label", "doi", "title"))}
        self._below = find_below(cells.table, sorted(naming), {*cells.columns.values(), *reading.key})
        of_reviews = facets.by_id.get(REVIEW)
        #: The ids of the reviews, the folder's own first, if there are several.
        self._reviews = tuple(of_reviews.terms.concepts) if of_reviews and of_reviews.closed else ()
        self._latest = date.today().year + 2
        self._years = None
        if "author_year" in cells.columns and "year" not in cells.columns:
            self._years = facets.of_column("year", "study", "year")

    def read(self) -> Study:
        """Return the study of the current row; it is incomplete if the row was rejected."""
        cells = self.cells
        doi, openalex = read_doi(cells), read_openalex(cells)
        label, title = cells.text("label"), cells.text("title")
        authors, year = cells.text("authors"), cells.number_of("year", 1500, self._latest)
        if both := cells.text("author_year"):
            name, published = split_author_year(both)
            authors, year = authors or name, year or published
        own_key = self._key()
        key = own_key or label or doi or slug(f"{authors.split(',')[0]} {year or ''} {title}")[:60]
        if not (own_key or label or doi or title or cells.rejected):
            self._fail_without_name()
        if self._coder.kinds.get("sample_size", "number") in ("number", "year"):  # one property, of whole numbers
            cells.number_of("sample_size", 0, 10**9)
        if self._coder.kinds.get("methods") == "category":
            cells.choice("methods")
        outcomes = self._read_outcomes()
        facets, not_coded = self._coder.read()
        labels: dict[str, str] = {}
        if self._reviews:
            not_coded.pop(REVIEW, None)
            first, *others = facets.setdefault(REVIEW, self._reviews[:1])
            labels = self._labels()
            if label and not others and first not in (self._reviews[0], *labels):
                label, labels = "", {first: label}  # a sheet of another review has its labels
        if self._years and year and not cells.rejected and (code := self._years.code(str(year))):
            facets[self._years.id] = code.values
        return Study(
            id=study_id(doi, openalex, key),
            key=key,
            label=label or None,
            reference=cells.text("reference") or None,
            doi=doi,
            authors=authors or None,
            year=year,
            title=title or None,
            outcomes=outcomes,
            basis=cells.text("basis") or None,
            reports=tuple(dict.fromkeys(cells.several("report"))),
            facets=facets,
            not_coded=not_coded,
            labels=labels,
        )

    def _fail_without_name(self) -> None:
        cells, accepted = self.cells, "a key, an article number, a DOI or a title"
        if cells.number in self._below.rows:
            cells.fail("key", "", self._below.reason, accepted=f"{accepted}; or {self._below.declare}")
        else:
            cells.fail("key", "", "the row names no study", accepted=accepted)

    def _labels(self) -> dict[str, str]:
        """Return the id of a review -> what it calls the study of the current row, for cells such as cmha-bc:23."""
        parts = (part for part in self.cells.several(REVIEW) if part not in self._reviews)
        return {review: label for review, label in map(split_review, parts) if label and review in self._reviews}

    def _key(self) -> str:
        """Return the key of the current row: its column, or the columns that are the key together."""
        if not self._reading.key:
            return self.cells.text("key")
        return " ".join(filter(None, (self.cells.text_at(index) for index in self._reading.key)))

    def _read_outcomes(self) -> tuple[str, ...]:
        cells = self.cells
        discussed = [find_term(cells, self._outcomes, "outcomes", text) for text in cells.several("outcomes")]
        discussed += [id_ for marks in self._marked for id_, _ in marks.read().terms]
        for index in self._numbered:
            discussed += [self._outcomes.find(t) for t in split_list(cells.text_at(index)) if not is_status(t)]
        return tuple(dict.fromkeys(outcome for outcome in discussed if outcome))

    def compare(self, number: int, first: list[Cell]) -> None:
        """Reject the current row where a column of its study differs from the first row of the study."""
        row = self.cells.row()
        for name, index in self.cells.columns.items():
            if self._reading.repeats and (name in STUDY_FACETS or name == "outcomes"):
                continue
            here, there = (cells[index] if index < len(cells) else "" for cells in (row, first))
            if here != there and here and there and fold_term(display_text(here)) != fold_term(display_text(there)):
                self.cells.fail(
                    name,
                    display_text(here),
                    f"differs from row {number}, which is of the same study: {display_text(there)!r}",
                    accepted='the same in each row of a study, or key = ["…", "…"] under [[sheet]] in review.toml, '
                    "if the columns of the key do not tell its studies apart",
                )
                return


def split_author_year(text: str) -> tuple[str, int | None]:
    """Return the authors and the year of a short citation.

    >>> split_author_year("Nuijten et al. (2017a)"), split_author_year("World Bank")
    (('Nuijten et al.', 2017), ('World Bank', None))
    """
    match = _AUTHOR_YEAR.fullmatch(text.strip())
    return (match[1].strip(" ,;("), int(match[2])) if match else (text.strip(), None)
