"""Fixtures: the bundled review built once, small review folders on demand, a command line to call, a browser, a Neo4j."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, sync_playwright

from kg.cli import main
from kg.folder.create import init_review
from kg.folder.review import Review
from kg.query.graph import Graph
from tests.neo4j import server as neo4j_servers
from tests.neo4j.server import Server

EXAMPLE = "peer-workforce"

#: Options of Chromium: no window, and no requests of its own.
CHROMIUM = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What a call of the command line gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
MakeReview = Callable[..., Review]
PrivateServer = Callable[..., Server]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that share a Neo4j server to one worker each: some of them count what is on the server."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        shares = "neo4j" in fixtures or "neo4j" in item.nodeid or "[README.md]" in item.nodeid
        if "test_neo4j_files" in item.nodeid:  # its fixtures start servers of their own, once for all tests
            item.add_marker(pytest.mark.xdist_group("neo4j-files"))
        elif shares and "private_server" not in fixtures:
            item.add_marker(pytest.mark.xdist_group("neo4j"))


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test the same window."""
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """The bundled review, copied and built; do not change it."""
    review = init_review(tmp_path_factory.mktemp("example") / EXAMPLE, example=EXAMPLE)
    review.build()
    return review


@pytest.fixture
def graph(example: Review) -> Iterator[Graph]:
    """The graph of the bundled review."""
    with example.graph() as opened:
        yield opened


@pytest.fixture
def own_example(tmp_path: Path) -> Review:
    """A copy of the bundled review to change."""
    return init_review(tmp_path / EXAMPLE, example=EXAMPLE)


@pytest.fixture
def make_review(tmp_path: Path) -> MakeReview:
    """Write a review folder: ``make_review({"sheets/findings.csv": "study,factor,direction\\n…"})``."""

    def make(files: dict[str, str], folder: str = "review") -> Review:
        root = tmp_path / folder
        for name, text in {"review.toml": 'id = "r"\ntitle = "R"\n', **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Review(root)

    return make


@pytest.fixture
def run() -> Run:
    """Call the command line: ``run("table", "outcomes", "-C", folder)``."""

    def call(*arguments: object) -> Ran:
        result = CliRunner().invoke(main, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        reason = "pages are tested in Chromium, which is not installed (apt-get install chromium)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield browser
        browser.close()


def _no_neo4j(reason: neo4j_servers.Unavailable) -> NoReturn:
    """Nothing to run a server with: skipped, but never in CI. One that does not work is an error everywhere."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Server]:
    """The Neo4j that all tests share; tests take ``neo4j``, which leaves it as it was."""
    try:
        with neo4j_servers.borrowed() as server:
            yield server
    except neo4j_servers.Unavailable as reason:
        _no_neo4j(reason)


@pytest.fixture
def review_prefix() -> str:
    """What the ids of this test's reviews start with in Neo4j: nobody else's do, whoever's server it is."""
    return f"test-{secrets.token_hex(6)}-"


@pytest.fixture
def neo4j(neo4j_server: Server, review_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Neo4j, with the login in the environment; afterwards every review that starts with ``review_prefix`` is removed."""
    for name in ("NEO4J_USERNAME", "NEO4J_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
        if value := neo4j_server.env().get(name):
            monkeypatch.setenv(name, value)
    yield neo4j_server
    neo4j_server.forget_reviews(review_prefix)


@pytest.fixture
def private_server(tmp_path: Path) -> Iterator[PrivateServer]:
    """Make a Neo4j of the test's own: ``private_server(settings={…}, auth=False)``; gone after the test."""
    homes: list[Path] = []

    def make(*, settings: Mapping[str, str] | None = None, auth: bool = True, start: bool = True) -> Server:
        homes.append(tmp_path / f"neo4j-{len(homes)}")
        try:
            return neo4j_servers.private(homes[-1], settings=settings, auth=auth, start=start)
        except neo4j_servers.Unavailable as reason:
            _no_neo4j(reason)

    yield make
    for home in homes:
        if server := neo4j_servers.load(home.resolve()):
            server.kill()  # nobody needs it to end in order
        shutil.rmtree(home, ignore_errors=True)
