"""The graph as CSV files for ``neo4j-admin database import full``: the way into Neo4j for a base of any size.

A node label is a pair of files, header and data, and so is a type of relationship between two labels. Ids are those of
the label, so that a factor and an outcome may share one. Text is quoted, absent values are empty fields, and the items
of a list are separated by a character that none of them holds. What the importer cannot write, empty lists, is put
right by a script that is run with the constraints.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Final

from kg.assemble import GraphData, Row
from kg.catalogue import statements
from kg.errors import KgError, UsageProblem
from kg.store.base import Manifest
from kg.store.server import manifest_properties, schema
from kg.vocab import LABELS, PROPERTIES, RELATIONSHIPS

#: The label of the node that says what a graph was built from, in ``queries/server/``.
MANIFEST: Final = "KgManifest"
#: What may stand between the items of a list, the best first: the unit separator of ASCII, made for this, and after it
#: the other control characters but tab and line breaks. The first that no item holds is taken.
SEPARATORS: Final = tuple(map(chr, range(0x1F, 0x0D, -1)))

_README: Final = "A graph of kg, as files for neo4j-admin.\n"
_PART: Final = ".kg-part-"  # what is being written, until it is whole
_CONSTRAINTS, _LISTS, _SCRIPT, _ABOUT = "constraints.cypher", "empty-lists.cypher", "import.sh", "README.txt"
_REPORT: Final = "import.report"  # neo4j-admin leaves it where it is run


@dataclass(frozen=True)
class _Group:
    """A header file and a data file, and what the rows are: labels or a type. ``columns`` are (header, property)."""

    name: str
    option: str
    columns: list[tuple[str, str]]
    rows: list[Row]


def browse_files() -> dict[str, str]:
    """Return what Neo4j Browser can open, by file name: queries to start with, and a style for nodes and arrows."""
    folder = resources.files("kg.queries") / "browse"
    items = sorted((item for item in folder.iterdir() if item.is_file()), key=lambda item: item.name)
    return {item.name: item.read_text(encoding="utf-8") for item in items}


def write_browse(folder: Path) -> list[Path]:
    """Write those files into a folder, which is made where it is missing; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in browse_files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        paths.append(folder / name)
    return paths


def write_import(graph: GraphData, manifest: Manifest, folder: Path) -> None:
    """Write everything for an import into a folder, which is new, empty or holds an earlier one.

    The same graph and manifest give the same bytes. ``import.sh`` comes last and goes first: a folder that has it is
    whole. Raises UsageProblem where the folder holds anything else, and KgError for a value that would not arrive as it
    is; then the folder is what it was before.
    """
    before = _files_of_an_import(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=_PART, dir=folder) as scratch:
            made = Path(scratch)
            _write_all(graph, manifest, made)
            _put_in_place(made, folder, before)
    except BaseException:
        for path in missing:  # those that this call made, the inner ones first
            with suppress(OSError):
                path.rmdir()
        raise


