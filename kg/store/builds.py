"""The build folders of an embedded store: creating, switching, locking and removing them.

Each build has a folder ``build-*``, and the file ``current`` holds the name of the build in use. A process locks the
file ``lock`` of a build while it writes the build (exclusively) or reads it (shared). The operating system releases
these locks when a process ends, also when it is killed. A build that is neither current nor locked can be removed.

Folders are created, switched to and removed under the lock of the whole store, which is on its marker file.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from kg.errors import StoreError

if sys.platform != "win32":
    import fcntl

#: The file that marks a folder as a store. Nothing is removed from a folder without it.
MARKER = "kg-store"
_MARKER_TEXT = "A graph that kg built; it can be deleted and built again.\n"

_CURRENT, _LOCK, _BUILDS = "current", "lock", "build-*"

#: Seconds. Where the system has no locks, an unfinished build folder is removed after this time.
_ABANDONED_AFTER = 3600.0


class BuildFolders:
    """The builds in the folder ``root``, which is created with the first build."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path | None:
        """Return the folder of the build in use, or None. Raises OSError or ValueError where it cannot be read."""
        try:
            name = (self.root / _CURRENT).read_text(encoding="utf-8")
            return self.root / Path(name).name if (self.root / MARKER).is_file() else None
        except (FileNotFoundError, NotADirectoryError):
            return None

    @contextmanager
    def create(self) -> Iterator[Path]:
        """Yield a new build folder, and make it the current build at the end of the block.

        Builds that are no longer used are removed before and after. The new folder is removed where the block fails.
        Raises StoreError where ``root`` holds files of others.
        """
        with self._exclusive(claim=True) as locking:
            self._sweep(locking)
            build = Path(tempfile.mkdtemp(prefix="build-", dir=self.root))
            build.chmod(self.root.stat().st_mode & 0o777)  # mkdtemp allows the owner only
            lock = (build / _LOCK).open("w+b")
            _lock_exclusively(lock)
        with lock:
            try:
                pointer = build / _CURRENT
                pointer.write_text(build.name, encoding="utf-8")
                yield build
                with self._exclusive(claim=True) as locking:
                    pointer.replace(self.root / _CURRENT)
                    self._sweep(locking)
            except BaseException:
                lock.close()  # Windows does not remove a file that is open
                shutil.rmtree(build, ignore_errors=True)
                raise

    def drop(self) -> None:
        """Remove the current build, the builds that are not used, and the store itself where no build is left."""
        with self._exclusive() as locking:
            (self.root / _CURRENT).unlink()
            self._sweep(locking)
            if not any(self.root.glob(_BUILDS)):
                (self.root / MARKER).unlink()
                with suppress(OSError):  # the folder holds files of others
                    self.root.rmdir()

    @contextmanager
    def _exclusive(self, *, claim: bool = False) -> Iterator[bool]:
        """Hold the lock of the store; yield whether the system has such locks. With ``claim``, create the store."""
        while True:
            try:
                if claim:
                    self._claim()
                marker = _open_for_lock(self.root / MARKER)
            except FileNotFoundError:
                if not claim:
                    raise
                continue  # another process has just dropped the store
            with marker:
                if sys.platform == "win32":
                    marker.close()  # drop could not remove an open file
                locking = _lock_exclusively(marker, wait=True)
                if not locking or _is_same_file(marker, self.root / MARKER):  # else dropped while this process waited
                    yield locking
                    return

    def _claim(self) -> None:
        """Create the marker. Raises StoreError where the folder holds anything else: builds are removed there."""
        self.root.mkdir(parents=True, exist_ok=True)
        marker = self.root / MARKER
        if not marker.is_file():
            if any(self.root.iterdir()) and not marker.is_file():  # no other process has just created it
                raise StoreError(f"{self.root} is not empty and holds no graph of kg: name a new folder for the store")
            marker.write_text(_MARKER_TEXT, encoding="utf-8")

    def _sweep(self, locking: bool) -> None:
        """Remove the builds that nobody uses. The caller holds the lock of the store, if the system has locks."""
        try:
            current = self.current()
        except (OSError, ValueError):
            return  # any build may be the current one
        for build in self.root.glob(_BUILDS):
            if build == current or not build.is_dir():
                continue
            with suppress(FileNotFoundError):
                if locking:
                    _remove_unlocked(build)
                elif _is_superseded(build) or _is_abandoned(build):
                    shutil.rmtree(build, ignore_errors=True)


def lock_for_reading(build: Path) -> IO[bytes] | None:
    """Return the open lock file of a build, which is not removed before the file is closed.

    Returns None where the build has just been removed. Raises FileNotFoundError where it has no lock file.
    """
    lock = (build / _LOCK).open("rb")
    if sys.platform != "win32":
        with suppress(OSError):  # the file system has no locks
            fcntl.flock(lock, fcntl.LOCK_SH)
    if (build / _LOCK).exists():
        return lock
    lock.close()
    return None


def _remove_unlocked(build: Path) -> None:
    """Remove a build that no process has locked."""
    try:
        lock = _open_for_lock(build / _LOCK)
    except FileNotFoundError:
        # Builds are created and locked under the lock of the store, which the caller holds: this one is not new.
        shutil.rmtree(build, ignore_errors=True)
        return
    with lock:
        if _lock_exclusively(lock):
            shutil.rmtree(build, ignore_errors=True)


def _is_superseded(build: Path) -> bool:
    """Return whether a build was finished, on Windows, where a file that is being read cannot be removed anyway."""
    return sys.platform == "win32" and (build / _LOCK).exists() and not (build / _CURRENT).exists()


def _is_abandoned(build: Path) -> bool:
    """Return whether a build is so old that its process must have ended. A time in the future counts as old too."""
    return abs(time.time() - build.stat().st_mtime) > _ABANDONED_AFTER


def _open_for_lock(path: Path) -> IO[bytes]:
    """Open a file for an exclusive lock: for writing, as NFS requires, where this user may write it."""
    try:
        return path.open("r+b")
    except PermissionError:
        return path.open("rb")


def _lock_exclusively(file: IO[bytes], *, wait: bool = False) -> bool:
    """Lock a file until it is closed; return False where another process holds it, or where there are no locks."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_same_file(file: IO[bytes], path: Path) -> bool:
    """Return whether the path still leads to the open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
