"""The coding of the published review: statements, facts, references, eligibility, printed tables and stated gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from kg.errors import BadInput
from kg.folder.config import Config
from kg.folder.files import check_file, variant_of
from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns
from kg.loaders.sheets.terms import Terms, find_term
from kg.loaders.tables.rawtable import RawTable
from kg.loaders.tables.read import read_tables
from kg.model.ids import expand_numbers
from kg.model.migrations import former_names
from kg.model.published import PRINTED_COLUMNS, Criterion, Fact, Published, Reference, Stage, Statement, TableRow
from kg.model.records import Evidence, StatedGap

T = TypeVar("T")

STATEMENTS = Layout(
    "statements",
    dict.fromkeys(("id", "section", "factor", "direction", "outcomes", "studies", "count", "scope", "says"), ()),
    ("section", "scope"),
)
FACTS = Layout(
    "facts",
    dict.fromkeys(("key", "value", "locator", "says", "query", "parameters"), ()),
    ("key", "value", "locator"),
)
REFERENCES = Layout(
    "references", dict.fromkeys(("number", "authors", "year", "title", "venue", "doi"), ()), ("number", "title")
)
CRITERIA = Layout(
    "eligibility", dict.fromkeys(("id", "rule", "criterion", "field", "accepted", "locator"), ()), ("criterion",)
)
FLOW = Layout("study flow", dict.fromkeys(("stage", "n", "locator", "note"), ()), ("stage", "n"))
_TABLE = Layout(
    "printed table",
    {name: PRINTED_COLUMNS[name] for name in ("factor", "direction", "studies", "study_labels", "outcomes")},
    ("factor", "direction", "studies"),
)
STATED_GAPS = Layout(
    "stated gaps", dict.fromkeys(("id", "kind", "statement", "factors", "outcomes", "locator"), ()), ("statement",)
)
SCOPES = ("list", "mention", "tie", "none")


def read_published(root: Path, config: Config, evidence: Evidence) -> Published:
    """Return the coding of the published review; a file that is missing gives no records.

    Raises BadInput with every value that cannot be accepted.
    """
    reader = _PublishedReader(root, evidence)
    printed = [name for name, table in config.published.items() if table.table == "evidence-counts"]
    published = Published(
        statements=tuple(reader.statements()),
        facts=tuple(reader.facts()),
        references=tuple(reader.references()),
        criteria=tuple(reader.criteria()),
        flow=tuple(reader.flow()),
        rows=tuple(row for name in printed for row in reader.printed_rows(name)),
    )
    problems = [p for table in reader.tables for p in (*table.broken, *table.problems)]
    if problems:
        raise BadInput(problems)
    return published


def read_stages(root: Path) -> tuple[Stage, ...]:
    """Return the stages of the study flow as they are printed. Raises BadInput."""
    return _alone(root, _PublishedReader.flow)


def read_criteria(root: Path) -> tuple[Criterion, ...]:
    """Return the eligibility criteria. Raises BadInput."""
    return _alone(root, _PublishedReader.criteria)


def _alone(root: Path, read: Callable[[_PublishedReader], Iterator[T]]) -> tuple[T, ...]:
    """Return what a reader reads without the terms of the evidence. Raises BadInput for a wrong value in it."""
    reader = _PublishedReader(root, None)
    found = tuple(read(reader))
    if problems := [p for table in reader.tables for p in (*table.broken, *table.problems)]:
        raise BadInput(problems)
    return found


class _PublishedReader:
    """Reads the files of one folder and keeps every table, which holds the problems of its rows."""

    def __init__(self, root: Path, evidence: Evidence | None) -> None:
        self.root = root
        former = {k: former_names(evidence.migrations, k) if evidence else {} for k in ("factor", "outcome")}
        self.factors = Terms("factor", evidence.factors if evidence else (), former["factor"])
        self.outcomes = Terms("outcome", evidence.outcomes if evidence else (), former["outcome"])
        self.tables: list[RawTable] = []

    def statements(self) -> Iterator[Statement]:
        """Yield the claims of the sections."""
        for cells in self._rows("published/statements.csv", STATEMENTS):
            studies = cells.text("studies")
            cited = expand_numbers(studies) if studies else []
            if cited is None:
                cells.fail("studies", studies, "is not a list of reference numbers", accepted="39, 43-50, 52")
            scope = cells.text("scope")
            if scope not in SCOPES:
                cells.fail("scope", scope, "is not a scope", accepted=", ".join(SCOPES))
            text = cells.text("factor")
            factor = _term_ids(cells, "factor", [text] if text else [], self.factors)
            yield Statement(
                cells.text("id"),
                cells.text("section"),
                factor[0] if factor else None,
                cells.choice("direction"),
                _term_ids(cells, "outcomes", cells.several("outcomes"), self.outcomes),
                tuple(cited or ()),
                cells.number_of("count", 0, 10**9),
                scope,
                cells.text("says") or None,
            )

    def facts(self) -> Iterator[Fact]:
        """Yield the values that the review states, each with its place."""
        for cells in self._rows("published/facts.csv", FACTS):
            yield Fact(
                cells.text("key"),
                cells.text("value"),
                cells.text("locator"),
                cells.text("says") or None,
                cells.text("query") or None,
                _parameters(cells),
                cells.table.file,
                cells.number,
            )

    def references(self) -> Iterator[Reference]:
        """Yield the entries of the reference list."""
        for cells in self._rows("published/references.csv", REFERENCES):
            yield Reference(
                cells.number_of("number", 1, 10**6) or 0,
                cells.text("authors") or None,
                cells.text("year") or None,
                cells.text("title"),
                cells.text("venue") or None,
                cells.text("doi") or None,
            )

    def criteria(self) -> Iterator[Criterion]:
        """Yield the eligibility criteria."""
        for cells in self._rows("screening/eligibility.csv", CRITERIA):
            yield Criterion(
                cells.text("rule"),
                cells.text("criterion"),
                cells.text("field") or None,
                cells.text("accepted") or None,
                cells.text("locator"),
            )

    def flow(self) -> Iterator[Stage]:
        """Yield the stages of the study flow."""
        for cells in self._rows("screening/flow.csv", FLOW):
            yield Stage(cells.text("stage"), cells.number_of("n", 0, 10**9) or 0, cells.text("locator"))

    def printed_rows(self, name: str) -> Iterator[TableRow]:
        """Yield the rows of a printed table of evidence counts."""
        for cells in self._rows(name, _TABLE):
            factor = _term_ids(cells, "factor", [cells.text("factor")], self.factors)
            text = cells.text("outcomes")
            outcomes = [] if text.casefold() in ("", "not discussed") else text.replace(";", ",").split(",")
            if factor:
                yield TableRow(
                    name,
                    factor[0],
                    cells.choice("direction") or "",
                    cells.number_of("studies", 0, 10**6) or 0,
                    tuple(expand_numbers(cells.text("study_labels")) or ()),
                    _term_ids(cells, "outcomes", [outcome.strip() for outcome in outcomes], self.outcomes),
                )

    def _rows(self, name: str, layout: Layout) -> Iterator[RowReader]:
        """Yield the reader of a file's cells, once for each row."""
        name = variant_of(self.root, name) if name.endswith(".csv") else name
        if not (self.root / name).exists():
            return
        check_file(self.root / name, name, self.root)
        for table in read_tables(self.root / name, name):
            self.tables.append(table)
            cells = RowReader(table, find_columns(table, layout), None)
            for number, row in table.rows:
                cells.start(number, row)
                yield cells


