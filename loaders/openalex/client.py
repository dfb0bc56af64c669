"""OpenAlex over HTTP, through pyalex: queries in, pages of works out; every failure is an error with its remedy.

pyalex builds the URLs of queries and parses responses. The requests themselves are made here, because those of pyalex
have no timeout, go to one fixed host, drop the headers with the cost of a call, and would sleep for hours when the
budget of the day is spent. Prices and limits change several times a year, so they are in one place, ``costs.py``.
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
from kg.loaders.openalex.costs import Costs
from kg.loaders.openalex.failures import (
    KEY,
    LONGEST_WAIT,
    KeyRefused,
    NotFound,
    RetryLater,
    Unavailable,
    error_of_response,
    read_body,
)
from kg.loaders.openalex.names import batches, names_of
from kg.loaders.openalex.query import PER_PAGE, Found, Page, Query, Work
from kg.loaders.openalex.works import short_id

#: The environment variable that overrides the address of the API, for a mirror or a recording proxy.
URL = "KG_OPENALEX_URL"
HOST = "https://api.openalex.org"
#: Seconds to wait for a connection, and for the next bytes of a response.
TIMEOUT = (10.0, 60.0)
#: How often a call is tried, and the seconds after the first try, which double after each further one.
TRIES, BACKOFF = 6, 1.0

_INCOMPLETE = "the answer was cut off or cannot be read"
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.TooManyRedirects,
)


class Client:
    """A client of OpenAlex. ``calls`` counts the calls, ``credits`` what they cost.

    The key is sent in a header and appears nowhere else. ``tell`` is called with a message before a long wait. A call
    that could cost more than what is left of ``budget``, in credits, is not made: it raises BudgetReached. Raises
    UsageProblem for an invalid address and KeyRefused for an invalid key.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        timeout: tuple[float, float] = TIMEOUT,
        tell: Callable[[str], None] = lambda _: None,
        budget: int | None = None,
    ) -> None:
        self.url = (url or os.environ.get(URL) or HOST).rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise UsageProblem(f"what {URL} holds is no address: it starts with https://")
        self.calls, self.costs = 0, Costs(budget)
        self._sleep, self._now, self._timeout, self._tell = sleep, now, timeout, tell
        self._first_pages: dict[Query, Page] = {}
        self._ids: dict[str, str | None] = {}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "evidence-kg"
        self._session.auth = _Bearer(os.environ.get(KEY, "").strip())

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    @property
    def credits(self) -> int:
        """The credits that the calls have cost."""
        return self.costs.credits

    def count(self, query: Query) -> int:
        """Return the number of works that match a query. Raises OpenAlexError.

        OpenAlex sends the number with the first page at no extra cost; ``pages`` uses that page.
        """
        if query not in self._first_pages:
            self._first_pages[query] = self.page(query)
        return self._first_pages[query].hits

    def page(self, query: Query, cursor: str = "*") -> Page:
        """Return one page of a query; the cursor of the first page is ``*``. Raises OpenAlexError."""
        params: dict[str, Any] = {"search": query.search} if query.search else {}
        if query.filters:
            params["filter"] = {name: v[0] if len(v) == 1 else v for name, v in query.grouped().items()}
        if query.corpus:
            params["corpus"] = query.corpus
        # Each call needs a new Works object, because pyalex changes it.
        response = Works(self, params).get(per_page=PER_PAGE, cursor=cursor)
        if not isinstance(response, list):
            raise Unavailable("OpenAlex answers a query with something else than a list")
        meta = getattr(response, "meta", None) or {}
        following, hits = meta.get("next_cursor"), meta.get("count")
        # Until 2026 the last page had a cursor as well, which led to an empty page.
        more = bool(response) and isinstance(following, str)
        return Page(list(response), hits if isinstance(hits, int) else 0, following if more else None)

    def pages(self, query: Query, cursor: str | None = "*") -> Iterator[Page]:
        """Yield the pages of a query from a cursor on, until a cursor is repeated. Raises OpenAlexError."""
        seen: set[str] = set()
        while cursor is not None:
            seen.add(cursor)
            page = (self._first_pages.pop(query, None) if cursor == "*" else None) or self.page(query, cursor)
            cursor = page.cursor
            if cursor in seen:
                page, cursor = Page(page.works, page.hits, None, repeated=True), None
            yield page

    def one(self, name: str) -> Work:
        """Return one work by ``W…``, ``doi:…``, ``pmid:…`` or ``mag:…``, at no cost. Raises NotFound, OpenAlexError."""
        path = f"https://doi.org/{name[4:]}" if name.startswith("doi:") else name
        response = Works(self, path)[path]
        if not isinstance(response, dict):
            raise Unavailable("OpenAlex answers with a list where one work was asked for")
        return response

    def look_up(self, names: Iterable[str], known: Mapping[str, Iterable[str]] | None = None) -> Iterator[Found]:
        """Yield the results of looking up works by ``W…``, ``doi:…`` or ``pmid:…``, one batch at a time.

        A list of OpenAlex silently omits works that do not exist or are outside its core, so each omitted name is
        looked up alone, which is free. A work that is not found by its id may have been merged into another; it is
        then looked up by the other names that ``known`` has for it (its DOI, its location ids). Raises OpenAlexError;
        batches that were not yielded are unchecked.
        """
        for batch in batches(dict.fromkeys(names)):
            found = Found()
            if len(batch) > 1:
                name = "doi" if batch[0].startswith("doi:") else "openalex"
                values = "|".join(value.removeprefix("doi:") for value in batch)
                found.works += [w for page in self.pages(Query(filters=((name, values),))) for w in page.works]
            found_names = {name for work in found.works for name in names_of(work)}
            for value in batch:
                if value not in found_names:
                    self._look_up_alone(value, (known or {}).get(value, ()), found)
            yield found

    def ids_of(self, names: Iterable[str]) -> list[str]:
        """Return the distinct OpenAlex ids of works by name, without unknown ones. An OpenAlex id is not looked up."""
        listed = list(dict.fromkeys(names))
        unknown = [name for name in listed if not name.startswith("W") and name not in self._ids]
        for found in self.look_up(unknown):
            self._ids.update({name: short_id(work.get("id"), "W") for work in found.works for name in names_of(work)})
        ids = (name if name.startswith("W") else self._ids.get(name) for name in listed)
        return list(dict.fromkeys(id_ for id_ in ids if id_))

    def topics(self, text: str) -> list[tuple[str, str]]:
        """Return ids and names of the ten best matching topics, at the price of a search. Raises OpenAlexError."""
        listed = Topics(self, {"search": text}).get(per_page=10)
        return [(short_id(topic["id"], "T") or "", str(topic.get("display_name") or "")) for topic in listed]

    def _look_up_alone(self, name: str, known: Iterable[str], found: Found) -> None:
        """Look up a work by its name, then by the other ``known`` names; add the result to ``found``."""
        kinds = ("doi:", "pmid:", "mag:")
        others = [other for other in dict.fromkeys(known) if other.startswith(kinds) and other != name]
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

    def get(self, url: str) -> Any:
        """Return the JSON at a URL of the API; failures that pass are retried. Raises OpenAlexError."""
        parts = urlsplit(url)
        address = f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        self.calls += 1
        for attempt in range(TRIES):
            self.costs.check(url)
            try:
                return self._try_get(url, address)
            except RetryLater as retry:
                wait, why = min(max(retry.seconds, BACKOFF * 2**attempt), LONGEST_WAIT), retry.why
            if attempt + 1 < TRIES:
                if wait >= 8:
                    self._tell(f"waiting {wait:.0f} seconds for OpenAlex: {why}")
                self._sleep(wait)
        raise Unavailable(f"OpenAlex does not answer: {why} ({counted(TRIES, 'try', 'tries')})")

    def _try_get(self, url: str, address: str) -> Any:
        """Return the JSON at an address. Raises RetryLater for a failure that may pass, else OpenAlexError.

        Exceptions of requests are not chained, because they hold the request and with it the key.
        """
        try:
            response = self._session.get(address, timeout=self._timeout, stream=True)
            is_charged = self.costs.charge(url, response.headers, ok=response.status_code == 200)
            body = read_body(response.iter_content(1 << 16))
        except requests.Timeout:
            raise RetryLater(0, f"no answer within {self._timeout[1]:.0f} seconds") from None
        except requests.ConnectionError as error:
            refused = "refused" in str(error).casefold()
            raise RetryLater(0, "the connection is refused" if refused else "the connection failed") from None
        except _BAD_ADDRESS:
            raise Unavailable(f"there is no OpenAlex at the address in {URL}") from None
        except requests.RequestException:
            raise RetryLater(0, _INCOMPLETE) from None
        if response.status_code != 200:
            raise error_of_response(response.status_code, response.reason or "", response.headers, body, self._now())
        try:
            found = json.loads(body)
        except ValueError:
            raise RetryLater(0, _INCOMPLETE) from None
        if not is_charged:
            self.costs.estimate(url, found)
        return found


