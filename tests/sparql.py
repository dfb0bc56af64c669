"""Queries of validators: they ask the same ones for every node, and rdflib parses a text again each time it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query

_ask = SPARQLProcessor.query


@cache
def _prepared(text: str, base: str | None, names: tuple[tuple[str, Any], ...]) -> Query:
    """What rdflib makes of a text before it asks."""
    return translateQuery(parseQuery(text), base, dict(names))


@contextmanager
def prepared_once() -> Iterator[None]:
    """Let rdflib parse each query once."""

    def query(
        self: SPARQLProcessor, asked: str | Query, bindings: Any = None, names: Mapping[str, Any] | None = None,
        base: str | None = None, DEBUG: bool = False,
    ) -> Mapping[str, Any]:  # fmt: skip
        if isinstance(asked, str):
            asked = _prepared(asked, base, tuple((names or {}).items()))
        return _ask(self, asked, bindings, names, base, DEBUG)

    with mock.patch.object(SPARQLProcessor, "query", query):
        yield
