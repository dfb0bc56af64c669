"""The standard output and error streams of a command.

Commands, click and Python's own tracebacks all write to ``sys.stdout`` and ``sys.stderr``. Both streams are replaced
while a command runs, so that control characters are escaped and failures to write are handled in one place.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final, TextIO, cast

import click

from kg.text import escaped

#: Attributes of the underlying stream through which click or Python would bypass the escaping.
_HIDDEN: Final = ("buffer", "detach", "fileno", "reconfigure")


class OutputLost(click.ClickException):
    """Standard output cannot be written to; click prints the message on stderr and exits with code 1."""


class CleanStream:
    """A text stream that writes control characters as ``\\u001b``; ``raw`` is the underlying stream.

    With ``bidi``, direction marks are escaped as well; without it they pass through, because in a pipe they belong to
    the data. Text that cannot be written raises OutputLost. With ``required`` false it is dropped instead, and ``lost``
    is true from then on. BrokenPipeError is raised unchanged in both cases, since click handles it.
    """

    def __init__(self, raw: TextIO, *, bidi: bool, required: bool = True) -> None:
        self.raw, self.bidi, self.required = raw, bidi, required
        self.lost = False

    def write(self, text: str) -> int:
        """Write text."""
        shown = escaped(text, bidi=self.bidi)
        if shown:
            self._attempt(lambda: self.raw.write(shown))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several pieces of text."""
        for line in lines:
            self.write(line)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes to the underlying stream as they are."""
        self._attempt(lambda: _write_bytes(self.raw, data))

    def flush(self) -> None:
        """Write out what is buffered."""
        self._attempt(self.raw.flush)

    def _attempt(self, write: Callable[[], object]) -> None:
        if self.lost:
            return  # already reported; the buffer still holds the text that failed
        try:
            write()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.lost = True
            if self.required:
                raise OutputLost(f"cannot write to standard output: {error.strerror or error}") from error

    def __getattr__(self, name: str) -> Any:
        if name in _HIDDEN:
            raise AttributeError(name)
        return getattr(self.raw, name)


class ClosedStream(io.TextIOBase):
    """Stands in for a standard stream that was closed before Python started; every write fails."""

    encoding = "utf-8"
    errors = "replace"

    def write(self, text: str) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    @property
    def buffer(self) -> BinaryIO:
        """Raise OSError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def raw(stream: TextIO) -> TextIO:
    """Return the underlying stream, for output that needs control characters, such as a progress bar."""
    return stream.raw if isinstance(stream, CleanStream) else stream


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout, for example a workbook."""
    if isinstance(sys.stdout, CleanStream):
        sys.stdout.write_bytes(data)
    else:
        _write_bytes(sys.stdout, data)


def install() -> None:
    """Replace stdout and stderr, unless they are already replaced.

    Characters that the encoding of a terminal cannot show become question marks; files and pipes are UTF-8.
    """
    sys.stdout = _clean(sys.stdout, bidi=sys.stdout is not None and sys.stdout.isatty(), required=True)
    # Direction marks are escaped even in a file, since a log is read in a terminal later.
    sys.stderr = _clean(sys.stderr, bidi=True, required=False)


@contextmanager
def clean_streams() -> Iterator[None]:
    """Replace stdout and stderr for the duration of a block."""
    before = sys.stdout, sys.stderr
    install()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def reserve_descriptors() -> None:
    """Open the null device on each closed standard file descriptor.

    Otherwise the next file that is opened would get the number of stdout, and a library that prints would write
    into that file.
    """
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass
    os.close(descriptor)


def flush_all() -> bool:
    """Flush stdout and stderr; return whether everything that was written to them has arrived."""
    arrived = True
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError, OutputLost):  # click has reported it, or there is nobody to report it to
            stream.flush()
        arrived = arrived and not (isinstance(stream, CleanStream) and stream.lost)
    return arrived


def _clean(stream: TextIO | CleanStream | None, *, bidi: bool, required: bool) -> TextIO:
    if isinstance(stream, CleanStream):
        return cast(TextIO, stream)
    if stream is None:
        stream = cast(TextIO, ClosedStream())
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace")
    return cast(TextIO, CleanStream(stream, bidi=bidi, required=required))


def _write_bytes(stream: TextIO, data: bytes) -> None:
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()
