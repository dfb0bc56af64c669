"""Load a graph into the embedded engine with its bulk calls, in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kg.errors import StoreError
from kg.store.frames import Frame

if TYPE_CHECKING:
    from kg.graph.rows import EdgeKey, GraphData, Row

#: Labels with a property ``title``; for others the engine's own ``n.title`` answers the id.
TITLED = ("Study", "Review", "Candidate", "Record")

#: The rows of one call of the engine: their columns are as large as many records packed.
_ROWS_AT_ONCE = 20_000


def load(engine: Any, graph: GraphData) -> None:
    """Load all nodes and edges into ``engine``, a ``kglite.KnowledgeGraph``, whose type hints demand pandas.

    Raises StoreError for an edge between nodes that do not exist.
    """
    _call_while_preparing(_calls(engine, graph))


def _calls(engine: Any, graph: GraphData) -> Iterator[Callable[[], object]]:
    """Yield the calls of the engine that load a graph, in their order, each with its columns prepared."""
    for label, rows in graph.nodes.items():
        title = "title" if label in TITLED else "id"
        for part in _parts(rows):
            yield partial(engine.add_nodes, Frame(part, title), label, "id", title)
    for key, rows in graph.edges.items():
        # The engine compares an edge with those that its start has from earlier calls, and a review has very many.
        for part in [rows] if key[1] == "Review" else _parts(rows):
            yield partial(_add_edges, engine, key, Frame(part))


def _add_edges(engine: Any, key: EdgeKey, frame: Frame) -> None:
    kind, start, end = key
    report = engine.add_relationships(frame, kind, start, "from", end, "to")
    if report["stubs_vivified"]:
        raise StoreError(f"{kind} joins nodes that do not exist: {report}")


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[begin : begin + _ROWS_AT_ONCE] for begin in range(0, len(rows), _ROWS_AT_ONCE))


def _call_while_preparing(calls: Iterable[Callable[[], object]]) -> None:
    """Run the calls one after the other in a thread, and prepare the next one meanwhile.

    That saves time because the engine releases the GIL.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        running: Future[object] | None = None
        for call in calls:
            if running:
                running.result()
            running = executor.submit(call)
        if running:
            running.result()
