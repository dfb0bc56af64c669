"""Many records in little memory: each is packed into bytes, in a temporary file once they are many."""

from __future__ import annotations

import marshal
from array import array
from collections import namedtuple
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, Any
from weakref import finalize

from kg.model.made import MadeSequence
from kg.model.records import Author, Funder, Institution, Record, Topic

#: So many bytes are kept in memory before they are written to a temporary file, which goes with the records.
_IN_MEMORY = 64 << 20
_FIELDS = tuple(Record.__dataclass_fields__)
_VALUES = attrgetter(*_FIELDS)
_AUTHORS, _TOPICS, _FUNDERS = (_FIELDS.index(name) for name in ("authors", "topics", "funders"))
#: The fields of a record as they are packed: authors, topics and funders are plain tuples or lists of their fields.
Plain: Any = namedtuple("Plain", _FIELDS)  # type: ignore[misc]
#: The version of marshal without references between values, which take most of the time of writing.
_MARSHAL = 2


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
        self._packs.append(_packed(record))
        self.ids.append(record.id)

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
        return Plain._make(marshal.loads(self._pack(number)))  # noqa: S302 - see _unpacked

    def __len__(self) -> int:
        return len(self.ids)

    def _made(self, number: int) -> Record:
        return _unpacked(self._pack(number))

    def _pack(self, number: int) -> bytes:
        return self._packs[number if self._at is None else self._at[number]]

    def __repr__(self) -> str:
        return f"Records({list(self)!r})"


def _packed(record: Record) -> bytes:
    values = list(_VALUES(record))
    values[_AUTHORS] = [
        (a.name, a.id, a.orcid, [(i.name, i.id, i.ror, i.country) for i in a.institutions]) for a in record.authors
    ]
    values[_TOPICS] = [(t.label, t.id, t.subfield, t.field, t.domain) for t in record.topics]
    values[_FUNDERS] = [(f.name, f.id, f.awards) for f in record.funders]
    return marshal.dumps(values, _MARSHAL)


def _unpacked(data: bytes) -> Record:
    values: list[Any] = marshal.loads(data)  # noqa: S302 - of a file without a name, which this process wrote
    values[_AUTHORS] = tuple(
        [Author(name, id_, orcid, tuple([Institution(*i) for i in of])) for name, id_, orcid, of in values[_AUTHORS]]
    )
    values[_TOPICS] = tuple([Topic(*topic) for topic in values[_TOPICS]])
    values[_FUNDERS] = tuple([Funder(*funder) for funder in values[_FUNDERS]])
    return Record(*values)