class _Bearer(requests.auth.AuthBase):
    """Sends the key, if there is one, as authentication: requests would otherwise send a login from ``.netrc``."""

    def __init__(self, key: str) -> None:
        if not key.isascii() or not key.isprintable() or " " in key:
            raise KeyRefused(f"what {KEY} holds is no key: keys have neither spaces nor letters beyond ASCII")
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Works(pyalex.Works):  # type: ignore[misc]
    """A pyalex query of works that is sent through a client. pyalex uses the name of the class as the path."""

    def __init__(self, client: Client, params: dict[str, Any] | str) -> None:
        super().__init__(params)
        self._client = client

    def _get_from_url(self, url: str, session: object = None) -> Any:
        return _entities(self._client.get(url), "W")


class Topics(pyalex.Topics):  # type: ignore[misc]
    """A pyalex query of topics that is sent through a client."""

    def __init__(self, client: Client, params: dict[str, Any] | str) -> None:
        super().__init__(params)
        self._client = client

    def _get_from_url(self, url: str, session: object = None) -> Any:
        return _entities(self._client.get(url), "T")


def _entities(found: Any, letter: str) -> Any:
    """Return a response as pyalex represents it: one entity, or a list with ``meta``. Raises Unavailable."""

    def is_one(value: object) -> bool:
        return isinstance(value, dict) and short_id(value.get("id"), letter) is not None

    if is_one(found):
        return found
    listed = found.get("results") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(map(is_one, listed)):
        raise Unavailable("OpenAlex answers in a form that is not known")
    meta = found.get("meta")
    return pyalex.api.OpenAlexResponseList(listed, meta if isinstance(meta, dict) else {}, dict)
