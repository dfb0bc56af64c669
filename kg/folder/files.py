"""Which files of a review folder are read. The commands that read a graph import this on every start: keep it light."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kg.errors import BadInput, KgError
from kg.limits import FILE_SIZE, JSON_SIZE, TURTLE_SIZE, Limit, check_size
from kg.model.layout import (
    CONFIG,
    DUPLICATES,
    GAPS,
    MIGRATIONS,
    OVERLAY,
    RDF,
    RECODE,
    RECORDS,
    SEARCHES,
    SHEETS,
    VOCABULARY,
)
from kg.problems import Problem

#: Types of sheets that are not read. Such a file in ``sheets/`` is an error, since it can hardly be a note.
_UNREAD_SHEETS = (".xlsm", ".numbers")
#: Types of exports and record files. Such a file in a folder of records that does not read it is an error.
_UNREAD_RECORDS = (".enw", ".enl", ".ciw", ".xls", ".xlsx", ".ods", ".ris", ".bib", ".nbib", ".parquet", ".zip")
#: Likeness of a file name to that of the factors or outcomes from which it is taken as a typing error.
_MISSPELT = 0.8
#: Files of this total size are hashed in two threads.
_THREADED_FROM = 1 << 23


def input_files(root: Path) -> list[Path]:
    """Return the files that decide what is loaded, the configuration first.

    They include files that are meant as input but have the wrong name, type or folder: these stop a build, and a new
    one makes the graph stale. Raises KgError for a folder that cannot be read.
    """
    read, unread = find_files(root)
    return [root / CONFIG, *read, *unread]


def find_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Return the files that are read, and those that are meant as input but have the wrong name, type or folder.

    Hidden files, lock files of spreadsheet programs and notes are in neither list. Raises BadInput for a file that must
    not be opened: a named pipe, a link out of the folder, a file that is too large.
    """
    terms, _ = _entries(root, root / "vocabulary")
    sheets, folders = _entries(root, root / "sheets")
    read = [p for p in terms if _is_vocabulary(p)]
    unread = [p for p in terms if p not in read and p.suffix.lower() in (*SHEETS, *_UNREAD_SHEETS, *RDF)]
    read += [p for p in sheets if p.suffix.lower() in SHEETS]
    unread += [p for p in sheets if p.suffix.lower() in _UNREAD_SHEETS or _is_tab_separated(root, p)]
    for folder in folders:
        unread += [p for p in _files_below(folder) if p.suffix.lower() in (*SHEETS, *_UNREAD_SHEETS)]
    fixed = (root / variant_of(root, name) for name in (SEARCHES, GAPS, DUPLICATES, MIGRATIONS, RECODE))
    read += [path for path in fixed if _mode(path, missing=0)]
    for name, suffixes in RECORDS.items():
        files, folders = _entries(root, root / name)
        read += [p for p in files if p.name.lower().endswith(suffixes)]
        unread += [p for p in files if p not in read and p.suffix.lower() in _UNREAD_RECORDS]
        for folder in folders:
            unread += [p for p in _files_below(folder) if p.name.lower().endswith((*suffixes, *_UNREAD_RECORDS))]
    for path in (*read, *unread):
        name = path.relative_to(root).as_posix()
        check_file(path, name, root, size_limit(name))
    return read, unread


def variant_of(root: Path, name: str) -> str:
    """Return the name under which a CSV file with a fixed name is there: its own, or one of another type of sheet."""
    stem = name.removesuffix(".csv")
    return next((stem + suffix for suffix in SHEETS if _mode(root / (stem + suffix), missing=0)), name)


def _is_vocabulary(path: Path) -> bool:
    """Return whether a file holds factors, outcomes, the values of a facet or the mappings of an overlay.

    A name that is nearly that of the factors or outcomes is probably a typing error.
    """
    stem, suffix = path.name.rpartition(".")[::2]
    if path.name in VOCABULARY or path.name.endswith(OVERLAY):
        return True
    from difflib import SequenceMatcher

    alike = max(SequenceMatcher(None, stem.casefold(), name).ratio() for name in ("factors", "outcomes"))
    return f".{suffix}" in (".csv", ".ttl") and alike < _MISSPELT


