"""Changes of a graph that is kept in files: written beside it, and applied when it is opened.

A file has two lines of JSON: what concerns the summary graph, and the rest, so that whoever opens the summary reads no
more than that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kg.change import Change, merged

#: A graph that takes more rows than this to bring up to date when it is opened, or than this part of its findings, is
#: built anew: 2,000 rows take about a tenth of a second, and so does a hundredth of the findings to open them.
MOST_ROWS, MOST_PART = 2_000, 1 / 50


def most_rows(findings: int) -> int:
    """Return how many rows may pile up beside a graph with so many findings."""
    return max(MOST_ROWS, int(findings * MOST_PART))


def write_change(path: Path, change: Change) -> None:
    """Write a new file. Raises FileExistsError where there is one: somebody else has changed the same graph."""
    with path.open("x", encoding="utf-8") as file:
        for part in (change.summary(), change.rest()):
            file.write(json.dumps(_plain(part), ensure_ascii=False, separators=(",", ":"), check_circular=False) + "\n")


def read_changes(paths: Iterable[Path], *, summary: bool = False) -> Change:
    """Return what the files say, one after the other, as one change. Raises ValueError for a file that is damaged."""
    parts = []
    for path in paths:
        with path.open(encoding="utf-8") as file:
            lines = [file.readline()] if summary else [file.readline(), file.readline()]
        parts += [_change(json.loads(line)) for line in lines]
    return merged(parts)


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
