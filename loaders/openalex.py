"""OpenAlex over HTTP, through pyalex: queries in, pages of works out, every failure an error that says what to do.

pyalex puts queries into addresses and knows the shape of answers. What goes over the wire is done here: its own way has
no time limit, knows one host, drops the headers that say what a call cost, and would sleep for hours when a day's budget
is spent. Prices and limits change several times a year: they are data, not truths.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import pyalex
import requests

from kg.errors import KgError, counted
from kg.ids import normalise_doi
from kg.loaders.works import short_id

Work: TypeAlias = dict[str, Any]

#: Environment variables: the key, and another address of the API (a mirror, a recorder).
KEY, URL = "OPENALEX_API_KEY", "KG_OPENALEX_URL"
HOST = "https://api.openalex.org"
#: Works a page, and values of one filter; both are what the documentation allows.
PER_PAGE = MOST_VALUES = 100
#: Bytes of an address that the service takes (8,190), less what paging adds.
LONGEST = 7500
#: Credits a call, as of August 2026: looking up one work, a list with filters, a list with a search.
PRICES = {"one": 0, "list": 1, "search": 10}
#: Credits a day, as of August 2026: without a key, and with a free one.
BUDGETS = {"without a key": 1_000, "with a free key": 10_000}
#: Seconds to wait for a connection, and for the next bytes of an answer.
TIMEOUT = (10.0, 60.0)
#: How often a call is made before giving up, and the seconds between.
TRIES, BACKOFF, LONGEST_WAIT = 6, 1.0, 90.0

_CUT = "the answer was cut off or cannot be read"


class OpenAlexError(KgError):
    """OpenAlex did not give what was asked for."""


class BudgetSpent(OpenAlexError):
    """The day's credits are used up; ``until`` is when there are new ones, in UTC."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"OpenAlex's budget of today is spent; there is a new one at {until:%Y-%m-%d %H:%M} UTC"
            + ("" if os.environ.get(KEY) else f"; a free key in {KEY} has ten times as much")
        )


class PlanNeeded(OpenAlexError):
    """What was asked for takes a paid plan."""


class KeyRefused(OpenAlexError):
    """The key is not known to OpenAlex."""


class QueryRefused(OpenAlexError):
    """OpenAlex does not understand the query."""


class NotFound(OpenAlexError):
    """There is no such work: it was never there, was deleted, or merged into another."""


class Unavailable(OpenAlexError):
    """OpenAlex does not answer, or not in a way that can be read; what was to be looked up is not checked."""


@dataclass(frozen=True)
class Query:
    """A list of works: ``search`` is full text, ``filters`` are pairs of a name and a value (all have to hold)."""

    search: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    corpus: str | None = None

    @property
    def price(self) -> int:
        """Credits a page."""
        searching = self.search or any(".search" in name for name, _ in self.filters)
        return PRICES["search" if searching else "list"]

    def text(self) -> str:
        """Return the filters as OpenAlex writes them."""
        return ",".join(f"{name}:{value}" for name, value in self.filters)


@dataclass(frozen=True)
class Page:
    """Works, how many there are in all, and where the next page begins (None: this is the last)."""

    works: list[Work]
    hits: int
    cursor: str | None


@dataclass
class Found:
    """What looking up by identifier gave: works, names without one, and names of which the work is gone, with what became
    of it."""

    works: list[Work] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)