def size_limit(name: str) -> Limit | None:
    """Return the limit on the size of a file of the folder, or None for records, which are read line by line."""
    folder, _, rest = name.lower().partition("/")
    if folder == "records" and rest.endswith(RECORDS["records"]):
        return None
    if folder == "standing" and rest.endswith(".json"):
        return JSON_SIZE
    return TURTLE_SIZE if folder == "vocabulary" and rest.endswith(".ttl") else FILE_SIZE


def check_file(path: Path, name: str, root: Path | None = None, limit: Limit | None = FILE_SIZE) -> None:
    """Raise BadInput for a file that must not be opened: not an ordinary file, or larger than its limit.

    ``name`` is the file name in problems. With ``root``, the review folder, a link out of that folder is refused as
    well, because messages about a file quote its lines. Raises KgError for a file that does not exist.
    """
    if root is not None and leads_out(root, path):
        raise BadInput([_outside(name)])
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        kind = next((kind for is_one, kind in _KINDS if is_one(status.st_mode)), "something else")
        raise BadInput([Problem(name, f"is {kind}", accepted="an ordinary file")])
    if limit is not None:
        check_size(status.st_size, limit, name)


def leads_out(root: Path, path: Path) -> bool:
    """Return whether a path, with all links resolved, is outside of the review folder."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


#: Kinds of paths that are not ordinary files; opening one may block forever.
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _entries(root: Path, folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files and the sub-folders of a folder, sorted; none if it does not exist.

    Raises KgError for a folder without permission to read, for which ``Path.glob`` would return nothing.
    """
    _check_link(root, folder)
    try:
        paths = [path for path in sorted(folder.iterdir()) if not _is_hidden(path.name)]
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not folder.is_symlink():
            return [], []
        raise _unreadable(folder, error) from error
    files: list[Path] = []
    folders: list[Path] = []
    for path in paths:
        (folders if stat.S_ISDIR(_mode(path)) else files).append(path)
    for path in folders:
        _check_link(root, path)
    return files, folders


def _check_link(root: Path, folder: Path) -> None:
    """Raise BadInput if a folder is a link out of the review folder."""
    if folder.is_symlink() and leads_out(root, folder):
        raise BadInput([_outside(folder.relative_to(root).as_posix())])


def _outside(name: str) -> Problem:
    accepted = "the file itself, or a link within the folder"
    return Problem(name, "is a link to something outside of the review folder", accepted=accepted)


def _files_below(folder: Path) -> list[Path]:
    """Return the files in a folder and its sub-folders."""

    def fail(error: OSError) -> None:
        raise _unreadable(Path(error.filename or folder), error) from error

    found = []
    for top, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(top, name) for name in names if not _is_hidden(name)]
    return sorted(found)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _is_tab_separated(root: Path, path: Path) -> bool:
    """Return whether a text file is a sheet that was saved as tab-delimited text, and not a note."""
    if path.suffix.lower() != ".txt":
        return False
    check_file(path, path.relative_to(root).as_posix(), root, None)
    try:
        with path.open("rb") as file:
            return b"\t" in file.readline(1 << 16)
    except OSError as error:
        raise _unreadable(path, error) from error


def _mode(path: Path, missing: int | None = None) -> int:
    """Return the mode of a path. Without ``missing``, raises KgError for a path that does not exist."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if missing is not None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return missing
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> KgError:
    return KgError(f"cannot read {path}: {error.strerror or error}")


def digests(paths: list[Path]) -> list[str]:
    """Return the ``sha256`` of each path; large amounts of data are hashed in two threads."""
    if sum(path.stat().st_size for path in paths) < _THREADED_FROM:
        return [sha256(path) for path in paths]
    from threading import Thread

    found: dict[Path, str | KgError] = {}

    def hash_all(part: list[Path]) -> None:
        for path in part:
            try:
                found[path] = sha256(path)
            except KgError as error:
                found[path] = error

    other = Thread(target=hash_all, args=(paths[1::2],))  # hashing releases the global interpreter lock
    other.start()
    hash_all(paths[::2])
    other.join()
    in_order = []
    for path in paths:
        digest = found[path]
        if isinstance(digest, KgError):
            raise digest
        in_order.append(digest)
    return in_order


def sha256(path: Path) -> str:
    """Return the hex digest of a file's content. Raises KgError for a file that cannot be read."""
    import hashlib

    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()
