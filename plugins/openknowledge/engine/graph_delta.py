"""What a forked copy of a query graph recorded, for the graph that it was copied from."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from .query_graph import UNKNOWN, QueryGraph

__all__ = ["DeltaRecorder", "GraphDelta", "apply_delta"]


class GraphDelta(NamedTuple):
    """The nodes that a copy recorded: the number, digest, dependencies and memo of each.

    A number below `base` is the same node in both graphs; one from there on counts in `keys`. `inputs` are the numbers
    of inputs, `cleaned` those that are not dirty any more.
    """

    base: int
    keys: tuple[str, ...]
    inputs: frozenset[int]
    nodes: list[tuple[int, bytes, tuple[int, ...], bytes]]
    cleaned: tuple[int, ...]


class DeltaRecorder:
    """Collects what is recorded in a copy of a graph; `base` is the number of its nodes when it was copied."""

    def __init__(self, graph: QueryGraph, base: int) -> None:
        self.graph, self.base = graph, base
        self._input_count = len(graph.inputs)
        self._dirty = frozenset(graph.dirty)
        graph.modified.clear()

    def take(self) -> GraphDelta:
        """Return all that was recorded since the last call. Each delta can be applied without those before it."""
        graph, base = self.graph, self.base
        numbers = [number for number in sorted(graph.modified) if graph.digest(number) != UNKNOWN]
        rows = [graph.deps[number] for number in numbers]
        new = dict.fromkeys(number for number in chain(numbers, *rows) if number >= base)
        renumbered = {number: base + index for index, number in enumerate(new)}
        nodes = [
            (
                renumbered.get(number, number),
                graph.digest(number),
                tuple([renumbered.get(dep, dep) for dep in row]),
                graph.memos[number].tobytes(),
            )
            for number, row in zip(numbers, rows, strict=True)
        ]
        inputs = frozenset(renumbered.get(number, number) for number in graph.inputs[self._input_count :])
        keys = tuple(graph.keys[number] for number in new)
        delta = GraphDelta(base, keys, inputs, nodes, tuple(self._dirty - graph.dirty))
        self._input_count, self._dirty = len(graph.inputs), frozenset(graph.dirty)
        graph.modified.clear()
        return delta


def apply_delta(graph: QueryGraph, delta: GraphDelta) -> None:
    """Record a delta in the graph; deltas of several copies may come in any order."""
    base = delta.base
    new = [graph.intern(key) for key in delta.keys]
    for number, digest, deps, memo in delta.nodes:
        own = number if number < base else new[number - base]
        if number in delta.inputs:
            graph.record_input(own, digest)
        else:
            graph.record(own, digest, tuple([dep if dep < base else new[dep - base] for dep in deps]))
            graph.record_memo(own, memo)
    graph.dirty.difference_update(delta.cleaned)
