"""The rule that decides whether a statement only reads the graph.

Both stores send a statement in the form that ``read_only`` returns. The rule is an allow-list over tokens, not a search
for bad words. It rests on one property of Cypher: after a complete operand (a name, a literal or a closing bracket), a
name can only be a keyword. Such a name must be one of the keywords below, so no other clause can begin anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NoReturn

from kg.cypher.tokens import Token, position, tokenize
from kg.errors import QueryError, ReadOnlyViolation

#: The deepest nesting of brackets.
MAX_DEPTH = 200


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Clauses that may begin a statement or a subquery, and all clauses that may occur in one.
BEGINNING = _words("MATCH OPTIONAL UNWIND WITH RETURN CALL")
CLAUSES = BEGINNING | _words("WHERE ORDER SKIP OFFSET LIMIT UNION YIELD")
#: Keywords between operands, keywords after an operand, and keywords before one.
_INFIX = _words("AND OR XOR IN CONTAINS WHEN THEN ELSE")
_POSTFIX = _words("END ASC ASCENDING DESC DESCENDING")
_PREFIX = _words("NOT DISTINCT CASE WHEN")
_SUBQUERIES = _words("EXISTS COUNT COLLECT")
#: Clauses that do more than read: those that change the graph or its schema, and those that do something else.
_WRITING_CLAUSES = _words("CREATE MERGE SET DELETE DETACH NODETACH REMOVE FOREACH INSERT DROP ALTER GRANT REVOKE DENY")
_OTHER_CLAUSES = _words("LOAD TERMINATE SHOW USE EXPLAIN PROFILE CYPHER FORMAT START")

#: Procedures that may be called: those that list names of the schema.
PROCEDURES = frozenset({"db.labels", "db.propertykeys", "db.relationshiptypes"})
#: Functions that may be called, in lower case: those of the Cypher manual that compute a value from their arguments.
FUNCTIONS = _words(
    """
    all allshortestpaths any exists isempty none shortestpath single
    char_length character_length coalesce elementid endnode head id last length nullif properties size startnode
    timestamp toboolean tobooleanornull tofloat tofloatornull tointeger tointegerornull type valuetype
    avg collect count max min percentilecont percentiledisc stdev stdevp sum
    keys labels nodes range reduce relationships reverse tail tobooleanlist tofloatlist tointegerlist tostringlist
    abs acos asin atan atan2 ceil cos cot degrees e exp floor haversin isnan log log10 pi radians rand round sign sin
    sqrt tan
    btrim left lower ltrim normalize replace right rtrim split substring tolower tostring tostringornull toupper trim
    upper
    date date.truncate datetime datetime.truncate duration duration.between duration.indays duration.inmonths
    duration.inseconds localdatetime localdatetime.truncate localtime time
    """
)
_ACCEPTED = (
    "a query reads the graph with MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, RETURN, UNION, CALL { }, ORDER BY, SKIP "
    "and LIMIT"
)


@lru_cache(maxsize=256)
def read_only(text: str) -> str:
    """Return the statement to send for ``text``: the same tokens at the same positions, with comments blanked.

    An engine may parse a comment or an unusual space differently from this tokenizer, so neither is sent. Raises
    ReadOnlyViolation for a statement that does more than read, and QueryError for one that is not accepted for another
    reason.
    """
    tokens = tokenize(text)
    _Checker(text, tokens).check()
    pieces: list[str] = []
    at = 0
    for token in tokens:
        pieces += [_blank(text[at : token.at]), token.text]
        at = token.at + len(token.text)
    return "".join(pieces)


def _blank(gap: str) -> str:
    return "".join("\n" if character == "\n" else " " for character in gap)


class _Checker:
    """Checks the tokens of a statement in one pass. ``_expects`` is what may come next.

    - "clause": a clause must begin.
    - "operand": a value, a pattern or a name; any name is a variable here.
    - "operator": an operand is complete; a name must be a keyword.
    """

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._expects = "clause"
        #: The open brackets: the symbol, or "call" or "subquery" for braces that contain a query.
        self._open: list[str] = []
        self._after_star = False

    def check(self) -> None:
        """Raise ReadOnlyViolation or QueryError at the first token that a read-only statement cannot have."""
        if not self._tokens:
            raise QueryError("the query is empty")
        while (token := self._peek()) is not None:
            self._at += 1
            if token.kind == "symbol":
                self._symbol(token)
            elif self._expects == "clause":
                self._clause(token)
            elif self._expects == "operand":
                self._operand(token)
            elif token.keyword:
                self._keyword(token)
            elif token.kind != "number" or not self._after_star:  # the star of a path may be followed by a number
                self._refuse(token)
            self._after_star = token.text == "*"

    def _peek(self, ahead: int = 0) -> Token | None:
        index = self._at + ahead
        return self._tokens[index] if index < len(self._tokens) else None

    def _next_is(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and (token.keyword or token.text) in texts

    def _take(self, *texts: str) -> None:
        """Consume the next token, which must be one of ``texts``."""
        token = self._peek()
        if token is None:
            raise QueryError(f"the query ends where {' or '.join(texts)} should follow")
        if not self._next_is(*texts):
            self._refuse(token)
        self._at += 1

    def _refuse(self, token: Token) -> NoReturn:
        word = token.text.strip("`").upper()
        if token.kind in ("name", "quoted") and word in _WRITING_CLAUSES:
            raise ReadOnlyViolation("this query writes; only reading is allowed")
        kind = ReadOnlyViolation if word in _OTHER_CLAUSES else QueryError
        raise kind(f"{position(self._text, token.at)}: {token.text[:40]} cannot stand here; {_ACCEPTED}")

    def _symbol(self, token: Token) -> None:
        symbol = token.text
        if symbol in "([{":
            if self._expects == "clause" or (symbol == "(" and self._expects == "operator"):
                self._refuse(token)
            if len(self._open) == MAX_DEPTH:
                raise QueryError(f"{position(self._text, token.at)}: brackets are nested more than {MAX_DEPTH} deep")
            self._open.append(symbol)
            self._expects = "operand"
        elif symbol in ")]}":
            opened = self._open.pop() if self._open else ""
            if opened not in {")": ("(",), "]": ("[",), "}": ("{", "call", "subquery")}[symbol]:
                raise QueryError(f"{position(self._text, token.at)}: {symbol} closes nothing")
            self._expects = "clause" if opened == "call" else "operator"
        elif symbol == ";":
            if self._at < len(self._tokens):
                raise ReadOnlyViolation(f"{position(self._text, token.at)}: one statement at a time")
        elif self._expects == "clause":
            self._refuse(token)
        elif symbol == "*" and self._expects == "operand":
            self._expects = "operator"  # RETURN *, count(*), -[*1..3]->
        else:
            self._expects = "operand"

    def _clause(self, token: Token) -> None:
        after_call = self._at > 1 and self._tokens[self._at - 2].text == "}"
        if token.keyword in BEGINNING or (after_call and token.keyword == "UNION"):
            self._keyword(token)
        else:
            self._refuse(token)

    def _operand(self, token: Token) -> None:
        self._expects = "operator"
        if token.kind not in ("name", "quoted"):
            return
        if token.keyword in _PREFIX:
            self._expects = "operand"
            return
        if token.keyword in _SUBQUERIES and self._next_is("{"):
            self._at += 1
            self._begin_query("subquery")
            return
        dotted = self._dotted(token)
        if self._next_is("("):
            self._allow(token, dotted, FUNCTIONS, "function")
            self._expects = "operand"
            self._open.append("(")
            self._at += 1

    def _keyword(self, token: Token) -> None:
        word = token.keyword
        if word == "CALL":
            self._call()
        elif word == "UNION":
            if self._next_is("ALL", "DISTINCT"):
                self._at += 1
            self._expects = "clause"
        elif word in ("OPTIONAL", "ORDER", "STARTS", "ENDS"):
            self._take({"OPTIONAL": "MATCH", "ORDER": "BY"}.get(word, "WITH"))
            self._expects = "operand"
        elif word == "IS":
            if self._next_is("NOT"):
                self._at += 1
            self._take("NULL")
        elif word == "AS":
            alias = self._peek()
            if alias is None or alias.kind not in ("name", "quoted"):
                raise QueryError(f"{position(self._text, token.at)}: AS is not followed by a name")
            self._at += 1
        elif word in CLAUSES or word in _INFIX:
            self._expects = "operand"
        elif word not in _POSTFIX:
            self._refuse(token)

    def _call(self) -> None:
        if self._next_is("("):  # the variables that the subquery imports
            self._at += 1
            while (token := self._peek()) is not None and (
                token.kind in ("name", "quoted") or token.text in (",", "*")
            ):
                self._at += 1
            self._take(")")
            self._take("{")
            self._begin_query("call")
        elif self._next_is("{"):
            self._at += 1
            self._begin_query("call")
        else:
            procedure = self._peek()
            if procedure is None:
                raise QueryError("the query ends after CALL")
            self._at += 1
            self._allow(procedure, self._dotted(procedure), PROCEDURES, "procedure")
            self._expects = "operator"
            if self._next_is("("):
                self._at += 1
                self._take(")")

    def _begin_query(self, kind: str) -> None:
        """Enter the braces of a subquery; EXISTS, COUNT and COLLECT also accept a pattern in place of clauses."""
        self._open.append(kind)
        self._expects = "operand" if kind == "subquery" and self._next_is("(") else "clause"

    def _dotted(self, token: Token) -> str:
        """Return a name with the parts after its dots, and consume them."""
        parts = [token.text]
        while self._next_is(".") and (part := self._peek(1)) is not None and part.kind in ("name", "quoted"):
            parts.append(part.text)
            self._at += 2
        return ".".join(parts)

    def _allow(self, token: Token, name: str, allowed: frozenset[str], noun: str) -> None:
        if name.lower() in allowed and name.isascii():
            return
        if token.text.strip("`").upper() in _WRITING_CLAUSES:
            self._refuse(token)
        raise QueryError(f"{position(self._text, token.at)}: {name} is not among the {noun}s that a query may use")
