"""``[[references]]`` of ``review.toml``: what the columns of a table of references mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.folder.keys import text_table_problems, type_problems, unknown_key
from kg.loaders.references.spec import FIELDS, ReferenceSpec
from kg.model.layout import CONFIG
from kg.problems import Problem

_WHERE = "[[references]]"
_KEYS = ("file", "database", "columns", "split")


def read_reference_tables(entries: object) -> tuple[tuple[ReferenceSpec, ...], list[Problem]]:
    """Return the declarations of tables of references and the problems; with problems, there are no declarations."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        accepted = f"{_WHERE}, in double brackets"
        return (), [Problem(CONFIG, "has the wrong type", column="references", accepted=accepted)]
    problems = [problem for entry in entries for problem in _problems(entry)]
    files = [entry.get("file") for entry in entries]
    for file in dict.fromkeys(file for file in files if isinstance(file, str) and files.count(file) > 1):
        reason = "is declared twice, and one of the two would be ignored"
        problems.append(Problem(CONFIG, reason, column=f"{_WHERE} file", value=file, accepted="one for a file"))
    return ((), problems) if problems else (tuple(ReferenceSpec(**entry) for entry in entries), [])


def to_toml(spec: ReferenceSpec) -> str:
    """Return a declaration as it is written in ``review.toml``."""
    columns = ", ".join(f"{name} = {_quoted(column)}" for name, column in spec.columns.items())
    lines = [_WHERE, f"file = {_quoted(spec.file)}"]
    lines += [f"database = {_quoted(spec.database)}"] if spec.database else []
    lines += [f"columns = {{ {columns} }}"] if columns else []
    lines += [f"split = {_quoted(spec.split)}"] if spec.split else []
    return "\n".join(lines)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)  # the strings of JSON are strings of TOML


def _problems(entry: Mapping[str, Any]) -> list[Problem]:
    problems = [unknown_key(name, _KEYS, f"{_WHERE} ") for name in entry if name not in _KEYS]
    for name in ("file", "database", "split"):
        if name in entry:
            problems += type_problems(f"{_WHERE} {name}", entry[name], str)
    if not entry.get("file"):
        problems.append(Problem(CONFIG, "is missing", column=f"{_WHERE} file", accepted='file = "references/…"'))
    columns = entry.get("columns", {})
    problems += text_table_problems(f"{_WHERE} columns", columns)
    if isinstance(columns, dict):
        problems += [unknown_key(name, FIELDS, f"{_WHERE} columns.") for name in columns if name not in FIELDS]
    return problems
