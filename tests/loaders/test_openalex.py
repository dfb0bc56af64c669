"""The client of OpenAlex against a server on loopback: queries, pages and every known failure."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from werkzeug import Request, Response

from kg.errors import KgError, UsageProblem
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.failures import (
    KEY,
    BudgetSpent,
    KeyRefused,
    NotFound,
    OpenAlexError,
    PlanNeeded,
    QueryRefused,
    Unavailable,
)
from kg.loaders.openalex.names import batches, name_of
from kg.loaders.openalex.query import Query
from tests.replay import Replay, json_of, real_works, recorded, recordings

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
OPEN = Query("open")  # eight of the works have it in their title
BOTH = Query(filters=(("openalex", "W3045921891|W3046863325"),))


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def client(served: Replay, slept: list[float], told: list[str]) -> Iterator[Client]:
    with Client(sleep=slept.append, now=lambda: NOON, timeout=(1.0, 0.3), tell=told.append) as made:
        yield made


def params(request: Request) -> dict[str, str]:
    return dict(request.args)


# --- queries ------------------------------------------------------------------------------------------------------


def test_a_query_is_sent_in_the_notation_of_openalex(client: Client, served: Replay) -> None:
    query = Query(
        "peer AND (burnout OR stress)", (("type", "review"), ("type", "!paratext"), ("cites", "W1|W2")), "all"
    )
    client.page(query)
    assert params(served.asked[0]) == {
        "search": "peer AND (burnout OR stress)",
        "filter": "type:review !paratext,cites:W1|W2",  # a plus sign on the wire: both have to hold
        "corpus": "all",
        "per-page": "100",
        "cursor": "*",
    }
    assert served.asked[0].path == "/works"
    assert query.text() == "type:review+!paratext,cites:W1|W2"


def test_every_page_sends_the_same_query(client: Client, served: Replay) -> None:
    served.most = 10
    pages = list(client.pages(Query(filters=(("type", "article"), ("language", "!xx")))))
    assert {request.args["filter"] for request in served.asked} == {"type:article,language:!xx"}
    assert pages == list(client.pages(Query(filters=(("type", "article"), ("language", "!xx")))))


def test_works_are_fetched_page_by_page(client: Client, served: Replay) -> None:
    served.most = 10
    pages = list(client.pages(Query(filters=(("type", "article"),))))
    articles = [work["id"] for work in real_works() if work["type"] == "article"]
    assert [work["id"] for page in pages for work in page.works] == articles
    assert {page.hits for page in pages} == {len(articles)} and len(pages) == -(-len(articles) // 10)


def test_counting_costs_no_more_than_the_first_page(client: Client, served: Replay) -> None:
    assert client.count(OPEN) == client.count(OPEN) == 8
    assert [len(page.works) for page in client.pages(OPEN)] == [8]
    assert (len(served.asked), client.credits) == (1, 10)
    assert len(list(client.pages(OPEN))) == 1 and len(served.asked) == 2, "only once: it may have changed"


def test_credits_are_counted_from_the_header_the_body_or_the_price_list(client: Client, served: Replay) -> None:
    client.page(OPEN)
    client.page(Query())
    client.one("W3046863325")
    assert client.credits == 11
    served.failures = [json_of({"meta": {"count": 0, "cost_usd": 0.001}, "results": []})]
    client.page(OPEN)
    assert client.credits == 21
    served.failures = [json_of({"meta": {"count": 0}, "results": []}) for _ in range(3)]
    client.page(OPEN)
    client.page(Query(filters=(("title.search", "open"),)))
    client.page(Query(filters=(("type", "article"),)))
    assert client.credits == 42
    assert (OPEN.price, Query(filters=(("title.search", "x"),)).price, Query().price) == (10, 10, 1)


def test_a_search_covers_the_core_unless_told(client: Client, served: Replay) -> None:
    """Of August 2026: the works that were added in November 2025 are the expansion, and not part of a search."""
    for work in served.works[:3]:
        work["is_xpac"] = True
    found = {corpus: client.page(Query(corpus=corpus)).hits for corpus in (None, "core", "expansion", "all")}
    assert found == {None: 42, "core": 42, "expansion": 3, "all": 45}
    assert [request.args.get("corpus") for request in served.asked] == [None, "core", "expansion", "all"]


# --- recorded responses -------------------------------------------------------------------------------------------


def test_recorded_pages_end_with_an_empty_one(client: Client, served: Replay) -> None:
    """In November 2025 the last page still had a cursor, and responses did not include their cost."""
    served.works, served.recordings = [], recordings()
    pages = list(client.pages(BOTH))
    assert [[work["id"][21:] for work in page.works] for page in pages] == [["W3046863325", "W3045921891"], []]
    assert [page.hits for page in pages] == [2, 2]
    assert served.asked[1].args["cursor"].startswith("IlsnLUluZmluaXR5"), "the cursor of the page before"
    assert client.credits == 2


def test_a_recorded_work_is_returned_unchanged(client: Client, served: Replay) -> None:
    served.recordings = recordings()
    assert json_of(client.one("W4234567890")).json == json_of(recorded(recordings()[0]).json).json
    assert client.credits == 0


def test_recorded_refusals(client: Client, served: Replay) -> None:
    served.recordings = recordings()
    with pytest.raises(QueryRefused) as refused:
        client.page(Query(filters=(("DOESNTEXIST", "1"),)))
    start = "OpenAlex refuses the query: Invalid query parameters error: DOESNTEXIST is not a valid field. Valid fields"
    assert str(refused.value).startswith(start) and str(refused.value).endswith("…")
    assert client.credits == 1, "a query that is refused is charged"
    served.failures = [recorded(exchange) for exchange in recordings() if exchange["status"] == 401]
    with pytest.raises(KeyRefused):
        client.page(OPEN)


# --- identifiers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("W2741809807", "W2741809807"),
        ("https://openalex.org/w2741809807", "W2741809807"),
        ("https://openalex.org/works/W2741809807", "W2741809807"),
        ("openalex:W1", "W1"),
        ("https://doi.org/10.7717/PEERJ.4375", "doi:10.7717/peerj.4375"),
        ("10.1234/w123", "doi:10.1234/w123"),
        ("doi:10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
         "doi:10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"),
        ("PMID: 29456894", "pmid:29456894"),
        ("https://pubmed.ncbi.nlm.nih.gov/29456894/", "pmid:29456894"),
        ("29456894", None),
        ("pmid:", None),
        ("peer support", None),
    ],
)  # fmt: skip
def test_identifiers_in_any_spelling(written: str, name: str | None) -> None:
    assert name_of(written) == name


def test_batches_fit_the_limits_of_the_service(client: Client, served: Replay) -> None:
    assert [len(batch) for batch in batches(f"W{n}" for n in range(101))] == [100, 1]
    long = [f"doi:10.1234/{'x' * 150}{n}" for n in range(100)]
    assert [len(batch) for batch in batches(long)] == [45, 45, 10]
    for batch in batches(long):
        client.page(Query(filters=(("doi", "|".join(name[4:] for name in batch)),)))
    assert all(len(request.url) < 8190 for request in served.asked)
    commas = ["doi:10.1016/s0140-6736(05)17709-5,x", "doi:10.1/a|b", "W1"]
    assert list(batches(commas)) == [["W1"], [commas[0]], [commas[1]]]


def test_101_ids_need_two_calls(client: Client, served: Replay) -> None:
    served.works = [{**served.works[0], "id": f"https://openalex.org/W9{n:05}"} for n in range(101)]
    found = list(client.look_up(f"W9{n:05}" for n in range(101)))
    assert [request.path for request in served.asked] == ["/works", "/works/W900100"], "one alone is free"
    assert len(served.asked[0].args["filter"].split("|")) == 100
    assert [len(part.works) for part in found] == [100, 1] and client.credits == 1


def test_works_missing_from_a_list_are_looked_up_alone(client: Client, served: Replay) -> None:
    names = [work["id"][21:] for work in real_works()] + [f"W9{n:05}" for n in range(3)]
    (found,) = client.look_up(names)
    assert [request.path for request in served.asked][1:] == [f"/works/W9{n:05}" for n in range(3)]
    assert (len(found.works), found.missing, client.credits) == (45, names[45:], 1)


def test_works_are_matched_by_doi_in_any_spelling(client: Client, served: Replay) -> None:
    served.works[0]["doi"] = "https://doi.org/10.1145/3383583.3398584"
    (found,) = client.look_up(["doi:10.48550/arxiv.2007.14454", "doi:10.1145/3383583.3398584"])
    assert len(found.works) == 2 and found.missing == [] and len(served.asked) == 1


def test_a_doi_with_a_comma_is_looked_up_alone(client: Client, served: Replay) -> None:
    served.works[0]["doi"] = "https://doi.org/10.1234/a,b"
    (found,) = client.look_up(["doi:10.1234/a,b"])
    assert [work["id"] for work in found.works] == [served.works[0]["id"]]
    assert [request.path for request in served.asked] == ["/works/https://doi.org/10.1234/a,b"]
    assert client.credits == 0


def test_a_merged_work_is_looked_up_by_doi_and_location(client: Client, served: Replay) -> None:
    work = served.works[0]
    doi, now = "doi:" + work["doi"][16:], work["id"][21:]
    (found,) = client.look_up(["W1"], {"W1": [doi]})
    assert [w["id"] for w in found.works] == [work["id"]]
    assert (found.gone, found.missing) == ({"W1": f"now {now}, found by {doi}"}, [])
    work["ids"]["pmid"] = "https://pubmed.ncbi.nlm.nih.gov/777"
    (found,) = client.look_up(["W1"], {"W1": ["doi:10.1/gone", "pmh:oai:x", "pmid:777"]})
    assert found.gone == {"W1": f"now {now}, found by pmid:777"}
    (found,) = client.look_up(["W1"], {"W1": ["doi:10.1/gone", "pmid:778"]})
    assert (found.gone, found.missing) == ({"W1": "deleted: not found by doi:10.1/gone, pmid:778"}, ["W1"])
    (found,) = client.look_up(["W1"])
    assert (found.works, found.gone, found.missing) == ([], {}, ["W1"])
    with pytest.raises(NotFound, match=r"^OpenAlex has no such work$"):
        client.one("W1")
    served.moved = {"W1": now}
    (found,) = client.look_up(["W1"])
    assert ([w["id"] for w in found.works], found.gone, found.missing) == ([work["id"]], {"W1": f"now {now}"}, [])


def test_a_failed_look_up_does_not_report_works_as_missing(client: Client, served: Replay) -> None:
    served.failures = [Response("", 503) for _ in range(6)]
    with pytest.raises(Unavailable):
        list(client.look_up(["doi:10.1234/none"]))


def test_ids_are_looked_up_once(client: Client, served: Replay) -> None:
    names = ["doi:10.1145/3383583.3398584", "W1", "doi:10.48550/arxiv.2007.14454", "doi:10.1/none"]
    assert client.ids_of(names) == client.ids_of(names[:3]) == ["W3046863325", "W1", "W3045921891"]
    assert len([request for request in served.asked if request.path == "/works"]) == 1


# --- paging -------------------------------------------------------------------------------------------------------


def test_an_empty_last_page_ends_the_pages(client: Client, served: Replay) -> None:
    served.most, served.always_a_cursor = 20, True
    assert [len(page.works) for page in client.pages(Query())] == [20, 20, 5, 0]


def test_an_empty_page_with_a_cursor_ends_the_pages(client: Client, served: Replay) -> None:
    served.failures = [json_of({"meta": {"count": 9, "next_cursor": "further"}, "results": []})]
    assert [(page.works, page.cursor) for page in client.pages(Query())] == [([], None)]
    assert len(served.asked) == 1


def test_a_repeated_cursor_ends_the_pages_and_is_reported(client: Client, served: Replay) -> None:
    served.most, served.repeat_cursor = 10, True
    assert [(len(p.works), p.cursor is None, p.repeated) for p in client.pages(Query())] == [
        (10, False, False),
        (10, True, True),
    ]


# --- failures -----------------------------------------------------------------------------------------------------


def too_many(wait: int | str, message: str = "slow down", **headers: str) -> Response:
    made = json_of({"error": "Rate limit exceeded", "message": message}, 429, Retry_After=str(wait))
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        ([too_many(1)], [1.0]),
        ([too_many(1, "account is throttled")] * 3, [1.0, 2.0, 4.0]),
        ([too_many(format_datetime(NOON.replace(second=30), usegmt=True))], [30.0]),
        ([too_many("soon")], [1.0]),
        ([too_many(1, X_RateLimit_Remaining="30", X_RateLimit_Credits_Required="10")], [1.0]),
        # This answer says that nothing remains, whatever does.
        ([too_many(1, "Rate limit exceeded: 10 requests per second. Please slow down.", X_RateLimit_Remaining="0",
                   X_RateLimit_Credits_Required="10", X_RateLimit_Remaining_USD="0",
                   X_RateLimit_Cost_Required_USD="0.001")], [1.0]),
        ([Response("bad gateway", 502)], [1.0]),
        ([Response("", 500), Response("", 503, headers={"Retry-After": "60"}), Response("", 504)], [1.0, 60.0, 4.0]),
        ([Response("", 503, headers={"Retry-After": "4000"})], [90.0]),
        ([Response('{"meta": {"count": 8, "next', 200)], [1.0]),
        ([Response(b'{"meta": {"count": 8, "next\xff', 200)], [1.0]),
        ([Response("<html>maintenance</html>", 200)], [1.0]),
        ([Response("half", 200, headers={"Content-Length": "4000"})], [1.0]),
    ],
)  # fmt: skip
def test_temporary_failures_are_retried(
    client: Client, served: Replay, slept: list[float], failures: list[Response], waits: list[float]
) -> None:
    served.failures = list(failures)
    assert len(client.page(OPEN).works) == 8
    assert slept == waits


def test_a_long_wait_is_reported(client: Client, served: Replay, told: list[str]) -> None:
    served.failures = [Response("", 500), Response("", 503, headers={"Retry-After": "60"})]
    client.page(OPEN)
    assert told == ["waiting 60 seconds for OpenAlex: it answers 503 (SERVICE UNAVAILABLE)"]


@pytest.mark.parametrize(
    ("failure", "error", "message"),
    [
        (lambda: too_many(43_200), BudgetSpent,
         "OpenAlex's budget of today is spent; there is a new one at 2026-11-26 00:00 UTC; "
         "a free key in OPENALEX_API_KEY has ten times as much"),
        (lambda: too_many(1, X_RateLimit_Remaining="3", X_RateLimit_Credits_Required="10"), BudgetSpent,
         "OpenAlex's budget of today is spent; there is a new one at 2026-11-26 00:00 UTC; "
         "a free key in OPENALEX_API_KEY has ten times as much"),
        (lambda: json_of({"error": "x", "creditsRemaining": 0, "creditsRequired": 1}, 429), BudgetSpent,
         "OpenAlex's budget of today is spent; there is a new one at 2026-11-26 00:00 UTC; "
         "a free key in OPENALEX_API_KEY has ten times as much"),
        (lambda: too_many(1, X_RateLimit_Remaining_USD="0.0004", X_RateLimit_Cost_Required_USD="0.001"), BudgetSpent,
         "OpenAlex's budget of today is spent; there is a new one at 2026-11-26 00:00 UTC; "
         "a free key in OPENALEX_API_KEY has ten times as much"),
        (lambda: json_of({"error": "x", "dailyRemainingUsd": 0.0004, "costUsd": 0.001}, 429), BudgetSpent,
         "OpenAlex's budget of today is spent; there is a new one at 2026-11-26 00:00 UTC; "
         "a free key in OPENALEX_API_KEY has ten times as much"),
        (lambda: json_of({"error": "Plan upgrade required", "message": "from_updated_date needs a paid plan"}, 429),
         PlanNeeded, "OpenAlex wants a paid plan for this: Plan upgrade required: from_updated_date needs a paid plan"),
        (lambda: json_of({"error": "Invalid or missing API key", "message": "API key not found"}, 401), KeyRefused,
         "OpenAlex does not know the key in OPENALEX_API_KEY: correct it, or unset it to go on without one"),
        (lambda: json_of({"error": "Request URL too long"}, 400), QueryRefused,
         "OpenAlex refuses the query: Request URL too long"),
        (lambda: Response("<html><h1>Bad Request</h1></html>", 400), QueryRefused,
         "OpenAlex refuses the query: a page of HTML, 33 bytes"),
        (lambda: Response("", 400), QueryRefused, "OpenAlex refuses the query: nothing, 0 bytes"),
        (lambda: json_of(["odd"], 400), QueryRefused, 'OpenAlex refuses the query: ["odd"]'),
        (lambda: json_of({"error": "Forbidden"}, 403), OpenAlexError, "OpenAlex answers 403 (FORBIDDEN): Forbidden"),
        (lambda: json_of({"message": "hello"}), Unavailable, "OpenAlex answers in a form that is not known"),
        (lambda: json_of([1]), Unavailable, "OpenAlex answers in a form that is not known"),
        (lambda: json_of({"meta": {}, "results": ["W1"]}), Unavailable, "OpenAlex answers in a form that is not known"),
        (lambda: json_of({"id": "https://openalex.org/W1"}), Unavailable,
         "OpenAlex answers a query with something else than a list"),
    ],
)  # fmt: skip
def test_permanent_failures_are_not_retried(
    client: Client,
    served: Replay,
    slept: list[float],
    failure: Callable[[], Response],
    error: type[KgError],
    message: str,
) -> None:
    served.failures = [failure()]
    with pytest.raises(KgError) as raised:
        client.page(OPEN)
    assert type(raised.value) is error and str(raised.value) == message
    assert (slept, len(served.asked)) == ([], 1)


def test_a_spent_budget_with_a_key_gives_no_advice_on_keys(
    client: Client, served: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "k")
    served.failures = [too_many(43_200)]
    with pytest.raises(BudgetSpent, match=r"there is a new one at 2026-11-26 00:00 UTC$") as spent:
        client.page(OPEN)
    assert spent.value.until == datetime(2026, 11, 26, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (lambda: Response("", 503), "it answers 503 (SERVICE UNAVAILABLE)"),
        (lambda: too_many(1, "account is throttled"), "it asks to slow down"),
        (lambda: Response("{", 200), "the answer was cut off or cannot be read"),
    ],
)
def test_retries_are_limited(
    client: Client, served: Replay, slept: list[float], failure: Callable[[], Response], said: str
) -> None:
    served.failures = [failure() for _ in range(99)]
    with pytest.raises(Unavailable) as raised:
        client.page(OPEN)
    assert str(raised.value) == f"OpenAlex does not answer: {said} (6 tries)"
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0] and len(served.asked) == 6


def test_a_hanging_request_times_out(client: Client, served: Replay, slept: list[float]) -> None:
    free = threading.Event()

    def hang() -> Response:
        free.wait(20)
        return Response("late")

    served.failures = [hang]
    begun = time.monotonic()
    assert len(client.page(OPEN).works) == 8
    free.set()
    assert slept == [1.0] and time.monotonic() - begun < 10


def test_a_refused_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(url=url, sleep=lambda _: None) as client, pytest.raises(Unavailable) as raised:
            client.page(OPEN)
        assert str(raised.value) == "OpenAlex does not answer: the connection is refused (6 tries)"


def test_invalid_addresses_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match=r"^what KG_OPENALEX_URL holds is no address: it starts with https://$"):
        Client(url="api.openalex.org")
    with Client(url="http://[") as client, pytest.raises(Unavailable) as raised:
        client.page(OPEN)
    assert str(raised.value) == "there is no OpenAlex at the address in KG_OPENALEX_URL"
    for key in ("two words", "schlüssel", "line\nbreak"):
        monkeypatch.setenv(KEY, key)
        with pytest.raises(KeyRefused) as refused:
            Client()
        assert key not in str(refused.value)


def test_a_netrc_file_does_not_replace_the_key(
    served: Replay, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv(KEY, "mine")
    with Client() as client:
        client.page(OPEN)
    monkeypatch.delenv(KEY)
    with Client() as client:
        client.page(OPEN)
    assert [request.headers.get("Authorization") for request in served.asked] == ["Bearer mine", None]


def test_the_configuration_of_pyalex_is_unchanged(
    client: Client, served: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration is global, so that other users of pyalex in the process would send our key."""
    import pyalex

    before = dict(pyalex.config)
    monkeypatch.setenv(KEY, "mine")
    with Client() as other:
        other.page(OPEN)
    assert dict(pyalex.config) == before
