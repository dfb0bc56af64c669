"""``kg fetch``, from a local server that returns real works of OpenAlex and fails as the real service does."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from kg.errors import KgError
from kg.fetch.names import read_names
from kg.fetch.run import Interrupted, Plan, fetch, plan
from kg.fetch.run import Request as Asked
from kg.folder.review import Review
from kg.folder.searchlog import append_search
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.failures import KEY
from kg.loaders.openalex.names import name_of
from kg.loaders.openalex.query import Page, Query
from tests.conftest import MakeReview, Run
from tests.folder.test_library import FINDINGS, STUDIES
from tests.replay import Replay, json_of, real_works

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
ALL = Asked(filters=(("type", "article"),))
SECRET = "a-secret-key-of-mine"  # noqa: S105 - made up


@pytest.fixture
def client(served: Replay) -> Iterator[Client]:
    with Client(sleep=lambda _: None, now=lambda: NOON, timeout=(1.0, 0.3)) as made:
        yield made


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def files(review: Review) -> set[str]:
    folder = review.root / "records"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def log(review: Review) -> list[dict[str, str]]:
    with (review.root / "records" / "searches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"][21:] for line in gzip.open(path, "rt", encoding="utf-8")]


def too_many(wait: int) -> Response:
    return json_of({"error": "Rate limit exceeded"}, 429, Retry_After=str(wait))


# --- into the folder ----------------------------------------------------------------------------------------------


def test_a_search_becomes_a_file_and_a_row(served: Replay, review: Review, run: Run) -> None:
    shutil.copytree(review.root, review.root.with_name("copy"))
    (review.root / "records").mkdir()
    before = 'id,date,source,query\r\nhand,2020,"A ""source""","two\r\nlines"\r\n'
    (review.root / "records" / "searches.csv").write_bytes(before.encode())
    ran = run("fetch", "--search", "open", "--filter", "type=article", "--name", "first", "-C", review.root)
    articles = [w for w in real_works() if "open" in (w["title"] or "").lower() and w["type"] == "article"]
    assert ran.code == 0 and f"{len(articles)} works, 1 call, 10 credits" in ran.err
    assert files(review) == {"searches.csv", "first.jsonl.gz"}
    lines = gzip.decompress((review.root / "records" / "first.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line) for line in lines] == articles, "works are kept as they came"
    text = (review.root / "records" / "searches.csv").read_bytes().decode()
    header = "id,date,source,query,platform,filters,hits,fetched,credits,file\r\n"
    assert text.startswith(header + 'hand,2020,"A ""source""","two\r\nlines",,,,,,\r\n')
    row = log(review)[1]
    assert row.pop("date") == datetime.now().astimezone().date().isoformat()
    assert row == {
        "id": "search-02", "source": "OpenAlex", "query": "open", "platform": "OpenAlex API", "filters": "type:article",
        "hits": str(len(articles)), "fetched": str(len(articles)), "credits": "10", "file": "records/first.jsonl.gz",
    }  # fmt: skip
    assert run("build", "-C", review.root).code == 0
    with review.graph() as graph:
        found = graph.query(
            "MATCH (r:Record {review: $review})-[:FOUND_BY]->(s:Search) RETURN s.id AS id, r.seen AS seen"
        )
    assert found.rows == [("search-02", datetime.now().astimezone().date().isoformat())] * len(articles)


def test_a_dry_run_writes_nothing(served: Replay, review: Review, run: Run) -> None:
    ran = run("fetch", "--search", "open", "--dry-run", "-C", review.root)
    assert (ran.code, ran.out, ran.err) == (0, "", "8 works, 1 call, 10 credits\n")
    assert files(review) == set()


def test_a_search_without_hits_is_logged(served: Replay, review: Review, run: Run) -> None:
    assert run("fetch", "--search", "nothing has this", "-C", review.root).code == 0
    assert files(review) == {"searches.csv"}
    assert [(row["hits"], row["fetched"], row["file"]) for row in log(review)] == [("0", "0", "")]


FATAL: list[Callable[[], Response]] = [
    lambda: too_many(40_000),
    lambda: json_of({"error": "Plan upgrade required"}, 429),
    lambda: json_of({"error": "Invalid or missing API key"}, 401),
    lambda: Response("<html>", 400),
    lambda: json_of({"error": "no"}, 418),
]


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize("failure", FATAL)
def test_fetched_works_are_kept_and_the_next_run_resumes(
    client: Client, served: Replay, review: Review, failure: Callable[[], Response], after: int
) -> None:
    served.most = 10

    def fail_then(done: int, total: int) -> None:
        if done == after * 10:
            served.failures = [failure()]

    with pytest.raises(Interrupted) as stopped:
        fetch(review, client, ALL, fail_then)
    assert stopped.value.works == after * 10
    assert str(stopped.value).endswith(f"; {after * 10} works are kept, and the same command goes on from there")
    assert not any(not name.startswith(".") for name in files(review)), "nothing that a build would read"
    assert plan(review, client, ALL).done == after * 10
    served.asked.clear()
    done = fetch(review, client, ALL, quiet)
    articles = [w["id"][21:] for w in real_works() if w["type"] == "article"]
    assert done.file is not None and ids(done.file) == articles and done.hits == len(articles)
    assert served.asked[0].args["cursor"] != "*", "it goes on from the cursor"
    assert files(review) == {done.file.name, "searches.csv"}
    assert log(review)[0]["fetched"] == str(len(articles))


def test_a_service_that_never_answers_keeps_fetched_works(client: Client, served: Replay, review: Review) -> None:
    served.most = 10

    def fail_then(done: int, total: int) -> None:
        if done == 10:
            served.failures = [Response("", 503) for _ in range(6)]

    with pytest.raises(Interrupted, match="10 works are kept"):
        fetch(review, client, ALL, fail_then)
    assert fetch(review, client, ALL, quiet).works == sum(w["type"] == "article" for w in real_works())


def test_ctrl_c_keeps_fetched_works(served: Replay, review: Review, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served.most = 10
    proper = Client.page

    def interrupted(self: Client, query: Query, cursor: str = "*") -> Page:
        if cursor != "*":
            raise KeyboardInterrupt
        return proper(self, query, cursor)

    with monkeypatch.context() as patched:
        patched.setattr(Client, "page", interrupted)
        ran = run("fetch", "--filter", "type=article", "-C", review.root)
    assert ran.code == 130
    assert ran.err.splitlines()[-1] == "stopped: what has come is kept, and the same command goes on from there"
    again = run("fetch", "--filter", "type=article", "-C", review.root)
    assert again.code == 0 and "10 of them are here from an earlier run" in again.err


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_killed_process_keeps_fetched_works(served: Replay, review: Review, run: Run, sign: int, code: int) -> None:
    """The process is ended during the third page, by Ctrl-C or by a kill."""
    served.most = 10
    command = [sys.executable, "-m", "kg", "fetch", "--filter", "type=article", "-C", str(review.root)]
    asked, free = threading.Event(), threading.Event()

    def hang() -> Response:
        asked.set()
        free.wait(20)
        return Response("late")

    proper = served.answer

    def third_hangs(request: Any) -> Response:
        return hang() if len(served.asked) == 2 else proper(request)

    served.handle = third_hangs
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert asked.wait(20)
        process.send_signal(sign)
        _, err = process.communicate(timeout=20)
    free.set()
    served.handle = proper
    assert process.returncode == code
    said = "stopped: what has come is kept, and the same command goes on from there"
    assert (said in err) == (sign == signal.SIGINT)
    assert not any(not name.startswith(".") for name in files(review))
    again = run("fetch", "--filter", "type=article", "-C", review.root)
    assert again.code == 0 and "20 of them are here from an earlier run" in again.err
    assert log(review)[0]["fetched"] == log(review)[0]["hits"]


def test_a_partly_written_page_is_fetched_again(client: Client, served: Replay, review: Review) -> None:
    """The process may die after it wrote a page and before it wrote the state."""
    served.most = 10

    def dies(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(review, client, ALL, dies)
    (part,) = (review.root / "records").glob(".fetch-*.jsonl.gz")
    with part.open("ab") as file:
        file.write(b"\x1f\x8b\x08\x00 half a page")
    done = fetch(review, client, ALL, quiet)
    assert done.file is not None and len(ids(done.file)) == done.works == done.hits


@pytest.mark.parametrize("lost", ["row", "state", "name"])
def test_an_interrupted_end_is_completed(
    client: Client, served: Replay, review: Review, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """The process may die after the file was renamed, before or after the log got its row."""
    proper, moved = append_search, Path.replace

    def dies(root: Path, row: dict[str, object]) -> str:
        if lost == "state":
            proper(root, row)
        raise OSError("no more")

    with monkeypatch.context() as patched:
        if lost == "name":
            patched.setattr(
                Path, "replace", lambda self, target: dies(self, {}) if self.suffix == ".gz" else moved(self, target)
            )
        patched.setattr("kg.fetch.run.append_search", dies)
        with pytest.raises(KgError, match="cannot finish"):
            fetch(review, client, ALL, quiet)
    served.asked.clear()
    done = fetch(review, client, ALL, quiet)
    articles = sum(work["type"] == "article" for work in real_works())
    assert served.asked == [] and done.file is not None and done.works == articles
    assert files(review) == {done.file.name, "searches.csv"} and len(ids(done.file)) == articles
    assert [(row["fetched"], row["file"]) for row in log(review)] == [(str(articles), f"records/{done.file.name}")]


def test_another_request_starts_from_the_beginning(client: Client, served: Replay, review: Review) -> None:
    first = fetch(review, client, ALL, quiet)
    second = fetch(review, client, ALL, quiet)
    assert first.file and second.file and second.file.name == first.file.name.replace(".jsonl.gz", "-2.jsonl.gz")
    assert len(log(review)) == 2


def test_missing_studies_are_fetched_and_named(served: Replay, review: Review, run: Run) -> None:
    sheet = review.root / "sheets" / "studies.csv"
    sheet.write_text(STUDIES + "gone,10.1234/gone,,,,\nnameless,,,,2020,A title\n", encoding="utf-8")
    ran = run("fetch", "--missing", "-C", review.root)
    assert ran.code == 0
    assert "no DOI or OpenAlex id to look for: nameless" in ran.err
    assert "  doi:10.1234/gone is not in OpenAlex\n" in ran.err
    assert log(review)[0]["missing"] == "doi:10.1234/gone"
    with review.graph() as graph:
        assert {r["study_label"] for r in graph.table("records").dicts()} == {"oa-types", "news", "state"}
    ran = run("fetch", "--missing", "--dry-run", "-C", review.root)
    assert "1 work, 1 call, 0 credits" in ran.err


def test_citation_chasing(served: Replay, review: Review, run: Run) -> None:
    works = {w["id"][21:]: [r[21:] for r in w["referenced_works"]] for w in real_works()}
    start = {"W3046863325", "W3045921891", "W2741809807"}
    around = {w for w in works if set(works[w]) & start} | {r for s in start for r in works[s] if r in works}
    assert run("fetch", "--snowball", "1", "--name", "one", "-C", review.root).code == 0
    assert set(ids(review.root / "records" / "one.jsonl.gz")) == around - start
    further = {w for w in works if set(works[w]) & around} | {r for s in around for r in works.get(s, ()) if r in works}
    served.asked.clear()
    assert run("fetch", "--snowball", "2", "--name", "two", "-C", review.root).code == 0
    asked = [r.args["filter"] for r in served.asked if r.args["per-page"] == "100"]
    chased = [set(clause[6:].split("|")) for clause in asked if clause.startswith("cites:")]
    assert chased == [start, around - start], "those that are known are chased as well"
    assert int(log(review)[1]["fetched"]) == len(further - around - start), "what is known is not brought again"


def test_who_cites_a_work_given_by_doi(served: Replay, review: Review, run: Run) -> None:
    assert run("fetch", "--cites", "10.1145/3383583.3398584", "-C", review.root).code == 0
    assert [(row["filters"], row["hits"]) for row in log(review)] == [("cites:W3046863325", "5")]
    assert run("fetch", "--cited-by", "W3046863325", "-C", review.root).code == 0
    assert log(review)[1]["filters"] == "cited_by:W3046863325"


def test_names_come_from_a_file(served: Replay, review: Review, run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "dois.txt"
    listed.write_text("doi\n# a remark\n10.1145/3383583.3398584\nW2741809807\n", encoding="utf-8")
    assert run("fetch", "--dois", listed, "--name", "listed", "-C", review.root).code == 0
    assert set(ids(review.root / "records" / "listed.jsonl.gz")) == {"W3046863325", "W2741809807"}
    listed.write_text("10.1145/3383583.3398584\nnone of these\n", encoding="utf-8")
    ran = run("fetch", "--dois", listed, "-C", review.root)
    assert (ran.code, ran.err) == (2, f"Error: {listed}: no DOI, OpenAlex id or pmid:… in row 2: 'none of these'\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to fetch was named; give --search,"),
        (("--search", "x", "--missing"), "a query and --missing do not go together"),
        (("--doi", "x"), "'x' is no DOI, OpenAlex id or pmid:…"),
        (("--filter", "x"), "'x' is not KEY=VALUE"),
        (("--filter", "a&b=c"), "'a&b=c' is no filter of OpenAlex, such as type=review"),
        (("--filter", "type="), "'type=' is no filter of OpenAlex, such as type=review"),
        (("--from-year", "2020", "--to-year", "2019"), "no year is both 2020 or later and 2019 or earlier"),
        (("--search", "x", "--name", ".x"), "'.x' cannot be the name of a file"),
        (("--search", "x", "--name", "../x"), "'../x' cannot be the name of a file"),
        (("--missing", "--corpus", "all"), "--corpus belongs to a search"),
    ],
)
def test_invalid_requests(served: Replay, review: Review, run: Run, arguments: tuple[str, ...], message: str) -> None:
    ran = run("fetch", *arguments, "-C", review.root)
    assert ran.code == 2 and message in ran.err and served.asked == []


def test_records_are_looked_up_again(served: Replay, review: Review, run: Run) -> None:
    assert run("fetch", "--missing", "--name", "first", "-C", review.root).code == 0
    with review.graph() as graph:
        assert {r["retracted"] for r in graph.table("records").dicts()} == {False}
    work = next(w for w in served.works if w["id"].endswith("W3046863325"))
    work.update(is_retracted=True, updated_date="2030-01-01T00:00:00")
    assert run("fetch", "--refresh", "--name", "again", "-C", review.root).code == 0
    with review.graph() as graph:
        rows = list(graph.table("records").dicts())
        assert [(r["retracted"], r["file"]) for r in rows if r["study_label"] == "oa-types"] == [
            (True, "records/again.jsonl.gz")
        ]
        assert graph.table("cautions").rows == [("retracted", 1, ["oa-types"])]


def test_a_work_returned_twice_is_kept_once(client: Client, served: Replay, review: Review) -> None:
    served.most, served.shift = 10, 2
    done = fetch(review, client, Asked(filters=()), quiet)
    assert done.file is not None
    assert (done.works, done.twice) == (45, 8) and len(set(ids(done.file))) == len(ids(done.file)) == 45


def test_the_key_is_sent_and_shown_nowhere(
    served: Replay,
    review: Review,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(KEY, SECRET)
    ran = run("fetch", "--search", "open", "-C", review.root)
    assert ran.code == 0 and {request.headers["Authorization"] for request in served.asked} == {f"Bearer {SECRET}"}
    assert all(SECRET not in request.url for request in served.asked)
    served.failures = [json_of({"error": "Invalid query", "message": f"what is {SECRET}?"}, 400)]
    refused = run("fetch", "--search", "open science", "-C", review.root)
    assert refused.err == "Error: OpenAlex refuses the query: Invalid query: what is …?\n"
    for failures in ([json_of({"error": "Invalid key"}, 401)], [Response("half", 200) for _ in range(6)]):
        with Client(sleep=lambda _: None) as client, pytest.raises(KgError) as raised:
            served.failures = list(failures)
            client.page(Query())
        assert SECRET not in "".join(traceback.format_exception(raised.value))
    served.failures = [json_of({"error": "Invalid or missing API key"}, 401)]
    unknown = run("fetch", "--search", "science", "-C", review.root)
    written = [path.read_bytes() for path in review.root.rglob("*") if path.is_file()]
    packed = [gzip.decompress(data) for data in written if data[:2] == b"\x1f\x8b"]
    assert not any(SECRET.encode() in data for data in written + packed)
    assert SECRET not in ran.out + ran.err + refused.out + unknown.err + caplog.text


# --- interrupted runs ---------------------------------------------------------------------------------------------


def call_at(number: int, action: Callable[[], object]) -> Callable[[int, int], None]:
    """Return a progress callback that calls ``action`` when ``number`` works were fetched."""

    def progress(done: int, total: int) -> None:
        if done == number:
            action()

    return progress


def stop() -> None:
    raise KeyboardInterrupt


def interrupted(review: Review, client: Client, request: Asked = ALL, number: int = 10) -> tuple[Path, Path]:
    """Interrupt a request, and return the hidden files with its works and its state."""
    with pytest.raises(KeyboardInterrupt):
        fetch(review, client, request, call_at(number, stop))
    folder = review.root / "records"
    return next(folder.glob(".fetch-*.jsonl.gz")), next(folder.glob(".fetch-*.json"))


def test_a_plan_counts_what_is_left_and_changes_nothing(client: Client, served: Replay, review: Review) -> None:
    articles = sum(work["type"] == "article" for work in real_works())
    served.most = 10
    assert plan(review, client, ALL) == Plan(articles, 1, 1)
    assert plan(review, client, Asked(filters=ALL.filters, limit=7)) == Plan(7, 1, 1)
    part, state = interrupted(review, client)
    with part.open("ab") as file:
        file.write(b"half a page")
    before = part.read_bytes(), state.read_bytes()
    served.asked.clear()
    assert plan(review, client, ALL) == Plan(articles, 1, 1, done=10)
    assert served.asked == [] and (part.read_bytes(), state.read_bytes()) == before


@pytest.mark.parametrize(
    ("search", "limit", "works", "calls", "credits"),
    [(None, None, 201, 3, 3), (None, 200, 200, 2, 2), (None, 101, 101, 2, 2), ("peer", None, 201, 3, 30)],
)
def test_a_plan_counts_every_page(
    client: Client,
    served: Replay,
    review: Review,
    search: str | None,
    limit: int | None,
    works: int,
    calls: int,
    credits: int,
) -> None:
    article = {**real_works()[0], "type": "article", "title": "Peer", "display_name": "Peer"}
    served.works = [{**article, "id": f"https://openalex.org/W9{n:05}"} for n in range(201)]
    request = Asked(search=search, filters=ALL.filters, limit=limit)
    assert plan(review, client, request) == Plan(works, calls, credits)
    interrupted(review, client, request, 100)
    assert client.credits == credits // calls, "one page"
    assert plan(review, client, request) == Plan(works, calls - 1, credits - client.credits, done=100)


def test_a_plan_counts_the_cost_of_citation_chasing(client: Client, served: Replay, review: Review) -> None:
    names = ("doi:10.1145/3383583.3398584", "doi:10.48550/arxiv.2007.14454")
    request = Asked(names=names, rounds=1)
    assert plan(review, client, request) == Plan(43, 3, 3)
    assert plan(review, client, Asked(names=names, rounds=2)).at_least
    done = fetch(review, client, request, quiet)
    assert (done.works + done.twice, done.credits, client.credits, len(served.asked)) == (43, 3, 3, 3)


def test_the_limit_on_works(client: Client, served: Replay, review: Review) -> None:
    served.most = 10
    done = fetch(review, client, Asked(filters=ALL.filters, limit=17), quiet)
    assert done.file and done.works == len(ids(done.file)) == 17
    assert log(review)[0]["hits"] == str(sum(work["type"] == "article" for work in real_works()))


def unanswered(kind: str) -> Callable[[Replay, Client], None]:
    def fail(served: Replay, client: Client) -> None:
        if kind == "refused":
            client.url = "http://127.0.0.1:1"
        elif kind == "hangs":
            served.failures = [lambda: Response(str(threading.Event().wait(0.6))) for _ in range(6)]
        else:
            served.failures = [Response('{"meta": {"cou', 200) for _ in range(6)]

    return fail


@pytest.mark.parametrize("kind", ["refused", "hangs", "half"])
def test_an_unreadable_answer_keeps_fetched_works(client: Client, served: Replay, review: Review, kind: str) -> None:
    served.most = 10
    with pytest.raises(Interrupted, match=r"\(6 tries\); 10 works are kept, and the same command goes on from there$"):
        fetch(review, client, ALL, call_at(10, lambda: unanswered(kind)(served, client)))
    client.url, served.failures = served.url, []
    done = fetch(review, client, ALL, quiet)
    assert done.file and ids(done.file) == [w["id"][21:] for w in real_works() if w["type"] == "article"]


def test_names_that_were_not_looked_up_are_not_missing(client: Client, served: Replay, review: Review) -> None:
    """The second of three lists fails; the next run requests only the second and the third."""
    served.works = [{**served.works[0], "id": f"https://openalex.org/W9{n:05}"} for n in range(201)]
    request = Asked(names=(*(f"W9{n:05}" for n in range(200)), "W9", "W900200"))
    assert plan(review, client, request) == Plan(202, 3, 3)
    with pytest.raises(Interrupted, match="100 works are kept"):
        fetch(review, client, request, call_at(100, lambda: served.failures.append(too_many(40_000))))
    assert plan(review, client, request) == Plan(202, 2, 2, done=100)
    assert "W9" not in json.loads(next((review.root / "records").glob(".fetch-*.json")).read_text())["missing"]
    served.asked.clear()
    done = fetch(review, client, request, quiet)
    assert [r.args["filter"].count("|") for r in served.asked if r.path == "/works"] == [99, 1]
    assert (done.requested, done.works, done.hits, done.missing) == (202, 201, 201, ["W9"])
    assert [(row["fetched"], row["missing"]) for row in log(review)] == [("201", "W9")]


def test_missing_names_in_the_log_can_be_read_back(served: Replay, review: Review, run: Run) -> None:
    names = ["10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2", "10.1234/none"]
    assert run("fetch", "--doi", names[0], "--doi", names[1], "-C", review.root).code == 0
    assert files(review) == {"searches.csv"}
    (search,) = review.load().evidence.searches
    assert [name_of(name) for name in search.missing] == [f"doi:{name}" for name in names]


@pytest.mark.parametrize("number", [5, 30])
def test_citation_chasing_resumes(client: Client, served: Replay, review: Review, number: int) -> None:
    request = Asked(names=("W3046863325", "W3045921891"), rounds=2)
    whole = fetch(review, client, Asked(names=request.names, rounds=2, called="whole"), quiet)
    assert whole.file is not None
    wanted = ids(whole.file)
    whole.file.unlink()
    served.most = 5
    asked: list[int] = []

    def stop_once(done: int, total: int) -> None:
        if done >= number and not asked:
            asked.append(len(served.asked))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(review, client, request, stop_once)
    done = fetch(review, client, request, quiet)
    assert done.file and set(ids(done.file)) == set(wanted) and done.works == len(wanted)
    assert log(review)[1]["query"] == "2 rounds of citations from W3046863325|W3045921891"


def test_a_request_without_works_leaves_no_files(client: Client, served: Replay, review: Review) -> None:
    served.failures = [Response("<html>", 400)]
    with pytest.raises(KgError, match=r"^OpenAlex refuses the query: a page of HTML, 6 bytes$"):
        fetch(review, client, ALL, quiet)
    assert files(review) == set()


def test_an_expired_cursor_is_an_error_that_names_restart(
    served: Replay, client: Client, review: Review, run: Run
) -> None:
    served.most = 10
    interrupted(review, client)
    served.failures = [json_of({"error": "Invalid cursor"}, 400)]
    ran = run("fetch", "--filter", "type=article", "-C", review.root)
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        "Error: OpenAlex refuses the query: Invalid cursor; the place where the earlier run ended may be gone: "
        "--restart begins anew"
    )
    ran = run("fetch", "--filter", "type=article", "--restart", "-C", review.root)
    assert ran.code == 0 and "earlier run" not in ran.err
    assert [row["fetched"] for row in log(review)] == [str(sum(w["type"] == "article" for w in real_works()))]


@pytest.mark.parametrize("damage", ["gone", "short", "other", "state"])
def test_lost_works_are_an_error(client: Client, served: Replay, review: Review, damage: str) -> None:
    served.most = 10
    part, state = interrupted(review, client)
    if damage == "gone":
        part.unlink()
    elif damage == "short":
        part.write_bytes(part.read_bytes()[:-1])
    elif damage == "other":
        part.write_bytes(b"x" * part.stat().st_size)
    else:
        state.write_text("{", encoding="utf-8")
    with pytest.raises(KgError, match=r"^cannot go on from .*\.json: .*; --restart begins anew$"):
        fetch(review, client, ALL, quiet)


def test_the_same_fetch_running_twice_is_an_error(client: Client, served: Replay, review: Review) -> None:
    served.most = 10

    def other_process() -> None:
        (part,) = (review.root / "records").glob(".fetch-*.jsonl.gz")
        with part.open("ab") as file:
            file.write(gzip.compress(b"{}\n", mtime=0))

    with pytest.raises(Interrupted, match="is the same fetch running twice"):
        fetch(review, client, ALL, call_at(20, other_process))


def test_a_file_created_meanwhile_is_not_overwritten(
    client: Client, served: Replay, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Asked(filters=ALL.filters, called="mine")
    other = review.root / "records" / "mine.jsonl.gz"

    moved = Path.replace

    def dies(self: Path, target: Path) -> Path:
        if self.suffix == ".gz":
            raise OSError("no more")
        return moved(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with pytest.raises(KgError, match="cannot finish"):
            fetch(review, client, request, quiet)
    other.write_bytes(b"somebody else's")
    done = fetch(review, client, request, quiet)
    assert done.file and done.file.name == "mine-2.jsonl.gz" and other.read_bytes() == b"somebody else's"


def test_a_cursor_that_repeats_is_reported(served: Replay, review: Review, run: Run) -> None:
    served.most, served.repeat_cursor = 10, True
    ran = run("fetch", "--filter", "type=article", "-C", review.root)
    articles = sum(w["type"] == "article" for w in real_works())
    assert f"  OpenAlex led back to an earlier page: there may be more, it speaks of {articles}\n" in ran.err
    assert (log(review)[0]["hits"], log(review)[0]["fetched"]) == (str(articles), "20")


def test_an_unpaired_surrogate_does_not_stop_a_fetch(client: Client, served: Replay, review: Review) -> None:
    served.works[0]["title"] = "broken \ud835 letter"
    done = fetch(review, client, ALL, quiet)
    assert done.file is not None
    lines = gzip.decompress(done.file.read_bytes()).splitlines()
    assert json.loads(lines[0])["title"] == "broken ? letter"


# --- lists, topics and the log ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "blank"),
    [
        ("10.1/x\n", None, []),
        ("10.1234/a,b\nW12\npmid: 7\n", ["doi:10.1234/a,b", "W12", "pmid:7"], []),
        ("DOI\n10.1234/a,b\n10.1234/A,B\n", ["doi:10.1234/a,b"], []),
        ("pmid\n7\n", ["pmid:7"], []),
        ("title,doi,pmid\nA,10.1234/a,7\nB,,8\nC,,\n\nD,n/a,9\n", ["doi:10.1234/a", "pmid:8", "pmid:9"], [4]),
        ("title;OpenAlex\nA;https://openalex.org/W5\n", ["W5"], []),
    ],
)  # fmt: skip
def test_lists_and_tables_of_names(tmp_path: Path, text: str, names: list[str] | None, blank: list[int]) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\ufeff" + text, encoding="utf-8")
    if names is None:
        with pytest.raises(KgError, match=r"list\.csv: no DOI, OpenAlex id or pmid:… in row 1: '10\.1/x'$"):
            read_names(path)
    else:
        assert read_names(path) == (names, blank)


def test_rows_without_a_name_are_reported(served: Replay, review: Review, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("title,doi\nA,10.1145/3383583.3398584\nB,\n", encoding="utf-8")
    ran = run("fetch", "--dois", path, "--name", "x", "-C", review.root)
    assert ran.err.splitlines() == [
        f"{path}: no DOI or id in 1 row (3)",
        "1 work, 1 call, 0 credits",
        "fetched 1 work of 1 asked for into records/x.jsonl.gz, for 0 credits",
        "next: kg build",
    ]


def test_topics_are_found_by_name(served: Replay, review: Review, run: Run) -> None:
    ran = run("fetch", "--concept", "topic modeling", "--dry-run", "-C", review.root)
    assert (ran.code, ran.err) == (0, "18 works, 1 call, 1 credit\n")
    assert served.asked[-1].args["filter"] == "topics.id:T10028"
    ran = run("fetch", "--concept", "ontologies", "--dry-run", "-C", review.root)
    assert ran.code == 2 and ran.err.startswith("Error: 'ontologies' could be any of several topics:\n")
    assert "\n  Semantic Web and Ontologies (T10215)\n" in ran.err
    ran = run("fetch", "--concept", "knitting", "--dry-run", "-C", review.root)
    assert (ran.code, ran.err) == (2, "Error: no topic is called 'knitting'\n")
    assert run("fetch", "--concept", "https://openalex.org/C71924100", "--dry-run", "-C", review.root).code == 0
    assert served.asked[-1].args["filter"] == "concepts.id:C71924100"


def test_a_log_keeps_its_format(review: Review) -> None:
    path = review.root / "records" / "searches.csv"
    path.parent.mkdir()
    path.write_bytes("\ufeffID;Date;Source\r\n;2020;Ä\u2028B\r\n\r\n".encode())
    row: dict[str, Any] = {"source": "OpenAlex", "query": "a;b", "file": "records/x.jsonl.gz"}
    assert append_search(review.root, row) == "search-03"
    assert path.read_bytes().decode() == (
        '\ufeffID;Date;Source;query;file\r\n;2020;Ä\u2028B;;\r\n\r\nsearch-03;;OpenAlex;"a;b";records/x.jsonl.gz\r\n'
    )
    assert append_search(review.root, row) == "search-03", "a file is logged once"
    assert len(path.read_bytes().splitlines()) == 4


def test_an_unreadable_log_is_an_error_before_any_credit_is_spent(
    client: Client, served: Replay, review: Review
) -> None:
    path = review.root / "records" / "searches.csv"
    path.parent.mkdir()
    path.write_bytes("source\nSökning\n".encode("cp1252"))
    with pytest.raises(KgError, match=r"^cannot add a search to .*searches\.csv: it is not UTF-8 text$"):
        fetch(review, client, ALL, quiet)
    assert served.asked == []
