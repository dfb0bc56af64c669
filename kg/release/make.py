"""Write a release: the state of a review as plain files that describe themselves."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError, UsageProblem, counted
from kg.export.data import csv_files
from kg.export.sheets import sheet_files
from kg.export.tables import to_csv
from kg.folder.files import leads_out
from kg.folder.frozen import DESCRIPTION, RELEASES, SNAPSHOT, Release, check_name, read_release, release_names, seal
from kg.query.part import EVERY, empirical_part
from kg.release.about import as_json
from kg.release.beside import Beside, beside
from kg.release.packages import packages
from kg.release.snapshot import from_texts, texts_of
from kg.release.state import review_says, snapshot_tables
from kg.table import Table
from kg.version import __version__

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.model.records import ReviewInfo
    from kg.query.graph import Graph

#: The tables that a release has beside those of ``kg export csv``.
_MORE_TABLES = ("standing", "contested", "single-study", "characteristics", "sources", "review")


def release_files(graph: Graph, info: ReviewInfo, more: Beside, name: str, date: str) -> dict[str, str]:
    """Return file name -> text of a release, ``release.json`` last. The same state, name and date give the same texts.

    ``more`` is what the folder has beside the graph. The sheets and the snapshot have every study; the tables count the
    empirical ones, as ``kg table`` does, and ``tables`` of the description says so where there are others.
    Raises KgError for a graph that lacks rows of the sheets.
    """
    if graph.left_out:
        raise KgError(f"{counted(graph.left_out, 'row')} left out of the graph: a release has all rows; see kg check")
    part = empirical_part(graph)
    with part or nullcontext():
        snapshot = texts_of(snapshot_tables(graph, more, part))
        files = {**_tables(part or graph), **sheet_files(graph), "flow.csv": to_csv(more.flow)}
    files |= {f"{SNAPSHOT}/{table}.csv": text for table, text in snapshot.items()}
    manifest = graph.store.manifest()
    said = review_says(info)
    describe = {
        "name": name,
        "date": date,
        "kg": __version__,
        "review": said,
        "counts": from_texts(name, said, snapshot, date, EVERY).counts(),
        **({"tables": part.only} if part else {}),
        "inputs": {path: stamp[2] for path, stamp in sorted(manifest.files.items())} if manifest else {},
    }
    files = dict(sorted(files.items()))
    files |= packages(files, describe)
    return files | {DESCRIPTION: _description(describe, files)}


def _tables(graph: Graph) -> dict[str, str]:
    files = csv_files(graph)
    files |= {f"{table}.csv": to_csv(graph.table(table)) for table in _MORE_TABLES}
    return files | {"matrix.csv": to_csv(graph.matrix()), "coverage.csv": to_csv(graph.coverage())}


def _description(describe: Mapping[str, Any], files: Mapping[str, str]) -> str:
    digests = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in sorted(files.items())}
    says: dict[str, Any] = {**describe, "files": digests}
    return as_json({**says, "seal": seal(says)})


def make_release(review: Review, name: str, date: str) -> Release:
    """Freeze the state of a review folder under ``releases/NAME`` and return the release.

    ``date`` is the day of the release (ISO 8601). Raises UsageProblem for a name that is taken or cannot be one, and
    KgError where the release cannot be written; then no such folder is there.
    """
    check_name(name)
    taken = {other.casefold(): other for other in _taken(review.root)}  # one folder on macOS and Windows
    if name.casefold() in taken:
        raise UsageProblem(f"{RELEASES}/{taken[name.casefold()]} is already there: a release is never written over")
    with review.graph() as graph:
        files = release_files(graph, review.config.review, beside(review), name, date)
    write_whole(review.root / RELEASES, name, files)
    return read_release(review.root, name)


def _taken(root: Path) -> list[str]:
    folder = root / RELEASES
    if folder.is_symlink() and leads_out(root, folder):
        raise KgError(f"{folder} is a link to something outside of the review folder")
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) if folder.is_dir() else []


def write_whole(folder: Path, name: str, files: Mapping[str, str]) -> None:
    """Write files into ``folder/name``, which appears only when all of them are on disk.

    What an earlier attempt left behind is removed. Raises KgError.
    """
    part = folder / f".{name}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        for file, text in files.items():
            (part / file).parent.mkdir(parents=True, exist_ok=True)
            with (part / file).open("w", encoding="utf-8", newline="\n") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
        for path in sorted({(part / file).parent for file in files}, reverse=True):
            _sync(path)
        part.rename(folder / name)
        _sync(folder)
    except OSError as error:
        raise KgError(f"cannot write {folder / name}: {error.strerror or error}") from error


def _sync(folder: Path) -> None:
    """Bring the entries of a folder to disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def list_releases(root: Path) -> Table:
    """Return the releases of a review folder by date, with what they hold and which of their files were edited."""
    rows: list[tuple[Any, ...]] = []
    for name in release_names(root):
        try:
            release = read_release(root, name)
        except KgError:
            rows.append((name, None, None, None, None, None, None, [DESCRIPTION]))
            continue
        says = release.says
        counts = [says["counts"].get(key) for key in ("studies", "findings", "cells", "gaps")]
        rows.append((name, says["date"], *counts, says["kg"], release.edited()))
    rows.sort(key=lambda row: (row[1] or "", row[0]))
    columns = ("release", "date", "studies", "findings", "cells", "gaps", "kg", "edited")
    return Table("releases", columns, rows, "Releases")
