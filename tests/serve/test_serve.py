"""``kg serve``: a real server on a free port, asked over HTTP and looked at in Chromium."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kg.errors import BadInput, KgError, StoreError
from kg.export.html import page_of
from kg.folder.review import Review
from kg.problems import Problem
from kg.serve.live import Live, State, folder_stamp
from kg.serve.server import Server
from tests.conftest import MakeReview
from tests.neo4j.server import Server as Neo4j
from tests.paths import ROOT

STUDIES = "key,label\na,1\nb,2\n"
FINDINGS = "study,factor,direction,outcomes\n1,Walk,facilitator,Mood\n"
FILES = {"sheets/studies.csv": STUDIES, "sheets/findings.csv": FINDINGS}
ROW = "2,<b>Swim</b>,barrier,Mood\n"
BAD = "2,<b>Swim</b>,sideways,Mood\n"
PROBLEM = "sheets/findings.csv, row 3, column 'direction': 'sideways': is not a direction"


def page_of_review(review: Review) -> str:
    with review.graph() as graph:
        return page_of(graph, review)


@contextmanager
def serving(live: Live) -> Iterator[Server]:
    with Server(live) as server, live:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def review(make_review: MakeReview) -> Review:
    return make_review(FILES)


@pytest.fixture
def server(review: Review) -> Iterator[Server]:
    live = Live(partial(page_of_review, review), partial(folder_stamp, review.root), wait=0.05)
    with serving(live) as made:
        until(lambda: live.state.number == 1)
        yield made


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Ask for a path below the token, or for a whole one that starts with a slash."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest(method, path if path.startswith("/") else f"/{server.token}/{path}", skip_host=True)
    for name, value in {"Host": f"127.0.0.1:{server.server_port}", **headers}.items():
        if value:
            connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def write(review: Review, text: str) -> None:
    (review.root / "sheets/findings.csv").write_text(text, encoding="utf-8")


# --- what it answers --------------------------------------------------------------------------------------------------


def test_the_map_is_the_one_of_export(server: Server, review: Review) -> None:
    status, headers, body = ask(server, "map")
    assert status == 200
    assert body == page_of_review(review)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_every_answer_is_closed_to_others(server: Server) -> None:
    for path, status in (("", 200), ("map", 200), ("state", 200), ("no", 404), ("/", 404)):
        got, headers, _ = ask(server, path)
        assert got == status
        policy = headers["Content-Security-Policy"]
        assert re.search(r"frame-ancestors '(self|none)'$", policy)
        closed = {name: value for name, value in headers.items() if name not in ("Date", "Content-Length")}
        assert closed == {
            "Server": "kg",
            "Content-Type": headers["Content-Type"],
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        assert "unsafe" not in policy


def test_the_state(server: Server) -> None:
    status, headers, body = ask(server, "state?x=1")
    assert (status, headers["Content-Type"], json.loads(body)) == (
        200, "application/json; charset=utf-8", {"number": 1, "problems": []},
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/", "/map", "/state", "//map", "/x/map", "/x/", "/%00/map", "/%C3%A9/map", "map/", "../map", "state/x", "%6dap"],
)
def test_nothing_without_the_token_or_elsewhere(server: Server, path: str) -> None:
    status, _, body = ask(server, path)
    assert (status, body) == (404, "Not Found\n")


def test_bytes_that_are_no_text(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port)) as raw:
        raw.sendall(b"GET /\xff\xfe/map HTTP/1.0\r\nHost: " + server.hosts[0].encode() + b"\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.0 404 Not Found\r\n")


def test_a_part_of_the_token_is_not_enough(server: Server) -> None:
    for token in (server.token[:-1], server.token + "x", server.token.swapcase(), ""):
        assert ask(server, f"/{token}/map")[0] == 404
    assert len(server.token) == 22
    assert server.url == f"http://127.0.0.1:{server.server_port}/{server.token}/"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", ""]
)
def test_no_other_host(server: Server, host: str) -> None:
    """A site whose name is made to point to this machine (DNS rebinding) sends its own name."""
    assert ask(server, "map", Host=host.format(port=server.server_port))[::2] == (403, "Forbidden\n")
    assert ask(server, "map", Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_reading(server: Server, method: str) -> None:
    status, headers, body = ask(server, "map", method)
    assert (status, headers["Allow"], body) == (405, "GET, HEAD", "Method Not Allowed\n")


def test_head_has_the_headers_alone(server: Server) -> None:
    status, headers, body = ask(server, "map", "HEAD")
    assert (status, body) == (200, "")
    assert headers["Content-Length"] == str(len(ask(server, "map")[2].encode()))


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_a_port_in_use(server: Server) -> None:
    port = server.server_port
    with pytest.raises(KgError) as caught:
        Server(server.live, port)
    assert str(caught.value) == f"cannot serve on port {port}: Address already in use; choose another --port"


def test_a_browser_that_goes_away_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    """It leaves in the middle of an answer that is larger than what the system holds for it."""
    live, _ = look_at("x" * 30_000_000)
    with serving(live) as server:
        until(lambda: live.state.number == 1)
        with socket.create_connection(("127.0.0.1", server.server_port)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # reset when closed
            raw.sendall(f"GET /{server.token}/map HTTP/1.0\r\nHost: {server.hosts[0]}\r\n\r\n".encode())
            assert raw.recv(1) == b"H"
        until(lambda: not any("process_request" in thread.name for thread in enumerate_threads()))
    assert capfd.readouterr().err == ""


# --- what changes -----------------------------------------------------------------------------------------------------


def test_the_map_follows_the_sheets(server: Server, review: Review) -> None:
    write(review, FINDINGS + "2,Swim,barrier,Mood\n")
    until(lambda: server.live.state.number == 2)
    assert ask(server, "map")[2] == page_of_review(review)
    assert "Swim" in ask(server, "map")[2]


def test_an_error_keeps_the_map_until_it_is_mended(server: Server, review: Review) -> None:
    before = ask(server, "map")[2]
    write(review, FINDINGS + BAD)
    until(lambda: bool(server.live.state.problems))
    told = json.loads(ask(server, "state")[2])
    assert told["number"] == 1
    assert [problem.partition(";")[0] for problem in told["problems"]] == [PROBLEM]
    assert ask(server, "map")[2] == before
    write(review, FINDINGS)
    until(lambda: not server.live.state.problems)
    assert json.loads(ask(server, "state")[2]) == {"number": 1, "problems": []}
    assert not (review.root / "sheets/findings.csv").read_text(encoding="utf-8").endswith(BAD)


def test_it_starts_with_an_error(make_review: MakeReview) -> None:
    review = make_review({**FILES, "sheets/findings.csv": FINDINGS + BAD})
    live = Live(partial(page_of_review, review), partial(folder_stamp, review.root), wait=0.05)
    with serving(live) as server:
        until(lambda: bool(live.state.problems))
        assert "There is no map yet." in ask(server, "map")[2]
        assert json.loads(ask(server, "state")[2])["number"] == 0
        write(review, FINDINGS)
        until(lambda: live.state.number == 1)
        assert ask(server, "map")[2] == page_of_review(review)


def test_serving_writes_the_graph_alone(server: Server, review: Review) -> None:
    assert sorted(path.name for path in review.root.iterdir()) == [".kg", "review.toml", "sheets"]


def look_at(*answers: Any) -> tuple[Live, list[str]]:
    """A page whose making answers, or fails, in turn; its stamp never changes."""
    made: list[str] = []
    turns = iter(answers)

    def make() -> str:
        answer = next(turns)
        made.append(str(answer))
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    return Live(make, lambda: 1), made


def test_what_may_be_over_without_a_change_is_tried_again() -> None:
    live, made = look_at(StoreError("the server is down"), "page")
    live.look()
    assert live.state.problems == ("the server is down",)
    live.look()
    live.look()
    assert live.state == State("page", 1, ())
    assert len(made) == 2


def test_a_wrong_value_is_not_read_again_until_a_file_changes() -> None:
    live, made = look_at(BadInput([Problem("a.csv", f"reason {n}", row=n + 2) for n in range(25)]))
    live.look()
    live.look()
    assert len(made) == 1
    assert len(live.state.problems) == 21
    assert live.state.problems[0] == "a.csv, row 2: reason 0"
    assert live.state.problems[-1] == "and 5 more, which kg build lists"


def test_a_stamp_that_fails_is_taken_again() -> None:
    stamps = iter([1, BadInput([Problem("sheets/a", "is a named pipe")]), 1])

    def stamp() -> object:
        now = next(stamps)
        if isinstance(now, Exception):
            raise now
        return now

    live = Live(lambda: "page", stamp)
    live.look()
    live.look()
    assert (live.state.number, live.state.problems) == (1, ("sheets/a: is a named pipe",))
    live.look()
    assert (live.state.number, live.state.problems) == (1, ())


# --- the command ------------------------------------------------------------------------------------------------------


@contextmanager
def command(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command and yield the process with its address."""
    code = "from kg.cli.serve import serve; serve()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout
        yield process, process.stdout.readline().strip()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def asked(url: str, name: str) -> str:
    """Ask a server that another process runs."""
    found = re.fullmatch(r"http://(127\.0\.0\.1:\d+)(/[\w-]{22}/)", url)
    assert found, url
    connection = http.client.HTTPConnection(found[1], timeout=10)
    connection.request("GET", found[2] + name)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def test_control_c_ends_it(review: Review) -> None:
    with command("-C", review.root) as (process, url):
        until(lambda: json.loads(asked(url, "state"))["number"] == 1)
        assert asked(url, "map") == page_of_review(review)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "Ctrl-C ends it\nended\n")


