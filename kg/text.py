"""Text from untrusted files, made safe for output: a terminal, a page, a spreadsheet."""

from __future__ import annotations

import re
from typing import Final

#: Control characters other than tab and line feed, and lone surrogates.
_CONTROLS: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
#: Bidirectional formatting characters, which change the order in which a line is displayed.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_UNSAFE = re.compile(f"[{_CONTROLS}{_BIDI}]")
#: The beginning of a cell that a spreadsheet may run as a formula. Some programs skip white space and zero-width
#: characters, and some treat full-width signs as the ASCII ones.
_UNSEEN: Final = "\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SIGNS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"[{_UNSEEN}]*[{_SIGNS}]|[\t\r\n]")

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def without_controls(text: str) -> str:
    """Return text without control characters, for files; tabs, line feeds and bidirectional characters stay."""
    return _CONTROL.sub("", text)


def printable(text: str) -> str:
    """Return text without control characters and bidirectional characters; tabs and line feeds stay."""
    return _UNSAFE.sub("", text)


def escaped(text: str, *, bidi: bool = True) -> str:
    r"""Return text with control characters, and with ``bidi`` also bidirectional characters, escaped as ``\u001b``.

    JSON has the same escapes: escaped JSON contains the same values.

    >>> escaped("a\x1b[2Jb")
    'a\\u001b[2Jb'
    """
    return (_UNSAFE if bidi else _CONTROL).sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def is_colour(text: str) -> bool:
    """Return whether text is a colour that a style sheet may take: # and six hexadecimal digits."""
    return bool(_COLOUR.fullmatch(text))


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may run the text of a cell as a formula."""
    return bool(_FORMULA.match(text))


def guarded(text: str) -> str:
    """Return the text of a cell with an apostrophe before what a spreadsheet may run as a formula."""
    return f"'{text}" if is_formula(text) else text


def unguarded(text: str) -> str:
    """Return the text of a cell without the apostrophe that ``guarded`` adds."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
