"""What the last build into a store read, kept so that the next one can tell what changed without reading it all again.

One SQLite file for each store, in the review folder's ``.kg/``. It is a cache: it says which content of the files it
belongs to, and where it is missing, damaged or of another content, the folder is built as if it had never been there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, overload

from kg.members import Members
from kg.model import Concept, Finding
from kg.store.base import Manifest
from kg.sums import Basis, Key, Sums

#: Names and ids are kept in so many groups, so that to look a few up costs the same in a large review.
GROUPS = 1024
#: Study ids are kept in the order of their places, so many together.
TOGETHER = 256


class Damaged(Exception):
    """The ledger does not hold together; it is as good as none."""


def ledger_file(root: Path, store_url: str, own_url: str) -> Path:
    """Return where the ledger of a store is kept. A URL may hold what is nobody's business, so its hash names it."""
    name = "" if store_url == own_url else "-" + hashlib.sha256(store_url.encode()).hexdigest()[:16]
    return root / ".kg" / f"ledger{name}.sqlite"


def stamp_of(manifest: Manifest) -> str:
    """Return what a ledger of this build is marked with: the content of the files, and the code that reads them."""
    here = Path(__file__).parent
    code = [here / "ids.py", here / "ledger.py", here / "update.py", *sorted((here / "loaders").glob("*.py"))]
    read_by = zlib.crc32(b"".join(path.read_bytes() for path in code))
    content = sorted((path, stamp[2]) for path, stamp in manifest.files.items())
    return hashlib.sha256(repr((manifest.model, read_by, sys.byteorder, content)).encode()).hexdigest()