def test_a_store_with_a_condition(review: Review, tmp_path: Path) -> None:
    write(review, FINDINGS + "2,Swim,barrier,Mood\n")
    url = f"embedded:{tmp_path / 'elsewhere'}"
    review.build(url)
    with command("-C", tmp_path, "--store", url, "--where", "factor=Swim") as (_, address):
        until(lambda: json.loads(asked(address, "state"))["number"] == 1)
        assert "factor = Swim: 1 of 2 studies, 1 of 2 findings" in asked(address, "map")
        write(review, FINDINGS + "2,Swim,barrier,Mood\n1,Swim,barrier,Mood\n")
        review.build(url)
        until(lambda: json.loads(asked(address, "state"))["number"] == 2)
        assert "factor = Swim: 2 of 2 studies, 2 of 3 findings" in asked(address, "map")


def test_the_graph_of_a_server(make_review: MakeReview, neo4j: Neo4j, review_prefix: str) -> None:
    """Another review is on the same server; -C says which one is meant."""
    files = {**FILES, "review.toml": f'id = "{review_prefix}a"\ntitle = "R"\n'}
    review = make_review(files, "a")
    make_review({**files, "review.toml": f'id = "{review_prefix}b"\ntitle = "Other"\n'}, "b").build(neo4j.uri)
    review.build(neo4j.uri)
    with command("-C", review.root, "--store", neo4j.uri) as (process, address):
        until(lambda: json.loads(asked(address, "state"))["number"] == 1)
        assert "<title>R" in asked(address, "map")
        write(review, FINDINGS + "2,Swim,barrier,Mood\n")
        review.build(neo4j.uri)
        until(lambda: json.loads(asked(address, "state"))["number"] == 2)
        assert "Swim" in asked(address, "map")
        review.drop(neo4j.uri)
        until(lambda: bool(json.loads(asked(address, "state"))["problems"]))
        [problem] = json.loads(asked(address, "state"))["problems"]
        assert problem.startswith(f"{neo4j.uri} holds no graph of '{review_prefix}a' but of '{review_prefix}b'; ")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[1] == "Ctrl-C ends it\nended\n"


