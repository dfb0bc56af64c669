"""The files within a file that old Office documents consist of (Compound File Binary Format, [MS-CFB])."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack, unpack, unpack_from

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Numbers from here on are no sectors: the end of a chain, a free sector, a sector of the table of sectors.
_NO_SECTOR, _END, _FREE, _TABLE = 0xFFFFFFFA, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR, _ENTRY, _MINI = 4096, 128, 64
#: Streams that are shorter are kept in one stream of small sectors.
_SMALL = 4096


class CompoundError(ValueError):
    """The file is no compound file, or a damaged one."""


def read_stream(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """Return the content of the stream that has the first of the names, or None. Raises CompoundError."""
    if data[:8] != SIGNATURE or len(data) < 512:
        raise CompoundError("no compound file")
    shift, mini_shift = unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise CompoundError("the size of its sectors is unknown")
    sectors = _Sectors(data, 1 << shift)
    directory = b"".join(sectors.chain(unpack_from("<I", data, 48)[0]))
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    named = {entry[:64].decode("utf-16-le", "replace").partition("\0")[0]: entry for entry in reversed(entries)}
    found = next((named[name] for name in names if name in named), None)
    if found is None:
        return None
    start, size = unpack_from("<II", found, 116)
    if size < _SMALL:
        inner = b"".join(sectors.chain(unpack_from("<I", entries[0], 116)[0]))
        table = b"".join(sectors.chain(unpack_from("<I", data, 60)[0]))
        sectors = _Sectors(inner, _MINI, unpack(f"<{len(table) // 4}I", table))
    return b"".join(sectors.chain(start))[:size]


class _Sectors:
    """The sectors of a file, each with the number of the next one of its chain."""

    def __init__(self, data: bytes, size: int, following: tuple[int, ...] | None = None) -> None:
        self.data, self.size = data, size
        self.first = 0 if following is not None else size
        self.following = self._table() if following is None else following

    def _sector(self, number: int) -> bytes:
        start = self.first + number * self.size
        if start >= len(self.data):
            raise CompoundError("it ends too early")
        return self.data[start : start + self.size]

    def _table(self) -> tuple[int, ...]:
        """Return the number of the sector that follows each sector."""
        numbers = list(unpack_from("<109I", self.data, 76))
        following = unpack_from("<I", self.data, 68)[0]
        for _ in range(len(self.data) // self.size):
            if following >= _NO_SECTOR:
                break
            *more, following = unpack(f"<{self.size // 4}I", self._sector(following).ljust(self.size, b"\xff"))
            numbers += more
        table = b"".join(self._sector(n).ljust(self.size, b"\xff") for n in numbers if n < _NO_SECTOR)
        return unpack(f"<{len(table) // 4}I", table)

    def chain(self, number: int) -> Iterator[bytes]:
        """Yield the sectors of a chain. Raises CompoundError for one that does not end."""
        for _ in range(len(self.data) // self.size + 1):
            if number >= _NO_SECTOR:
                return
            yield self._sector(number)
            if number >= len(self.following):
                raise CompoundError("it ends too early")
            number = self.following[number]
        raise CompoundError("its parts run in a circle")


def write_stream(name: str, content: bytes) -> bytes:
    """Return a compound file of one stream, for readers that trust the numbers in such a file."""
    content = content.ljust(_SMALL, b"\0")
    used = -(-len(content) // _SECTOR)
    tables = -(-(used + 1) // (_SECTOR // 4 - 1))
    chain = [*range(1, used), _END, _END, *[_TABLE] * tables]
    chain += [_FREE] * (tables * (_SECTOR // 4) - len(chain))
    header = SIGNATURE + bytes(16) + pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += pack("<IIIIIIIIII", 1, tables, used, 0, _SMALL, _END, 0, _END, 0, used + 1)
    numbers = range(used + 2, used + 1 + tables)
    header += pack(f"<{len(numbers)}I", *numbers) + b"\xff" * 4 * (108 - len(numbers))
    directory = _entry("Root Entry", 5, 1, 0, 0) + _entry(name, 2, _FREE, 0, len(content))
    parts = (header, content, directory, pack(f"<{len(chain)}I", *chain))
    return b"".join(part.ljust(-(-len(part) // _SECTOR) * _SECTOR, b"\0") for part in parts)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + pack("<HBBIII", len(text) + 2, kind, 1, _FREE, _FREE, child)
    return entry + bytes(36) + pack("<IQ", start, size)
