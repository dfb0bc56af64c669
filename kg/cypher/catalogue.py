"""The canned queries: read from ``queries/``, described by their headers, with checked parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from kg.cypher.tokens import parameters
from kg.errors import QueryError, UnknownName
from kg.problems import nearest
from kg.table import Table

_HEADER = re.compile(r"//\s*(?:(title|description|returns|reads):|(param)\s)\s*(.*)")
_PARAM = re.compile(
    r"(?P<name>\w+):\s*(?P<type>string|integer|boolean)(?P<optional>\?)?(?:\s*=\s*(?P<default>\S+))?\s*(?:-\s*(?P<help>.*))?"
)
#: The parameter that every query may use without declaring it: the id of the review that is read.
REVIEW = "review"


@dataclass(frozen=True)
class Param:
    """A parameter of a query. An optional parameter that is not given is its default, or null."""

    name: str
    type: str
    required: bool
    default: Any = None
    help: str = ""


@dataclass(frozen=True)
class Query:
    """A query and its header. ``summary`` is True where it reads only summary labels and relationships."""

    name: str
    text: str
    title: str = ""
    description: str = ""
    params: tuple[Param, ...] = ()
    returns: tuple[str, ...] = ()
    summary: bool = False

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the typed value of every parameter. Raises QueryError for an unknown, missing or mistyped one."""
        declared = {p.name: p for p in self.params}
        for name in given:
            if name not in declared:
                close = nearest(name, declared)
                hint = f"; did you mean {close[0]}?" if close else f"; it takes {', '.join(declared) or 'none'}"
                raise QueryError(f"query {self.name!r} has no parameter {name!r}{hint}")
        bound: dict[str, Any] = {}
        for param in self.params:
            value = given.get(param.name, param.default)
            if value is None and param.required:
                raise QueryError(f"query {self.name!r} needs the parameter {param.name!r} ({param.type})")
            bound[param.name] = None if value is None else _typed(value, param.type, f"{self.name}: {param.name}")
        return bound


def names() -> list[str]:
    """Return the names of the canned read queries, sorted."""
    folder = resources.files("kg.queries") / "read"
    return sorted(item.name.removesuffix(".cypher") for item in folder.iterdir() if item.name.endswith(".cypher"))


@cache
def canned(name: str) -> Query:
    """Return the canned query called ``name``. Raises UnknownName, with the nearest names."""
    item = resources.files("kg.queries") / "read" / f"{name}.cypher"
    if not re.fullmatch(r"[\w-]+", name) or not item.is_file():
        raise UnknownName("query", name, nearest(name, names()))
    return parse(name, item.read_text(encoding="utf-8"))


def listing() -> Table:
    """Return the canned queries as a table: name, title, parameters, columns."""
    rows: list[tuple[Any, ...]] = []
    for name in names():
        query = canned(name)
        takes = [p.name if p.required else f"[{p.name}]" for p in query.params]
        rows.append((name, query.title, takes, list(query.returns)))
    return Table("queries", ("name", "title", "parameters", "returns"), rows, "Canned queries")


def from_file(path: Path) -> Query:
    """Return the query in a file of the user. Its header is optional; an undeclared parameter has any type."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"cannot read the query file {path}: {error}") from error
    return parse(path.stem, text)


def statements(name: str) -> list[str]:
    """Return the statements of ``queries/NAME.cypher``, split at semicolons that end a line, comments dropped."""
    text = (resources.files("kg.queries") / f"{name}.cypher").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return [part.strip() for part in re.split(r";\s*(?:\n|$)", body) if part.strip()]


@cache
def statement(name: str) -> str:
    """Return the only statement of ``queries/NAME.cypher``; cached, because stores run some with every query."""
    (text,) = statements(name)
    return text


def parse(name: str, text: str) -> Query:
    """Read the header of a query text. Raises QueryError for a header that does not parse."""
    found: dict[str, str] = {}
    params: list[Param] = []
    for line in text.splitlines():
        match = _HEADER.match(line.strip())
        if not match:
            continue
        key, param, value = match.groups()
        if param:
            params.append(_param(name, value))
        else:
            found[key] = f"{found[key]} {value}" if key in found else value
    declared = {p.name for p in params}
    params += [Param(p, "any", required=True) for p in sorted(parameters(text) - declared - {REVIEW})]
    returns = tuple(part.strip() for part in found.get("returns", "").split(",") if part.strip())
    return Query(
        name,
        text,
        found.get("title", ""),
        found.get("description", ""),
        tuple(params),
        returns,
        found.get("reads", "") == "summary",
    )


def _param(query: str, text: str) -> Param:
    match = _PARAM.fullmatch(text.strip())
    if not match:
        raise QueryError(
            f"query {query!r}: cannot read the header line 'param {text}'; it goes: param name: type? = default - help"
        )
    default = match["default"]
    typed = None if default is None else _typed(default, match["type"], f"{query}: {match['name']}")
    return Param(match["name"], match["type"], not match["optional"] and default is None, typed, match["help"] or "")


def _typed(value: Any, kind: str, where: str) -> Any:
    """Return a value as its declared type; under "any" (undeclared), text that is a number or a boolean becomes one."""
    if kind == "any":
        if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}", value):
            return int(value)
        return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if kind == "boolean" and isinstance(value, str):
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if value.lower() in words:
            return words[value.lower()]
    elif kind == "integer" and isinstance(value, str):
        if re.fullmatch(r"[+-]?\d+", value):
            return int(value)
    elif isinstance(value, {"string": str, "integer": int, "boolean": bool}[kind]):
        return value
    raise QueryError(f"{where}: {value!r} is not {'an' if kind == 'integer' else 'a'} {kind}")
