"""What reads works of OpenAlex, or writes a graph, for ``benchmarks/records.py``: the limit, peers and kg.

Each function gets the review folder and does its work once. One that has something to prepare calls ``clock`` when that
is done. ``dump`` writes the nodes and edges that kg makes, so that peers write the same ones.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

WORKS = "records/works.jsonl.gz"
#: The same works, not compressed, and the nodes and edges that kg makes of them.
PLAIN, GRAPH = "works.jsonl", "graph.jsonl"

#: What DuckDB reads of a work; the rest of its JSON is skipped.
COLUMNS = {
    "id": "VARCHAR",
    "doi": "VARCHAR",
    "title": "VARCHAR",
    "publication_year": "INTEGER",
    "type": "VARCHAR",
    "cited_by_count": "INTEGER",
    "is_retracted": "BOOLEAN",
    "authorships": "STRUCT(author STRUCT(id VARCHAR, display_name VARCHAR, orcid VARCHAR), author_position VARCHAR, "
    "institutions STRUCT(id VARCHAR, display_name VARCHAR, country_code VARCHAR)[])[]",
    "topics": "STRUCT(id VARCHAR, display_name VARCHAR, score DOUBLE)[]",
    "referenced_works": "VARCHAR[]",
}
#: Table -> what it holds, of the works as they were read.
TABLES = {
    "works": "SELECT id, doi, title, publication_year, type, cited_by_count, is_retracted FROM raw",
    "authorships": "SELECT id AS work, unnest(authorships) AS authorship FROM raw",
    "topics": "SELECT id AS work, unnest(topics) AS topic FROM raw",
    "refs": "SELECT id AS work, unnest(referenced_works) AS cited FROM raw",
}


def parse(root: Path, clock: Callable[[], None]) -> None:
    """Parse every line with orjson, and keep none."""
    with gzip.open(root / WORKS) as lines:
        for line in lines:
            orjson.loads(line)


def duckdb_(root: Path, clock: Callable[[], None]) -> None:
    """Read works, authorships, topics and references into tables of a database in a file."""
    import duckdb

    with tempfile.TemporaryDirectory() as scratch:
        database = duckdb.connect(f"{scratch}/works.duckdb")
        database.execute("SET memory_limit = '2GB'")
        database.execute(
            "CREATE TABLE raw AS SELECT * FROM read_json(?, format = 'newline_delimited', columns = "
            f"{COLUMNS}, maximum_object_size = 100000000)",
            [str(root / WORKS)],
        )
        for table, query in TABLES.items():
            database.execute(f"CREATE TABLE {table} AS {query}")
        database.execute("DROP TABLE raw")
        database.close()


def pandas_(root: Path, clock: Callable[[], None]) -> None:
    """Flatten works, authorships, topics and references with json_normalize; no works are told apart or saved."""
    import pandas

    with gzip.open(root / WORKS) as lines:
        works = [orjson.loads(line) for line in lines]
    for work in works:
        work.pop("abstract_inverted_index", None)  # it would make a column of every word
    pandas.json_normalize(works, max_level=1)
    for part in ("authorships", "topics"):
        pandas.json_normalize(
            [work for work in works if work.get(part)], record_path=part, meta=["id"], meta_prefix="work_"
        )
    pandas.DataFrame([(work["id"], to) for work in works for to in work.get("referenced_works") or ()])


def dump(root: Path) -> None:
    """Write the nodes and edges that kg makes of the folder: for each, the label or the key of edges, and the row."""
    from kg.folder.review import Review

    graph = Review(root).assembled()
    with (root / GRAPH).open("wb") as file:
        for part in (graph.nodes, graph.edges):
            for key, rows in part.items():
                file.writelines(orjson.dumps([key, row]) + b"\n" for row in rows)


def rows_in(root: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield what ``dump`` wrote: (label, row) for nodes, ([type, start label, end label], row) for edges."""
    with (root / GRAPH).open("rb") as lines:
        for line in lines:
            key, row = orjson.loads(line)
            yield key, row


