"""Bring works of OpenAlex into a review folder: by search, by identifier, by chasing citations; and log the search.

While it runs, what has come is kept in hidden files beside the records, with the place where to go on. The same request,
made again, goes on from there; when it is complete the file takes its name and the search its row in the log.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from kg.errors import KgError, UsageProblem
from kg.files import RECORDS
from kg.ids import slug
from kg.loaders.openalex import MOST_VALUES, PRICES, Client, Found, Query, batches, name_of
from kg.loaders.workfiles import dump_work, iter_works
from kg.loaders.works import has_abstract, record_of, short_id
from kg.problems import Problem
from kg.review import Review
from kg.searchlog import append_search

Work: TypeAlias = dict[str, Any]
#: Is told how many works there are and how many there will be.
Progress: TypeAlias = Callable[[int, int], None]

_PLATFORM = "OpenAlex API"


@dataclass(frozen=True)
class Request:
    """What to bring: the works of a query, or works by name (``W…``, ``doi:…``, ``pmid:…``).

    ``rounds`` of citation chasing start from the works that the names stand for: what cites them and what they cite.
    ``fresh`` looks up again what the folder has already. ``limit`` is the most works to bring.
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
            return f"{self.rounds} rounds of citations from {'|'.join(self.names)}"
        return "|".join(self.names) or self.search or ""

    @property
    def key(self) -> str:
        """What tells this request from others."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Plan:
    """What a request will bring and cost: works (at least, where ``at_least``), calls and credits.

    ``done`` works are there from an earlier run that was interrupted.
    """

    works: int
    calls: int
    credits: int
    at_least: bool = False
    done: int = 0


@dataclass
class Fetched:
    """What a request brought. ``twice`` counts works that came again; ``gone`` says what became of works by name."""

    file: Path | None
    hits: int
    works: int
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    twice: int = 0
    without_abstract: int = 0
    retracted: int = 0
    credits: int = 0


class Interrupted(KgError):
    """The fetch ended before it was complete; ``works`` are kept, and the same request goes on from there."""

    def __init__(self, works: int, cause: KgError) -> None:
        self.works, self.cause = works, cause
        super().__init__(f"{cause}; {works:,} works are kept, and the same command goes on from there")


def included_names(review: Review) -> dict[str, str]:
    """Return name -> key of the included studies that have an OpenAlex id or a DOI. Raises BadInput."""
    found: dict[str, str] = {}
    for study in review.load().evidence.studies:
        name = study.id.removeprefix("openalex:") if study.id.startswith("openalex:") else f"doi:{study.doi}"
        if study.doi or name.startswith("W"):
            found[name] = study.key
    return found


def missing_names(review: Review) -> tuple[list[str], list[str]]:
    """Return the names of included studies that no record reports, and the keys of those that have no name to ask for.

    A record of another database does not count: it does not say what OpenAlex knows. Raises BadInput.
    """
    loaded = review.load()
    records = loaded.library.resolution.of_studies(loaded.evidence.studies)
    names, nameless = [], []
    for study in loaded.evidence.studies:
        if any(record.openalex for record in records.get(study.id, ())):
            continue
        pmid = next((record.pmid for record in records.get(study.id, ()) if record.pmid), None)
        if study.id.startswith("openalex:"):
            names.append(study.id.removeprefix("openalex:"))
        elif study.doi or pmid:
            names.append(f"doi:{study.doi}" if study.doi else f"pmid:{pmid}")
        else:
            nameless.append(study.key)
    return names, nameless


def recorded_names(review: Review) -> list[str]:
    """Return the OpenAlex ids of the records of included studies, to look them up again. Raises BadInput."""
    loaded = review.load()
    records = loaded.library.resolution.of_studies(loaded.evidence.studies)
    return sorted({record.openalex for listed in records.values() for record in listed if record.openalex})


def read_names(path: Path) -> list[str]:
    """Return the identifiers in a file: one a line, or in the first column of a CSV that holds some.

    Raises UsageProblem naming every line that is none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        ) from error
    names, wrong = [], []
    for number, line in enumerate(lines, start=1):
        text = line.strip().strip('"')
        if (
            not text
            or text.startswith("#")
            or (number == 1 and text.casefold() in ("doi", "dois", "id", "openalex", "pmid"))
        ):
            continue
        name = name_of(text)
        if name is None:
            wrong.append(f"line {number}: {text[:60]!r}")
        else:
            names.append(name)
    if wrong:
        raise UsageProblem(f"{path}: no DOI, OpenAlex id or pmid:… in {'; '.join(wrong[:5])}" + _more(len(wrong) - 5))
    return list(dict.fromkeys(names))


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""


