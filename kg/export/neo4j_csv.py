"""The CSV files that ``neo4j-admin database import`` reads: typed columns, and rows as lines.

There is a group of rows for each node label, and for each type of relationship between two labels. Text is quoted,
absent values are empty fields, and the items of a list are separated by a character that no item contains. Text is
written unchanged, without the guard against formulas, because only the importer reads these files. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from kg.errors import KgError
from kg.graph.rows import GraphData, Row
from kg.model.vocabulary import LABELS, PROPERTIES
from kg.store.base import Manifest
from kg.store.server import manifest_properties

#: The label of the manifest node, as in ``queries/server/``.
MANIFEST: Final = "KgManifest"
#: Candidates for the separator of list items, in order of preference: the ASCII unit separator, then the other control
#: characters except tab and line breaks. The first that no item contains is used.
SEPARATORS: Final = tuple(map(chr, range(0x1F, 0x0D, -1)))


@dataclass(frozen=True)
class Group:
    """A header file and a data file. ``option`` is the labels or the type; ``columns`` are (header, property)."""

    name: str
    option: str
    columns: list[tuple[str, str]]
    rows: Sequence[Row]


def node_groups(graph: GraphData) -> Iterator[Group]:
    """Yield the nodes by label. Each label has its own id space, so a factor and an outcome may have the same id."""
    for label, rows in graph.nodes.items():
        if rows:
            columns = [(f"id:ID({label})", "id"), *_columns(label, PROPERTIES[label][1:], rows)]
            yield Group(label, ":".join((label, *LABELS[label])), columns, rows)


def manifest_group(manifest: Manifest) -> Group:
    """Return the manifest node; its version changes whenever one of its other properties does."""
    row = manifest_properties(manifest)
    row["version"] = sha256(repr(sorted(row.items())).encode("utf-8", "replace")).hexdigest()[:32]
    properties = [name for name in row if name != "review"]
    columns = [(f"review:ID({MANIFEST})", "review"), *_columns(MANIFEST, properties, [row])]
    return Group(MANIFEST, MANIFEST, columns, [row])


def edge_groups(graph: GraphData) -> Iterator[Group]:
    """Yield the relationships by type, start label and end label."""
    for (kind, start, end), rows in graph.edges.items():
        properties = _columns(kind, PROPERTIES.get(kind, ()), rows)
        columns = [(f":START_ID({start})", "from"), (f":END_ID({end})", "to"), *properties]
        yield Group(edges_name(kind, start, end), kind, columns, rows)


def edges_name(kind: str, start: str, end: str) -> str:
    """Return the name of a group of relationships."""
    return f"{kind}-{start}-{end}"


def _columns(owner: str, names: Iterable[str], rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(f"{name}:{_type(owner, name, rows)}", name) for name in names]


def _type(owner: str, name: str, rows: Iterable[Row]) -> str:
    """Return the importer's type of a property, derived from its values: study labels may be numbers or text."""
    values = (row[name] for row in rows if name in row)
    kinds = {kind for value in values for kind in _kinds(value)} or {"string"}
    if kinds == {"list"}:  # only empty lists
        return "string[]"
    is_list = "list" in kinds
    kinds.discard("list")
    if len(kinds) > 1:
        raise KgError(f"{owner}: {name} is {' and '.join(sorted(kinds))}, where a column has one type")
    return kinds.pop() + ("[]" if is_list else "")


def _kinds(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield "list"
        for item in value:
            yield _TYPES[type(item)]
    else:
        yield _TYPES[type(value)]


_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "long", float: "double", str: "string"}


def separator_of(graph: GraphData) -> str:
    """Return a separator that no list item contains. Raises KgError where every candidate occurs in one."""
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


def lines_of(group: Group, separator: str) -> Iterator[bytes]:
    """Yield the rows as lines of the data file; a repeated relationship is written once, as in the stores."""
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
    """Return a value as a field. Raises ValueError for a value that the import would change."""
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"is {value}, which is more than Neo4j's whole numbers hold")
        return b"%d" % value
    if isinstance(value, float):
        return repr(value).encode()
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
