"""Tables that refer to each other by ids: terms, and links between studies and terms, as a database exports them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.studies import StudyIndex
from kg.loaders.tables.rawtable import RawTable
from kg.model.ids import finding_id, slug
from kg.model.normalise import fold_term
from kg.model.records import Concept, Finding

_STUDY = "a key, article number or DOI of the studies sheet"


@dataclass
class TermRows:
    """The terms of a sheet, and what links call each: text -> id of the term."""

    concepts: list[Concept] = field(default_factory=list)
    id_of: dict[str, str] = field(default_factory=dict)


class Link(NamedTuple):
    """One row of a sheet of links: a study, a term, and the direction where the sheet states one."""

    study: str
    term: str
    direction: str | None
    file: str
    row: int


def read_term_rows(table: RawTable, reading: Reading) -> TermRows:
    """Return the terms of a sheet in its order; problems go to ``table.problems``.

    A group that is no term of the sheet itself becomes one, before the first term in it. Without a column of ids, links
    call a term by its position.
    """
    columns = reading.fields("term")
    found = TermRows()
    if "label" not in columns:
        return found
    cells = RowReader(table, columns, reading.spec)
    rows: list[tuple[str, str, Concept]] = []
    for position, (number, row) in enumerate(table.rows, start=1):
        cells.start(number, row)
        label = " ".join(cells.text("label").split())
        if not label:
            cells.fail("label", "", "the term has no label")
            continue
        concept = Concept(
            slug(label),
            label,
            None,
            cells.text("definition") or None,
            cells.several("synonyms"),
            cells.choice("favourable"),
            table.file,
            number,
        )
        if not cells.rejected:
            rows.append((cells.text("id") or str(position), cells.text("broader"), concept))
    ids = {name: concept.id for name, _, concept in rows} | {fold_term(c.label): c.id for _, _, c in rows}
    for name, broader, concept in rows:
        parent = ids.get(broader) or ids.get(fold_term(broader)) if broader else None
        if broader and parent is None:
            parent = slug(broader)
            ids[fold_term(broader)] = parent
            found.concepts.append(Concept(parent, broader, source=table.file, row=concept.row))
        found.concepts.append(replace(concept, broader=parent if parent != concept.id else None))
        found.id_of[name] = concept.id
    return found


def read_links(
    table: RawTable,
    reading: Reading,
    studies: StudyIndex,
    id_of: Mapping[str, str],
    find: Callable[[str], str | None],
    what: str,
) -> list[Link]:
    """Return the links of a sheet; problems go to ``table.problems``.

    ``id_of`` maps what a sheet of terms calls its terms to their ids; ``find`` finds a term by its name.
    """
    columns = reading.fields("link")
    cells = RowReader(table, columns, reading.spec)
    links: list[Link] = []
    if not {"study", "term"} <= set(columns):
        return links
    for number, row in table.rows:
        cells.start(number, row)
        name, text = cells.text("study"), cells.text("term")
        study = studies.find(name) if name else None
        if not name and not cells.rejected:
            cells.fail("study", "", "the cell is blank")
        if study is None and not cells.rejected:
            if reading.spec and reading.spec.unknown_studies == "ignore":
                continue
            if studies.complete:
                accepted = f'{_STUDY}; or unknown_studies = "ignore" under [[sheet]] in review.toml'
                suggestion = studies.suggest(name)
                cells.fail("study", name, "no sheet defines this study", suggestion=suggestion, accepted=accepted)
            else:
                cells.skip("study", name, "no sheet that could be read defines this study")
        term = (id_of.get(text) or find(text)) if text else None
        if term is None and not cells.rejected:
            accepted = "the id, position or label of a term" if id_of else f"a {what}"
            cells.fail("term", text, f"no {what} is called this", accepted=accepted)
        direction = cells.choice("direction")
        if study and term and not cells.rejected:
            links.append(Link(study, term, direction, table.file, number))
    return links


def findings_of_links(factors: Iterable[Link], outcomes: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Return a finding for each link between a study and a factor, with all ``outcomes`` of the study.

    Where a study has several factors and several outcomes, nothing says which belong together: they are implied.
    """
    by_study: dict[str, dict[tuple[str, str], Link]] = {}
    for link in factors:
        by_study.setdefault(link.study, {}).setdefault((link.term, link.direction or "unspecified"), link)
    findings = []
    for study, linked in by_study.items():
        affected = tuple(dict.fromkeys(outcomes.get(study, ())))
        implied = len({factor for factor, _ in linked}) > 1 and len(affected) > 1
        for (factor, direction), link in linked.items():
            findings.append(
                Finding(
                    finding_id(study, factor, direction, affected, ""),
                    study,
                    factor,
                    direction,
                    affected,
                    source=link.file,
                    row=link.row,
                    implied=implied,
                )
            )
    return findings
