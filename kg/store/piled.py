"""Changes of a graph that is kept in files: written beside it, and applied when it is opened.

A file has two lines of JSON: what concerns the summary graph, and the rest, so that whoever opens the summary reads no
more than that. Labels of studies are written as the places of the studies, since in a large review a tally has tens of
thousands: the graph's own list of labels is beside it.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from kg.change import Change, merged
from kg.graphdata import GraphData
from kg.members import Labels

#: The labels of all studies, in their order.
LABELS = "labels.json"
#: What stands for labels in a change; no property has this name.
PLACES = " places"

#: A graph that takes more rows than this to bring up to date when it is opened, or than this part of its findings, is
#: built anew. Most rows take hundredths of a millisecond, but one to remove from among ten thousand others takes two.
MOST_ROWS, MOST_PART = 2_000, 1 / 200


def most_rows(findings: int) -> int:
    """Return how many rows may pile up beside a graph with so many findings."""
    return max(MOST_ROWS, int(findings * MOST_PART))


def write_labels(build: Path, graph: GraphData) -> None:
    """Write what the review calls its studies."""
    studies = sorted(graph.nodes.get("Study", ()), key=lambda row: int(row.get("order", 0)))
    (build / LABELS).write_text(json.dumps([row.get("label") for row in studies]), encoding="utf-8")


def write_change(path: Path, change: Change) -> None:
    """Write a new file. Raises FileExistsError where there is one: somebody else has changed the same graph."""
    with path.open("x", encoding="utf-8") as file:
        for part in (change.summary(), change.rest()):
            text = json.dumps(
                _plain(part), ensure_ascii=False, separators=(",", ":"), check_circular=False, default=_places
            )
            file.write(text + "\n")


def read_changes(build: Path, names: Iterable[str], *, summary: bool = False) -> Change:
    """Return what the files say, one after the other, as one change. Raises ValueError for a file that is damaged."""
    revive = partial(_labels, cache(lambda: json.loads((build / LABELS).read_text(encoding="utf-8"))))
    parts = []
    for name in names:
        with (build / name).open(encoding="utf-8") as file:
            lines = [file.readline()] if summary else [file.readline(), file.readline()]
        parts += [_change(json.loads(line, object_hook=revive)) for line in lines]
    return merged(parts)


def _places(value: object) -> dict[str, str]:
    if isinstance(value, Labels):
        return {PLACES: b64encode(array("I", value.places).tobytes()).decode()}
    raise TypeError(f"{value!r} is no value of a graph")


def _labels(read: Callable[[], list[int | str]], row: dict[str, Any]) -> Any:
    return Labels(array("I", b64decode(row[PLACES])), read()) if PLACES in row else row


def _plain(change: Change) -> list[Any]:
    return [
        change.nodes,
        [[*key, rows] for key, rows in change.edges.items()],
        change.gone_nodes,
        [[*key, rows] for key, rows in change.gone_edges.items()],
    ]


def _change(read: Any) -> Change:
    nodes, edges, gone_nodes, gone_edges = read
    return Change(
        nodes,
        {(kind, start, end): rows for kind, start, end, rows in edges},
        gone_nodes,
        {(kind, start, end): rows for kind, start, end, rows in gone_edges},
    )
