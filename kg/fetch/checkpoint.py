"""The checkpoint of an unfinished fetch: its works and its position, in hidden files beside the records.

``.fetch-KEY.jsonl.gz`` holds the works, one gzip member for each page. ``.fetch-KEY.json`` holds the state: the valid
length of the first file and the position from which to resume. It is replaced as a whole after each page. Bytes beyond
the valid length were being written when a process ended; the next run truncates them.

A fetch ends in three steps, and a run that finds some of them done continues with the next: the final name is written
to the state, the file is renamed, and the log gets its row (once for each file).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.loaders.openalex.abstracts import has_abstract
from kg.loaders.openalex.files import dump_work, iter_works
from kg.loaders.openalex.query import Found, Page, Work
from kg.loaders.openalex.works import work_id


class Checkpoint:
    """The works of one request, and the state from which a fetch resumes.

    ``state`` has:

    - for citation chasing, the ``round`` and its ``frontier``, all works ``reached`` and the number of them ``chased``;
    - ``step``, the index of the next query or batch, and its ``cursor``;
    - ``offset``, the valid length of the works file in bytes;
    - the numbers of ``works``, ``hits`` and ``credits``, and of works returned ``twice`` or already ``known``;
    - the names that are ``missing`` or ``gone``;
    - ``repeated`` and ``complete``, and the final ``name`` of the file.
    """

    def __init__(self, folder: Path, key: str) -> None:
        """Read the state, if there is one, without changing anything. Raises KgError if it cannot be read."""
        self.folder = folder
        self.works_file = folder / f".fetch-{key}.jsonl.gz"
        self.state_file = folder / f".fetch-{key}.json"
        self.state: dict[str, Any] = {
            "round": 0, "frontier": [], "reached": [], "chased": 0, "step": 0, "cursor": "*", "offset": 0, "works": 0,
            "hits": 0, "twice": 0, "known": 0, "credits": 0, "missing": [], "gone": {}, "repeated": False,
            "complete": False, "name": None,
        }  # fmt: skip
        self.seen: set[str] = set()
        self.without_abstract = self.retracted = 0
        self._charged = 0
        try:
            if self.state_file.is_file():
                self.state |= json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._lost(str(error)) from error

    @property
    def works(self) -> int:
        """The number of works fetched so far."""
        return int(self.state["works"])

    @property
    def begun(self) -> bool:
        """Whether anything was fetched that a next run can keep."""
        return bool(self.state["works"] or self.state["step"] or self.state["round"] or self.state["complete"])

    def recover(self) -> None:
        """Truncate the works file to its valid length and count its works. Raises KgError if works are missing."""
        offset, name = self.state["offset"], self.state["name"]
        try:
            size = self.works_file.stat().st_size if self.works_file.is_file() else None
            path = self.works_file
            if size is None and offset and name and (self.folder / name).is_file():
                path = self.folder / name  # the file is renamed already, only the row of the log may be missing
            elif (size or 0) < offset:
                raise self._lost("works are missing")
            elif size is not None and size > offset:
                with self.works_file.open("r+b") as file:
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
        """Delete the files."""
        for path in (self.state_file, self.works_file):
            path.unlink(missing_ok=True)

    def add(self, works: Iterable[Work], step: int, cursor: str | None, page: Page, found: Found) -> None:
        """Append the works that are new, and advance to ``cursor`` of this step, or to the next step."""
        state, new, twice = self.state, [], 0
        for work in works:
            if work_id(work) in self.seen:
                twice += 1
            else:
                new.append(work)
                self._count(work)
        offset = state["offset"]
        if new:
            try:
                self.folder.mkdir(exist_ok=True)
                with self.works_file.open("ab") as file:
                    if file.tell() != offset:
                        raise KgError(f"somebody else writes {self.works_file}: is the same fetch running twice?")
                    file.write(gzip.compress(b"".join(map(_line, new)), mtime=0))
                    offset = file.tell()
            except OSError as error:
                raise KgError(f"cannot write {self.works_file}: {error.strerror or error}") from error
        is_first_page = state["step"] != step or state["cursor"] == "*"
        state.update({  # in one call: the process may be interrupted at any time
            "works": len(self.seen), "offset": offset, "twice": state["twice"] + twice,
            "hits": state["hits"] + (page.hits if is_first_page else 0), "repeated": state["repeated"] or page.repeated,
            "missing": state["missing"] + found.missing, "gone": state["gone"] | found.gone,
            "step": step if cursor else step + 1, "cursor": cursor or "*",
        })  # fmt: skip

    def _count(self, work: Mapping[str, Any]) -> None:
        self.seen.add(work_id(work))
        self.without_abstract += not has_abstract(work)
        self.retracted += work.get("is_retracted") is True

    def save(self, credits: int) -> None:
        """Write the state, with the credits that this run has been charged so far."""
        self.state["credits"] += credits - self._charged
        self._charged = credits
        try:
            self.folder.mkdir(exist_ok=True)
            temporary = self.state_file.with_name(f"{self.state_file.name}.part")
            temporary.write_text(json.dumps(self.state), encoding="utf-8")
            temporary.replace(self.state_file)
        except OSError as error:
            raise KgError(f"cannot write {self.state_file}: {error.strerror or error}") from error

    def finish(self, free_name: Callable[[], str], log: Callable[[Path | None], object]) -> Path | None:
        """Rename the works file and log the search; steps that an earlier run has done are skipped."""
        state = self.state
        try:
            taken = state["name"] and self.works_file.is_file() and (self.folder / state["name"]).exists()
            if self.works and (state["name"] is None or taken):
                state["name"] = free_name()
            self.save(self._charged)
            file = self.folder / state["name"] if state["name"] else None
            if file is not None and self.works_file.is_file():
                self.works_file.replace(file)
            log(file)
            self.discard()
        except OSError as error:
            raise KgError(f"cannot finish {self.works_file}: {error.strerror or error}") from error
        return file

    def _lost(self, why: str) -> KgError:
        return KgError(f"cannot go on from {self.state_file}: {why}; --restart begins anew")


def _line(work: Work) -> bytes:
    """Return a work as a line of JSON; an unpaired surrogate, which UTF-8 cannot encode, becomes a question mark."""
    try:
        return dump_work(work)
    except TypeError:
        return json.dumps(work, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
