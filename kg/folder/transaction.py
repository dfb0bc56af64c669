"""Placing files into a review folder together with their rows in the search log: all of it, or none.

The files are written beside their places first. Then a journal, the hidden file ``.adding.json``, says what is to be
done, and it is removed when that is done. If the process ends in between, the next ``kg add`` does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kg.errors import KgError
from kg.folder.searchlog import logged_as, write_search
from kg.folder.writing import part_of, to_disk, write_whole

JOURNAL = ".adding.json"


@dataclass(frozen=True)
class Placing:
    """A file to place: its path in the folder, the SHA-256 of the file that was added, and the number of its contents.

    ``search`` is the row of the search log; None for a file that comes from no search.
    """

    target: str
    digest: str
    number: int
    noun: str
    search: Mapping[str, object] | None = None


def place(root: Path, files: Sequence[Placing]) -> list[str | None]:
    """Put files that were written beside their places into them, and add their searches to the log.

    Returns for each file the id of the search that the log already had for it, or None. The caller holds the lock of
    the folder. Raises KgError; if the journal was written by then, the next call of ``complete`` does the rest.
    """
    kept = [logged_as(root, file.target) if file.search else None for file in files]
    text = json.dumps([asdict(file) for file in files], ensure_ascii=False, indent=1)
    try:
        for file in files:
            to_disk(part_of(root / file.target))
        write_whole(root / JOURNAL, lambda part: part.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise KgError(f"cannot write into {root}: {error.strerror or error}") from error
    complete(root)
    return kept


def complete(root: Path) -> list[Placing]:
    """Do what the journal says and has not been done, and return its files. The caller holds the lock of the folder."""
    files = pending(root)
    for file in files:
        target = root / file.target
        try:
            if part_of(target).exists():
                part_of(target).replace(target)
                to_disk(target.parent)
        except OSError as error:
            raise KgError(f"cannot write {target}: {error.strerror or error}") from error
        if file.search and target.exists():
            write_search(root, file.search)
    try:
        (root / JOURNAL).unlink(missing_ok=True)
    except OSError as error:
        raise KgError(f"cannot remove {root / JOURNAL}: {error.strerror or error}") from error
    return files


def pending(root: Path) -> list[Placing]:
    """Return the files of a ``kg add`` that did not end. Raises KgError for a journal that cannot be read."""
    path = root / JOURNAL
    try:
        files = [Placing(**file) for file in json.loads(path.read_bytes())]
        if any(Path(file.target).is_absolute() or ".." in Path(file.target).parts for file in files):
            raise ValueError("it names files outside of the folder")
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise KgError(f"{path} cannot be read ({error}): remove it, and add the files again") from error
    return files
