"""A lock between processes on a file of the review folder; the system releases it when its process ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kg.errors import KgError

#: Seconds between two attempts to take the lock.
_PAUSE = 0.02


@contextmanager
def locked(path: Path, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock on the lock file ``path``, which is made where it is missing, until the end of the block.

    Raises KgError where another process holds it for more than ``patience`` seconds.
    """
    with path.open("a+b") as file:
        until = time.monotonic() + patience
        while not _take(file):
            if time.monotonic() > until:
                raise KgError(f"{path.parent} is being written by another kg: try again when it has ended")
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
