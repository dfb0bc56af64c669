"""The names that added files get in a review folder. Pure."""

from __future__ import annotations

from pathlib import Path

from kg.folder.formats import KINDS


def target_of(path: Path, kind: str) -> str:
    """Return the path that a file gets in the folder."""
    return f"sheets/{path.name}" if kind == "sheet" else f"{KINDS[kind]}/{_target_name(path, kind)}"


def _target_name(path: Path, kind: str) -> str:
    """Return the name of a file in the folder; the name of a snapshot partition includes its day."""
    if kind != "records":
        return path.name
    stem = path.name
    for suffix in (".gz", ".jsonl", ".json"):
        stem = stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem
    day = path.resolve().parent.name
    return f"{day}-{stem}.jsonl.gz" if day.startswith("updated_date=") else f"{stem}.jsonl.gz"
