"""Fixtures: the bundled review built once, small review folders on demand, a command line, an OpenAlex, a browser, a Neo4j."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from pytest_httpserver import HTTPServer

from kg.cli import main
from kg.folder.create import init_review
from kg.folder.review import Review
from kg.garbage import garbage_collection_paused
from kg.query.graph import Graph
from tests.neo4j import server as neo4j_servers
from tests.neo4j.server import Server
from tests.paths import ROOT
from tests.replay import Replay, real_works, serve, served_at_loopback
from tests.stores import ENGINES, Engine

EXAMPLE = "peer-workforce"

# The tests start kg hundreds of times; without its bytecode, each start would compile it again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: A file system in memory, and the room that the tests leave unused there.
MEMORY, ROOM = Path("/dev/shm"), 8 << 30  # noqa: S108


def _use_memory() -> None:
    """Have temporary folders in memory, if it has room: the tests make 100,000 small files, and kg waits for the disk."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC:  # some tests install programs
        os.environ["TMPDIR"] = str(MEMORY)  # also for the workers, and for what tests start
        tempfile.tempdir = None


_use_memory()

# Two workers on a busy machine make an example slow; that says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
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


#: Tests that take seconds, by themselves or with the others of their module, by the start of their ids.
SLOW = (
    "tests/check/test_examples.py::test_every_store",
    "tests/cli/test_completion.py",
    "tests/cli/test_regressions.py",
    "tests/cli/test_streams.py",
    "tests/export/figures/test_files.py",
    "tests/export/figures/test_notebook.py::test_the_notebook",
    "tests/export/page/test_render.py::test_the_types_of_the_scripts",
    "tests/export/test_parquet.py",
    "tests/export/test_rdf.py",
    "tests/export/test_sheets.py::test_generated",
    "tests/export/test_sheets.py::test_the_examples",
    "tests/fetch/test_budget.py",
    "tests/fetch/test_fetch.py",
    "tests/folder/test_interrupted.py",
    "tests/folder/test_stale.py",
    "tests/linkage/test_resolve.py::test_nothing_is_lost",
    "tests/linkage/test_resolve.py::test_resolving_is_idempotent",
    "tests/loaders/test_halves.py",
    "tests/loaders/test_openalex.py",
    "tests/loaders/test_sheets_wide.py",
    "tests/loaders/test_tables_hostile.py",
    "tests/project/test_docs.py::test_the_transcripts",
    "tests/project/test_newest_engine.py",
    "tests/project/test_packaging.py",
    "tests/project/test_site.py",
    "tests/query/test_oracle.py",
    "tests/release/test_between.py",
    "tests/release/test_make.py",
    "tests/release/test_packages.py",
    "tests/release/test_published.py",
    "tests/release/test_vocabulary.py",
    "tests/screening/test_update.py",
    "tests/security/test_files.py",
    "tests/security/test_queries.py",
    "tests/security/test_terminal.py",
    "tests/serve/test_serve.py",
    "tests/store/test_compliance.py",
    "tests/store/test_store.py",
)

#: Modules whose tests share imported databases, a wheel or the site.
MADE_ONCE = ("test_neo4j_files", "test_packaging", "test_site")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Pause garbage collection, and exempt the modules and 5,000 tests from it: they live to the end."""
    with garbage_collection_paused():
        collected = yield
    gc.freeze()
    return collected


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import the modules whose tests are all left out by ``-m``: both workers would."""
    name = collection_path.relative_to(ROOT).as_posix() if collection_path.is_relative_to(ROOT) else ""
    left_out = (name in SLOW and "not slow" in config.option.markexpr) or (
        name == "tests/export/browser" and "not browser" in config.option.markexpr
    )
    return left_out or None


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server or a browser, and give those that share something costly to one worker.

    Some tests count what is on the shared server, and the modules of ``MADE_ONCE`` make something for all their tests.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        own_server = "private_server" in fixtures
        module = item.path.stem
        if own_server or "neo4j" in fixtures or "neo4j" in item.nodeid or "[README.md]" in item.nodeid:
            item.add_marker("server")
        if module in MADE_ONCE:
            item.add_marker(pytest.mark.xdist_group(module))
        elif item.get_closest_marker("server") and not own_server:
            item.add_marker(pytest.mark.xdist_group("neo4j"))
        if "browser" in fixtures:
            item.add_marker("browser")
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line what was not run here, and how to have it run."""
    skipped = len(terminalreporter.stats.get("skipped", ()))
    left_out = [name for name in ("server", "browser", "slow") if f"not {name}" in config.option.markexpr]
    parts = [f"tests marked {', '.join(left_out)} (make test runs them)"] if left_out else []
    parts += [f"{skipped} skipped (pytest -rs says why)"] if skipped else []
    if parts:
        terminalreporter.write_line("not run here: " + "; ".join(parts))


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


@pytest.fixture(scope="module")
def openalex_server() -> Iterator[HTTPServer]:
    """A server on 127.0.0.1 for the tests of a module; tests take ``served``, which fills it."""
    with served_at_loopback() as server:
        yield server


@pytest.fixture
def served(openalex_server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """An OpenAlex on 127.0.0.1 that has the real works; clients that a test makes ask it, without a key."""
    from kg.loaders.openalex.client import URL  # takes half a second, and few tests need it
    from kg.loaders.openalex.failures import KEY

    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    replay = serve(openalex_server, real_works())
    monkeypatch.setenv(URL, replay.url)
    return replay


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the one that has no window at all where it is installed, which needs a quarter of the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        reason = "pages are tested in Chromium, which is not installed (apt-get install chromium-headless-shell)"
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


@pytest.fixture(scope="session")
def review_prefix() -> str:
    """What the ids of the tests' reviews start with in Neo4j: nobody else's do, whoever's server it is."""
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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path, review_prefix: str) -> Iterator[Engine]:
    """Each store in turn, with nothing of ours in it."""
    room = tmp_path / "stores"
    room.mkdir()
    with ENGINES[request.param](request, room, review_prefix) as made:
        made.clear()
        yield made
        made.clear()
