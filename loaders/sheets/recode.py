"""The sheet of findings on terms that were split: which of the new terms each of them is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms, read_terms
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import finding_id
from kg.model.records import Finding, Study

#: The columns of the sheet: of which vocabulary the term is, the term, what the id of a finding is made of, its note,
#: and the new terms, which a person fills in. In a row of a study, factor and direction are blank.
COLUMNS = ("vocabulary", "term", "study", "factor", "direction", "outcomes", "locator", "note", "new_term")
LAYOUT = Layout("recode", dict.fromkeys(COLUMNS, ()), ("vocabulary", "term", "study", "new_term"))
_ROW = "the row as kg vocabulary wrote it, with the new term filled in"


#: Vocabulary, term, study, and the finding if it is about one.
RecodedKey: TypeAlias = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Recoded:
    """A row: the ``term`` of a finding, or of the outcomes of a study, and what it is now.

    ``to`` is empty where nobody has decided. ``finding`` is the id of the finding, None for a row of a study.
    """

    vocabulary: str
    term: str
    study: str
    finding: str | None
    to: tuple[str, ...]
    number: int = 0

    @property
    def key(self) -> RecodedKey:
        """What the row is about: the vocabulary, the term, the study and the finding."""
        return self.vocabulary, self.term, self.study, self.finding


def read_recoded(
    table: RawTable, index: StudyIndex, terms: Mapping[str, Terms], split: Mapping[str, Iterable[str]]
) -> list[tuple[RowReader, Recoded]]:
    """Return the rows of the sheet, each with the reader that rejects it.

    ``terms`` are those of "factor" and "outcome", and ``split`` the ids of those that were split.
    """
    cells = RowReader(table, find_columns(table, LAYOUT), None)
    found = []
    for number, row in table.rows if not table.broken else ():
        cells.start(number, row)
        recoded = _row(cells, index, terms, split)
        if recoded and not cells.rejected:
            found.append((cells, recoded))
    return found


def _row(
    cells: RowReader, index: StudyIndex, terms: Mapping[str, Terms], split: Mapping[str, Iterable[str]]
) -> Recoded | None:
    vocabulary, name = cells.text("vocabulary"), cells.text("term")
    if vocabulary not in terms:
        cells.fail("vocabulary", vocabulary, "is no vocabulary with split terms", accepted=", ".join(terms))
        return None
    term = terms[vocabulary].find(name)
    if term is None or term not in split[vocabulary]:
        cells.fail("term", name, f"is no {vocabulary} that was split", accepted=_ROW)
        return None
    study = index.find(cells.text("study"))
    if study is None:
        cells.fail("study", cells.text("study"), "no sheet defines this study", accepted=_ROW)
        return None
    outcomes = read_terms(cells, terms["outcome"], "outcomes")
    to = read_terms(cells, terms[vocabulary], "new_term")
    if term in to:
        cells.fail("new_term", cells.text("new_term"), "is the term that was split", accepted="one of the new terms")
    finding = None
    if not cells.is_blank("direction") or not cells.is_blank("factor"):
        factors, direction = read_terms(cells, terms["factor"], "factor"), cells.choice("direction")
        if len(factors) != 1 or not direction:
            cells.fail("direction", cells.text("direction"), "is no direction of one factor", accepted=_ROW)
            return None
        finding = finding_id(study, factors[0], direction, outcomes, cells.text("locator"))
    return Recoded(vocabulary, term, study, finding, to, cells.number)


def recode(
    rows: Sequence[tuple[RowReader, Recoded]], studies: dict[str, Study], findings: Mapping[str, Finding]
) -> dict[str, Finding]:
    """Return the findings by id, with the new terms; ``studies`` are changed. One row goes after the other.

    A row that is filled in and names a finding that is not there is rejected.
    """
    if not rows:
        return dict(findings)
    became: dict[str, list[Finding]] = {id_: [finding] for id_, finding in findings.items()}
    of = {id_: id_ for id_ in findings}
    for cells, row in rows:
        if not row.to:
            continue
        if row.finding is None:
            studies[row.study] = _study(studies[row.study], row)
            continue
        first = of.get(row.finding)
        if first is None or row.finding not in (f.id for f in became[first]):
            cells.number, cells.rejected = row.number, False
            cells.fail("study", "", "no finding of the sheets is like this row", accepted=f"{_ROW}; or no such row")
            continue
        old = next(f for f in became[first] if f.id == row.finding)
        new = [_finding(old, row, term) for term in row.to] if row.vocabulary == "factor" else [_finding(old, row, "")]
        became[first] = [f for f in became[first] if f is not old] + new
        of |= {f.id: first for f in new}
    return {finding.id: finding for listed in became.values() for finding in listed}


def _finding(old: Finding, row: Recoded, factor: str) -> Finding:
    factor, outcomes = factor or old.factor, old.outcomes
    if row.vocabulary == "outcome":
        outcomes = _instead(outcomes, row)
    id_ = finding_id(old.study, factor, old.direction, outcomes, old.locator or "")
    return replace(old, id=id_, factor=factor, outcomes=outcomes)


def _study(study: Study, row: Recoded) -> Study:
    return replace(study, outcomes=_instead(study.outcomes, row))


def _instead(terms: Iterable[str], row: Recoded) -> tuple[str, ...]:
    """Return terms with the new ones in the place of the one that was split."""
    found = (new for term in terms for new in (row.to if term == row.term else (term,)))
    return tuple(dict.fromkeys(found))
