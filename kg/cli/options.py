"""Options that several commands share, and what they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from kg.cli.output import FORMAT_NAMES
from kg.errors import NoReview, UsageProblem, counted

if TYPE_CHECKING:
    from kg.folder.review import Review
    from kg.query.graph import Graph
    from kg.query.part import Part

F = TypeVar("F", bound=Callable[..., Any])

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


def day_of(text: str | None) -> str:
    """Return the day that --date gives, by default today. Raises UsageProblem for a text that is no day."""
    from datetime import date, datetime

    if text is None:
        return date.today().isoformat()
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        raise UsageProblem(f"--date {text!r} is not a day; accepted: a day such as 2026-11-30") from error
