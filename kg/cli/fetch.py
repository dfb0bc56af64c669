"""``kg fetch``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import budget_option, folder_option, review_of
from kg.cli.output import progress_bar
from kg.cli.table import pair
from kg.errors import UnknownName, UsageProblem, counted

if TYPE_CHECKING:
    from kg.fetch.run import Fetched, Plan, Request
    from kg.folder.review import Review
    from kg.loaders.openalex.client import Client

#: First letter of the id of an OpenAlex topic or concept -> the filter for it.
_CONCEPTS = {"T": "topics.id", "C": "concepts.id"}
_FILTER = re.compile(r"[a-z][\w.-]*", re.IGNORECASE)


@click.command(
    epilog='Example: kg fetch --search "peer support workers" --filter type=review --from-year 2020 --dry-run'
)
@click.argument("source", type=click.Choice(["openalex"]), default="openalex", required=False, metavar="[openalex]")
@click.option("--search", help="Words in title, abstract or text; AND, OR, NOT, quotation marks and brackets work.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="A filter of OpenAlex; all have to hold.")
@click.option("--from-year", type=click.IntRange(1500, 2200), help="Published in this year or later.")
@click.option("--to-year", type=click.IntRange(1500, 2200), help="Published in this year or earlier.")
@click.option("--concept", multiple=True, metavar="ID", help="About this topic of OpenAlex: its id or its name.")
@click.option("--cites", multiple=True, metavar="ID", help="Works that cite this one (OpenAlex id or DOI), or others.")
@click.option("--cited-by", multiple=True, metavar="ID", help="Works that this one cites, or that others cite.")
@click.option("--doi", "dois", multiple=True, metavar="ID", help="The work with this DOI, OpenAlex id or pmid:….")
@click.option(
    "--dois",
    "list_",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The works of a file: one DOI or id a line, or a table with a column doi, openalex or pmid.",
)
@click.option(
    "--snowball", type=click.IntRange(1, 9), metavar="N", help="N rounds of citations, from the included studies."
)
@click.option("--missing", is_flag=True, help="The included studies that have no record of OpenAlex yet.")
@click.option("--refresh", is_flag=True, help="The records of the included studies again, as they are now.")
@click.option(
    "--corpus", type=click.Choice(["core", "expansion", "all"]), help="Which part of OpenAlex; by default its core."
)
@click.option("--limit", type=click.IntRange(1), help="At most so many works.")
@click.option("--name", "called", metavar="NAME", help="What the file in records/ is called, without an ending.")
@click.option("--dry-run", is_flag=True, help="Say how many works there are and what they cost, and end.")
@click.option("--restart", is_flag=True, help="Begin anew, without what an interrupted run has brought.")
@budget_option
@folder_option
def fetch(
    source: str,
    search: str | None,
    filters: tuple[str, ...],
    from_year: int | None,
    to_year: int | None,
    concept: tuple[str, ...],
    cites: tuple[str, ...],
    cited_by: tuple[str, ...],
    dois: tuple[str, ...],
    list_: Path | None,
    snowball: int | None,
    missing: bool,
    refresh: bool,
    corpus: str | None,
    limit: int | None,
    called: str | None,
    dry_run: bool,
    restart: bool,
    budget: int | None,
    folder: Path,
) -> None:
    """Bring works of OpenAlex into the review folder.

    They go into records/ as OpenAlex gives them, with a row in the search log, records/searches.csv. What was
    interrupted goes on when the same command is given again. A key in the environment variable OPENALEX_API_KEY is
    used; it is free, and without one there is little a day.
    """
    from kg.fetch.run import Request, forget
    from kg.loaders.openalex.client import Client

    kind = _kind_of({
        "a query": search or filters or from_year or to_year or concept or cites or cited_by,
        "--doi or --dois": dois or list_,
        "--snowball": snowball,
        "--missing": missing,
        "--refresh": refresh,
    })  # fmt: skip
    if kind != "a query" and corpus:
        raise UsageProblem("--corpus belongs to a search")
    if called is not None and not re.fullmatch(r"(?!\.)[^/\\:*?\"<>|\x00-\x1f]{1,100}", called):
        raise UsageProblem(f"{called!r} cannot be the name of a file in records/")
    pairs = [*map(_filter, filters), *_years(from_year, to_year)]
    listed = [_name(text) for text in dois]
    review = review_of(folder)
    with Client(tell=lambda text: click.echo(text, err=True), budget=budget) as client:
        if kind == "a query":
            pairs += [_concept(client, text) for text in concept]
            pairs += [(key, _works(client, ids)) for key, ids in (("cites", cites), ("cited_by", cited_by)) if ids]
        elif not (listed := listed + _names(kind, review, list_)):
            click.echo("there is nothing to look for", err=True)
            return
        request = Request(search, tuple(pairs), corpus, tuple(dict.fromkeys(listed)), snowball or 0, limit, called)
        if restart and not dry_run:
            forget(review, request)
        done = _fetch(review, client, request, dry_run=dry_run)
        if budget is not None:
            click.echo(f"  {client.costs.report()}", err=True)
        if done and done.file:
            click.echo("next: kg build", err=True)


def _fetch(review: Review, client: Client, request: Request, *, dry_run: bool) -> Fetched | None:
    """Say what a request costs, run it unless this is a dry run, and return what came."""
    from kg.fetch.run import plan

    planned = plan(review, client, request)
    _print_plan(planned)
    if client.costs.exceeds(planned.credits):
        click.echo("  this is more than the budget: the same command goes on from where it stops", err=True)
    done = None if dry_run else _run(review, client, request, planned)
    if done:
        _print_result(done, review)
    return done


def _kind_of(kinds: dict[str, object]) -> str:
    """Return the one kind of request that is given. Raises UsageProblem for none or several."""
    given = [kind for kind, used in kinds.items() if used]
    if len(given) > 1:
        raise UsageProblem(f"{' and '.join(given)} do not go together: give one of them")
    if not given:
        options = "--search, --filter, --doi, --dois, --cites, --cited-by, --snowball or --missing"
        raise UsageProblem(f"nothing to fetch was named; give {options}")
    return given[0]


def _names(kind: str, review: Review, list_: Path | None) -> list[str]:
    """Return the names of the works to fetch; report studies and rows without one."""
    from kg.fetch import names as fetchnames

    if kind == "--missing":
        names, nameless = fetchnames.missing_names(review)
        if nameless:
            click.echo(f"no DOI or OpenAlex id to look for: {', '.join(nameless)}", err=True)
        return names
    if kind == "--refresh":
        return fetchnames.recorded_names(review)
    if kind == "--snowball":
        return list(fetchnames.included_names(review))
    names, blank = fetchnames.read_names(list_) if list_ else ([], [])
    if blank:
        rows = ", ".join(map(str, blank[:10])) + (" and further ones" if len(blank) > 10 else "")
        click.echo(f"{list_}: no DOI or id in {counted(len(blank), 'row')} ({rows})", err=True)
    return names


def _run(review: Review, client: Client, request: Request, plan: Plan) -> Fetched:
    from kg.fetch.run import fetch as bring

    try:
        with progress_bar("fetching", "works") as progress:
            return bring(review, client, request, progress, plan.works)
    except KeyboardInterrupt:
        click.echo("stopped: what has come is kept, and the same command goes on from there", err=True)
        click.get_current_context().exit(130)


def _print_plan(plan: Plan) -> None:
    least = "at least " if plan.at_least else ""
    done = f"; {plan.done:,} of them {'is' if plan.done == 1 else 'are'} here from an earlier run" if plan.done else ""
    calls = f"{counted(plan.calls, 'call')}, {counted(plan.credits, 'credit')}"
    click.echo(f"{least}{counted(plan.works, 'work')}, {calls}{done}", err=True)


def _print_result(done: Fetched, review: Review) -> None:
    where = f" into {done.file.relative_to(review.root).as_posix()}" if done.file else ""
    asked = f" of {done.requested:,} asked for" if done.requested else ""
    click.echo(f"fetched {counted(done.works, 'work')}{asked}{where}, for {counted(done.credits, 'credit')}", err=True)
    for number, one, several in (
        (done.known, "was in the folder already", "were in the folder already"),
        (done.twice, "came twice and was kept once", "came twice and were kept once"),
        (done.without_abstract, "without an abstract", "without an abstract"),
        (done.retracted, "retracted", "retracted"),
    ):
        if number:
            click.echo(f"  {number:,} {one if number == 1 else several}", err=True)
    if done.repeated:
        click.echo(f"  OpenAlex led back to an earlier page: there may be more, it speaks of {done.hits:,}", err=True)
    for name, what in done.gone.items():
        click.echo(f"  {name} is {what}", err=True)
    for name in done.missing:
        if name not in done.gone:
            click.echo(f"  {name} is not in OpenAlex", err=True)


def _filter(text: str) -> tuple[str, str]:
    key, value = pair(text)
    if not _FILTER.fullmatch(key) or not value:
        raise UsageProblem(f"{text!r} is no filter of OpenAlex, such as type=review")
    return key, value


def _years(first: int | None, last: int | None) -> list[tuple[str, str]]:
    if first and last and first > last:
        raise UsageProblem(f"no year is both {first} or later and {last} or earlier")
    pairs = [("from_publication_date", f"{first}-01-01")] if first else []
    return pairs + ([("to_publication_date", f"{last}-12-31")] if last else [])


def _name(text: str) -> str:
    from kg.loaders.openalex.names import name_of

    name = name_of(text)
    if name is None:
        raise UsageProblem(f"{text!r} is no DOI, OpenAlex id or pmid:…")
    return name


def _works(client: Client, texts: tuple[str, ...]) -> str:
    """Return works as the value of a filter: OpenAlex ids, which are looked up for DOIs."""
    from kg.loaders.openalex.names import MOST_VALUES

    ids, unknown = [], []
    for name in map(_name, texts):
        found = client.ids_of([name])
        ids += found
        unknown += [] if found else [name]
    if unknown:
        raise UsageProblem(f"OpenAlex has no work {' and no '.join(unknown)}")
    if len(ids) > MOST_VALUES:
        raise UsageProblem(f"OpenAlex takes {MOST_VALUES} works at a time: {len(ids)} are given")
    return "|".join(dict.fromkeys(ids))


def _concept(client: Client, text: str) -> tuple[str, str]:
    """Return a filter for a topic (T…) or one of the older concepts (C…); names are looked up."""
    from kg.loaders.openalex.works import short_id

    for letter, key in _CONCEPTS.items():
        if id_ := short_id(text, letter):
            return key, id_
    found = client.topics(text)
    named = [id_ for id_, name in found if name.casefold() == text.strip().casefold()]
    if len(named) != 1:
        raise UnknownName("topic", text, [f"{name} ({id_})" for id_, name in found], ambiguous=bool(found))
    return "topics.id", named[0]
