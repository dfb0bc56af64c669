"""A tokenizer for Cypher, and properties of a statement that its tokens show. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kg.errors import QueryError

#: The longest statement, in characters.
MAX_LENGTH = 1_000_000

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<quoted>`(?:[^`]|``)+`)
    | (?P<parameter>\$(?:\w+|`(?:[^`]|``)+`))
    | (?P<number>(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?!\w))
    | (?P<name>[^\W\d]\w*)
    | (?P<symbol>=~|\.\.|/(?!\*)|[()\[\]{}.,:;|&!=<>+\-*%^])
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """One token: ``kind`` is string, quoted (a name in backticks), parameter, number, name or symbol."""

    kind: str
    text: str
    at: int

    @property
    def keyword(self) -> str:
        """The token in upper case where it may be a keyword (an ASCII name without backticks), else blank."""
        return self.text.upper() if self.kind == "name" and self.text.isascii() else ""


@lru_cache(maxsize=256)
def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of a statement, without comments and white space. Raises QueryError for other text."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or (found.lastgroup == "name" and not found[0].isidentifier()):
            raise QueryError(f"{position(text, at)}: cannot read {text[at : at + 12]!r}")
        kind = str(found.lastgroup)
        if kind != "space":
            escape = re.search(r"\\[uU]", found[0])
            if escape:
                # Neo4j replaces these before it looks for quotes: for Neo4j, '\u0027 is a complete string.
                where = position(text, at + escape.start())
                raise QueryError(f"{where}: Unicode escapes are not accepted; write the character itself")
            tokens.append(Token(kind, found[0], at))
        at = found.end()
    return tuple(tokens)


def parameters(text: str) -> set[str]:
    """Return the names of the parameters that a statement uses, without the dollar sign."""
    return {token.text[1:].strip("`") for token in tokenize(text) if token.kind == "parameter"}


def names_a_review(text: str, parameter: str) -> bool:
    """Return whether a statement says of which reviews it is: by ``parameter``, the label Review or a property.

    So does one that does not match anything in the graph.
    """
    tokens = tokenize(text)
    pairs = [(a.text, b.text.strip("`")) for a, b in pairwise(tokens)]
    keys = {key for (before, key), (_, after) in pairwise(pairs) if before in ("{", ",") and after == ":"}
    named = (":", "Review") in pairs or (".", "review") in pairs or "review" in keys
    return named or parameter in parameters(text) or not any(token.keyword == "MATCH" for token in tokens)


def position(text: str, at: int) -> str:
    """Return a position in a text as line and column, both counted from 1."""
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"
