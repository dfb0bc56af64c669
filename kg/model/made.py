"""A sequence whose items are made each time they are read, so that many take little memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class MadeSequence(Sequence[T]):
    """The base of such sequences. One equals any sequence of equal items, such as a list."""

    @abstractmethod
    def _made(self, number: int) -> T:
        """Return the item with a number from 0 to below the length."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return self._part(index)
        return self._made(range(len(self))[index])

    def _part(self, numbers: slice) -> Sequence[T]:
        return [self._made(number) for number in range(*numbers.indices(len(self)))]

    def __iter__(self) -> Iterator[T]:
        return map(self._made, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]
