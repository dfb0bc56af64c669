"""Make a synthetic review folder: uniform at random, seeded, so that every run and every peer reads the same rows.

python benchmarks/synth.py DIR [STUDIES] [FINDINGS_PER_STUDY] [FINDINGS_PER_SHEET]
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

FACTORS, OUTCOMES = 200, 40
DIRECTIONS = ("facilitator", "barrier", "mixed", "no_effect")
WORDS = ("support", "stress", "training", "pay", "stigma", "autonomy", "team", "culture", "workload", "clients")


def make(folder: Path, studies: int, per_study: int, per_sheet: int | None = None) -> None:
    """Write review.toml, vocabularies and sheets for ``studies`` studies and ``studies * per_study`` findings.

    The findings are in one sheet, or in as many as it takes with ``per_sheet`` rows each.
    """
    rng = random.Random(7)
    for name in ("sheets", "vocabulary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "review.toml").write_text('id = "synthetic"\ntitle = "A synthetic review"\n', encoding="utf-8")
    for name, count in (("factor", FACTORS), ("outcome", OUTCOMES)):
        rows = [(f"{name}-{i}", f"{name.title()} {i}", "") for i in range(count)]
        write(folder / "vocabulary" / f"{name}s.csv", ("id", "label", "broader"), rows)
    write(
        folder / "sheets" / "studies.csv",
        ("key", "label", "doi", "year", "title", "design"),
        [
            (
                f"s{i}",
                i + 1,
                f"10.5555/synth.{i}",
                1999 + i % 27,
                f"{rng.choice(WORDS).title()} and {rng.choice(WORDS)}, study {i}",
                rng.choice(("survey", "interviews", "cohort", "")),
            )
            for i in range(studies)
        ],
    )
    header = ("study", "factor", "direction", "outcomes", "locator", "note")
    rows = [
        (
            f"s{rng.randrange(studies)}",
            f"factor-{rng.randrange(FACTORS)}",
            rng.choice(DIRECTIONS),
            f"outcome-{rng.randrange(OUTCOMES)}",
            f"p. {n}",
            " ".join(rng.choices(WORDS, k=6)),
        )
        for n in range(studies * per_study)
    ]
    for number, at in enumerate(range(0, len(rows), per_sheet or len(rows))):
        name = "findings.csv" if per_sheet is None else f"findings-{number:03}.csv"
        write(folder / "sheets" / name, header, rows[at : at + (per_sheet or len(rows))])


def write(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    make(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 10_000,
        int(sys.argv[3]) if len(sys.argv) > 3 else 5,
        int(sys.argv[4]) if len(sys.argv) > 4 else None,
    )
