"""A review folder -> Evidence: every file read, every row checked, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kg.config import Config
from kg.errors import BadInput
from kg.files import CONFIG, GAPS, SEARCHES, input_files, sha256
from kg.loaders.cells import RowReader, Terms
from kg.loaders.columns import Layout, SheetSpec, find_columns, guess_kind
from kg.loaders.sheets import StudyIndex, read_findings, read_studies
from kg.loaders.tables import RawTable, read_tables
from kg.loaders.vocabulary import check_vocabulary, read_turtle, read_vocabulary
from kg.model import Concept, Evidence, Finding, Search, Source, StatedGap, Study
from kg.problems import Problem

_SEARCHES = Layout("searches", {n: () for n in ("id", "source", "date", "platform", "query", "filters", "hits", "locator")}, ("source",))
_GAPS = Layout("stated gaps", {n: () for n in ("id", "kind", "statement", "factors", "outcomes", "locator")}, ("statement",))


@dataclass
class Loaded:
    """What a folder gave: the evidence, and the problems of the rows that were left out (empty unless partial)."""

    evidence: Evidence
    rejected: list[Problem] = field(default_factory=list)


def read_folder(root: Path, config: Config, *, partial: bool = False) -> Loaded:
    """Read every input file of the review folder.

    Raises BadInput with all problems of all files where any row is rejected; with ``partial`` the sound rows are kept
    and the problems of the others come back in ``Loaded.rejected``. Problems of a vocabulary or of a whole file always raise.
    """
    reader = _Reader(root, config)
    terms = {kind: Terms(kind, reader.vocabulary(f"{kind}s")) for kind in ("factor", "outcome")}
    sheets = reader.sheets()
    studies: dict[str, Study] = {}
    places: dict[str, tuple[str, int]] = {}
    for table, spec, kind in sheets:
        if kind == "studies":
            _add_studies(table, read_studies(table, spec, terms["outcome"]), studies, places)
    index = StudyIndex(studies.values())
    findings: dict[str, Finding] = {}
    for table, spec, kind in sheets:
        if kind == "findings":
            _add_findings(table, read_findings(table, spec, index, terms["factor"], terms["outcome"]), findings)
    searches = _searches(reader.tables(SEARCHES)) if (root / SEARCHES).exists() else []
    gaps = _gaps(reader.tables(GAPS), terms) if (root / GAPS).exists() else []
    broken = reader.broken + [p for t in reader.read for p in t.broken]
    rejected = [p for t in reader.read for p in t.problems]
    if broken or (rejected and not partial):
        raise BadInput(sorted(dict.fromkeys(broken + rejected), key=lambda p: (p.file, p.sheet, p.row)))
    evidence = Evidence(
        config.review, tuple(studies.values()), tuple(findings.values()), tuple(terms["factor"].concepts.values()),
        tuple(terms["outcome"].concepts.values()), tuple(searches), tuple(gaps), tuple(reader.sources),
    )
    return Loaded(evidence, rejected)


class _Reader:
    """Reads the files of one folder and remembers every table, source and problem."""

    def __init__(self, root: Path, config: Config) -> None:
        self.root, self.config = root, config
        self.read: list[RawTable] = []
        self.sources: list[Source] = []
        self.broken: list[Problem] = []

    def tables(self, name: str, spec: SheetSpec | None = None) -> list[RawTable]:
        """Read one file."""
        path = self.root / name
        encoding, header_row = (spec.encoding, spec.header_row) if spec else (None, 1)
        found = read_tables(path, name, encoding=encoding, header_row=header_row)
        self.sources.append(Source(name, sha256(path), sum(len(t.rows) for t in found)))
        self.read.extend(found)
        return found

    def vocabulary(self, name: str) -> list[Concept] | None:
        """Return the terms of ``vocabulary/NAME.ttl`` or ``.csv``, or None where the review keeps no such vocabulary."""
        turtle = self.root / "vocabulary" / f"{name}.ttl"
        if turtle.exists():
            concepts, problems = read_turtle(turtle, f"vocabulary/{name}.ttl")
            self.sources.append(Source(f"vocabulary/{name}.ttl", sha256(turtle), len(concepts)))
        elif (self.root / "vocabulary" / f"{name}.csv").exists():
            found = self.tables(f"vocabulary/{name}.csv")
            concepts = [concept for table in found for concept in read_vocabulary(table)]
            problems = [p for table in found for p in table.problems]
        else:
            return None
        self.broken += [*problems, *check_vocabulary(concepts)]
        return concepts

    def sheets(self) -> list[tuple[RawTable, SheetSpec | None, str]]:
        """Return the sheets of the folder with their declaration in ``review.toml`` and their kind."""
        names = [p.relative_to(self.root).as_posix() for p in input_files(self.root) if p.parent.name == "sheets"]
        declared: dict[str, list[SheetSpec]] = {}
        for spec in self.config.sheets:
            declared.setdefault(spec.file, []).append(spec)
            if not (self.root / spec.file).exists():
                self.broken.append(Problem(CONFIG, "the sheet's file is not there", column="[[sheet]] file",
                                           value=spec.file, accepted=", ".join(names)))
        found: list[tuple[RawTable, SheetSpec | None, str]] = []
        for name in dict.fromkeys([*names, *(n for n in declared if (self.root / n).exists())]):
            specs = declared.get(name, [])
            tables = self.tables(name, specs[0] if specs else None)
            for table in tables:
                spec = next((s for s in specs if s.sheet in (None, table.sheet)), None)
                kind = guess_kind(table, spec)
                if kind:
                    found.append((table, spec, kind))
                elif table.header and (len(tables) == 1 or spec):
                    table.broken.append(Problem(
                        table.file, "cannot tell what the sheet holds", table.sheet, 1, value=", ".join(table.header),
                        accepted="columns study, factor, direction, … (findings) or key, title, doi, … (studies); "
                        "or a [[sheet]] with kind and columns in review.toml"))
        return found


def _add_studies(
    table: RawTable, read: Iterable[tuple[int, Study]], studies: dict[str, Study], places: dict[str, tuple[str, int]]
) -> None:
    for number, study in read:
        named = {"doi" if study.doi else "key": study.id, "key": study.key, "label": study.label}
        clash = next((c for c, n in named.items() if n and n.casefold() in places), None)
        if clash is None:
            studies[study.id] = study
            places.update({n.casefold(): (table.file, number) for n in named.values() if n})
            continue
        file, row = places[str(named[clash]).casefold()]
        table.problems.append(Problem(
            table.file, f"two studies have one {clash} (the other is in {file}, row {row})", table.sheet, number, clash,
            study.doi if clash == "doi" and study.doi else str(named[clash]),
            accepted="one row a study; several reports of one study belong in one row"))


def _add_findings(table: RawTable, read: Iterable[Finding], findings: dict[str, Finding]) -> None:
    for finding in read:
        other = findings.setdefault(finding.id, finding)
        if other is not finding:
            table.problems.append(Problem(
                table.file, f"the finding stands twice (also in {other.source}, row {other.row})", table.sheet, finding.row,
                value=f"{finding.study}, {finding.factor}, {finding.direction}",
                accepted="one row for the same study, factor, direction, outcomes and locator"))


def _searches(tables: Iterable[RawTable]) -> list[Search]:
    searches = []
    for table in tables:
        cells = RowReader(table, find_columns(table, _SEARCHES), None)
        for number, row in table.rows:
            cells.start(number, row)
            text = {n: cells.text(n) or None for n in ("date", "platform", "query", "filters", "locator")}
            searches.append(Search(cells.text("id") or f"search-{number - 1:02d}", cells.text("source"),
                                   hits=cells.number_of("hits", 0, 10**9), **text))
    return searches


def _gaps(tables: Iterable[RawTable], terms: dict[str, Terms]) -> list[StatedGap]:
    gaps = []
    for table in tables:
        cells = RowReader(table, find_columns(table, _GAPS), None)
        for number, row in table.rows:
            cells.start(number, row)
            tied: dict[str, tuple[str, ...]] = {}
            for column, kind in (("factors", "factor"), ("outcomes", "outcome")):
                ids = [(text, terms[kind].find(text)) for text in cells.several(column)]
                for text, id_ in ids:
                    if id_ is None:
                        cells.fail(column, text, f"no {kind} of the vocabulary is called this",
                                   suggestion=terms[kind].suggest(text), accepted=terms[kind].examples())
                tied[column] = tuple(id_ for _, id_ in ids if id_)
            gaps.append(StatedGap(cells.text("id") or f"gap-{number - 1:02d}", cells.text("kind") or "stated",
                                  cells.text("statement"), tied["factors"], tied["outcomes"], cells.text("locator") or None))
    return gaps
