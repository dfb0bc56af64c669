"""An OpenAlex on loopback: it answers queries from real works, and fails in every way that is known of the real one.

Works are found by ``openalex``, ``doi``, ``cites``, ``cited_by`` and other filters, by a search (every word in the title)
and one by one, page by page with cursors. ``failures`` are answers that come before the proper one, in their order;
``recordings`` are what the real service once answered, and come before what is made up.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

DATA = Path(__file__).parent / "data" / "openalex"
#: The works around two articles on open access: what they cite and what cites them (November 2025).
WORKS = DATA / "snowball.jsonl.gz"
#: What the service answered, November 2025 to May 2026: lists, a single work, refusals.
RECORDINGS = DATA / "http.jsonl.gz"
Work = dict[str, Any]
Failure = Response | Callable[[], Response]


def real_works(path: Path = WORKS) -> list[Work]:
    """The works of a file, as OpenAlex gave them."""
    return [orjson.loads(line) for line in _lines(path)]  # a test may change what it gets


@cache
def _lines(path: Path) -> list[bytes]:
    with gzip.open(path) as lines:
        return list(lines)


def recordings(path: Path = RECORDINGS) -> list[dict[str, Any]]:
    """Exchanges with the real service: url, status, headers, body."""
    return real_works(path)


def recorded(exchange: dict[str, Any]) -> Response:
    """What the service answered."""
    return Response(exchange["body"], exchange["status"], exchange["headers"])


@dataclass
class Replay:
    """What the server has, how it pages, what it does wrong, and what it was asked."""

    works: list[Work]
    url: str = ""
    asked: list[Request] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    most: int = 100
    always_a_cursor: bool = False
    repeat_cursor: bool = False
    shift: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    #: Credits a day, a tenth of it without a key, and credits paid for in advance; ``spent`` of each.
    daily: int = 10_000
    prepaid: int = 0
    spent: list[int] = field(default_factory=lambda: [0, 0])
    #: Answers every request, unless a test puts something else here.
    handle: Callable[[Request], Response] = field(init=False)

    def __post_init__(self) -> None:
        self.handle = self.answer

    def answer(self, request: Request) -> Response:
        """Return the next failure, what was recorded, or what the real service would answer."""
        self.asked.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            return failure if isinstance(failure, Response) else failure()
        path = unquote(request.path)
        for exchange in self.recordings:
            if _asks(request) == _asked(exchange["url"]):
                return recorded(exchange)
        if path not in ("/works", "/topics"):
            return self._charged(request, 0, lambda: self._one(path.removeprefix("/works/")))
        price = 10 if "search" in request.args or ".search:" in request.args.get("filter", "") else 1
        if path == "/topics":
            return self._charged(request, price, lambda: self._topics(request.args["search"].lower()))
        return self._charged(request, price, lambda: self._page(self._found(request), request))

    def _charged(self, request: Request, price: int, answer: Callable[[], Response]) -> Response:
        """Return an answer with the headers of the budget, which pays for it, or the refusal if it cannot.

        The daily budget pays first. After ourresearch/openalex-api-proxy, src/index.ts and rateLimiter.ts, August 2026.
        """
        daily = self.daily if "Authorization" in request.headers else self.daily // 10
        left = [daily - self.spent[0], self.prepaid - self.spent[1]]
        purse = next((number for number in (0, 1) if left[number] >= price), None)
        if purse is None:
            dollars = [float(usd(number)) for number in (price, *left)]
            refused = json_of({
                "error": "Rate limit exceeded",
                "message": f"Insufficient budget. This request costs ${dollars[0]} but you only have ${dollars[1]} "
                "remaining. Resets at midnight UTC. Need more? Add funds at https://openalex.org/pricing",
                "retryAfter": 43_200, "costUsd": dollars[0], "dailyRemainingUsd": dollars[1],
                "prepaidRemainingUsd": dollars[2], "creditsRequired": price, "creditsRemaining": left[0],
                "onetimeCreditsRemaining": left[1],
            }, 429, Retry_After="43200", **_budget(daily, left))  # fmt: skip
            refused.headers["X-RateLimit-Cost-Required-USD"] = usd(price)
            refused.headers["X-RateLimit-Credits-Required"] = str(price)
            return refused
        self.spent[purse] += price
        left[purse] -= price
        made = answer()
        made.headers["X-RateLimit-Credits-Used"] = str(price)
        made.headers["X-RateLimit-Cost-USD"] = usd(price)
        made.headers.update({name.replace("_", "-"): text for name, text in _budget(daily, left).items()})
        return made

    def _topics(self, text: str) -> Response:
        topics = {topic["id"]: topic for work in self.works for topic in work["topics"]}
        found = [topic for topic in topics.values() if text in topic["display_name"].lower()]
        return json_of({"meta": {"count": len(found)}, "results": found[:10]})

    def _one(self, name: str) -> Response:
        if name in self.moved:
            return Response("", 301, headers={"Location": f"/works/{self.moved[name]}"})
        wanted = name.rpartition("doi.org/")[2].lower() if "doi.org/" in name else name
        for work in self.works:
            pmid = (work["ids"].get("pmid") or "").rpartition("/")[2]
            if wanted in (work["id"][21:], (work["doi"] or "")[16:], f"pmid:{pmid}"):
                return json_of(work)
        return Response("<!doctype html><title>404 Not Found</title>", 404, content_type="text/html")

    def _found(self, request: Request) -> list[Work]:
        corpus = request.args.get("corpus", "core")
        found = [w for w in self.works if corpus == "all" or bool(w.get("is_xpac")) == (corpus == "expansion")]
        for clause in filter(None, request.args.get("filter", "").split(",")):
            name, _, value = clause.partition(":")
            values = set(value.split("|"))
            assert len(values) <= 100, "the real service refuses more than 100 values"
            found = [work for work in found if self._fits(work, name, values)]
        words = request.args.get("search", "").lower().split()
        return [work for work in found if all(word in (work["title"] or "").lower() for word in words)]

    def _fits(self, work: Work, name: str, values: set[str]) -> bool:
        if name == "openalex":
            return work["id"][21:] in values
        if name == "doi":
            return (work["doi"] or "")[16:] in values
        if name == "cites":
            return any(reference[21:] in values for reference in work["referenced_works"])
        if name == "cited_by":
            citing = [w for w in self.works if w["id"][21:] in values]
            return any(work["id"] in w["referenced_works"] for w in citing)
        if name in ("from_publication_date", "to_publication_date"):
            return bool((work["publication_date"] >= min(values)) == name.startswith("from"))
        if name == "topics.id":
            return any(topic["id"][21:] in values for topic in work["topics"])
        return str(work.get(name)) in values

    def _page(self, found: list[Work], request: Request) -> Response:
        size = min(int(request.args.get("per-page", 25)), self.most)
        cursor = request.args.get("cursor", "*")
        start = 0 if cursor == "*" else int(base64.b64decode(cursor))
        works = found[max(0, start - self.shift) : start + size] if start else found[:size]
        more = start + size < len(found) or (self.always_a_cursor and works)
        following = base64.b64encode(str(start + size).encode()).decode() if more else None
        if self.repeat_cursor and start:
            following = cursor
        meta = {"count": len(found), "per_page": size, "next_cursor": following}
        return json_of({"meta": meta, "results": works})


def _asks(request: Request) -> tuple[str, ...]:
    args = request.args
    return unquote(request.path), args.get("filter", ""), args.get("search", ""), args.get("cursor", "*")


def _asked(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    args = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return unquote(parts.path), args.get("filter", ""), args.get("search", ""), args.get("cursor", "*")


def usd(credits: int) -> str:
    """Credits in dollars, as the headers have them: 0.9989."""
    return f"{credits / 10_000:g}"


def _budget(daily: int, left: list[int]) -> dict[str, str]:
    """The headers that say what there is for a day and what is left."""
    return {
        "X_RateLimit_Limit": str(daily), "X_RateLimit_Limit_USD": usd(daily), "X_RateLimit_Remaining": str(left[0]),
        "X_RateLimit_Remaining_USD": usd(left[0]), "X_RateLimit_Onetime_Remaining": str(left[1]),
        "X_RateLimit_Prepaid_Remaining_USD": usd(left[1]), "X_RateLimit_Reset": "43200",
    }  # fmt: skip


def json_of(value: object, status: int = 200, **headers: str) -> Response:
    """An answer in JSON."""
    made = Response(json.dumps(value), status, content_type="application/json")
    for name, text in headers.items():
        made.headers[name.replace("_", "-")] = text
    return made


@contextmanager
def served_at_loopback() -> Iterator[HTTPServer]:
    """Run a server on 127.0.0.1 until the end of the block; ``serve`` says what it answers."""
    with HTTPServer(host="127.0.0.1", port=0, threaded=True) as server:
        yield server


def serve(server: HTTPServer, works: Iterable[Work]) -> Replay:
    """Let a server be an OpenAlex that has these works and nothing else."""
    server.clear()
    replay = Replay(list(works), server.url_for("").rstrip("/"))
    server.expect_request(re.compile(".*")).respond_with_handler(lambda request: replay.handle(request))
    return replay


@contextmanager
def replaying(works: Iterable[Work]) -> Iterator[Replay]:
    """Serve works on 127.0.0.1 until the end of the block."""
    with served_at_loopback() as server:
        yield serve(server, works)
