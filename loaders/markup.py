"""Text of bibliographic records without HTML, JATS and entities."""

from __future__ import annotations

import html
import re

#: A well-formed tag, so that "(P <or= 0.01, age >or= 65)" and "a <b and c> d" are not tags.
_TAG = re.compile(
    r"""</?(?:[a-z]\w*:)?([a-z][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?>""",
    re.IGNORECASE | re.ASCII,
)
#: Tags that separate words; any other tag can stand inside a word, as in H<sub>2</sub>O.
_BLOCKS = frozenset(
    {"abstracttext", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "sec", "subtitle", "td", "title"}
    | {"tr", "ul"}
)
#: The start of every tag and entity.
_MARKUP = re.compile("[<&]/?[a-zA-Z#]")


def plain_text(value: object) -> str | None:
    """Return text without tags and entities, on one line; None for a blank text or a value that is not text.

    >>> plain_text("CO<sub>2</sub> &amp; <p>climate</p>")
    'CO2 & climate'
    """
    if not isinstance(value, str):
        return None
    if "&" in value:
        value = html.unescape(html.unescape(value))  # entities are often escaped twice, by repository and aggregator
    if "<" in value:
        value = _TAG.sub(lambda tag: " " if tag[1].lower() in _BLOCKS else "", value)
    return " ".join(value.split()) or None


def may_have_markup(text: str) -> bool:
    """Return whether a text contains something that may be a tag or an entity."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None
