"""A build that reads and writes only what changed, where nothing changed but sheets of findings.

Wherever anything is out of the ordinary there is no such build, and the folder is read as a whole: that is also what
words the problems of rows that cannot be accepted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from kg.assemble import concept_rows, finding_rows, owned, review_row, source_row
from kg.change import difference
from kg.config import Config
from kg.errors import StaleGraph
from kg.graphdata import GraphData
from kg.ledger import Damaged, Ledger, open_ledger
from kg.loaders.cells import Terms
from kg.loaders.columns import SheetSpec
from kg.loaders.folder import read_sheet
from kg.loaders.rawtable import RawTable
from kg.loaders.sheets import StudyIndex, read_findings
from kg.model import Finding, Source
from kg.store import Manifest, Progress, Store
from kg.sums import EXAMINED, Shift, Sums, Touched, studies_of


class _Sheet(NamedTuple):
    """One file before or after: its tables by title, and the node that it is."""

    tables: Mapping[str, tuple[RawTable, SheetSpec | None]]
    source: Source


class _Unusual(Exception):
    """Something is not as it is when sheets of findings are edited."""


def update(
    root: Path,
    config: Config,
    store: Store,
    ledger_file: Path,
    held: Manifest,
    files: Mapping[str, tuple[int, int, str]],
    progress: Progress,
) -> Manifest | None:
    """Turn the graph that was built as ``held`` says into that of ``files``, and return its manifest.

    None where that takes a whole build. Raises StoreError.
    """
    was, now = ({name: stamp[2] for name, stamp in stamps.items()} for stamps in (held.files, files))
    changed = [name for name in dict.fromkeys((*was, *now)) if was.get(name) != now.get(name)]
    if not all(name.startswith("sheets/") for name in changed):
        return None
    with open_ledger(ledger_file, held) as ledger:
        if ledger is None:
            return None
        try:
            found = _Changed(root, config, ledger, held, files, changed)
            before, after = found.graphs()
            manifest = replace(held, files=dict(files), counts=found.counts)
            found.keep()
            store.change(difference(before, after), held, manifest, progress)
        except (_Unusual, Damaged, StaleGraph):
            return None
        ledger.commit(manifest)
        return manifest


class _Changed:
    """The findings that changed, and what that changes."""

    def __init__(
        self,
        root: Path,
        config: Config,
        ledger: Ledger,
        held: Manifest,
        files: Mapping[str, tuple[int, int, str]],
        changed: Sequence[str],
    ) -> None:
        self.config, self.ledger = config, ledger
        basis = ledger.basis()
        self.sums = Sums(basis, ledger.place_of, ledger.members)
        self.shift: Shift = {}
        self.counts = dict(held.counts)
        index = StudyIndex(())
        index.named = _Names(ledger)
        terms = Terms("factor", basis.factors), Terms("outcome", basis.outcomes)
        try:
            self.data = {name: (root / name).read_bytes() if name in files else None for name in changed}
        except OSError as error:
            raise _Unusual("a file has just gone") from error
        old = self._sheets({name: _known(ledger, name) for name in changed if name in held.files})
        new = self._sheets({name: data for name, data in self.data.items() if data is not None})
        for name, sheet in new.items():
            if sheet.source.sha256 != files[name][2]:
                raise _Unusual(f"{name} is being changed")
        if any(spec.file in changed and spec.file not in files for spec in config.sheets):
            raise _Unusual("review.toml names a file that is gone")
        self.sources = [[sheet.source for sheet in sheets.values()] for sheets in (old, new)]
        self.old, self.new = (
            _by_id(f for table, spec in _differing(these, those) for f in _findings(table, spec, index, *terms))
            for these, those in ((old, new), (new, old))
        )

    def graphs(self) -> tuple[GraphData, GraphData]:
        """Return the part of the graph that changes: which rows it had, and the rows it has now.

        Of what is counted, the rows before are bare: they differ from those that take their place.
        """
        gone, come = (list(findings.values()) for findings in (self.old, self.new))
        self.shift = self.sums.shift(gone, come)
        touched = self.sums.touched(self.shift)
        before = self._graph(touched, gone, self.sources[0], bare=True)
        try:
            self.sums.apply(self.shift)
        except ValueError as error:
            raise Damaged("a finding that was read was not counted") from error
        self.counts["Finding"] = self.counts.get("Finding", 0) + len(come) - len(gone)
        after = self._graph(touched, come, self.sources[1])
        for label in ("Source", "Tally"):
            self.counts[label] = self.counts.get(label, 0) + len(after.nodes[label]) - len(before.nodes[label])
        self.counts = {label: count for label, count in self.counts.items() if count}
        return before, after

    def keep(self) -> None:
        """Put what was read now into the ledger."""
        if not self.ledger.swap(self.old.keys() - self.new.keys(), self.new.keys() - self.old.keys()):
            raise _Unusual("a finding stands twice")
        self.ledger.keep_counts(self.shift)
        for name, data in self.data.items():
            self.ledger.keep_sheet(name, data)

    def _sheets(self, files: Mapping[str, bytes]) -> dict[str, _Sheet]:
        """Read files as a build would."""
        sheets = {}
        for name, data in files.items():
            with tempfile.TemporaryDirectory() as folder:  # what was read before is no longer in the review's own
                path = Path(folder) / name
                path.parent.mkdir()
                path.write_bytes(data)
                read = read_sheet(Path(folder), self.config, name)
            if read is None:
                raise _Unusual(f"{name} does not hold findings alone, or has a problem")
            tables, source = read
            sheets[name] = _Sheet({table.sheet: (table, spec) for table, spec in tables}, source)
        return sheets

    def _graph(
        self, touched: Touched, findings: Sequence[Finding], sources: Iterable[Source], *, bare: bool = False
    ) -> GraphData:
        basis, members = self.sums.basis, self.sums.members
        nodes, edges = self.sums.rows(touched, bare=bare)
        for label, concepts in (("Factor", basis.factors), ("Outcome", basis.outcomes)):
            ids = touched.concepts(label)
            rows = [{"id": id_} for id_ in ids] if bare else concept_rows(label, concepts, studies_of((nodes, edges)))
            nodes[label] = [row for row in rows if row["id"] in ids]
        nodes["Review"] = [review_row(self.config.review, len(basis.labels), self.counts.get("Finding", 0))]
        nodes["Source"] = [source_row(source) for source in sources]
        edges["EXAMINES", "Study", "Outcome"] = [
            {"from": self.ledger.study_at(place), "to": key[1]}
            for key, moved in self.shift.items()
            if key[0] == EXAMINED
            for place in moved
            if members[key].count(place)
        ]
        finding_nodes, finding_edges = finding_rows(findings)
        return GraphData(owned({**nodes, **finding_nodes}, basis.review), {**edges, **finding_edges})


class _Names(dict[str, str]):
    """What cells may call a study -> its id, looked up in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    def get(self, name: str, default: object = None) -> str | None:  # type: ignore[override]
        place = self._ledger.place(name)
        return None if place is None else self._ledger.study_at(place)