def _files_of_an_import(folder: Path) -> set[str]:
    """Return the files that are in the folder. Raises UsageProblem where one is not an import's."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise UsageProblem(f"{folder} is a file: name a folder")
    for left in folder.glob(_PART + "*"):
        shutil.rmtree(left)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    strange = sorted(found - _names())
    about = folder / _ABOUT
    if strange or (found and not (about.is_file() and about.read_bytes().startswith(_README.encode()))):
        held = strange[0] if strange else min(found)
        raise UsageProblem(f"{folder} holds {held}, which is not of an import for Neo4j: name a new folder")
    return found


def _names() -> set[str]:
    """Return the names of all files that an import may have."""
    groups = [*LABELS, MANIFEST, *(_edges(kind, *ends) for kind, pairs in RELATIONSHIPS.items() for ends in pairs)]
    data = {f"{name}{end}.csv" for name in groups for end in ("", "-header")}
    return {*data, *(f"browse/{name}" for name in browse_files()), _CONSTRAINTS, _LISTS, _SCRIPT, _ABOUT, _REPORT}


def _put_in_place(made: Path, folder: Path, before: set[str]) -> None:
    (folder / _SCRIPT).unlink(missing_ok=True)
    now = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    (made / _ABOUT).replace(folder / _ABOUT)  # from here on the folder is known as an import's
    for name in before - set(now):
        (folder / name).unlink(missing_ok=True)
    for name in now:
        if name not in (_ABOUT, _SCRIPT):
            (folder / name).parent.mkdir(exist_ok=True)
            (made / name).replace(folder / name)
    (made / _SCRIPT).replace(folder / _SCRIPT)


def _write_all(graph: GraphData, manifest: Manifest, folder: Path) -> None:
    nodes, edges = [*_node_groups(graph), _manifest_group(manifest)], list(_edge_groups(graph))
    separator = _separator(graph)
    several_lines = False
    for group in (*nodes, *edges):
        header = ",".join(column for column, _ in group.columns)
        _write(folder / f"{group.name}-header.csv", [header.encode() + b"\n"])
        several_lines |= _write(folder / f"{group.name}.csv", _lines(group, separator))
    options = [f"--nodes={g.option}={g.name}-header.csv,{g.name}.csv" for g in nodes]
    options += [f"--relationships={g.option}={g.name}-header.csv,{g.name}.csv" for g in edges]
    # Reading fields of several lines is slower, so that it is asked for only where there are any.
    multiline = f"--multiline-fields={'true' if several_lines else 'false'}"
    options = [f"--array-delimiter=U+{ord(separator):04X}", multiline, *options]
    texts = {
        _CONSTRAINTS: _script(schema()),
        _LISTS: _script(statements("server/empty-lists")),
        _SCRIPT: _SHELL.substitute(options="".join(f"  {option} \\\n" for option in options)),
        _ABOUT: _README + _HOW.substitute(review=manifest.review),
    }
    for name, text in texts.items():
        _write(folder / name, [text.encode()])
    (folder / _SCRIPT).chmod((folder / _SCRIPT).stat().st_mode | 0o111)
    write_browse(folder / "browse")


def _script(texts: Iterable[str]) -> str:
    return "".join(f"{text};\n" for text in texts)


def _write(path: Path, lines: Iterable[bytes]) -> bool:
    """Write lines to a file; return whether one of them holds a line break of its own."""
    broken = False
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            broken = broken or line.find(b"\n") != len(line) - 1 or b"\r" in line
    return broken


def _node_groups(graph: GraphData) -> Iterator[_Group]:
    for label, rows in graph.nodes.items():
        if rows:
            columns = [(f"id:ID({label})", "id"), *_columns(label, PROPERTIES[label][1:], rows)]
            yield _Group(label, ":".join((label, *LABELS[label])), columns, rows)


def _manifest_group(manifest: Manifest) -> _Group:
    """Return the node by which a store knows what it holds; its version is new wherever anything else is."""
    row = manifest_properties(manifest)
    row["version"] = sha256(repr(sorted(row.items())).encode("utf-8", "replace")).hexdigest()[:32]
    properties = [name for name in row if name != "review"]
    columns = [(f"review:ID({MANIFEST})", "review"), *_columns(MANIFEST, properties, [row])]
    return _Group(MANIFEST, MANIFEST, columns, [row])


def _edge_groups(graph: GraphData) -> Iterator[_Group]:
    for (kind, start, end), rows in graph.edges.items():
        properties = _columns(kind, PROPERTIES.get(kind, ()), rows)
        columns = [(f":START_ID({start})", "from"), (f":END_ID({end})", "to"), *properties]
        yield _Group(_edges(kind, start, end), kind, columns, rows)


def _edges(kind: str, start: str, end: str) -> str:
    return f"{kind}-{start}-{end}"


def _columns(owner: str, names: Iterable[str], rows: list[Row]) -> list[tuple[str, str]]:
    return [(f"{name}:{_type(owner, name, rows)}", name) for name in names]


def _type(owner: str, name: str, rows: Iterable[Row]) -> str:
    """Return the type of a property as the importer calls it: what a review calls its studies may be number or text."""
    values = (row[name] for row in rows if name in row)
    kinds = {kind for value in values for kind in _kinds(value)} or {"string"}
    if kinds == {"list"}:  # nothing but empty ones
        return "string[]"
    several = "list" in kinds
    kinds.discard("list")
    if len(kinds) > 1:
        raise KgError(f"{owner}: {name} is {' and '.join(sorted(kinds))}, where a column has one type")
    return kinds.pop() + ("[]" if several else "")


def _kinds(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield "list"
        for item in value:
            yield _TYPES[type(item)]
    else:
        yield _TYPES[type(value)]


_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "long", str: "string"}


def _separator(graph: GraphData) -> str:
    """Return what can stand between the items of every list. Raises KgError where nothing can."""
    free = set(SEPARATORS)
    lists = (
        value
        for rows in (*graph.nodes.values(), *graph.edges.values())
        for row in rows
        for value in row.values()
        if isinstance(value, list | tuple)
    )
    for item in (item for items in lists for item in items if isinstance(item, str)):
        free.difference_update(item)
        if not free:
            raise KgError(
                f"no character is left to separate the items of lists, after {item!r}: take the control characters out "
                "of the names of outcomes and the labels of studies"
            )
    return max(free)


def _lines(group: _Group, separator: str) -> Iterator[bytes]:
    """Yield the rows as lines of the data file; a relationship that is there twice is written once, as stores do it."""
    properties = [name for _, name in group.columns]
    known, seen = set(properties), set()
    for row in group.rows:
        if "from" in row:
            ends = row["from"], row["to"]
            if ends in seen:
                continue
            seen.add(ends)
        if not row.keys() <= known:
            raise KgError(f"{group.name}: there is no column for {', '.join(sorted(row.keys() - known))}")
        fields = []
        for name in properties:
            try:
                fields.append(_field(row.get(name), separator))
            except ValueError as error:
                which = row.get("id") or row.get("from") or row.get("review")
                raise KgError(f"{group.name} {which!r}: {name} {error}; change it in the files of the review") from None
        yield b",".join(fields) + b"\n"


def _field(value: Any, separator: str) -> bytes:
    """Return a value as a field. Raises ValueError for one that would arrive as another."""
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"is {value}, which is more than Neo4j's whole numbers hold")
        return b"%d" % value
    if isinstance(value, str):
        return _quoted(value)
    if not value:
        return b""
    joined = separator.join(item if isinstance(item, str) else _field(item, "").decode() for item in value)
    if not joined:
        raise ValueError("is a list of one empty text, which would arrive as an empty list")
    return _quoted(joined)


def _quoted(text: str) -> bytes:
    try:
        return b'"' + text.encode().replace(b'"', b'""') + b'"'
    except UnicodeEncodeError as error:
        raise ValueError(f"is {text!r}, with a half of a character, which is no text") from error


_SHELL: Final = Template(
    """#!/bin/sh
