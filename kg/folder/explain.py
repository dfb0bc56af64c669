"""How a file would be read, without reading the folder or writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import UsageProblem
from kg.folder.review import Review
from kg.loaders.sheets.reading import Question
from kg.model.layout import CONFIG, SHEETS
from kg.problems import Problem

if TYPE_CHECKING:
    from kg.folder.read import Loaded


@dataclass(frozen=True)
class Explained:
    """How one sheet of a file would be read.

    ``description`` has a sentence on the sheet and then one for each part of it. ``toml`` declares the same reading in
    ``review.toml``; it is "" for a sheet that is not read. ``problems`` are those of the header and the declaration.
    """

    file: str
    sheet: str
    description: tuple[str, ...]
    toml: str = ""
    question: Question | None = None
    problems: tuple[Problem, ...] = ()


def explain(review: Review, file: Path) -> list[Explained]:
    """Return how each sheet of a file would be read in ``sheets/`` of a review.

    Raises UsageProblem for a file that is missing or of a type that is not read as a sheet.
    """
    from kg.folder.tables import FolderReader
    from kg.loaders.sheets.describe import describe, to_toml

    if not file.is_file():
        raise UsageProblem(f"{file} is not a file")
    if file.suffix.lower() not in SHEETS:
        kind = file.suffix or "none"
        raise UsageProblem(f"{file}: files of type {kind!r} are not read as sheets; accepted: {', '.join(SHEETS)}")
    reader = FolderReader(review.root, review.config)
    before = len(reader.broken)
    sheets = {id(sheet.table): sheet.reading for sheet in reader.explained(file)}
    found: list[Explained] = []
    for table in reader.tables:
        reading = sheets.get(id(table))
        problems = tuple(table.broken)
        if reading is None:
            found.append(Explained(table.file, table.sheet, (), problems=problems))
        else:
            lines = tuple(describe(reading))
            found.append(Explained(table.file, table.sheet, lines, to_toml(reading), reading.question, problems))
    found += [
        Explained(name, sheet, (f"{name} [{sheet}]: {reason}",)) for (name, sheet), reason in reader.passed.items()
    ]
    if broken := tuple(reader.broken[before:]):
        found.append(Explained(f"sheets/{file.name}", "", (), problems=broken))
    return found


def explain_references(review: Review, file: Path) -> Explained:
    """Return how a table of references would be read: its columns, with those that ``review.toml`` declares.

    Raises UsageProblem for a file that is no table.
    """
    from kg.folder.reference_tables import to_toml
    from kg.loaders.references.csv_exports import spec_of
    from kg.loaders.references.formats import read_text

    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise UsageProblem(f"{file} is no table of references: only the columns of tables can be declared")
    name = f"references/{file.name}"
    text = read_text(file, name)
    declared = next((spec for spec in review.config.references if spec.file == name), None)
    spec = text if isinstance(text, Problem) else spec_of(text, name, declared)
    if isinstance(spec, Problem):
        return Explained(name, "", (), problems=(spec,))
    line = f"{name}: read as references, from {spec.database}"
    return Explained(name, "", (line,), to_toml(spec))


def declare(review: Review, explained: Explained, answer: str) -> None:
    """Append the declaration of a sheet to ``review.toml``, with the line that answers its question."""
    key = answer.partition(" ")[0]
    lines = [line for line in explained.toml.splitlines() if line.partition(" ")[0] != key]
    at = next((n for n, line in enumerate(lines) if n and not line), len(lines))
    lines.insert(at, answer)
    path = review.root / CONFIG
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def described(loaded: Loaded, name: str) -> tuple[str, ...]:
    """Return the sentences on how a file of a folder was read."""
    from kg.loaders.sheets.describe import describe, describe_passed

    lines = [line for reading in loaded.readings if reading.file == name for line in describe(reading)]
    passed = {place: reason for place, reason in loaded.passed.items() if place[0] == name}
    return (*lines, *describe_passed(passed))
