"""The sheets of terms and of links between studies and terms: they define vocabularies, and say what a study has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from kg.folder.tables import Sheet
from kg.loaders.sheets.facets import Facets, facet_id
from kg.loaders.sheets.links import Link, findings_of_links, read_links, read_term_rows
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.sheets.terms import Terms
from kg.model.records import Concept, Finding, Study

_VOCABULARIES = ("factor", "outcome")
#: What links name besides terms: further reports of a study, which has at least the report that its key names.
_REPORT = "report"


class Linked:
    """The sheets of terms and links of a folder.

    Terms are added to the vocabularies: those of factors and outcomes, by kind, and those of facets, by id. A
    vocabulary that a file in ``vocabulary/`` gives stays as it is.
    """

    def __init__(
        self,
        sheets: Iterable[Sheet],
        vocabularies: dict[str, list[Concept] | None],
        of_facets: dict[str, list[Concept]],
    ) -> None:
        listed = list(sheets)
        self._links = [sheet for sheet in listed if sheet.kind == "links"]
        self._id_of: dict[str, dict[str, str]] = {}
        for sheet in listed:
            if sheet.kind != "terms":
                continue
            rows = read_term_rows(sheet.table, sheet.reading)
            of = _name(sheet)
            own = self._id_of.setdefault(of, {})
            given = vocabularies.get(of) if of in _VOCABULARIES else of_facets.get(of)
            if given:
                terms = Terms(of, given)
                labels = {c.id: c.label for c in rows.concepts}
                own.update({n: found for n, id_ in rows.id_of.items() if (found := terms.find(labels[id_]))})
                continue
            own.update(rows.id_of)
            if of in _VOCABULARIES:
                vocabularies[of] = rows.concepts
            else:
                of_facets[of] = rows.concepts

    def apply(
        self,
        index: StudyIndex,
        terms: dict[str, Terms],
        facets: Facets,
        studies: dict[str, Study],
        findings: dict[str, Finding],
    ) -> None:
        """Give the studies their linked outcomes and values, and add a finding for each linked factor."""
        links: dict[str, list[Link]] = {}
        for sheet in self._links:
            of = _name(sheet)
            find: Callable[[str], str | None]
            if of in _VOCABULARIES:
                find = terms[of].find
            elif of == _REPORT:
                find = str  # any text names a report
            else:
                find = facets.of_column(sheet.reading.of or of, "study", "categories").terms.find
            found = read_links(sheet.table, sheet.reading, index, self._id_of.get(of, {}), find, of)
            links.setdefault(of, []).extend(found)
        for of, found in links.items():
            if of == "factor":
                continue
            for study, values in _by_study(found).items():
                studies[study] = _with(studies[study], of, values)
        outcomes = {study.id: study.outcomes for study in studies.values()}
        for finding in findings_of_links(links.get("factor", ()), outcomes):
            findings.setdefault(finding.id, finding)


def _name(sheet: Sheet) -> str:
    of = sheet.reading.of or ""
    return of if of in _VOCABULARIES else facet_id(of)


def _by_study(links: Iterable[Link]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for link in links:
        found.setdefault(link.study, {})[link.term] = None
    return {study: tuple(terms) for study, terms in found.items()}


def _with(study: Study, of: str, values: tuple[str, ...]) -> Study:
    if of == _REPORT:
        own = study.reports or (study.key,)
        return replace(study, reports=tuple(dict.fromkeys((*own, *values))))
    if of == "outcome":
        return replace(study, outcomes=tuple(dict.fromkeys((*study.outcomes, *values))))
    known = tuple(dict.fromkeys((*study.facets.get(of, ()), *values)))
    return replace(study, facets={**study.facets, of: known})
