"""How fast works of OpenAlex become a graph, beside the limit and beside peers; how much memory reading takes.

    python -m benchmarks.records FOLDER_OF_JSONL_GZ [--works 20000]

The works of the folder (each as it is, or under "work" as SYNERGY has them) are copied under new ids until there are
enough. Every contender is a process of its own on the same file, rounds alternate, and the best counts. The limit is
parsing the file with orjson, plus the engine's bulk calls for kg's own nodes and edges from frames made beforehand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.peers import frame

WORKS = "records/works.jsonl.gz"
GOAL = 2.0


def parse(root: Path) -> None:
    """Parse every line, and keep none."""
    with gzip.open(root / WORKS) as lines:
        for line in lines:
            orjson.loads(line)


def bulk(root: Path) -> float:
    """Load kg's own nodes and edges with the engine's bulk calls and save; frames are made before the clock runs."""
    import kglite

    from kg.folder.review import Review
    from kg.graph.build import assemble

    graph = assemble(Review(root).load().evidence)
    nodes = [(frame(rows), label) for label, rows in graph.nodes.items() if rows]
    edges = [(frame(rows), key) for key, rows in graph.edges.items() if rows]
    begun = time.perf_counter()
    engine = kglite.KnowledgeGraph()
    for columns, label in nodes:
        engine.add_nodes(columns, label, "id", "id")
    for columns, (kind, start, end) in edges:
        engine.add_relationships(columns, kind, start, "from", end, "to")
    with tempfile.TemporaryDirectory() as scratch:
        engine.save(str(Path(scratch) / "graph.kgl"))
    return time.perf_counter() - begun


def kg_build(root: Path) -> None:
    """Build the graph: parse, map, tell works apart, assemble, load, save."""
    from kg.folder.review import Review

    Review(root).build(force=True)


def kg_read(root: Path) -> None:
    """Read the works as records, and keep none."""
    from kg.loaders.openalex.files import read_works

    for _ in read_works(root / WORKS, WORKS):
        pass


def kg_add(root: Path) -> None:
    """Add the file to another folder, line by line."""
    from kg.folder.add import add_files
    from kg.folder.create import init_review

    with tempfile.TemporaryDirectory() as scratch:
        list(add_files(init_review(Path(scratch) / "other"), [root / WORKS]))


def pandas_(root: Path) -> None:
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


def rdflib_(root: Path) -> float:
    """Write kg's own nodes and edges as RDF with rdflib; what is written is made before the clock runs."""
    from kg.export.rdf import to_rdf
    from kg.folder.review import Review
    from kg.graph.build import assemble

    graph = assemble(Review(root).load().evidence)
    begun = time.perf_counter()
    to_rdf(graph).serialize(format="nt")
    return time.perf_counter() - begun


CONTENDERS = {
    "parse": parse, "bulk": bulk, "kg build": kg_build, "kg read": kg_read, "kg add": kg_add, "pandas": pandas_,
    "rdflib": rdflib_,
}  # fmt: skip


def most_memory() -> float:
    """Return the most memory (MB) that this process had; what the system calls maxrss is that of its parent as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def works_in(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            for line in lines:
                work = orjson.loads(line)
                work = work.get("work", work)
                if "id" in work:
                    yield work


def make(folder: Path, root: Path, number: int) -> int:
    """Write a review folder with so many works, copies under ids of their own, and return how many bytes they are."""
    works = list(works_in(folder))
    (root / "records").mkdir(parents=True)
    (root / "review.toml").write_text('id = "bench"\ntitle = "Bench"\n', encoding="utf-8")
    ids = {work["id"] for work in works}
    size = 0
    with gzip.GzipFile(root / WORKS, "wb", 6, mtime=0) as file:
        for at in range(number):
            copy, place = divmod(at, len(works))
            line = orjson.dumps(copy_of(works, place, copy, ids) if copy else works[place]) + b"\n"
            size += len(line)
            file.write(line)
    return size


def copy_of(works: list[dict[str, Any]], place: int, copy: int, ids: set[str]) -> dict[str, Any]:
    """Return a work as large as the one at ``place``, with ids, title and authors that it shares with hardly any other.

    Each word of the title is from the title of another work, and the authors are those of one other; each author has
    two works in all copies. References within the folder stay within the copy.
    """
    work = dict(works[place])
    third = works[(place + 7919 * copy) % len(works)]
    work |= {"id": f"{work['id']}{copy:04}", "doi": f"{work['doi']}.{copy}" if work.get("doi") else None}
    work |= {"ids": {}, "locations": []}
    titles = (works[(place + copy * step) % len(works)]["title"] or "none" for step in range(1, 1 + words_in(work)))
    words = (title.split() for title in titles)
    work["title"] = work["display_name"] = " ".join(of[step % len(of)] for step, of in enumerate(words))
    work["authorships"] = [
        item | {"author": item["author"] | {"id": f"{item['author']['id']}{copy // 2:04}"}}
        for item in third.get("authorships") or ()
        if item.get("author")
    ]
    work["referenced_works"] = [f"{to}{copy:04}" if to in ids else to for to in work.get("referenced_works") or ()]
    return work


def words_in(work: dict[str, Any]) -> int:
    return len((work.get("title") or "").split())


def run(name: str, root: Path) -> tuple[float, float]:
    """Return the seconds and the most memory (MB) of a contender in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.records", str(root), "--run", name]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(ran.stdout)
    return seconds, memory


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--works", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run")
    chosen = parser.parse_args()
    if chosen.run:
        begun = time.perf_counter()
        own = CONTENDERS[chosen.run](chosen.folder)
        seconds = own if isinstance(own, float) else time.perf_counter() - begun
        sys.stdout.write(json.dumps([seconds, most_memory()]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        root, small = Path(scratch) / "bench", Path(scratch) / "small"
        size = make(chosen.folder, root, chosen.works)
        make(chosen.folder, small, chosen.works // 10)
        what = f"{chosen.works:,} works, {size / 1e6:,.0f} MB of JSON, best of {chosen.rounds} rounds"
        print(f"Python {platform.python_version()}, {what}\n")
        found = {name: [run(name, root)] for name in CONTENDERS}
        for _ in range(chosen.rounds - 1):
            for name in CONTENDERS:
                found[name].append(run(name, root))
        best = {name: min(seconds for seconds, _ in times) for name, times in found.items()}
        limit = best["parse"] + best["bulk"]
        best["rdflib"] += best["parse"]
        rows = {
            "orjson alone": "parse",
            "kg: records, none kept": "kg read",
            "kg build": "kg build",
            "pandas.json_normalize, no graph": "pandas",
            "orjson, and the same graph with rdflib": "rdflib",
        }
        ratio = best["kg build"] / limit
        met = "met" if ratio <= GOAL else "missed"
        print(f"kg build at most {GOAL:.0f} times parsing and the engine's bulk calls: {ratio:.2f}, {met}\n")
        print("| what | s | works a second | ratio |\n|---|---|---|---|")
        print(f"| orjson, and the engine's bulk calls | {limit:.2f} | {chosen.works / limit:,.0f} | 1.00 |")
        for what, name in rows.items():
            print(f"| {what} | {best[name]:.2f} | {chosen.works / best[name]:,.0f} | {best[name] / limit:.2f} |")
        print("\nMemory at most, in MB:\n\n| what | a tenth of the works | all |\n|---|---|---|")
        for what, name in {**rows, "kg add": "kg add"}.items():
            if name != "rdflib":
                print(f"| {what} | {run(name, small)[1]:.0f} | {max(m for _, m in found[name]):.0f} |")


if __name__ == "__main__":
    main()
