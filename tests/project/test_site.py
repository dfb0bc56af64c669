"""The guide as a site: it builds without a warning, holds every page, and makes no request to another host."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from kg.cli import COMMANDS
from tests.paths import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    assert not re.findall(r"^(?:WARNING|ERROR).*", built.stderr, re.MULTILINE)
    return out


class Page(HTMLParser):
    """The text, the anchors and the references of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text, self.ids = "", set[str]()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif name in ("href", "src", "srcset", "data", "action", "poster"):
                (self.links if (tag, name) == ("a", "href") else self.loaded).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_site_holds_every_page(site: Path) -> None:
    pages = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    guide = {path.stem for path in (ROOT / "docs").glob("*.md")}
    decisions = {f"decisions/{path.stem}" for path in (ROOT / "decisions").glob("*.md")}
    other = {"CHANGELOG", "CONTRIBUTING", "SECURITY", "benchmarks/index", "docker/index", "404"}
    assert pages == guide | decisions | other | {"reference/commands", "reference/python"}


def test_the_reference_of_the_command_line_has_the_help_of_every_command(site: Path) -> None:
    page = Page(site / "reference" / "commands.html")
    assert {f"kg-{name}" for name in COMMANDS} | {"kg", "kg-export-html"} <= page.ids
    assert "--without-retracted" in page.text
    assert "Example: kg export html -o map.html" in page.text


def test_the_reference_of_python_has_the_public_names(site: Path) -> None:
    ids = Page(site / "reference" / "python.html").ids
    assert {
        "kg.open_review", "kg.Review.build", "kg.open_graph", "kg.Graph.query", "kg.Table.to_pandas",
        "kg.fetch.run.fetch", "kg.errors.BadInput",
    } <= ids  # fmt: skip
    assert not [name for name in ids if "._" in name]


def test_links_between_the_parts_of_the_repository_work(site: Path) -> None:
    """MkDocs checks links between pages; these are translated from links to files outside docs/."""
    assert "docker/index.html" in Page(site / "neo4j.html").links
    assert "../sheets.html" in Page(site / "reference" / "commands.html").links
    assert "docs" not in {
        part for path in site.rglob("*.html") for link in Page(path).links for part in link.split("/")
    }


def test_a_code_block_carries_the_name_of_its_file(site: Path) -> None:
    page = (site / "sheets.html").read_text(encoding="utf-8")
    assert '<span class="filename">studies.csv</span>' in page


def test_pages_load_nothing_from_another_host(site: Path) -> None:
    other = re.compile(r"(?:https?:)?//")
    pages = sorted(site.rglob("*.html"))
    assert [(path.name, url) for path in pages for url in Page(path).loaded if other.match(url)] == []
    styles = [
        path.name for path in site.rglob("*.css") if re.search(r"(?:url\(|@import)\W*(?:https?:)?//", path.read_text())
    ]
    assert styles == []


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_reading_and_searching_make_no_request_to_another_host(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in (
        "index.html",
        "tutorial.html",
        "reference/python.html",
        "decisions/0001-files-are-the-evidence-base.html",
    ):
        page.goto(address + name, wait_until="networkidle")
    page.locator("label[title='Switch to dark mode']").click()
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    page.goto(address + "index.html", wait_until="networkidle")  # the choice is kept
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    search = page.get_by_role("textbox", name="Search")
    search.click()
    page.get_by_text("Type to start searching").wait_for()  # the index is loaded
    search.press_sequentially("retracted")
    page.get_by_text("matching documents").wait_for()
    assert page.locator(".md-search-result__item").count() > 0
    context.close()
    assert errors == []
    assert len(requests) > 10
    assert [url for url in requests if not url.startswith((address, "blob:"))] == []
