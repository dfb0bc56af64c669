"""Run ``kg`` as a process of its own and measure it; write files that are small and describe a lot."""

from __future__ import annotations

import atexit
import gc
import gzip
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tests.paths import ROOT
from tests.warm import call

#: What a command may take of addresses: one that goes wrong must not take the machine with it.
_ADDRESSES = 6 << 30
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_SHEET_XML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@dataclass(frozen=True)
class Ended:
    """How a command ended: what it wrote, the seconds it computed and its peak of memory in MB."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float


def kg(*arguments: object, scratch: Path, timeout: float = 60, env: dict[str, str] | None = None) -> Ended:
    """Run a command. Its time is what it computed, so that a busy machine makes it no slower."""
    outputs = scratch / "probe.out", scratch / "probe.err"
    environment = {**os.environ, "COLUMNS": "100", **(env or {})}
    server = _server()
    assert server.stdin and server.stdout
    asked = [timeout, [*map(str, outputs)], [*map(str, arguments)], str(Path.cwd()), environment]
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    code, seconds, megabytes = json.loads(server.stdout.readline())
    told, wrong = (path.read_text(encoding="utf-8", errors="replace") for path in outputs)
    return Ended(code, told, wrong, seconds, megabytes)


@cache
def _server() -> subprocess.Popen[str]:
    """The process that commands are forked from. It is small, since the peak of a process counts what it was forked from."""
    server = subprocess.Popen(
        [sys.executable, "-c", "from tests.security.probe import serve; serve()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    atexit.register(server.communicate)  # it ends when its stdin does
    return server


def serve() -> None:
    """Run and measure the commands that the lines of stdin ask for, in processes that have imported what most need."""
    for name in ("add", "build", "check", "fetch"):
        importlib.import_module(f"kg.cli.{name}")
    for module in ("kglite", "kg.folder.read", "kg.store.embedded"):
        importlib.import_module(module)
    gc.freeze()  # else a collection in a command would copy what all share
    for line in sys.stdin:
        timeout, outputs, arguments, folder, environment = json.loads(line)
        pid = os.fork()
        if not pid:
            resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
            written = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for path in outputs]
            call(arguments, [os.open(os.devnull, os.O_RDONLY), *written], folder, environment)
        until, ended = time.monotonic() + timeout, 0
        while not ended:
            time.sleep(0.005)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if not ended and time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
        code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        print(json.dumps([code, seconds, usage.ru_maxrss / 1024]), flush=True)


class Repeated:
    """Text that is repeated, written without making it: the compressed form of a block is copied."""

    def __init__(self, start: bytes, block: bytes, times: int, end: bytes) -> None:
        self.size = len(start) + len(block) * times + len(end)
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.head = squeeze.compress(start) + squeeze.flush(zlib.Z_FULL_FLUSH)
        many = max(1, min(times, (1 << 20) // len(block)))
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        piece = squeeze.compress(block * many) + squeeze.flush(zlib.Z_FULL_FLUSH)
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.tail = squeeze.compress(block * (times % many) + end) + squeeze.flush()
        self.body = piece * (times // many)
        self.data = self.head + self.body + self.tail
        self.crc = zlib.crc32(start)
        for _ in range(times // many):
            self.crc = zlib.crc32(block * many, self.crc)
        self.crc = zlib.crc32(block * (times % many) + end, self.crc)


def write_gzip(path: Path, start: bytes, block: bytes, times: int, end: bytes = b"") -> None:
    """Write a gzip file whose content repeats a block."""
    content = Repeated(start, block, times, end)
    header = gzip.compress(b"", mtime=0)[:10]
    trailer = content.crc.to_bytes(4, "little") + (content.size & 0xFFFFFFFF).to_bytes(4, "little")
    path.write_bytes(header + content.data + trailer)


def write_zip(path: Path, members: dict[str, bytes | Repeated], declared: int | None = None) -> None:
    """Write a zip archive; ``declared`` is what it says of the size of members that repeat a block."""
    entries = []
    with path.open("wb") as file:
        for name, content in members.items():
            repeated = content if isinstance(content, Repeated) else Repeated(content, b"x", 0, b"")
            said = declared if declared is not None and isinstance(content, Repeated) else repeated.size
            fields = (
                (20).to_bytes(2, "little") + b"\0\0" + (8).to_bytes(2, "little") + b"\0\0\x21\0"
                + repeated.crc.to_bytes(4, "little") + len(repeated.data).to_bytes(4, "little")
                + said.to_bytes(4, "little") + len(name).to_bytes(2, "little") + b"\0\0"
            )  # fmt: skip
            entries.append((fields, file.tell(), name.encode()))
            file.write(b"PK\x03\x04" + fields + name.encode() + repeated.data)
        start = file.tell()
        for fields, offset, raw in entries:
            file.write(b"PK\x01\x02\x14\0" + fields + bytes(10) + offset.to_bytes(4, "little") + raw)
        _end(file, start, len(entries))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == len(members)


def _end(file: IO[bytes], start: int, count: int) -> None:
    size = file.tell() - start
    number = count.to_bytes(2, "little")
    file.write(b"PK\x05\x06\0\0\0\0" + number * 2 + size.to_bytes(4, "little") + start.to_bytes(4, "little") + b"\0\0")


def write_xlsx(path: Path, sheet: bytes | Repeated, declared: int | None = None) -> None:
    """Write a workbook of one sheet from its XML."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts: dict[str, bytes | Repeated] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>'.encode(),
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET_XML}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Coding" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
        "xl/worksheets/sheet1.xml": sheet,
    }
    write_zip(path, parts, declared)


def sheet_xml(start: str = "", block: str = "", times: int = 0, end: str = "", after: str = "") -> Repeated:
    """Return the XML of a sheet whose rows repeat a block."""
    return Repeated(
        f'<worksheet xmlns="{_SHEET_XML}"><sheetData>{start}'.encode(),
        block.encode() or b"x",
        times,
        f"{end}</sheetData>{after}</worksheet>".encode(),
    )


def write_ods(path: Path, rows: str | tuple[str, str, int, str], declared: int | None = None) -> None:
    """Write an OpenDocument workbook of one sheet from the XML of its rows, of which a part may be repeated."""
    start, block, times, end = (rows, "x", 0, "") if isinstance(rows, str) else rows
    names = " ".join(f'xmlns:{short}="{_OFFICE}:{short}:1.0"' for short in ("office", "table", "text"))
    content = Repeated(
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="Coding">{start}'.encode(),
        block.encode(),
        times,
        f"{end}</table:table></office:spreadsheet></office:body></office:document-content>".encode(),
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind.decode()}"/></manifest:manifest>'
    )
    write_zip(path, {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest.encode()}, declared)
