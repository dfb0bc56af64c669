"""Findings sheets -> findings. Pure: what cannot be accepted becomes a problem; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from kg.loaders.sheets.cells import RowReader, looks_like_date, turned_into_date
from kg.loaders.sheets.columns import FINDINGS, SheetSpec, find_columns
from kg.loaders.sheets.facets import FacetColumns, Facets
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms, read_terms
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import finding_id, normalise_doi
from kg.model.records import Finding
from kg.model.vocabulary import DIRECTIONS, OPPOSITES

_STUDY = "a key, article number or DOI of the studies sheet; several with ; between them"
_NOMINAL = ", ".join(name for name in DIRECTIONS if name not in OPPOSITES)
_AS_TEXT = "text such as 3-4, typed into a cell formatted as Text"


def read_findings(
    table: RawTable, spec: SheetSpec | None, studies: StudyIndex, factors: Terms, outcomes: Terms, facets: Facets
) -> list[Finding]:
    """Return the findings of a sheet; problems go to ``table.problems``.

    A sheet may be long (one finding a row) or condensed: a cell may hold several studies, factors or outcomes.
    """
    columns = find_columns(table, FINDINGS, spec)
    if any(name not in columns for name in FINDINGS.required):
        return []
    cells = RowReader(table, columns, spec)
    coder = FacetColumns(cells, facets, "finding")
    reader = _FindingReader(cells, studies, factors, outcomes, coder)
    findings: list[Finding] = []
    for number, row in table.rows:
        reader.cells.start(number, row)
        findings += reader.read()
    return findings


class _FindingReader:
    """Reads the findings of the current row. Cells with the same content are resolved once."""

    def __init__(
        self, cells: RowReader, studies: StudyIndex, factors: Terms, outcomes: Terms, coder: FacetColumns
    ) -> None:
        self.cells, self._terms, self._coder = cells, factors, coder
        self._studies = cells.cached("study", lambda: _read_studies(cells, studies))
        self._factors = cells.cached("factor", lambda: read_terms(cells, factors, "factor"))
        self._outcomes = cells.cached("outcomes", lambda: read_terms(cells, outcomes, "outcomes"))
        self._direction = cells.cached("direction", lambda: cells.choice("direction"))
        self._tabulated = cells.cached("tabulated", lambda: cells.flag("tabulated", blank=True))
        self._associated = cells.cached("associated", lambda: cells.flag("associated", blank=False))
        self._approach = cells.cached("approach", lambda: cells.choice("approach"))
        self._certainty = cells.cached("certainty", lambda: cells.choice("certainty"))
        self._pole = cells.cached("pole", lambda: cells.choice("pole"))

    def read(self) -> list[Finding]:
        """Return one finding for each pair of study and factor in the row; none if the row is rejected."""
        cells = self.cells
        studies, factors, outcomes, direction = self._studies(), self._factors(), self._outcomes(), self._direction()
        if not factors and cells.is_blank("factor"):
            self._fail_blank("factor", "" if self._terms.open else self._terms.examples())
        if not direction and cells.is_blank("direction"):
            self._fail_blank("direction", ", ".join(DIRECTIONS))
        tabulated, associated = self._tabulated(), self._associated()
        if tabulated and associated:
            reason = "the review's table counts this row already"
            cells.fail("associated", "yes", reason, accepted="yes only where tabulated says no")
        locator, note, coder = cells.text("locator"), cells.text("note"), cells.text("coder")
        if "-" in locator and turned_into_date(locator):
            cells.fail("locator", locator, "looks like pages that a spreadsheet turned into a date", accepted=_AS_TEXT)
        if direction in OPPOSITES:
            self._check_nominal(factors, cells.text("direction") or direction)
        approach, certainty, pole = self._approach(), self._certainty(), self._pole()
        facets, not_coded = self._coder.read()
        if cells.rejected or not direction:
            return []
        return [
            Finding(
                finding_id(study, factor, direction, outcomes, locator),
                study,
                factor,
                direction,
                outcomes,
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
                facets=facets,
                not_coded=not_coded,
            )
            for study, factor in product(studies, factors)
        ]

    def _check_nominal(self, factors: Iterable[str], text: str) -> None:
        """Reject the row if one of its factors has no good end, so that it can be neither facilitator nor barrier."""
        for factor in factors:
            concept = self._terms.concepts[factor]
            if concept.nominal:
                reason = f"the factor {concept.label!r} is nominal: none of its values is the good one"
                self.cells.fail("direction", text, reason, accepted=_NOMINAL)
                return

    def _fail_blank(self, column: str, accepted: str) -> None:
        self.cells.fail(column, "", "the cell is blank", accepted=accepted)


def _read_studies(cells: RowReader, studies: StudyIndex) -> list[str]:
    """Return the ids of the studies in the row's cell; a name that is not a study rejects the row."""
    text = cells.text("study")
    if not text:
        if cells.is_blank("study"):
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
