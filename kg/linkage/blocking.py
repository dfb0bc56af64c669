"""Which records are compared: those whose titles begin or end alike, or that share author and year, or a page. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from kg.linkage.fields import Fields

#: The letters at the beginning and at the end of a title that a block shares.
_LETTERS = 30
#: Blocks with more records say too little: their records are compared where they share another block.
_MOST_OF_A_BLOCK = 200


def pairs_to_compare(records: Sequence[Fields]) -> Iterator[tuple[Fields, Fields]]:
    """Yield each pair of records once that may be one publication; their number grows with that of the records."""
    blocks: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for key in set(_keys(record)):
            blocks[key].append(number)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        if len(block) > _MOST_OF_A_BLOCK:
            continue
        for pair in combinations(block, 2):
            if pair not in seen:
                seen.add(pair)
                yield records[pair[0]], records[pair[1]]


def _keys(record: Fields) -> Iterator[tuple[object, ...]]:
    if record.plain:
        yield "beginning", record.plain[:_LETTERS]
        yield "end", record.plain[-_LETTERS:]
    if record.title and record.title.main:
        yield "beginning", record.title.main[:_LETTERS]
    if record.family and record.year:
        yield "author", record.family, record.year
        yield "author", record.family, record.year + 1
    if record.page[1] and record.volume:
        yield "volume", record.volume, record.page[1]
    if record.page[1] and record.year:
        yield "year", record.year, record.page[1]
