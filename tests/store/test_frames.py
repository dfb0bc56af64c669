"""The columns that the embedded engine loads: it must store what it stores from a pandas data frame."""

from __future__ import annotations

import hashlib
from itertools import chain
from pathlib import Path
from typing import Any

import kglite
import pandas

from kg.graph.rows import ColumnRows
from kg.store.frames import Frame

#: Values of every type of the model, with and without gaps.
ROWS: list[dict[str, Any]] = [
    {"id": "a", "title": "Alpha", "year": 2019, "order": 1, "tabulated": True, "labels": ["x", "y"], "numbers": [1, 2]},
    {
        "id": "b",
        "order": 2,
        "tabulated": False,
        "associated": True,
        "labels": [],
        "numbers": [],
        "some": ["z"],
        "none": [],
    },
    {"id": "c", "title": "", "year": 2**40, "order": 3, "tabulated": True, "labels": ["Größe"], "numbers": [-3]},
]
EDGES = [{"from": "a", "to": "b", "row": 7, "note": "n"}, {"from": "b", "to": "c", "row": 8}]


def saved(nodes: Any, edges: Any, path: Path) -> str:
    engine: Any = kglite.KnowledgeGraph()
    engine.add_nodes(nodes, "Study", "id", "title")
    engine.add_relationships(edges, "CITES", "Study", "from", "Study", "to")
    engine.save(str(path))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_engine_stores_the_same_bytes_as_from_pandas(tmp_path: Path) -> None:
    frame = pandas.DataFrame(ROWS)
    frame["year"] = frame["year"].astype("Int64")
    ours = saved(Frame(ROWS), Frame(EDGES), tmp_path / "ours.kgl")
    assert ours == saved(frame, pandas.DataFrame(EDGES), tmp_path / "pandas.kgl")


def test_columns_are_stored_as_rows_are(tmp_path: Path) -> None:
    """Also where a column has no value in a part of the rows."""
    nodes, edges = (
        ColumnRows(
            {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain(*rows))}
            | {"empty": [None] * len(rows)}
        )
        for rows in (ROWS, EDGES)
    )
    assert Frame(nodes).columns == Frame(ROWS).columns and Frame(nodes[2:]).columns == Frame(ROWS[2:]).columns
    columns = saved(Frame(nodes), Frame(edges), tmp_path / "columns.kgl")
    assert columns == saved(Frame(ROWS), Frame(EDGES), tmp_path / "rows.kgl")


def test_a_column_without_values_is_stored_as_missing(tmp_path: Path) -> None:
    rows = [{"id": "a"}, {"id": "b"}]
    frame = pandas.DataFrame(rows)
    frame["title"] = None
    edges = [{"from": "a", "to": "b"}]
    ours = saved(Frame(rows, "title"), Frame(edges), tmp_path / "ours.kgl")
    assert ours == saved(frame, pandas.DataFrame(edges), tmp_path / "pandas.kgl")
    engine: Any = kglite.load(str(tmp_path / "ours.kgl"))
    assert engine.cypher("MATCH (n:Study) RETURN n.id AS id, n.title AS title ORDER BY id").to_dicts() == [
        {"id": "a", "title": None},
        {"id": "b", "title": None},
    ]


def test_a_frame_has_the_columns_of_all_rows_in_the_order_in_which_they_occur() -> None:
    frame = Frame([{"id": "a", "x": 1}, {"y": True, "id": "b"}], "x", "z")
    assert frame.columns == ["id", "x", "y", "z"]
    assert {name: (frame[name].dtype, frame[name].tolist()) for name in frame.columns} == {
        "id": ("str", ["a", "b"]),
        "x": ("Int64", [1, None]),
        "y": ("boolean", [None, True]),
        "z": ("str", [None, None]),
    }