def write_ledger(
    file: Path,
    root: Path,
    manifest: Manifest,
    sums: Sums,
    named: Mapping[str, str],
    sheets: Iterable[str],
    findings: Iterable[Finding],
) -> None:
    """Write the ledger of a build anew; none where it could not be trusted, or not be written.

    ``named`` has what cells may call a study and its id; ``sheets`` are the files that hold findings alone.
    """
    part = file.with_name(f"{file.name}-{os.getpid()}.part")
    try:
        file.parent.mkdir(exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN")
            database.execute("CREATE TABLE part (name TEXT PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL)")
            database.executemany(
                "INSERT INTO part VALUES (?, ?, ?)",
                (
                    (name, zlib.crc32(data), data)
                    for parts in (_sheets(root, manifest, sheets), _studies(sums, named), _ids(findings), _counts(sums))
                    for name, data in parts
                ),
            )
            ledger = Ledger(database)
            ledger.put(
                "basis",
                _json(
                    {
                        **asdict(sums.basis),
                        "labels": None,
                        "coded": sorted(sums.basis.coded),
                        "studies": len(sums.basis.labels),
                    }
                ),
            )
            ledger.put("labels", _json(sums.basis.labels))
            ledger.put("stamp", stamp_of(manifest).encode())
            database.execute("COMMIT")
        with part.open("rb+") as written:  # a rename may reach the disk before what it renames
            os.fsync(written.fileno())
        part.replace(file)
    except (sqlite3.Error, OSError, Damaged):
        remove_ledger(part)
        remove_ledger(file)


def remove_ledger(file: Path) -> None:
    """See to it that the next build reads everything."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _sheets(root: Path, manifest: Manifest, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        data = (root / name).read_bytes()
        if name not in manifest.files or hashlib.sha256(data).hexdigest() != manifest.files[name][2]:
            raise Damaged(f"{name} was changed while it was read")
        yield f"sheet {name}", data


def _studies(sums: Sums, named: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    groups: list[dict[str, int]] = [{} for _ in range(GROUPS)]
    at: dict[int, str] = {}
    for name, id_ in named.items():
        place = sums.place_of(id_)
        groups[_group(name)][name] = place
        at[place] = id_
    for number, group in enumerate(groups):
        yield f"names {number}", _json(group)
    if len(at) != len(sums.basis.labels):
        raise Damaged("a study has no name of its own")
    ids = [at[place] for place in sorted(at)]
    for first in range(0, len(ids), TOGETHER):
        yield f"studies {first // TOGETHER}", _json(ids[first : first + TOGETHER])


def _ids(findings: Iterable[Finding]) -> Iterator[tuple[str, bytes]]:
    groups = [array("Q") for _ in range(GROUPS)]
    for number in (int(finding.id[:16], 16) for finding in findings):
        groups[number % GROUPS].append(number)
    for place, group in enumerate(groups):
        if len(set(group)) != len(group):
            raise Damaged("two findings are too much alike to be told apart")
        yield f"ids {place}", group.tobytes()


def _counts(sums: Sums) -> Iterator[tuple[str, bytes]]:
    for key, members in sums.members.items():
        yield _name(key), members.to_bytes()


@contextmanager
def open_ledger(file: Path, manifest: Manifest) -> Iterator[Ledger | None]:
    """Open the ledger of a build to read and change it; None where there is none of just this build.

    What was changed is kept with ``Ledger.commit`` alone.
    """
    if not file.is_file():
        yield None
        return
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as database:
        ledger = Ledger(database)
        try:
            database.execute("BEGIN IMMEDIATE")
            known = ledger.get("stamp") == stamp_of(manifest).encode()
        except (sqlite3.Error, Damaged):
            known = False
        yield ledger if known else None


class Ledger:
    """An open ledger. What it holds is read when it is asked for."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._groups: dict[int, dict[str, int]] = {}
        self.members = _Counts(self)

    def get(self, name: str) -> bytes | None:
        """Return one part, or None where there is no such part. Raises Damaged, as does all that follows."""
        try:
            row = self._database.execute("SELECT crc, data FROM part WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error as error:
            raise Damaged(str(error)) from error
        if row is None:
            return None
        crc, data = row
        if not isinstance(data, bytes) or zlib.crc32(data) != crc:
            raise Damaged(f"{name} is not what was written")
        return data

    def put(self, name: str, data: bytes | None) -> None:
        """Replace one part, or remove it."""
        try:
            if data is None:
                self._database.execute("DELETE FROM part WHERE name = ?", (name,))
            else:
                self._database.execute("REPLACE INTO part VALUES (?, ?, ?)", (name, zlib.crc32(data), data))
        except sqlite3.Error as error:
            raise Damaged(str(error)) from error

    def commit(self, manifest: Manifest) -> None:
        """Keep what was changed, as the ledger of another build; where that fails, there is none."""
        with suppress(Damaged, sqlite3.Error):
            self.put("stamp", stamp_of(manifest).encode())
            self._database.execute("COMMIT")

    def basis(self) -> Basis:
        """Return what findings are counted against."""
        read = self._read("basis")
        factors, outcomes = (
            [Concept(**{**concept, "synonyms": tuple(concept["synonyms"])}) for concept in read[kind]]
            for kind in ("factors", "outcomes")
        )
        return Basis(read["review"], factors, outcomes, _Labels(self, read["studies"]), frozenset(read["coded"]))

    def labels(self) -> list[int | str]:
        """Return what the review calls its studies, in their order."""
        labels: list[int | str] = self._read("labels")
        return labels

    def sheet(self, name: str) -> bytes | None:
        """Return a file as it was read; None where it held anything but findings."""
        return self.get(f"sheet {name}")

    def keep_sheet(self, name: str, data: bytes | None) -> None:
        """Replace a file, or forget it."""
        self.put(f"sheet {name}", data)

    def place(self, name: str) -> int | None:
        """Return the place of the study that a cell calls ``name``, case aside."""
        number = _group(name)
        if number not in self._groups:
            self._groups[number] = self._read(f"names {number}")
        return self._groups[number].get(name)

    def place_of(self, id_: str) -> int:
        """Return the place of the study with this id."""
        place = self.place(id_.casefold())
        if place is None or self.study_at(place) != id_:
            raise Damaged(f"{id_} is not known by its own name")
        return place

    def study_at(self, place: int) -> str:
        """Return the id of the study at a place."""
        ids = self._read(f"studies {(place - 1) // TOGETHER}")
        return str(ids[(place - 1) % TOGETHER])

    def swap(self, gone: Iterable[str], come: Iterable[str]) -> bool:
        """Replace ids of findings; False where one that comes is there already: it would stand twice."""
        groups: dict[int, array[int]] = {}

        def group(id_: str) -> tuple[array[int], int]:
            number = int(id_[:16], 16)
            place = number % GROUPS
            if place not in groups:
                groups[place] = array("Q", self._need(f"ids {place}"))
            return groups[place], number

        for id_ in gone:
            numbers, number = group(id_)
            if number not in numbers:
                raise Damaged(f"finding {id_} is not known")
            numbers.remove(number)
        for id_ in come:
            numbers, number = group(id_)
            if number in numbers:
                return False
            numbers.append(number)
        for place, numbers in groups.items():
            self.put(f"ids {place}", numbers.tobytes())
        return True

    def keep_counts(self, keys: Iterable[Key]) -> None:
        """Replace what is counted under some keys with what ``members`` holds now."""
        for key in keys:
            members = self.members.get(key)
            self.put(_name(key), members.to_bytes() if members else None)

    def _need(self, name: str) -> bytes:
        data = self.get(name)
        if data is None:
            raise Damaged(f"{name} is missing")
        return data

    def _read(self, name: str) -> Any:
        return json.loads(self._need(name))


class _Labels(Sequence[int | str]):
    """The labels of all studies, read when the first is asked for: a store may have them already."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self._ledger, self._number = ledger, number

    @cached_property
    def _read(self) -> list[int | str]:
        return self._ledger.labels()

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, at: int) -> int | str: ...
    @overload
    def __getitem__(self, at: slice) -> list[int | str]: ...
    def __getitem__(self, at: int | slice) -> int | str | list[int | str]:
        return self._read[at]


class _Counts(dict[Key, Members]):
    """What is counted under each key, read from the ledger when it is first asked for."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    def get(self, key: Key, default: Any = None) -> Any:
        if key not in self:
            data = self._ledger.get(_name(key))
            self[key] = Members.from_bytes(data) if data else Members()
        return self[key]

    def setdefault(self, key: Key, default: Any = None) -> Any:
        return self.get(key)


def _group(name: str) -> int:
    return zlib.crc32(name.encode()) % GROUPS


def _name(key: Key) -> str:
    return "count " + json.dumps(key)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode()
