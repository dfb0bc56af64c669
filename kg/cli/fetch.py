"""``kg fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import folder_option, progress_bar, review_of
from kg.cli.table import pair
from kg.errors import UsageProblem, counted

if TYPE_CHECKING:
    from kg.fetch import Fetched, Plan, Request
    from kg.loaders.openalex import Client
    from kg.review import Review

#: A concept of OpenAlex by the first letter of its id -> the filter that takes it.
_CONCEPTS = {"T": "topics.id", "C": "concepts.id"}


@click.command(
    epilog='Example: kg fetch --search "peer support workers" --filter type=review --from-year 2020 --dry-run'
)
@click.argument("source", type=click.Choice(["openalex"]), default="openalex", required=False, metavar="[openalex]")
@click.option("--search", help="Words in title, abstract or text; AND, OR, NOT, quotation marks and brackets work.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="A filter of OpenAlex; all have to hold.")
@click.option("--from-year", type=click.IntRange(1500, 2200), help="Published in this year or later.")
@click.option("--to-year", type=click.IntRange(1500, 2200), help="Published in this year or earlier.")
@click.option("--concept", multiple=True, metavar="ID", help="About this topic (T…) or concept (C…) of OpenAlex.")
@click.option(
    "--cites", multiple=True, metavar="ID", help="Works that cite this work (OpenAlex id or DOI), or any of several."
)
@click.option("--cited-by", multiple=True, metavar="ID", help="Works that this work cites, or any of several.")
@click.option("--doi", "dois", multiple=True, metavar="ID", help="The work with this DOI, OpenAlex id or pmid:….")
@click.option(
    "--dois",
    "doi_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The works of a file, one DOI or id a line.",
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
    doi_file: Path | None,
    snowball: int | None,
    missing: bool,
    refresh: bool,
    corpus: str | None,
    limit: int | None,
    called: str | None,
    dry_run: bool,
    folder: Path,
) -> None:
    """Bring works of OpenAlex into the review folder.

    They go into records/ as OpenAlex gives them, with a row in the search log, records/searches.csv. What was interrupted
    goes on when the same command is given again. A key in the environment variable OPENALEX_API_KEY is used; it is free,
    and without one there is little a day.
    """
    from kg import fetch as fetching
    from kg.loaders.openalex import Client

    review = review_of(folder)
    client = Client()
    nameless: list[str] = []
    ways = {
        "a query": search or filters or from_year or to_year or concept or cites or cited_by,
        "--doi or --dois": dois or doi_file,
        "--snowball": snowball,
        "--missing": missing,
        "--refresh": refresh,
    }
    given = [way for way, used in ways.items() if used]
    if len(given) != 1:
        raise UsageProblem(
            f"{' and '.join(given)} do not go together: give one of them"
            if given
            else "what shall be fetched? Give --search, --filter, --doi, --dois, --cites, --cited-by, --snowball or --missing"
        )
    if given[0] != "a query" and corpus:
        raise UsageProblem("--corpus belongs to a search")
    if called is not None and (not called.strip(".") or "/" in called or "\\" in called or called.startswith(".")):
        raise UsageProblem(f"{called!r} cannot be the name of a file in records/")
    names: list[str] = []
    pairs = [pair(text) for text in filters]
    if given[0] == "a query":
        pairs += [("from_publication_date", f"{from_year}-01-01")] if from_year else []
        pairs += [("to_publication_date", f"{to_year}-12-31")] if to_year else []
        pairs += [_concept(id_) for id_ in concept]
        pairs += [(key, _works(client, ids)) for key, ids in (("cites", cites), ("cited_by", cited_by)) if ids]
    elif missing:
        names, nameless = fetching.missing_names(review)
    elif refresh:
        names = fetching.recorded_names(review)
    elif snowball:
        names = list(fetching.included_names(review))
    else:
        names = [_name(text) for text in dois] + (fetching.read_names(doi_file) if doi_file else [])
    if nameless:
        click.echo(f"no DOI or OpenAlex id to look for: {', '.join(nameless)}", err=True)
    if given[0] != "a query" and not names:
        click.echo("there is nothing to look for", err=True)
        return
    request = fetching.Request(search, tuple(pairs), corpus, tuple(dict.fromkeys(names)), snowball or 0, limit, called)
    plan = fetching.plan(review, client, request)
    _say_plan(plan)
    if not dry_run:
        _say(_run(review, client, request, plan), review)


def _run(review: Review, client: Client, request: Request, plan: Plan) -> Fetched:
    from kg.fetch import fetch as bring

    try:
        with progress_bar("fetching", "works") as progress:
            return bring(review, client, request, progress, plan.works)
    except KeyboardInterrupt:
        click.echo("stopped: what has come is kept, and the same command goes on from there", err=True)
        click.get_current_context().exit(130)


def _say_plan(plan: Plan) -> None:
    least = "at least " if plan.at_least else ""
    done = f"; {plan.done:,} of them are here from an earlier run" if plan.done else ""
    calls = f"{counted(plan.calls, 'call')}, {counted(plan.credits, 'credit')}"
    click.echo(f"{least}{counted(plan.works, 'work')}, {calls}{done}", err=True)


def _say(done: Fetched, review: Review) -> None:
    where = f" into {done.file.relative_to(review.root).as_posix()}" if done.file else ""
    click.echo(f"fetched {counted(done.works, 'work')}{where}, for {counted(done.credits, 'credit')}", err=True)
    for number, what in (
        (done.twice, "came twice and was kept once" if done.twice == 1 else "came twice and were kept once"),
        (done.without_abstract, "without an abstract"),
        (done.retracted, "retracted"),
    ):
        if number:
            click.echo(f"  {number:,} {what}", err=True)
    for name, what in done.gone.items():
        click.echo(f"  {name} is {what}", err=True)
    for name in done.missing:
        if name not in done.gone:
            click.echo(f"  {name} is not in OpenAlex", err=True)
    click.echo("next: kg build", err=True)


def _name(text: str) -> str:
    from kg.loaders.openalex import name_of

    name = name_of(text)
    if name is None:
        raise UsageProblem(f"{text!r} is no DOI, OpenAlex id or pmid:…")
    return name


def _works(client: Client, texts: tuple[str, ...]) -> str:
    """Return works as a filter takes them: OpenAlex ids, those of DOIs being looked up."""
    from kg.loaders.works import short_id

    names = [_name(text) for text in texts]
    return "|".join(n if n.startswith("W") else short_id(client.one(n).get("id"), "W") or n for n in names)


def _concept(text: str) -> tuple[str, str]:
    from kg.loaders.works import short_id

    for letter, key in _CONCEPTS.items():
        if id_ := short_id(text, letter):
            return key, id_
    raise UsageProblem(f"{text!r} is no id of a topic (T…) or concept (C…) of OpenAlex")
