"""Put files into a review folder: sheets, exports of databases, works of OpenAlex, files of notices.

A file is read as a whole before anything is written, and what is wrong with it is told with its place.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import BadInput, KgError, UsageProblem
from kg.files import RECORDS, SHEETS, input_files
from kg.problems import Problem
from kg.review import Review
from kg.searchlog import append_search

#: What a file can be -> the folder that it goes into.
KINDS = {"sheet": "sheets", "references": "references", "records": "records", "notices": "standing"}
#: A file of works with more problems than this is no file of works.
_MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Added:
    """A file that is in the folder now, and how many of what it holds."""

    path: Path
    number: int
    noun: str


def add_files(
    review: Review,
    files: Sequence[Path],
    *,
    replace: bool = False,
    kind: str | None = None,
    search: Mapping[str, str] | None = None,
) -> list[Added]:
    """Put files into the folder, each where it belongs, and return what they hold.

    ``kind`` is one of KINDS; without it, a file's ending and content decide. ``search`` are columns of the search log
    that the files' rows there are given (date, source, query, …). Sheets are taken together, the others one by one.
    Raises UsageProblem for a file that is missing, of a type that is not read or already there, BadInput where anything
    in it cannot be accepted; then that file and those after it are not added.
    """
    kinds = {path: kind or kind_of(path) for path in files}
    sheets = [path for path, is_a in kinds.items() if is_a == "sheet"]
    if search and len(sheets) == len(kinds):
        raise UsageProblem("a sheet is no search: leave out what describes one")
    added = [Added(path, rows, "row") for path, rows in add_sheets(review, sheets, replace=replace)] if sheets else []
    adders: dict[str, Callable[[Review, Path, Path], tuple[int, str]]] = {
        "references": _add_references,
        "records": _add_records,
        "notices": _add_notices,
    }
    for path, is_a in kinds.items():
        if is_a == "sheet":
            continue
        target = review.root / KINDS[is_a] / _name_in(path, is_a)
        if target.exists() and not replace:
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")
        number, source = adders[is_a](review, path, target)
        if is_a != "notices":
            name = target.relative_to(review.root).as_posix()
            append_search(review.root, {"source": source, "fetched": number, "file": name, **(search or {})})
        added.append(Added(target, number, "notice" if is_a == "notices" else "record"))
    return added


def kind_of(path: Path) -> str:
    """Return what a file is, by its ending and, of tables and JSON, by what stands at its beginning.

    Raises UsageProblem for a file that is missing or of a type that is not read.
    """
    from kg.loaders.exports import export_of
    from kg.loaders.notices import is_retraction_watch
    from kg.loaders.tables import read_tables

    if not path.is_file():
        raise UsageProblem(f"{path} is not a file")
    name, suffix = path.name.lower(), path.suffix.lower()
    if suffix == ".json":
        return "notices" if _is_crossref(path) else "records"
    if name.endswith(RECORDS["records"]):
        return "records"
    if suffix in (".csv", ".tsv"):
        header = next((table.header for table in read_tables(path, path.name)), [])
        if is_retraction_watch(header):
            return "notices"
        return "references" if export_of(header) else "sheet"
    if suffix in RECORDS["references"]:
        return "references"
    if suffix in SHEETS:
        return "sheet"
    known = ", ".join(dict.fromkeys((*SHEETS, *RECORDS["references"], *RECORDS["records"])))
    raise UsageProblem(f"{path}: files of type {path.suffix or 'none'!r} are not read; accepted: {known}")


def _is_crossref(path: Path) -> bool:
    """Return whether JSON is of Crossref: its works have a ``DOI``, those of OpenAlex an ``id``."""
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    message = value.get("message", value) if isinstance(value, dict) else value
    items = message.get("items", [message]) if isinstance(message, dict) else message
    first = items[0] if isinstance(items, list) and items else None
    return isinstance(first, dict) and "DOI" in first and "id" not in first


def _name_in(path: Path, kind: str) -> str:
    """Return what a file is called in the folder; a partition of a snapshot is named after its day as well."""
    if kind != "records":
        return path.name
    stem = path.name
    for ending in (".gz", ".jsonl", ".json"):
        stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
    day = path.resolve().parent.name
    return f"{day}-{stem}.jsonl.gz" if day.startswith("updated_date=") else f"{stem}.jsonl.gz"


def _add_references(review: Review, path: Path, target: Path) -> tuple[int, str]:
    from kg.loaders.references import read_references

    records, problems = read_references(path, path.name)
    if problems:
        raise BadInput(problems, "it was not added")
    if not records:
        raise BadInput(
            [Problem(path.name, "holds no record", accepted="an export with at least one")], "it was not added"
        )
    _place(target, lambda part: shutil.copyfile(path, part))
    return len(records), ", ".join(sorted({record.database for record in records}))


def _add_records(review: Review, path: Path, target: Path) -> tuple[int, str]:
    """Write works one by one, as they come: a file may hold millions."""
    from kg.loaders.workfiles import dump_work, iter_works

    number = 0

    def lines() -> Iterator[bytes]:
        nonlocal number
        problems: list[Problem] = []
        for _, work in iter_works(path, path.name):
            if isinstance(work, Problem):
                problems.append(work)
                if len(problems) > _MOST_PROBLEMS:
                    break
            elif not problems:
                number += 1
                yield dump_work(work)
        if not number and not problems:
            problems.append(Problem(path.name, "holds no work", accepted="works of OpenAlex, one JSON object a line"))
        if problems:
            raise BadInput(problems, "it was not added")

    def write(part: Path) -> None:
        with part.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            packed.writelines(lines())

    _place(target, write)
    return number, "OpenAlex"


def _add_notices(review: Review, path: Path, target: Path) -> tuple[int, str]:
    from kg.loaders.notices import read_notices

    found, problems = read_notices(path, path.name)
    if problems:
        raise BadInput(problems, "it was not added")
    _place(target, lambda part: shutil.copyfile(path, part))
    return len(found.notices), found.source


def _place(target: Path, write: Callable[[Path], object]) -> None:
    """Let a file be written beside its place and put it there when it is whole."""
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(exist_ok=True)
        try:
            write(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise KgError(f"cannot write {target}: {error.strerror or error}") from error


def add_sheets(review: Review, files: Sequence[Path], *, replace: bool = False) -> list[tuple[Path, int]]:
    """Copy sheets into ``sheets/``, each only if the folder as a whole can be read with them; return their paths and
    row counts.

    Raises UsageProblem for a file that is missing, of a type that is not read or already there, BadInput where rows are
    rejected; then the folder is as it was.
    """
    targets = [(path, review.root / "sheets" / path.name) for path in files]
    if len({target for _, target in targets}) < len(targets):
        raise UsageProblem("two of the files have the same name, and only one could stay in sheets/: rename one")
    for path, target in targets:
        if not path.is_file():
            raise UsageProblem(f"{path} is not a file")
        if path.suffix.lower() not in SHEETS:
            raise UsageProblem(
                f"{path}: files of type {path.suffix or 'none'!r} are not read; accepted: {', '.join(SHEETS)}"
            )
        if target.exists() and not replace and _has_rows(target):
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "review"
        (trial / "sheets").mkdir(parents=True)
        published = (review.root / name for name in review.config.published)
        others = [
            review.root / folder for folder in RECORDS
        ]  # no record makes a sheet better or worse, and they are large
        for path in [*(p for p in input_files(review.root) if p.parent not in others), *published]:
            copy = trial / path.relative_to(review.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        for path, target in targets:
            shutil.copyfile(path, trial / "sheets" / target.name)
        loaded = Review(trial).load()
    rows = {source.path: source.rows for source in loaded.evidence.sources}
    try:
        (review.root / "sheets").mkdir(exist_ok=True)
        for path, target in targets:
            part = target.with_name(f".{target.name}.part")
            shutil.copyfile(path, part)
            part.replace(target)
    except OSError as error:
        raise KgError(f"cannot write into {review.root / 'sheets'}: {error.strerror or error}") from error
    return [(target, rows.get(f"sheets/{target.name}", 0)) for _, target in targets]


def _has_rows(path: Path) -> bool:
    """Return whether a sheet holds anything: the template sheets of a new folder do not."""
    from kg.loaders.tables import read_tables

    return any(table.rows or table.broken for table in read_tables(path, path.name))
