"""Which studies of a state are counted: the empirical ones, as tables do, or those of every class of evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.folder.same import Row
from kg.graph.facets import OTHER_EVIDENCE
from kg.query.part import EMPIRICAL, EVERY

#: What a comparison can count; a release holds the gaps and numbers of both.
COUNTED = (EMPIRICAL, EVERY)
_PREFIX = "evidence:"
#: The classes other than empirical, without the id of their facet.
OTHERS = tuple(sorted(id_.removeprefix(_PREFIX) for id_ in OTHER_EVIDENCE))


def other_class(values: Iterable[str]) -> str:
    """Return the class of evidence of a study that does not count as empirical, blank for one that does.

    ``values`` are the ids of its values of the facet evidence.
    """
    found = [value.removeprefix(_PREFIX) for value in values]
    return "" if EMPIRICAL in found else next((value for value in found if value in OTHERS), "")


def counted_tables(tables: Mapping[str, Iterable[Row]], evidence: str) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Return the rows of a snapshot that are counted, and id -> class of the studies that are not.

    ``evidence`` is one of COUNTED. Gaps and numbers are there for all studies and, where some are not empirical, once
    more for the empirical ones.
    """
    found = {name: list(rows) for name, rows in tables.items()}
    others = {row["id"]: row["evidence"] for row in found.get("studies", ()) if row["evidence"]}
    left = others if evidence == EMPIRICAL else {}
    for name, column in (("studies", "id"), ("findings", "study"), ("cells", "study")):
        found[name] = [row for row in found.get(name, ()) if row[column] not in left]
    for name in ("gaps", "numbers"):
        found[name] = [row for row in found.get(name, ()) if row["evidence"] == (EMPIRICAL if left else "")]
    return found, left


def class_numbers(left_out: Mapping[str, str]) -> str:
    """Return how many studies of each class are left out, such as ``2 grey, 1 review``."""
    classes = list(left_out.values())
    return ", ".join(f"{classes.count(name)} {name}" for name in OTHERS if name in classes)
