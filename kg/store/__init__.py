"""Graph stores, chosen by ``scheme:locator``."""

from __future__ import annotations

from collections.abc import Callable

from kg.errors import UsageProblem
from kg.store.base import Manifest, Progress, Rows, Store, silent
from kg.store.limits import Limits

__all__ = [
    "SCHEMES",
    "Limits",
    "Manifest",
    "Progress",
    "Rows",
    "Store",
    "drop_graph",
    "is_shared",
    "open_store",
    "silent",
]


def _embedded(url: str, review: str | None) -> Store:
    from kg.store.embedded import EmbeddedStore

    return EmbeddedStore(url)


def _neo4j(url: str, review: str | None) -> Store:
    from kg.store.neo4j import Neo4jStore

    return Neo4jStore(url, review)


#: The schemes of the Bolt protocol, which are passed to the driver: +s is TLS with a verified certificate, +ssc without
#: verification; neo4j:// uses the routing of a cluster, bolt:// connects to one server.
BOLT_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")

#: Scheme -> the function that opens a store.
SCHEMES: dict[str, Callable[[str, str | None], Store]] = {
    "embedded": _embedded,
    **dict.fromkeys(BOLT_SCHEMES, _neo4j),
}


def is_shared(url: str) -> bool:
    """Return whether the store may hold several reviews."""
    return url.partition(":")[0] in BOLT_SCHEMES


def open_store(url: str, review: str | None = None) -> Store:
    """Open the store that ``url`` names, e.g. ``embedded:/path/to/folder``.

    ``review`` is the id of the review to use where a store holds several and the URL names none. Raises UsageProblem
    for an unknown scheme.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in SCHEMES:
        known = ", ".join(f"{name}:…" for name in SCHEMES)
        raise UsageProblem(
            f"cannot open the store {url!r}: known are {known} (for example embedded:.kg/graph, neo4j://localhost:7687)"
        )
    return SCHEMES[scheme](url, review)


def drop_graph(url: str, review: str | None = None) -> str:
    """Remove a graph from a store and return the id of its review.

    ``review`` is its id where the store has several reviews and the URL does not state one. Raises StoreError where the
    store has no such graph.
    """
    store = open_store(url, review)
    try:
        return store.drop()
    finally:
        store.close()
