"""The page as a file: the same bytes, its policy, its data, its words and its bundle."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kg.export.html import page_of
from kg.export.page.marks import COLOURS, OUTLINES, colour_rules
from kg.export.page.render import LARGE, render
from kg.model.vocabulary import DIRECTIONS
from kg.query.graph import Graph
from kg.table import Table
from tests.export.browser.synthetic import hostile, small

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted((ROOT / "kg/export/page/js").glob("*.js"))


class Parts(HTMLParser):
    """The texts of script and style elements, and the policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.policy = ""
        self.open: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag in ("script", "style"):
            self.open = tag, given
            self.found.append((tag, given, ""))

    def handle_data(self, data: str) -> None:
        if self.open:
            tag, given, text = self.found[-1]
            self.found[-1] = tag, given, text + data

    def handle_endtag(self, tag: str) -> None:
        self.open = None


def island_of(text: str) -> str:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)
    return str(found)


def test_equal_graphs_give_equal_bytes(graph: Graph) -> None:
    assert page_of(graph).encode() == page_of(graph).encode()


def test_equal_data_give_equal_bytes_and_are_left_as_they_were() -> None:
    data = small()
    assert render(data) == render(json.loads(json.dumps(small())))
    assert data == small()


def test_the_order_of_keys_is_that_of_the_data() -> None:
    assert list(json.loads(island_of(render(small())))) == [*small(), "shapes"]


@pytest.mark.parametrize("made", [small, hostile])
def test_the_policy_allows_only_the_script_and_the_style_of_the_page(made: object) -> None:
    parts = Parts(render(made()))  # type: ignore[operator]
    hashes = {
        (tag, f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'")
        for tag, given, text in parts.found if given.get("type") is None
    }  # fmt: skip
    ((_, style),) = (each for each in hashes if each[0] == "style")
    ((_, script),) = (each for each in hashes if each[0] == "script")
    assert parts.policy == (
        f"default-src 'none'; script-src {script}; style-src {style}; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    assert [given.get("id") for tag, given, _ in parts.found if tag == "script"] == ["words", "data", None]


def test_data_of_more_than_the_limit_are_compressed() -> None:
    data = small()
    data["texts"] = []
    short = island_of(render(data))
    data["texts"] = [{"label": "t", "studies": ["x" * (LARGE - len(short) - 70)]}]
    assert LARGE - 100 < len(island_of(render(data))) <= LARGE
    data["texts"][0]["studies"][0] += "</script>" + "x" * 100
    text = render(data)
    (packed,) = re.findall(r'<script type="application/gzip" id="data">([A-Za-z0-9+/=]+)</script>', text)
    assert json.loads(gzip.decompress(b64decode(packed)))["texts"] == data["texts"]
    assert render(data) == text
    assert b64decode(packed)[4:8] == b"\0\0\0\0", "no time in the file"


def test_no_markup_is_in_the_data() -> None:
    island = island_of(render(hostile()))
    assert not re.search("[<>&\u2028\u2029]", island)
    assert json.loads(island)["meta"]["title"] == hostile()["meta"]["title"]


def test_what_no_page_can_hold_is_replaced() -> None:
    data = small()
    data["meta"]["title"] = "a\ud800b\x00c\x7fd\x9be\tf"
    text = render(data)
    assert json.loads(island_of(text))["meta"]["title"] == "a\ufffdb\ufffdc\ufffdd\ufffde\tf"
    assert "<title>a\ufffdb\ufffdc\ufffdd\ufffde\tf</title>" in text
    text.encode()


def test_texts_outside_of_the_data_are_escaped() -> None:
    data = small()
    data["meta"] |= {"title": "</title><script>\"&'$title", "question": '"><script>'}
    text = render(data, Table("m", ("<b>", "&"), [("<i>", None)]))
    assert "<title>&lt;/title&gt;&lt;script&gt;&quot;&amp;&#x27;$title</title>" in text
    assert 'content="&quot;&gt;&lt;script&gt;"' in text
    assert (
        '<th scope="col">&lt;b&gt;</th><th scope="col">&amp;</th>' in text and '<th scope="row">&lt;i&gt;</th>' in text
    )


# ---- Colours


@pytest.mark.parametrize(
    "colour", ["red;} body{display:none", "red", "#fff", "#12345g", "url(x)", "", None, "#d55e00\n"]
)
def test_what_is_no_colour_is_replaced(colour: str | None) -> None:
    assert colour_rules({"barrier": colour}) == colour_rules({})
    assert f"--barrier:{COLOURS['barrier']}" in colour_rules({"barrier": colour})


def test_the_text_on_a_colour_can_be_read() -> None:
    rules = colour_rules({"barrier": "#ffff00", "facilitator": "#000080"})
    assert ".barrier{--mark:#ffff00;--ink:#000}" in rules and ".facilitator{--mark:#000080;--ink:#fff}" in rules
    assert set(OUTLINES) == {*DIRECTIONS, "plain"}


# ---- Scripts


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_no_way_to_make_markup_or_code_from_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    banned = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\(|setTimeout\(\s*[\"'`]|srcdoc|DOMParser|createContextualFragment|\bimport\("
    assert re.findall(banned, text) == []
    assert (
        re.findall(
            r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|localStorage|sessionStorage|document\.cookie",
            text,
        )
        == []
    )


def npx(*command: str) -> None:
    """Run make with a target that needs npx; skipped without it, except in CI."""
    if shutil.which("npx") is None:
        reason = "the tools of the page run with npx, which is not installed (apt-get install npm)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    ran = subprocess.run(["make", *command], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.npx
def test_the_bundle_is_that_of_the_sources(tmp_path: Path) -> None:
    npx("page", f"BUNDLE={tmp_path}")
    for name in ("app.min.js", "app.min.css"):
        assert (tmp_path / name).read_bytes() == (ROOT / "kg/export/page" / name).read_bytes(), f"{name}: run make page"


@pytest.mark.npx
def test_the_types_of_the_scripts_are_right() -> None:
    npx("page-types")


def test_no_part_of_the_template_is_left() -> None:
    text = render(small())
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert "$" not in unescape(markup)
