"""Many records in little memory: each is packed into bytes, in a temporary file once they are many."""

from __future__ import annotations

from array import array
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, Any, get_args, get_type_hints
from weakref import finalize

import orjson

from kg.model.literature import Author, Funder, Institution, Record, Topic
from kg.model.made import MadeSequence

#: So many bytes are kept in memory before they are written to a temporary file, which goes with the records.
_IN_MEMORY = 64 << 20
_FIELDS = tuple(Record.__dataclass_fields__)
_VALUES = attrgetter(*_FIELDS)
_AUTHORS, _TOPICS, _FUNDERS, _LOCATIONS, _REFERENCES, _SOURCE = map(
    _FIELDS.index, ("authors", "topics", "funders", "locations", "references", "source")
)
#: The fields of a record as they are packed: lists for its tuples, and for its authors, topics and funders.
Plain: Any = namedtuple("Plain", _FIELDS)  # type: ignore[misc]


class _Packs:
    """Byte strings by their numbers."""

    def __init__(self) -> None:
        self._ends = array("Q", [0])
        self._file: IO[bytes] | None = None
        self._in_file = 0
        self._in_memory = bytearray()

    def append(self, data: bytes) -> None:
        self._in_memory += data
        self._ends.append(self._ends[-1] + len(data))
        if len(self._in_memory) >= _IN_MEMORY:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115 - open as long as the records are
                finalize(self, self._file.close)
            self._file.seek(self._in_file)
            self._in_file += self._file.write(self._in_memory)
            self._in_memory.clear()

    def __getitem__(self, number: int) -> bytes:
        begin, end = self._ends[number], self._ends[number + 1]
        if self._file is None or begin >= self._in_file:
            return bytes(self._in_memory[begin - self._in_file : end - self._in_file])
        self._file.seek(begin)
        return self._file.read(end - begin)

    def cut(self, number: int) -> None:
        """Remove all byte strings from a number on."""
        del self._ends[number + 1 :]
        if (end := self._ends[-1]) < self._in_file:
            self._in_file = end  # what is behind it in the file is overwritten
        del self._in_memory[end - self._in_file :]


class Records(MadeSequence[Record]):
    """Records in an order, each of which is made anew when it is read. Their ids are kept beside them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._packs = _Packs()
        self._at: Sequence[int] | None = None
        self.ids: list[str] = []
        for record in records:
            self.append(record)

    def append(self, record: Record) -> None:
        """Add a record behind the others."""
        self.append_packed(record.id, pack(record))

    def append_packed(self, id_: str, data: bytes) -> None:
        """Add a record with an id, as ``pack`` returned it in this or another process of ours."""
        self._packs.append(data)
        self.ids.append(id_)

    def append_checked(self, data: bytes, source: str) -> None:
        """Add a record as ``packs`` yields it, whose file is ``source``. Raises ValueError where it is not one."""
        values = orjson.loads(data)
        if not _are(Record, values) or values[_SOURCE] != source:
            raise ValueError("not a packed record")
        self.append_packed(values[0], data)

    def packs(self, begin: int) -> Iterator[bytes]:
        """Yield the records from a position on as they are packed: JSON without line breaks."""
        return map(self._pack, range(begin, len(self)))

    def cut(self, number: int) -> None:
        """Remove the records from a position on; nothing was chosen of them."""
        self._packs.cut(number)
        del self.ids[number:]

    def chosen(self, positions: Sequence[int]) -> Records:
        """Return the records at ``positions``, in that order. Neither sequence can be appended to any more."""
        found = Records()
        found._packs = self._packs
        found._at = positions if self._at is None else [self._at[position] for position in positions]
        found.ids = [self.ids[position] for position in positions]
        return found

    @cached_property
    def positions(self) -> dict[str, int]:
        """Record id -> position."""
        return {id_: position for position, id_ in enumerate(self.ids)}

    def of(self, id_: str) -> Record:
        """Return the record with an id. Raises KeyError."""
        return self[self.positions[id_]]

    def plain(self, number: int) -> Any:
        """Return the fields of the record at a position as ``Plain``, in a third of the time of making the record."""
        return Plain._make(orjson.loads(self._pack(number)))

    def __len__(self) -> int:
        return len(self.ids)

    def _made(self, number: int) -> Record:
        return _unpacked(self._pack(number))

    def _pack(self, number: int) -> bytes:
        return self._packs[number if self._at is None else self._at[number]]

    def __repr__(self) -> str:
        return f"Records({list(self)!r})"


def pack(record: Record) -> bytes:
    """Return a record as JSON without line breaks."""
    values = list(_VALUES(record))
    values[_AUTHORS] = [
        (a.name, a.id, a.orcid, [(i.name, i.id, i.ror, i.country) for i in a.institutions]) for a in record.authors
    ]
    values[_TOPICS] = [(t.label, t.id, t.subfield, t.field, t.domain) for t in record.topics]
    values[_FUNDERS] = [(f.name, f.id, f.awards) for f in record.funders]
    return orjson.dumps(values)


def _unpacked(data: bytes) -> Record:
    values: list[Any] = orjson.loads(data)
    values[_LOCATIONS], values[_REFERENCES] = tuple(values[_LOCATIONS]), tuple(values[_REFERENCES])
    values[_AUTHORS] = tuple(
        [Author(name, id_, orcid, tuple([Institution(*i) for i in of])) for name, id_, orcid, of in values[_AUTHORS]]
    )
    values[_TOPICS] = tuple([Topic(*topic) for topic in values[_TOPICS]])
    values[_FUNDERS] = tuple([Funder(name, id_, tuple(awards)) for name, id_, awards in values[_FUNDERS]])
    return Record(*values)


@cache
def _lists(of: type) -> list[tuple[int, type]]:
    """Return the places of those fields of a class that are tuples, with the class of what is in them."""
    return [
        (n, get_args(hint)[0]) for n, hint in enumerate(get_type_hints(of).values()) if get_args(hint)[1:] == (...,)
    ]


@cache
def _may_be(of: type, types: tuple[type, ...]) -> bool:
    """Return whether the packed fields of a class may have these types. Few combinations occur in many records."""
    hints = [list if get_args(hint)[1:] == (...,) else hint for hint in get_type_hints(of).values()]
    return len(types) == len(hints) and all(
        found in (get_args(hint) or (hint,)) for found, hint in zip(types, hints, strict=True)
    )


def _are(of: type, values: Any) -> bool:
    """Return whether values are the packed fields of a class."""
    if type(values) is not list or not _may_be(of, tuple(map(type, values))):
        return False
    for place, kind in _lists(of):
        items = values[place]
        if items and kind is str and set(map(type, items)) != {str}:
            return False
        if items and kind is not str and not all(_are(kind, item) for item in items):
            return False
    return True
