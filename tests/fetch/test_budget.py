"""What a fetch costs: the limit that a user sets, and the budget of the day that OpenAlex gives."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta, timezone

import pytest
from werkzeug import Request, Response

from kg.fetch.run import Interrupted, fetch, plan
from kg.fetch.run import Request as Asked
from kg.fetch.update import steps
from kg.folder.review import Review
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.costs import BudgetReached, Costs, kind_of, usd
from kg.loaders.openalex.failures import KEY, BudgetSpent
from kg.loaders.openalex.query import Query
from tests.conftest import MakeReview, Run
from tests.folder.test_library import FINDINGS, STUDIES
from tests.replay import Replay, json_of, real_works

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
ARTICLES = [work["id"][21:] for work in real_works() if work["type"] == "article"]
ALL = Asked(filters=(("type", "article"),))
SHEETS = {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(SHEETS)


def client_with(budget: int | None) -> Client:
    return Client(sleep=lambda _: None, now=lambda: NOON, timeout=(1.0, 0.3), budget=budget)


def log(review: Review) -> list[dict[str, str]]:
    with (review.root / "records" / "searches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_fetch_stops_before_its_budget_and_the_next_run_goes_on(served: Replay, review: Review, run: Run) -> None:
    served.most = 10
    arguments = ("fetch", "--filter", "type=article", "--name", "all", "--budget", "0.0002", "-C", review.root)
    assert len(ARTICLES) == 38, "four pages"
    first = run(*arguments)
    assert (first.code, first.err.splitlines()) == (1, [
        "38 works, 1 call, 1 credit",
        "Error: the next call costs 0.0001 USD: 0.0002 USD of the budget of 0.0002 USD is spent; OpenAlex has 0.0998 USD "
        "left for today; 20 works are kept, and the same command goes on from there",
    ])  # fmt: skip
    assert served.spent == [2, 0] and not (review.root / "records" / "searches.csv").exists()
    second = run(*arguments)
    assert (second.code, second.err.splitlines()) == (0, [
        "38 works, 1 call, 1 credit; 20 of them are here from an earlier run",
        "fetched 38 works into records/all.jsonl.gz, for 4 credits",
        "  8 without an abstract",
        "  0.0002 USD of the budget of 0.0002 USD is spent; OpenAlex has 0.0996 USD left for today",
        "next: kg build",
    ])  # fmt: skip
    assert served.spent == [4, 0], "nothing is paid twice"
    assert [(row["fetched"], row["credits"]) for row in log(review)] == [("38", "4")]


def test_a_request_that_costs_more_than_the_budget_is_told(served: Replay, review: Review, run: Run) -> None:
    served.works = [{**served.works[0], "id": f"https://openalex.org/W9{n:05}"} for n in range(201)]
    ran = run("fetch", "--filter", "type=article", "--budget", "0.0002", "--dry-run", "-C", review.root)
    assert (ran.code, ran.err.splitlines()) == (0, [
        "201 works, 3 calls, 3 credits",
        "  this is more than the budget: the same command goes on from where it stops",
        "  0.0001 USD of the budget of 0.0002 USD is spent; OpenAlex has 0.0999 USD left for today",
    ])  # fmt: skip


def test_a_budget_of_nothing_allows_what_is_free(served: Replay, review: Review, run: Run) -> None:
    assert run("fetch", "--doi", "W3046863325", "--budget", "0", "-C", review.root).code == 0
    ran = run("fetch", "--search", "open", "--budget", "0", "-C", review.root)
    assert (ran.code, ran.err) == (1, "Error: the next call costs 0.001 USD: 0 USD of the budget of 0 USD is spent\n")
    assert [request.path for request in served.asked] == ["/works/W3046863325"]


@pytest.mark.parametrize("text", ["-1", "1e3", "nan", "$1", "0,05", ""])
def test_what_is_no_amount(served: Replay, review: Review, run: Run, text: str) -> None:
    ran = run("fetch", "--search", "open", f"--budget={text}", "-C", review.root)
    assert ran.code == 2 and f"{text!r} is not an amount in US dollars, such as 0.05" in ran.err
    assert served.asked == []


def test_amounts_are_rounded_down_to_credits(served: Replay, review: Review, run: Run) -> None:
    ran = run("fetch", "--search", "open", "--budget", "0.00199", "-C", review.root)
    assert "0.001 USD of the budget of 0.0019 USD is spent" in ran.err


def test_what_is_left_is_what_the_headers_say(served: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "mine")
    served.spent, served.prepaid = [9_995, 0], 20_000
    with client_with(None) as client:
        client.page(Query("open"))  # the 5 credits of the day are too few, so the money pays
        assert (client.credits, client.costs.left, served.spent) == (10, 5 + 19_990, [9_995, 10])
        assert client.costs.report() == "0.001 USD is spent; OpenAlex has 1.9995 USD left for today"
    credits_only = {"X-RateLimit-Credits-Used": "1", "X-RateLimit-Remaining": "7", "X-RateLimit-Onetime-Remaining": "2"}
    costs = Costs()
    assert costs.charge("https://api.openalex.org/works", credits_only)
    assert (costs.credits, costs.left) == (1, 9)
    dollars_only = {"X-RateLimit-Cost-USD": "0.001", "X-RateLimit-Remaining-USD": "0.0989"}
    assert costs.charge("https://api.openalex.org/works", dollars_only)
    assert (costs.credits, costs.left) == (11, 989)
    assert not costs.charge("https://api.openalex.org/works", {"X-RateLimit-Remaining": "many"})
    assert (costs.credits, costs.left) == (11, 989)


def test_the_price_list_holds_where_headers_are_missing(served: Replay, review: Review) -> None:
    served.most, proper = 10, served.answer

    def without_headers(request: Request) -> Response:
        made = proper(request)
        return Response(made.data, made.status_code, content_type=made.content_type)

    served.handle = without_headers
    with client_with(3) as client, pytest.raises(Interrupted) as stopped:
        fetch(review, client, ALL)
    assert str(stopped.value) == (
        "the next call costs 0.0001 USD: 0.0003 USD of the budget of 0.0003 USD is spent; "
        "30 works are kept, and the same command goes on from there"
    )


def test_a_price_that_has_risen_counts(served: Replay) -> None:
    page = {"meta": {"count": 1, "next_cursor": "x"}, "results": []}
    served.failures = [json_of(page, X_RateLimit_Credits_Used="25") for _ in range(2)]
    with client_with(60) as client:
        client.page(Query("open"))
        client.page(Query("open"))
        with pytest.raises(
            BudgetReached, match=r"^the next call costs 0\.0025 USD: 0\.005 USD of the budget of 0\.006 "
        ):
            client.page(Query("open"))
        assert (client.credits, len(served.asked)) == (50, 2)
        assert client.costs.price("search") == 25 and client.costs.price("list") == 1


def test_a_retry_is_a_call_that_can_cost(served: Replay) -> None:
    cut_off = Response('{"meta": {"cou', 200, headers={"X-RateLimit-Credits-Used": "10"})
    served.failures = [cut_off]
    with client_with(15) as client, pytest.raises(BudgetReached):
        client.page(Query("open"))
    assert (client.credits, len(served.asked)) == (10, 1)


def test_the_budget_of_the_day_ends(served: Replay, review: Review) -> None:
    served.most, served.daily = 10, 20  # two credits without a key
    with client_with(None) as client:
        with pytest.raises(Interrupted) as stopped:
            fetch(review, client, ALL)
        assert isinstance(stopped.value.cause, BudgetSpent) and stopped.value.works == 20
        assert (client.credits, client.costs.left) == (2, 0)
        served.spent = [0, 0]
        assert fetch(review, client, ALL).works == 38


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://api.openalex.org/works/W1?search=x", "one"),
        ("https://api.openalex.org/works/https://doi.org/10.1/search=x", "one"),
        ("https://api.openalex.org/works?filter=type:article&cursor=*", "list"),
        ("https://api.openalex.org/works?filter=doi:10.1/research&cursor=*", "list"),
        ("https://api.openalex.org/works?filter=title_and_abstract.search%3Apeer", "search"),
        ("https://api.openalex.org/works?filter=abstract.search.exact:peer", "search"),
        ("https://api.openalex.org/works?per-page=100&search=peer", "search"),
        ("https://api.openalex.org/topics?search=peer", "search"),
    ],
)
def test_kinds_of_calls(url: str, kind: str) -> None:
    assert kind_of(url) == kind


def test_amounts_in_words() -> None:
    assert [usd(number) for number in (0, 1, 10, 495, 10_000, 1_998_113)] == [
        "0 USD", "0.0001 USD", "0.001 USD", "0.0495 USD", "1 USD", "199.8113 USD",
    ]  # fmt: skip


# --- updates --------------------------------------------------------------------------------------------------------

LOG = """id,date,source,platform,query,filters,hits,fetched
s1,2019-04-01,OpenAlex,OpenAlex API,open,,2,2
s2,2019-03-01,OpenAlex,OpenAlex API,,type:article,9,9
"""


def test_an_update_stops_before_its_budget_and_goes_on(served: Replay, make_review: MakeReview, run: Run) -> None:
    """The search that waits longest comes first, so that no search is left out again and again."""
    review = make_review({**SHEETS, "records/searches.csv": LOG})
    assert [step.name.partition(":")[0] for step in steps(review, date(2026, 11, 30)).open] == ["s2", "s1"]
    first = run("update", "--budget", "0.0005", "-C", review.root)
    assert (first.code, first.out) == (1, "")
    assert first.err.endswith(
        "Error: the next call costs 0.001 USD: 0.0001 USD of the budget of 0.0005 USD is spent; OpenAlex has 0.0999 USD "
        "left for today\n"
    )
    assert [row["filters"] for row in log(review)[2:]] == ["type:article,from_publication_date:2018-12-31"]
    tomorrow = steps(review, date.today() + timedelta(days=1))
    assert [step.name.partition(":")[0] for step in tomorrow.open] == ["s1", "search-03", "standing"]
    second = run("update", "--budget", "0.0015", "-C", review.root)
    assert second.code == 0 and served.spent == [11, 0] and second.out.startswith("# Update of ")
    report = "0.001 USD of the budget of 0.0015 USD is spent; OpenAlex has 0.0989 USD left for today"
    assert second.err.endswith(f"in all: 2 calls, 10 credits\n  {report}\n")


def test_a_plan_counts_with_the_price_that_was_taken(served: Replay, review: Review) -> None:
    page = {"meta": {"count": 250, "next_cursor": "x"}, "results": []}
    served.failures = [json_of(page, X_RateLimit_Credits_Used="3")]
    with client_with(None) as client:
        assert (plan(review, client, ALL).calls, plan(review, client, ALL).credits) == (3, 9)
