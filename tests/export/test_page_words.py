"""The words of the page: every language says the same things, and the page says nothing that no language has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kg.errors import UnknownName
from kg.export.html import page_of
from kg.export.page import render
from kg.export.page.render import languages, words_of
from kg.model.vocabulary import DIRECTIONS
from kg.query.graph import Graph

PAGE = Path(str(files("kg.export.page")))
PLURAL = re.compile(r"(.+)_(zero|one|two|few|many|other)")
ENGLISH = words_of("en")
#: The texts with a plural, as ``count`` of words.js reads them.
COUNTED = {"study", "finding", "month", "row", "hit", "value"}
#: Keys of which the script composes the end, and the one that names the language.
COMPOSED = (
    "better_",
    "change_",
    "certainty_",
    "dim_",
    "figure_",
    "flow_",
    "gap_",
    "kind_",
    "means_",
    "read_",
    "sort_",
    "standing_",
    "style_",
    "why_",
)


def base(key: str) -> str:
    """Return the key of a text with a plural without the name of the plural."""
    found = PLURAL.fullmatch(key)
    return found[1] if found and found[1] in COUNTED else key


def test_the_languages() -> None:
    assert {language: words_of(language)["language"] for language in languages()} == {
        "de": "Deutsch",
        "en": "English",
        "es": "Español",
        "fr": "Français",
    }


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_text_in_the_order_of_the_english_one(language: str) -> None:
    words = words_of(language)
    assert list(dict.fromkeys(map(base, words))) == list(dict.fromkeys(map(base, ENGLISH)))
    assert [key for key, word in words.items() if not word.strip() or word != word.strip()] == []


@pytest.mark.parametrize("language", languages())
def test_a_text_has_the_placeholders_of_the_english_one(language: str) -> None:
    def named(text: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", text))

    words = words_of(language)
    wrong = [
        key
        for key, word in words.items()
        if named(word) != named(ENGLISH.get(key, ENGLISH.get(f"{base(key)}_other", "")))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_a_language_is_written_as_its_printers_write_it(language: str) -> None:
    """Quotation marks are those of the language, and in French no line breaks before a mark of punctuation."""
    wrong = {
        "en": r"[«»„\"']",
        "de": r"[«»\"'’]|“[^\W\d_]",
        "es": r"[„“”\"'’]",
        "fr": r"[„“”\"']|[\w»)’}] ?[:;!?](?!/)| »|« ",
    }
    assert [word for word in words_of(language).values() if re.search(wrong[language], word)] == []


@pytest.mark.parametrize("language", languages())
def test_a_file_of_words_names_no_key_twice(language: str) -> None:
    def pairs(listed: list[tuple[str, str]]) -> list[str]:
        return [key for key, _ in listed]

    keys = json.loads((PAGE / "words" / f"{language}.json").read_text("utf-8"), object_pairs_hook=pairs)
    assert len(keys) == len(set(keys)) == len(words_of(language))


def test_every_word_of_the_page_is_in_the_files_and_no_other() -> None:
    script = "\n".join(path.read_text("utf-8") for path in sorted((PAGE / "js").glob("*.js")))
    html = (PAGE / "page.html").read_text("utf-8")
    said = set(re.findall(r"\bt\(\"([\w-]+)\"", script))
    counted = set(re.findall(r"\bcount\([^()]*(?:\([^()]*\))?[^()]*, \"(\w+)\"\)", script)) | {"study"}
    texts = set(map(base, ENGLISH))
    assert counted == COUNTED
    assert said - texts == set()
    named = (
        set(re.findall(r"[\"']([\w-]+)[\"']", script))
        | set(re.findall(r"\$(\w+)", html))
        | {"language", "no_script", *DIRECTIONS}
    )
    assert [key for key in texts if key not in named and not key.startswith(COMPOSED)] == []


def test_a_language_that_the_page_does_not_speak(graph: Graph) -> None:
    with pytest.raises(UnknownName) as caught:
        page_of(graph, language="it")
    assert str(caught.value) == "no language of the page is called 'it'; known are de, en, es, fr"


@pytest.fixture(scope="module")
def plurals(browser: Browser) -> Iterator[dict[str, set[str]]]:
    page = browser.new_page()
    ask = "language => new Intl.PluralRules(language).resolvedOptions().pluralCategories"
    yield {language: set(page.evaluate(ask, language)) for language in languages()}
    page.close()


@pytest.mark.parametrize("language", languages())
def test_a_text_with_a_number_has_every_plural_of_its_language(language: str, plurals: dict[str, set[str]]) -> None:
    found: dict[str, set[str]] = {}
    for key in words_of(language):
        if base(key) != key:
            found.setdefault(base(key), set()).add(key.removeprefix(f"{base(key)}_"))
    assert found == dict.fromkeys(COUNTED, plurals[language])


# --- from right to left -------------------------------------------------------------------------------------------


def right_to_left(words: dict[str, str]) -> dict[str, str]:
    """Return words in a language that nobody speaks: the English ones in Hebrew letters."""
    letters = {ord(letter): chr(0x5D0 + n) for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}

    def spelled(text: str) -> str:
        parts = re.split(r"(\{\w+\})", text)
        return "".join(part if part.startswith("{") else part.lower().translate(letters) for part in parts)

    return {key: spelled(word) for key, word in words.items()} | {"direction_of_text": "rtl"}


def test_a_page_is_mirrored_in_a_language_from_right_to_left(
    graph: Graph, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "words_of", lambda _: right_to_left(ENGLISH))
    (tmp_path / "map.html").write_text(page_of(graph, language="he"), encoding="utf-8", newline="\n")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("#tab-map").inner_text() == "לאן"
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for view in ("map", "graph", "tables", "figures", "studies", "about"):
        page.click(f"#tab-{view}")
        assert page.evaluate(wider) == 0, view
    page.click("#tab-map")
    left = {
        name: page.locator(name).bounding_box()
        for name in ("#rail", "#map", "#grid th[scope=row] >> nth=0", "#grid tbody td >> nth=0")
    }
    places = [box["x"] for box in left.values() if box]
    assert len(places) == 4
    assert places[0] > places[1]  # the filters are at the right of the map
    assert places[2] > places[3]  # the names of rows are at the right of the cells
    page.close()
