"""A page that is made again when what it is made from changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from kg.errors import BadInput, KgError, UsageProblem
from kg.folder.files import input_files
from kg.problems import group_problems
from kg.store import open_store
from kg.text import printable

#: Any value that differs from an earlier one if the page has to be made again.
Stamp: TypeAlias = object

_UNSEEN: Final = object()
#: The most problems that the bar above the map lists.
MOST_LISTED: Final = 20


@dataclass(frozen=True)
class State:
    """What is shown: the page, its number from 1 on, and the problems since. Before the first page, the number is 0."""

    page: str = ""
    number: int = 0
    problems: tuple[str, ...] = ()


class Live:
    """The page that ``make`` returns, made again in a thread when the value of ``stamp`` changes.

    Where either raises a KgError, the last page stays and the state has the problems. ``wait`` is the time between two
    looks at the stamp, in seconds. Use it as a context manager.
    """

    def __init__(self, make: Callable[[], str], stamp: Callable[[], Stamp], wait: float = 0.5) -> None:
        self.state = State()
        self._make, self._stamp, self._wait = make, stamp, wait
        self._seen: Stamp = _UNSEEN
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="kg-serve", daemon=True)

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def look(self) -> None:
        """Make the page again if the stamp changed. The stamp comes first, so that no change is missed."""
        try:
            now = self._stamp()
        except (KgError, OSError) as error:
            self._fail(error, _UNSEEN)
            return
        if now == self._seen:
            return
        try:
            page = self._make()
        except (BadInput, UsageProblem) as error:
            self._fail(error, now)
        except (KgError, OSError) as error:  # may end without a change: a server that is down, files being written
            self._fail(error, _UNSEEN)
        else:
            self._seen = now
            self._show(page)

    def _fail(self, error: Exception, seen: Stamp) -> None:
        self._seen = seen
        self._show(self.state.page, tuple(_lines(error)))

    def _show(self, page: str, problems: tuple[str, ...] = ()) -> None:
        self.state = State(page, self.state.number + (page != self.state.page), problems)

    def _follow(self) -> None:
        try:
            self.look()
            while not self._ended.wait(self._wait):
                self.look()
        finally:
            if not self._ended.is_set():  # an error of kg itself, which Python prints
                self._show(self.state.page, ("kg serve no longer follows the sheets: start it again",))


def folder_stamp(root: Path) -> Stamp:
    """Return the names, sizes and times of the input files of a review folder. Raises KgError as ``input_files``."""
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path in input_files(root) for stat in [path.stat()])


def store_stamp(url: str, review: str) -> Stamp:
    """Return the manifest of the graph of a review in a store, or None where it is gone. Raises StoreError."""
    store = open_store(url, review)
    try:
        return store.manifest()
    finally:
        store.close()


def _lines(error: Exception) -> list[str]:
    if not isinstance(error, BadInput):
        return [printable(str(error))]
    lines = [str(group) for group in group_problems(error.problems)]
    more = [f"and {len(lines) - MOST_LISTED:,} more, which kg build lists"] if len(lines) > MOST_LISTED else []
    return [printable(line) for line in lines[:MOST_LISTED]] + more
