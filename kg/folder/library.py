"""Read the bibliographic files of a review folder, and link their records to the studies that they report.

Works of OpenAlex are in ``records/``, exports of other databases in ``references/``, files of notices in ``standing/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kg.folder.files import sha256, variant_of
from kg.folder.kept import KeptRecords
from kg.limits import check_problems
from kg.linkage.resolve import Resolution, resolve
from kg.linkage.retractions import NoticeFile, candidate_standings, standings
from kg.loaders.references.spec import ReferenceSpec
from kg.model.layout import CONFIG, DUPLICATES, SEARCHES
from kg.model.literature import Pair, Record, Standing
from kg.model.packed import Records
from kg.model.records import Search, Source, Study
from kg.problems import Note, Problem, nearest

if TYPE_CHECKING:
    from kg.loaders.openalex.halves import PackedRecord

#: The folders of bibliographic files.
_FOLDERS = ("records", "references", "standing")


@dataclass
class Library:
    """The content of the bibliographic files; ``problems`` has one for every record that could not be read.

    ``notes`` are what could not be read of files that count all the same.
    """

    resolution: Resolution = field(default_factory=Resolution)
    standings: tuple[Standing, ...] = ()
    decisions: tuple[Pair, ...] = ()
    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    notices: list[NoticeFile] = field(default_factory=list)

    def candidate_standings(self) -> tuple[Standing, ...]:
        """Return the standings of the works that are no studies and are retracted or of concern."""
        return candidate_standings(self.resolution.works, self.resolution.records, self.notices)


def read_library(
    root: Path,
    names: Iterable[str],
    studies: Sequence[Study],
    searches: Iterable[Search],
    decisions: Sequence[Pair],
    declared: Sequence[ReferenceSpec] = (),
    false_merges: float = 0.0,
    kept: KeptRecords | None = None,
) -> Library:
    """Read the bibliographic files among ``names`` (relative to ``root``) and link their records to the studies.

    ``declared`` are the tables of references that ``review.toml`` describes; one that is not there is a problem.
    ``false_merges`` bounds the merges of records that share no key (see ``kg.linkage.resolve``). The day on which a
    file's records were seen comes from the search log. ``kept`` are packed records of the folder.
    """
    library = Library(decisions=tuple(decisions))
    seen = {search.file: search.date for search in searches if search.file}
    specs = {spec.file: spec for spec in declared}
    names = list(names)
    if (root / "references").is_dir():  # else the folder is a copy to try sheets in, or the files are still to come
        library.problems += [_not_there(file, names) for file in specs if file not in names]
    fixed = [variant_of(root, name) for name in (SEARCHES, DUPLICATES)]
    rows = {name: 0 for name in names if name.partition("/")[0] in _FOLDERS and name not in fixed}

    records, kept = Records(), kept or KeptRecords(root)
    digests: dict[str, str] = {}
    for name in rows:
        if name.startswith("standing/"):
            rows[name] = _add_notices(library, root, name)
        elif name.startswith("records/"):
            digests[name], rows[name] = _add_works(library, records, kept, root / name, name, seen.get(name))
        else:
            rows[name] = _add_records(library, records, _references(root, name, seen.get(name), specs.get(name)))
    kept.sweep()
    library.resolution = resolve(studies, records, decisions, false_merges)
    library.standings = standings(studies, library.resolution.of_studies(studies), library.notices)
    for name, number in rows.items():
        source = Source(name, digests.get(name) or sha256(root / name), number)
        count = library.resolution.counts.get(name)
        if count is not None:
            source = replace(source, records=count.records, studies=count.studies, merged=count.merged, left=count.left)
        library.sources.append(source)
    return library


def _add_works(
    library: Library, records: Records, kept: KeptRecords, path: Path, name: str, seen: str | None
) -> tuple[str, int]:
    """Add the works of a file, from what is kept of it if possible; return the hash of the file and their number."""
    begun, problems = len(records), len(library.problems)
    digest = sha256(path)
    key = kept.key(path, name, seen, digest)
    if key and kept.read(key, records, name):
        return digest, len(records) - begun
    _read_works(library, records, path, name, seen)
    without_problems = len(library.problems) == problems
    if key and kept.writes and without_problems and sha256(path) == digest:  # else this is not the file of the key
        kept.write(key, records, begun)
    return digest, len(records) - begun


def _read_works(library: Library, records: Records, path: Path, name: str, seen: str | None) -> None:
    """Add the works of a file, read by two processes if it is large."""
    from kg.loaders.openalex.files import read_works
    from kg.loaders.openalex.halves import SecondEnded, may_read_by_two, read_by_two

    if may_read_by_two(path):
        begun = len(records)
        try:
            with closing(read_by_two(path, name, seen)) as found:
                _add_records(library, records, found)
            return
        except SecondEnded:
            records.cut(begun)
    _add_records(library, records, read_works(path, name, seen))


def _add_records(library: Library, records: Records, found: Iterable[Record | PackedRecord | Problem]) -> int:
    """Add what was found in a file, and return the number of records."""
    begun, problems = len(records), list[Problem]()
    for one in found:
        if isinstance(one, Note):
            library.notes.append(one)
        elif isinstance(one, Problem):
            problems.append(one)
            check_problems(problems)
        elif isinstance(one, Record):
            records.append(one)
        else:
            records.append_packed(one.id, one.data)
    library.problems += problems
    return len(records) - begun


def _add_notices(library: Library, root: Path, name: str) -> int:
    """Add the notices of a file to the library, and return their number."""
    from kg.loaders.notices import read_notices

    file, problems = read_notices(root / name, name)
    library.notices.append(file)
    library.problems += [problem for problem in problems if not isinstance(problem, Note)]
    library.notes += [problem for problem in problems if isinstance(problem, Note)]
    return len(file.notices)


def _not_there(file: str, names: Iterable[str]) -> Problem:
    known = [name for name in names if name.startswith("references/")]
    similar = " or ".join(map(repr, nearest(file, known)))
    reason = "the file is not there"
    return Problem(CONFIG, reason, "", 0, "[[references]] file", file, ", ".join(known) or "references/…", similar)


def _references(root: Path, name: str, seen: str | None, spec: ReferenceSpec | None) -> Iterator[Record | Problem]:
    from kg.loaders.references.formats import read_with_notes

    read = read_with_notes(root / name, name, spec)
    yield from (msgspec.structs.replace(record, seen=seen) for record in read.records)
    yield from read.problems
    yield from read.notes
