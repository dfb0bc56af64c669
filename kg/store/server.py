"""The state of a review on a graph server, and how a build changes it: the statements of ``queries/server/``.

A review has a manifest node. A build first registers there as the only one (``builder``, renewed with every step),
reads back what the server holds, and computes the difference to the graph that it should hold. Only then does it mark
the graph as being written. ``Neo4jStore.read`` reads the state after each query, and before the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.cypher.catalogue import statement, statements
from kg.graph.diff import Change
from kg.graph.rows import EdgeKey, GraphData, Row
from kg.model.vocabulary import LABELS, PROPERTIES, RELATIONSHIPS
from kg.store.base import Manifest
from kg.store.bolt import Runs
from kg.store.loading import Statement, fill, further_labels, load_statements
from kg.store.whole import as_row, columns_of_nodes

#: Milliseconds. A build that has not renewed its registration for this time was interrupted.
PATIENCE = 20_000
#: The number of rows per statement.
BATCH = 10_000
#: A change of at most this many rows is one transaction, so that no client sees a part of it.
ATOMIC = 20_000


@dataclass(frozen=True)
class State:
    """The state of one review: ``version`` is None for an incomplete graph, ``idle`` is in milliseconds."""

    review: str
    version: str | None
    builder: str | None
    writing: bool
    idle: int | None

    @property
    def interrupted(self) -> bool:
        """Whether a build left the graph incomplete, and no build is running."""
        idle = self.builder is None or (self.idle or 0) > PATIENCE
        return idle and (self.version is None or self.writing)


def states(tx: Runs) -> dict[str, State]:
    """Return the state of every review in the database, by its id."""
    return {row["review"]: State(**dict(row)) for row in tx.run(_text("state"))}


def read_manifest(tx: Runs, review: str) -> Manifest | None:
    """Return the manifest of a review, or None."""
    for row in tx.run(_text("manifest"), {"review": review}):
        files = {path: tuple(stamp) for path, stamp in json.loads(row["files"]).items()}
        return Manifest(review, row["model"], files, row["rejected"], json.loads(row["counts"]))
    return None


def manifest_properties(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as properties of a node."""
    return {
        "review": manifest.review,
        "model": manifest.model,
        "files": json.dumps(manifest.files, ensure_ascii=False, sort_keys=True),
        "rejected": manifest.rejected,
        "counts": json.dumps(manifest.counts, ensure_ascii=False, sort_keys=True),
    }


def schema() -> list[str]:
    """Return the statements that create the constraints."""
    return [*statements("schema/constraints"), *statements("server/constraint")]


def missing_schema(tx: Runs) -> list[str]:
    """Return the statements for absent constraints only, because creating a constraint blocks other writers."""
    existing = {row["name"] for row in tx.run(_text("constraints"))}
    return [text for text in schema() if text.split()[2] not in existing]


def begin(tx: Runs, review: str, builder: str) -> tuple[str | None, bool] | None:
    """Register as the build of a review; return its version and whether it is half written, or None if another runs."""
    tx.run(_text("claim"), {"review": review})
    parameters = {"review": review, "builder": builder, "patience": PATIENCE}
    for row in tx.run(_text("begin"), parameters):
        return row["version"], row["writing"]
    return None


def beat(tx: Runs, review: str, builder: str) -> bool:
    """Renew the registration; return whether this is still the build of the review."""
    _lock(tx, review)
    return any(True for _ in tx.run(_text("beat"), {"review": review, "builder": builder}))


def mark(tx: Runs, review: str, *, whole: bool) -> None:
    """Mark the graph as being written, in one transaction (``whole``) or in several."""
    tx.run(_text("mark"), {"review": review, "whole": whole})


def end(tx: Runs, manifest: Manifest, version: str) -> None:
    """Write the manifest of the new graph, and end the registration."""
    tx.run(_text("end"), {"version": version, **manifest_properties(manifest)})


def abandon(tx: Runs, review: str, builder: str) -> None:
    """End the registration as the build of a review."""
    _lock(tx, review)
    tx.run(_text("abandon"), {"review": review, "builder": builder})


def forget(tx: Runs, review: str) -> None:
    """Remove the manifest of a review whose graph has been removed."""
    _lock(tx, review)
    tx.run(_text("forget"), {"review": review})


def touch(tx: Runs, manifest: Manifest, version: str) -> None:
    """Replace the file times of a manifest."""
    _lock(tx, manifest.review)
    tx.run(_text("touch"), {"version": version, **manifest_properties(manifest)})


def read_back(ask: Callable[[str], Iterable[Mapping[str, Any]]]) -> GraphData:
    """Return the graph of a review as the server holds it, including changes by others.

    ``ask`` runs a statement for that review.
    """
    nodes: dict[str, Sequence[Row]] = {}
    for label in LABELS:
        text = fill(_text("read-nodes"), Label=label, Columns=columns_of_nodes(label))
        nodes[label] = [as_row(dict(row)) for row in ask(text)]
    edges: dict[EdgeKey, list[Row]] = {
        (kind, start, end_): [] for kind, pairs in RELATIONSHIPS.items() for start, end_ in pairs
    }
    for start in dict.fromkeys(start for _, start, _ in edges):
        kinds = dict.fromkeys(kind for kind, other, _ in edges if other == start)
        for row in ask(fill(_text("edges-from"), Start=start, Types="|".join(kinds))):
            for label in row["ends"]:
                if (found := edges.get((row["kind"], start, label))) is not None:
                    found.append(_edge(row))
    return GraphData(nodes, {key: rows for key, rows in edges.items() if rows})


def _edge(row: Mapping[str, Any]) -> Row:
    given = row["properties"]
    held = {name: given[name] for name in PROPERTIES.get(row["kind"], ()) if name in given}
    return {"from": row["from"], "to": row["to"], **held}


Batch: TypeAlias = tuple[str, list[Row]]


def batches(change: Change) -> Iterator[Batch]:
    """Yield the statements that make a change, with at most BATCH rows each."""
    for step in load_statements(change):
        for text in _with_release(step):
            for at in range(0, len(step.rows), BATCH):
                yield text, step.rows[at : at + BATCH]


def _with_release(step: Statement) -> list[str]:
    """Return the text of a statement; before one that removes nodes, a statement that keeps those in use by others."""
    if step.name != "remove-nodes":
        return [step.text]
    released = fill(_text("release-nodes"), Label=step.label, Further=further_labels(step.label))
    return [released, step.text]


def _lock(tx: Runs, review: str) -> None:
    """Lock the manifest. Otherwise a statement would read it first, and wait for other writers only when it writes."""
    tx.run(_text("lock"), {"review": review})


def _text(name: str) -> str:
    return statement(f"server/{name}")
