"""A lock between processes on a file of the review folder; the system releases it when its process ends.

On Windows there is no ``flock``. There, one byte is locked that lies far beyond the end of the file, because the system
lets no other process read what is locked.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from kg.errors import KgError

#: Seconds between two attempts to take the lock.
_PAUSE = 0.02
#: The byte that is locked where there is no ``flock``: the last that every version of Windows can name.
_BYTE = 2**31 - 2
#: The errors that say that another process holds the lock.
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)

_flock: Any = import_module("fcntl") if find_spec("fcntl") else None
_msvcrt: Any = None if _flock else import_module("msvcrt")


@contextmanager
def locked(path: Path, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock on the lock file ``path``, which is made where it is missing, until the end of the block.

    Raises KgError where another process holds it for more than ``patience`` seconds.
    """
    with path.open("a+b") as file:
        until = time.monotonic() + patience
        while not take(file):
            if time.monotonic() > until:
                raise KgError(f"{path.parent} is being written by another kg: try again when it has ended")
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            release(file)


def wait_for(file: IO[bytes]) -> None:
    """Take the lock on an open file, however long another process holds it. Raises OSError where there are no locks."""
    if _flock:
        _flock.flock(file, _flock.LOCK_EX)
        return
    while not take(file):
        time.sleep(_PAUSE)


def take(file: IO[bytes]) -> bool:
    """Take the lock on an open file, or return False if another process holds it. Raises OSError without locks."""
    try:
        if _flock:
            _flock.flock(file, _flock.LOCK_EX | _flock.LOCK_NB)
        else:
            file.seek(_BYTE)
            _msvcrt.locking(file.fileno(), _msvcrt.LK_NBLCK, 1)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


def release(file: IO[bytes]) -> None:
    """Release the lock on an open file."""
    if _flock:
        _flock.flock(file, _flock.LOCK_UN)
    else:
        file.seek(_BYTE)
        _msvcrt.locking(file.fileno(), _msvcrt.LK_UNLCK, 1)
