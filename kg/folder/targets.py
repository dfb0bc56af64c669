"""The names that added files get in a review folder, and whether sheets can have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.errors import UsageProblem
from kg.folder.files import check_file
from kg.folder.formats import KINDS
from kg.model.layout import SHEETS


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


def check_sheets(root: Path, targets: Sequence[tuple[Path, Path]], *, replace: bool) -> None:
    """Raise UsageProblem if sheets cannot be copied to their targets, whatever their content."""
    if len({target for _, target in targets}) < len(targets):
        raise UsageProblem("two of the files have the same name, and only one could stay in sheets/: rename one")
    for path, target in targets:
        if not path.is_file():
            raise UsageProblem(f"{path} is not a file")
        if path.suffix.lower() not in SHEETS:
            raise UsageProblem(
                f"{path}: files of type {path.suffix or 'none'!r} are not read; accepted: {', '.join(SHEETS)}"
            )
        if target.exists():
            check_file(target, f"sheets/{target.name}", root)
        if target.exists() and not replace and _has_rows(target):
            raise UsageProblem(f"{target} is already there; use --replace to overwrite it")


def _has_rows(path: Path) -> bool:
    """Return whether a sheet has any row; the template sheets of a new folder have none."""
    from kg.loaders.tables.read import read_tables

    return any(table.rows or table.broken for table in read_tables(path, path.name))
