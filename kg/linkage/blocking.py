"""Which records are compared: those whose titles begin or end alike, or that share author and year, or a page. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

from kg.linkage.authors import family_words
from kg.linkage.fields import first_number, first_page
from kg.linkage.titles import Title
from kg.model.literature import Record

#: The letters at the beginning and at the end of a title that a block shares.
_LETTERS = 30
#: Blocks with more records say too little: their records are compared where they share another block.
_MOST_OF_A_BLOCK = 200


def pairs_to_compare(blocks: Iterable[list[int]], without: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of positions of records that may be one publication; a pair may occur more than once.

    Records in ``without`` are in no pair. The number of pairs grows with that of the records.
    """
    for block in blocks:
        listed = [position for position in block if position not in without] if without else block
        if len(listed) <= _MOST_OF_A_BLOCK:
            yield from combinations(listed, 2)


def block_keys(record: Record, title: Title | None) -> Iterator[tuple[object, ...]]:
    """Yield the keys of the blocks of a record, whose title is ``title``; a key may occur twice."""
    if title and title.plain:
        yield "beginning", title.plain[:_LETTERS]
        yield "end", title.plain[-_LETTERS:]
        if title.main:
            yield "beginning", title.main[:_LETTERS]
    words = family_words(record.authors[0].name) if record.authors else []
    page, volume = first_page(record.pages), first_number(record.volume)
    if words and record.year:
        yield "author", words[-1], record.year
        yield "author", words[-1], record.year + 1
    if page[1] and volume:
        yield "volume", volume, page[1]
    if page[1] and record.year:
        yield "year", record.year, page[1]
