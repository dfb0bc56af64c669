"""Fetch works of OpenAlex into a review folder, by search, by identifier or by citation, and log the search.

While a fetch runs, its works and its position are kept in hidden files beside the records. An interrupted fetch resumes
when the same request is made again. When it is complete, the file gets its name and the search its row in the log.
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
from kg.fetch.checkpoint import Checkpoint
from kg.fetch.names import alternative_names, recorded_ids
from kg.folder.review import Review
from kg.folder.searchlog import append_search, check_log
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.failures import QueryRefused
from kg.loaders.openalex.names import batches
from kg.loaders.openalex.query import PER_PAGE, Found, Page, Query
from kg.loaders.openalex.works import work_id
from kg.model.ids import slug

#: Called with the number of works fetched so far and the number expected.
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """A request for works: the results of a query, or works by name (``W…``, ``doi:…``, ``pmid:…``).

    With ``rounds``, citation chasing starts from the works with these names: each round fetches the works that cite
    those of the round before or are cited by them. ``limit`` is the maximum number of works, ``called`` the name of the
    file without its suffix.
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
        """The query; it is empty for a request by name."""
        return Query(self.search, self.filters, self.corpus)

    def text(self) -> str:
        """Return the request as text for the search log."""
        if self.rounds:
            return f"{counted(self.rounds, 'round')} of citations from {'|'.join(self.names)}"
        return "|".join(self.names) or self.search or ""

    @property
    def key(self) -> str:
        """A hash that identifies this request."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Plan:
    """The expected number of works (a minimum if ``at_least``), and the calls and credits that are still needed.

    ``done`` is the number of works that an interrupted run has fetched already.
    """

    works: int
    calls: int
    credits: int
    at_least: bool = False
    done: int = 0


@dataclass
class Fetched:
    """The result of a request: the number of ``works`` in ``file``, of those ``requested`` by name or of all ``hits``.

    ``twice`` counts works that OpenAlex returned more than once, ``known`` those that were in the folder before.
    ``gone`` maps the names of works that OpenAlex no longer has to what happened to them. ``repeated`` is true if a
    list ended because OpenAlex led back to an earlier page.
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
    """The fetch ended before it was complete; its ``works`` are kept, and the same request resumes it."""

    def __init__(self, works: int, cause: KgError) -> None:
        self.works, self.cause = works, cause
        kept = f"{counted(works, 'work')} {'is' if works == 1 else 'are'} kept"
        super().__init__(f"{cause}; {kept}, and the same command goes on from there")


@dataclass(frozen=True)
class _Step:
    """One query whose pages are fetched, or one batch of names that is looked up."""

    query: Query | None = None
    names: tuple[str, ...] = ()


