"""Wide sheets, and counts by facets: processor time beside that of the limits, in one run.

    python -m benchmarks.sheets [--rounds N] [--rows 10000] [--columns 200] [--studies 1000]

Every command is a whole process, imports included. What counts is the processor time (user and system) of the best
round, because it is the same on a busy machine.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import sys
import tempfile
from pathlib import Path

from benchmarks.peers import make_same
from benchmarks.run import KG, PEERS, PYTHON, best, report, seconds
from benchmarks.synth import make, write

OURS = [*PYTHON, "-m", "benchmarks.sheets"]


def processor_seconds(command: list[str], cwd: Path) -> float:
    """Return the user and system time of a command; its output is dropped."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(command, cwd)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_wide(folder: Path, rows: int, columns: int) -> None:
    """Write a review whose only sheet has ``rows`` studies and ``columns`` columns of marks, a tenth of them marked."""
    rng = random.Random(7)
    (folder / "sheets").mkdir(parents=True)
    (folder / "review.toml").write_text('id = "wide"\ntitle = "A wide sheet"\n', encoding="utf-8")
    header = ("key", "title", *(f"topic_{number}" for number in range(columns)))
    marks = ("x", *[""] * 9)
    listed: list[tuple[object, ...]] = [
        (f"s{row}", f"Study {row}", *rng.choices(marks, k=columns)) for row in range(rows)
    ]
    write(folder / "sheets" / "studies.csv", header, listed)


def step(name: str) -> None:
    """Do a part of a build of the folder in which this runs."""
    if name == "csv":
        with Path("sheets/studies.csv").open(encoding="utf-8", newline="") as file:
            sum(len(row) for row in csv.reader(file))
        return
    from kg.folder.review import open_review

    if name == "read":
        open_review().load()
    else:
        open_review().assembled()


def wide(folder: Path, rounds: int, rows: int, columns: int) -> None:
    """Measure reading, assembling and building a wide sheet."""
    make_wide(folder, rows, columns)
    make_same(folder)
    base, bulk = "csv.reader", "engine's bulk calls, same nodes and edges"
    commands = {
        base: [*OURS, "--step", "csv"],
        bulk: [*PEERS, "same", "-", "."],
        "kg: read": [*OURS, "--step", "read"],
        "kg: read and assemble": [*OURS, "--step", "assemble"],
        "kg build --force": [*KG, "build", "--force"],
    }
    measured = best(commands, rounds, folder, processor_seconds)
    report(f"A sheet of {rows:,} rows and {columns} columns of marks", measured, bulk, 4, "kg build --force")
    build = measured["kg build --force"][0] / measured[base][0]
    print(f"\nkg build takes {build:.1f} times {base}")


def counts(folder: Path, rounds: int, studies: int) -> None:
    """Measure counts and crosstabs beside the table that is counted when the graph is built."""
    make(folder, studies, 5)
    base = "kg table evidence-counts"
    tables = (
        ("counts", "design"), ("counts", "factor"), ("counts", "direction", "--by", "finding"),
        ("crosstab", "design", "year"), ("crosstab", "design", "factor"), ("crosstab", "factor", "direction"),
        ("crosstab", "factor", "outcome"), ("crosstab", "factor", "outcome", "direction"),
    )  # fmt: skip
    commands = {f"kg table {' '.join(table)}": [*KG, "table", *table, "--format", "json"] for table in tables}
    commands = {base: [*KG, "table", "evidence-counts", "--format", "json"], **commands}
    seconds([*KG, "build"], folder)
    measured = best(commands, rounds, folder, processor_seconds)
    slowest = max(commands, key=lambda name: measured[name][0])
    report(f"Counts of {studies:,} studies and {studies * 5:,} findings", measured, base, 3, slowest)


def main() -> None:
    """Run both comparisons, or one step of the first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=200)
    parser.add_argument("--studies", type=int, default=1_000)
    parser.add_argument("--step", choices=("csv", "read", "assemble"))
    options = parser.parse_args()
    if options.step:
        step(options.step)
        return
    # the commands run in the folder of the data
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, processor time, best of {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as scratch:
        wide(Path(scratch) / "wide", options.rounds, options.rows, options.columns)
        counts(Path(scratch) / "counts", options.rounds, options.studies)


if __name__ == "__main__":
    main()
