"""A review folder -> Evidence: every file read, every row checked, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import BadInput
from kg.folder.config import Config
from kg.folder.files import find_files, sha256
from kg.folder.library import Library, read_library
from kg.folder.searchlog import SEARCH_COLUMNS
from kg.loaders.sheets.cells import RowReader, Terms
from kg.loaders.sheets.columns import Layout, SheetSpec, find_columns, for_kind, guess_kind
from kg.loaders.sheets.decisions import read_decisions
from kg.loaders.sheets.rows import StudyIndex, read_findings, read_studies
from kg.loaders.sheets.vocabulary import check_vocabulary, read_turtle, read_vocabulary
from kg.loaders.tables.rawtable import RawTable
from kg.loaders.tables.read import read_tables
from kg.model.layout import CONFIG, DUPLICATES, GAPS, RDF, SEARCHES, SHEETS, VOCABULARY
from kg.model.records import Concept, Evidence, Finding, Search, Source, StatedGap, Study
from kg.problems import Problem, nearest

_SEARCHES = Layout("searches", dict.fromkeys(SEARCH_COLUMNS, ()), ("source",))
_SEARCH_NUMBERS = ("hits", "fetched", "credits")
_SEARCH_TEXTS = tuple(name for name in SEARCH_COLUMNS if name not in ("id", "source", "missing", *_SEARCH_NUMBERS))
_GAPS = Layout(
    "stated gaps", dict.fromkeys(("id", "kind", "statement", "factors", "outcomes", "locator"), ()), ("statement",)
)


@dataclass
class Loaded:
    """What a folder gave: the evidence, and the problems of the rows that were left out (empty unless partial)."""

    evidence: Evidence
    rejected: list[Problem] = field(default_factory=list)
    library: Library = field(default_factory=Library)


def read_folder(root: Path, config: Config, *, partial: bool = False) -> Loaded:
    """Read every input file of the review folder.

    Raises BadInput with all problems of all files where any row is rejected; with ``partial`` the sound rows are kept
    and the problems of the others come back in ``Loaded.rejected``. Problems of a vocabulary or of a whole file always
    raise.
    """
    reader = _Reader(root, config, find_files(root))
    terms = {kind: Terms(kind, reader.vocabulary(f"{kind}s")) for kind in ("factor", "outcome")}
    sheets = reader.sheets()
    studies: dict[str, Study] = {}
    places: dict[str, tuple[str, int]] = {}
    lost: dict[str, str] = {}
    for table, spec, kind in sheets:
        if kind == "studies":
            _add_studies(table, read_studies(table, spec, terms["outcome"], lost), studies, places, lost)
    lacking = reader.may_lack_studies(sheets)
    none = not lacking and not any(kind == "studies" and (t.rows or t.problems) for t, _, kind in sheets)
    index = StudyIndex(studies.values(), lost, complete=not (lacking or none))
    findings: dict[str, Finding] = {}
    for table, spec, kind in sheets:
        if kind == "findings":
            _add_findings(table, read_findings(table, spec, index, terms["factor"], terms["outcome"]), findings)
    if none and any(table.followed for table in reader.read):  # once, and not for every row of findings
        reader.broken.append(
            Problem(
                "sheets",
                "no sheet in sheets/ defines studies",
                accepted="a sheet with a row for each study: key, title, doi, …",
            )
        )
    searches = _searches(reader.tables(SEARCHES)) if SEARCHES in reader.names else []
    decisions = read_decisions(reader.tables(DUPLICATES), index) if DUPLICATES in reader.names else []
    library = read_library(root, reader.names, tuple(studies.values()), searches, decisions)
    gaps = _gaps(reader.tables(GAPS), terms) if GAPS in reader.names else []
    broken = reader.broken + [p for t in reader.read for p in t.broken]
    rejected = list(dict.fromkeys((*(p for t in reader.read for p in t.problems), *library.problems)))
    if broken or (rejected and not partial):
        raise BadInput(sorted(dict.fromkeys(broken + rejected), key=lambda p: (p.file, p.sheet, p.row)))
    evidence = Evidence(
        config.review,
        tuple(studies.values()),
        tuple(findings.values()),
        tuple(terms["factor"].concepts.values()),
        tuple(terms["outcome"].concepts.values()),
        tuple(searches),
        tuple(gaps),
        (*reader.sources, *library.sources),
        library.resolution.records,
        library.resolution.works,
        library.resolution.reports,
        library.standings,
    )
    return Loaded(evidence, rejected + [p for t in reader.read for p in t.followed], library)


class _Reader:
    """Reads the files of one folder and remembers every table, source and problem."""

    def __init__(self, root: Path, config: Config, files: tuple[list[Path], list[Path]]) -> None:
        self.root, self.config = root, config
        found, unread = files
        self.names = [path.relative_to(root).as_posix() for path in found]
        self.read: list[RawTable] = []
        self.sources: list[Source] = []
        self.broken = [self._unread(path) for path in unread]

    def _unread(self, path: Path) -> Problem:
        """Return the problem of a file that would be passed over without a word."""
        name = path.relative_to(self.root).as_posix()
        if path.parent == self.root / "vocabulary":
            ending = ".ttl" if path.suffix.lower() in RDF else ".csv"
            meant = [f"vocabulary/{stem}{ending}" for stem in nearest(path.stem, ("factors", "outcomes"), 1)]
            return Problem(
                name,
                "is not the name of a vocabulary, so that it would not be read",
                suggestion=_quoted(other for other in meant if other not in self.names),
                accepted=", ".join(VOCABULARY) + "; keep other files elsewhere",
            )
        if path.parent != self.root / "sheets":
            return Problem(
                name,
                "sub-folders of sheets/ are not read",
                accepted="the file in sheets/ itself, or outside of it",
            )
        return Problem(name, f"files of type {path.suffix!r} are not read", accepted=", ".join(SHEETS))

    def tables(self, name: str, specs: Sequence[SheetSpec] = ()) -> list[RawTable]:
        """Read one file as its declarations in ``review.toml`` say."""
        path = self.root / name
        heads = {spec.sheet: spec.header_row for spec in specs if spec.sheet is not None}
        encoding, header_row = next(
            ((s.encoding, s.header_row) for s in specs if s.sheet is None), (specs[0].encoding if specs else None, 1)
        )
        found = read_tables(path, name, encoding=encoding, header_row=header_row, header_rows=heads)
        self.sources.append(Source(name, sha256(path), sum(len(t.rows) for t in found)))
        self.read.extend(found)
        return found

    def vocabulary(self, name: str) -> list[Concept] | None:
        """Return the terms of ``vocabulary/NAME.ttl`` or ``.csv``; None where there is no such vocabulary to hold to.

        That is so as well where it has no terms yet, as in a new folder, and where its file cannot be read at all: then
        the terms of the sheets are not in question.
        """
        turtle, sheet = f"vocabulary/{name}.ttl", f"vocabulary/{name}.csv"
        if turtle in self.names:
            concepts, problems = read_turtle(self.root / turtle, turtle)
            self.sources.append(Source(turtle, sha256(self.root / turtle), len(concepts)))
            if sheet in self.names:
                problems.append(Problem(sheet, f"would not be read beside {turtle}", accepted="one of the two"))
        elif sheet in self.names:
            found = self.tables(sheet)
            concepts = [concept for table in found for concept in read_vocabulary(table)]
            problems = [p for table in found for p in table.problems]
            if any(table.broken for table in found):
                return None
        else:
            return None
        self.broken += [*problems, *check_vocabulary(concepts)]
        return concepts or None

    def sheets(self) -> list[tuple[RawTable, SheetSpec | None, str]]:
        """Return the sheets of the folder with their declaration in ``review.toml`` and their kind."""
        names = [name for name in self.names if name.startswith("sheets/")]
        declared: dict[str, list[SheetSpec]] = {}
        for spec in self.config.sheets:
            if spec.file in names:
                declared.setdefault(spec.file, []).append(spec)
            else:
                reason = "the file is not in sheets/" if (self.root / spec.file).is_file() else "the file is not there"
                self.broken.append(
                    Problem(
                        CONFIG,
                        reason,
                        column="[[sheet]] file",
                        value=spec.file,
                        suggestion=_quoted(nearest(spec.file, names)),
                        accepted=", ".join(names),
                    )
                )
        return [sheet for name in names for sheet in self.sheets_of(name, declared.get(name, []))]

    def sheets_of(self, name: str, specs: list[SheetSpec]) -> list[tuple[RawTable, SheetSpec | None, str]]:
        """Return the sheets of one file that hold studies or findings; of a workbook, the others are left alone."""
        tables = self.tables(name, specs)
        titles = [table.sheet for table in tables if table.sheet]
        for spec in specs:
            if spec.sheet is not None and spec.sheet not in titles and (titles or not any(t.broken for t in tables)):
                self.broken.append(
                    Problem(
                        CONFIG,
                        f"{name} has no such sheet" if titles else f"{name} is one sheet without a name",
                        column="[[sheet]] sheet",
                        value=spec.sheet,
                        suggestion=_quoted(nearest(spec.sheet, titles)),
                        accepted=", ".join(titles),
                    )
                )
        found: list[tuple[RawTable, SheetSpec | None, str]] = []
        for table in tables:
            spec_of = next((s for s in specs if s.sheet == table.sheet or not titles), None)
            sure = len(tables) == 1 or spec_of is not None
            spec_of = spec_of or next((s for s in specs if s.sheet is None), None)
            kind = guess_kind(table, spec_of, sure=sure)
            if kind:
                found.append((table, spec_of if sure or not spec_of else for_kind(spec_of, kind, table), kind))
            elif further := _header_further_down(table):
                table.problems.clear()
                table.broken = [
                    Problem(
                        name,
                        f"the header seems to be row {further}",
                        table.sheet,
                        table.header_row,
                        value=", ".join(filter(None, table.header)),
                        accepted=f'header_row = {further} under [[sheet]] with file = "{name}"'
                        + (f' and sheet = "{table.sheet}"' if table.sheet else "")
                        + " in review.toml",
                    )
                ]
            elif sure and table.header and not table.broken:
                table.broken.append(_unknown_kind(table, table.header_row, ", ".join(table.header)))
            elif not sure:
                self.read = [other for other in self.read if other is not table]
        if not found and len(tables) > 1 and not any(table.broken for table in tables):
            self.broken.append(_unknown_kind(RawTable(name), 0, ", ".join(titles)))
        return found

    def may_lack_studies(self, sheets: Iterable[tuple[RawTable, SheetSpec | None, str]]) -> bool:
        """Return whether a sheet that could not be read may define studies."""
        kinds = {id(table): kind for table, _, kind in sheets}
        broken = [table.file for table in self.read if table.broken and kinds.get(id(table)) != "findings"]
        return any(file.startswith("sheets/") for file in (*broken, *(p.file for p in self.broken)))


def _header_further_down(table: RawTable) -> int | None:
    """Return the row, of the first few, that would be the header of a sheet of studies or findings."""
    for number, row in sorted((*table.rows, *table.unfit), key=lambda item: item[0])[:10]:
        head = RawTable(table.file, header=[cell for cell in row if isinstance(cell, str)])
        if guess_kind(head, sure=False):
            return number
    return None


def _quoted(names: Iterable[str]) -> str:
    return " or ".join(repr(name) for name in names)


def _unknown_kind(table: RawTable, row: int, value: str) -> Problem:
    return Problem(
        table.file,
        "cannot tell what the sheet holds" if row else "no sheet of the workbook holds studies or findings",
        table.sheet,
        row,
        value=value,
        accepted="columns study, factor, direction, … (findings) or key, title, doi, … (studies); "
        "or [[sheet]] with kind and columns in review.toml",
    )


def _add_studies(
    table: RawTable,
    read: Iterable[tuple[int, Study]],
    studies: dict[str, Study],
    places: dict[str, tuple[str, int]],
    lost: dict[str, str],
) -> None:
    for number, study in read:
        by = "doi" if study.doi else "openalex" if study.id.startswith("openalex:") else "key"
        named = [(by, study.id), ("key", study.key), ("label", study.label or "")]
        clash = next(((column, name) for column, name in named if name.casefold() in places), None)
        if clash is None:
            studies[study.id] = study
            places.update({name.casefold(): (table.file, number) for _, name in named if name})
            continue
        column, name = clash
        file, row = places[name.casefold()]
        lost.update({n.casefold(): f"{table.file}, row {number}" for _, n in named if n.casefold() not in places})
        table.problems.append(
            Problem(
                table.file,
                f"two studies have one {_CALLED[column]} (the other is in {file}, row {row})",
                table.sheet,
                number,
                column,
                {"doi": study.doi or "", "key": study.key}.get(column, name),
                accepted="one row a study; several reports of one study belong in one row",
            )
        )


_CALLED = {"doi": "DOI", "openalex": "OpenAlex ID", "key": "key", "label": "article number"}


def _add_findings(table: RawTable, read: Iterable[Finding], findings: dict[str, Finding]) -> None:
    for finding in read:
        other = findings.setdefault(finding.id, finding)
        if other is not finding:
            table.problems.append(
                Problem(
                    table.file,
                    f"the finding stands twice (also in {other.source}, row {other.row})",
                    table.sheet,
                    finding.row,
                    value=f"{finding.study}, {finding.factor}, {finding.direction}",
                    accepted="one row for the same study, factor, direction, outcomes and locator",
                )
            )


def _searches(tables: Iterable[RawTable]) -> list[Search]:
    searches: dict[str, Search] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, _SEARCHES), None)
        for number, row in table.rows:
            cells.start(number, row)
            id_ = cells.text("id") or f"search-{number - 1:02d}"
            text = {name: cells.text(name) or None for name in _SEARCH_TEXTS}
            numbers = {name: cells.number_of(name, 0, 10**9) for name in _SEARCH_NUMBERS}
            missing = tuple(cells.several("missing"))
            search = Search(id_, cells.text("source"), missing=missing, **text, **numbers)  # type: ignore[arg-type]
            if id_ in searches:
                cells.fail("id", id_, "two searches have this id", accepted="an id of its own for each, or blank")
            if not cells.rejected:
                searches[id_] = search
    return list(searches.values())


def _gaps(tables: Iterable[RawTable], terms: dict[str, Terms]) -> list[StatedGap]:
    gaps: dict[str, StatedGap] = {}
    for table in tables:
        cells = RowReader(table, find_columns(table, _GAPS), None)
        for number, row in table.rows:
            cells.start(number, row)
            tied: dict[str, tuple[str, ...]] = {}
            for column, kind in (("factors", "factor"), ("outcomes", "outcome")):
                ids = [(text, terms[kind].find(text)) for text in cells.several(column)]
                for text, term in ids:
                    if term is None:
                        cells.fail(
                            column,
                            text,
                            f"no {kind} of the vocabulary is called this",
                            suggestion=terms[kind].suggest(text),
                            accepted=terms[kind].examples(),
                        )
                tied[column] = tuple(dict.fromkeys(term for _, term in ids if term))
            id_ = cells.text("id") or f"gap-{number - 1:02d}"
            if id_ in gaps:
                cells.fail("id", id_, "two gaps have this id", accepted="an id of its own for each, or blank")
            gap = StatedGap(
                id_,
                cells.text("kind") or "stated",
                cells.text("statement"),
                tied["factors"],
                tied["outcomes"],
                cells.text("locator") or None,
            )
            if not cells.rejected:
                gaps[id_] = gap
    return list(gaps.values())
