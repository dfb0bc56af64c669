"""Add files to a review folder: sheets, exports of databases, works of OpenAlex, files of notices.

A file is read as a whole before anything is written; all of its problems are reported with file and row.
"""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.errors import BadInput, KgError, UsageProblem
from kg.folder.explain import described
from kg.folder.files import check_file, size_limit
from kg.folder.formats import KINDS, check_candidates, kind_in
from kg.folder.keys import is_date
from kg.folder.review import Review
from kg.folder.searchlog import append_search, check_log, logged_as
from kg.folder.trial import evidence_of, trial
from kg.limits import check_problems
from kg.model.layout import RECORDS, SHEETS
from kg.problems import Note, Problem, by_cause, group_problems

if TYPE_CHECKING:
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
    ``description`` says how a sheet was read, ``notes`` what could not be read of entries that were.
    """

    path: Path
    number: int
    noun: str
    kept: str | None = None
    description: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
    BadInput if anything in a file cannot be accepted; then no file is added.
    """
    kinds = {path: kind or kind_in(review, path) for path in files}
    sheets = [path for path, kind_ in kinds.items() if kind_ == "sheet"]
    targets = {p: review.root / KINDS[kind_] / _target_name(p, kind_) for p, kind_ in kinds.items() if kind_ != "sheet"}
    _check(kinds, targets, replace=replace, search=search or {})
    if any(kinds[path] in _SEARCHED for path in targets):
        check_log(review.root)
    specs = {spec.file: spec for spec in review.config.references}
    adders: dict[str, Callable[[Path, Path], _Read]] = {
        "references": lambda path, target: _add_references(path, target, specs.get(f"references/{target.name}")),
        "records": _add_records,
        "notices": _add_notices,
    }
    try:
        read = {path: adders[kinds[path]](path, target) for path, target in targets.items()}
        if sheets:
            yield from add_sheets(review, sheets, replace=replace, sure=kind == "sheet", foresee=foresee, write=write)
        for target in targets.values() if write else ():
            _publish(target)
    finally:
        for target in targets.values():
            _part(target).unlink(missing_ok=True)
    for path, target in targets.items():
        number, source, notes = read[path]
        kept = None
        if kinds[path] in _SEARCHED and write:
            name = target.relative_to(review.root).as_posix()
            kept = logged_as(review.root, name)
            if kept is None:
                append_search(review.root, {"source": source, "fetched": number, "file": name, **(search or {})})
        yield Added(target, number, "record" if kinds[path] in _SEARCHED else "notice", kept, (), notes)


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
            raise UsageProblem(f"{path}: {kind} of type {suffix!r} are not read; accepted: {', '.join(suffixes)}")
        check_file(path, path.name, limit=size_limit(f"{KINDS[kind]}/{path.name}"))
    for target, number in Counter(targets.values()).items():
        if number > 1:
            raise UsageProblem(f"{number} of the files would be {target}, and only one could stay: rename one")
        if target.exists() and not replace:
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")


def _target_name(path: Path, kind: str) -> str:
    """Return the name of a file in the folder; the name of a snapshot partition includes its day."""
    if kind != "records":
        return path.name
    stem = path.name
    for suffix in (".gz", ".jsonl", ".json"):
        stem = stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem
    day = path.resolve().parent.name
    return f"{day}-{stem}.jsonl.gz" if day.startswith("updated_date=") else f"{stem}.jsonl.gz"


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
    """Write works one by one as they are read: a file may hold millions."""
    from kg.loaders.openalex.files import ACCEPTED, dump_work, iter_works

    number = 0

    def lines() -> Iterator[bytes]:
        nonlocal number
        problems: list[Problem] = []
        for row, work in iter_works(path, path.name):
            if isinstance(work, Problem):
                problems.append(work)
                check_problems(problems, "it was not added")
            elif not problems:
                number += 1
                try:
                    yield dump_work(work)
                except TypeError:  # the only reason why a value that was read as JSON cannot be written as JSON
                    problems.append(Problem(path.name, "the work is nested too deep", row=row, accepted=ACCEPTED))
        if not number and not problems:
            problems.append(Problem(path.name, "holds no work", accepted="works of OpenAlex, one JSON object a line"))
        if problems:
            raise BadInput(problems, "it was not added")

    def write(part: Path) -> None:
        with part.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            packed.writelines(lines())

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


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _stage(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name beside ``target``; ``_publish`` renames it."""
    try:
        target.parent.mkdir(exist_ok=True)
        write(_part(target))
    except OSError as error:
        raise KgError(f"cannot write {target}: {error.strerror or error}") from error


def _publish(target: Path) -> None:
    try:
        _part(target).replace(target)
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
    targets = [(path, review.root / "sheets" / path.name) for path in files]
    _check_sheets(review, targets, replace=replace)
    loaded = trial(review, targets)
    if not sure:
        check_candidates(loaded, targets)
    rows = {source.path: source.rows for source in loaded.evidence.sources}
    if foresee:
        foresee(evidence_of(review), loaded.evidence)
    try:
        if write:
            (review.root / "sheets").mkdir(exist_ok=True)
        for path, target in targets if write else ():
            shutil.copyfile(path, _part(target))
            _part(target).replace(target)
    except OSError as error:
        raise KgError(f"cannot write into {review.root / 'sheets'}: {error.strerror or error}") from error
    names = [f"sheets/{target.name}" for _, target in targets]
    return [
        Added(target, rows.get(name, 0), "row", None, described(loaded, name))
        for (_, target), name in zip(targets, names, strict=True)
    ]


def _check_sheets(review: Review, targets: Sequence[tuple[Path, Path]], *, replace: bool) -> None:
    if len({target for _, target in targets}) < len(targets):
        raise UsageProblem("two of the files have the same name, and only one could stay in sheets/: rename one")
    for path, target in targets:
        if not path.is_file():
            raise UsageProblem(f"{path} is not a file")
        if path.suffix.lower() not in SHEETS:
            raise UsageProblem(
                f"{path}: files of type {path.suffix or 'none'!r} are not read; accepted: {', '.join(SHEETS)}"
            )
        if target.exists():
            check_file(target, f"sheets/{target.name}", review.root)
        if target.exists() and not replace and _has_rows(target):
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")


def _has_rows(path: Path) -> bool:
    """Return whether a sheet has any row; the template sheets of a new folder have none."""
    from kg.loaders.tables.read import read_tables

    return any(table.rows or table.broken for table in read_tables(path, path.name))
