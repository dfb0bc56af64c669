"""Check the parts of an XLSB workbook, and find the formulas, errors and merged cells of its sheets.

Its parts are sequences of records: a type, a length and the content, as described in [MS-XLSB].
"""

from __future__ import annotations

from struct import error as TooShort
from struct import unpack_from

from kg.loaders.tables.archives import Part, damaged
from kg.loaders.tables.marks import ERRORS, Area, Marks
from kg.loaders.tables.rawtable import Mangled
from kg.loaders.tables.xlsx import XlsxScan, member_name

#: The types of records: a row; cells (blank, then with values, then with formulas); a shared string; a merge; a sheet.
_ROW, _BLANK, _ERROR, _SHARED, _FORMULA_ERROR = 0x00, 0x01, 0x03, 0x07, 0x0B
_CELLS, _FORMULAS = range(0x01, 0x0C), range(0x08, 0x0C)
_STRING, _MERGE, _SHEET = 0x13, 0xB0, 0x9C
_TYPES = {_ROW, *_CELLS, _STRING, _MERGE, _SHEET}


class XlsbScan(XlsxScan):
    """Counts rows and cells, and collects the marks of each sheet. The relationships of its parts are XML."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._binary: list[_XlsbPart] = []

    def part(self, member: str) -> Part:
        """Return what reads a member."""
        if not member_name(member).endswith(".bin"):
            return super().part(member)
        self._binary.append(_XlsbPart(self, member_name(member)))
        return self._binary[-1]

    def marks(self) -> dict[str, Marks]:
        """Return the marks of each sheet by its name. Raises BadInput where a sheet cannot be read, and OverLimit."""
        super().marks()
        titles = self.package.titles()
        found = {titles.get(p.member, ""): p for p in self._binary if p.member in titles or "&" in p.member}
        for part in found.values():
            self.add(part.cells)
            if not part.valid:
                raise damaged(self.name, f"{part.member} has a record that is too short")
        sheets = [(title, part.marks) for title, part in found.items()]
        for lengths in [part.lengths for part in self._binary if part.lengths]:
            self.check_sheets(sheets, lengths)
        self.check_sheets(sheets)
        return dict(sheets)


class _XlsbPart:
    """Reads one member, until there are too many cells or it turns out to be something else, such as a picture."""

    def __init__(self, scan: XlsbScan, member: str) -> None:
        self.package, self.member, self.most = scan.package, member, scan.most
        self.marks = Marks()
        self.lengths: list[int] = []
        self.cells = 0
        self.valid = True
        self._data = bytearray()
        self._needed = 0
        self._row = 0

    def feed(self, block: bytes) -> None:
        """Read the records that are complete."""
        self._data += block
        data, length, at = self._data, len(self._data), 0
        while length >= self._needed and self.valid and self.cells <= self.most:
            if at + 1 < length and (kind := data[at]) < 0x80 and (size := data[at + 1]) < 0x80:  # as most records
                start, end = at + 2, at + 2 + size
            elif found := _record(data, at):
                kind, start, end = found
            else:
                break
            self._needed = end
            if end <= length:
                at, self._needed = end, 0
                if kind in _TYPES:
                    self._read(kind, bytes(data[start:end]))
        del data[:at]
        self._needed = max(0, self._needed - at)

    def _read(self, kind: int, content: bytes) -> None:
        try:
            if kind == _ROW:
                self.cells += 1
                self._row = unpack_from("<I", content)[0] + 1
            elif kind in _CELLS:
                self.cells += 1
                self._read_cell(kind, content)
            elif kind == _STRING:
                self.lengths.append(len(content) // 2)
            elif kind == _MERGE:
                top, bottom, left, right = unpack_from("<4I", content)
                area = Area(range(top + 1, bottom + 2), range(left + 1, right + 2))
                self.cells += area.cells
                self.marks.merges.append(area)
            else:
                self._read_sheet(content)
        except TooShort:
            self.valid = False

    def _read_cell(self, kind: int, content: bytes) -> None:
        if kind == _BLANK:
            return
        column = unpack_from("<I", content)[0] + 1
        self.marks.fill(self._row, column)
        self.marks.formulas += kind in _FORMULAS
        if kind in (_ERROR, _FORMULA_ERROR):
            code = unpack_from("<B", content, 8)[0]
            self.marks.mangled[self._row, column] = Mangled("error", ERRORS.get(code, "an error"))
        elif kind == _SHARED:
            self.marks.strings[unpack_from("<I", content, 8)[0]] += 1

    def _read_sheet(self, content: bytes) -> None:
        """Note the name of a sheet and the identifier of its relationship."""
        size = unpack_from("<I", content, 8)[0] * 2
        identifier = content[12 : 12 + size].decode("utf-16-le", "replace")
        title = content[16 + size :].decode("utf-16-le", "replace")
        self.package.sheets[self.member].append((title, identifier))


def _record(data: bytearray, at: int) -> tuple[int, int, int] | None:
    """Return the type, the start and the end of the record at ``at``, or None where its length is not complete."""
    try:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            part = data[at]
            at += 1
            size |= (part & 0x7F) << shift
            shift += 7
            if not part & 0x80 or shift == 28:
                return kind, at, at + size
    except IndexError:
        return None
