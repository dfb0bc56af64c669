"""The command line. Commands are imported when they are called, so that ``kg --help`` loads little more than click."""

from __future__ import annotations

import importlib
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click

from kg.cli.streams import clean_streams, flush_all, install, reserve_descriptors
from kg.errors import BadInput, KgError, counted
from kg.garbage import garbage_collection_paused
from kg.limits import LIMITS, MOST_SHOWN
from kg.problems import Problem, group_problems, nearest
from kg.version import __version__

#: Command -> the first line of its help; the command NAME is the function NAME in the module ``kg.cli.NAME``.
COMMANDS = {
    "demo": "Build the bundled review and show its tables, gaps and map.",
    "init": "Make a new review folder.",
    "sheet": "Write a charting workbook: the studies without findings, with drop-down lists.",
    "codebook": "Print the codebook: every column, its values and what they mean.",
    "add": "Check sheets, exports of databases and the like, and put them into the review folder.",
    "fetch": "Bring works of OpenAlex into the review folder.",
    "update": "Run the saved searches again, refresh the included studies, and print what is new.",
    "queue": "Rank the candidates by what they could do to the map.",
    "decide": "Record a decision on a candidate: include, exclude or maybe.",
    "flow": "Count the study flow, from records to included studies, and check that it adds up.",
    "build": "Turn the review folder into a graph.",
    "drop": "Take a graph out of a store.",
    "check": "Show what contradicts itself, and what is wrong with the folder.",
    "table": "Show a table: evidence counts, outcomes, designs, ...",
    "gaps": "Show what is missing, typed, explained and ranked.",
    "why": "Show the findings behind a factor and an outcome.",
    "query": "List, show or run a canned query, or one of your own.",
    "compare": "Compare a table as it was printed with the graph, cell by cell.",
    "overlap": "Compare the studies of this review folder with those of others.",
    "serve": "Show the gap map in a browser on this machine, and keep it up to date.",
    "vocabulary": "Change a vocabulary: rename, merge, split or move a term, so that older releases stay comparable.",
    "release": "Freeze the review as it is under releases/NAME, ready to be deposited.",
    "releases": "List the releases, and say which was edited by hand.",
    "diff": "Show what changed between two releases, revisions of git, or now.",
    "export": "Write the gap map as HTML, or the evidence as CSV, as a graph, as RDF, as Parquet or for Neo4j.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported on demand and whose errors become sentences and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a review uses them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"kg.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for one that does not exist."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], COMMANDS)
            ctx.fail(
                f"no command {args[0]!r}" + (f"; did you mean {' or '.join(close)}?" if close else "; see kg --help")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a KgError is printed on stderr and its exit code is the exit code."""
        try:
            for limit in LIMITS:
                _ = limit.number  # report an invalid environment variable before reading any file
            return super().invoke(ctx)
        except BadInput as error:
            print_problems(error.problems)
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KgError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            raise
        except OSError as error:
            click.echo(f"Error: {error.filename or 'the system'}: {error.strerror or error}", err=True)
            ctx.exit(1)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run with streams that escape control characters.

        The garbage collector is off: in a command of a second or two, it would cost more time than it frees memory.
        """
        with nullcontext() if _completing() else clean_streams(), garbage_collection_paused():
            return super().main(*args, **kwargs)


def _completing() -> bool:
    """Return whether a shell asks for completions: click writes them as bytes, and they hold no data of a review."""
    return bool(os.environ.get("_KG_COMPLETE"))


def print_problems(problems: Sequence[Problem], lead: str = "") -> None:
    """Write problems to stderr; problems that differ only in their row share a line.

    After MOST_SHOWN lines, a last line for each file gives the number of its problems that are not shown.
    """
    groups = group_problems(problems)
    click.echo("".join(f"{lead}{group}\n" for group in groups[:MOST_SHOWN]), err=True, nl=False)
    not_shown: Counter[str] = Counter()
    for group in groups[MOST_SHOWN:]:
        not_shown[group.first.file] += len(group.rows)
    for file, number in not_shown.items():
        are = "is" if number == 1 else "are"
        click.echo(f"{lead}{file}: {counted(number, 'further problem')} {are} not shown", err=True)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """A literature evidence knowledge graph.

    Extraction sheets go in; evidence tables, gap maps and the gaps themselves come out. Every number can be walked back
    to the rows it came from.

    \b
    Example:
      kg init my-review --example peer-workforce
      cd my-review
      kg table evidence-counts
    """


def run() -> None:
    """Run as the program ``kg``, and end the process at once instead of freeing the graph node by node.

    The exit code is 1 where a command succeeded and part of its output could not be written.
    """
    reserve_descriptors()
    if not _completing():
        install()  # for good: the traceback of an unexpected failure is written after main has ended
    try:
        main(prog_name="kg")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        os._exit(code if flush_all() else code or 1)
