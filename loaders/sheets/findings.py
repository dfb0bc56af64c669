"""Findings of sheets in every layout. Pure: what cannot be accepted becomes a problem; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from kg.loaders.sheets.cells import RowReader, looks_like_date, turned_into_date
from kg.loaders.sheets.facets import Facets
from kg.loaders.sheets.filled import Below, find_below
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms, find_term, read_terms
from kg.loaders.sheets.unfold import FacetColumns, MarkReader
from kg.loaders.sheets.words import split_bullets
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import finding_id, normalise_doi
from kg.model.records import Finding
from kg.model.vocabulary import DIRECTIONS, OPPOSITES

_STUDY = "a key, article number or DOI of the studies sheet; several with ; between them"
_NOMINAL = ", ".join(name for name in DIRECTIONS if name not in OPPOSITES)
#: The columns that a charting sheet fills in before anybody charts.
_GIVEN = ("study", "study_label", "direction")
_AS_TEXT = "text such as 3-4, typed into a cell formatted as Text"


class Claim(NamedTuple):
    """A factor, its direction and outcomes in one row; ``implied`` as in Finding."""

    factor: str
    direction: str
    outcomes: tuple[str, ...]
    implied: bool = False


def read_findings(
    table: RawTable,
    reading: Reading,
    studies: StudyIndex,
    factors: Terms,
    outcomes: Terms,
    facets: Facets,
    of_row: Mapping[int, str] | None = None,
) -> list[Finding]:
    """Return the findings of a sheet; problems go to ``table.problems``.

    A sheet may be long (one finding a row), condensed (a cell may hold several studies, factors or outcomes) or wide.
    ``of_row`` maps the rows of a sheet that also defines its studies to their keys; other rows were rejected already.
    """
    columns = reading.fields("finding")
    cells = RowReader(table, columns, reading.spec)
    if table.broken or (of_row is None and "study" not in columns):
        return []
    reader = _FindingReader(cells, reading, studies, factors, outcomes, facets)
    findings: list[Finding] = []
    for number, row in table.rows:
        if of_row is not None and number not in of_row:
            continue
        cells.start(number, row)
        findings += reader.read(None if of_row is None else of_row[number])
    return findings


class _FindingReader:
    """Reads the findings of the current row. Cells with the same content are resolved once."""

    def __init__(
        self,
        cells: RowReader,
        reading: Reading,
        studies: StudyIndex,
        factors: Terms,
        outcomes: Terms,
        facets: Facets,
    ) -> None:
        self.cells, self._index, self._factors = cells, studies, factors
        self._claims = _claim_reader(cells, reading, factors, outcomes)
        self._coder = FacetColumns(cells, reading, facets, "finding")
        self._studies = _study_reader(cells, studies) if "study" in cells.columns else None
        self._tabulated = cells.cached("tabulated", lambda: cells.flag("tabulated", blank=True))
        self._associated = cells.cached("associated", lambda: cells.flag("associated", blank=False))
        self._approach = cells.cached("approach", lambda: cells.choice("approach"))
        self._certainty = cells.cached("certainty", lambda: cells.choice("certainty"))
        self._pole = cells.cached("pole", lambda: cells.choice("pole"))

    def read(self, key: str | None) -> list[Finding]:
        """Return one finding for each study and claim of the row, of the study with a key or of those in its cell."""
        cells = self.cells
        if key is None:
            studies = self._studies() if self._studies else []
        else:
            found = self._index.find(key)
            studies = [found] if found else []
        claims = self._claims()
        tabulated, associated = self._tabulated(), self._associated()
        if tabulated and associated:
            reason = "the review's table counts this row already"
            cells.fail("associated", "yes", reason, accepted="yes only where tabulated says no")
        locator, note, coder = cells.text("locator"), cells.text("note"), cells.text("coder")
        if "-" in locator and turned_into_date(locator):
            cells.fail("locator", locator, "looks like pages that a spreadsheet turned into a date", accepted=_AS_TEXT)
        _check_nominal(cells, self._factors, claims)
        approach, certainty, pole = self._approach(), self._certainty(), self._pole()
        facets, not_coded = self._coder.read() if claims else ({}, {})
        if cells.rejected:
            return []
        return [
            Finding(
                finding_id(study, claim.factor, claim.direction, claim.outcomes, locator),
                study,
                claim.factor,
                claim.direction,
                claim.outcomes,
                tabulated,
                associated,
                locator or None,
                note or None,
                approach,
                certainty,
                coder or None,
                cells.table.file,
                cells.number,
                pole,
                claim.implied,
                facets,
                not_coded,
            )
            for study in studies
            for claim in claims
        ]


def _claim_reader(cells: RowReader, reading: Reading, factors: Terms, outcomes: Terms) -> Callable[[], list[Claim]]:
    """Return the function that reads the claims of the current row, according to the layout of the sheet."""
    wide = reading.groups_of("factor") or reading.directed() or reading.numbered() or reading.groups_of("outcome")
    if wide or reading.kind == "studies and findings":
        return _Wide(cells, reading, factors, outcomes).read
    return _Long(cells, factors, outcomes).read


class _Long:
    """Reads a row with a factor, a direction and outcomes, or lists of factors and outcomes."""

    def __init__(self, cells: RowReader, factors: Terms, outcomes: Terms) -> None:
        self.cells, self._terms = cells, factors
        self._factors = cells.cached("factor", lambda: read_terms(cells, factors, "factor"))
        self._outcomes = cells.cached("outcomes", lambda: read_terms(cells, outcomes, "outcomes"))
        self._direction = cells.cached("direction", lambda: cells.choice("direction"))

    def read(self) -> list[Claim]:
        """Return the claims of the row; none if it is rejected."""
        cells = self.cells
        factors, outcomes, direction = self._factors(), self._outcomes(), self._direction()
        if not factors and self._not_charted():
            return []
        if not factors and cells.is_blank("factor"):
            _fail_blank(cells, "factor", "" if self._terms.open else self._terms.examples())
        if not direction and cells.is_blank("direction"):
            _fail_blank(cells, "direction", ", ".join(DIRECTIONS))
        return [Claim(factor, direction, outcomes) for factor in factors] if direction else []

    def _not_charted(self) -> bool:
        """Return whether the row names a study and nothing else: the row of a charting sheet that nobody has filled."""
        cells = self.cells
        given = {cells.columns.get(name) for name in _GIVEN}
        others = (cell for index, cell in enumerate(cells.row()) if index not in given)
        if any(not isinstance(cell, str) or cell.strip() for cell in others):
            return False
        return cells.is_blank("direction") or self._direction() == "unspecified"


class _Wide:
    """Reads a row that may tell a study by itself: marked or listed factors and outcomes, numbered outcomes.

    A row without a factor has no claims. Several factors and several outcomes that nothing pairs are implied.
    """

    def __init__(self, cells: RowReader, reading: Reading, factors: Terms, outcomes: Terms) -> None:
        self.cells, self._factors, self._outcomes = cells, factors, outcomes
        self._listed = cells.cached("factor", lambda: read_terms(cells, factors, "factor"))
        self._affected = cells.cached("outcomes", lambda: read_terms(cells, outcomes, "outcomes"))
        self._direction = cells.cached("direction", lambda: cells.choice("direction"))
        self._directed = [(index, direction) for index, direction in reading.directed().items()]
        self._marked = [
            (MarkReader(cells, reading, number, factors), reading.groups[number].direction)
            for number in reading.groups_of("factor")
        ]
        self._tagged = [MarkReader(cells, reading, number, outcomes) for number in reading.groups_of("outcome")]
        self._numbered = list(reading.numbered().values())
        self._states_direction = "direction" in cells.columns or "direction" in cells.constant
        self._needs_direction = self._states_direction and not (self._marked or self._directed or self._numbered)

    def read(self) -> list[Claim]:
        """Return the claims of the row."""
        cells = self.cells
        outcomes = self._affected() + tuple(id_ for marks in self._tagged for id_, _ in marks.read().terms)
        outcomes = tuple(dict.fromkeys(outcomes))
        direction = self._direction() if self._states_direction else None
        factors = self._read_factors(direction)
        if self._needs_direction and factors and not direction and cells.is_blank("direction"):
            _fail_blank(cells, "direction", ", ".join(DIRECTIONS))
        claims: list[Claim] = []
        for columns in self._numbered:
            claims += self._read_numbered(columns, factors, direction)
        if not self._numbered or outcomes or not claims:
            implied = len({f for f, _ in factors}) > 1 and len(outcomes) > 1
            claims += [Claim(factor, way or direction or "unspecified", outcomes, implied) for factor, way in factors]
        return list(dict.fromkeys(claims))

    def _read_factors(self, direction: str | None) -> list[tuple[str, str | None]]:
        """Return the factors of the row, each with its direction where a column or cell states one."""
        cells = self.cells
        factors: list[tuple[str, str | None]] = [(factor, direction) for factor in self._listed()]
        for marks, way in self._marked:
            factors += [(id_, own or way) for id_, own in marks.read().terms]
        for index, way in self._directed:
            header = cells.table.header[index]
            for text in split_bullets(cells.text_at(index)):
                if id_ := find_term(cells, self._factors, header, text):
                    factors.append((id_, way))
        return list(dict.fromkeys(factors))

    def _read_numbered(
        self, columns: Mapping[str, int], factors: Iterable[tuple[str, str | None]], direction: str | None
    ) -> list[Claim]:
        """Return the claims of the columns with one number."""
        cells = self.cells
        texts = {name: cells.text_at(index) for name, index in columns.items()}
        outcomes = self._terms(texts.get("outcomes", ""), self._outcomes, columns.get("outcomes"))
        own = self._terms(texts.get("factor", ""), self._factors, columns.get("factor"))
        if not outcomes and not own:
            return []
        way = direction
        if text := texts.get("direction"):
            way = cells.spelled("direction", text, cells.table.header[columns["direction"]])
        pairs = [(factor, None) for factor in own] if own else list(factors)
        return [Claim(factor, way or stated or "unspecified", outcomes) for factor, stated in pairs]

    def _terms(self, text: str, terms: Terms, index: int | None) -> tuple[str, ...]:
        if not text or index is None:
            return ()
        header = self.cells.table.header[index]
        parts = (text,) if not terms.open and terms.find(text) else split_bullets(text)
        found = [find_term(self.cells, terms, header, part) for part in parts]
        return tuple(dict.fromkeys(id_ for id_ in found if id_))


def _check_nominal(cells: RowReader, factors: Terms, claims: Iterable[Claim]) -> None:
    """Reject the row if one of its factors has no good end, so that it can be neither facilitator nor barrier."""
    for claim in claims:
        concept = factors.concepts[claim.factor]
        if concept.nominal and claim.direction in OPPOSITES:
            reason = f"the factor {concept.label!r} is nominal: none of its values is the good one"
            cells.fail("direction", cells.text("direction") or claim.direction, reason, accepted=_NOMINAL)
            return


def _fail_blank(cells: RowReader, column: str, accepted: str) -> None:
    cells.fail(column, "", "the cell is blank", accepted=accepted)


def _study_reader(cells: RowReader, studies: StudyIndex) -> Callable[[], list[str]]:
    columns = [cells.columns["study"]]
    below = find_below(cells.table, columns, columns)
    return cells.cached("study", lambda: _read_studies(cells, studies, below))


def _read_studies(cells: RowReader, studies: StudyIndex, below: Below) -> list[str]:
    """Return the ids of the studies in the row's cell; a name that is not a study rejects the row."""
    text = cells.text("study")
    if not text:
        if cells.number in below.rows:
            cells.fail("study", "", below.reason, accepted=f"{_STUDY}; or {below.declare}")
        elif cells.is_blank("study"):
            cells.fail("study", "", "the cell is blank", accepted=_STUDY)
        return []
    found = studies.find_all(text)
    if isinstance(found, list):
        return found
    unknown = found
    if looks_like_date(text) or looks_like_date(unknown):
        cells.fail("study", text, "looks like article numbers that a spreadsheet turned into a date", accepted=_AS_TEXT)
        return []
    doi = normalise_doi(unknown)
    rejected_at = studies.rejected.get(unknown.casefold()) or (studies.rejected.get(doi) if doi else None)
    if rejected_at:
        cells.skip("study", unknown, f"the row of this study was rejected ({rejected_at})")
    elif not studies.complete:
        cells.skip("study", unknown, "no sheet that could be read defines this study")
    else:
        cells.fail(
            "study",
            unknown,
            "no sheet defines this study" + (f" (of {text!r})" if unknown != text else ""),
            suggestion=studies.suggest(unknown),
            accepted=_STUDY if studies.studies else "a studies sheet in sheets/ with a row for each study",
        )
    return []
