"""The releases of a review folder as they lie on disk: their names, what they hold, and what was edited of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BadInput, KgError, UnknownName, UsageProblem
from kg.folder.files import check_file, leads_out, sha256
from kg.limits import JSON_SIZE
from kg.problems import Problem, nearest
from kg.text import unguarded

#: The folder of the releases, and the file of each that says what it is.
RELEASES, DESCRIPTION = "releases", "release.json"
#: The part of a release that is compared with another: tables of ids.
SNAPSHOT = "snapshot"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_TEXTS = ("name", "date", "kg", "seal")
_TABLES = ("review", "counts", "inputs", "files")


@dataclass(frozen=True)
class Release:
    """A release: its folder, and the content of ``release.json``.

    ``says`` has name, date, kg (the version that wrote it), review, counts, inputs (file -> SHA-256 of what was read)
    and files (file of the release -> SHA-256).
    """

    root: Path
    says: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the release."""
        return str(self.says["name"])

    def edited(self) -> list[str]:
        """Return the files that were changed, removed or added since the release was made, sorted."""
        stated: Mapping[str, str] = self.says["files"]
        there = {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if _is_file(path)}
        found = {name for name in stated if name not in there}
        found |= {name for name in there if name not in stated and name != DESCRIPTION}
        found |= {name for name, digest in stated.items() if name in there and self._digest(name) != digest}
        if seal(self.says) != self.says["seal"]:
            found.add(DESCRIPTION)
        return sorted(found)

    def _digest(self, name: str) -> str:
        path = self.root / name
        return sha256(path) if path.is_file() and not leads_out(self.root, path) else ""

    def checked(self) -> Release:
        """Return the release itself. Raises BadInput with the files that were edited."""
        accepted = "the file as it was released, e.g. from git; a change of the evidence goes into a new release"
        problems = [
            Problem(f"{RELEASES}/{self.name}/{name}", "was edited after the release", accepted=accepted)
            for name in self.edited()
        ]
        if problems:
            raise BadInput(problems, "the release was not read")
        return self

    def has(self, name: str) -> bool:
        """Return whether the snapshot has this table; an older release lacks those that came later."""
        return f"{SNAPSHOT}/{name}.csv" in self.says["files"]

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a table of the snapshot, e.g. "studies", as texts by column. Raises KgError."""
        return self.rows(f"{SNAPSHOT}/{name}.csv")

    def rows(self, file: str) -> list[dict[str, str]]:
        """Return the rows of a CSV file of the release, as texts by column. Raises KgError."""
        path = self.root / file
        try:
            return read_rows(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise KgError(f"cannot read {path}: {error}") from error


def _is_file(path: Path) -> bool:
    return (path.is_file() or path.is_symlink()) and path.name not in (".DS_Store", "Thumbs.db")


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV text of a snapshot by column, without the guards of formulas."""
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    return [dict(zip(header, map(unguarded, row), strict=False)) for row in rows]


def seal(says: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content of ``release.json`` apart from its seal."""
    rest = {name: value for name, value in says.items() if name != "seal"}
    text = json.dumps(rest, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_name(name: str) -> str:
    """Return the name of a release. Raises UsageProblem for one that is no name of a folder on every system."""
    if not _NAME.fullmatch(name) or name.endswith(".") or name.casefold() == "now":
        raise UsageProblem(
            f"{name!r} cannot be the name of a release; accepted: up to 64 letters, digits, dots and hyphens, such as "
            "v1.0, that begin with a letter or digit and do not end with a dot; now is the folder as it is"
        )
    return name


def release_names(root: Path) -> list[str]:
    """Return the names of the releases of a review folder, sorted."""
    folder = root / RELEASES
    if not folder.is_dir() or leads_out(root, folder):
        return []
    return sorted(p.name for p in folder.iterdir() if _NAME.fullmatch(p.name) and (p / DESCRIPTION).is_file())


def read_release(root: Path, name: str) -> Release:
    """Return a release of a review folder; ``Release.checked`` tells whether it is as it was made.

    Raises UnknownName for a name that no release has, and BadInput for a release.json that is not one.
    """
    names = release_names(root)
    if name not in names:
        raise UnknownName("release", name, nearest(name, names) or names)
    file = f"{RELEASES}/{name}/{DESCRIPTION}"
    check_file(root / file, file, root, JSON_SIZE)
    accepted = "the file as kg release wrote it, e.g. from git"
    try:
        says = json.loads((root / file).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput([Problem(file, "is not valid JSON", accepted=accepted)], "the release was not read") from error
    except OSError as error:
        raise KgError(f"cannot read {root / file}: {error.strerror or error}") from error
    if not _is_description(says) or says["name"] != name:
        raise BadInput([Problem(file, "does not describe this release", accepted=accepted)], "the release was not read")
    return Release(root / RELEASES / name, says)


def _is_description(says: object) -> bool:
    return (
        isinstance(says, dict)
        and all(isinstance(says.get(key), str) for key in _TEXTS)
        and all(isinstance(says.get(key), dict) for key in _TABLES)
        and all(isinstance(digest, str) for digest in says["files"].values())
    )
