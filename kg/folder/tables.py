"""The tables of a review folder: which files are read, and what kind of sheet each table is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.folder.config import Config
from kg.folder.files import find_files, sha256, variant_of
from kg.folder.undecided import asked, header_further_down, list_of_references, unknown_kind
from kg.loaders.references.candidates import export_of
from kg.loaders.sheets.excluded import lists_excluded
from kg.loaders.sheets.facets import facet_id
from kg.loaders.sheets.guess import guess
from kg.loaders.sheets.kinds import decides, for_kind, guess_kind, is_charted, passed_over
from kg.loaders.sheets.reading import Reading
from kg.loaders.sheets.spec import SheetSpec
from kg.loaders.sheets.vocabulary import check_vocabulary, read_turtle, read_vocabulary
from kg.loaders.tables.rawtable import RawTable, column_letters
from kg.loaders.tables.read import read_tables
from kg.model.layout import CONFIG, RDF, RECORDS, SHEETS, VOCABULARY
from kg.model.records import Concept, Source
from kg.problems import Problem, nearest


@dataclass(frozen=True)
class Sheet:
    """A table of studies, findings, terms or links, and how it is read."""

    table: RawTable
    reading: Reading

    @property
    def kind(self) -> str:
        """What the rows of the table are."""
        return self.reading.kind


class FolderReader:
    """Reads the tables of one review folder and collects the tables, sources and problems.

    ``broken`` holds the problems of whole files and of vocabularies; the problems of rows stay with their table.
    """

    def __init__(self, root: Path, config: Config) -> None:
        self.root, self.config = root, config
        found, unread = find_files(root)
        self.names = [path.relative_to(root).as_posix() for path in found]
        self.tables: list[RawTable] = []
        self.sources: list[Source] = []
        self.broken = [self._unread_file(path) for path in unread]
        #: Files that are not in the folder (yet): name in the folder -> path.
        self.paths: dict[str, Path] = {}
        #: What is not read of the workbooks in ``sheets/``: file and sheet -> the reason.
        self.passed: dict[tuple[str, str], str] = {}
        self._facets = {facet_id(spec.name): spec.kind for spec in config.facets}

    def _unread_file(self, path: Path) -> Problem:
        """Return the problem of a file that is meant as input but would be ignored."""
        name = path.relative_to(self.root).as_posix()
        if path.parent == self.root / "vocabulary":
            suffix = ".ttl" if path.suffix.lower() in RDF else ".csv"
            near = [f"vocabulary/{stem}{suffix}" for stem in nearest(path.stem, ("factors", "outcomes"), 1)]
            return Problem(
                name,
                "is not the name of a vocabulary, so that it would not be read",
                suggestion=_quoted(other for other in near if other not in self.names),
                accepted=", ".join(VOCABULARY) + "; keep other files elsewhere",
            )
        folder = name.partition("/")[0]
        if folder in RECORDS:
            place = f"a file in {folder}/ itself, of a type that is read there: {', '.join(RECORDS[folder])}"
            return Problem(name, f"is not read in {folder}/", accepted=f"{place}; keep other files elsewhere")
        if path.parent != self.root / "sheets":
            return Problem(
                name,
                "sub-folders of sheets/ are not read",
                accepted="the file in sheets/ itself, or outside of it",
            )
        return Problem(name, f"files of type {path.suffix!r} are not read", accepted=", ".join(SHEETS))

    def read(self, name: str, specs: Sequence[SheetSpec] = ()) -> list[RawTable]:
        """Return the tables of one file, read as its declarations in ``review.toml`` state."""
        path = self.paths.get(name, self.root / name)
        rows = {spec.sheet: spec.header_row for spec in specs}
        encoding = next((s.encoding for s in specs if s.sheet is None), specs[0].encoding if specs else None)
        header_rows = {sheet: row or 1 for sheet, row in rows.items() if sheet is not None and row is not None}
        header_row = 1 if rows.get(None) == 0 else rows.get(None)
        tables = read_tables(path, name, encoding=encoding, header_row=header_row, header_rows=header_rows)
        for table in tables:
            if rows.get(table.sheet, rows.get(None)) == 0:
                _without_header(table)
        self.sources.append(Source(name, sha256(path), sum(len(table.rows) for table in tables)))
        self.tables.extend(tables)
        return tables

    def read_fixed(self, name: str) -> list[RawTable]:
        """Return the tables of a file with a fixed name, such as the search log; none if it is not there."""
        name = variant_of(self.root, name)
        return self.read(name) if name in self.names else []

    def vocabulary(self, name: str) -> list[Concept] | None:
        """Return the terms of ``vocabulary/NAME.ttl`` or ``.csv``.

        Returns None where every term of the sheets is accepted: there is no such file, it has no terms yet, or it
        cannot be read at all.
        """
        turtle, csv = f"vocabulary/{name}.ttl", f"vocabulary/{name}.csv"
        if turtle in self.names:
            concepts, problems = read_turtle(self.root / turtle, turtle)
            self.sources.append(Source(turtle, sha256(self.root / turtle), len(concepts)))
            if csv in self.names:
                problems.append(Problem(csv, f"would not be read beside {turtle}", accepted="one of the two"))
        elif csv in self.names:
            tables = self.read(csv)
            concepts = [concept for table in tables for concept in read_vocabulary(table)]
            problems = [problem for table in tables for problem in table.problems]
            if any(table.broken for table in tables):
                return None
        else:
            return None
        self.broken += [*problems, *check_vocabulary(concepts)]
        return concepts or None

    def facet_vocabularies(self) -> dict[str, list[Concept]]:
        """Return the id of a facet -> the values in ``vocabulary/NAME.csv`` or ``.ttl``, if it has any."""
        found: dict[str, list[Concept]] = {}
        for name in self.names:
            folder, _, file = name.partition("/")
            stem = file.rpartition(".")[0]
            if (
                folder == "vocabulary"
                and "/" not in file
                and stem not in ("factors", "outcomes")
                and (values := self.vocabulary(stem))
            ):
                found[facet_id(stem)] = values
        return found

    def sheets(self) -> list[Sheet]:
        """Return the sheets of studies and findings of the folder."""
        names = [name for name in self.names if name.startswith("sheets/")]
        specs: dict[str, list[SheetSpec]] = {}
        for spec in self.config.sheets:
            if spec.file in names:
                specs.setdefault(spec.file, []).append(spec)
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
        return [sheet for name in names for sheet in self._sheets_of(name, specs.get(name, []))]

    def _sheets_of(self, name: str, specs: list[SheetSpec]) -> list[Sheet]:
        """Return the sheets of studies and findings in one file; the other sheets of a workbook are ignored.

        A table that was meant to be one of them, but cannot be recognised, becomes a problem.
        """
        tables = self.read(name, specs)
        titles = [table.sheet for table in tables if table.sheet]
        self._check_sheet_names(name, specs, titles, tables)
        sheets: list[Sheet] = []
        others: list[RawTable] = []
        for table in tables:
            spec = next((s for s in specs if s.sheet == table.sheet or not titles), None)
            is_meant = len(tables) == 1 or spec is not None
            spec = spec or next((s for s in specs if s.sheet is None), None)
            if not is_meant and passed_over(table):
                self._pass_over(table, "passed over because of its name")
                continue
            if not is_meant and (column := decides(table)):
                self._pass_over(table, f"passed over: {column!r} says which of its rows were excluded")
                continue
            if spec is None and (export := export_of(table.header)):
                if is_meant:
                    table.broken = [list_of_references(table, export.database)]
                else:
                    self._pass_over(table, f"passed over: a list of references, as {export.database} writes it")
                continue
            kind = guess_kind(table, spec, sure=is_meant)
            if kind == "ignore":
                self._pass_over(table, "ignored, as review.toml says")
            elif kind:
                own = spec if is_meant or not spec else for_kind(spec, kind, table)
                sheets.append(Sheet(table, guess(table, kind, own, self._facets)))
            elif header_row := _later_header_row(table):
                table.problems.clear()
                table.broken = [header_further_down(table, header_row)]
            elif is_meant and table.header and not table.broken:
                table.broken.append(unknown_kind(table, table.header_row, ", ".join(table.header)))
            elif not is_meant:
                others.append(table)
        for table in others:
            if is_charted(table, [sheet.table for sheet in sheets if sheet.kind == "studies"]):
                sheets.append(Sheet(table, guess(table, "studies", None, self._facets)))
            else:
                self._pass_over(table, "not read: its columns are neither of studies nor of findings")
        sheets = self._without_excluded(sheets)
        for sheet in sheets:
            if sheet.reading.question:
                sheet.table.broken.append(asked(sheet.table, sheet.reading.question))
        read = sheets or any(reason.startswith("ignored") for (file, _), reason in self.passed.items() if file == name)
        if not read and len(tables) > 1 and not any(table.broken for table in tables):
            self.broken.append(unknown_kind(RawTable(name), 0, ", ".join(titles)))
        return sheets

    def _without_excluded(self, sheets: list[Sheet]) -> list[Sheet]:
        """Pass over the sheets of a workbook, beside others, that say of most rows why they were excluded."""
        listed = {id(s): reasons for s in sheets if (reasons := lists_excluded(s.table, s.reading.spec))}
        if len(listed) == len(sheets):
            return sheets
        for sheet in sheets:
            if reasons := listed.get(id(sheet)):
                self._pass_over(sheet.table, f"passed over: {reasons.column!r} says why its rows were excluded")
        return [sheet for sheet in sheets if id(sheet) not in listed]

    def _pass_over(self, table: RawTable, reason: str) -> None:
        self.passed[table.file, table.sheet] = reason
        self.sources = [
            replace(source, rows=source.rows - len(table.rows)) if source.path == table.file else source
            for source in self.sources
        ]
        self.tables = [other for other in self.tables if other is not table]

    def explained(self, path: Path) -> list[Sheet]:
        """Return the sheets of a file as they would be read in ``sheets/``."""
        name = f"sheets/{path.name}"
        self.paths[name] = path
        return self._sheets_of(name, [spec for spec in self.config.sheets if spec.file == name])

    def _check_sheet_names(
        self, name: str, specs: Iterable[SheetSpec], titles: list[str], tables: list[RawTable]
    ) -> None:
        """Add a problem for each sheet that ``review.toml`` declares and that the file does not have."""
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

    def may_lack_studies(self, sheets: Iterable[Sheet]) -> bool:
        """Return whether a file in ``sheets/`` that could not be read may define studies."""
        kinds = {id(sheet.table): sheet.kind for sheet in sheets}
        broken = [table.file for table in self.tables if table.broken and kinds.get(id(table)) != "findings"]
        return any(file.startswith("sheets/") for file in (*broken, *(p.file for p in self.broken)))


def _without_header(table: RawTable) -> None:
    """Make the header of a table that has none its first row; its columns are called by their letters."""
    table.rows.insert(0, (table.header_row, [*table.header]))
    table.broken.clear()
    table.header = [column_letters(index) for index in range(len(table.header))]
    table.groups = [""] * len(table.header)


def _later_header_row(table: RawTable) -> int | None:
    """Return the row, among the first ten, that has the column names of studies or findings."""
    for number, row in sorted((*table.rows, *table.malformed), key=lambda item: item[0])[:10]:
        head = RawTable(table.file, header=[cell for cell in row if isinstance(cell, str)])
        if guess_kind(head, sure=False):
            return number
    return None


def _quoted(names: Iterable[str]) -> str:
    return " or ".join(repr(name) for name in names)
