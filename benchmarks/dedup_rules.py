"""The rules that ``benchmarks/dedup.py`` compares: how kg, simpler rules and bib-dedupe put records together."""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from kg.linkage.candidates import candidate_pairs
from kg.linkage.match import FALSE_MERGES
from kg.linkage.resolve import Resolution, resolve
from kg.linkage.titles import plain_title
from kg.loaders.openalex.abstracts import abstract_of
from kg.loaders.openalex.works import record_of
from kg.model.literature import Record
from kg.model.names import family_name

Pairs = set[frozenset[str]]


@dataclass(frozen=True)
class Item:
    """A record, with what peers read that records do not hold."""

    record: Record
    more: dict[str, str]


def read(path: Path) -> list[Item]:
    """Return the records of a file of works, each as it is or with its label, as SYNERGY has them."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row, line in enumerate(lines, start=1):
            work = json.loads(line)
            work = work.get("work", work)
            record = record_of(work, source=path.name, row=row)
            if record:
                biblio = work.get("biblio") or {}
                pages = "-".join(filter(None, (biblio.get("first_page"), biblio.get("last_page"))))
                more = {"volume": biblio.get("volume") or "", "number": biblio.get("issue") or "", "pages": pages}
                found.append(Item(record, {**more, "abstract": abstract_of(work) or ""}))
    return found


# What is measured: each rule gives the pairs of record ids that it holds for one.


def _resolved(items: Sequence[Item]) -> Resolution:
    return resolve((), [item.record for item in items], false_merges=FALSE_MERGES)


def kg_merges(items: Sequence[Item]) -> Pairs:
    return closed((work.records for work in _resolved(items).works), lambda records: records)


def kg_candidates(items: Sequence[Item]) -> Pairs:
    """Merges and candidates: all that comes before a person, or is one already."""
    found = _resolved(items)
    shown = {work.id: work.records[0] for work in found.works}
    return kg_merges(items) | {frozenset((shown[pair.a], shown[pair.b])) for pair in candidate_pairs((), found)}


def any_key(items: Sequence[Item]) -> Pairs:
    """Equal DOI, PMID or PMCID, whatever speaks against it."""
    found: Pairs = set()
    for name in ("doi", "pmid", "pmcid"):
        found |= blocked(items, lambda item, name=name: getattr(item.record, name))  # type: ignore[misc]
    return found


def title_and_year(items: Sequence[Item]) -> Pairs:
    return blocked(items, lambda item: item.record.title and (plain_title(item.record.title), item.record.year))


def title_year_author(items: Sequence[Item]) -> Pairs:
    def key(item: Item) -> object:
        record = item.record
        if not record.title or not record.authors:
            return None
        return plain_title(record.title), record.year, plain_title(family_name(record.authors[0].name))

    return blocked(items, key)


def blocked(items: Sequence[Item], key: Callable[[Item], object]) -> Pairs:
    groups: dict[object, list[str]] = defaultdict(list)
    for item in items:
        if value := key(item):
            groups[value].append(item.record.id)
    return closed(groups.values(), lambda ids: ids)


def closed(groups: Iterable[Any], ids: Callable[[Any], Iterable[str]]) -> Pairs:
    return {frozenset(pair) for group in groups for pair in combinations(dict.fromkeys(ids(group)), 2)}


def bib_dedupe(items: Sequence[Item], *labels: str) -> Pairs:
    """Return the pairs to which bib-dedupe gives one of the labels "duplicate" and "maybe"."""
    records = tuple({item.record.id: item for item in items}.values())
    found = _matched(tuple(item.record for item in records), tuple(tuple(item.more.items()) for item in records))
    return {pair for pair, label in found.items() if label in labels}


@lru_cache(maxsize=1)
def _matched(records: tuple[Record, ...], more: tuple[tuple[tuple[str, str], ...], ...]) -> dict[frozenset[str], str]:
    import pandas
    from bib_dedupe.bib_dedupe import block, match, prep

    rows = [
        {
            "ID": record.id, "ENTRYTYPE": "article", "title": record.title or "",
            "author": " and ".join(author.name for author in record.authors), "year": str(record.year or ""),
            "journal": record.venue or "", "booktitle": "", "doi": record.doi or "", **dict(of),
        }
        for record, of in zip(records, more, strict=True)
    ]  # fmt: skip
    blocks = block(prep(pandas.DataFrame(rows), verbosity_level=0, cpu=1), verbosity_level=0, cpu=1)
    matched = match(blocks, verbosity_level=0, cpu=1)
    assert set(matched["duplicate_label"]) <= {"duplicate", "maybe"}, set(matched["duplicate_label"])
    of_rows = zip(matched["ID_1"], matched["ID_2"], matched["duplicate_label"], strict=True)
    return {frozenset((a, b)): label for a, b, label in of_rows}


def rules() -> dict[str, Callable[[Sequence[Item]], Pairs]]:
    found: dict[str, Callable[[Sequence[Item]], Pairs]] = {
        "kg: merges": kg_merges,
        "kg: merges and candidates": kg_candidates,
        "any equal DOI, PMID or PMCID": any_key,
        "title and year": title_and_year,
        "title, year and first author": title_year_author,
    }
    try:
        import_module("bib_dedupe.bib_dedupe")
    except ImportError:
        print("bib-dedupe is not installed: it is left out\n", file=sys.stderr)
        return found
    return found | {
        "bib-dedupe: duplicates": lambda items: bib_dedupe(items, "duplicate"),
        "bib-dedupe: and maybe": lambda items: bib_dedupe(items, "duplicate", "maybe"),
    }
