"""Options that several commands share, and the output of tables."""

from __future__ import annotations

import errno
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from kg.cli.streams import raw, write_bytes
from kg.errors import KgError, NoReview, UsageProblem, counted
from kg.folder.writing import part_of, to_disk
from kg.text import printable

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.query.graph import Graph
    from kg.query.part import Part
    from kg.table import Table

F = TypeVar("F", bound=Callable[..., Any])

FORMAT_NAMES = ("table", "csv", "tsv", "md", "latex", "json", "xlsx")

folder_option = click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The review folder; by default the one around the current directory.",
)
store_option = click.option(
    "--store",
    metavar="URL",
    help="Read this graph, e.g. embedded:PATH or neo4j://HOST, instead of the folder's own.",
)


def _credits(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Return an amount in US dollars in the credits of OpenAlex, rounded down."""
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,9})?", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is not an amount in US dollars, such as 0.05", context, option)
    from kg.loaders.openalex.costs import CREDITS_PER_USD

    return int(Decimal(text) * CREDITS_PER_USD)


budget_option = click.option(
    "--budget", metavar="USD", callback=_credits, help="Stop before this run has cost more than so many US dollars."
)


def reading(command: F) -> F:
    """Add the options of every command that reads the graph."""
    return folder_option(store_option(command))


def filtering(command: F) -> F:
    """Add the options of every command that can count a part of the studies and findings; it gets them as ``where``."""

    @wraps(command)
    def of_part(
        *arguments: Any, where: tuple[str, ...], evidence: str | None, review: tuple[str, ...], **options: Any
    ) -> Any:
        from kg.query.part import Part, classes

        part = Part(where, classes(evidence) if evidence is not None else (), review)
        return command(*arguments, where=part, **options)

    conditions = click.option(
        "--where",
        multiple=True,
        metavar="CONDITION",
        help="Only studies (or findings) that meet this, e.g. design=survey,interviews or 'year>=2015'; repeatable.",
    )
    evidence = click.option(
        "--evidence",
        metavar="CLASS",
        help="Only studies of this class of evidence: empirical, review, grey, opinion, several with commas, or all. "
        "Tables, maps and gaps are of the empirical ones unless said.",
    )
    review = click.option(
        "--review",
        multiple=True,
        metavar="ID",
        help="Only what this review includes, of several in the folder; repeatable.",
    )
    return cast(F, conditions(evidence(review(of_part))))


evidence_option = click.option(
    "--evidence",
    type=click.Choice(("empirical", "all")),
    default="empirical",
    show_default=True,
    help="Compare the empirical studies, as tables count them, or all classes of evidence.",
)
map_option = click.option("--map", "map_", metavar="NAME", help="The map of this name in review.toml.")


def listing(command: F) -> F:
    """Add the options of every command that shows a table."""
    formats = click.option(
        "--format",
        "format_",
        type=click.Choice(FORMAT_NAMES),
        help="How to write it; by default as the name of the -o file says, or else as a table.",
    )
    output = click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write to this file instead of stdout.",
    )
    return formats(output(command))


def open_graph_of(folder: Path, store: str | None, where: Part | None = None) -> Graph:
    """Open the graph that the options name, or the part of it that ``where`` describes."""
    from kg.folder.review import open_review
    from kg.query.graph import open_graph

    if store is None:
        graph = open_review(folder).graph()
    else:
        try:
            review = open_review(folder)
        except NoReview:  # a store can be read from anywhere
            graph = open_graph(store)
        else:
            graph = review.graph(store)
            if graph.review != (own := review.config.review.id):
                click.echo(f"note: {store} holds the review {graph.review!r}; this folder is {own!r}", err=True)
    if graph.left_out:
        click.echo(f"note: {counted(graph.left_out, 'row')} left out of this graph; kg build names them", err=True)
    if where is None:
        return graph
    try:
        return where.of(graph)
    except BaseException:
        graph.close()
        raise


def review_of(folder: Path) -> Review:
    """Return the review folder that ``-C`` names."""
    from kg.folder.review import open_review

    return open_review(folder)


def folder_of(folder: Path, store: str | None) -> Review | None:
    """Return the review folder that ``-C`` names; with a store, None where it names none."""
    try:
        return review_of(folder)
    except NoReview:  # a store can be read from anywhere
        if store is None:
            raise
        return None


def format_of(format_: str | None, output: Path | None) -> str:
    """Return the requested format, or that of the output file's suffix, or "table"."""
    suffixes = {".tex": "latex", **{f".{name}": name for name in FORMAT_NAMES if name != "table"}}
    return format_ or (suffixes.get(output.suffix.lower()) if output else None) or "table"


def emit(table: Table, format_: str | None, output: Path | None) -> None:
    """Write a table to stdout or to a file, in one of the formats."""
    format_ = format_of(format_, output)
    from kg.export.tables import FORMATS, to_terminal, write_xlsx

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
    """Write a table that is given in pages, in one of ``kg.export.tables.STREAMED``; one page is held at once."""
    from kg.export.tables import STREAMED

    put(STREAMED[format_](pages), output)


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


def day_of(text: str | None) -> str:
    """Return the day that --date gives, by default today. Raises UsageProblem for a text that is no day."""
    from datetime import date, datetime

    if text is None:
        return date.today().isoformat()
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        raise UsageProblem(f"--date {text!r} is not a day; accepted: a day such as 2026-11-30") from error
