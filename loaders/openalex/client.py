"""OpenAlex over HTTP, through pyalex: queries in, pages of works out, every failure an error that says what to do.

pyalex puts queries into addresses and knows the shape of answers. What goes over the wire is done here: its own way has
no time limit, knows one host, drops the headers that say what a call cost, and would sleep for hours when a day's
budget is spent. Prices and limits change several times a year: they are data, not truths.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import pyalex
import requests
import requests.auth

from kg.errors import UsageProblem, counted
from kg.loaders.openalex.failures import (
    KEY,
    LONGEST_WAIT,
    KeyRefused,
    NotFound,
    Pause,
    Unavailable,
    body_of,
    failure_of,
)
from kg.loaders.openalex.names import batches, names_of
from kg.loaders.openalex.query import PER_PAGE, PRICES, Found, Page, Query, Work
from kg.loaders.openalex.works import short_id

#: The environment variable with another address of the API: a mirror, a recorder.
URL = "KG_OPENALEX_URL"
HOST = "https://api.openalex.org"
#: Seconds to wait for a connection, and for the next bytes of an answer.
TIMEOUT = (10.0, 60.0)
#: How often a call is made before giving up, and the first of the seconds between, which double.
TRIES, BACKOFF = 6, 1.0

_CUT = "the answer was cut off or cannot be read"
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.TooManyRedirects,
)


class Client:
    """Asks OpenAlex. ``calls`` and ``credits`` count what was asked and what was charged.

    The key is sent in a header and is part of nothing else.

    ``tell`` is given a sentence before a wait that somebody might wonder about. Raises UsageProblem and KeyRefused for
    an address or a key that cannot be one.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        timeout: tuple[float, float] = TIMEOUT,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.url = (url or os.environ.get(URL) or HOST).rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise UsageProblem(f"what {URL} holds is no address: it starts with https://")
        self.calls = self.credits = 0
        self._sleep, self._now, self._timeout, self._tell = sleep, now, timeout, tell
        self._first: dict[Query, Page] = {}
        self._ids: dict[str, str | None] = {}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "evidence-kg"
        self._session.auth = _Bearer(os.environ.get(KEY, "").strip())

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def count(self, query: Query) -> int:
        """Return how many works a query has. Raises OpenAlexError.

        The first page comes with the number and at the same price: ``pages`` begins with it.
        """
        if query not in self._first:
            self._first[query] = self.page(query)
        return self._first[query].hits

    def page(self, query: Query, cursor: str = "*") -> Page:
        """Return one page of a query; the first has the cursor ``*``. Raises OpenAlexError."""
        params: dict[str, Any] = {"search": query.search} if query.search else {}
        if query.filters:
            params["filter"] = {name: v[0] if len(v) == 1 else v for name, v in query.grouped().items()}
        if query.corpus:
            params["corpus"] = query.corpus
        answer = Works(self, params).get(per_page=PER_PAGE, cursor=cursor)  # a new one each time: they change in use
        if not isinstance(answer, list):
            raise Unavailable("OpenAlex answers a query with something else than a list")
        meta = getattr(answer, "meta", None) or {}
        following, hits = meta.get("next_cursor"), meta.get("count")
        # Until 2026 a short last page still had a cursor, and an empty page behind it.
        more = bool(answer) and isinstance(following, str)
        return Page(list(answer), hits if isinstance(hits, int) else 0, following if more else None)

    def pages(self, query: Query, cursor: str | None = "*") -> Iterator[Page]:
        """Yield the pages of a query from a cursor on; a cursor that comes again ends them. Raises OpenAlexError."""
        seen: set[str] = set()
        while cursor is not None:
            seen.add(cursor)
            page = (self._first.pop(query, None) if cursor == "*" else None) or self.page(query, cursor)
            cursor = page.cursor
            if cursor in seen:
                page, cursor = Page(page.works, page.hits, None, repeated=True), None
            yield page

    def one(self, name: str) -> Work:
        """Return one work by ``W…``, ``doi:…``, ``pmid:…`` or ``mag:…``; it is free. Raises NotFound, OpenAlexError."""
        path = f"https://doi.org/{name[4:]}" if name.startswith("doi:") else name
        answer = Works(self, path)[path]
        if not isinstance(answer, dict):
            raise Unavailable("OpenAlex answers with a list where one work was asked for")
        return answer

    def look_up(self, names: Iterable[str], known: Mapping[str, Iterable[str]] | None = None) -> Iterator[Found]:
        """Yield what there is of works by ``W…``, ``doi:…``, ``pmid:…``, a batch at a time.

        Lists leave out, without a word, what they do not find, and what is outside the core of OpenAlex: each name
        that is left out is looked up alone, which is free. A work that is not found by its id may have been merged;
        then it is looked for by the further names that ``known`` gives for it (its DOI, its location ids). Raises
        OpenAlexError; what was not yielded is not checked.
        """
        for batch in batches(dict.fromkeys(names)):
            found = Found()
            if len(batch) > 1:
                name = "doi" if batch[0].startswith("doi:") else "openalex"
                values = "|".join(value.removeprefix("doi:") for value in batch)
                found.works += [w for page in self.pages(Query(filters=((name, values),))) for w in page.works]
            have = {name for work in found.works for name in names_of(work)}
            for value in batch:
                if value not in have:
                    self._search_for(value, (known or {}).get(value, ()), found)
            yield found

    def ids_of(self, names: Iterable[str]) -> list[str]:
        """Return the OpenAlex ids that names stand for, those that are ids already without asking."""
        listed = list(dict.fromkeys(names))
        unknown = [name for name in listed if not name.startswith("W") and name not in self._ids]
        for found in self.look_up(unknown):
            self._ids.update({name: short_id(work.get("id"), "W") for work in found.works for name in names_of(work)})
        ids = (name if name.startswith("W") else self._ids.get(name) for name in listed)
        return list(dict.fromkeys(id_ for id_ in ids if id_))

    def topics(self, text: str) -> list[tuple[str, str]]:
        """Return the ids and names of the ten topics that fit words best. Costs a search. Raises OpenAlexError."""
        listed = Topics(self, {"search": text}).get(per_page=10)
        return [(short_id(topic["id"], "T") or "", str(topic.get("display_name") or "")) for topic in listed]

    def _search_for(self, name: str, further: Iterable[str], found: Found) -> None:
        """Look for a work by its name, then by what else is known of it: add it, or say that it is missing or gone."""
        kinds = ("doi:", "pmid:", "mag:")
        others = [other for other in dict.fromkeys(further) if other.startswith(kinds) and other != name]
        for other in (name, *others):
            try:
                work = self.one(other)
            except NotFound:
                continue
            id_ = short_id(work.get("id"), "W")
            found.works.append(work)
            if name.startswith("W") and id_ != name:
                found.gone[name] = f"now {id_}" + (f", found by {other}" if other != name else "")
            return
        if name.startswith("W") and others:
            found.gone[name] = "deleted: not found by " + ", ".join(others)
        found.missing.append(name)

    def answer(self, url: str) -> Any:
        """Return the JSON at an address of the API. Raises OpenAlexError."""
        parts = urlsplit(url)
        address = f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        self.calls += 1
        for attempt in range(TRIES):
            try:
                return self._ask(address)
            except Pause as pause:
                wait, why = min(max(pause.seconds, BACKOFF * 2**attempt), LONGEST_WAIT), pause.why
            if attempt + 1 < TRIES:
                if wait >= 8:
                    self._tell(f"waiting {wait:.0f} seconds for OpenAlex: {why}")
                self._sleep(wait)
        raise Unavailable(f"OpenAlex does not answer: {why} ({counted(TRIES, 'try', 'tries')})")

    def _ask(self, address: str) -> Any:
        """Return the JSON at an address. Raises Pause where it may be there later, or OpenAlexError.

        Nothing is raised from what requests raises: that holds the request, and with it the key.
        """
        try:
            response = self._session.get(address, timeout=self._timeout, stream=True)
            body = body_of(response.iter_content(1 << 16))
        except requests.Timeout:
            raise Pause(0, f"no answer within {self._timeout[1]:.0f} seconds") from None
        except requests.ConnectionError as error:
            refused = "refused" in str(error).casefold()
            raise Pause(0, "the connection is refused" if refused else "the connection failed") from None
        except _NO_ADDRESS:
            raise Unavailable(f"there is no OpenAlex at the address in {URL}") from None
        except requests.RequestException:
            raise Pause(0, _CUT) from None
        if response.status_code != 200:
            self._charge(response, None)
            raise failure_of(response.status_code, response.reason or "", response.headers, body, self._now())
        try:
            found = json.loads(body)
        except ValueError:
            raise Pause(0, _CUT) from None
        self._charge(response, found)
        return found

    def _charge(self, response: requests.Response, found: Any) -> None:
        """Count what a call cost: what its header says, else what its body says, else what the price list says."""
        used = response.headers.get("X-RateLimit-Credits-Used", "")
        meta = found.get("meta") if isinstance(found, dict) else None
        cost = meta.get("cost_usd") if isinstance(meta, dict) else None
        if used.isascii() and used.isdigit():
            self.credits += int(used)
        elif isinstance(cost, int | float):
            self.credits += round(cost * 10_000)
        elif isinstance(meta, dict):
            self.credits += PRICES["search" if "search" in urlsplit(response.url).query else "list"]


