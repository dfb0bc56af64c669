"""Measure how a large graph is read: the findings behind a cell, gaps, all findings, the checks, and all exports.

    python -m benchmarks.reading [--studies N] [--before KG] [--folder DIR] [--no-exports]

Processor time (user and system) and peak memory of whole processes. ``--before`` is the ``kg`` of another checkout,
which reads the same graph right before this one; what the two write must be the same, byte for byte. ``--folder`` is a
folder made by ``benchmarks/synth.py`` and built already.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.synth import make

KG = str(Path(sys.executable).parent / "kg")
READING = {
    "kg why factor-3 outcome-3": ["why", "factor-3", "outcome-3"],
    "kg gaps": ["gaps", "--format", "csv"],
    "kg table gap-map": ["table", "gap-map", "--format", "csv"],
    "kg table findings": ["table", "findings", "--format", "csv"],
}


def measured(command: list[str], output: Path) -> tuple[float, float]:
    """Return the processor seconds and the peak megabytes of a command whose standard output goes to a file."""
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def digest(path: Path) -> str:
    """Return a hash of a file, or of the names and content of the files in a folder."""
    found = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()


def size(path: Path) -> float:
    """Return the megabytes of a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


def compared(folder: Path, scratch: Path, kgs: dict[str, str]) -> None:
    """Print a table of the commands that read."""
    print("\n| command | version | CPU s | peak MB |\n|---|---|---|---|")
    for name, arguments in READING.items():
        written = set()
        for version, kg in kgs.items():
            output = scratch / "output"
            cpu, peak = measured([kg, *arguments, "--store", f"embedded:{folder / '.kg' / 'graph'}"], output)
            written.add(digest(output))
            print(f"| {name} | {version} | {cpu:.2f} | {peak:.0f} |", flush=True)
        if len(written) > 1:
            raise SystemExit(f"the two versions do not write the same: {name}")


def exported(folder: Path, scratch: Path) -> None:
    """Print a table of the exports of the whole graph."""
    print("\n| export | CPU s | peak MB | written MB |\n|---|---|---|---|")
    for name in ("neo4j", "parquet"):
        output = scratch / name
        cpu, peak = measured([KG, "export", name, str(output), "-C", str(folder)], scratch / "output")
        print(f"| kg export {name} | {cpu:.1f} | {peak:.0f} | {size(output):.0f} |", flush=True)
        shutil.rmtree(output)
    sheets, graph = size(folder) - size(folder / ".kg"), size(folder / ".kg")
    print(f"\nThe sheets have {sheets:.0f} MB, and the graph {graph:.0f} MB, {graph / sheets:.1f} times as much.")


def checked(folder: Path, scratch: Path, studies: int) -> None:
    """Print a table of ``kg check`` at three sizes, each ten times the one before; ``folder`` is the largest."""
    print("\n| kg check | CPU s | peak MB |\n|---|---|---|")
    for number in (studies // 100, studies // 10, studies):
        smaller = scratch / f"synthetic-{number}"
        if number < studies:
            make(smaller, number, 5)
        of = folder if number == studies else smaller
        cpu, peak = measured([KG, "check", "-C", str(of), "--format", "json"], scratch / "output")
        print(f"| {number:,} studies, {5 * number:,} findings | {cpu:.2f} | {peak:.0f} |", flush=True)


def main() -> None:
    """Make the folder, build it, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=100_000)
    parser.add_argument("--before", metavar="KG", help="the kg of another checkout")
    parser.add_argument("--no-exports", action="store_true", help="leave out the exports, which take minutes")
    parser.add_argument("--folder", type=Path, help="a built folder of benchmarks/synth.py")
    options = parser.parse_args()
    kgs = {**({"before": options.before} if options.before else {}), "now": KG}
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        folder = options.folder or scratch / "synthetic"
        if not options.folder:
            make(folder, options.studies, 5)
        subprocess.run([KG, "build", "-C", str(folder)], check=True)
        print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
        compared(folder, scratch, kgs)
        checked(folder, scratch, options.studies)
        if not options.no_exports:
            exported(folder, scratch)


if __name__ == "__main__":
    main()
