"""Read the bibliographic files of a review folder, and link their records to the studies that they report.

Works of OpenAlex are in ``records/``, exports of other databases in ``references/``, files of notices in ``standing/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.folder.files import sha256, variant_of
from kg.limits import check_problems
from kg.linkage.resolve import Resolution, resolve
from kg.linkage.retractions import NoticeFile, candidate_standings, standings
from kg.loaders.references.spec import ReferenceSpec
from kg.model.layout import CONFIG, DUPLICATES, SEARCHES
from kg.model.records import Pair, Record, Search, Source, Standing, Study
from kg.problems import Note, Problem, nearest


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
) -> Library:
    """Read the bibliographic files among ``names`` (relative to ``root``) and link their records to the studies.

    ``declared`` are the tables of references that ``review.toml`` describes; one that is not there is a problem.
    ``false_merges`` bounds the merges of records that share no key (see ``kg.linkage.resolve``). The day on which a
    file's records were seen comes from the search log.
    """
    library = Library(decisions=tuple(decisions))
    seen = {search.file: search.date for search in searches if search.file}
    records: list[Record] = []
    rows: dict[str, int] = {}
    specs = {spec.file: spec for spec in declared}
    names = list(names)
    if (root / "references").is_dir():  # else the folder is a copy to try sheets in, or the files are still to come
        library.problems += [_not_there(file, names) for file in specs if file not in names]
    fixed = [variant_of(root, name) for name in (SEARCHES, DUPLICATES)]
    for name in names:
        folder = name.partition("/")[0]
        if name in fixed or folder not in ("records", "references", "standing"):
            continue
        if folder == "standing":
            from kg.loaders.notices import read_notices

            file, problems = read_notices(root / name, name)
            library.notices.append(file)
            library.problems += [problem for problem in problems if not isinstance(problem, Note)]
            library.notes += [problem for problem in problems if isinstance(problem, Note)]
            rows[name] = len(file.notices)
            continue
        before = len(records)
        problems_of_file: list[Problem] = []
        for found in _records(root / name, name, seen.get(name), specs.get(name)):
            if isinstance(found, Note):
                library.notes.append(found)
            elif isinstance(found, Problem):
                problems_of_file.append(found)
                check_problems(problems_of_file)
            else:
                records.append(found)
        library.problems += problems_of_file
        rows[name] = len(records) - before
    library.resolution = resolve(studies, records, decisions, false_merges)
    library.standings = standings(studies, library.resolution.of_studies(studies), library.notices)
    for name, number in rows.items():
        source = Source(name, sha256(root / name), number)
        count = library.resolution.counts.get(name)
        if count is not None:
            source = replace(source, records=count.records, studies=count.studies, merged=count.merged, left=count.left)
        library.sources.append(source)
    return library


def _not_there(file: str, names: Iterable[str]) -> Problem:
    known = [name for name in names if name.startswith("references/")]
    similar = " or ".join(map(repr, nearest(file, known)))
    reason = "the file is not there"
    return Problem(CONFIG, reason, "", 0, "[[references]] file", file, ", ".join(known) or "references/…", similar)


def _records(path: Path, name: str, seen: str | None, spec: ReferenceSpec | None) -> Iterator[Record | Problem]:
    if name.startswith("records/"):
        from kg.loaders.openalex.files import read_works

        yield from read_works(path, name, seen)
        return
    from kg.loaders.references.formats import read_with_notes

    read = read_with_notes(path, name, spec)
    yield from (replace(record, seen=seen) for record in read.records)
    yield from read.problems
    yield from read.notes