class Client:
    """Asks OpenAlex. ``credits`` counts what was charged. The key is sent in a header and is part of nothing else."""

    def __init__(
        self,
        *,
        url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self.url = (url or os.environ.get(URL) or HOST).rstrip("/")
        self.credits = 0
        self._sleep, self._now, self._timeout = sleep, now, timeout
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "evidence-kg"
        if key := os.environ.get(KEY, "").strip():
            self._session.headers["Authorization"] = f"Bearer {key}"

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def count(self, query: Query) -> int:
        """Return how many works a query has. Raises OpenAlexError."""
        return self.page(query, per_page=1).hits

    def page(self, query: Query, cursor: str = "*", *, per_page: int = PER_PAGE) -> Page:
        """Return one page of a query; the first has the cursor ``*``. Raises OpenAlexError."""
        asked = Works(self, _params(query))
        answer = asked.get(per_page=per_page, cursor=cursor)
        if not isinstance(answer, list):
            raise Unavailable("OpenAlex answers a query with something else than a list")
        meta = getattr(answer, "meta", None) or {}
        works = [dict(work) for work in answer if isinstance(work, dict)]
        following = meta.get("next_cursor")
        # Until 2026 a short last page still had a cursor, and an empty page behind it.
        ended = not works or not isinstance(following, str) or following == cursor
        return Page(works, int(meta.get("count") or 0), None if ended else following)

    def pages(self, query: Query, cursor: str | None = "*") -> Iterator[Page]:
        """Yield the pages of a query from a cursor on; a cursor that comes again ends them. Raises OpenAlexError."""
        seen: set[str] = set()
        while cursor is not None and cursor not in seen:
            seen.add(cursor)
            page = self.page(query, cursor)
            cursor = page.cursor
            yield page if cursor not in seen else Page(page.works, page.hits, None)

    def one(self, name: str) -> Work:
        """Return one work by ``W…``, ``doi:…``, ``pmid:…`` or ``mag:…``; that is free. Raises NotFound, OpenAlexError."""
        path = f"https://doi.org/{name[4:]}" if name.startswith("doi:") else name
        answer = Works(self, path)[path]
        return dict(answer)

    def look_up(self, names: Iterable[str], known: Mapping[str, Iterable[str]] | None = None) -> Iterator[Found]:
        """Yield what there is of works by ``W…``, ``doi:…``, ``pmid:…``, a batch at a time.

        A work that is not found by its id may have been merged: then it is looked for by the further names that
        ``known`` gives for it (its DOI, its location ids). Raises OpenAlexError; what was not yielded is not checked.
        """
        for batch in batches(dict.fromkeys(names)):
            found = Found()
            if len(batch) > 1:  # one alone is free
                name = "doi" if batch[0].startswith("doi:") else "openalex"
                values = "|".join(value.removeprefix("doi:") for value in batch)
                found.works += [w for page in self.pages(Query(filters=((name, values),))) for w in page.works]
                have = {name for work in found.works for name in names_of(work)}
                lacking = [value for value in batch if value not in have]
            else:
                lacking = list(batch)
            for value in lacking:
                self._search_for(value, (known or {}).get(value, ()), found)
            yield found

    def _search_for(self, name: str, further: Iterable[str], found: Found) -> None:
        """Look for one work by its name, then by what else is known of it; add it, or say that it is missing or gone."""
        kinds = ("doi:", "pmid:", "mag:")
        others = [other for other in dict.fromkeys(further) if other.startswith(kinds) and other != name]
        for other in (name, *others):
            try:
                work = self.one(other)
            except NotFound:
                continue
            found.works.append(work)
            if other != name:
                found.gone[name] = f"now {short_id(work.get('id'), 'W') or 'another work'}, found by {other}"
            return
        if name.startswith("W") and others:
            found.gone[name] = "deleted: not found by " + ", ".join(others)
        found.missing.append(name)

    def answer(self, url: str) -> Any:
        """Return the JSON at an address of the API. Raises OpenAlexError."""
        parts = urlsplit(url)
        address = f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        failure = ""
        for attempt in range(TRIES):
            wait = BACKOFF * 2**attempt
            try:
                response = self._session.get(address, timeout=self._timeout)
            except requests.Timeout:
                failure = f"no answer within {self._timeout[1]:.0f} seconds"
            except requests.ConnectionError as error:
                refused = "refused" in str(error).casefold()
                failure = "the connection is refused" if refused else "the connection failed"
            except requests.RequestException:
                failure = _CUT
            else:
                status = response.status_code
                if status == 200:
                    try:
                        found = response.json()
                    except ValueError:
                        failure = _CUT
                    else:
                        self._charge(response, found)
                        return found
                elif status == 429:
                    wait, failure = self._too_many(response), "it asks to slow down, again and again"
                elif status >= 500:
                    wait, failure = max(wait, _seconds(response)), f"it answers {status} ({response.reason})"
                else:
                    raise self._refused(response)
            if attempt + 1 < TRIES:
                self._sleep(min(wait, LONGEST_WAIT))
        raise Unavailable(f"OpenAlex does not answer: {failure} ({counted(TRIES, 'try', 'tries')})")

    def _too_many(self, response: requests.Response) -> float:
        """Return how long to wait for the next try. Raises PlanNeeded, BudgetSpent where waiting does not help."""
        said, wait = _said(response), _seconds(response)
        if "plan" in said.casefold() and "upgrade" in said.casefold():
            raise PlanNeeded(f"OpenAlex wants a paid plan for this: {said}")
        body = _body(response)
        remaining = response.headers.get("X-RateLimit-Remaining", body.get("creditsRemaining"))
        required = response.headers.get("X-RateLimit-Credits-Required", body.get("creditsRequired"))
        if wait > LONGEST_WAIT or _less(remaining, required):
            now = self._now()
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise BudgetSpent(now + timedelta(seconds=wait) if wait > LONGEST_WAIT else midnight)
        return max(wait, BACKOFF)

    def _refused(self, response: requests.Response) -> OpenAlexError:
        said = _said(response)
        if response.status_code == 401:
            return KeyRefused(f"OpenAlex does not know the key in {KEY}: correct it, or unset it to go on without one")
        if response.status_code == 404:
            return NotFound("OpenAlex has no such work")
        if response.status_code == 400:
            return QueryRefused(f"OpenAlex refuses the query: {said}")
        return OpenAlexError(f"OpenAlex answers {response.status_code} ({response.reason}): {said}")

    def _charge(self, response: requests.Response, found: Any) -> None:
        used = response.headers.get("X-RateLimit-Credits-Used")
        meta = found.get("meta") if isinstance(found, dict) else None
        cost = meta.get("cost_usd") if isinstance(meta, dict) else None
        if used is not None and used.isdigit():
            self.credits += int(used)
        elif isinstance(cost, int | float):
            self.credits += round(cost * 10_000)
        elif isinstance(meta, dict):
            self.credits += PRICES["search" if "search" in urlsplit(response.url).query else "list"]


class Works(pyalex.Works):  # type: ignore[misc]
    """pyalex's query of works, asked through a client; its name is the path in the address."""

    def __init__(self, client: Client, params: dict[str, Any] | str) -> None:
        super().__init__(params)
        self._client = client

    def _get_from_url(self, url: str, session: object = None) -> Any:
        found = self._client.answer(url)
        if isinstance(found, dict) and isinstance(found.get("results"), list):
            return pyalex.api.OpenAlexResponseList(found["results"], found.get("meta") or {}, dict)
        if isinstance(found, dict) and "id" in found:
            return found
        raise Unavailable("OpenAlex answers in a form that is not known")


def names_of(work: Mapping[str, Any]) -> list[str]:
    """Return what a work may have been asked for by: ``W…``, ``doi:…``, ``pmid:…``."""
    ids = work.get("ids") if isinstance(work.get("ids"), dict) else {}
    doi = normalise_doi(str(work.get("doi") or ""))
    pmid = str((ids or {}).get("pmid") or "").rstrip("/").rpartition("/")[2]
    named = (short_id(work.get("id"), "W"), f"doi:{doi}" if doi else None, f"pmid:{pmid}" if pmid else None)
    return [name for name in named if name]


def name_of(text: str) -> str | None:
    """Return an identifier as ``look_up`` takes it: an OpenAlex id, a DOI or a PMID in any spelling; None for others.

    >>> name_of("https://doi.org/10.1037/PRJ0000222"), name_of("w196"), name_of("pmid: 123")
    ('doi:10.1037/prj0000222', 'W196', 'pmid:123')
    """
    text = text.strip()
    work = short_id(text.removeprefix("openalex:"), "W")
    if work is not None and "doi.org" not in text.lower():
        return work
    lowered = text.lower()
    if lowered.startswith("pmid") and (digits := lowered.removeprefix("pmid").strip(" :")).isdigit():
        return f"pmid:{digits}"
    doi = normalise_doi(text)
    return f"doi:{doi}" if doi else None


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield names of one kind together, as many as one address takes; those that a list would take apart, alone."""
    kinds: dict[str, list[str]] = {"W": [], "doi": []}
    single = []
    for name in names:
        if _alone(name):
            single.append([name])
        else:
            kinds["doi" if name.startswith("doi:") else "W"].append(name)
    for listed in kinds.values():
        batch: list[str] = []
        length = 0
        for name in listed:
            size = len(quote(f"{name.removeprefix('doi:')}|", safe=""))
            if batch and (len(batch) == MOST_VALUES or length + size > LONGEST):
                yield batch
                batch, length = [], 0
            batch.append(name)
            length += size
        if batch:
            yield batch
    yield from single


def _alone(name: str) -> bool:
    """Return whether a name has to be looked up by itself: the service parts lists at commas, encoded or not."""
    return not name.startswith(("W", "doi:")) or any(sign in name for sign in ",|\"'")


def _params(query: Query) -> dict[str, Any]:
    """Return what pyalex makes an address from; values of one filter that is given twice all have to hold."""
    filters: dict[str, Any] = {}
    for name, value in query.filters:
        filters[name] = [*filters[name], value] if name in filters else [value]
    params: dict[str, Any] = {"search": query.search} if query.search else {}
    if filters:
        params["filter"] = {name: values[0] if len(values) == 1 else values for name, values in filters.items()}
    return params | ({"corpus": query.corpus} if query.corpus else {})


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(response: requests.Response) -> str:
    """Return what an answer says went wrong, on one line, without the key, should it be repeated there."""
    body = _body(response)
    parts = [str(body[name]) for name in ("error", "message") if body.get(name)]
    text = ": ".join(parts) or " ".join(response.text.split())
    if "<" in text and not parts:
        text = f"a page of HTML, {counted(len(response.content), 'byte')}"
    key = os.environ.get(KEY, "").strip()
    text = text.replace(key, "…") if key else text
    return text if len(text) <= 300 else text[:299] + "…"


def _seconds(response: requests.Response) -> float:
    """Return what ``Retry-After`` says, 0 where it says nothing."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.replace(".", "", 1).isdigit() else 0.0


def _less(remaining: object, required: object) -> bool:
    try:
        return float(str(remaining)) < float(str(required))
    except ValueError:
        return False
