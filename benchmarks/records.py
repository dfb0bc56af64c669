"""How works of OpenAlex become a graph: kg beside the limit and its peers, as time and memory grow with the works.

    python -m benchmarks.records FOLDER_OF_JSONL_GZ [--works 4000 40000] [--rounds 3]

The works of the folder (each as it is, or under "work" as SYNERGY has them) are copied under new ids until there are
enough. Every contender (``benchmarks/contenders.py``) is a process of its own on the same files; rounds alternate, and
the best counts. Time is that of the processor (user and system), memory is what a process had at most. A contender that
would need more than 8 GB or 30 minutes, by its growth between the two sizes before, is left out. BioCypher and DuckDB
are in the extra ``bench``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.contenders import AFTER_PARSING, CONTENDERS, PLAIN, WORKS, dump

#: What the others are compared with.
LIMIT = "orjson, none kept"
#: What a contender takes at most.
MOST_SECONDS, MOST_MB = 1800, 8000

#: Contender -> the seconds and megabytes of its best round, None where it was left out, at one size.
Found = dict[str, "tuple[float, float] | None"]


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
    """Return the processor seconds and the most memory (MB) of a contender in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.records", str(root), "--run", name]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    seconds, memory = json.loads(ran.stdout.splitlines()[-1])
    return seconds, memory


def run_here(name: str, root: Path) -> None:
    """Run a contender in this process, and print its seconds and memory."""
    begun = 0.0

    def clock() -> None:
        nonlocal begun
        begun = processor_seconds()

    CONTENDERS[name](root, clock)
    sys.stdout.write("\n" + json.dumps([processor_seconds() - begun, most_memory()]))


def processor_seconds() -> float:
    """Return the seconds of the processor that this process and those that it started have taken."""
    return sum(os.times()[:4])


def fits(name: str, number: int, before: dict[int, Found]) -> bool:
    """Return whether a contender is expected to stay below the limits, by its growth between two sizes."""
    sizes = sorted(before)[-2:]
    values = [before[size][name] for size in sizes]
    if None in values:
        return False
    if len(sizes) < 2:
        return True
    steps = (number - sizes[1]) / (sizes[1] - sizes[0])
    seconds, memory = (last + (last - first) * steps for first, last in zip(*filter(None, values), strict=True))
    return bool(seconds <= MOST_SECONDS and memory <= MOST_MB)


def measure(folder: Path, number: int, rounds: int, before: dict[int, Found]) -> Found:
    """Return what the contenders take for so many works."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "bench"
        size = make(folder, root, number)
        with gzip.open(root / WORKS) as packed, (root / PLAIN).open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
        names = [name for name in CONTENDERS if fits(name, number, before)]
        if AFTER_PARSING & set(names):
            dump(root)
        print(f"{number:,} works, {size / 1e6:,.0f} MB of JSON", file=sys.stderr)
        best: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                best[name].append(run(name, root))
                print(f"  {name}: {best[name][-1][0]:.2f} s, {best[name][-1][1]:.0f} MB", file=sys.stderr)
    found = {name: (min(s for s, _ in ran), max(mb for _, mb in ran)) for name, ran in best.items()}
    parsing = found[LIMIT][0]
    found.update((name, (found[name][0] + parsing, found[name][1])) for name in AFTER_PARSING & set(names))
    return {name: found.get(name) for name in CONTENDERS}


def table(found: dict[int, Found]) -> Iterator[str]:
    """Yield the lines of the table: for each size, the ratio to parsing, milliseconds a work, and memory at most."""
    sizes = sorted(found)
    heads = [f"{what}, {number:,}" for what in ("ratio", "ms a work", "MB") for number in sizes]
    yield f"| what | {' | '.join(heads)} |"
    yield "|---|" + "--:|" * len(heads)
    for name in CONTENDERS:
        rows = [_cells(found[number][name], found[number][LIMIT], number) for number in sizes]
        yield f"| {name} | {' | '.join(cell for column in zip(*rows, strict=True) for cell in column)} |"


def _cells(ran: tuple[float, float] | None, limit: tuple[float, float] | None, number: int) -> tuple[str, str, str]:
    if ran is None or limit is None:
        return "-", "-", "-"
    return f"{ran[0] / limit[0]:.2f}", f"{ran[0] / number * 1000:.2f}", f"{ran[1]:,.0f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--works", type=int, nargs="+", default=[4_000, 40_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", choices=CONTENDERS)
    chosen = parser.parse_args()
    if chosen.run:
        run_here(chosen.run, chosen.folder)
        return
    found: dict[int, Found] = {}
    for number in sorted(chosen.works):
        found[number] = measure(chosen.folder, number, chosen.rounds, found)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, best of {chosen.rounds} rounds\n")
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
