"""Merges beside bib-dedupe on labelled sets: precision, recall, false merges, seconds, and pairs left for a person.

    python -m benchmarks.labelled FOLDER [--false-merges 0.001]

The sets are public and not part of this repository. In FOLDER, each ``NAME.json`` is a list of records with the keys
``ID``, ``title``, ``authors`` (a list), ``year``, ``journal``, ``volume``, ``number``, ``pages``, ``doi``, ``abstract``
and either ``group`` (records of one group are one publication) or ``dup`` (true for the records that a person marked as
duplicates). ``dup`` is read in the way of the set: every record of a group is marked, or all but one. Where bib-dedupe
can be imported, it runs as well, in this process and on one core.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from kg.linkage.candidates import candidate_pairs
from kg.linkage.match import FALSE_MERGES, expected_errors
from kg.linkage.resolve import resolve
from kg.loaders.references.entries import doi_in
from kg.model.literature import Author, Record

Row = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What a rule merged, how long it took, how many pairs it leaves, and the false merges that it expects."""

    groups: list[list[str]]
    seconds: float
    left: int
    expected: float | None = None


def record_of(row: Row) -> Record:
    return Record(
        row["ID"], "labelled", title=row["title"] or None, authors=tuple(Author(name) for name in row["authors"]),
        year=int(row["year"]) if row["year"].isdigit() else None, venue=row["journal"] or None,
        doi=doi_in(row["doi"]), volume=row["volume"] or None, issue=row["number"] or None, pages=row["pages"] or None,
    )  # fmt: skip


def by_kg(rows: Sequence[Row], false_merges: float) -> Result:
    records = [record_of(row) for row in rows]
    start = time.perf_counter()
    found = resolve((), records, false_merges=false_merges)
    left = candidate_pairs((), found)
    seconds = time.perf_counter() - start
    groups = [list(work.records) for work in found.works if len(work.records) > 1]
    return Result(groups, seconds, len(left), expected_errors(found.scores))


def by_bib_dedupe(rows: Sequence[Row]) -> Result:
    pandas = import_module("pandas")
    bib = import_module("bib_dedupe.bib_dedupe")
    frame = pandas.DataFrame(
        [
            {
                **{name: row[name] for name in ("ID", "title", "year", "journal", "volume", "number", "pages")},
                "doi": row["doi"], "abstract": row["abstract"], "author": " and ".join(row["authors"]),
                "booktitle": "", "ENTRYTYPE": "article",
            }
            for row in rows
        ]
    )  # fmt: skip
    start = time.perf_counter()
    blocks = bib.block(bib.prep(frame, verbosity_level=0, cpu=1), verbosity_level=0, cpu=1)
    matched = bib.match(blocks, verbosity_level=0, cpu=1)
    seconds = time.perf_counter() - start
    labels = Counter(matched["duplicate_label"])
    sure = matched[matched["duplicate_label"] == "duplicate"]
    pairs = zip(sure["ID_1"], sure["ID_2"], strict=True)
    return Result(connected(pairs), seconds, labels["maybe"])


def connected(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of ids that pairs connect."""
    group_of: dict[str, list[str]] = {}
    for a, b in pairs:
        one, other = group_of.setdefault(a, [a]), group_of.setdefault(b, [b])
        if one is not other:
            one += other
            for id_ in other:
                group_of[id_] = one
    return list({id(group): group for group in group_of.values()}.values())


def right_wrong_missed(rows: Sequence[Row], groups: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """Return the numbers of right, wrong and missed pairs, or records where only these are labelled."""
    if "group" in rows[0]:
        of = {row["ID"]: row["group"] for row in rows}
        all_pairs = sum(n * (n - 1) // 2 for n in Counter(of.values()).values())
        same = [of[a] == of[b] for group in groups for a, b in combinations(group, 2)]
        return sum(same), len(same) - sum(same), all_pairs - sum(same)
    marked = {row["ID"] for row in rows if row["dup"]}
    merged = {id_ for group in groups for id_ in group}
    if _all_are_marked(rows):
        return len(merged & marked), len(merged - marked), len(marked - merged)
    right = sum(min(len(group) - 1, len(marked.intersection(group))) for group in groups)
    wrong = sum(max(0, len(set(group) - marked) - 1) for group in groups)
    return right, wrong, len(marked) - right


def _all_are_marked(rows: Sequence[Row]) -> bool:
    """Return whether every record of a group is marked: of records with one title, most often all are or none is."""
    of_title: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        of_title[row["title"].casefold()].append(row["dup"])
    several = [marks for marks in of_title.values() if len(marks) > 1]
    return sum(all(marks) for marks in several) * 2 > len(several)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("folder", type=Path, help="labelled sets, NAME.json each")
    options.add_argument("--false-merges", type=float, default=FALSE_MERGES)
    asked = options.parse_args()
    rules: dict[str, Callable[[Sequence[Row]], Result]] = {
        "kg, keys alone": lambda rows: by_kg(rows, 0.0),
        "kg": lambda rows: by_kg(rows, asked.false_merges),
    }
    try:
        import_module("bib_dedupe.bib_dedupe")
        rules["bib-dedupe"] = by_bib_dedupe
    except ImportError:
        print("bib-dedupe is not installed: it is left out\n")
    print("| set | rule | precision | recall | wrong | missed | s | pairs left | wrong, estimated |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in sorted(asked.folder.glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        for name, rule in rules.items():
            found = rule(rows)
            right, wrong, missed = right_wrong_missed(rows, found.groups)
            expected = "-" if found.expected is None else f"{found.expected:.2f}"
            shares = f"{right / max(1, right + wrong):.4f} | {right / (right + missed):.4f}"
            numbers = f"{wrong} | {missed} | {found.seconds:.2f} | {found.left} | {expected}"
            print(f"| {path.stem} ({len(rows):,}) | {name} | {shares} | {numbers} |")


if __name__ == "__main__":
    main()
