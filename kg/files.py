"""Which files of a review folder the graph is made from. Light: the read commands ask on every start."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kg.errors import KgError

CONFIG = "review.toml"
SEARCHES, GAPS = "records/searches.csv", "published/gaps.csv"
SHEETS = (".csv", ".tsv", ".xlsx", ".ods")
VOCABULARY = (".csv", ".ttl")


def input_files(root: Path) -> list[Path]:
    """Return the input files that are there, sorted, the configuration first; hidden and lock files are left out."""
    files = [root / CONFIG]
    for folder, suffixes in (("vocabulary", VOCABULARY), ("sheets", SHEETS)):
        found = (p for p in sorted((root / folder).glob("*")) if p.suffix.lower() in suffixes)
        files += [p for p in found if p.is_file() and not p.name.startswith((".", "~$"))]
    return files + [root / name for name in (SEARCHES, GAPS) if (root / name).is_file()]


def sha256(path: Path) -> str:
    """Return the hex digest of a file's content. Raises KgError for a file that cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
