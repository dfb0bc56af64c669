"""Bring works of OpenAlex into a review folder: by search, by identifier, by chasing citations; and log the search.

While it runs, what has come is kept in hidden files beside the records, with the place where to go on. The same
request, made again, goes on from there; when it is complete the file takes its name and the search its row in the log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeAlias

from kg.errors import KgError, counted
from kg.fetch.checkpoint import Part
from kg.fetch.names import further_names, recorded_ids
from kg.folder.review import Review
from kg.folder.searchlog import append_search, check_log
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.failures import QueryRefused
from kg.loaders.openalex.names import batches
from kg.loaders.openalex.query import PER_PAGE, PRICES, Found, Page, Query
from kg.loaders.openalex.works import work_id
from kg.model.ids import slug

#: Is told how many works there are and how many there will be.
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """What to bring: the works of a query, or works by name (``W…``, ``doi:…``, ``pmid:…``).

    ``rounds`` of citation chasing start from the works that the names stand for: what cites them and what they cite.
    ``limit`` is the most works to bring, ``called`` the name of the file, without an ending.
    """

    search: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    corpus: str | None = None
    names: tuple[str, ...] = ()
    rounds: int = 0
    limit: int | None = None
    called: str | None = None

    @property
    def query(self) -> Query:
        """The query, where it is one."""
        return Query(self.search, self.filters, self.corpus)

    def text(self) -> str:
        """Return what was asked for, as the search log has it."""
        if self.rounds:
            return f"{counted(self.rounds, 'round')} of citations from {'|'.join(self.names)}"
        return "|".join(self.names) or self.search or ""

    @property
    def key(self) -> str:
        """What tells this request from others."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Plan:
    """How many works a request will bring (at least, where ``at_least``), and the calls and credits it still takes.

    ``done`` of the works are there from an earlier run that was interrupted.
    """

    works: int
    calls: int
    credits: int
    at_least: bool = False
    done: int = 0


@dataclass
class Fetched:
    """What a request brought: ``works`` in ``file``, of so many ``requested`` by name, or of so many ``hits``.

    ``twice`` counts works that came again, ``known`` those that were in the folder before; ``gone`` says by name what
    became of works that are not there any more. ``repeated``: a list ended as OpenAlex led back to an earlier page.
    """

    file: Path | None
    requested: int
    hits: int
    works: int
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    twice: int = 0
    known: int = 0
    without_abstract: int = 0
    retracted: int = 0
    credits: int = 0
    repeated: bool = False


class Interrupted(KgError):
    """The fetch ended before it was complete; ``works`` are kept, and the same request goes on from there."""

    def __init__(self, works: int, cause: KgError) -> None:
        self.works, self.cause = works, cause
        kept = f"{counted(works, 'work')} {'is' if works == 1 else 'are'} kept"
        super().__init__(f"{cause}; {kept}, and the same command goes on from there")


@dataclass(frozen=True)
class _Step:
    """One query to page through, or names to look up."""

    query: Query | None = None
    names: tuple[str, ...] = ()


