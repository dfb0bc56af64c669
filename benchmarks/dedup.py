"""How well records are put together: merges and candidates beside simpler rules, on real works and on known splits.

    python -m benchmarks.dedup FOLDER_OF_JSONL_GZ

``dedup-truth.csv`` holds what a person judged of every pair of the works of SYNERGY (Chou 2004, Donners 2021, Meijboom
2021, Menon 2022, Nelson 2002) that a loose comparison of titles gave (70 of 100 letters alike, with the same first
author; more where authors differ). "One text" is one publication under two records; "one study" is two reports of one
study, mostly a congress abstract and its article. Where bib-dedupe can be imported, it is run as well.
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.dedup_rules import Item, read, rules
from kg.linkage.candidates import candidate_pairs
from kg.linkage.match import FALSE_MERGES
from kg.linkage.resolve import resolve
from kg.model.literature import Author, Record
from kg.model.names import family_name

TRUTH = Path(__file__).with_name("dedup-truth.csv")
ONE, STUDY, UNCLEAR, DIFFERENT = "one text", "one study", "unclear", "different"


# Real works, as judged.


def judged() -> dict[frozenset[str], tuple[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {frozenset((f"openalex:{r['a']}", f"openalex:{r['b']}")): (r["truth"], r["why"]) for r in rows}


def on_real_works(items: Sequence[Item], names: Sequence[str], how: dict[str, Any]) -> Iterator[str]:
    truth = judged()
    ids = {item.record.id for item in items}
    there = {pair: said for pair, said in truth.items() if pair <= ids}
    number = Counter(said for said, _ in there.values())
    yield f"{len(items):,} records of {', '.join(names)}; judged: " + ", ".join(
        f"{n} {kind}" for kind, n in number.items()
    )
    yield ""
    yield "| rule | pairs | one text | one study | unclear | different | precision |"
    yield "|---|---|---|---|---|---|---|"
    told = []
    for name, rule in how.items():
        found = {pair for pair in rule(items) if len(pair) == 2}
        kinds = Counter(there.get(pair, (DIFFERENT, ""))[0] for pair in found)
        right, sure = kinds[ONE] + kinds[STUDY], len(found) - kinds[UNCLEAR]
        yield (
            f"| {name} | {len(found)} | {kinds[ONE]} of {number[ONE]} | {kinds[STUDY]} of {number[STUDY]} | "
            f"{kinds[UNCLEAR]} of {number[UNCLEAR]} | {kinds[DIFFERENT]} | {f'{right / sure:.2f}' if sure else '-'} |"
        )
        titles = {item.record.id: item.record.title or "" for item in items}
        told.append((name, found, titles))
    yield ""
    for name, found, titles in told:
        wrong = sorted(tuple(sorted(pair)) for pair in found if there.get(pair, (DIFFERENT, ""))[0] == DIFFERENT)
        missed = sorted(tuple(sorted(pair)) for pair, (kind, _) in there.items() if kind == ONE and pair not in found)
        for what, listed in (("false", wrong), ("missed (one text)", missed)):
            for a, b in listed[:12]:
                why = truth.get(frozenset((a, b)), ("", "not among the judged pairs"))[1]
                yield f"- {name}, {what}: {a[9:]}, {b[9:]}, “{titles[a][:60]}”: {why}"
            if len(listed) > 12:
                yield f"- {name}, {what}: {len(listed) - 12} more"
    missed_studies = [pair for pair, (kind, _) in there.items() if kind == STUDY and pair not in told[1][1]]
    for pair in missed_studies:
        yield f"- {told[1][0]}, missed (one study): {', '.join(sorted(p[9:] for p in pair))}: {there[pair][1]}"
    yield ""


# Known splits: a copy of a work as another database has it, some of its keys and words lost.


def pubmed_name(name: str) -> str:
    given = name.removesuffix(family_name(name)).split()
    return f"{family_name(name)} {''.join(word[0] for word in given if word[0].isalpha()).upper()}".strip()


def slipped(title: str, chance: random.Random) -> str:
    """Return a title with one letter lost and one doubled."""
    letters = [i for i, letter in enumerate(title) if letter.isalpha()]
    lost, doubled = sorted(chance.sample(letters, 2))
    return title[:lost] + title[lost + 1 : doubled] + title[doubled] + title[doubled:]


def main_title(title: str) -> str | None:
    head, colon, _ = title.partition(": ")
    return head if colon and len(head.split()) >= 4 and len(head) >= 20 else None


def copies(record: Record, chance: random.Random) -> Iterator[tuple[str, Record]]:
    """Yield the record as another database may have it, by what was lost."""
    authors = tuple(Author(pubmed_name(author.name)) for author in record.authors)
    title = record.title or ""
    base = Record(
        f"ref:{record.openalex}", "PubMed", title=title + ".", authors=authors, year=record.year, venue=record.venue,
        source="copies", row=record.row,
    )  # fmt: skip
    if record.doi:
        yield "DOI kept", replace(base, doi=record.doi)
    if record.pmid:
        yield "PMID kept", replace(base, pmid=record.pmid)
    yield "no key", base
    yield "no key, a year off", replace(base, year=(record.year or 0) + chance.choice((-1, 1)))
    yield "no key, two slips in the title", replace(base, title=slipped(title, chance))
    if main := main_title(title):
        yield "no key, subtitle lost", replace(base, title=main)
    if len(authors) > 1:
        yield "no key, first author lost", replace(base, authors=authors[1:])
    yield "no key, no authors", replace(base, authors=())
    yield "no key, no authors, two slips", replace(base, title=slipped(title, chance), authors=())


def on_known_splits(items: Sequence[Item], number: int, seed: int, how: dict[str, Any]) -> Iterator[str]:
    unlike = {name for pair in judged() for name in pair}
    whole = list({i.record.id: i for i in items if i.record.id not in unlike}.values())
    usable = [i for i in whole if i.record.title and len(i.record.title) > 25 and i.record.authors and i.record.year]
    chosen = random.Random(seed).sample(usable, min(number, len(usable)))
    sets: dict[str, list[Item]] = defaultdict(list)
    for item in chosen:
        for name, copy in copies(item.record, random.Random(f"{seed}{item.record.id}")):
            sets[name].append(Item(copy, item.more))
    yield f"{len(chosen):,} of {len(whole):,} works (seed {seed}) with a copy each: share found (pairs that are none)"
    yield ""
    yield "| what the copy has lost | copies | " + " | ".join(how) + " |"
    yield "|---|---|" + "---|" * len(how)
    before = {name: rule(whole) for name, rule in how.items()}
    for name, made in sets.items():
        wanted = {frozenset((i.record.id, f"openalex:{i.record.id[4:]}")) for i in made}
        cells = []
        for rule_name, rule in how.items():
            found = rule([*whole, *made])
            cells.append(f"{len(found & wanted) / len(wanted):.3f} ({len(found - wanted - before[rule_name])})")
        yield f"| {name} | {len(made):,} | " + " | ".join(cells) + " |"
    yield ""


# How long it takes.


def many(items: Sequence[Item], number: int, seed: int) -> list[Record]:
    """Return as many works, made of the real ones: titles of half of one's words and half of another's.

    Authors and years are kept, so that as many works stand under one author and year as no real review has.
    """
    chance = random.Random(seed)
    records = [item.record for item in items]
    made = []
    for n in range(number):
        record = records[n % len(records)]
        words = (record.title or "").split()
        if n >= len(records):
            others = (chance.choice(records).title or "").split()
            words = words[: len(words) // 2] + others[len(others) // 2 :]
        key = f"W{9_000_000_000 + n}"
        doi = record.doi and f"{record.doi}.{n}"
        made.append(
            replace(record, id=f"openalex:{key}", openalex=key, doi=doi, title=" ".join(words), pmid=None, row=n)
        )
    return made


def on_time(items: Sequence[Item], number: int, seed: int) -> Iterator[str]:
    records = many(items, number, seed)
    best: dict[str, float] = {}
    for _ in range(3):
        start = time.perf_counter()
        found = resolve((), records, false_merges=FALSE_MERGES)
        middle = time.perf_counter()
        asked = candidate_pairs((), found)
        end = time.perf_counter()
        for name, seconds in (("resolve", middle - start), ("pairs", end - middle)):
            best[name] = min(best.get(name, seconds), seconds)
    tracemalloc.start()
    found = resolve((), records, false_merges=FALSE_MERGES)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0] / 2**20
    candidate_pairs((), found)
    peak_of_pairs = tracemalloc.get_traced_memory()[1] / 2**20 - held
    tracemalloc.stop()
    yield f"{number:,} works, best of 3"
    yield ""
    yield "| step | s | MB at most |"
    yield "|---|---|---|"
    yield f"| resolve | {best['resolve']:.2f} | {peak:.0f} |"
    yield f"| pairs ({len(asked):,} candidates) | {best['pairs']:.2f} | {peak_of_pairs:.0f} |"
    yield ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("folder", type=Path, help="works as JSON lines, one file a review (*.jsonl.gz)")
    options.add_argument("--copies", type=int, default=1000, help="works that are split")
    options.add_argument("--many", type=int, default=100_000, help="works of the timing")
    options.add_argument("--seed", type=int, default=7)
    asked = options.parse_args()
    files = sorted(asked.folder.glob("*.jsonl.gz"))
    of_file = {path.name.removesuffix(".jsonl.gz"): read(path) for path in files}
    pooled = [item for items in of_file.values() for item in items]
    how = rules()
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("\n".join(on_real_works(pooled, list(of_file), how)))
    for name, items in of_file.items():
        lines = list(on_real_works(items, [name], {n: how[n] for n in ("kg: merges", "kg: merges and candidates")}))
        print("\n".join(line for line in lines if not line.startswith("- ")))
    print("\n".join(on_known_splits(pooled, asked.copies, asked.seed, how)))
    print("\n".join(on_time(pooled, asked.many, asked.seed)))


if __name__ == "__main__":
    main()
