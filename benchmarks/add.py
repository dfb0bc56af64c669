"""Adding ten studies with findings beside a whole build: processor time in one run.

    python -m benchmarks.add [--rounds N] [--studies 1000 10000 100000]

Every command is a whole process, imports included. What counts is the processor time (user and system) of the best
round, because it is the same on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.run import KG, seconds
from benchmarks.sheets import processor_seconds
from benchmarks.synth import make, write

WHOLE = "kg build --force"
NEW = [
    (
        f"new{n // 5}",
        f"10.5555/new.{n // 5}",
        f"New study {n // 5}",
        f"factor-{n}",
        "barrier",
        f"outcome-{n % 40}",
        "p. 1",
    )
    for n in range(50)
]


def measure(folder: Path, studies: int, rounds: int) -> dict[str, list[float]]:
    """Return command -> processor seconds of each round, in a review of ``studies`` studies with 5 findings each."""
    make(folder, studies, 5)
    header = ("study", "doi", "title", "factor", "direction", "outcomes", "locator")
    write(folder / "new.csv", header, list(NEW))
    seconds([*KG, "build"], folder)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, command in {
            WHOLE: ["build", "--force"],
            "kg add --dry-run": ["add", "new.csv", "--dry-run"],
            "kg add": ["add", "new.csv"],
            "kg build after it": ["build"],
            "kg build, no change": ["build"],
        }.items():
            found.setdefault(name, []).append(processor_seconds([*KG, *command], folder))
        (folder / "sheets" / "new.csv").unlink()
        seconds([*KG, "build"], folder)
    return found


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--studies", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # the commands run in the folder of the data
    print(f"{os.cpu_count()} cores, best of {options.rounds} rounds")
    for studies in options.studies:
        with tempfile.TemporaryDirectory() as scratch:
            measured = measure(Path(scratch), studies, options.rounds)
        base = min(measured[WHOLE])
        print(f"\n10 studies and 50 findings into {studies:,} studies and {studies * 5:,} findings\n")
        print("| command | best s (worst) | ratio |\n|---|---|---|")
        for name, each in measured.items():
            print(f"| {name} | {min(each):.2f} ({max(each):.2f}) | {min(each) / base:.2f} |")


if __name__ == "__main__":
    main()
