"""Measure kg against its peers, side by side in one run, and print the ratios.

    make bench        or:  python -m benchmarks.run [--rounds N] [--studies N]

Every command is a whole process, imports included. Each round runs every command once, so that noise hits all alike;
the best of the rounds counts. Compare ratios, not seconds of different days.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers import make_same
from benchmarks.synth import make

HERE = Path(__file__).parent
KG = [str(Path(sys.executable).parent / "kg")]
PYTHON = [sys.executable]
PEERS = [*PYTHON, str(HERE / "peers.py")]


def seconds(command: list[str], cwd: Path) -> float:
    """Return how long a command takes; its output is dropped."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def best(
    commands: dict[str, list[str]], rounds: int, cwd: Path, measure: Callable[[list[str], Path], float] = seconds
) -> dict[str, tuple[float, float]]:
    """Return name -> (best, worst) of the rounds, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = measure(command, cwd)
            if number:
                times[name].append(taken)
    return {name: (min(taken), max(taken)) for name, taken in times.items()}


def report(title: str, measured: dict[str, tuple[float, float]], base: str, goal: float, ours: str) -> None:
    """Print one table: seconds, the ratio to the base, and whether our command's ratio meets the goal."""
    ratio = measured[ours][0] / measured[base][0]
    verdict = "met" if ratio <= goal else "missed"
    print(f"\n{title}: {ours} at most {goal} times {base}: {ratio:.2f}, {verdict}\n")
    print("| command | best s (worst) | ratio |\n|---|---|---|")
    for name, (low, high) in measured.items():
        print(f"| {name} | {low:.3f} ({high:.3f}) | {low / measured[base][0]:.2f} |")


def answers_agree(folder: Path) -> None:
    """Fail where a peer and kg do not give the same rows: a fast wrong answer is no measure."""

    def lines(command: list[str]) -> str:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout

    for question, table, keys in (
        ("counts", "evidence-counts", ("factor", "direction")),
        ("map", "gap-map", ("factor", "outcome", "direction")),
    ):
        ours = sorted(
            [*(r[k].lower().replace(" ", "-") for k in keys), r["studies"], r["study_labels"]]
            for r in json.loads(lines([*KG, "table", table, "--format", "json"]))
            if r["studies"]
        )
        for peer in ("duckdb", "plain"):
            theirs = sorted(json.loads(line) for line in lines([*PEERS, peer, question, "."]).splitlines())
            if ours != theirs:
                raise SystemExit(f"{peer} and kg differ on {question}")


def main() -> None:
    """Run every comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--studies", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "synthetic"
        make(folder, options.studies, 5)
        print(
            f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {options.studies:,} studies, "
            f"{options.studies * 5:,} findings, best of {options.rounds} rounds"
        )
        click, kg_help = "python -c 'import click'", "kg --help"
        measured = best({click: [*PYTHON, "-c", "import click"], kg_help: [*KG, "--help"]}, options.rounds * 3, folder)
        report("Start-up", measured, click, 1.3, kg_help)

        demo, times = Path(scratch) / "demo", []
        for _ in range(options.rounds):
            shutil.rmtree(demo, ignore_errors=True)
            times.append(seconds([*KG, "demo", "--keep", str(demo)], folder))
        report("Demo", {"two seconds": (2.0, 2.0), "kg demo": (min(times), max(times))}, "two seconds", 1, "kg demo")

        make_same(folder)
        same, build, again = (
            "engine's bulk calls, same nodes and edges",
            "kg build --force",
            "kg build, nothing changed",
        )
        commands = {
            same: [*PEERS, "same", "-", "."],
            "engine's bulk calls, the sheets alone": [*PEERS, "bulk", "-", "."],
            build: [*KG, "build", "--force"],
        }
        report("Build", best(commands, options.rounds, folder), same, 2, build)
        commands = {"hashing the files": [*PEERS, "hash", "-", "."], again: [*KG, "build"]}
        report("Build again", best(commands, options.rounds, folder), "hashing the files", 2, again)

        answers_agree(folder)
        for question, table in (("counts", "evidence-counts"), ("map", "gap-map")):
            ours = f"kg table {table} --format json"
            commands = {
                "duckdb on the CSV": [*PEERS, "duckdb", question, "."],
                "plain Python on the CSV": [*PEERS, "plain", question, "."],
                ours: [*KG, "table", table, "--format", "json"],
            }
            measured = best(commands, options.rounds, folder)
            fastest = min(list(measured)[:2], key=lambda name: measured[name][0])
            report(f"Answer {table}", measured, fastest, 1, ours)


if __name__ == "__main__":
    main()
