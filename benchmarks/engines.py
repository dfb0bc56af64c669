"""The embedded engine beside a Neo4j server, and DuckDB as the limit: same rows, one run, ratios.

    make bench-engines        or:  python -m benchmarks.engines [--studies 1000 10000 100000] [--rounds N]

``kg`` commands and DuckDB scripts are whole processes, imports included; "in process" is one query on an open graph,
with its rows in Python. Best of the rounds. A Neo4j of its own is started for each size, so that none finds what
another left. The first load into Neo4j is measured once, because it takes minutes. Answers are compared first.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.run import KG, PEERS, answers_agree, best, seconds
from benchmarks.synth import make
from kg.cypher import catalogue
from kg.folder.review import open_review
from kg.query.graph import Graph, open_graph
from tests.neo4j import maven
from tests.neo4j import server as servers

PER_STUDY, PER_SHEET = 5, 5_000
WHY = {"factor": "factor-7", "outcome": "outcome-3"}
EMBEDDED, NEO4J, DUCKDB = "embedded", "Neo4j", "DuckDB on the CSV"
FROM_FINDINGS = Path(__file__).with_name("map-from-findings.cypher")


@contextmanager
def neo4j(scratch: Path) -> Iterator[str]:
    """Yield the address of an empty server; it is stopped at the end."""
    server = servers.private(scratch / "neo4j")
    os.environ.update({"NEO4J_USERNAME": server.user, "NEO4J_PASSWORD": server.password})
    try:
        yield server.uri
    finally:
        server.kill()


def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table in Markdown."""
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def load(folder: Path, uri: str, rounds: int) -> None:
    """Build the folder into both."""
    here = best({EMBEDDED: [*KG, "build", "--force"]}, min(rounds, 3), folder)[EMBEDDED][0]
    there = seconds([*KG, "build", "--store", uri], folder)
    table(
        f"Load: {EMBEDDED} at least 4 times as fast as {NEO4J}: {there / here:.1f}, {verdict(there / here >= 4)}",
        ("kg build", "s", "ratio"),
        [(EMBEDDED, f"{here:.2f}", "1"), (NEO4J, f"{there:.2f}", f"{there / here:.1f}")],
    )


def queries(folder: Path, uri: str, rounds: int) -> None:
    """Ask every canned query, and the two questions that have derived answers without them."""
    asked: dict[str, Callable[[Graph], list[tuple[Any, ...]]]] = {
        name: lambda graph, name=name: graph.table(name, **(WHY if name == "why" else {})).rows  # type: ignore[misc]
        for name in catalogue.names()
    }
    text = FROM_FINDINGS.read_text(encoding="utf-8")
    asked["(the map from findings)"] = lambda graph: graph.query(text).rows
    lines, lost = [], []
    for name, ask in asked.items():
        times: dict[str, float] = {}
        answers = []
        for engine, url in ((EMBEDDED, None), (NEO4J, uri)):
            with open_graph(url) if url else open_review(folder).graph() as graph:
                answers.append(ask(graph))
                times[engine] = min(timed(ask, graph) for _ in range(rounds))
        if answers[0] != answers[1]:
            raise SystemExit(f"the engines differ on {name}")
        ratio = times[NEO4J] / times[EMBEDDED]
        if ratio < 1:
            lost.append(name)
        lines.append(
            (name, str(len(answers[0])), *(f"{times[e] * 1000:.1f}" for e in (EMBEDDED, NEO4J)), f"{ratio:.1f}")
        )
    table(
        f"Canned queries, in process: {EMBEDDED} ahead on every one: {', '.join(lost) + ' behind' if lost else 'met'}",
        ("query", "rows", f"{EMBEDDED} ms", f"{NEO4J} ms", "ratio"),
        lines,
    )


def timed(ask: Callable[[Graph], object], graph: Graph) -> float:
    """Return how long one question takes."""
    start = time.perf_counter()
    ask(graph)
    return time.perf_counter() - start


def processes(folder: Path, uri: str, rounds: int) -> None:
    """Ask the frequent questions as whole processes."""
    for question, command in (
        ("counts", ["table", "evidence-counts", "--format", "json"]),
        ("map", ["table", "gap-map", "--format", "json"]),
        (None, ["why", *WHY.values(), "--format", "json"]),
    ):
        commands = {
            f"{EMBEDDED}: kg {' '.join(command[:2])}": [*KG, *command],
            f"{NEO4J}: kg {' '.join(command[:2])} --store": [*KG, *command, "--store", uri],
        }
        ours = next(iter(commands))
        if question:
            commands[DUCKDB] = [*PEERS, "duckdb", question, "."]
        measured = best(commands, rounds, folder)
        limit = f", no slower than DuckDB: {verdict(measured[ours][0] <= measured[DUCKDB][0])}" if question else ""
        base = measured[DUCKDB if question else ours][0]
        table(
            f"Whole process: kg {' '.join(command[:2])}{limit}",
            ("command", "best s (worst)", "ratio"),
            [(name, f"{low:.3f} ({high:.3f})", f"{low / base:.2f}") for name, (low, high) in measured.items()],
        )


def verdict(met: bool) -> str:
    """Say whether a goal is met."""
    return "met" if met else "missed"


def main() -> None:
    """Run every comparison at every size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, Neo4j {maven.wanted()}, best of {options.rounds}")
    for studies in options.studies:
        with tempfile.TemporaryDirectory() as scratch, neo4j(Path(scratch)) as uri:
            folder = Path(scratch) / "review"
            make(folder, studies, PER_STUDY, PER_SHEET)
            print(f"\n## {studies:,} studies, {studies * PER_STUDY:,} findings")
            load(folder, uri, options.rounds)
            queries(folder, uri, options.rounds)
            answers_agree(folder)
            processes(folder, uri, options.rounds)


if __name__ == "__main__":
    main()