def _known(ledger: Ledger, name: str) -> bytes:
    data = ledger.sheet(name)
    if data is None:
        raise _Unusual(f"{name} held something else than findings")
    return data


def _differing(these: Mapping[str, _Sheet], those: Mapping[str, _Sheet]) -> Iterator[tuple[RawTable, SheetSpec | None]]:
    """Yield the tables of some files with the rows that the same tables of other files do not have at their place."""
    for name, sheet in these.items():
        for title, (table, spec) in sheet.tables.items():
            other, other_spec = those[name].tables.get(title, (None, None)) if name in those else (None, None)
            known = dict(other.rows) if other and (other.header, other_spec) == (table.header, spec) else {}
            yield replace(table, rows=[(n, cells) for n, cells in table.rows if known.get(n) != cells]), spec


def _findings(
    table: RawTable, spec: SheetSpec | None, index: StudyIndex, factors: Terms, outcomes: Terms
) -> list[Finding]:
    found = read_findings(table, spec, index, factors, outcomes)
    if table.broken or table.problems or table.followed:
        raise _Unusual(f"{table.file} has a problem")
    return found


def _by_id(findings: Iterable[Finding]) -> dict[str, Finding]:
    listed = list(findings)
    found = {finding.id: finding for finding in listed}
    if len(found) != len(listed):
        raise _Unusual("a finding stands twice")
    return found