def test_errors_at_the_start(tmp_path: Path, review: Review) -> None:
    with command("-C", tmp_path / "nowhere") as (process, url):
        _, err = process.communicate(timeout=20)
        assert (url, process.returncode) == ("", 1)
        assert "no review.toml in " in err
    with command("-C", review.root, "--store", f"embedded:{tmp_path / 'none'}") as (process, url):
        _, err = process.communicate(timeout=20)
        assert (url, process.returncode) == ("", 1)
        assert "no graph in embedded:" in err


# --- in the browser ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(browser: Browser, server: Server) -> Iterator[Page]:
    """The page in Chromium; any request to another address, message or error fails the test."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(server.url) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(server.url)
    page.frame_locator("iframe").locator("html[data-ready]").wait_for(state="attached")
    yield page
    page.close()
    assert wrong == []


def test_the_browser_follows_the_sheets(shown: Page, review: Review) -> None:
    inner = shown.frame_locator("iframe")
    expect(shown).to_have_title(re.compile("R"))
    expect(shown.locator("#bar")).to_be_hidden()
    assert inner.get_by_text("Swim").count() == 0
    inner.get_by_role("tab").nth(2).click()
    expect(shown).to_have_url(re.compile("#.+"))
    view = shown.evaluate("location.hash")
    assert view == shown.evaluate("document.querySelector('iframe').contentWindow.location.hash")

    write(review, FINDINGS + BAD)
    expect(shown.locator("#bar")).to_be_visible()
    expect(shown.locator("#bar p")).to_have_text("The map shows the sheets as they were before this:")
    expect(shown.locator("#bar li")).to_contain_text(PROBLEM)
    assert inner.get_by_text("Swim").count() == 0

    write(review, FINDINGS + ROW)
    expect(inner.get_by_text("<b>Swim</b>").first).to_be_attached()
    expect(shown.locator("#bar")).to_be_hidden()
    assert shown.evaluate("location.hash") == view
    assert shown.evaluate("document.querySelector('iframe').contentWindow.location.hash") == view


def test_a_copied_view(shown: Page, server: Server) -> None:
    inner = shown.frame_locator("iframe")
    inner.get_by_role("tab").nth(2).click()
    expect(shown).to_have_url(re.compile("#.+"))
    copied = shown.url
    shown.goto("about:blank")
    shown.goto(copied)
    expect(inner.get_by_role("tab").nth(2)).to_have_attribute("aria-selected", "true")
    assert shown.url == copied


def test_the_bar_shows_text_as_text(browser: Browser) -> None:
    evil = "<img src=x onerror=window.pwned=1>"
    live, _ = look_at(BadInput([Problem(f"{evil}.csv", "no", row=2, value=evil)]))
    with serving(live) as server:
        page = browser.new_page()
        page.goto(server.url)
        expect(page.locator("#bar p")).to_have_text("There is no map yet:")
        expect(page.locator("#bar li")).to_have_text(f"{evil}.csv, row 2: '{evil}': no")
        assert page.evaluate("window.pwned") is None
        page.close()


def test_the_bar_says_when_the_server_has_ended(browser: Browser) -> None:
    live, _ = look_at("<!doctype html><title>Map</title><p>The map</p>")
    page = browser.new_page()
    with serving(live) as server:
        page.goto(server.url)
        expect(page.frame_locator("iframe").get_by_text("The map")).to_be_visible()
    expect(page.locator("#bar p")).to_have_text("kg serve has ended. The map is the last one that it showed.")
    expect(page.frame_locator("iframe").get_by_text("The map")).to_be_visible()
    page.close()


def test_another_site_cannot_embed_it(browser: Browser, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "evil.html"
    file.write_text(f'<iframe src="{server.url}"></iframe><iframe src="{server.url}map"></iframe>', encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    while len(said) < 2:
        page.wait_for_event("console")
    assert [re.findall("frame-ancestors '(.*)'", text) for text in sorted(said)] == [["none"], ["self"]]
    page.close()