class _Bearer(requests.auth.AuthBase):
    """Sends the key, or none; as authentication, so that no ``.netrc`` puts another login in its place."""

    def __init__(self, key: str) -> None:
        if not key.isascii() or not key.isprintable() or " " in key:
            raise KeyRefused(f"what {KEY} holds is no key: keys have neither spaces nor letters beyond ASCII")
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Works(pyalex.Works):  # type: ignore[misc]
    """pyalex's query of works, asked through a client; its name is the path in the address."""

    def __init__(self, client: Client, params: dict[str, Any] | str) -> None:
        super().__init__(params)
        self._client = client

    def _get_from_url(self, url: str, session: object = None) -> Any:
        return _entities(self._client.answer(url), "W")


class Topics(pyalex.Topics):  # type: ignore[misc]
    """pyalex's query of topics, likewise."""

    def __init__(self, client: Client, params: dict[str, Any] | str) -> None:
        super().__init__(params)
        self._client = client

    def _get_from_url(self, url: str, session: object = None) -> Any:
        return _entities(self._client.answer(url), "T")


def _entities(found: Any, letter: str) -> Any:
    """Return an answer as pyalex has it: one entity, or a list with ``meta``. Raises Unavailable for anything else."""

    def is_one(value: object) -> bool:
        return isinstance(value, dict) and short_id(value.get("id"), letter) is not None

    if is_one(found):
        return found
    listed = found.get("results") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(map(is_one, listed)):
        raise Unavailable("OpenAlex answers in a form that is not known")
    meta = found.get("meta")
    return pyalex.api.OpenAlexResponseList(listed, meta if isinstance(meta, dict) else {}, dict)
