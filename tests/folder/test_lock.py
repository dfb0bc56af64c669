"""The lock of the processes that write into a review folder, also as it is on Windows, which has no ``flock``."""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import os
import struct
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

import kg.folder.lock
from kg.errors import KgError
from kg.folder import writing
from kg.folder.writing import folder_lock
from tests.conftest import MakeReview

UNLOCK, LOCK = 0, 2


def locking(number: int, mode: int, size: int) -> None:
    """``msvcrt.locking``: locks bytes from the position of a file on, for one handle, or raises EACCES."""
    kind = fcntl.F_UNLCK if mode == UNLOCK else fcntl.F_WRLCK
    at = os.lseek(number, 0, os.SEEK_CUR)
    try:
        fcntl.fcntl(number, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, at, size, 0))
    except BlockingIOError as error:
        raise PermissionError(errno.EACCES, "Permission denied") from error


@pytest.fixture(params=["flock", "msvcrt"])
def lock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, and the module as it is imported where there is no ``fcntl``."""
    if request.param == "flock":
        return kg.folder.lock
    if not hasattr(fcntl, "F_OFD_SETLK"):
        pytest.skip("this system has no locks of one handle, as Windows has")
    windows = ModuleType("msvcrt")
    windows.__dict__.update(locking=locking, LK_UNLCK=UNLOCK, LK_NBLCK=LOCK)
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "fcntl", None)
        patched.setitem(sys.modules, "msvcrt", windows)
        spec = importlib.util.spec_from_file_location("lock_on_windows", kg.folder.lock.__file__)
        assert spec and spec.loader
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
    monkeypatch.setattr(writing, "wait_for", made.wait_for)
    monkeypatch.setattr(writing, "release", made.release)
    return made


def test_one_holds_the_lock_of_a_file(lock: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"text")
    with path.open("r+b") as one, path.open("r+b") as other:
        assert (lock.take(one), lock.take(other)) == (True, False)
        assert path.read_bytes() == b"text", "others can read it"
        lock.release(one)
        assert lock.take(other)
    with path.open("rb") as again:
        assert again.read() == b"text", "the end of a file releases its lock"
    with lock.locked(path), pytest.raises(KgError, match="is being written by another kg: try again when it has ended"):
        lock.locked(path, patience=0.03).__enter__()
    with lock.locked(path, patience=0.03):
        pass


def test_who_writes_into_a_folder_waits_for_the_other(lock: ModuleType, make_review: MakeReview) -> None:
    root = make_review({}).root
    done: list[str] = []
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with folder_lock(root):
            done.append("second")

    with folder_lock(root):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        thread.join(0.05)
        assert 'id = "r"' in (root / "review.toml").read_text(encoding="utf-8")
        done.append("first")
    thread.join(10)
    assert done == ["first", "second"]


def test_a_folder_without_locks_can_be_written(make_review: MakeReview, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    root = make_review({}).root
    monkeypatch.setattr("fcntl.flock", refused)
    with folder_lock(root), (root / "review.toml").open("rb") as file, pytest.raises(OSError, match="No locks"):
        kg.folder.lock.take(file)
