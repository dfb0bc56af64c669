"""Write workbooks part by part: archives that are edited, and binary workbooks from their records."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from struct import pack

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

#: The type and the content of a record.
Record = tuple[int, bytes]


def edit_archive(path: Path, changes: Mapping[str, tuple[str, str]], added: Mapping[str, str] | None = None) -> None:
    """Replace a text by another in members of an archive, and add members."""
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    for name, (old, new) in changes.items():
        assert old in members[name].decode()
        members[name] = members[name].decode().replace(old, new).encode()
    members.update({name: text.encode() for name, text in (added or {}).items()})
    write_archive(path, members)


def write_archive(path: Path, members: Mapping[str, bytes]) -> None:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def biff(records: Iterable[Record]) -> bytes:
    """Return the records of a stream of an XLS workbook."""
    return b"".join(pack("<HH", kind, len(content)) + content for kind, content in records)


def label(row: int, column: int, text: str) -> Record:
    """Return a cell with text of an XLS workbook; rows and columns count from 0."""
    return 0x0204, pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("latin-1")


def number(row: int, column: int, value: float) -> Record:
    """Return a cell with a number of an XLS workbook."""
    return 0x0203, pack("<HHHd", row, column, 0, value)


def xls_stream(
    sheets: Mapping[str, Iterable[Record]], before: Iterable[Record] = (), positions: Iterable[int] = ()
) -> bytes:
    """Return the stream of an XLS workbook; ``before`` are records of the workbook, ``positions`` false ones."""
    begin, end = pack("<HH12x", 0x0600, 0x0005), (0x000A, b"")
    parts = [biff([(0x0809, pack("<HH12x", 0x0600, 0x0010)), *records, end]) for records in sheets.values()]
    names = [pack("<BB", len(title), 0) + title.encode() for title in sheets]
    size = len(biff([(0x0809, begin), *before, *[(0x0085, bytes(6) + name) for name in names], end]))
    true = [size + sum(map(len, parts[:index])) for index in range(len(parts))]
    listed = [
        (0x0085, pack("<IBB", position, 0, 0) + name)
        for position, name in zip(tuple(positions) or true, names, strict=True)
    ]
    return biff([(0x0809, begin), *before, *listed, end]) + b"".join(parts)


def xlsb_records(records: Iterable[Record]) -> bytes:
    """Return the records of a part of an XLSB workbook."""
    parts = []
    for kind, content in records:
        size = len(content)
        parts.append(bytes([kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7]))
        parts.append(bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14 & 0x7F | 0x80, size >> 21]))
        parts.append(content)
    return b"".join(parts)


def wide(text: str) -> bytes:
    """Return a text of an XLSB workbook."""
    return pack("<I", len(text)) + text.encode("utf-16-le")


def write_xlsb(path: Path, sheets: Mapping[str, Iterable[Record]], strings: Iterable[str] = ()) -> None:
    """Write an XLSB workbook from the records between the beginning and the end of the data of each sheet."""
    listed = [(0x9C, pack("<II", 0, n) + wide(f"rId{n}") + wide(title)) for n, title in enumerate(sheets, start=1)]
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(sheets) + 1)
    )
    texts = [(0x13, b"\0" + wide(text)) for text in strings]
    members = {
        "xl/workbook.bin": xlsb_records([(0x83, b""), (0x8F, b""), *listed]) + b"\x90\x01\0\x84\x01\0",
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'.encode(),
        "xl/sharedStrings.bin": xlsb_records([(0x9F, pack("<II", len(texts), len(texts))), *texts, (0xA0, b"")]),
    }
    for n, records in enumerate(sheets.values(), start=1):
        cells = [record for record in records if record[0] != 0xB0]
        merges = [record for record in records if record[0] == 0xB0]
        start = [(0x81, b""), (0x94, pack("<4I", 0, 0, 0, 0)), (0x91, b"")]
        members[f"xl/worksheets/sheet{n}.bin"] = xlsb_records([*start, *cells, (0x92, b""), *merges, (0x82, b"")])
    write_archive(path, members)