def plan(review: Review, client: Client, request: Request) -> Plan:
    """Return what a request will bring and cost, for the price of asking how many there are. Raises OpenAlexError."""
    part = _Part(review.root, request)
    if request.names and not request.rounds:
        listed = list(batches(request.names))
        calls = [PRICES["one" if len(batch) == 1 else "list"] for batch in listed]
        return Plan(len(request.names), len(calls), sum(calls), done=part.works)
    queries = [request.query]
    if request.rounds:
        ids = [name for name in _ids(client, request.names) if name]
        queries = [step.query for step in _chase(ids) if step.query]
    works = [client.count(query) for query in queries]
    wanted = [min(count, request.limit) if request.limit else count for count in works]
    calls = [-(-count // MOST_VALUES) or 1 for count in wanted]
    spent = sum(number * query.price for number, query in zip(calls, queries, strict=True))
    return Plan(sum(wanted), sum(calls), spent, request.rounds > 0, part.works)


def fetch(review: Review, client: Client, request: Request, progress: Progress, total: int = 0) -> Fetched:
    """Bring what a request asks for, from where an earlier run of it ended. Raises Interrupted and KgError.

    ``total`` is how many works are expected, for ``progress``.
    """
    part = _Part(review.root, request)
    try:
        if not part.state["complete"]:
            known = _further_names(review.root) if any(name.startswith("W") for name in request.names) else {}
            _run(review.root, client, request, part, known, progress, total)
    except (KgError, KeyboardInterrupt) as error:
        part.keep(client)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Interrupted(part.works, error) from error
    return part.finish(client)


@dataclass(frozen=True)
class _Step:
    """One query to page through, or names to look up."""

    query: Query | None = None
    names: tuple[str, ...] = ()


def _run(
    root: Path,
    client: Client,
    request: Request,
    part: _Part,
    known: Mapping[str, Sequence[str]],
    progress: Progress,
    total: int,
) -> None:
    state = part.state
    have = _ids_in(root) if request.rounds else set()
    while True:
        if request.rounds and state["round"] == 0 and not state["frontier"]:
            state["frontier"] = _ids(client, request.names)
            state.update(reached=list(state["frontier"]), chased=len(state["frontier"]))
        have |= set(state["reached"][: state["chased"]])
        steps = _steps(request, state["frontier"])
        for number in range(state["step"], len(steps)):
            step = steps[number]
            for works, cursor, hits, found in _answers(client, step, state["cursor"], known):
                left = None if request.limit is None else request.limit - part.works
                if request.rounds:
                    state["reached"] += map(_id, works)
                part.add([work for work in works if _id(work) not in have][:left], number, cursor, hits, found)
                part.keep(client)
                progress(part.works, max(total, part.works))
                if request.limit is not None and part.works >= request.limit:
                    state["complete"] = True
                    return
            state["step"], state["cursor"] = number + 1, "*"
        state["round"] += 1
        if state["round"] >= request.rounds:
            break
        reached = list(dict.fromkeys(state["reached"]))  # the first of them are those that were chased already
        state.update(step=0, cursor="*", frontier=reached[state["chased"] :], chased=len(reached), reached=reached)
    state["complete"] = True


def _steps(request: Request, frontier: list[str]) -> list[_Step]:
    if request.rounds:
        return list(_chase(frontier))
    if request.names:
        return [_Step(names=tuple(batch)) for batch in batches(request.names)]
    return [_Step(request.query)]


def _chase(ids: Iterable[str]) -> Iterator[_Step]:
    """Yield the queries for the works that cite some works, and for those that these cite."""
    for batch in batches(ids):
        for name in ("cites", "cited_by"):
            yield _Step(Query(filters=((name, "|".join(batch)),)))


def _answers(
    client: Client, step: _Step, cursor: str, known: Mapping[str, Sequence[str]]
) -> Iterator[tuple[list[Work], str, int, Found]]:
    """Yield works, where to go on, how many there are in all, and what was not found."""
    if step.query is not None:
        for page in client.pages(step.query, cursor):
            yield page.works, page.cursor or "", page.hits, Found()
        return
    for found in client.look_up(step.names, known):
        yield found.works, "", len(found.works), found


def _ids(client: Client, names: Iterable[str]) -> list[str]:
    """Return the OpenAlex ids that names stand for, those that are ids already without asking."""
    listed = list(names)
    ids = [name for name in listed if name.startswith("W")]
    for found in client.look_up(name for name in listed if not name.startswith("W")):
        ids += [_id(work) for work in found.works]
    return list(dict.fromkeys(ids))


def _id(work: Work) -> str:
    return short_id(work.get("id"), "W") or ""


def _record_files(root: Path) -> Iterator[tuple[Path, str]]:
    folder = root / "records"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.lower().endswith(RECORDS["records"]) and not path.name.startswith("."):
            yield path, f"records/{path.name}"


def _ids_in(root: Path) -> set[str]:
    """Return the OpenAlex ids of all works in ``records/``."""
    return {
        _id(work) for path, name in _record_files(root) for _, work in iter_works(path, name) if isinstance(work, dict)
    }


def _further_names(root: Path) -> dict[str, list[str]]:
    """Return OpenAlex id -> the DOI and locations of its work in ``records/``, by which a merged work is found again."""
    found = {}
    for path, name in _record_files(root):
        for _, work in iter_works(path, name):
            record = None if isinstance(work, Problem) else record_of(work)
            if record is not None and record.openalex:
                found[record.openalex] = [*([f"doi:{record.doi}"] if record.doi else []), *record.locations]
    return found


class _Part:
    """What an unfinished request has brought: a file of works and the state from which to go on, both hidden."""

    def __init__(self, root: Path, request: Request) -> None:
        self.root, self.request = root, request
        self.folder = root / "records"
        self.file = self.folder / f".fetch-{request.key}.jsonl.gz"
        self.stated = self.folder / f".fetch-{request.key}.json"
        self.state: dict[str, Any] = {
            "round": 0, "frontier": [], "step": 0, "cursor": "*", "offset": 0, "reached": [], "chased": 0, "hits": 0, "twice": 0,
            "credits": 0, "missing": [], "gone": {}, "complete": False, "name": None,
        }  # fmt: skip
        self.seen: dict[str, None] = {}
        self.without_abstract = self.retracted = 0
        self._charged = 0
        try:
            if self.stated.is_file():
                self.state |= json.loads(self.stated.read_text(encoding="utf-8"))
            if self.file.is_file():
                with self.file.open("r+b") as file:  # a page that was cut off by the end of the process goes
                    file.truncate(self.state["offset"])
                for _, work in iter_works(self.file, self.file.name):
                    if isinstance(work, dict):
                        self._count(work)
        except (OSError, ValueError) as error:
            raise KgError(f"cannot go on from {self.stated}: {error}; delete the hidden files to begin anew") from error

    @property
    def works(self) -> int:
        """How many works there are."""
        return len(self.seen)

    def add(self, works: Iterable[Work], step: int, cursor: str, hits: int, found: Found) -> None:
        """Append one page, and move on."""
        fresh = []
        for work in works:
            if _id(work) in self.seen:
                self.state["twice"] += 1
            else:
                fresh.append(work)
                self._count(work)
        try:
            if fresh:
                self.folder.mkdir(exist_ok=True)
                with self.file.open("ab") as file:
                    file.write(gzip.compress(b"".join(map(dump_work, fresh)), mtime=0))
                    self.state["offset"] = file.tell()
        except OSError as error:
            raise KgError(f"cannot write {self.file}: {error.strerror or error}") from error
        new = self.state["step"] != step or self.state["cursor"] == "*"
        self.state["hits"] += hits if new else 0
        self.state["missing"] += found.missing
        self.state["gone"] |= found.gone
        self.state.update(step=step, cursor=cursor) if cursor else self.state.update(step=step + 1, cursor="*")

    def _count(self, work: Work) -> None:
        self.seen[_id(work)] = None
        self.without_abstract += not has_abstract(work)
        self.retracted += work.get("is_retracted") is True

    def keep(self, client: Client) -> None:
        """Write down where to go on."""
        self.state["credits"] += client.credits - self._charged
        self._charged = client.credits
        try:
            self.folder.mkdir(exist_ok=True)
            part = self.stated.with_name(f"{self.stated.name}.part")
            part.write_text(json.dumps(self.state), encoding="utf-8")
            part.replace(self.stated)
        except OSError as error:
            raise KgError(f"cannot write {self.stated}: {error.strerror or error}") from error

    def finish(self, client: Client) -> Fetched:
        """Give the file its name and the search its row. Whatever of this an earlier run did is not done again."""
        state, request = self.state, self.request
        if state["name"] is None:
            state["name"] = _free_name(self.folder, request) if self.works else ""
        self.keep(client)
        file = self.folder / state["name"] if state["name"] else None
        requested = [name for name in request.names if name not in state["missing"]] if not request.rounds else []
        done = Fetched(
            file, len(request.names) if requested and not request.rounds else state["hits"], self.works,
            list(dict.fromkeys(state["missing"])), state["gone"], state["twice"], self.without_abstract, self.retracted,
            state["credits"],
        )  # fmt: skip
        try:
            if file is not None and self.file.is_file():
                self.file.replace(file)
            append_search(
                self.root,
                {
                    "date": date.today().isoformat(),
                    "source": "OpenAlex",
                    "platform": _PLATFORM,
                    "query": request.text(),
                    "filters": request.query.text(),
                    "hits": done.hits,
                    "corpus": request.corpus,
                    "fetched": done.works,
                    "missing": "; ".join(done.missing),
                    "credits": done.credits,
                    "file": f"records/{file.name}" if file else None,
                },
            )
            self.stated.unlink(missing_ok=True)
        except OSError as error:
            raise KgError(f"cannot finish {self.file}: {error.strerror or error}") from error
        return done


def _free_name(folder: Path, request: Request) -> str:
    """Return a name for the file that is not taken."""
    what = request.called or slug(
        request.search or request.query.text() or ("citations" if request.rounds else "works")
    )
    stem = what if request.called else f"openalex-{date.today().isoformat()}-{what[:40].strip('-')}"
    names = (f"{stem}{f'-{number}' if number > 1 else ''}.jsonl.gz" for number in range(1, 10_000))
    return next(name for name in names if not (folder / name).exists())