# Load the files beside this script into a database of Neo4j, with the server stopped.
#
#   ./import.sh [DATABASE] [OPTION...]
#
# DATABASE is neo4j where none is named. Options go to neo4j-admin as they are: --overwrite-destination replaces what
# the database holds. NEO4J_ADMIN names the command where it is not on the path.
set -eu
admin=$${NEO4J_ADMIN:-neo4j-admin}
case $$admin in
  /*) ;;
  */*) admin=$$PWD/$$admin ;;
esac
case $${1-} in
  "" | -*) database=neo4j ;;
  *) database=$$1; shift ;;
esac
CDPATH='' cd -- "$$(dirname -- "$$0")"
exec "$$admin" database import full "$$database" \\
$options  "$$@"
"""
)

_HOW: Final = Template(
    """
It is the whole graph of the review $review, made by kg export neo4j. The server must be stopped for the import, and
the database be new or be replaced:

  ./import.sh                            into the database neo4j, which must be empty
  ./import.sh reviews                    into another one (then CREATE DATABASE reviews, where the edition has it)
  ./import.sh neo4j --overwrite-destination    everything that is in the database goes

NEO4J_ADMIN=/path/to/neo4j-admin ./import.sh where the command is not on the path. neo4j-admin leaves import.report in
this folder. Then start the server and run the two scripts, which may be run again:

  cypher-shell -d neo4j -f constraints.cypher       ids are unique, and found without a search
  cypher-shell -d neo4j -f empty-lists.cypher       what the importer cannot write

From then on kg table --store neo4j://localhost reads the graph, and kg build --store neo4j://localhost keeps it up to
date. browse/ has queries and a style for Neo4j Browser.

  NAME-header.csv, NAME.csv    nodes of a label, or relationships of a type between two labels: the names of the
                               columns, and the rows; import.sh names what separates the items of a list
"""
)
