"""Limits on the size of a workbook, checked before it is read, because the sizes that it declares can be false.

A workbook of a few kilobytes can expand to gigabytes of text, merge billions of cells or repeat one cell as often.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from kg.errors import BadInput
from kg.limits import WORKBOOK_CELLS, WORKBOOK_SIZE, OverLimit
from kg.problems import Problem

#: Bytes decompressed at a time.
_BLOCK = 1 << 22
#: Size of the header before each member of a zip archive, in bytes.
_LOCAL_HEADER = 30
#: The part of an ODS workbook that holds its sheets.
_ODS_SHEETS = "content.xml"
_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,9}):\$?([A-Za-z]{1,3})\$?(\d{1,9})")
#: The size of a sheet, for areas that consist of whole columns or rows.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


def check_workbook(path: Path, name: str) -> None:
    """Raise OverLimit for an XLSX or ODS workbook that is too large, BadInput for one whose archive is damaged.

    ``name`` is the file name in problems. Raises zipfile.BadZipFile for a file that is not an archive, and OSError.
    """
    counter = _Ods(name) if path.suffix.lower() == ".ods" else _Xlsx(name)
    size = 0
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > WORKBOOK_SIZE.most:
            raise counter.too_large()
        for member in members:
            parser: expat.XMLParserType | None = counter.parser()
            actual = 0
            for block in _content(file, member, name):
                actual += len(block)
                size += len(block)
                if size > WORKBOOK_SIZE.most:
                    raise counter.too_large()
                parser = _parse(parser, block, member.filename, name)
            _parse(parser, b"", member.filename, name)
            if actual != member.file_size:
                raise _damaged(name, f"{member.filename} is not as large as it says")


def _parse(parser: expat.XMLParserType | None, block: bytes, part: str, name: str) -> expat.XMLParserType | None:
    """Feed a block to a parser (an empty block ends the part) and return the parser, or None for invalid XML.

    Invalid XML is not counted. The readers reject a sheet with invalid XML, except that the reader of ODS continues
    after some errors; the sheets of ODS must therefore be valid.
    """
    if parser is not None:
        try:
            parser.Parse(block, not block)
        except expat.ExpatError as error:
            if part == _ODS_SHEETS:
                raise _damaged(name, f"{part} is not valid XML") from error
            return None
    return parser


def _content(file: BinaryIO, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Yield the content of a member. ``zipfile`` stops at the size that the archive declares; other readers do not."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise _damaged(name, f"{member.filename} is not where it should be")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise _damaged(name, f"{member.filename} is encrypted, or compressed in an unusual way")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = member.compress_size
    inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    try:
        while left and (block := file.read(min(left, _BLOCK if inflate is None else 1 << 16))):
            left -= len(block)
            if inflate is None:
                yield block
                continue
            while block and not inflate.eof:
                yield inflate.decompress(block, _BLOCK)
                block = inflate.unconsumed_tail
        if inflate is not None:
            yield inflate.flush()
    except zlib.error as error:
        raise _damaged(name, f"{member.filename} cannot be decompressed") from error


def _damaged(name: str, why: str) -> BadInput:
    accepted = "a workbook saved again in a spreadsheet program"
    return BadInput([Problem(name, f"the workbook is damaged: {why}", accepted=accepted)])


class _CellCounter:
    """Counts the cells of a workbook while its XML is parsed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.most, self.most_text = WORKBOOK_CELLS.most, WORKBOOK_SIZE.most
        self.cells = 0

    def parser(self) -> expat.XMLParserType:
        """Return a parser for one part of the workbook; any part may be a sheet."""
        made = expat.ParserCreate()
        made.EntityDeclHandler = self._entity
        return made

    def _entity(self, *_: object) -> None:
        raise _damaged(self.name, "its XML declares entities, which no spreadsheet program does")

    def add(self, cells: int) -> None:
        """Add to the number of cells. Raises OverLimit."""
        self.cells += cells
        if self.cells > self.most:
            raise OverLimit(WORKBOOK_CELLS, self.name, f"has more than {self.most:,} cells")

    def too_large(self) -> OverLimit:
        """Return the error for a workbook that expands beyond the limit."""
        return OverLimit(WORKBOOK_SIZE, self.name, f"has more than {WORKBOOK_SIZE.number:,} MB when decompressed")


class _Xlsx(_CellCounter):
    """Counts rows, cells, and the cells of merges and hyperlinks; a reader creates an object for each of them."""

    def parser(self) -> expat.XMLParserType:
        """Return a parser that counts cells."""
        made = super().parser()
        made.StartElementHandler = self._start
        return made

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local in ("c", "row"):
            self.add(1)
        elif local in ("mergeCell", "hyperlink") and ":" in attributes.get("ref", ""):
            self.add(_area(attributes["ref"]))


def _area(text: str) -> int:
    """Return the number of cells in an area; an area of whole rows or columns counts as a whole sheet."""
    found = _AREA.fullmatch(text.strip())
    if found is None:
        return _MOST_ROWS * _MOST_COLUMNS
    left, top, right, bottom = _column(found[1]), int(found[2]), _column(found[3]), int(found[4])
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)


def _column(letters: str) -> int:
    """Return the number of a column, from 1, by its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _Ods(_CellCounter):
    """Counts the cells of each sheet up to its last filled one, and the characters of text, repetitions included.

    Cells after the last filled one do not count: spreadsheet programs end a sheet with an empty cell that is repeated
    up to the last possible column and row.
    """

    def parser(self) -> expat.XMLParserType:
        """Return a parser that counts cells."""
        self.rows = self.last_row = self.width = self.text = 0
        self.row_times = self.cell_times = self.column = self.last_cell = 0
        self.in_cell = False
        made = super().parser()
        made.StartElementHandler, made.EndElementHandler = self._start, self._end
        made.CharacterDataHandler = self._characters
        return made

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "table":
            self.rows = self.last_row = self.width = 0
        elif local == "table-row":
            self.row_times = _times(attributes, "number-rows-repeated")
            self.column = self.last_cell = 0
        elif local in ("table-cell", "covered-table-cell"):
            self.cell_times = _times(attributes, "number-columns-repeated")
            self.column += self.cell_times
            self.in_cell = True
            if any(name.rpartition(":")[2].endswith(("value", "value-type", "formula")) for name in attributes):
                self.last_cell = self.column
        elif self.in_cell:
            self.last_cell = self.column

    def _characters(self, text: str) -> None:
        if self.in_cell:
            self.last_cell = self.column
            self._check()
            self.text += len(text) * self.cell_times * max(1, self.row_times)
            if self.text > self.most_text:
                raise self.too_large()

    def _end(self, tag: str) -> None:
        local = tag.rpartition(":")[2]
        if local in ("table-cell", "covered-table-cell"):
            self.in_cell = False
            self._check()
        elif local == "table-row":
            self._check()
            self.rows += self.row_times
            if self.last_cell:
                self.last_row, self.width = self.rows, max(self.width, self.last_cell)
        elif local == "table":
            self.add(self.last_row * self.width)

    def _check(self) -> None:
        """Raise OverLimit if this sheet alone has too many cells."""
        cells = (self.rows + max(1, self.row_times)) * max(self.width, self.last_cell)
        if self.last_cell and cells > self.most:
            self.add(cells)


def _times(attributes: dict[str, str], name: str) -> int:
    """Return how often a row or cell is repeated; a number that cannot be read counts as a very large one."""
    text = next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "1").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1 << 30
