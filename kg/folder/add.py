"""Add files to a review folder: sheets, exports of databases, works of OpenAlex, files of notices.

A file is read as a whole before anything is written; all of its problems are reported with file and row.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.errors import BadInput, KgError, UsageProblem
from kg.folder.among_sheets import check_candidates
from kg.folder.explain import described
from kg.folder.files import check_file, sha256, size_limit
from kg.folder.formats import KINDS, kind_in
from kg.folder.keys import is_date
from kg.folder.review import Review
from kg.folder.searchlog import check_log
from kg.folder.targets import check_sheets, target_of
from kg.folder.transaction import JOURNAL, Placing, complete, pending, place
from kg.folder.trial import evidence_of, trial
from kg.folder.writing import folder_lock, part_of
from kg.model.layout import RECORDS, SHEETS
from kg.problems import Note, Problem, by_cause, group_problems

if TYPE_CHECKING:
    from kg.folder.read import Loaded
    from kg.loaders.references.spec import ReferenceSpec
    from kg.model.records import Evidence

#: Called with the evidence before and after a change.
Foresee: TypeAlias = Callable[["Evidence | None", "Evidence"], None]
#: The kinds of files that come from a search.
_SEARCHED = ("references", "records")


class _Read(NamedTuple):
    """What was read of a file: the number of its records, where they are from, and the notes on them."""

    number: int
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """A file that was added to the folder, and the ``number`` of rows, records or notices (``noun``) in it.

    ``kept`` is the id of the search that already lists the file in the search log; that row is unchanged.
    ``description`` says how a sheet was read, ``notes`` what could not be read of entries that were. ``completed`` is
    True for a file of an earlier call that was interrupted.
    """

    path: Path
    number: int
    noun: str
    kept: str | None = None
    description: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    completed: bool = False


def add_files(
    review: Review,
    files: Sequence[Path],
    *,
    replace: bool = False,
    kind: str | None = None,
    search: Mapping[str, str] | None = None,
    foresee: Foresee | None = None,
    write: bool = True,
) -> Iterator[Added]:
    """Copy files into the sub-folders for their kinds, and yield each file once all of them are read.

    ``kind`` is one of KINDS; without it, ``kind_in`` decides. ``search`` holds columns of the search log (date, source,
    query, …) for the rows of these files. ``foresee`` is called before sheets are written. Without ``write``, all is
    checked and nothing is written.

    Before anything is written, raises UsageProblem for a file that is missing, of a type that is not read or already in
    the folder, for an invalid date of the search, and for a search without a file that can come from one. Raises
    BadInput if anything in a file cannot be accepted; then no file is added. Waits for other processes that write into
    the folder, and first completes a call that was interrupted.
    """
    asked = _Asked(replace, search or {}, foresee, write, sure=kind == "sheet")
    yield from _add_all(review, files, kind, asked)


class _Asked(NamedTuple):
    """The options of a call."""

    replace: bool
    search: Mapping[str, str]
    foresee: Foresee | None
    write: bool
    sure: bool


def _add_all(review: Review, files: Sequence[Path], kind: str | None, asked: _Asked) -> list[Added]:
    """Complete an interrupted call, and add the files that it did not."""
    with folder_lock(review.root):
        if not asked.write and pending(review.root):
            raise KgError("an earlier kg add was interrupted: the next one that writes completes it")
        done = {file.target: file for file in complete(review.root)}
        finished = [Added(review.root / file.target, file.number, file.noun, completed=True) for file in done.values()]
        kinds = {path: kind or kind_in(review, path) for path in files}
        rest = {path: kind_ for path, kind_ in kinds.items() if not _is_done(path, target_of(path, kind_), done)}
        return [*finished, *(_add(review, rest, asked) if rest else [])]


def _is_done(path: Path, target: str, done: Mapping[str, Placing]) -> bool:
    """Return whether an interrupted call that has just been completed placed this file."""
    return target in done and path.is_file() and sha256(path) == done[target].digest


def _add(review: Review, kinds: Mapping[Path, str], asked: _Asked) -> list[Added]:
    """Read files and place them; the caller holds the lock of the folder."""
    sheets = [path for path, kind in kinds.items() if kind == "sheet"]
    targets = {path: review.root / target_of(path, kind) for path, kind in kinds.items() if kind != "sheet"}
    _check(kinds, targets, replace=asked.replace, search=asked.search)
    if any(kinds[path] in _SEARCHED for path in targets):
        check_log(review.root)
    specs = {spec.file: spec for spec in review.config.references}
    adders: dict[str, Callable[[Path, Path], _Read]] = {
        "references": lambda path, target: _add_references(path, target, specs.get(f"references/{target.name}")),
        "records": _add_records,
        "notices": _add_notices,
    }
    staged = [*targets.values(), *(review.root / "sheets" / path.name for path in sheets)]
    try:
        read = {path: adders[kinds[path]](path, target) for path, target in targets.items()}
        of_sheets = _stage_sheets(review, sheets, asked) if sheets else []
        placing = [_placing_of_sheet(review.root, path, one) for path, one in zip(sheets, of_sheets, strict=True)]
        for path, target in targets.items():
            number, source, _ = read[path]
            name = target.relative_to(review.root).as_posix()
            row = {"source": source, "fetched": number, "file": name, **asked.search}
            searched = kinds[path] in _SEARCHED
            noun = "record" if searched else "notice"
            placing.append(Placing(name, sha256(path), number, noun, row if searched else None))
        kept = place(review.root, placing) if asked.write else [None] * len(placing)
    finally:
        if not (review.root / JOURNAL).exists():
            for target in staged:
                part_of(target).unlink(missing_ok=True)
    files = zip(targets, placing[len(sheets) :], kept[len(sheets) :], strict=True)
    return [
        *of_sheets,
        *(Added(targets[path], file.number, file.noun, id_, (), read[path].notes) for path, file, id_ in files),
    ]


def _check(
    kinds: Mapping[Path, str], targets: Mapping[Path, Path], *, replace: bool, search: Mapping[str, str]
) -> None:
    """Raise UsageProblem if the request cannot be carried out, whatever the content of the files."""
    if search and not any(kind in _SEARCHED for kind in kinds.values()):
        raise UsageProblem("only records and references come from a search: leave out what describes one")
    if (day := search.get("date")) and not is_date(day):
        raise UsageProblem(
            f"--date {day!r} is no date; accepted: a day such as 2026-11-01, a month (2026-11) or a year"
        )
    for path, kind in kinds.items():
        if not path.is_file():
            raise UsageProblem(f"{path} is not a file")
        suffixes = RECORDS.get(KINDS[kind])
        if suffixes and not path.name.lower().endswith(suffixes):
            suffix = path.suffix or "none"
            hint = "; save a workbook as CSV UTF-8" if kind == "references" and suffix.lower() in SHEETS else ""
            accepted = ", ".join(suffixes) + hint
            raise UsageProblem(f"{path}: {kind} of type {suffix!r} are not read; accepted: {accepted}")
        check_file(path, path.name, limit=size_limit(f"{KINDS[kind]}/{path.name}"))
    for target, number in Counter(targets.values()).items():
        if number > 1:
            raise UsageProblem(f"{number} of the files would be {target}, and only one could stay: rename one")
        if target.exists() and not replace:
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")


def _add_references(path: Path, target: Path, spec: ReferenceSpec | None) -> _Read:
    from kg.loaders.references.formats import read_with_notes

    records, problems, notes = read_with_notes(path, path.name, spec)
    if problems:
        raise BadInput(problems, "it was not added")
    if not records:
        raise BadInput(
            [Problem(path.name, "holds no record", accepted="an export with at least one")], "it was not added"
        )
    _stage(target, lambda part: shutil.copyfile(path, part))
    databases = ", ".join(sorted({record.database for record in records}))
    return _Read(len(records), databases, _lines(notes))


def _lines(notes: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(str(group) for group in group_problems(by_cause(notes)))


def _add_records(path: Path, target: Path) -> _Read:
    from kg.folder.works import write_works

    number = 0

    def write(part: Path) -> None:
        nonlocal number
        number = write_works(path, part)

    _stage(target, write)
    return _Read(number, "OpenAlex")


def _add_notices(path: Path, target: Path) -> _Read:
    from kg.loaders.notices import read_notices

    found, problems = read_notices(path, path.name)
    notes = [problem for problem in problems if isinstance(problem, Note)]
    if len(notes) < len(problems):
        raise BadInput(problems, "it was not added")
    _stage(target, lambda part: shutil.copyfile(path, part))
    return _Read(len(found.notices), found.source, _lines(notes))


def _stage(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name beside ``target``; ``place`` renames it."""
    try:
        target.parent.mkdir(exist_ok=True)
        write(part_of(target))
    except OSError as error:
        raise KgError(f"cannot write {target}: {error.strerror or error}") from error


