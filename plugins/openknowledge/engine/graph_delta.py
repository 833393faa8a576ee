"""What a copy of a book learned, for the book that it was copied from."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .digest import DIGEST_LENGTH_B
from .query_graph import UNKNOWN, QueryGraph

__all__ = ["DeltaRecorder", "GraphDelta", "apply_delta"]


class GraphDelta(NamedTuple):
    """Answers, facts and products that are new to the first book, or not what they were.

    A number below `base` stands for the same key in both books; one from there on counts in `keys`. `numbers` are those
    that are told, each with a digest and a row of what it asked, packed one after the other. Of the `facts` among them
    nothing was asked. `settled` are the numbers that were in doubt and are not any more.
    """

    base: int
    keys: tuple[str, ...]
    inputs: frozenset[int]
    numbers: bytes
    digests: bytes
    lengths: bytes
    rows: bytes
    cleaned: tuple[int, ...]
    memos: Mapping[str, bytes]

    def entries(self) -> Iterator[tuple[int, bytes, array[int]]]:
        """Each number with its digest and its row."""
        rows, start = array("I", self.rows), 0
        for place, (number, length) in enumerate(zip(array("I", self.numbers), array("I", self.lengths), strict=True)):
            digest = self.digests[place * DIGEST_LENGTH_B : (place + 1) * DIGEST_LENGTH_B]
            yield number, digest, rows[start : start + length]
            start += length


class DeltaRecorder:
    """Tells what is written into a copy of a book; `base` is how many keys it had when it was copied."""

    def __init__(self, book: QueryGraph, base: int) -> None:
        self.graph, self.base = book, base
        self._facts = len(book.inputs)
        self._doubted = frozenset(book.dirty)
        book.modified.clear()

    def take(self) -> GraphDelta:
        """All since the last time. Whoever hears this and nothing before it still knows what each key is."""
        book = self.graph
        told = [number for number in sorted(book.modified) if book.digest(number) != UNKNOWN]
        rows = [book.deps.row(number) for number in told]
        facts = frozenset(book.inputs[self._facts :])
        settled = tuple(sorted(self._doubted - book.dirty))
        self._facts, self._doubted = len(book.inputs), frozenset(book.dirty)
        book.modified.clear()
        return self._packed(told, rows, facts, settled)

    def _packed(
        self, told: Sequence[int], rows: Sequence[Sequence[int]], facts: frozenset[int], settled: tuple[int, ...]
    ) -> GraphDelta:
        base, keys = self.base, self.graph.keys
        new = dict.fromkeys(number for row in (told, *rows) for number in row if number >= base)
        places = {number: base + place for place, number in enumerate(new)}
        return GraphDelta(
            base=base,
            keys=tuple(keys[number] for number in new),
            inputs=frozenset(places.get(number, number) for number in facts),
            numbers=_translated(told, places),
            digests=b"".join(map(self.graph.digest, told)),
            lengths=array("I", map(len, rows)).tobytes(),
            rows=b"".join(_translated(row, places) for row in rows),
            cleaned=settled,
            memos={keys[number]: self.graph.memos[keys[number]] for number in told if keys[number] in self.graph.memos},
        )


def _translated(numbers: Sequence[int], places: Mapping[int, int]) -> bytes:
    return array("I", [places.get(number, number) for number in numbers]).tobytes()


def apply_delta(graph: QueryGraph, delta: GraphDelta) -> None:
    """Write news into the book; those of several copies may come in any order."""
    base = delta.base
    here = [graph.intern(key) for key in delta.keys]
    for number, digest, row in delta.entries():
        mine = number if number < base else here[number - base]
        if number in delta.inputs:
            graph.record_input(mine, digest)
        else:
            graph.record(mine, digest, tuple([dep if dep < base else here[dep - base] for dep in row]))
    graph.dirty.difference_update(delta.cleaned)
    graph.memos.update(delta.memos)
