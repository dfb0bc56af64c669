"""The study flow: the stages that ``[[flow]]`` of ``review.toml`` counts in the screening files of a review.

A stage counts the rows of a file that meet conditions, such as ``decision=Keep``. ``screening/flow.csv`` holds the
numbers that the review prints; ``kg table flow`` shows both, and ``kg check`` names those that differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BadInput
from kg.folder.files import check_file, leads_out
from kg.loaders.tables.rawtable import RawTable, display_text
from kg.loaders.tables.read import read_tables
from kg.model.layout import CONFIG
from kg.model.normalise import fold_term, fold_words
from kg.model.published import Stage
from kg.problems import Problem, nearest
from kg.table import Table

_KEYS = {"stage": str, "file": str, "sheet": str, "where": list}
_CONDITION = re.compile(r"(?P<column>[^=!]+?)\s*(?P<sign>!?=)\s*(?P<words>.*)", re.DOTALL)


@dataclass(frozen=True)
class Counted:
    """A stage and how it is counted: the rows of ``file`` that meet every condition of ``where``."""

    stage: str
    file: str
    sheet: str | None = None
    where: tuple[str, ...] = ()


def read_flow(root: Path, entries: object) -> tuple[tuple[Counted, ...], list[Problem]]:
    """Return the stages that ``[[flow]]`` declares, and the problems of its entries."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return (), [Problem(CONFIG, "has the wrong type", column="flow", accepted="[[flow]], in double brackets")]
    problems: list[Problem] = []
    stages: list[Counted] = []
    for entry in entries:
        before = len(problems)
        problems += _entry_problems(root, entry)
        if len(problems) == before:
            stages.append(Counted(entry["stage"], entry["file"], entry.get("sheet"), tuple(entry.get("where", ()))))
    return tuple(stages), problems


def _entry_problems(root: Path, entry: Mapping[str, Any]) -> Iterable[Problem]:
    for key, value in entry.items():
        if key not in _KEYS:
            near = " or ".join(nearest(key, _KEYS))
            yield Problem(
                CONFIG, "is not a known key", column=f"[[flow]] {key}", suggestion=near, accepted=", ".join(_KEYS)
            )
        elif not isinstance(value, _KEYS[key]):
            accepted = "text in quotes" if _KEYS[key] is str else 'conditions in brackets: ["decision=Keep"]'
            yield Problem(CONFIG, "has the wrong type", column=f"[[flow]] {key}", value=str(value), accepted=accepted)
    for key in ("stage", "file"):
        if not entry.get(key):
            yield Problem(CONFIG, "is missing", column=f"[[flow]] {key}", accepted=f'{key} = "…"')
    where = entry.get("where", [])
    for condition in where if isinstance(where, list) else []:
        if not isinstance(condition, str) or not _CONDITION.fullmatch(condition):
            accepted = "COLUMN=WORD, several words with commas between them, or COLUMN!=WORD"
            yield Problem(CONFIG, "is no condition", column="[[flow]] where", value=str(condition), accepted=accepted)
    file = entry.get("file")
    if isinstance(file, str) and file and (leads_out(root, root / file) or not (root / file).is_file()):
        reason = "the file is not in the review folder"
        yield Problem(
            CONFIG,
            reason,
            column="[[flow]] file",
            value=file,
            accepted="a file of the folder, e.g. screening/screened.csv",
        )


def count_stages(root: Path, stages: Iterable[Counted]) -> dict[str, int]:
    """Return stage -> the number of rows. Raises BadInput for a file, a sheet or a column that cannot be read."""
    tables: dict[str, list[RawTable]] = {}
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for stage in stages:
        if stage.file not in tables:
            check_file(root / stage.file, stage.file, root)
            tables[stage.file] = read_tables(root / stage.file, stage.file)
            problems += [problem for table in tables[stage.file] for problem in (*table.broken, *table.problems)]
        table = next((t for t in tables[stage.file] if stage.sheet in (None, t.sheet)), None)
        if table is None:
            names = [t.sheet for t in tables[stage.file]]
            problems.append(
                Problem(
                    CONFIG, "the file has no such sheet", "", 0, "[[flow]] sheet", stage.sheet or "", ", ".join(names)
                )
            )
            continue
        tests = [_test(table, condition, problems) for condition in stage.where]
        counts[stage.stage] = sum(all(test(cells) for test in tests) for _, cells in table.rows)
    if problems:
        raise BadInput(problems, "the study flow was not counted")
    return counts


def _test(table: RawTable, condition: str, problems: list[Problem]) -> Any:
    """Return the test of one condition for the cells of a row; an unknown column becomes a problem."""
    found = _CONDITION.fullmatch(condition)
    assert found  # noqa: S101 - read_flow has checked it
    names = {fold_words(name): index for index, name in enumerate(table.header)}
    index = names.get(fold_words(found["column"]))
    if index is None:
        near = " or ".join(map(repr, nearest(found["column"], table.header)))
        problems.append(
            Problem(
                CONFIG, f"{table.file} has no such column", column="[[flow]] where", value=condition, suggestion=near
            )
        )
        return lambda cells: False
    words = {fold_term(word) for word in found["words"].split(",")}
    wanted = found["sign"] == "="
    return lambda cells: (fold_term(display_text(cells[index]) if index < len(cells) else "") in words) == wanted


def flow_table(root: Path, stages: Iterable[Counted], printed: Iterable[Stage]) -> Table:
    """Return the stages with the counted and the printed numbers, in the order of the files. Raises BadInput."""
    counts, stated = count_stages(root, stages), {stage.name: stage for stage in printed}
    rows = [
        (
            name,
            counts.get(name),
            stated[name].count if name in stated else None,
            stated[name].locator if name in stated else None,
        )
        for name in dict.fromkeys((*stated, *counts))
    ]
    return Table("flow", ("stage", "counted", "printed", "locator"), rows, "Study flow")
