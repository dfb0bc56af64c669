"""Mappings in SSSOM (a tab-separated file): attributes of a framework, each matched to a factor or an outcome.

The lines that begin with # above the header are metadata in YAML. The licence and the entries of curie_map are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.loaders.tables.rawtable import Cell, display_text, has_content
from kg.loaders.tables.read import QUOTATION, decode_text
from kg.loaders.tables.separators import split_text
from kg.model.vocabulary import MATCHES
from kg.problems import Problem, nearest
from kg.text import unguarded

REQUIRED = ("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification")
OPTIONAL = ("object_label", "comment")
_NEGATED = "predicate_modifier"
_CURIE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*:[^\s:][^\s]*")
_ENTRY = re.compile(r"#( *)([A-Za-z_][A-Za-z0-9_.-]*): *(\S*)")


@dataclass(frozen=True)
class MappingRow:
    """One row: an attribute (``prefix``, ``id``, ``label``), a relation of SKOS, and the id of what it is matched to.

    ``object`` is a CURIE such as factor:autonomy, ``predicate`` one of ``MATCHES`` such as exactMatch.
    """

    prefix: str
    id: str
    label: str
    predicate: str
    object: str
    justification: str
    comment: str | None
    row: int


@dataclass
class MappingSet:
    """The content of a file. ``curies`` maps a prefix to the beginning of the IRIs that it stands for."""

    rows: list[MappingRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    curies: dict[str, str] = field(default_factory=dict)
    licence: str | None = None


def read_sssom(path: Path, name: str) -> MappingSet:
    """Return the mappings of a file; ``name`` is its name in problems. Rows that cannot be accepted are left out."""
    found = MappingSet()
    text = decode_text(path.read_bytes(), name, None)
    if isinstance(text, Problem):
        found.problems.append(text)
        return found
    head, body = _divided(text)
    _read_metadata(found, head)
    split = split_text(body, "\t")
    if split.error:
        row = len(head) + len(split.rows) + 1
        found.problems.append(Problem(name, "a quotation mark is not in a pair", row=row, accepted=QUOTATION))
        return found
    rows = [(len(head) + number, cells) for number, cells in split.rows if any(map(has_content, cells))]
    if not rows:
        found.problems.append(Problem(name, "has no header", accepted="a row with " + ", ".join(REQUIRED)))
        return found
    (at, header), *below = rows
    names = [display_text(cell).strip() for cell in header]
    found.problems += [
        Problem(
            name,
            "the column is missing",
            row=at,
            column=column,
            suggestion=" or ".join(map(repr, nearest(column, [n for n in names if n not in REQUIRED], 1))),
            accepted=", ".join((*REQUIRED, *OPTIONAL)),
        )
        for column in REQUIRED
        if column not in names
    ]
    if not found.problems:
        reader = _Rows(name, names, found)
        for number, cells in below:
            reader.read(number, cells)
    return found


def _divided(text: str) -> tuple[list[str], str]:
    """Return the lines of metadata, and the text below them."""
    lines = text.split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:count], "\n".join(lines[count:])


def _read_metadata(found: MappingSet, lines: Iterable[str]) -> None:
    """Read the licence, and the prefixes, which are the entries that are indented below curie_map."""
    depth: int | None = None
    for line in lines:
        entry = _ENTRY.fullmatch(line.rstrip())
        indent, name, value = (len(entry[1]), entry[2], entry[3].strip("\"'")) if entry else (0, "", "")
        if depth is not None and indent > depth:
            found.curies[name] = value
            continue
        depth = indent if name == "curie_map" else None
        if name == "license":
            found.licence = value


class _Rows:
    """Reads the rows of one file into ``found``."""

    def __init__(self, file: str, names: list[str], found: MappingSet) -> None:
        self._file, self._names, self._found = file, names, found
        self._pairs: dict[tuple[str, str], int] = {}
        self._labels: dict[str, tuple[str, int]] = {}

    def read(self, number: int, row: list[Cell]) -> None:
        """Add the mapping of a row, or its problems."""
        if len(row) > len(self._names):
            reason = "has more cells than the header"
            self._fail(number, "", str(len(row)), reason, f"{len(self._names)} cells, with a tab between them")
            return
        texts = (" ".join(unguarded(display_text(cell)).split()) for cell in row)
        cells = dict.fromkeys(self._names, "") | dict(zip(self._names, texts, strict=False))
        if self._is_accepted(number, cells):
            prefix, _, id_ = cells["subject_id"].partition(":")
            predicate = cells["predicate_id"].removeprefix("skos:")
            made = (cells["object_id"], cells["mapping_justification"], cells.get("comment") or None, number)
            self._found.rows.append(MappingRow(prefix, id_, cells["subject_label"], predicate, *made))

    def _is_accepted(self, number: int, cells: Mapping[str, str]) -> bool:
        before = len(self._found.problems)
        for column in REQUIRED:
            if not cells[column]:
                self._fail(number, column, "", "the cell is blank")
        for column in ("subject_id", "object_id"):
            if cells[column] and not _CURIE.fullmatch(cells[column]):
                self._fail(number, column, cells[column], "is not a CURIE", "PREFIX:ID, such as factor:autonomy")
        self._check_predicate(number, cells)
        if len(self._found.problems) == before:
            self._check_repeated(number, cells)
        return len(self._found.problems) == before

    def _check_predicate(self, number: int, cells: Mapping[str, str]) -> None:
        predicate, accepted = cells["predicate_id"], [f"skos:{name}" for name in MATCHES]
        if predicate and predicate not in accepted:
            near = " or ".join(map(repr, nearest(predicate, accepted, 1)))
            self._fail(number, "predicate_id", predicate, "is not a relation", ", ".join(accepted), near)
        if cells.get(_NEGATED):
            self._fail(number, _NEGATED, cells[_NEGATED], "turns the relation round, which is not read", "a blank cell")

    def _check_repeated(self, number: int, cells: Mapping[str, str]) -> None:
        """Check that a pair has one relation, and an attribute one label."""
        subject, object_ = cells["subject_id"], cells["object_id"]
        label, first = self._labels.setdefault(subject, (cells["subject_label"], number))
        if label != cells["subject_label"]:
            reason = f"{subject} has another label in row {first}"
            self._fail(number, "subject_label", cells["subject_label"], reason, label)
        first = self._pairs.setdefault((subject, object_), number)
        if first != number:
            reason = f"the pair stands twice (also in row {first})"
            self._fail(number, "object_id", f"{subject}, {object_}", reason, "one row, with one relation")

    def _fail(
        self, number: int, column: str, value: str, reason: str, accepted: str = "", suggestion: str = ""
    ) -> None:
        self._found.problems.append(Problem(self._file, reason, "", number, column, value, accepted, suggestion))
