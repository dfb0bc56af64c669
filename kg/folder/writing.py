"""Writing into a review folder so that no file is ever half there: beside, to the disk, then under its name.

One process at a time writes; the others wait for the lock, which is on ``review.toml`` and ends with the process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.folder.lock import release, wait_for
from kg.model.layout import CONFIG


@contextmanager
def folder_lock(root: Path) -> Iterator[None]:
    """Hold the lock of the processes that write into a review folder; wait for it. It cannot be taken twice."""
    path = root / CONFIG
    if not path.exists():
        yield
        return
    # NFS locks only what is open for writing. In a read-only folder, the first write says what is wrong.
    with path.open("r+b" if os.access(path, os.W_OK) else "rb") as file:
        with suppress(OSError):  # the file system has no locks
            wait_for(file)
        try:
            yield
        finally:
            with suppress(OSError):
                release(file)


def part_of(path: Path) -> Path:
    """Return the path of a file that is being written: hidden, in the same folder, with the same ending."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


def to_disk(path: Path) -> None:
    """Wait until a file or the names in a folder are on the disk. Raises OSError."""
    if path.is_dir() and sys.platform == "win32":
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` write a file beside ``path`` and replace ``path`` by it, or raise OSError and leave it."""
    part = part_of(path)
    try:
        write(part)
        to_disk(part)
        part.replace(path)
        to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)