def add_sheets(
    review: Review,
    files: Sequence[Path],
    *,
    replace: bool = False,
    sure: bool = False,
    foresee: Foresee | None = None,
    write: bool = True,
) -> list[Added]:
    """Copy sheets into ``sheets/`` if the whole folder can be read with them.

    ``foresee`` is called before that with the evidence as it is, or None if it cannot be read, and as it will be, both
    without records. Without ``write``, nothing is copied.

    Raises UsageProblem for a file that is missing, of a type that is not read or already in the folder, and, unless
    ``sure``, for studies that could be a list of references. Raises BadInput if rows are rejected. The folder is then
    unchanged.
    """
    return _add_all(review, files, "sheet", _Asked(replace, {}, foresee, write, sure))


def _stage_sheets(review: Review, files: Sequence[Path], asked: _Asked) -> list[Added]:
    """Check sheets with the whole folder, write them beside their places, and return what will have been added."""
    targets = [(path, review.root / "sheets" / path.name) for path in files]
    check_sheets(review.root, targets, replace=asked.replace)
    loaded = trial(review, targets)
    if not asked.sure:
        check_candidates(loaded, targets)
    rows = {source.path: source.rows for source in loaded.evidence.sources}
    if asked.foresee:
        asked.foresee(evidence_of(review), loaded.evidence)
    for path, target in targets if asked.write else ():
        _stage(target, partial(shutil.copyfile, path))
    names = [f"sheets/{target.name}" for _, target in targets]
    return [
        Added(target, rows.get(name, 0), "row", None, described(loaded, name), _notes_on(loaded, name))
        for (_, target), name in zip(targets, names, strict=True)
    ]


def _notes_on(loaded: Loaded, name: str) -> tuple[str, ...]:
    return _lines([note for note in loaded.notes if note.file == name])


def _placing_of_sheet(root: Path, path: Path, added: Added) -> Placing:
    return Placing(added.path.relative_to(root).as_posix(), sha256(path), added.number, added.noun)
