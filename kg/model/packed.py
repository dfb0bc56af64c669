"""Many records in little memory: each is packed into bytes, in a temporary file once they are many."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

import msgspec

from kg.model.literature import Record
from kg.model.made import MadeSequence

#: So many bytes are kept in memory before they are written to a temporary file, which goes with the records.
_IN_MEMORY = 64 << 20
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


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
        try:
            record = _decode(data)
        except msgspec.DecodeError as error:
            raise ValueError(f"not a record: {error}") from error
        if record.source != source or _encode(record) != data:  # a field may be missing that has a default
            raise ValueError(f"not a record of {source} as it is packed")
        self.append_packed(record.id, data)

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

    def __len__(self) -> int:
        return len(self.ids)

    def _made(self, number: int) -> Record:
        return _decode(self._pack(number))

    def _pack(self, number: int) -> bytes:
        return self._packs[number if self._at is None else self._at[number]]

    def __repr__(self) -> str:
        return f"Records({list(self)!r})"


def pack(record: Record) -> bytes:
    """Return a record as JSON without line breaks."""
    return _encode(record)
