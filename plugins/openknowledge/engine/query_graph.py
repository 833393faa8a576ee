"""The book of questions: each with the digest of its answer and the questions that were asked to answer it.

There are three sorts. A *fact* is looked up (a record, a file of the theme, the day). A *question* is answered by a
function that asks others. A *product* is something made of answers (a page, a feed); its digest is its maker's.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

from .adjacency import AdjacencyLists
from .digest import DIGEST_LENGTH_B, digest
from .memo_store import MemoStore

__all__ = ["DELETED", "SEPARATOR", "UNKNOWN", "InputDigester", "QueryFunction", "QueryGraph", "key_of"]

UNKNOWN = bytes(DIGEST_LENGTH_B)
DELETED = b"\x01" + bytes(DIGEST_LENGTH_B - 1)
"""The digest of a fact that is no more."""

SEPARATOR = "\x1f"
"""Between the name of a question and its arguments; in no name, slug or path."""

QueryFunction = Callable[[str, dict[int, None]], Any]
"""Answers a question by its key, and notes which others that took."""

InputDigester = Callable[[str], bytes | None]
"""The digest of a fact by its key; None for a key that is no fact."""


def key_of(name: str, *arguments: str) -> str:
    """How a question is written down."""
    return SEPARATOR.join((name, *arguments))


class QueryGraph:
    """Answers of this build, and digests of those of the one before.

    A number stands for a key. `begin` tells which may have changed; only what depends on those is ever checked.
    `joined` are the first keys in one piece, as they were read, and how many they are. `changed` are the numbers whose
    digests differ from those of the last build that was written down.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.numbers: dict[str, int] = {}
        self.digests = bytearray()
        self.deps = AdjacencyLists()
        self.dependents = AdjacencyLists()
        self.inputs: list[int] = []
        self.memos = MemoStore(self.keys, self.numbers)
        self.packed_keys: tuple[int, bytes | memoryview] = (0, b"")
        self.changed: set[int] = set()
        self.dirty: set[int] = set()
        self.modified: set[int] = set()
        self._persisted: Container[str] = ()
        self._previous_deps: dict[int, Sequence[int]] = {}
        self._values: dict[int, Any] = {}
        self._stale: dict[int, Any] = {}
        self._run_query: QueryFunction | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def digest(self, number: int) -> bytes:
        """The digest of an answer; `UNKNOWN` where there is none."""
        return bytes(self.digests[number * DIGEST_LENGTH_B : (number + 1) * DIGEST_LENGTH_B])

    def is_known(self, number: int) -> bool:
        return self.digest(number) != UNKNOWN

    # A build begins and ends

    def start_build(
        self,
        digest_input: InputDigester,
        run_query: QueryFunction,
        persisted: Container[str] = (),
        unchanged_prefixes: tuple[str, ...] = (),
        suspects: Iterable[str] = (),
    ) -> None:
        """Look every known fact up again, and mark what depends on those that differ.

        `keeping` names the questions whose answers, which must be plain values, are written down whole. Facts whose
        keys begin with one of `alike` are known to be as they were, but for those that are `doubted`.
        """
        self._run_query, self._persisted = run_query, persisted
        self.changed.clear()
        self.modified.clear()
        waiting = [number for number in self.inputs if not self.keys[number].startswith(unchanged_prefixes)]
        waiting += [self.numbers[key] for key in suspects if key in self.numbers]
        for number in waiting:
            if self.is_known(number) and (found := digest_input(self.keys[number]) or DELETED) != self.digest(number):
                self._set_digest(number, found)
        self._mark_dirty()

    def finish_build(self) -> None:
        """What nobody wanted to know again is forgotten: nothing that was made depends on it."""
        for number in sorted(self.dirty):
            self.remove(number)
        self._stale.clear()
        self._write_reverse_edges()

    def _write_reverse_edges(self) -> None:
        """Write down who depends on what, for all that depends on something else than before."""
        users: dict[int, list[int]] = {}
        for number, before in self._previous_deps.items():
            deps = self.deps.row(number)
            for dep in set(deps).difference(before) if before else deps:
                found = users.get(dep)
                if found is None:
                    users[dep] = [number]
                else:
                    found.append(number)
        for dep, added in users.items():
            self.dependents.extend(dep, added)
        self._previous_deps.clear()

    def remove(self, number: int) -> None:
        """An answer that is in doubt for good, or a product that is made no more."""
        self.deps.set(number, ())
        self._set_digest(number, UNKNOWN)
        self.dirty.discard(number)
        self._values.pop(number, None)
        self.memos.pop(self.keys[number], None)

    def _mark_dirty(self) -> None:
        """Mark everything that depends on a changed fact, near or far; its answers are in doubt."""
        waiting = list(self.changed)
        while waiting:
            for dependent in self.dependents.row(waiting.pop()):
                if dependent not in self.dirty:
                    self.dirty.add(dependent)
                    waiting.append(dependent)
                    if dependent in self._values:
                        self._stale[dependent] = self._values.pop(dependent)

    def _set_digest(self, number: int, new: bytes) -> None:
        self.digests[number * DIGEST_LENGTH_B : (number + 1) * DIGEST_LENGTH_B] = new
        self.changed.add(number)
        self.modified.add(number)

    # Asking

    def intern(self, key: str) -> int:
        """The number of a key, which is new where nobody asked it before."""
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = len(self.keys)
            self.keys.append(key)
            self.digests.extend(UNKNOWN)
            self.modified.add(found)
        return found

    def read_input(self, key: str, digest_input: InputDigester, deps: dict[int, None]) -> None:
        """Note that a fact was used; it is looked up the first time."""
        number = self.numbers.get(key)
        if number is None:
            number = self.intern(key)
            self.record_input(number, digest_input(key) or DELETED)
        deps[number] = None

    def record_input(self, number: int, digest: bytes) -> None:
        """Write down what a fact is, unless that is known."""
        if not self.is_known(number):
            self.inputs.append(number)
            self._set_digest(number, digest)

    def query(self, key: str, deps: dict[int, None]) -> Any:
        """The answer to a question, kept or found anew."""
        number = self.numbers.get(key)
        if number is None:
            number = self.intern(key)
        deps[number] = None
        try:
            return self._values[number]
        except KeyError:
            return self._resolve(number)

    def _resolve(self, number: int) -> Any:
        key = self.keys[number]
        if (number in self._stale or key in self.memos) and not self.has_changed(number) and number not in self._values:
            self._values[number] = self._stale.pop(number) if number in self._stale else marshal.loads(self.memos[key])
        if number not in self._values:
            self._execute(number)
        return self._values[number]

    def _execute(self, number: int) -> None:
        """Answer a question anew, and see whether the answer is another one."""
        assert self._run_query is not None
        notes: dict[int, None] = {}
        value = self._run_query(self.keys[number], notes)
        self._stale.pop(number, None)
        self._values[number] = value
        key = self.keys[number]
        if key.partition(SEPARATOR)[0] in self._persisted:
            self.memos[key] = marshal.dumps(value)
        self.record(number, digest(value), tuple(notes))

    def record(self, number: int, new: bytes, deps: tuple[int, ...]) -> None:
        """Write down the digest of an answer or a product, and what it depends on."""
        self.dirty.discard(number)
        if self.digest(number) != new:
            self._set_digest(number, new)
        if deps != self.deps.row(number):
            self._previous_deps.setdefault(number, self.deps.row(number))
            self.deps.set(number, deps)
            self.modified.add(number)

    # Checking

    def has_changed(self, number: int) -> bool:
        """Whether the answer differs from that of the last build; asks again only where something under it does."""
        if number not in self.dirty:
            return number in self.changed
        if any(map(self.has_changed, self._suspect_deps(number))):
            self._execute(number)
            return number in self.changed
        self.dirty.discard(number)
        return False

    def is_up_to_date(self, number: int) -> bool:
        """Whether a product would be made of the same answers as the last time."""
        if not self.is_known(number):
            return False
        if number in self.dirty:
            if any(map(self.has_changed, self._suspect_deps(number))):
                return False
            self.dirty.discard(number)
        return True

    def _suspect_deps(self, number: int) -> Iterator[int]:
        """What a question asked that may have another answer than the last time, in the order of asking."""
        dirty, changed = self.dirty, self.changed
        return (dep for dep in self.deps.row(number) if dep in dirty or dep in changed)

    def transitive_inputs(self, number: int, among: Container[int] | None = None) -> Iterator[str]:
        """The facts that a product depends on, near or far, each once; only paths through `among`, if it is given."""
        seen: set[int] = set()
        waiting = [number]
        while waiting:
            for dep in reversed(self.deps.row(waiting.pop())):
                if dep not in seen and (among is None or dep in among):
                    seen.add(dep)
                    waiting.append(dep)
                    if not self.deps.row(dep):
                        yield self.keys[dep]
