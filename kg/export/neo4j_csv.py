"""The CSV files that ``neo4j-admin database import`` reads: typed columns, and rows as lines.

There is a group of rows for each node label, and for each type of relationship between two labels. Text is quoted,
absent values are empty fields, and the items of a list are separated by a character that no item contains. Text is
written unchanged, without the guard against formulas, because only the importer reads these files. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from kg.errors import KgError
from kg.graph.rows import Row
from kg.model.vocabulary import LABELS, PROPERTIES
from kg.store.base import Manifest
from kg.store.server import manifest_properties

#: The label of the manifest node, as in ``queries/server/``.
MANIFEST: Final = "KgManifest"
#: Candidates for the separator of list items, in order of preference: the ASCII unit separator, then the other control
#: characters except tab and line breaks. The first that no item contains is used.
SEPARATORS: Final = tuple(map(chr, range(0x1F, 0x0D, -1)))

_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "long", float: "double", str: "string"}


@dataclass(frozen=True)
class Group:
    """A header file and a data file.

    ``option`` is the labels or the type. ``ids`` are the columns that identify a row, as header -> property, and
    ``properties`` the other ones, in this order. ``owner`` is the label or type that messages name.
    """

    name: str
    option: str
    owner: str
    ids: Mapping[str, str]
    properties: Sequence[str]
    #: Property -> the types of its values in the lines that were made, and ``list`` where they were items of a list.
    kinds: defaultdict[str, set[type]] = field(default_factory=lambda: defaultdict(set))

    def lines(self, rows: Iterable[Row], separator: str) -> Iterator[bytes]:
        """Yield rows as lines of the data file; of relationships between the same nodes, which follow each other, one.

        Raises KgError for a value that the import would change.
        """
        names = [*self.ids.values(), *self.properties]
        before = None
        for row in rows:
            ends = (row["from"], row["to"]) if "from" in row else None
            if ends and ends == before:
                continue
            before, fields = ends, []
            for name in names:
                value = row.get(name)
                try:
                    fields.append(_field(value, separator))
                except ValueError as error:
                    which = row.get("id") or row.get("from") or row.get("review")
                    raise KgError(
                        f"{self.name} {which!r}: {name} {error}; change it in the files of the review"
                    ) from None
                if value is not None:
                    self.kinds[name].add(type(value))
                    if isinstance(value, list | tuple):
                        self.kinds[name].update(map(type, value))
            yield b",".join(fields) + b"\n"

    def header(self) -> bytes:
        """Return the header, with the types that the values of the lines had. Raises KgError where they differ."""
        columns = [*self.ids, *(f"{name}:{self._type(name)}" for name in self.properties)]
        return ",".join(columns).encode() + b"\n"

    def _type(self, name: str) -> str:
        """Return the importer's type of a property: study labels may be numbers or text."""
        found = self.kinds[name]
        kinds = {_TYPES[kind] for kind in found if kind in _TYPES} or {"string"}
        if len(kinds) > 1:
            raise KgError(f"{self.owner}: {name} is {' and '.join(sorted(kinds))}, where a column has one type")
        return kinds.pop() + ("" if found.isdisjoint((list, tuple)) else "[]")


def node_group(label: str) -> Group:
    """Return the group of a label. Each label has its own id space: a factor and an outcome may have the same id."""
    return Group(label, ":".join((label, *LABELS[label])), label, {f"id:ID({label})": "id"}, PROPERTIES[label][1:])


def edge_group(kind: str, start: str, end: str) -> Group:
    """Return the group of the relationships of a type between two labels."""
    ends = {f":START_ID({start})": "from", f":END_ID({end})": "to"}
    return Group(edges_name(kind, start, end), kind, kind, ends, PROPERTIES.get(kind, ()))


def manifest_group(manifest: Manifest) -> tuple[Group, Row]:
    """Return the group of the manifest node, and its row; its version changes whenever another property does."""
    row = manifest_properties(manifest)
    row["version"] = sha256(repr(sorted(row.items())).encode("utf-8", "replace")).hexdigest()[:32]
    properties = [name for name in row if name != "review"]
    return Group(MANIFEST, MANIFEST, MANIFEST, {f"review:ID({MANIFEST})": "review"}, properties), row


def edges_name(kind: str, start: str, end: str) -> str:
    """Return the name of a group of relationships."""
    return f"{kind}-{start}-{end}"


def separator_of(rows: Iterable[Row]) -> str:
    """Return a separator that no list item of the rows contains. Raises KgError where each occurs in one."""
    free = set(SEPARATORS)
    lists = (value for row in rows for value in row.values() if isinstance(value, list | tuple))
    for item in (item for items in lists for item in items if isinstance(item, str)):
        free.difference_update(item)
        if not free:
            raise KgError(
                f"no character is left to separate the items of lists, after {item!r}: take the control characters out "
                "of the names of outcomes and the labels of studies"
            )
    return max(free)


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
