"""stdout and stderr of a command: whatever is written there, no control character of it reaches a terminal.

Commands, click and Python's own tracebacks all write to ``sys.stdout`` and ``sys.stderr``. So the two streams are
replaced while a command runs, and no command has to think of it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO, cast

from kg.text import escaped

#: What would let click, or Python, write past the stream.
_HIDDEN: Final = ("buffer", "detach", "fileno", "reconfigure")


class CleanStream:
    """A text stream that writes control characters as ``\\u001b``; ``raw`` is the stream beneath.

    Marks of direction are written so as well where ``bidi`` says it: in a pipe they belong to the data.
    """

    def __init__(self, raw: TextIO, *, bidi: bool) -> None:
        self.raw, self.bidi = raw, bidi

    def write(self, text: str) -> int:
        """Write text."""
        self.raw.write(escaped(text, bidi=self.bidi))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several pieces of text."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name in _HIDDEN:
            raise AttributeError(name)
        return getattr(self.raw, name)


def raw(stream: TextIO) -> TextIO:
    """Return the stream beneath, for bytes and for what draws on the terminal."""
    return stream.raw if isinstance(stream, CleanStream) else stream


def install() -> None:
    """Replace stdout and stderr, unless they are already replaced.

    What the encoding of a terminal cannot show becomes a question mark; files and pipes are UTF-8.
    """
    sys.stdout = _clean(sys.stdout, bidi=sys.stdout is not None and sys.stdout.isatty())
    sys.stderr = _clean(sys.stderr, bidi=True)  # a log is read in a terminal later


@contextmanager
def clean_streams() -> Iterator[None]:
    """Replace stdout and stderr for a while."""
    before = sys.stdout, sys.stderr
    install()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _clean(stream: TextIO, *, bidi: bool) -> TextIO:
    if stream is None or isinstance(stream, CleanStream):  # a program without a window has no streams
        return stream
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace")
    return cast(TextIO, CleanStream(stream, bidi=bidi))
