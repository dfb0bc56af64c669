"""The pages of the bundled reviews, and an offline browser that records errors and requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from kg.export.page.data import PageData, page_data
from kg.export.page.render import render
from kg.folder.create import init_review
from kg.query.graph import Graph

NAMES = ("peer-workforce", "four-day-week", "open-science")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def without_policy(text: str) -> str:
    """Return a page whose scripts and styles nothing restricts."""
    changed, n = _POLICY.subn("", text)
    assert n == 1
    return changed


@dataclass(frozen=True)
class Example:
    """A bundled review: its graph, the data of its page, and the page."""

    graph: Graph
    data: PageData
    html: str


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Example]]:
    """Every bundled review, built once."""
    made = {}
    for name in NAMES:
        review = init_review(tmp_path_factory.mktemp(name) / name, example=name)
        review.build()
        graph = review.graph()
        data = page_data(graph, review.config.review)
        made[name] = Example(graph, data, render(data))
    yield made
    for each in made.values():
        each.graph.close()


@dataclass
class Opener:
    """Open pages from files, offline, and collect errors and requests."""

    browser: Browser
    folder: Path
    contexts: list[BrowserContext] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __call__(self, text: str, fragment: str = "", **options: Any) -> Page:
        """Open the text of a page; ``options`` are those of a context of Playwright."""
        file = self.folder / f"page-{len(self.contexts)}.html"
        file.write_text(text, encoding="utf-8", newline="\n")
        context = self.browser.new_context(
            offline=True, accept_downloads=True, **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: self._requested(request.url, file.as_uri()))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("dialog", self._asked)
        page.goto(file.as_uri() + fragment)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    def replace(self, page: Page, text: str) -> None:
        """Load the text of another page in the place of the one that is open."""
        uri = page.url.partition("#")[0]
        Path(uri.removeprefix("file://")).write_text(text, encoding="utf-8", newline="\n")
        page.goto(uri)
        page.wait_for_selector("html[data-ready]", state="attached")

    def _requested(self, url: str, own: str) -> None:
        if url.partition("#")[0] != own and not url.startswith(("blob:", "data:")):
            self.wrong.append(f"request: {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(browser, tmp_path)
    yield opener
    for context in opener.contexts:
        context.close()
    assert opener.wrong == []
