"""``screening/decisions.csv``: who decided what on a candidate, at which stage, why and when; only appended to."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import BadInput, KgError
from kg.folder.files import check_file
from kg.folder.keys import is_date
from kg.folder.lock import locked
from kg.loaders.sheets.cells import RowReader
from kg.loaders.sheets.columns import Layout, find_columns, match_columns
from kg.loaders.tables.rawtable import RawTable
from kg.loaders.tables.read import read_tables
from kg.problems import Problem, nearest
from kg.text import guarded, without_controls

DECISIONS = "screening/decisions.csv"
#: The columns of a new file, in their order.
COLUMNS = ("work", "title", "stage", "decision", "reason", "by", "date", "revision")
LAYOUT = Layout("decisions", dict.fromkeys(COLUMNS, ()), ("work", "stage", "decision", "by", "date"))
STAGES = ("abstract", "full-text")
CHOICES = ("include", "exclude", "maybe")
#: The reason for which a report leaves the full-text stage without being assessed.
NOT_RETRIEVED = "not retrieved"
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row: what ``by`` decided on a ``work`` at a ``stage``.

    ``date`` is ISO 8601 (UTC, to the second, where kg wrote it). ``revision`` counts how often the same person has
    changed this decision; 0 is the first. ``row`` is the row number of the file.
    """

    work: str
    stage: str
    decision: str
    by: str
    date: str
    reason: str | None = None
    title: str | None = None
    revision: int = 0
    row: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What a person decides once: the work, the stage and the person."""
        return self.work, self.stage, self.by.casefold()


def reason_problem(stage: str, decision: str, reason: str | None) -> str | None:
    """Return what is wrong with the reason of a decision, or None. A full text is excluded for a reason."""
    if stage == "full-text" and decision == "exclude" and not reason:
        return "an exclusion at the full text has no reason"
    return None


def read_decisions(root: Path) -> list[Decision]:
    """Return the rows of the file, in their order; none if there is no file.

    Raises BadInput with every value that cannot be accepted, and with every second decision of one person on one work
    and stage that is not numbered as its revision.
    """
    if not (root / DECISIONS).exists():
        return []
    check_file(root / DECISIONS, DECISIONS, root)
    return _read(root / DECISIONS, "nothing was loaded")


def _read(path: Path, consequence: str) -> list[Decision]:
    found: list[Decision] = []
    problems: list[Problem] = []
    for table in read_tables(path, DECISIONS):
        columns = find_columns(table, LAYOUT)
        if not table.broken:
            found += _rows(table, columns)
        problems += [*table.broken, *table.problems]
    if problems:
        raise BadInput(problems, consequence)
    return found


def _rows(table: RawTable, columns: Mapping[str, int]) -> list[Decision]:
    cells = RowReader(table, columns, None)
    latest: dict[tuple[str, str, str], Decision] = {}
    found = []
    for number, row in table.rows:
        cells.start(number, row)
        decision = _decision(cells)
        before = latest.get(decision.key)
        if decision.revision != (before.revision + 1 if before else 0):
            _fail_revision(cells, decision, before)
        if not cells.rejected:
            latest[decision.key] = decision
            found.append(decision)
    return found


def _decision(cells: RowReader) -> Decision:
    for name in LAYOUT.required:
        if cells.is_blank(name):
            cells.fail(name, "", "the cell is blank")
    made = Decision(
        cells.text("work"),
        _one_of(cells, "stage", STAGES),
        _one_of(cells, "decision", CHOICES),
        cells.text("by"),
        cells.text("date"),
        cells.text("reason") or None,
        cells.text("title") or None,
        cells.number_of("revision", 0, 1000) or 0,
        cells.number,
    )
    if made.date and not is_date(made.date.partition("T")[0]):
        cells.fail("date", made.date, "is no date", accepted="a day such as 2026-11-01, with or without a time")
    if wrong := reason_problem(made.stage, made.decision, made.reason):
        cells.fail("reason", "", wrong, accepted=f"the criterion that is not met, or {NOT_RETRIEVED!r}")
    return made


def _one_of(cells: RowReader, column: str, accepted: Iterable[str]) -> str:
    text = cells.text(column)
    if text and text not in accepted:
        near = " or ".join(nearest(text, accepted))
        cells.fail(column, text, f"is no {column}", suggestion=near, accepted=", ".join(accepted))
    return text


def _fail_revision(cells: RowReader, decision: Decision, before: Decision | None) -> None:
    if before is None:
        cells.fail("revision", str(decision.revision), "there is no earlier decision that it revises")
        return
    cells.fail(
        "work",
        decision.work,
        f"{decision.by} has decided on it at this stage already ({before.decision} in row {before.row})",
        accepted=f"one decision, or revision {before.revision + 1} in the later row: kg decide --revise writes it",
    )


def append_decision(root: Path, decision: Decision) -> Decision:
    """Append a decision and return it with its row; all bytes that are there stay.

    A lock keeps other processes out. The file is replaced as a whole after it has reached the disk, so that a process
    that is killed leaves the old file or the new one. Raises BadInput if the file cannot be read, or if this person has
    decided on the work at this stage and ``decision.revision`` does not follow, and KgError if it cannot be written.
    """
    path = root / DECISIONS
    try:
        path.parent.mkdir(exist_ok=True)
        with locked(path.parent / ".decisions.lock"):
            old = path.read_bytes().decode() if path.exists() else ""
            part = path.with_name(".part-decisions.csv")
            _write(part, _with_row(old, decision))
            rows = _read(part, "nothing was written")
            part.replace(path)
            _flush_folder(path.parent)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise KgError(f"cannot write {path}: {why}") from error
    return rows[-1]


def _with_row(old: str, decision: Decision) -> str:
    if not old.removeprefix(_BOM).strip():
        return ",".join(COLUMNS) + "\n" + _csv(COLUMNS, decision, ",", "\n")
    end = "\r\n" if "\r\n" in old else "\n"
    return old + ("" if old.endswith("\n") else end) + _line(old, decision, end)


def _write(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make a replaced name last; Windows has no such call for folders."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _line(old: str, decision: Decision, end: str) -> str:
    """Return the row for a file with this text: with its separator, and its columns in their order."""
    header_text = old.removeprefix(_BOM).splitlines()[0]
    delimiter = max(",;\t", key=header_text.count)
    header = next(csv.reader([header_text], delimiter=delimiter))
    indexes = match_columns(header, LAYOUT)
    missing = [name for name in COLUMNS if name not in indexes]
    if missing:
        problem = Problem(DECISIONS, "a column is missing", column=missing[0], accepted=", ".join(COLUMNS))
        raise BadInput([problem], "nothing was written")
    by_index = {index: name for name, index in indexes.items()}
    names = [by_index.get(index, "") for index in range(len(header))]
    return _csv(names, decision, delimiter, end)


def _csv(names: Iterable[str], decision: Decision, delimiter: str, end: str) -> str:
    cells = [_cell(getattr(decision, name)) if name else "" for name in names]
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator=end).writerow(cells)
    return line.getvalue()


def _cell(value: str | int | None) -> str:
    """Return a value as it is written: on one line, and nothing that a spreadsheet would run. No revision is blank."""
    return guarded(" ".join(without_controls(str(value)).split())) if value else ""
