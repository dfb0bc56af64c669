"""Packed records of files of works, kept in ``.kg/records/``: a later build does not read the files again.

An entry is a cache. Its name is a hash of all that decides its content: the file, the code that reads it and the limits
on reading. It is JSON and ends with a hash of itself, so a damaged entry is not used. Whoever can write an entry can
also write the graph beside it.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from kg.folder.files import leads_out
from kg.folder.fingerprint import model
from kg.limits import JSON_SIZE, RATIO
from kg.model.packed import Records

#: Files of fewer bytes are read again: that takes hardly longer.
_LEAST_SIZE = 1 << 16
_SUFFIX, _UNFINISHED = ".jsonl", ".part"
#: Seconds after which the process that wrote an unfinished entry must have ended.
_ABANDONED_AFTER = 3600.0


class KeptRecords:
    """The entries of a review folder. Without ``write`` none is added or removed; without ``read`` none is used."""

    def __init__(self, root: Path, *, read: bool = True, write: bool = False) -> None:
        self._folder = root / ".kg" / "records"
        self._usable = not leads_out(root, self._folder)  # what is there must not be read or removed
        self._read, self.writes = read, write
        self._used: set[str] = set()

    def key(self, path: Path, name: str, seen: str | None, digest: str) -> str | None:
        """Return the key of a file whose content has the hash ``digest``; None where it is not kept."""
        if not self._usable or not path.is_file() or path.stat().st_size < _LEAST_SIZE:
            return None
        parts = (digest, name, seen or "", model(), str(JSON_SIZE.most), str(RATIO.most))
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        self._used.add(key + _SUFFIX)
        return key

    def read(self, key: str, records: Records, source: str) -> bool:
        """Add the records of an entry; return False, and add none, where there is none that can be used."""
        path, begun = self._folder / (key + _SUFFIX), len(records)
        try:
            if not self._read or path.is_symlink() or not path.is_file():
                return False
            with path.open("rb") as file:
                checksum, before = hashlib.sha256(key.encode()), b""
                for line in iter(partial(file.readline, JSON_SIZE.most + 1), b""):
                    if before:
                        checksum.update(before)
                        records.append_checked(before[:-1], source)
                    before = line
            if before != _last_line(checksum):
                raise ValueError("damaged")
        except (OSError, ValueError):
            records.cut(begun)
            return False
        return True

    def write(self, key: str, records: Records, begin: int) -> None:
        """Keep the records from a position on, where that is possible; only if ``writes``."""
        part = self._folder / f"{key}-{os.getpid()}{_UNFINISHED}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as file:  # never through a link
                checksum = hashlib.sha256(key.encode())
                for pack in records.packs(begin):
                    line = pack + b"\n"
                    checksum.update(line)
                    file.write(line)
                file.write(_last_line(checksum))
            part.replace(self._folder / (key + _SUFFIX))
        except OSError:  # a folder that cannot be written, or a full disk
            with suppress(OSError):
                part.unlink()

    def sweep(self) -> None:
        """Remove the entries that belong to no file any more."""
        if not self.writes or not self._usable:
            return
        with suppress(OSError):
            for path in self._folder.iterdir():
                unfinished = path.suffix == _UNFINISHED and time.time() - path.stat().st_mtime > _ABANDONED_AFTER
                if unfinished or (path.suffix == _SUFFIX and path.name not in self._used):
                    path.unlink()


def _last_line(checksum: hashlib._Hash) -> bytes:
    return checksum.hexdigest().encode() + b"\n"