def _parameters(cells: RowReader) -> dict[str, str]:
    """Return the parameters of a fact's query: ``facet=value`` and the like, separated by ``;``."""
    found: dict[str, str] = {}
    for part in cells.several("parameters"):
        name, sign, value = (text.strip() for text in part.partition("="))
        if not sign or not name or name in found:
            reason = "stands twice" if name in found else "is not NAME=VALUE"
            cells.fail("parameters", part, reason, accepted="design=survey; where=year>=2015; by=report")
        found[name] = value
    return found


def read_stated_gaps(tables: Iterable[RawTable], terms: Mapping[str, Terms]) -> list[StatedGap]:
    """Return the gaps that the review itself states; the problems of rejected rows go to their table."""
    gaps: dict[str, StatedGap] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, STATED_GAPS), None)
        for number, row in table.rows:
            cells.start(number, row)
            factors, outcomes = (
                _term_ids(cells, f"{kind}s", cells.several(f"{kind}s"), terms[kind], accepted=None)
                for kind in ("factor", "outcome")
            )
            id_ = cells.text("id") or f"gap-{number - 1:02d}"
            if id_ in gaps:
                cells.fail("id", id_, "two gaps have this id", accepted="an id of its own for each, or blank")
            gap = StatedGap(
                id_,
                cells.text("kind") or "stated",
                cells.text("statement"),
                tuple(dict.fromkeys(factors)),
                tuple(dict.fromkeys(outcomes)),
                cells.text("locator") or None,
            )
            if not cells.rejected:
                gaps[id_] = gap
    return list(gaps.values())


def _term_ids(
    cells: RowReader, column: str, names: Iterable[str], terms: Terms, accepted: str | None = ""
) -> tuple[str, ...]:
    """Return the ids of the terms that a cell names; a name that is not in the vocabulary rejects the row."""
    found = [find_term(cells, terms, column, name, accepted) for name in names]
    return tuple(id_ for id_ in found if id_ is not None)