def biocypher_(root: Path, clock: Callable[[], None]) -> None:
    """Write the nodes and edges of kg with BioCypher as CSV files for neo4j-admin, from generators of tuples."""
    types: dict[Any, dict[str, str]] = {}
    total = 0
    for total, (key, row) in enumerate(rows_in(root), start=1):  # noqa: B007 - the last is the number of rows
        of_key = types.setdefault(tuple(key) if isinstance(key, list) else key, {})
        of_key.update((name, type(value).__name__) for name, value in row.items() if name not in ("id", "from", "to"))
    clock()

    def schema(key: Any, properties: dict[str, str]) -> dict[str, Any]:
        if isinstance(key, str):
            return {"represented_as": "node", "input_label": key, "properties": properties}
        ends = {"source": key[1], "target": key[2], "label_as_edge": key[0]}
        return {"represented_as": "edge", "input_label": "-".join(key), "properties": properties, **ends}

    def nodes() -> Iterator[tuple[str, str, dict[str, Any]]]:
        for key, row in rows_in(root):
            if isinstance(key, str):
                yield f"{key}:{row.pop('id')}", key, row

    def edges() -> Iterator[tuple[None, str, str, str, dict[str, Any]]]:
        for key, row in rows_in(root):
            if isinstance(key, list):
                yield None, f"{key[1]}:{row.pop('from')}", f"{key[2]}:{row.pop('to')}", "-".join(key), row

    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)  # BioCypher writes a log where it is imported
        from biocypher import BioCypher

        settings = {"dbms": "neo4j", "offline": True, "strict_mode": False, "head_ontology": None, "log_to_disk": False}
        schemas = {key if isinstance(key, str) else "-".join(key): schema(key, found) for key, found in types.items()}
        config = {"biocypher": settings, "neo4j": {"file_format": "csv"}}
        for name, content in (("config", config), ("schema", schemas)):
            (Path(scratch) / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
        writer = BioCypher(
            biocypher_config_path=f"{scratch}/config.yaml",
            schema_config_path=f"{scratch}/schema.yaml",
            output_directory=f"{scratch}/out",
        )
        if not (writer.write_nodes(nodes()) and writer.write_edges(edges())):
            raise RuntimeError("BioCypher wrote nothing")
        writer.write_import_call()
        files = Path(scratch, "out").glob("*-part*.csv")
        written = sum(sum(chunk.count(b"\n") for chunk in file.open("rb")) for file in files)
        if written < total:
            raise RuntimeError(f"BioCypher wrote {written} of {total} rows")


def rdflib_(root: Path, clock: Callable[[], None]) -> None:
    """Write the nodes and edges of kg as RDF with rdflib."""
    from kg.export.rdf import to_rdf

    graph = _graph(root)
    clock()
    to_rdf(graph).serialize(Path(root / "graph.nt"), format="nt")


def bulk(root: Path, clock: Callable[[], None]) -> None:
    """Load the nodes and edges of kg with the engine's bulk calls and save them; the frames are made beforehand."""
    import kglite

    from benchmarks.peers import frame

    graph = _graph(root)
    nodes = [(frame(list(rows)), label) for label, rows in graph.nodes.items() if rows]
    edges = [(frame(list(rows)), key) for key, rows in graph.edges.items() if rows]
    clock()
    engine = kglite.KnowledgeGraph()
    for columns, label in nodes:
        engine.add_nodes(columns, label, "id", "id")
    for columns, (kind, start, end) in edges:
        engine.add_relationships(columns, kind, start, "from", end, "to")
    with tempfile.TemporaryDirectory() as scratch:
        engine.save(str(Path(scratch) / "graph.kgl"))


def _graph(root: Path) -> Any:
    from kg.graph.rows import GraphData

    graph = GraphData()
    parts: dict[Any, list[dict[str, Any]]] = {}
    for key, row in rows_in(root):
        parts.setdefault(tuple(key) if isinstance(key, list) else key, []).append(row)
    graph.nodes.update((key, rows) for key, rows in parts.items() if isinstance(key, str))
    graph.edges.update((key, rows) for key, rows in parts.items() if isinstance(key, tuple))
    return graph


def kg_read(root: Path, clock: Callable[[], None]) -> None:
    """Read the works as records, and keep none."""
    from kg.loaders.openalex.files import read_works

    for _ in read_works(root / WORKS, WORKS):
        pass


def kg_add(root: Path, clock: Callable[[], None], name: str = WORKS) -> None:
    """Add the file to another folder."""
    from kg.folder.add import add_files
    from kg.folder.create import init_review

    with tempfile.TemporaryDirectory() as scratch:
        list(add_files(init_review(Path(scratch) / "other"), [root / name]))


def kg_add_plain(root: Path, clock: Callable[[], None]) -> None:
    """Add the file that is not compressed to another folder."""
    kg_add(root, clock, PLAIN)


def kg_build(root: Path, clock: Callable[[], None]) -> None:
    """Build the graph: parse, map, tell works apart, assemble, load, save."""
    from kg.folder.review import Review

    Review(root).build(force=True)


#: The peers and kg, the limit first. Those in AFTER_PARSING start from nodes and edges, so their time is added to that
#: of parsing.
CONTENDERS: dict[str, Callable[[Path, Callable[[], None]], None]] = {
    "orjson, none kept": parse,
    "DuckDB read_json, tables, no graph": duckdb_,
    "pandas.json_normalize, no graph": pandas_,
    "orjson, and the same graph as CSV with BioCypher": biocypher_,
    "orjson, and the same graph with rdflib": rdflib_,
    "orjson, and the engine's bulk calls": bulk,
    "kg: records, none kept": kg_read,
    "kg add": kg_add,
    "kg add, plain lines": kg_add_plain,
    "kg build": kg_build,
}
AFTER_PARSING = {name for name in CONTENDERS if name.startswith("orjson, and")}
