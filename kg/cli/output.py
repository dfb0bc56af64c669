"""The output of commands: tables in their formats, files that are replaced as a whole, and progress."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.streams import raw, write_bytes
from kg.errors import KgError, UsageProblem
from kg.folder.writing import part_of, to_disk
from kg.text import printable

if TYPE_CHECKING:
    from kg.table import Table

FORMAT_NAMES = ("table", "csv", "tsv", "md", "latex", "json", "xlsx")


def format_of(format_: str | None, output: Path | None) -> str:
    """Return the requested format, or that of the output file's suffix, or "table"."""
    suffixes = {".tex": "latex", **{f".{name}": name for name in FORMAT_NAMES if name != "table"}}
    return format_ or (suffixes.get(output.suffix.lower()) if output else None) or "table"


def emit(table: Table, format_: str | None, output: Path | None) -> None:
    """Write a table to stdout or to a file, in one of the formats."""
    format_ = format_of(format_, output)
    from kg.export.tables import FORMATS, write_xlsx
    from kg.export.terminal import to_terminal

    if format_ == "xlsx":
        if output is None:
            if sys.stdout.isatty():
                raise UsageProblem("a workbook cannot be shown here: name a file with -o table.xlsx")
            import tempfile

            with tempfile.TemporaryDirectory() as scratch:
                write_xlsx(table, Path(scratch) / "table.xlsx")
                write_bytes((Path(scratch) / "table.xlsx").read_bytes())
            return
        with written(output) as path:
            write_xlsx(table, path)
        return
    text = to_terminal(table, window_width()) if format_ == "table" else FORMATS[format_](table)
    put(text, output)


def emit_pages(pages: Iterable[Table], format_: str, output: Path | None) -> None:
    """Write a table that is given in pages, in the format "table" or one of ``kg.export.tables.STREAMED``.

    One page is held at a time. For "table" the pages are iterated twice.
    """
    from kg.export.tables import STREAMED
    from kg.export.terminal import terminal_pages

    put(terminal_pages(pages, window_width()) if format_ == "table" else STREAMED[format_](pages), output)


def put(text: str | Iterable[str], output: Path | None) -> None:
    """Write text, or pieces of it as they come, to stdout or to a file."""
    pieces = (text,) if isinstance(text, str) else text
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    with written(output) as path, path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


@contextmanager
def progress_bar(label: str = "writing", noun: str = "") -> Iterator[Callable[[int, int], None]]:
    """Yield a function that draws a progress bar on stderr, if that is a terminal.

    With a ``noun``, such as "works", the bar shows their number and rate.
    """
    with ExitStack() as stack:
        bar: Any = None
        begun = time.monotonic()

        def rate(_: object) -> str | None:
            return f"{bar.pos / max(time.monotonic() - begun, 0.001):,.0f} {noun}/s" if bar and noun else None

        def progress(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and sys.stderr.isatty():
                made = click.progressbar(
                    length=total,
                    label=printable(label),
                    file=raw(sys.stderr),  # a bar is drawn with control characters
                    show_pos=bool(noun),
                    item_show_func=rate,
                )
                bar = stack.enter_context(made)
            if bar is not None:
                bar.length = total
                bar.update(done - bar.pos, done)

        yield progress


def window_width() -> int:
    """Return the width of the terminal; 100 without one."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Yield the file to write beside ``path``, and at the end put it in place of ``path`` and report that.

    A failure leaves ``path`` as it was; an OSError becomes a KgError that names it. A device or pipe is written itself.
    """
    with reported(path):
        real = path.resolve()
        if real.exists() and not real.is_file():
            yield real
            return
        mode = real.stat().st_mode if real.exists() else None
        if mode is not None and not os.access(real, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        part = part_of(real)
        try:
            yield part
            if mode is not None:
                part.chmod(mode & 0o7777)
            to_disk(part)
            part.replace(real)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Report a file or folder that the block writes, or turn an OSError into a KgError that names it."""
    try:
        yield
    except OSError as error:
        raise KgError(f"cannot write {path}: {error.strerror or error}") from error
    click.echo(f"wrote {path}", err=True)
