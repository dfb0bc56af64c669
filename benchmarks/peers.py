"""What kg is measured against, each as a whole process on the same CSV files.

python benchmarks/peers.py duckdb|plain counts|map DIR     answer from the CSV; rows on stdout as JSON lines
python benchmarks/peers.py same - DIR                      load kg's own nodes and edges through the engine's bulk calls
python benchmarks/peers.py bulk - DIR                      load only the sheets, without what kg derives, likewise
python benchmarks/peers.py hash - DIR                      hash the files that kg build reads
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


def duckdb_(question: str, folder: Path) -> list[tuple[object, ...]]:
    import duckdb

    db = duckdb.connect()
    findings = f"read_csv('{folder}/sheets/findings*.csv', header=true)"
    db.execute(f"CREATE TABLE s AS SELECT key, label FROM read_csv('{folder}/sheets/studies.csv', header=true)")
    db.execute(f"CREATE TABLE f AS SELECT study, factor, direction, outcomes FROM {findings}")
    keys = "factor, direction" if question == "counts" else "factor, outcomes, direction"
    return db.execute(
        f"SELECT {keys}, count(DISTINCT label) AS studies, list(DISTINCT label ORDER BY label) AS labels "
        f"FROM f JOIN s ON f.study = s.key GROUP BY {keys} ORDER BY {keys}"
    ).fetchall()


def plain(question: str, folder: Path) -> list[tuple[object, ...]]:
    import csv

    with (folder / "sheets" / "studies.csv").open(encoding="utf-8", newline="") as file:
        labels = {row[0]: int(row[1]) for row in list(csv.reader(file))[1:]}
    cells: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for sheet in sorted((folder / "sheets").glob("findings*.csv")):
        with sheet.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for study, factor, direction, outcome, *_ in rows:
                key = (factor, direction) if question == "counts" else (factor, outcome, direction)
                cells[key].add(labels[study])
    return [(*key, len(found), sorted(found)) for key, found in sorted(cells.items())]


def bulk(folder: Path) -> None:
    """Load studies, findings, factors, outcomes and the edges between them with add_nodes and add_relationships;
    save."""
    import kglite
    import pandas

    def read(name: str) -> pandas.DataFrame:
        return pandas.read_csv(folder / name, dtype=str, keep_default_na=False)

    graph = kglite.KnowledgeGraph()
    studies, findings = read("sheets/studies.csv"), read("sheets/findings.csv")
    findings["id"] = [f"f{n}" for n in range(len(findings))]
    studies["year"] = studies["year"].astype(int)
    graph.add_nodes(studies, "Study", "key", "title")
    graph.add_nodes(read("vocabulary/factors.csv"), "Factor", "id", "label")
    graph.add_nodes(read("vocabulary/outcomes.csv"), "Outcome", "id", "label")
    graph.add_nodes(findings[["id", "direction", "locator", "note"]], "Finding", "id", "id")
    for kind, start, start_column, end, end_column in (
        ("REPORTS", "Study", "study", "Finding", "id"),
        ("ABOUT", "Finding", "id", "Factor", "factor"),
        ("AFFECTS", "Finding", "id", "Outcome", "outcomes"),
    ):
        graph.add_relationships(findings[[start_column, end_column]], kind, start, start_column, end, end_column)
    with tempfile.TemporaryDirectory() as scratch:
        graph.save(str(Path(scratch) / "graph.kgl"))


def same(folder: Path) -> None:
    """Load the very nodes and edges that kg build makes, from frames made beforehand; save."""
    import kglite
    import pandas

    nodes, edges = pandas.read_pickle(folder / "graph.pickle")  # noqa: S301 - made a moment ago by make_same
    graph = kglite.KnowledgeGraph()
    for label, frame in nodes.items():
        graph.add_nodes(frame, label, "id", "title" if label in ("Study", "Review") else "id")
    for (kind, start, end), frame in edges.items():
        graph.add_relationships(frame, kind, start, "from", end, "to")
    with tempfile.TemporaryDirectory() as scratch:
        graph.save(str(Path(scratch) / "graph.kgl"))


def hash_(folder: Path) -> None:
    """Hash the files that kg build reads."""
    import hashlib

    for path in sorted([*folder.glob("sheets/*"), *folder.glob("vocabulary/*"), folder / "review.toml"]):
        hashlib.sha256(path.read_bytes()).hexdigest()


def frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """Return rows as a data frame, the documented argument of the engine's bulk calls."""
    import pandas

    made = pandas.DataFrame(rows)
    # pandas turns integers with gaps into floats; the model has no floats.
    for name in made.select_dtypes("float").columns:
        made[name] = made[name].astype("Int64")
    return made


def make_same(folder: Path) -> None:
    """Write DIR/graph.pickle: what kg makes of the folder, before it reaches the engine."""
    import pickle

    import kg
    from kg.graph.build import assemble

    data = assemble(kg.open_review(folder).load().evidence)
    nodes = {key: frame(rows) for key, rows in data.nodes.items() if rows}
    edges = {key: frame(rows) for key, rows in data.edges.items() if rows}
    (folder / "graph.pickle").write_bytes(pickle.dumps((nodes, edges)))


if __name__ == "__main__":
    peer, asked, where = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if peer in ("bulk", "same", "hash"):
        {"bulk": bulk, "same": same, "hash": hash_}[peer](where)
    else:
        answer = (duckdb_ if peer == "duckdb" else plain)(asked, where)
        sys.stdout.write("\n".join(json.dumps(row) for row in answer) + "\n")
