"""Who is counted under one number: places in a list of studies (or outcomes), with how often each is there. Pure.

In a large review there are tens of thousands under some numbers, and they are to be changed one by one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import overload


class Members:
    """``places`` are the distinct members in order, ``more`` says how often beyond once a member is there."""

    __slots__ = ("more", "places")

    def __init__(self, places: Sequence[int] = (), more: dict[int, int] | None = None) -> None:
        self.places, self.more = array("I", places), more or {}

    @classmethod
    def of(cls, listed: Sequence[int]) -> Members:
        """Return members that are listed in any order, each as often as it is there."""
        distinct = sorted(set(listed))
        if len(distinct) == len(listed):
            return cls(distinct)
        return cls(distinct, {member: number - 1 for member, number in Counter(listed).items() if number > 1})

    def __len__(self) -> int:
        return len(self.places) + sum(self.more.values())

    def count(self, member: int) -> int:
        """Return how often a member is there."""
        at = bisect_left(self.places, member)
        there = at < len(self.places) and self.places[at] == member
        return 1 + self.more.get(member, 0) if there else 0

    def change(self, member: int, number: int) -> None:
        """Let a member be there so many times more, or less. Raises ValueError where it is not there so often."""
        now = self.count(member)
        then = now + number
        if then < 0:
            raise ValueError(f"{member} is there {now} times")
        at = bisect_left(self.places, member)
        if now == 0 < then:
            self.places.insert(at, member)
        elif then == 0 < now:
            del self.places[at]
        if then > 1:
            self.more[member] = then - 1
        else:
            self.more.pop(member, None)

    def to_bytes(self) -> bytes:
        """Return what ``from_bytes`` reads; on another kind of machine it may not."""
        pairs = [value for pair in sorted(self.more.items()) for value in pair]
        return array("I", [len(self.places)]).tobytes() + self.places.tobytes() + array("I", pairs).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Members:
        """Return members as they were written."""
        values = array("I", data)
        end = values[0] + 1
        return cls(values[1:end], dict(zip(values[end::2], values[end + 1 :: 2], strict=True)))


def union(parts: Iterable[Members]) -> Sequence[int]:
    """Return the distinct places of all parts, in order."""
    filled = [part.places for part in parts if part]
    return filled[0] if len(filled) == 1 else sorted(set().union(*filled))


class Labels(Sequence[int | str]):
    """What the review calls the studies at some places, looked up when somebody asks."""

    def __init__(self, places: Sequence[int], all_labels: Sequence[int | str]) -> None:
        self.places, self._all = places, all_labels

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> int | str: ...
    @overload
    def __getitem__(self, at: slice) -> list[int | str]: ...
    def __getitem__(self, at: int | slice) -> int | str | list[int | str]:
        if isinstance(at, slice):
            return [self._all[place - 1] for place in self.places[at]]
        return self._all[self.places[at] - 1]

    def __iter__(self) -> Iterator[int | str]:
        return iter(self[:])
