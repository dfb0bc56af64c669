"""Text normalisation: the form in which terms, titles and names are compared. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

#: Latin letters that Unicode does not decompose into an ASCII letter and an accent.
LATIN_LETTERS = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_LATIN = str.maketrans(LATIN_LETTERS)
#: Quotes and hyphens of word processors -> those of a keyboard.
_TYPEWRITER = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-"})
#: What separates words: letters of every script count, because a sheet may be headed in any of them.
_SEPARATOR = re.compile(r"(?:[^\w+]|_)+")
#: A well-formed tag, so that "(P <or= 0.01, age >or= 65)" and "a <b and c> d" contain none.
_TAG = re.compile(
    r"""</?(?:[a-z]\w*:)?([a-z][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?>""",
    re.IGNORECASE | re.ASCII,
)
#: Tags that separate words; other tags may occur inside a word, as in H<sub>2</sub>O.
_BLOCK_TAGS = frozenset(
    {"abstracttext", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "sec", "subtitle", "td", "title"}
    | {"tr", "ul"}
)


def fold_term(text: str) -> str:
    """Return the name of a factor or outcome as it is compared.

    Case, white space, the composition of letters, curly quotes and typographic hyphens make no difference.

    >>> fold_term("Peer’s  Self‑care") == fold_term("peer's self-care")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().translate(_TYPEWRITER).split())


def fold_words(text: str) -> str:
    """Return a column name or a fixed value as it is compared: lower case, one space between words, no punctuation
    but +.

    >>> fold_words("Outcome(s)_affected")
    'outcome s affected'
    """
    return _SEPARATOR.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


def without_accents(text: str, letters: Mapping[int, str] = _LATIN) -> str:
    """Return text in lower case without accents; ``letters`` replaces single letters (see ``str.maketrans``).

    >>> without_accents("Ærø Größe")
    'aero grosse'
    """
    if text.isascii():  # most texts
        return text.lower().translate(letters)
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(letters)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def without_tags(text: str) -> str:
    """Return text without the tags of HTML, JATS and MathML; a tag that separates words becomes a space.

    >>> without_tags("H<sub>2</sub>O, p <or= 0.01<br/>in <i>vivo</i>")
    'H2O, p <or= 0.01 in vivo'
    """
    if "<" not in text:
        return text
    return _TAG.sub(lambda tag: " " if tag[1].lower() in _BLOCK_TAGS else "", text)
