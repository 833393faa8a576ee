"""What a forked copy of a query graph recorded, for the graph that it was copied from."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .digest import DIGEST_LENGTH_B
from .query_graph import UNKNOWN, QueryGraph

__all__ = ["DeltaRecorder", "GraphDelta", "apply_delta"]


class GraphDelta(NamedTuple):
    """The nodes that a copy recorded.

    A number below `base` is the same node in both graphs; one from there on counts in `keys`. `numbers`, `digests`,
    `lengths` and `deps` are the nodes with their dependencies, packed one after the other; `inputs` are those among
    them that are inputs. `cleaned` are the numbers that are not dirty any more.
    """

    base: int
    keys: tuple[str, ...]
    inputs: frozenset[int]
    numbers: bytes
    digests: bytes
    lengths: bytes
    deps: bytes
    cleaned: tuple[int, ...]
    memos: Mapping[int, bytes]

    def entries(self) -> Iterator[tuple[int, bytes, array[int]]]:
        """Yield each node with its digest and its dependencies."""
        deps, start = array("I", self.deps), 0
        for index, (number, length) in enumerate(zip(array("I", self.numbers), array("I", self.lengths), strict=True)):
            digest = self.digests[index * DIGEST_LENGTH_B : (index + 1) * DIGEST_LENGTH_B]
            yield number, digest, deps[start : start + length]
            start += length


class DeltaRecorder:
    """Collects what is recorded in a copy of a graph; `base` is the number of its nodes when it was copied."""

    def __init__(self, graph: QueryGraph, base: int) -> None:
        self.graph, self.base = graph, base
        self._input_count = len(graph.inputs)
        self._dirty = frozenset(graph.dirty)
        graph.modified.clear()

    def take(self) -> GraphDelta:
        """Return all that was recorded since the last call. Each delta can be applied without those before it."""
        graph = self.graph
        numbers = [number for number in sorted(graph.modified) if graph.digest(number) != UNKNOWN]
        rows = [graph.deps[number] for number in numbers]
        new = dict.fromkeys(number for row in (numbers, *rows) for number in row if number >= self.base)
        renumbered = {number: self.base + index for index, number in enumerate(new)}
        memos = ((number, graph.memos[number]) for number in numbers)
        delta = GraphDelta(
            base=self.base,
            keys=tuple(graph.keys[number] for number in new),
            inputs=frozenset(renumbered.get(number, number) for number in graph.inputs[self._input_count :]),
            numbers=_renumber(numbers, renumbered),
            digests=b"".join(map(graph.digest, numbers)),
            lengths=array("I", map(len, rows)).tobytes(),
            deps=b"".join(_renumber(row, renumbered) for row in rows),
            cleaned=tuple(sorted(self._dirty - graph.dirty)),
            memos={renumbered.get(number, number): memo.tobytes() for number, memo in memos if memo},
        )
        self._input_count, self._dirty = len(graph.inputs), frozenset(graph.dirty)
        graph.modified.clear()
        return delta


def _renumber(numbers: Sequence[int], renumbered: Mapping[int, int]) -> bytes:
    return array("I", [renumbered.get(number, number) for number in numbers]).tobytes()


def apply_delta(graph: QueryGraph, delta: GraphDelta) -> None:
    """Record a delta in the graph; deltas of several copies may come in any order."""
    base = delta.base
    new = [graph.intern(key) for key in delta.keys]
    for number, digest, deps in delta.entries():
        own = number if number < base else new[number - base]
        if number in delta.inputs:
            graph.record_input(own, digest)
        else:
            graph.record(own, digest, tuple([dep if dep < base else new[dep - base] for dep in deps]))
    for number, memo in delta.memos.items():
        graph.record_memo(number if number < base else new[number - base], memo)
    graph.dirty.difference_update(delta.cleaned)
