"""The Parquet files hold the whole graph, DuckDB opens them, and a failure leaves the folder as it was."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kg.errors import KgError, UsageProblem
from kg.export.parquet import columns_of, write_parquet
from kg.folder.review import Review
from kg.graph.build import assemble
from kg.graph.rows import GraphData
from kg.model.vocabulary import LABELS, ONE_VALUE, PROPERTIES, RELATIONSHIPS, TYPES
from kg.query import rows
from kg.query.graph import Graph
from kg.store import Manifest, open_store
from tests.conftest import Run
from tests.paths import ROOT
from tests.sample import FULL

NAMES = [*LABELS, *RELATIONSHIPS]
#: The name of a type in kg.model.vocabulary -> in DuckDB.
IN_DUCKDB = {
    "text": "VARCHAR", "whole number": "BIGINT", "number": "DOUBLE", "true or false": "BOOLEAN", "list of texts": "VARCHAR[]",
}  # fmt: skip


def graph_of(data: GraphData, folder: Path) -> Graph:
    store = open_store(f"embedded:{folder}")
    store.write(data, Manifest(FULL.review.id, "test"))
    return Graph(store)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with graph_of(assemble(FULL), tmp_path_factory.mktemp("sample") / "graph") as graph:
        yield graph


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    answer = duckdb.read_parquet(f"{folder / name}.parquet")
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def expected(data: GraphData, name: str) -> list[dict[str, Any]]:
    """Return the rows of a label or type as the assembled graph has them, in the order of the file."""

    def value(column: str, found: Any) -> Any:
        if isinstance(found, list | tuple):
            return [str(item) for item in found]
        return str(found) if found is not None and column not in TYPES else found

    if name in LABELS:
        listed = sorted(data.nodes.get(name, ()), key=lambda row: row["id"])
    else:
        listed = []
        for start, end in RELATIONSHIPS[name]:
            own = {(row["from"], row["to"]): row for row in data.edges.get((name, start, end), ())}
            listed += [{**own[ends], "from_label": start, "to_label": end} for ends in sorted(own)]
    return [{column: value(column, row.get(column)) for column in columns_of(name)} for row in listed]


@pytest.mark.parametrize("batch", [1, 20_000])
def test_the_files_are_the_graph(sample: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(rows, "BATCH", batch)
    write_parquet(sample, tmp_path / "out")
    data = assemble(FULL)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *(f"{name}.parquet" for name in NAMES), "README.txt", "schema.json",
    }  # fmt: skip
    said = json.loads((tmp_path / "out" / "schema.json").read_text(encoding="utf-8"))
    for name in NAMES:
        wanted = expected(data, name)
        assert read(tmp_path / "out", name) == wanted, name
        assert said[name] == {"rows": len(wanted), "columns": columns_of(name)}
    assert sum(entry["rows"] == 0 for entry in said.values()) < 5, "the sample fills nearly every file"


def test_the_types_of_columns_are_those_of_the_model(sample: Graph, tmp_path: Path) -> None:
    write_parquet(sample, tmp_path / "out")
    for name in NAMES:
        found = duckdb.read_parquet(f"{tmp_path / 'out' / name}.parquet")
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        assert types == {c: IN_DUCKDB[kind] for c, kind in columns_of(name).items()}
    ends = ["from_label", "from", "to_label", "to"]
    assert [list(columns_of(name)) for name in NAMES] == [
        [*([] if name in LABELS else ends), *PROPERTIES.get(name, ())] for name in NAMES
    ]
    assert {name for names in PROPERTIES.values() for name in names} >= set(TYPES)
    assert len({name.lower() for name in NAMES}) == len(NAMES), "on a disk that does not tell a from A"


def test_the_types_are_those_of_the_ontology() -> None:
    text = (ROOT / "ontology" / "kg.ttl").read_text(encoding="utf-8")
    ranges = dict(re.findall(r'kg:propertyName "(\w+)" ;[^\n]*rdfs:range xsd:(\w+)', text))
    words = {"integer": "whole number", "double": "number", "boolean": "true or false", "string": "text"}
    differ = {n for n, range_ in ranges.items() if TYPES.get(n, "text") != words[range_]}
    assert differ == {"outcomes"}, "a list of texts is several statements in RDF"
    assert {name for name in TYPES if name not in ranges} == {
        "study_labels",
        *(f"one_{facet}_labels" for facet in ONE_VALUE),
    }


def test_the_types_are_documented() -> None:
    table = re.findall(
        r"^\| ([\w ]+) \| [A-Z]\w+.*? \| (`.*) \|$", (ROOT / "docs" / "parquet.md").read_text(encoding="utf-8"), re.M
    )
    assert {column: kind for kind, columns in table for column in re.findall("`(\\w+)`", columns)} == TYPES


def test_the_same_graph_gives_the_same_bytes(own_example: Review, run: Run, tmp_path: Path) -> None:
    """Also over an earlier export, and on a graph that was built again."""
    root = own_example.root
    assert run("export", "parquet", tmp_path / "a", "-C", root).err == f"wrote {tmp_path / 'a'}\n"
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert run("build", "--force", "-C", root).code == 0
    assert run("export", "parquet", tmp_path / "a", "-C", root).code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == before
    with own_example.graph() as graph:
        counts = graph.store.manifest().counts  # type: ignore[union-attr]
    schema = json.loads(before["schema.json"])
    assert {label: schema[label]["rows"] for label in counts} == counts


def test_duckdb_counts_as_the_tables_do(own_example: Review, run: Run, tmp_path: Path) -> None:
    """Studies per factor and direction, and per cell, from the findings; and a part of the graph."""
    run("export", "parquet", tmp_path / "all", "-C", own_example.root)
    run("export", "parquet", tmp_path / "part", "-C", own_example.root, "--where", "design=survey")
    for folder, conditions in (("all", []), ("part", ["design=survey"])):
        connection = duckdb.connect()
        for name in NAMES:
            connection.read_parquet(f"{tmp_path / folder / name}.parquet").create_view(f"{name}_")
        answer = connection.execute(
            """SELECT f.label, o.label, x.direction, count(DISTINCT r."from")
            FROM Finding_ x JOIN REPORTS_ r ON r."to" = x.id
            JOIN ABOUT_ a ON a."from" = x.id JOIN Factor_ f ON f.id = a."to"
            JOIN AFFECTS_ e ON e."from" = x.id JOIN Outcome_ o ON o.id = e."to"
            GROUP BY ALL"""
        ).fetchall()
        with own_example.graph() as whole, whole.where(conditions) as graph:
            cells: dict[tuple[str, str, str], set[Any]] = {}
            for row in graph.table("gap-map").dicts():
                cells.setdefault((row["factor"], row["outcome"], row["direction"]), set()).update(row["study_labels"])
        assert {row[:3]: row[3] for row in answer} == {cell: len(labels) for cell, labels in cells.items()}
        assert len(cells) > 20


def test_a_folder_with_other_files_is_left_alone(sample: Graph, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(
        UsageProblem, match=r"holds notes\.txt, which is not of an export to Parquet: name a new folder"
    ):
        write_parquet(sample, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_value_of_another_type_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    data = assemble(FULL)
    for row in data.nodes["Source"]:
        row["rows"] = "many"
    which = min(row["id"] for row in data.nodes["Source"])
    with (
        graph_of(data, tmp_path / "graph") as graph,
        pytest.raises(
            KgError,
            match=f"^Source '{re.escape(which)}': rows is 'many', which is no whole number; change it in the files of the review$",
        ),
    ):
        write_parquet(graph, tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()


def test_without_pyarrow_the_extra_is_named(sample: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageProblem, match=r"^Parquet files need pyarrow: pip install 'evidence-kg\[parquet\]'$"):
        write_parquet(sample, tmp_path / "out")
    assert not (tmp_path / "out").exists()
