"""The assets of the gap map page, and markup that escapes every text by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Html(str):
    """Markup that is ready to print; ``tag`` and ``join`` escape every other text."""

    __slots__ = ()


def tag(name: str, *children: str | int | None, **attributes: str | float | None) -> Html:
    """Return an element; ``class_`` is class, ``aria_label`` is aria-label; None leaves a child or an attribute out."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    printed = "".join(f' {key}="{escape(str(value))}"' for key, value in given.items())
    return Html(f"<{name}{printed}>{join(children)}</{name}>")


def join(parts: Iterable[str | int | None], between: str = "") -> Html:
    """Return the parts one after another, escaped unless they are markup; None is nothing."""
    return Html(between.join(p if isinstance(p, Html) else escape(str(p)) for p in parts if p is not None))


def hidden(text: str) -> Html:
    """Return text for screen readers and text tools only."""
    return tag("span", text, class_="sr")


def link(text: str, url: str) -> Html:
    """Return a link out of the page that tells nobody where it was followed from."""
    return tag("a", text, href=url, target="_blank", rel="noopener noreferrer")


def table(columns: Sequence[str], rows: Iterable[Html], **attributes: str) -> Html:
    """Return a table with one heading a column."""
    head = tag("thead", tag("tr", *(tag("th", column, scope="col") for column in columns)))
    return tag("table", head, tag("tbody", *rows), **attributes)


def scrub(value: Any) -> Any:
    """Replace what no page can hold; text taken from PDF files has lone surrogates and control characters."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {key: scrub(each) for key, each in value.items()}
    return [scrub(each) for each in value] if isinstance(value, (list, tuple)) else value


def asset(name: str) -> str:
    """Return the text of a file in this folder."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
