"""Check the records of an XLS workbook, and find the formulas, errors and merged cells of its sheets.

The reader of the values trusts what the records say of sizes, so what it does not need is taken out first. The records
are described in [MS-XLS].
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as TooShort
from struct import pack_into, unpack_from

from kg.loaders.tables.archives import Scan, damaged
from kg.loaders.tables.compound import CompoundError
from kg.loaders.tables.marks import ERRORS, Area, Marks
from kg.loaders.tables.rawtable import Mangled

_BEGIN, _END, _CONTINUE, _PASSWORD, _SHEET, _STRINGS = 0x0809, 0x000A, 0x003C, 0x002F, 0x0085, 0x00FC
_SIZE, _MERGES, _NAME = 0x0200, 0x00E5, 0x0018
#: The cells with a value: number, text (three kinds), a truth value or error, compressed number, several of them.
_NUMBER, _TEXT, _RICH, _SHARED, _ERROR, _SHORT, _SEVERAL = 0x0203, 0x0204, 0x00D6, 0x00FD, 0x0205, 0x027E, 0x00BD
_FORMULA = 0x0006
_CELLS = {_NUMBER, _TEXT, _RICH, _SHARED, _ERROR, _SHORT, _SEVERAL, _FORMULA}
#: A type of record that the reader ignores.
_IGNORED = 0x7FFF
#: The most records that may continue another one, since the reader takes time that grows with the square of them.
_MOST_CONTINUED = 50_000


class BiffScan(Scan):
    """Counts the cells of a workbook stream, and collects the marks of each sheet in their order."""

    def __init__(self, name: str, stream: bytearray) -> None:
        super().__init__(name)
        self.stream = stream

    def sheets(self) -> list[Marks]:
        """Return the marks of the sheets, and take out of the stream what the reader should not trust.

        Raises BadInput for a damaged stream, CompoundError for one with a password, and OverLimit.
        """
        try:
            positions, lengths = self._read_globals()
            found: dict[int, Marks] = {}
            end = 0
            for position in sorted(positions):
                if position < end:
                    raise damaged(self.name, "two sheets are in the same place")
                found[position], end = self._read_sheet(position)
        except TooShort as error:
            raise damaged(self.name, "a record is too short") from error
        self.check_sheets([(None, marks) for marks in found.values()], lengths)
        return [found[position] for position in positions]

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Yield type, start and end of the records from ``at`` on."""
        continued = 0
        while at + 4 <= len(self.stream):
            kind, size = unpack_from("<HH", self.stream, at)
            continued = continued + 1 if kind == _CONTINUE else 0
            if continued > _MOST_CONTINUED or at + 4 + size > len(self.stream):
                raise damaged(self.name, "a record is longer than the file")
            yield kind, at + 4, at + 4 + size
            at += 4 + size

    def _read_globals(self) -> tuple[list[int], list[int]]:
        """Return the positions of the sheets and the lengths of the shared strings."""
        positions: list[int] = []
        strings: list[bytes] = []
        before = 0
        for kind, start, end in self._records(0):
            if kind == _PASSWORD and unpack_from("<H", self.stream[start:end])[0]:
                raise CompoundError("it is protected by a password")
            if kind == _SHEET:
                positions.append(unpack_from("<I", self.stream[start:end])[0])
            elif kind == _NAME:
                pack_into("<H", self.stream, start - 4, _IGNORED)
            elif kind == _STRINGS or (kind == _CONTINUE and before == _STRINGS):
                strings.append(bytes(self.stream[start:end]))
                kind = _STRINGS
            elif kind == _END:
                break
            before = kind
        return positions, shared_lengths(strings)

    def _read_sheet(self, position: int) -> tuple[Marks, int]:
        """Return the marks of one sheet, and where it ends. What is embedded in it, such as a chart, is left out."""
        marks, depth, end = Marks(), 0, position
        for kind, start, end in self._records(position):
            if kind == _BEGIN:
                depth += 1
            elif kind == _END:
                depth -= 1
                if depth <= 0:
                    break
            elif kind == _SIZE:
                self.stream[start:end] = bytes(end - start)
            elif kind == _MERGES:
                self._read_merges(marks, self.stream[start:end])
            elif kind in _CELLS:
                self._read_cell(marks, kind, self.stream[start:end])
                if kind == _FORMULA and end - start >= 22:
                    pack_into("<H", self.stream, start + 20, 0)  # the length of the formula, which is not read
        return marks, end

    def _read_cell(self, marks: Marks, kind: int, content: bytearray) -> None:
        row, column = unpack_from("<HH", content)
        last = unpack_from("<H", content, len(content) - 2)[0] if kind == _SEVERAL else column
        self.add(max(1, last - column + 1))
        marks.fill(row + 1, max(column, last) + 1)
        code = None
        if kind == _SHARED:
            marks.strings[unpack_from("<I", content, 6)[0]] += 1
        elif kind == _ERROR:
            value, is_error = unpack_from("<BB", content, 6)
            code = value if is_error else None
        elif kind == _FORMULA:
            marks.formulas += 1
            is_other, value, sign = unpack_from("<BxBxxxH", content, 6)
            code = value if sign == 0xFFFF and is_other == 2 else None
        if code is not None:
            marks.mangled[row + 1, column + 1] = Mangled("error", ERRORS.get(code, "an error"))

    def _read_merges(self, marks: Marks, content: bytearray) -> None:
        for number in range(unpack_from("<H", content)[0]):
            top, bottom, left, right = unpack_from("<4H", content, 2 + 8 * number)
            area = Area(range(top + 1, bottom + 2), range(left + 1, right + 2))
            self.add(area.cells)
            marks.merges.append(area)


def shared_lengths(parts: list[bytes]) -> list[int]:
    """Return the length of each shared string; ``parts`` is the content of the record and of those that continue it.

    A string may go on in the next part, which then begins with one byte that tells how its characters are stored.
    """
    found: list[int] = []
    number, at = 0, 8
    while number < len(parts):
        part = parts[number]
        if at >= len(part):
            number, at = number + 1, at - len(part) if at > len(part) else 0
            continue
        length, flags = unpack_from("<HB", part, at)
        at += 3
        runs = after = 0
        if flags & 0x08:
            runs, at = unpack_from("<H", part, at)[0], at + 2
        if flags & 0x04:
            after, at = unpack_from("<I", part, at)[0], at + 4
        found.append(length)
        left = length
        while left:
            wide = 2 if flags & 1 else 1
            here = min(left, (len(parts[number]) - at) // wide)
            left, at = left - here, at + here * wide
            if left:
                number, at = number + 1, 1
                if number == len(parts):
                    return found
                flags = parts[number][0] if parts[number] else 0
        at += 4 * runs + after
    return found