def plan(review: Review, client: Client, request: Request) -> Plan:
    """Return the number of works and the cost of a request, without writing anything. Raises OpenAlexError.

    Counting the results of a query costs as much as its first page, which the client keeps for the fetch.
    """
    checkpoint = _checkpoint(review.root, request)
    state, done = checkpoint.state, checkpoint.works
    if state["complete"]:
        return Plan(done, 0, 0, done=done)
    if request.names and not request.rounds:
        left = _steps(request, [])[state["step"] :]
        calls = [client.costs.price("one" if len(step.names) == 1 else "list") for step in left]
        works = done + sum(len(step.names) for step in left)
        return Plan(min(works, request.limit or works), len(calls), sum(calls), done=done)
    before = client.calls, client.credits
    steps = _steps(request, state["frontier"] or client.ids_of(request.names))
    calls_left, credits_left = client.calls - before[0], client.credits - before[1]  # fetch reuses the ids
    found = done if request.rounds else 0
    for number, step in enumerate(steps):
        if step.query is None or number < state["step"]:
            continue
        resumed = number == state["step"] and state["cursor"] != "*"
        hits = state["hits"] if resumed and not request.rounds else client.count(step.query)
        found += hits
        missing = min(hits, request.limit or hits) - (done if resumed and not request.rounds else 0)
        pages = max(1, -(-missing // PER_PAGE))
        calls_left += pages
        credits_left += pages * client.costs.price(step.query.kind)
    return Plan(min(found, request.limit or found), calls_left, credits_left, request.rounds > 1, done)


def fetch(
    review: Review, client: Client, request: Request, progress: Progress = lambda *_: None, total: int = 0
) -> Fetched:
    """Fetch the works of a request, or the rest of them after an interrupted run. Raises Interrupted and KgError.

    ``total`` is the expected number of works, for ``progress``.
    """
    root, checkpoint = review.root, _checkpoint(review.root, request)
    check_log(root)
    checkpoint.recover()
    resumed = checkpoint.state["cursor"] != "*"
    try:
        if not checkpoint.state["complete"]:
            alternatives = alternative_names(root) if any(name.startswith("W") for name in request.names) else {}
            _run(root, client, request, checkpoint, alternatives, progress, total)
    except (KgError, KeyboardInterrupt) as error:
        if not checkpoint.begun:
            checkpoint.discard()  # nothing was fetched that a next run could keep
            raise
        checkpoint.save(client.credits)
        if isinstance(error, KeyboardInterrupt):
            raise
        if isinstance(error, QueryRefused) and resumed:
            raise KgError(
                f"{error}; the place where the earlier run ended may be gone: --restart begins anew"
            ) from error
        raise Interrupted(checkpoint.works, error) from error
    checkpoint.save(client.credits)
    return _finish(root, request, checkpoint)


def forget(review: Review, request: Request) -> None:
    """Delete the works and the position of an interrupted run of a request. Raises KgError."""
    try:
        _checkpoint(review.root, request).discard()
    except OSError as error:
        raise KgError(f"cannot delete {error.filename}: {error.strerror or error}") from error


def _checkpoint(root: Path, request: Request) -> Checkpoint:
    return Checkpoint(root / "records", request.key)


def _run(
    root: Path,
    client: Client,
    request: Request,
    checkpoint: Checkpoint,
    alternatives: Mapping[str, Sequence[str]],
    progress: Progress,
    total: int,
) -> None:
    """Fetch the steps of a request, from the position of the checkpoint, until it is complete."""
    state = checkpoint.state
    recorded = recorded_ids(root) if request.rounds else set()
    while True:
        if request.rounds and state["round"] == 0 and not state["frontier"]:
            start = client.ids_of(request.names)
            state.update(frontier=start, reached=list(start), chased=len(start))
        recorded |= set(state["reached"][: state["chased"]])
        steps = _steps(request, state["frontier"])
        for number in range(state["step"], len(steps)):
            for page, found in _answers(client, steps[number], state["cursor"], alternatives):
                left = None if request.limit is None else request.limit - checkpoint.works
                new = [work for work in page.works if work_id(work) not in recorded]
                if request.rounds:
                    state["reached"] += map(work_id, page.works)
                    state["known"] += len(page.works) - len(new)
                checkpoint.add(new[:left], number, page.cursor, page, found)
                checkpoint.save(client.credits)
                progress(checkpoint.works, max(total, checkpoint.works))
                if request.limit is not None and checkpoint.works >= request.limit:
                    state["complete"] = True
                    return
        if state["round"] + 1 >= request.rounds:
            break
        reached = list(dict.fromkeys(state["reached"]))  # begins with the works that were chased already
        state.update(
            round=state["round"] + 1, step=0, cursor="*", reached=reached, frontier=reached[state["chased"] :],
            chased=len(reached),
        )  # fmt: skip
    state["complete"] = True


def _steps(request: Request, frontier: list[str]) -> list[_Step]:
    """Return the steps of a request, or of one round of citation chasing."""
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
    client: Client, step: _Step, cursor: str, alternatives: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Page, Found]]:
    """Yield each page of a step, and the result of looking up its names."""
    if step.query is not None:
        for page in client.pages(step.query, cursor):
            yield page, Found()
        return
    for found in client.look_up(step.names, alternatives):
        yield Page(found.works, len(found.works), None), found


def _finish(root: Path, request: Request, checkpoint: Checkpoint) -> Fetched:
    state = checkpoint.state
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
            "fetched": checkpoint.works,
            "missing": "; ".join(name.replace(";", "%3B") for name in missing),  # old DOIs hold semicolons
            "credits": state["credits"],
            "file": f"records/{file.name}" if file else None,
        }
        append_search(root, row)

    file = checkpoint.finish(lambda: _free_name(checkpoint.folder, request), log)
    requested = 0 if request.rounds else len(request.names)
    return Fetched(
        file, requested, state["hits"], checkpoint.works, missing, state["gone"], state["twice"], state["known"],
        checkpoint.without_abstract, checkpoint.retracted, state["credits"], state["repeated"],
    )  # fmt: skip


def _free_name(folder: Path, request: Request) -> str:
    """Return a file name that is not taken."""
    what = "citations" if request.rounds else "works" if request.names else request.search or request.query.text()
    stem = request.called or f"openalex-{date.today().isoformat()}-{slug(what)[:40].strip('-')}"
    names: Iterable[str] = (f"{stem}{f'-{number}' if number > 1 else ''}.jsonl.gz" for number in range(1, 10_000))
    return next(name for name in names if not (folder / name).exists())
