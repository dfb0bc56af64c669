"""Text of bibliographic records without HTML, JATS and entities."""

from __future__ import annotations

import html
import re

from kg.model.normalise import without_tags

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
    return " ".join(without_tags(value).split()) or None


def may_have_markup(text: str) -> bool:
    """Return whether a text contains something that may be a tag or an entity."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None
