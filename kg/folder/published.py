"""What a published review says of itself, for audits: statements, facts, references, eligibility, printed tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.errors import BadInput
from kg.folder.config import Config
from kg.folder.files import check_file
from kg.loaders.sheets.cells import RowReader, Terms
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.tables.rawtable import RawTable
from kg.loaders.tables.read import read_tables
from kg.model.ids import expand_numbers
from kg.model.published import PRINTED_COLUMNS, Criterion, Fact, Published, Reference, Stage, Statement, TableRow
from kg.model.records import Evidence

_STATEMENTS = Layout(
    "statements",
    dict.fromkeys(("id", "section", "factor", "direction", "outcomes", "studies", "count", "scope", "says"), ()),
    ("section", "scope"),
)
_FACTS = Layout("facts", dict.fromkeys(("key", "value", "locator", "says"), ()), ("key", "value", "locator"))
_REFERENCES = Layout(
    "references", dict.fromkeys(("number", "authors", "year", "title", "venue", "doi"), ()), ("number", "title")
)
_CRITERIA = Layout(
    "eligibility", dict.fromkeys(("id", "rule", "criterion", "field", "accepted", "locator"), ()), ("criterion",)
)
_FLOW = Layout("study flow", dict.fromkeys(("stage", "n", "locator", "note"), ()), ("stage", "n"))
_TABLE = Layout(
    "printed table",
    {name: PRINTED_COLUMNS[name] for name in ("factor", "direction", "studies", "study_labels", "outcomes")},
    ("factor", "direction", "studies"),
)
SCOPES = ("list", "mention", "tie", "none")


def read_published(root: Path, config: Config, evidence: Evidence) -> Published:
    """Return what is coded of the published review; a file that is not there is simply nothing said.

    Raises BadInput naming every value that is not understood.
    """
    problems: list[RawTable] = []
    terms = {"factor": Terms("factor", evidence.factors), "outcome": Terms("outcome", evidence.outcomes)}

    def rows(name: str, layout: Layout) -> Iterable[RowReader]:
        if not (root / name).exists():
            return
        check_file(root / name, name, root)
        for table in read_tables(root / name, name):
            cells = RowReader(table, find_columns(table, layout), None)
            for number, row in table.rows:
                cells.start(number, row)
                yield cells
            problems.append(table)

    def found(cells: RowReader, column: str, kind: str, texts: Iterable[str]) -> tuple[str, ...]:
        ids = []
        for text in texts:
            id_ = terms[kind].find(text)
            if id_ is None:
                cells.fail(
                    column, text, f"no {kind} of the vocabulary is called this", suggestion=terms[kind].suggest(text)
                )
            else:
                ids.append(id_)
        return tuple(ids)

    statements = []
    for cells in rows("published/statements.csv", _STATEMENTS):
        cited = expand_numbers(cells.text("studies")) if cells.text("studies") else []
        if cited is None:
            cells.fail("studies", cells.text("studies"), "is not a list of reference numbers", accepted="39, 43-50, 52")
        if cells.text("scope") not in SCOPES:
            cells.fail("scope", cells.text("scope"), "is not a scope", accepted=", ".join(SCOPES))
        factor = found(cells, "factor", "factor", [cells.text("factor")] if cells.text("factor") else [])
        statements.append(
            Statement(
                cells.text("id"),
                cells.text("section"),
                factor[0] if factor else None,
                cells.choice("direction"),
                found(cells, "outcomes", "outcome", cells.several("outcomes")),
                tuple(cited or ()),
                cells.number_of("count", 0, 10**9),
                cells.text("scope"),
                cells.text("says") or None,
            )
        )
    facts = [
        Fact(c.text("key"), c.text("value"), c.text("locator"), c.text("says") or None)
        for c in rows("published/facts.csv", _FACTS)
    ]
    references = [
        Reference(
            c.number_of("number", 1, 10**6) or 0,
            c.text("authors") or None,
            c.text("year") or None,
            c.text("title"),
            c.text("venue") or None,
            c.text("doi") or None,
        )
        for c in rows("published/references.csv", _REFERENCES)
    ]
    criteria = [
        Criterion(
            c.text("rule"), c.text("criterion"), c.text("field") or None, c.text("accepted") or None, c.text("locator")
        )
        for c in rows("screening/eligibility.csv", _CRITERIA)
    ]
    flow = [
        Stage(c.text("stage"), c.number_of("n", 0, 10**9) or 0, c.text("locator"))
        for c in rows("screening/flow.csv", _FLOW)
    ]
    table_rows = []
    for name in [n for n, table in config.published.items() if table == "evidence-counts"]:
        for cells in rows(name, _TABLE):
            factor = found(cells, "factor", "factor", [cells.text("factor")])
            text = cells.text("outcomes")
            parts = [] if text.casefold() in ("", "not discussed") else text.replace(";", ",").split(",")
            if factor:
                table_rows.append(
                    TableRow(
                        name,
                        factor[0],
                        cells.choice("direction") or "",
                        cells.number_of("studies", 0, 10**6) or 0,
                        tuple(expand_numbers(cells.text("study_labels")) or ()),
                        found(cells, "outcomes", "outcome", [part.strip() for part in parts]),
                    )
                )
    wrong = [p for table in problems for p in (*table.broken, *table.problems)]
    if wrong:
        raise BadInput(wrong)
    return Published(
        tuple(statements), tuple(facts), tuple(references), tuple(criteria), tuple(table_rows), tuple(flow)
    )
