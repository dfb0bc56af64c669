"""The page as one HTML file: offline, with a content security policy that lets no other script or style run."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

from kg.errors import UnknownName
from kg.export.page import Html, asset, scrub, tag
from kg.export.page.marks import OUTLINES, colour_rules
from kg.table import Table

#: Data of more characters than this are compressed.
LARGE: Final = 200_000
_ISLAND = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def languages() -> list[str]:
    """Return the languages of the page, by their codes."""
    found = files(__name__.rpartition(".")[0]).joinpath("words").iterdir()
    return sorted(each.name.removesuffix(".json") for each in found if each.name.endswith(".json"))


def words_of(language: str) -> dict[str, str]:
    """Return the words of the page in a language. Raises UnknownName."""
    if language not in languages():
        raise UnknownName("language of the page", language, languages())
    words: dict[str, str] = json.loads(asset(f"words/{language}.json"))
    return words


def render(data: Mapping[str, Any], plain: Table | None = None, language: str = "en") -> str:
    """Return the page for ``data`` (see ``page_data``); equal data gives equal text.

    ``plain`` is the map as a table of numbers, for a browser that runs no scripts.
    """
    data = scrub(data)
    words = words_of(language)
    chosen = {name: word for name, word in data["words"].items() if word}
    script, style = asset("app.min.js"), colour_rules(data["colours"]) + asset("app.min.css")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    island = _json({**data, "words": chosen, "shapes": OUTLINES})
    is_large = len(island) > LARGE
    meta = data["meta"]
    return Template(asset("page.html")).substitute(
        {name: escape(word) for name, word in words.items() if name.isidentifier()},
        language=language, policy=escape(policy), style=style, script=script, title=escape(meta["title"]),
        description=escape(meta.get("question") or meta.get("citation") or meta["title"]),
        plain=_plain(plain, words["no_script"]), words=_json(words),
        data_type="application/gzip" if is_large else "application/json",
        island=b64encode(gzip.compress(island.encode(), 9, mtime=0)).decode() if is_large else island,
    )  # fmt: skip


def _json(value: Any) -> str:
    """Return JSON in which no HTML parser finds markup."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ISLAND)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _plain(table: Table | None, note: str) -> Html:
    """Return a table of text for a browser without scripts."""
    if table is None:
        return tag("p", note)
    head = tag("tr", *(tag("th", column, scope="col") for column in scrub(table.columns)))
    rows = [
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
        for first, *rest in (scrub(row) for row in table.rows)
    ]
    return Html(tag("p", note) + tag("table", tag("thead", head), tag("tbody", *rows)))