def plan(review: Review, client: Client, request: Request) -> Plan:
    """Return what a request will bring and cost. Writes nothing. Raises OpenAlexError.

    Counting a query costs as much as its first page, which comes with the number and is not asked for again.
    """
    part = _part(review.root, request)
    state, done = part.state, part.works
    if state["complete"]:
        return Plan(done, 0, 0, done=done)
    if request.names and not request.rounds:
        left = _steps(request, [])[state["step"] :]
        calls = [PRICES["one" if len(step.names) == 1 else "list"] for step in left]
        works = done + sum(len(step.names) for step in left)
        return Plan(min(works, request.limit or works), len(calls), sum(calls), done=done)
    before = client.calls, client.credits
    steps = _steps(request, state["frontier"] or client.ids_of(request.names))
    calls_left, credits_left = client.calls - before[0], client.credits - before[1]  # fetch does not look up again
    found = done if request.rounds else 0
    for number, step in enumerate(steps):
        if step.query is None or number < state["step"]:
            continue
        going_on = number == state["step"] and state["cursor"] != "*"
        hits = state["hits"] if going_on and not request.rounds else client.count(step.query)
        found += hits
        wanted = min(hits, request.limit or hits) - (done if going_on and not request.rounds else 0)
        pages = max(1, -(-wanted // PER_PAGE))
        calls_left += pages
        credits_left += pages * step.query.price
    return Plan(min(found, request.limit or found), calls_left, credits_left, request.rounds > 1, done)


def fetch(
    review: Review, client: Client, request: Request, progress: Progress = lambda *_: None, total: int = 0
) -> Fetched:
    """Bring what a request asks for, from where an earlier run of it ended. Raises Interrupted and KgError.

    ``total`` is how many works are expected, for ``progress``.
    """
    root, part = review.root, _part(review.root, request)
    check_log(root)
    part.recover()
    went_on = part.state["cursor"] != "*"
    try:
        if not part.state["complete"]:
            known = further_names(root) if any(name.startswith("W") for name in request.names) else {}
            _run(root, client, request, part, known, progress, total)
    except (KgError, KeyboardInterrupt) as error:
        if not part.begun:
            part.discard()  # nothing has come that would be asked for again
            raise
        part.keep(client.credits)
        if isinstance(error, KeyboardInterrupt):
            raise
        if isinstance(error, QueryRefused) and went_on:
            raise KgError(
                f"{error}; the place where the earlier run ended may be gone: --restart begins anew"
            ) from error
        raise Interrupted(part.works, error) from error
    part.keep(client.credits)
    return _finish(root, request, part)


def forget(review: Review, request: Request) -> None:
    """Forget what an earlier run of a request has brought. Raises KgError."""
    try:
        _part(review.root, request).discard()
    except OSError as error:
        raise KgError(f"cannot delete {error.filename}: {error.strerror or error}") from error


def _part(root: Path, request: Request) -> Part:
    return Part(root / "records", request.key)


def _run(
    root: Path,
    client: Client,
    request: Request,
    part: Part,
    known: Mapping[str, Sequence[str]],
    progress: Progress,
    total: int,
) -> None:
    state = part.state
    have = recorded_ids(root) if request.rounds else set()
    while True:
        if request.rounds and state["round"] == 0 and not state["frontier"]:
            start = client.ids_of(request.names)
            state.update(frontier=start, reached=list(start), chased=len(start))
        have |= set(state["reached"][: state["chased"]])
        steps = _steps(request, state["frontier"])
        for number in range(state["step"], len(steps)):
            for page, found in _answers(client, steps[number], state["cursor"], known):
                left = None if request.limit is None else request.limit - part.works
                fresh = [work for work in page.works if work_id(work) not in have]
                if request.rounds:
                    state["reached"] += map(work_id, page.works)
                    state["known"] += len(page.works) - len(fresh)
                part.add(fresh[:left], number, page.cursor, page, found)
                part.keep(client.credits)
                progress(part.works, max(total, part.works))
                if request.limit is not None and part.works >= request.limit:
                    state["complete"] = True
                    return
        if state["round"] + 1 >= request.rounds:
            break
        reached = list(dict.fromkeys(state["reached"]))  # the first of them are those that were chased already
        state.update(
            round=state["round"] + 1, step=0, cursor="*", reached=reached, frontier=reached[state["chased"] :],
            chased=len(reached),
        )  # fmt: skip
    state["complete"] = True


def _steps(request: Request, frontier: list[str]) -> list[_Step]:
    if request.rounds:
        return [
            _Step(Query(filters=((name, "|".join(batch)),)))
            for batch in batches(frontier)
            for name in ("cites", "cited_by")
        ]
    if request.names:
        return [_Step(names=tuple(batch)) for batch in batches(request.names)]
    return [_Step(request.query)]


def _answers(
    client: Client, step: _Step, cursor: str, known: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Page, Found]]:
    if step.query is not None:
        for page in client.pages(step.query, cursor):
            yield page, Found()
        return
    for found in client.look_up(step.names, known):
        yield Page(found.works, len(found.works), None), found


def _finish(root: Path, request: Request, part: Part) -> Fetched:
    state = part.state
    missing = list(dict.fromkeys(state["missing"]))

    def log(file: Path | None) -> None:
        row = {
            "date": date.today().isoformat(),
            "source": "OpenAlex",
            "platform": "OpenAlex API",
            "query": request.text(),
            "filters": request.query.text(),
            "hits": state["hits"],
            "corpus": request.corpus,
            "fetched": part.works,
            "missing": "; ".join(name.replace(";", "%3B") for name in missing),  # old DOIs hold semicolons
            "credits": state["credits"],
            "file": f"records/{file.name}" if file else None,
        }
        append_search(root, row)

    file = part.finish(lambda: _free_name(part.folder, request), log)
    requested = 0 if request.rounds else len(request.names)
    return Fetched(
        file, requested, state["hits"], part.works, missing, state["gone"], state["twice"], state["known"],
        part.without_abstract, part.retracted, state["credits"], state["repeated"],
    )  # fmt: skip


def _free_name(folder: Path, request: Request) -> str:
    """Return a name for the file that is not taken."""
    what = "citations" if request.rounds else "works" if request.names else request.search or request.query.text()
    stem = request.called or f"openalex-{date.today().isoformat()}-{slug(what)[:40].strip('-')}"
    names: Iterable[str] = (f"{stem}{f'-{number}' if number > 1 else ''}.jsonl.gz" for number in range(1, 10_000))
    return next(name for name in names if not (folder / name).exists())
