"""Files that may be gzip, as a stream of bytes. Reading fails when a file expands to too many times its size."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kg.limits import RATIO, RATIO_FROM, OverLimit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 1 << 18


@contextmanager
def open_lines(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file for reading and decompress it if it is gzip; ``name`` is the file name in problems.

    Reading raises OverLimit where the file expands too far, and the exceptions of ``gzip``. Raises OSError.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if compressed:
            yield stack.enter_context(io.BufferedReader(_Bounded(file, name), _BLOCK))
        else:
            yield file


class _Bounded(io.RawIOBase):
    """The content of a gzip file; reading raises OverLimit where it is too large for the bytes that were compressed."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._content = gzip.GzipFile(fileobj=file, mode="rb")
        self._returned, self._ratio = 0, RATIO.most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        block = self._content.read1(len(view))  # read1 returns what precedes damaged data
        view[: len(block)] = block
        self._returned += len(block)
        if self._returned > max(RATIO_FROM, self._ratio * self._file.tell()):
            raise OverLimit(RATIO, self._name, f"expands to more than {self._ratio:,} times its size")
        return len(block)

    def close(self) -> None:
        self._content.close()
        super().close()
