"""Check the archive of a workbook before it is read, because the sizes that it declares can be false.

A workbook of a few kilobytes can expand to gigabytes of text, merge billions of cells or repeat one cell as often.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol
from xml.parsers import expat

from kg.errors import BadInput
from kg.limits import WORKBOOK_CELLS, WORKBOOK_SIZE, OverLimit
from kg.loaders.tables.marks import Marks
from kg.problems import Problem

#: Bytes decompressed at a time.
_BLOCK = 1 << 22
#: Size of the header before each member of a zip archive, in bytes.
_LOCAL_HEADER = 30


class Part(Protocol):
    """One member of the archive, which gets its content in blocks; an empty block ends it."""

    def feed(self, block: bytes) -> None:
        """Take a block."""


class Scan:
    """What is counted over all parts of a workbook; a format adds what it finds out about its sheets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.most, self.most_text = WORKBOOK_CELLS.most, WORKBOOK_SIZE.most
        self.cells = 0

    def part(self, member: str) -> Part:
        """Return what takes the content of a member; any member may be a sheet."""
        raise NotImplementedError

    def marks(self) -> dict[str, Marks]:
        """Return the marks of each sheet by its name."""
        raise NotImplementedError

    def add(self, cells: int) -> None:
        """Add to the number of cells. Raises OverLimit."""
        self.cells += cells
        if self.cells > self.most:
            raise OverLimit(WORKBOOK_CELLS, self.name, f"has more than {self.most:,} cells")

    def check_sheets(self, sheets: Sequence[tuple[str | None, Marks]], lengths: Sequence[int] = ()) -> None:
        """Raise OverLimit where the reader of the values would expand a sheet, given with its name, beyond the limits.

        ``lengths`` are those of the shared strings, of which the reader makes a copy for each cell.
        """
        reason = f"has more than {self.most:,} cells"
        for title, marks in sheets:
            if marks.cells > self.most:
                raise OverLimit(WORKBOOK_CELLS, self.name, reason, sheet=title or "")
        if sum(marks.cells for _, marks in sheets) > self.most:
            raise OverLimit(WORKBOOK_CELLS, self.name, reason)
        used = (item for _, marks in sheets for item in marks.strings.items())
        if sum(times * lengths[index] for index, times in used if index < len(lengths)) > self.most_text:
            raise self.too_large()

    def too_large(self) -> OverLimit:
        """Return the error for a workbook that expands beyond the limit."""
        return OverLimit(WORKBOOK_SIZE, self.name, f"has more than {WORKBOOK_SIZE.number:,} MB when decompressed")


class XmlPart:
    """A member that is parsed as XML until the first error; ``valid`` tells whether all of it could be parsed.

    Text in UTF-16 and a document type count as invalid: other parsers may see other elements in them.
    """

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.valid = True
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._head = b""
        self._has_doctype = False

    def feed(self, block: bytes) -> None:
        """Parse a block."""
        if len(self._head) < 4:
            self._head += block[:4]
            self.valid = b"\0" not in self._head
        if self.valid:
            try:
                self.parser.Parse(block, not block)
            except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that is not known
                self.valid = False
        if not block and self._has_doctype:
            self.valid = False

    def count(self) -> None:
        """Count a row or a cell."""
        scan = self.scan
        scan.cells += 1
        if scan.cells > scan.most:
            scan.add(0)

    def _entity(self, *_: object) -> None:
        raise damaged(self.scan.name, "its XML declares entities, which no spreadsheet program does")

    def _doctype(self, *_: object) -> None:
        self._has_doctype = True


def damaged(name: str, why: str) -> BadInput:
    """Return the error for a workbook that is not built as a workbook has to be."""
    accepted = "a workbook saved again in a spreadsheet program"
    return BadInput([Problem(name, f"the workbook is damaged: {why}", accepted=accepted)])


def scan_archive(path: Path, scan: Scan) -> None:
    """Give the content of every member of an archive to ``scan``.

    Raises OverLimit for a workbook that is too large, BadInput for one whose archive is damaged, zipfile.BadZipFile for
    a file that is not an archive, and OSError.
    """
    size = 0
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > WORKBOOK_SIZE.most:
            raise scan.too_large()
        for member in members:
            part = scan.part(member.filename)
            actual = 0
            for block in _content(file, member, scan.name):
                actual += len(block)
                size += len(block)
                if size > WORKBOOK_SIZE.most:
                    raise scan.too_large()
                if block:
                    part.feed(block)
            part.feed(b"")
            if actual != member.file_size:
                raise damaged(scan.name, f"{member.filename} is not as large as it says")


def _content(file: BinaryIO, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Yield the content of a member. ``zipfile`` stops at the size that the archive declares; other readers do not."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise damaged(name, f"{member.filename} is not where it should be")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise damaged(name, f"{member.filename} is encrypted, or compressed in an unusual way")
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
        raise damaged(name, f"{member.filename} cannot be decompressed") from error
