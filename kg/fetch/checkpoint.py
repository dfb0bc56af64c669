"""What an unfinished fetch has brought, kept in hidden files beside the records until it is complete.

``.fetch-KEY.jsonl.gz`` holds the works, a gzip member a page, and ``.fetch-KEY.json`` how much of it counts and where
to go on; the second is replaced as a whole after each page. What stands behind the length that it names was being
written when a process ended, and is cut off by the next. The end has three steps, and a run that finds some of them
done goes on with the next: the name is written down, the file takes it, the log gets its row (once for a file).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.loaders.openalex.files import dump_work, iter_works
from kg.loaders.openalex.query import Found, Page, Work
from kg.loaders.openalex.works import has_abstract, work_id


class Part:
    """The works of one request, and the state from which to go on.

    ``state`` has: ``round`` and ``frontier`` of chasing citations, ``reached`` (all works come upon) and how many of
    them were ``chased``; ``step``, the query or batch that is next, and its ``cursor``; ``offset``, the bytes that
    count; numbers of ``works``, ``hits``, ``credits``, works that came ``twice`` or were ``known``; names ``missing``
    and ``gone``; ``repeated`` and ``complete``; the ``name`` of the file.
    """

    def __init__(self, folder: Path, key: str) -> None:
        """Look at what is there; nothing is changed. Raises KgError where it cannot be read."""
        self.folder = folder
        self.file = folder / f".fetch-{key}.jsonl.gz"
        self.stated = folder / f".fetch-{key}.json"
        self.state: dict[str, Any] = {
            "round": 0, "frontier": [], "reached": [], "chased": 0, "step": 0, "cursor": "*", "offset": 0, "works": 0,
            "hits": 0, "twice": 0, "known": 0, "credits": 0, "missing": [], "gone": {}, "repeated": False,
            "complete": False, "name": None,
        }  # fmt: skip
        self.seen: set[str] = set()
        self.without_abstract = self.retracted = 0
        self._charged = 0
        try:
            if self.stated.is_file():
                self.state |= json.loads(self.stated.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._lost(str(error)) from error

    @property
    def works(self) -> int:
        """How many works have come."""
        return int(self.state["works"])

    @property
    def begun(self) -> bool:
        """Whether anything has come that need not be asked for again."""
        return bool(self.state["works"] or self.state["step"] or self.state["round"] or self.state["complete"])

    def recover(self) -> None:
        """Make the files what the state says, and count what they hold. Raises KgError where they are not there."""
        offset, name = self.state["offset"], self.state["name"]
        try:
            size = self.file.stat().st_size if self.file.is_file() else None
            path = self.file
            if size is None and offset and name and (self.folder / name).is_file():
                path = self.folder / name  # the file has its name, only the row of the log may be missing
            elif (size or 0) < offset:
                raise self._lost("works are missing")
            elif size is not None and size > offset:
                with self.file.open("r+b") as file:
                    file.truncate(offset)
            if offset:
                for _, work in iter_works(path, path.name):
                    if isinstance(work, dict):
                        self._count(work)
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error
        if len(self.seen) != self.works:
            raise self._lost(f"{self.works:,} works are expected and {len(self.seen):,} are there")

    def discard(self) -> None:
        """Forget what has come."""
        for path in (self.stated, self.file):
            path.unlink(missing_ok=True)

    def add(self, works: Iterable[Work], step: int, cursor: str | None, page: Page, found: Found) -> None:
        """Append works, and move on to ``cursor`` of this step, or to the next step."""
        state, fresh, twice = self.state, [], 0
        for work in works:
            if work_id(work) in self.seen:
                twice += 1
            else:
                fresh.append(work)
                self._count(work)
        offset = state["offset"]
        if fresh:
            try:
                self.folder.mkdir(exist_ok=True)
                with self.file.open("ab") as file:
                    if file.tell() != offset:
                        raise KgError(f"somebody else writes {self.file}: is the same fetch running twice?")
                    file.write(gzip.compress(b"".join(map(_line, fresh)), mtime=0))
                    offset = file.tell()
            except OSError as error:
                raise KgError(f"cannot write {self.file}: {error.strerror or error}") from error
        new = state["step"] != step or state["cursor"] == "*"
        state.update({  # in one go: the process may be interrupted at any time
            "works": len(self.seen), "offset": offset, "twice": state["twice"] + twice,
            "hits": state["hits"] + (page.hits if new else 0), "repeated": state["repeated"] or page.repeated,
            "missing": state["missing"] + found.missing, "gone": state["gone"] | found.gone,
            "step": step if cursor else step + 1, "cursor": cursor or "*",
        })  # fmt: skip

    def _count(self, work: Mapping[str, Any]) -> None:
        self.seen.add(work_id(work))
        self.without_abstract += not has_abstract(work)
        self.retracted += work.get("is_retracted") is True

    def keep(self, credits: int) -> None:
        """Write down where to go on, and what this run has been charged so far."""
        self.state["credits"] += credits - self._charged
        self._charged = credits
        try:
            self.folder.mkdir(exist_ok=True)
            part = self.stated.with_name(f"{self.stated.name}.part")
            part.write_text(json.dumps(self.state), encoding="utf-8")
            part.replace(self.stated)
        except OSError as error:
            raise KgError(f"cannot write {self.stated}: {error.strerror or error}") from error

    def finish(self, free_name: Callable[[], str], log: Callable[[Path | None], object]) -> Path | None:
        """Give the file its name and the search its row; what an earlier run did of this is not done again."""
        state = self.state
        try:
            taken = state["name"] and self.file.is_file() and (self.folder / state["name"]).exists()
            if self.works and (state["name"] is None or taken):
                state["name"] = free_name()
            self.keep(self._charged)
            file = self.folder / state["name"] if state["name"] else None
            if file is not None and self.file.is_file():
                self.file.replace(file)
            log(file)
            self.discard()
        except OSError as error:
            raise KgError(f"cannot finish {self.file}: {error.strerror or error}") from error
        return file

    def _lost(self, why: str) -> KgError:
        return KgError(f"cannot go on from {self.stated}: {why}; --restart begins anew")


def _line(work: Work) -> bytes:
    """Return a work as a line; half a character, which JSON can write and UTF-8 cannot, becomes a question mark."""
    try:
        return dump_work(work)
    except TypeError:
        return json.dumps(work, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
