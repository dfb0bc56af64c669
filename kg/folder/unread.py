"""What a review folder holds and kg does not read: files, vocabularies and columns, each with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.folder.config import Config
from kg.folder.files import find_files, variant_of
from kg.folder.frozen import RELEASES
from kg.folder.published import CRITERIA, FACTS, FLOW, REFERENCES, STATED_GAPS, STATEMENTS
from kg.folder.searchlog import LAYOUT as SEARCH_LOG
from kg.loaders.sheets.columns import Layout, match_columns
from kg.loaders.sheets.decisions import LAYOUT as DECISIONS
from kg.loaders.sheets.facets import facet_id
from kg.loaders.sheets.migrations import LAYOUT as OF_MIGRATIONS
from kg.loaders.sheets.recode import LAYOUT as TO_RECODE
from kg.loaders.tables.read import read_tables
from kg.model.layout import CONFIG, DUPLICATES, GAPS, MIGRATIONS, OVERLAY, RECODE, SEARCHES
from kg.model.records import Facet
from kg.problems import Problem, nearest

#: File with a fixed name -> its columns.
FIXED: dict[str, Layout] = {
    SEARCHES: SEARCH_LOG,
    DUPLICATES: DECISIONS,
    GAPS: STATED_GAPS,
    MIGRATIONS: OF_MIGRATIONS,
    RECODE: TO_RECODE,
    "published/statements.csv": STATEMENTS,
    "published/facts.csv": FACTS,
    "published/references.csv": REFERENCES,
    "screening/eligibility.csv": CRITERIA,
    "screening/flow.csv": FLOW,
}
#: The beginnings of the names of files that are kept for the record, by agreement, and of those of releases.
_KEPT = ("screening/agreement.", "screening/decisions.csv", "coding/", "sources/", f"{RELEASES}/")
_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".sav", ".dta", ".rds")
_REFERENCES = (".ris", ".bib", ".nbib", ".enw", ".enl", ".ciw", ".xml")
#: A line names at most this many files, and then the number of the others.
_MOST = 8


def unread(root: Path, config: Config, facets: Iterable[Facet]) -> list[Problem]:
    """Return what is in the folder and is not read; ``facets`` are those of the evidence.

    Tables and exports are named one by one, other files in one line a folder.
    """
    found = list(_unread_files(root, config))
    found += _unused_vocabularies(root, list(facets))
    for name, layout in FIXED.items():
        found += _unread_columns(root, variant_of(root, name), layout)
    return found


def _unread_files(root: Path, config: Config) -> Iterator[Problem]:
    known = {path.relative_to(root).as_posix() for paths in find_files(root) for path in paths}
    known |= {CONFIG, *config.published, *(spec.file for spec in config.sheets)}
    known |= {variant_of(root, name) for name in FIXED}
    known |= {stage.file for stage in getattr(config, "flow", ())}
    others: dict[str, list[str]] = {}
    declared = {spec.file for spec in config.overlays}
    for name in _files(root):
        if name.startswith("vocabulary/") and name.endswith(OVERLAY) and name not in declared:
            accepted = f'[[overlay]] in review.toml with name = "…" and file = "{name}"'
            yield Problem(name, "no overlay is read from this file", accepted=accepted)
        if name in known or name.startswith(_KEPT):
            continue
        if (wanted := _wanted(root, name)) is not None:
            yield Problem(name, "is not read", suggestion=wanted[0], accepted=wanted[1])
        else:
            others.setdefault(name.rpartition("/")[0], []).append(name)
    for names in others.values():
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        is_or_are = "is" if len(names) == 1 else "are"
        yield Problem(", ".join(names[:_MOST]) + more, f"{is_or_are} not read: notes may be kept anywhere")


def _files(root: Path) -> Iterator[str]:
    """Yield the names of the files below the folder, sorted, without hidden ones and without linked folders."""
    for top, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith((".", "~$")):
                yield Path(top, name).relative_to(root).as_posix()


def _wanted(root: Path, name: str) -> tuple[str, str] | None:
    """Return a suggestion and what to do about a table or an export, or None for a file that is a note."""
    folder, _, file = name.rpartition("/")
    suffix = Path(name).suffix.lower()
    if suffix in _REFERENCES:
        return "", f"kg add {name}, which puts an export of a database into references/"
    if suffix not in _TABLES and not (suffix == ".txt" and _has_tabs(root / name)):
        return None
    fixed = [other for other in FIXED if other.startswith(f"{folder}/")]
    near = [f"{folder}/{stem}.csv" for stem in nearest(Path(file).stem, [Path(other).stem for other in fixed], 1)]
    suggestion = near[0] if near and not (root / near[0]).exists() else ""
    if folder == "published":
        return suggestion, f'"{name}" = "…" under [published] in review.toml, which compares it with a table of kg'
    if fixed:
        return suggestion, f"{', '.join(fixed)}; other tables may be kept, and nothing is taken from them"
    return "", f"kg add {name}, if it holds studies or findings; other tables may be kept anywhere"


def _has_tabs(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\t" in file.readline(1 << 16)
    except OSError:
        return False


def _unused_vocabularies(root: Path, facets: list[Facet]) -> Iterator[Problem]:
    """Yield the vocabularies of facets that no column has."""
    ids = {facet.id for facet in facets}
    for path in find_files(root)[0]:
        if path.name.endswith(OVERLAY):
            continue
        if path.parent == root / "vocabulary" and path.stem not in ("factors", "outcomes"):
            if facet_id(path.stem) in ids:
                continue
            yield Problem(
                f"vocabulary/{path.name}",
                "no column of a sheet is called this, so that nothing is coded with its values",
                suggestion=" or ".join(nearest(facet_id(path.stem), ids)),
                accepted=f"the name of a column, such as {', '.join(sorted(ids)[:5])}" if ids else "",
            )


def _unread_columns(root: Path, name: str, layout: Layout) -> Iterator[Problem]:
    """Yield the columns of a file with a fixed name that have none of its names."""
    if not (root / name).is_file():
        return
    for table in read_tables(root / name, name):
        columns = match_columns(table.header, layout)
        names = [header for index, header in enumerate(table.header) if header and index not in columns.values()]
        if names:
            yield Problem(
                name,
                f"{'a column is' if len(names) == 1 else 'columns are'} not read",
                table.sheet,
                value="; ".join(names),
                accepted=", ".join(layout.columns),
            )
