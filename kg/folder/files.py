"""Which files of a review folder the graph is made from. Light: the read commands ask on every start."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kg.errors import BadInput, KgError
from kg.limits import FILE_SIZE, JSON_SIZE, TURTLE_SIZE, Limit, check_size
from kg.model.layout import CONFIG, DUPLICATES, GAPS, RDF, RECORDS, SEARCHES, SHEETS, VOCABULARY
from kg.problems import Problem

#: What nobody puts beside the sheets as a note: sheets of types that are not read.
_OTHER_SHEETS = (".xls", ".xlsm", ".xlsb", ".numbers")
#: Where records are kept, what nobody puts there as a note: exports and record files that are not read there.
_OTHER_RECORDS = (".enw", ".enl", ".ciw", ".xls", ".xlsx", ".ods", ".ris", ".bib", ".nbib", ".parquet", ".zip")
_MANY_BYTES = 1 << 23


def input_files(root: Path) -> list[Path]:
    """Return the files whose content decides what is loaded, the configuration first.

    Those that are meant as input but cannot be read where they are count as well: they stop a build, and a graph is
    stale as soon as one turns up. Raises KgError for a folder that cannot be read.
    """
    read, unread = find_files(root)
    return [root / CONFIG, *read, *unread]


def find_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Return the files that are read, and those that are meant to be but have another name, type or place.

    Hidden files, the lock files of spreadsheet programs and notes are neither. Raises BadInput for what no reader may
    open: a named pipe, a link out of the folder, a file that is too large.
    """
    terms, _ = _entries(root, root / "vocabulary")
    sheets, folders = _entries(root, root / "sheets")
    read = [p for p in terms if p.name in VOCABULARY]
    unread = [p for p in terms if p not in read and p.suffix.lower() in (*SHEETS, *_OTHER_SHEETS, *RDF)]
    read += [p for p in sheets if p.suffix.lower() in SHEETS]
    unread += [p for p in sheets if p.suffix.lower() in _OTHER_SHEETS or _is_tab_separated(root, p)]
    for folder in folders:
        unread += [p for p in _below(folder) if p.suffix.lower() in (*SHEETS, *_OTHER_SHEETS)]
    read += [root / name for name in (SEARCHES, GAPS, DUPLICATES) if _mode(root / name, missing=0)]
    for name, endings in RECORDS.items():
        there, below = _entries(root, root / name)
        read += [p for p in there if p.name.lower().endswith(endings)]
        unread += [p for p in there if p not in read and p.suffix.lower() in _OTHER_RECORDS]
        for folder in below:
            unread += [p for p in _below(folder) if p.name.lower().endswith((*endings, *_OTHER_RECORDS))]
    for path in (*read, *unread):
        name = path.relative_to(root).as_posix()
        check_file(path, name, root, size_limit(name))
    return read, unread


def size_limit(name: str) -> Limit | None:
    """Return the limit on the size of a file of the folder; none for records, which are read line by line."""
    folder, _, rest = name.lower().partition("/")
    if folder == "records" and rest.endswith(RECORDS["records"]):
        return None
    if folder == "standing" and rest.endswith(".json"):
        return JSON_SIZE
    return TURTLE_SIZE if folder == "vocabulary" and rest.endswith(".ttl") else FILE_SIZE


def check_file(path: Path, name: str, root: Path | None = None, limit: Limit | None = FILE_SIZE) -> None:
    """Raise BadInput for a file that must not be opened: one that is no ordinary file, or is larger than its limit.

    ``name`` is what the problem calls it. With ``root``, the review folder, a link must not lead out of it: the
    messages about a file quote its lines. Raises KgError for a file that is not there.
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
    """Return whether a path is outside of the review folder, by itself or by a link on the way to it."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


#: What a path can be that is no ordinary file; to open one may wait for ever.
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _entries(root: Path, folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files and the folders in a folder, sorted; none where there is no such folder.

    ``Path.glob`` would give none as well where the folder may not be read.
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
    """Raise BadInput for a folder that is a link out of the review folder."""
    if folder.is_symlink() and leads_out(root, folder):
        raise BadInput([_outside(folder.relative_to(root).as_posix())])


def _outside(name: str) -> Problem:
    accepted = "the file itself, or a link within the folder"
    return Problem(name, "is a link to something outside of the review folder", accepted=accepted)


def _below(folder: Path) -> list[Path]:
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
    """Return whether a text file is a sheet, as "Text (tab delimited)" of spreadsheet programs, and no note."""
    if path.suffix.lower() != ".txt":
        return False
    check_file(path, path.relative_to(root).as_posix(), root, None)
    try:
        with path.open("rb") as file:
            return b"\t" in file.readline(1 << 16)
    except OSError as error:
        raise _unreadable(path, error) from error


def _mode(path: Path, missing: int | None = None) -> int:
    """Return what kind of thing a path is; ``missing`` where nothing is there, which otherwise is an error."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if missing is not None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return missing
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> KgError:
    return KgError(f"cannot read {path}: {error.strerror or error}")


def digests(paths: list[Path]) -> list[str]:
    """Return what ``sha256`` gives for each path; of many bytes, two files at a time."""
    if sum(path.stat().st_size for path in paths) < _MANY_BYTES:
        return [sha256(path) for path in paths]
    from threading import Thread

    found: dict[Path, str | KgError] = {}

    def work(part: list[Path]) -> None:
        for path in part:
            try:
                found[path] = sha256(path)
            except KgError as error:
                found[path] = error

    other = Thread(target=work, args=(paths[1::2],))  # hashing takes place outside Python's lock
    other.start()
    work(paths[::2])
    other.join()
    made = []
    for path in paths:
        digest = found[path]
        if isinstance(digest, KgError):
            raise digest
        made.append(digest)
    return made


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
