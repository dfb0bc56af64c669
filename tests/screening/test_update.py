"""``kg update``, from a local server that answers from real works of OpenAlex."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from kg.fetch.digest import digest
from kg.fetch.run import Request
from kg.fetch.update import OVERLAP, _filters, steps
from kg.folder.review import Review
from kg.loaders.openalex.client import Client
from kg.loaders.openalex.query import Page, Query
from tests.conftest import MakeReview, Run
from tests.folder.test_library import FINDINGS, STUDIES
from tests.replay import Replay, real_works

TODAY = date.today()
LOG = """id,date,source,platform,query,filters,hits,corpus,fetched,file
s1,2019-03-01,OpenAlex,OpenAlex API,,"type:article,from_publication_date:2015-01-01",9,,9,records/first.jsonl
s2,2019-04-01,OpenAlex,OpenAlex API,,"from_publication_date:2018-12-31,type:article",3,,3,
s3,2019-05-01,Scopus,,peer,,9,,9,
s4,2019-05-01,OpenAlex,OpenAlex API,W1|W2,,2,,2,
s5,,OpenAlex,OpenAlex API,open,,2,,2,
s6,2020-01-01,OpenAlex,OpenAlex API,open,to_publication_date:2016-12-31,2,,2,
s7,2020,OpenAlex,OpenAlex API,,,2,,2,
"""
SINCE = "2019-01-31"  # sixty days before the last day of s1, which is s2


def works_of(review: Review, files: str) -> set[str]:
    return {json.loads(line)["id"] for path in review.root.glob(files) for line in path.read_text("utf-8").splitlines()}


def is_article(work: dict[str, str]) -> bool:
    return work["type"] == "article"


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    """A review that has the articles before 2019, the three studies among them."""
    old = [work for work in real_works() if is_article(work) and work["publication_date"] < "2019-03-01"]
    studies = [work for work in real_works() if work["id"][21:] in ("W3046863325", "W3045921891", "W2741809807")]
    lines = "".join(json.dumps(work) + "\n" for work in {work["id"]: work for work in (*old, *studies)}.values())
    return make_review({
        "sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS, "records/searches.csv": LOG, "records/first.jsonl": lines,
    })  # fmt: skip


def log(review: Review) -> list[dict[str, str]]:
    with (review.root / "records" / "searches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_steps_of_an_update(review: Review) -> None:
    found = steps(review, date(2026, 11, 30), rounds=2)
    studies = ("W2741809807", "W3045921891", "W3046863325")
    assert timedelta(days=60) == OVERLAP
    assert [(step.name, step.since) for step in found.open] == [
        ("s2: from_publication_date:2018-12-31,type:article", SINCE),
        ("citations: 2 rounds", None),
        ("standing: the records of the included studies", None),
    ]
    assert found.open[0].request == Request(None, (("type", "article"), ("from_publication_date", SINCE)))
    assert (found.open[1].request.rounds, found.open[2].request.names) == (2, studies)
    assert found.done == ()
    assert found.not_repeated == (
        ("s3", "only OpenAlex can be asked again, not Scopus"),
        ("s5", "the log has no day of it"),
        ("s7", "the log has no query"),
        ("s6", "it ends at 2016-12-31"),
    )
    assert [step.name for step in steps(review, date(2019, 4, 1), refresh=False).open] == []
    assert steps(review, date(2019, 4, 1), refresh=False).done[0].startswith("s2: ")


def test_a_search_is_not_widened(make_review: MakeReview) -> None:
    """It looks from its own first day on, and an update that looked from a later day changes nothing in that."""
    head, row = LOG.splitlines()[0], "OpenAlex,OpenAlex API,open,from_publication_date:{},1,,1,"
    sheets = {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}
    rows = [f"s1,2026-01-10,{row.format('2026-01-01')}", f"s2,2026-06-30,{row.format('2026-05-01')}"]
    one = make_review({**sheets, "records/searches.csv": f"{head}\n{rows[0]}\n"}, "one")
    assert [step.since for step in steps(one, TODAY + timedelta(days=99)).open] == ["2026-01-01"]
    two = make_review({**sheets, "records/searches.csv": "\n".join((head, *rows, ""))}, "two")
    assert [step.since for step in steps(two, TODAY + timedelta(days=99)).open] == ["2026-05-01"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("type:article|review", (("type", "article|review"),)),
        ("title.search:a, b,type:x+y", (("title.search", "a, b"), ("type", "x+y"))),
    ],
)
def test_filters_are_read_back(text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert _filters(text) == pairs


def test_a_dry_run_tells_the_price_and_writes_nothing(served: Replay, review: Review, run: Run) -> None:
    before = {path: path.read_bytes() for path in review.root.rglob("*") if path.is_file()}
    new = sum(is_article(work) and work["publication_date"] >= SINCE for work in real_works())
    ran = run("update", "--dry-run", "-C", review.root)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"s2: from_publication_date:2018-12-31,type:article since {SINCE}: {new} works, 1 call, 1 credit\n"
        "standing: the records of the included studies: 3 works, 1 call, 1 credit\n"
        "in all: 2 calls, 2 credits\n"
    )
    assert {path: path.read_bytes() for path in review.root.rglob("*") if path.is_file()} == before


def test_an_update_brings_what_is_new_and_says_what_it_means(served: Replay, review: Review, run: Run) -> None:
    retracted = next(work for work in served.works if work["id"].endswith("W3046863325"))
    retracted["is_retracted"] = True
    had = works_of(review, "records/first.jsonl")
    came = [work for work in real_works() if is_article(work) and work["publication_date"] >= SINCE]
    new = [work for work in came if work["id"] not in had]
    ran = run("update", "--most", "3", "-C", review.root)
    assert ran.code == 0 and ran.err.endswith("in all: 2 calls, 2 credits\n")
    lines = ran.out.splitlines()
    assert lines[0] == f"# Update of {TODAY.isoformat()}"
    assert [line for line in lines if line.startswith("## ")] == ["## What came", "## Standing", "## To read first"]
    known = len(came) + 3 - len(new)
    assert (
        f"{len(came) + 3} records: {len(new)} new candidates, {known} known or twice; 0 new possible duplicates."
        in lines
    )
    assert "| oa-types | current | retracted |" in lines
    assert "| s3 | only OpenAlex can be asked again, not Scopus |" in lines
    assert sum(line.startswith("| ") and "doi:" in line for line in lines) == 3, "three to read first"
    assert not (review.root / "screening").exists(), "nothing is decided"
    assert [row["filters"] for row in log(review)[7:]] == [f"type:article,from_publication_date:{SINCE}", ""]


def test_a_study_that_gets_its_first_record_has_no_change_of_standing(review: Review) -> None:
    path = review.root / "records" / "first.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    first = [line for line in lines if json.loads(line)["id"].endswith("W3046863325")]
    path.write_text("".join(line for line in lines if line not in first), encoding="utf-8")
    (review.root / "records" / "today.jsonl").write_text("".join(first), encoding="utf-8")
    with (review.root / "records" / "searches.csv").open("a", encoding="utf-8") as file:
        file.write(f"s8,{TODAY.isoformat()},OpenAlex,OpenAlex API,W3046863325,,1,,1,records/today.jsonl\n")
    found = digest(review, TODAY)
    assert (found.reports, found.standings, found.candidates, found.known) == (("oa-types",), (), (), 1)


def test_a_second_run_asks_nothing_and_says_the_same(served: Replay, review: Review, run: Run, tmp_path: Path) -> None:
    first = run("update", "-C", review.root)
    served.asked.clear()
    rows = len(log(review))
    again = run("update", "-o", tmp_path / "digest.md", "-C", review.root)
    assert again.code == 0 and served.asked == [] and len(log(review)) == rows
    assert (tmp_path / "digest.md").read_text(encoding="utf-8") == first.out
    assert "standing: the records of the included studies: done today\n" in again.err
    found = steps(review, TODAY + timedelta(days=1))
    assert found.open[0].since == (TODAY - OVERLAP).isoformat(), "from the last day on, for the next one"


def test_an_update_that_fails_goes_on(served: Replay, review: Review, run: Run) -> None:
    """The first search is complete when the service fails; the second run does the rest, with the digest of both."""
    proper = served.answer

    def fails_later(request: object) -> Response:
        return Response("no", 418) if len(served.asked) else proper(request)  # type: ignore[arg-type]

    served.handle = fails_later
    ran = run("update", "-C", review.root)
    assert ran.code == 1 and ran.out == ""
    assert [row["fetched"] for row in log(review)[7:]] == [
        str(sum(is_article(work) and work["publication_date"] >= SINCE for work in real_works()))
    ]
    served.handle = proper
    again = run("update", "-C", review.root)
    assert again.code == 0 and "done today" in again.err
    assert digest(review, TODAY).candidates and len(digest(review, TODAY).searches) == 2
    assert "to_publication_date" not in again.out and "## To read first" in again.out


def test_ctrl_c_keeps_what_has_come(served: Replay, review: Review, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served.most = 5
    proper = Client.page

    def interrupted(self: Client, query: Query, cursor: str = "*") -> Page:
        if cursor != "*":
            raise KeyboardInterrupt
        return proper(self, query, cursor)

    with monkeypatch.context() as patched:
        patched.setattr(Client, "page", interrupted)
        ran = run("update", "-C", review.root)
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.endswith("stopped: what has come is kept, and the same command goes on from there\n")
    assert len(log(review)) == 7
    assert run("update", "-C", review.root).code == 0
    assert log(review)[7]["fetched"] == log(review)[7]["hits"]


def test_citations_are_chased_if_asked(served: Replay, review: Review, run: Run) -> None:
    ran = run("update", "--snowball", "1", "-C", review.root)
    assert ran.code == 0 and "citations: 1 round: " in ran.err
    assert any(row["query"].startswith("1 round of citations from ") for row in log(review))
    assert "citations: 1 round: done today" in run("update", "--snowball", "1", "-C", review.root).err


def test_a_folder_without_searches(openalex_server: HTTPServer, make_review: MakeReview, run: Run) -> None:
    review = make_review({"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS})
    ran = run("update", "-C", review.root)
    assert ran.code == 0 and ran.err == "in all: 0 calls, 0 credits\n"
    assert "0 records: 0 new candidates, 0 known or twice; 0 new possible duplicates." in ran.out
    assert ran.out.endswith("0 candidates await a decision; kg queue lists them.\n")
