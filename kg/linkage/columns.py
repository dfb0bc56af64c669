"""What is compared of all records, as columns beside the records themselves: a million records fit into memory. Pure.

Keys are held as hashes. Two different keys may have one hash, so whoever finds that two records share a hash compares
the keys; equal keys always have one hash.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kg.linkage.blocking import block_keys
from kg.linkage.keys import keys_of
from kg.linkage.titles import title_of
from kg.model.literature import Record
from kg.model.notices import NOTICE_TYPES, is_notice_title


class Hashes:
    """Several hashes for each record, in the order of the records."""

    def __init__(self) -> None:
        self._values, self._ends = array("q"), array("Q", [0])

    def add(self, keys: Iterable[object]) -> None:
        """Add the hashes of the keys of the next record."""
        self._values.extend(map(hash, keys))
        self._ends.append(len(self._values))

    def __getitem__(self, place: int) -> array[int]:
        return self._values[self._ends[place] : self._ends[place + 1]]

    def shared(self) -> set[int]:
        """Return the hashes that occur more than once."""
        return {one for one, other in pairwise(sorted(self._values)) if one == other}


class Columns:
    """The compared columns of records.

    ``works`` are the ids of the works that the records report if they are not merged, ``titles`` their plain titles,
    ``notices`` maps the positions of records that are notices to the reason. ``order`` has the positions at which the
    records were added, for ``keys`` and ``blocks``, which are in that order.
    """

    def __init__(self) -> None:
        self.works: list[str] = []
        self.sources: list[str] = []
        self.titles: list[str] = []
        self.has_doi = bytearray()
        self.notices: dict[int, str] = {}
        self.order: Sequence[int] = range(0)
        self._keys, self._blocks = Hashes(), Hashes()

    def add(self, record: Record) -> None:
        """Add the next record."""
        if reason := _notice(record):
            self.notices[len(self.works)] = reason
        title = title_of(record.title)
        self.works.append(
            f"doi:{record.doi}" if record.doi else f"openalex:{record.openalex}" if record.openalex else record.id
        )
        self.sources.append(record.source)
        self.titles.append(title.plain if title else "")
        self.has_doi.append(bool(record.doi) or any(location.startswith("doi:") for location in record.locations))
        self._keys.add(key for _, key in keys_of(record))
        self._blocks.add(set(block_keys(record, title)))

    def chosen(self, order: Sequence[int]) -> Columns:
        """Return the columns of the records at the positions ``order``, in that order."""
        found = Columns()
        found.order, found._keys, found._blocks = order, self._keys, self._blocks
        found.works, found.sources, found.titles = (
            [column[place] for place in order] for column in (self.works, self.sources, self.titles)
        )
        found.has_doi = bytearray(self.has_doi[place] for place in order)
        found.notices = {at: self.notices[place] for at, place in enumerate(order) if place in self.notices}
        return found

    def with_keys(self, also: Iterable[str]) -> Iterator[tuple[int, bool]]:
        """Yield the position of each record, and whether another record, or ``also``, may share one of its keys."""
        wanted = self._keys.shared().union(map(hash, also))
        for position, place in enumerate(self.order):
            yield position, not wanted.isdisjoint(self._keys[place])

    def blocks(self) -> Iterator[list[int]]:
        """Yield the positions of the records of each block that has several."""
        shared = self._blocks.shared()
        found: dict[int, list[int]] = {}
        for position, place in enumerate(self.order):
            for key in self._blocks[place]:
                if key in shared:
                    found.setdefault(key, []).append(position)
        yield from found.values()


def _notice(record: Record) -> str | None:
    """Return why a record is a notice and reports no study, or None."""
    if record.type and record.type.casefold().replace(" ", "-") in NOTICE_TYPES:
        return f"its type is {record.type}"
    if record.title and is_notice_title(record.title):
        return "its title is that of a notice"
    return None
