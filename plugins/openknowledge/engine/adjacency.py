"""Rows of numbers, packed: what each question asked, and who asked it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

__all__ = ["AdjacencyLists"]


class AdjacencyLists:
    """Row by row of small whole numbers: packed as they were read, and as tuples where they have changed since."""

    def __init__(self, lengths: bytes | memoryview = b"", numbers: bytes | memoryview = b"") -> None:
        self._loaded = lengths, numbers
        self._ends = array("I", accumulate(array("I", bytes(lengths))))
        self._packed = array("I", bytes(numbers))
        self._new: dict[int, Sequence[int]] = {}

    def row(self, number: int) -> Sequence[int]:
        """A row; `()` for one that nobody has written."""
        found = self._new.get(number)
        if found is not None:
            return found
        if number >= len(self._ends):
            return ()
        return tuple(self._packed[self._ends[number - 1] if number else 0 : self._ends[number]])

    def set(self, number: int, row: tuple[int, ...]) -> None:
        """Write a row anew."""
        self._new[number] = row

    def extend(self, number: int, members: list[int]) -> None:
        """Write more numbers into a row; the list is the row's own from now on."""
        found = self.row(number)
        self._new[number] = [*found, *members] if found else members

    def dump(self, count: int) -> tuple[bytes | memoryview, bytes | memoryview]:
        """The first `count` rows as bytes, for the constructor: their lengths, and their numbers."""
        if not self._new and count == len(self._ends):
            return self._loaded
        lengths, numbers = array("I"), array("I")
        for row in self._runs(count):
            lengths.extend(row[0])
            numbers.extend(row[1])
        return lengths.tobytes(), numbers.tobytes()

    def _runs(self, count: int) -> Iterator[tuple[Iterable[int], Iterable[int]]]:
        """Changed rows one by one, and what lies between them in one piece each."""
        at = 0
        for number in sorted(self._new):
            if number >= count:
                break
            if at < number:
                yield self._between(at, number)
            row = self._new[number]
            yield (len(row),), row
            at = number + 1
        yield self._between(at, count)

    def _between(self, first: int, last: int) -> tuple[Iterable[int], Iterable[int]]:
        known = min(last, len(self._ends))
        empty = [0] * (last - max(first, known))
        if first >= known:
            return empty, ()
        start = self._ends[first - 1] if first else 0
        ends = self._ends[first:known]
        lengths = [ends[0] - start, *(after - before for before, after in pairwise(ends))]
        return [*lengths, *empty], self._packed[start : ends[-1]]
