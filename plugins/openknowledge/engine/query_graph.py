"""The query graph: the digest of every answer, and the nodes that were read to get it.

A node is an *input*, whose digest is computed (a record, a file of the theme, the day); a *query*, which a function
answers from other nodes; or an *action*, which makes an output (a page, a feed) and whose digest its rule computes.
Each node has its *dependencies*. A query whose answer came out the same is an *early cut-off*: what depends on it alone
is up to date.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple, cast

from .atomic_files import Buffer, Section
from .digest import DIGEST_LENGTH_B, digest

__all__ = ["SEPARATOR", "UNKNOWN", "DeltaRecorder", "GraphDelta", "PackedRows", "QueryGraph", "apply_delta", "join_key"]

UNKNOWN = bytes(DIGEST_LENGTH_B)
DELETED = b"\x01" + bytes(DIGEST_LENGTH_B - 1)
"""The digest of an input that does not exist."""

SEPARATOR = "\x1f"
"""Stands between the parts of a key; it occurs in no name, slug or path."""

ENCODING, ERRORS = "utf-8", "surrogatepass"
"""A path in a key may have bytes that are no text."""
GARBAGE_SHARE = 0.25
"""The share of unknown nodes from which `dump` leaves them out."""
GARBAGE_CHECK_NODES = 100
"""The number of modified nodes from which `dump` looks for garbage."""

QueryFunction = Callable[[str, dict[int, None]], Any]
"""Answers the query of a key, and adds the numbers of the nodes that it reads to the dictionary."""

InputDigester = Callable[[str], bytes | None]
"""Returns the digest of the input of a key; None where there is no such input."""


def join_key(name: str, *arguments: str) -> str:
    """Return the key of a node: its name and its arguments in one text."""
    return SEPARATOR.join((name, *arguments))


class PackedRows:
    """A table of rows of different lengths. `typecode` is that of `array`: `I` for numbers, `B` for bytes.

    Rows that were loaded stay where they are, and are not copied. A row that is set is appended after them; its old
    values stay behind until `dump` finds more garbage than rows.
    """

    def __init__(
        self, typecode: Literal["I", "B"], starts: Buffer = b"", lengths: Buffer = b"", *values: Buffer
    ) -> None:
        self._starts, self._lengths, self._appended = array("I"), array("I"), array(typecode)
        for numbers, data in ((self._starts, starts), (self._lengths, lengths)):
            numbers.frombytes(data)
        self.typecode = typecode
        loaded = values[0] if len(values) == 1 else b"".join(values)
        self._loaded: memoryview = memoryview(loaded).cast("B").cast(typecode)
        if len(self._starts) != len(self._lengths):
            raise ValueError("the rows do not add up")

    def __getitem__(self, number: int) -> memoryview:
        """Return a row; it is empty where none was set."""
        if number >= len(self._starts):
            return self._loaded[:0]
        start, end = self._starts[number], self._starts[number] + self._lengths[number]
        loaded = len(self._loaded)
        return self._loaded[start:end] if start < loaded else memoryview(self._appended[start - loaded : end - loaded])

    def __setitem__(self, number: int, row: Iterable[int]) -> None:
        missing = number + 1 - len(self._starts)
        if missing > 0:
            self._starts.frombytes(bytes(missing * self._starts.itemsize))
            self._lengths.frombytes(bytes(missing * self._lengths.itemsize))
        start = len(self._appended)
        if isinstance(row, bytes):
            self._appended.frombytes(row)
        else:
            self._appended.extend(row)
        self._starts[number], self._lengths[number] = len(self._loaded) + start, len(self._appended) - start

    def dump(self) -> tuple[Buffer, ...]:
        """Return all rows as bytes, for the constructor: where each begins, their lengths, pieces of their values."""
        if len(self._loaded) + len(self._appended) > 2 * sum(self._lengths):
            compact = PackedRows(self.typecode)
            for number in range(len(self._starts)):
                compact[number] = self[number]
            vars(self).update(vars(compact))
        values = [piece for piece in (self._loaded.cast("B"), self._appended.tobytes()) if piece] or [b""]
        return self._starts.tobytes(), self._lengths.tobytes(), *values


class QueryGraph:
    """Memos of this build's answers, and the digests of the last build's.

    Each key has a number. `deps` and `dependents` are the edges between numbers, `inputs` the numbers of inputs,
    `memos` the answers that are persisted whole. `changed` has the numbers whose digests differ from those of the last
    build, `dirty` those that may, `modified` those that are not as they were loaded. `answers` has those at hand,
    `_fresh` the numbers of memos that copies of the graph made in this build.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.numbers: dict[str, int] = {}
        self.digests = bytearray()
        self.inputs = array("I")
        self.deps = PackedRows("I")
        self.dependents = PackedRows("I")
        self.memos = PackedRows("B")
        self.changed: set[int] = set()
        self.dirty: set[int] = set()
        self.modified: set[int] = set()
        self.answers: dict[int, Any] = {}
        self._packed_keys: tuple[int, Buffer] = (0, b"")
        self._persisted: Container[str] = ()
        self._previous_deps: dict[int, tuple[int, ...]] = {}
        self._stale: dict[int, Any] = {}
        self._fresh: set[int] = set()
        self._run_query: QueryFunction | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def digest(self, number: int) -> bytes:
        """Return the digest of a node; `UNKNOWN` where it has none."""
        return bytes(self.digests[number * DIGEST_LENGTH_B : (number + 1) * DIGEST_LENGTH_B])

    def is_known(self, number: int) -> bool:
        """Return whether a node has a digest."""
        return not self.digests.startswith(UNKNOWN, number * DIGEST_LENGTH_B)

    def input_keys(self) -> Iterator[str]:
        """Yield the keys of all inputs."""
        return map(self.keys.__getitem__, self.inputs)

    # The start and the end of a build

    def start_build(
        self,
        digest_input: InputDigester,
        run_query: QueryFunction,
        persisted: Container[str] = (),
        unchanged_prefixes: tuple[str, ...] = (),
        suspects: Iterable[str] = (),
    ) -> None:
        """Digest every known input again, and mark what depends on those that differ as dirty.

        `persisted` names the queries whose answers, which must be plain values, are persisted whole. Inputs whose keys
        begin with one of `unchanged_prefixes` are as they were, except for the `suspects`.
        """
        self._run_query, self._persisted = run_query, persisted
        self.changed.clear()
        self.modified.clear()
        self._fresh.clear()
        numbers = [number for number in self.inputs if not self.keys[number].startswith(unchanged_prefixes)]
        numbers += [self.numbers[key] for key in suspects if key in self.numbers]
        for number in numbers:
            if self.is_known(number):
                current = digest_input(self.keys[number]) or DELETED
                if current != self.digest(number):
                    self._set_digest(number, current)
        stack = list(self.changed)
        while stack:
            for dependent in self.dependents[stack.pop()]:
                if dependent not in self.dirty:
                    self.dirty.add(dependent)
                    stack.append(dependent)
                    if dependent in self.answers:
                        self._stale[dependent] = self.answers.pop(dependent)

    def finish_build(self) -> None:
        """Remove what no action asked for again, and add the nodes whose dependencies differ to their dependents."""
        for number in sorted(self.dirty):
            self.remove(number)
        self._stale.clear()
        added: dict[int, list[int]] = {}
        for number, previous in self._previous_deps.items():
            for dep in {*self.deps[number]}.difference(previous):
                added.setdefault(dep, []).append(number)
        for dep, dependents in added.items():
            self.dependents[dep] = (*self.dependents[dep], *dependents)
        self._previous_deps.clear()

    def remove(self, number: int) -> None:
        """Remove the answer of a node, or an action whose output is not made any more."""
        self.deps[number] = ()
        self._set_digest(number, UNKNOWN)
        self.dirty.discard(number)
        self.answers.pop(number, None)
        self.record_memo(number, b"")

    def _set_digest(self, number: int, new: bytes) -> None:
        self.digests[number * DIGEST_LENGTH_B : (number + 1) * DIGEST_LENGTH_B] = new
        self.changed.add(number)
        self.modified.add(number)

    # Reading and recording

    def intern(self, key: str) -> int:
        """Return the number of a key; a new key gets the next one."""
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.keys)
            self.keys.append(key)
            self.digests.extend(UNKNOWN)
            self.modified.add(number)
        return number

    def read_input(self, key: str, digest_input: InputDigester, deps: dict[int, None]) -> None:
        """Add an input to the dependencies of its reader; its digest is computed the first time."""
        number = self.numbers.get(key)
        if number is None:
            number = self.intern(key)
            self.record_input(number, digest_input(key) or DELETED)
        deps[number] = None

    def record_input(self, number: int, digest: bytes) -> None:
        """Record the digest of an input that has none yet."""
        if not self.is_known(number):
            self.inputs.append(number)
            self._set_digest(number, digest)

    def query(self, key: str, deps: dict[int, None]) -> Any:
        """Return the answer to a query, from its memo where that holds, and add it to its reader's dependencies."""
        number = self.numbers.get(key)
        if number is None:
            number = self.intern(key)
        deps[number] = None
        try:
            return self.answers[number]
        except KeyError:
            return self._resolve(number)

    def _resolve(self, number: int) -> Any:
        is_stale, memo = number in self._stale, self.memos[number]
        is_current = number in self._fresh or ((is_stale or memo) and not self.has_changed(number))
        if is_current and number not in self.answers:
            self.answers[number] = self._stale.pop(number) if is_stale else marshal.loads(memo)
        if number not in self.answers:
            self._execute(number)
        return self.answers[number]

    def _execute(self, number: int) -> None:
        assert self._run_query is not None
        deps: dict[int, None] = {}
        key = self.keys[number]
        value = self._run_query(key, deps)
        self._stale.pop(number, None)
        self.answers[number] = value
        if key.partition(SEPARATOR)[0] in self._persisted:
            self.record_memo(number, marshal.dumps(value))
        self.record(number, digest(value), tuple(deps))

    def take_memo(self, number: int, memo: bytes) -> None:
        """Record the marshalled answer that a copy of the graph found in this build."""
        self.record_memo(number, memo)
        if memo:
            self._stale.pop(number, None)
            self._fresh.add(number)

    def record_memo(self, number: int, memo: bytes) -> None:
        """Record the marshalled answer of a persisted query."""
        if self.memos[number].tobytes() != memo:
            self.memos[number] = memo

    def record(self, number: int, new: bytes, deps: tuple[int, ...]) -> None:
        """Record the digest and the dependencies of a query or an action."""
        self.dirty.discard(number)
        if self.digest(number) != new:
            self._set_digest(number, new)
        previous = tuple(self.deps[number])
        if deps != previous:
            self._previous_deps.setdefault(number, previous)
            self.deps[number] = deps
            self.modified.add(number)

    # Checking

    def has_changed(self, number: int) -> bool:
        """Return whether a node's digest differs from the last build's; runs a query only if one below it differs."""
        if number not in self.dirty:
            return number in self.changed
        if any(map(self.has_changed, self._suspect_deps(number))):
            self._execute(number)
            return number in self.changed
        self.dirty.discard(number)
        return False

    def find_current(self, keys: Sequence[str]) -> frozenset[str]:
        """Return the keys of those actions that would read the same answers as in the last build."""
        numbers = zip(keys, map(self.numbers.get, keys), strict=True)
        return frozenset([key for key, number in numbers if number is not None and self.is_up_to_date(number)])

    def is_up_to_date(self, number: int) -> bool:
        """Return whether an action would read the same answers as in the last build."""
        if not self.is_known(number):
            return False
        if number in self.dirty:
            if any(map(self.has_changed, self._suspect_deps(number))):
                return False
            self.dirty.discard(number)
        return True

    def _suspect_deps(self, number: int) -> Iterator[int]:
        """Yield the dependencies of a node that may differ from the last build, in the order in which it read them."""
        dirty, changed = self.dirty, self.changed
        return (dep for dep in self.deps[number] if dep in dirty or dep in changed)

    def transitive_deps(self, number: int, among: Container[int] | None = None) -> Iterator[int]:
        """Yield all that a node depends on, directly or not, each once; only on paths through `among`, if given."""
        seen: set[int] = set()
        stack = [number]
        while stack:
            for dep in reversed(self.deps[stack.pop()]):
                if dep not in seen and (among is None or dep in among):
                    seen.add(dep)
                    stack.append(dep)
                    yield dep

    def transitive_inputs(self, number: int, among: Container[int] | None = None) -> Iterator[str]:
        """Yield the keys of the inputs that a node depends on, directly or not."""
        return (self.keys[dep] for dep in self.transitive_deps(number, among) if not self.deps[dep])

    # Between builds

    def dump(self, actions: Iterable[str]) -> dict[str, Section]:
        """Return the graph as named sections, for `load`; `actions` are the keys of all actions whose output exists."""
        graph = self._without_garbage(actions)
        known, packed = graph._packed_keys
        if known != len(graph):
            packed = "\n".join(graph.keys).encode(ENCODING, ERRORS)
        inputs, digests = graph.inputs.tobytes(), bytes(graph.digests)
        sections: dict[str, Section] = {"keys": packed, "inputs": inputs, "digests": digests}
        for name in ("deps", "dependents", "memos"):
            rows: PackedRows = getattr(graph, name)
            starts, lengths, *values = rows.dump()
            own = values[0] if len(values) == 1 else tuple(values)
            sections |= {f"{name}.0": starts, f"{name}.1": lengths, f"{name}.2": own}
        return sections

    @classmethod
    def load(cls, sections: Mapping[str, Section]) -> QueryGraph:
        """Return the graph that was dumped. Raises `ValueError` or `KeyError` where the sections are incomplete."""
        graph = cls()
        keys, digests, inputs = (cast(Buffer, sections[name]) for name in ("keys", "digests", "inputs"))
        graph.keys = str(keys, ENCODING, ERRORS).split("\n") if keys else []
        graph.numbers = dict(zip(graph.keys, range(len(graph.keys)), strict=True))
        graph.digests = bytearray(digests)
        graph.inputs.frombytes(inputs)
        for name in ("deps", "dependents", "memos"):
            none: PackedRows = getattr(graph, name)
            starts, lengths, values = (sections[f"{name}.{number}"] for number in range(3))
            pieces = values if isinstance(values, tuple) else (values,)
            setattr(graph, name, PackedRows(none.typecode, cast(Buffer, starts), cast(Buffer, lengths), *pieces))
        graph._packed_keys = len(graph), keys
        if len(graph.numbers) != len(graph) or len(graph.digests) != len(graph) * DIGEST_LENGTH_B:
            raise ValueError("the graph does not add up")
        return graph

    def _without_garbage(self, actions: Iterable[str]) -> QueryGraph:
        """Return the graph itself, or one of what the actions depend on where many nodes are unknown."""
        if len(self.modified) <= GARBAGE_CHECK_NODES:
            return self
        if sum(not self.is_known(number) for number in range(len(self))) <= len(self) * GARBAGE_SHARE:
            return self
        compact = QueryGraph()
        inputs = set(self.inputs)
        stack = [(self.numbers[key], False) for key in actions if key in self.numbers]
        while stack:
            number, is_ready = stack.pop()
            key = self.keys[number]
            if key in compact.numbers and compact.is_known(compact.numbers[key]):
                continue
            deps = self.deps[number]
            if not is_ready:
                stack.append((number, True))
                stack.extend((dep, False) for dep in deps)
                continue
            copy = compact.intern(key)
            if number in inputs:
                compact.inputs.append(copy)
            compact.record(copy, self.digest(number), tuple(compact.numbers[self.keys[dep]] for dep in deps))
            compact.memos[copy] = self.memos[number].tobytes()
        compact.finish_build()
        return compact


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
        numbers = [number for number in sorted(graph.modified) if graph.is_known(number)]
        rows = [graph.deps[number] for number in numbers]
        new = dict.fromkeys(number for number in chain(numbers, *rows) if number >= base)
        renumbered = {number: base + index for index, number in enumerate(new)}
        nodes = []
        for number, row in zip(numbers, rows, strict=True):
            deps = tuple([renumbered.get(dep, dep) for dep in row])
            own = renumbered.get(number, number)
            nodes.append((own, graph.digest(number), deps, graph.memos[number].tobytes()))
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
    for number, current, deps, memo in delta.nodes:
        own = number if number < base else new[number - base]
        if number in delta.inputs:
            graph.record_input(own, current)
        else:
            graph.record(own, current, tuple([dep if dep < base else new[dep - base] for dep in deps]))
            graph.take_memo(own, memo)
    graph.dirty.difference_update(delta.cleaned)
