"""Graph stores, chosen by ``scheme:locator``."""

from __future__ import annotations

from collections.abc import Callable

from kg.errors import UsageProblem
from kg.store.base import Manifest, Progress, Rows, Store, silent

__all__ = ["SCHEMES", "Manifest", "Progress", "Rows", "Store", "open_store", "silent"]


def _embedded(url: str, review: str | None) -> Store:
    from kg.store.embedded import EmbeddedStore

    return EmbeddedStore(url)


#: Scheme -> what opens a store of that scheme.
SCHEMES: dict[str, Callable[[str, str | None], Store]] = {"embedded": _embedded}


def open_store(url: str, review: str | None = None) -> Store:
    """Open the store that ``url`` names, e.g. ``embedded:/path/to/folder``.

    ``review`` is the id of the review that is meant where a store holds several and the URL names none. Raises
    UsageProblem for a scheme that is not known.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in SCHEMES:
        known = ", ".join(f"{name}:…" for name in SCHEMES)
        raise UsageProblem(f"cannot open the store {url!r}: known are {known} (for example embedded:.kg/graph)")
    return SCHEMES[scheme](url, review)
