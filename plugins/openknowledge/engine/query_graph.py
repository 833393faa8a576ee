"""The book of questions: each with the digest of its answer and the questions that were asked to answer it.

There are three sorts. A *fact* is looked up (a record, a file of the theme, the day). A *question* is answered by a
function that asks others. A *product* is something made of answers (a page, a feed); its digest is its maker's.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

from .adjacency import Rows
from .digest import DIGEST_LENGTH_B, digest
from .memo_store import Kept

__all__ = ["GONE", "SEPARATOR", "UNKNOWN", "Answering", "Book", "Looking", "key_of"]

UNKNOWN = bytes(DIGEST_LENGTH_B)
GONE = b"\x01" + bytes(DIGEST_LENGTH_B - 1)
"""The digest of a fact that is no more."""

SEPARATOR = "\x1f"
"""Between the name of a question and its arguments; in no name, slug or path."""

Answering = Callable[[str, dict[int, None]], Any]
"""Answers a question by its key, and notes which others that took."""

Looking = Callable[[str], bytes | None]
"""The digest of a fact by its key; None for a key that is no fact."""


def key_of(name: str, *arguments: str) -> str:
    """How a question is written down."""
    return SEPARATOR.join((name, *arguments))


class Book:
    """Answers of this build, and digests of those of the one before.

    A number stands for a key. `begin` tells which may have changed; only what depends on those is ever checked.
    `joined` are the first keys in one piece, as they were read, and how many they are. `changed` are the numbers whose
    digests differ from those of the last build that was written down.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.numbers: dict[str, int] = {}
        self.digests = bytearray()
        self.deps = Rows()
        self.dependents = Rows()
        self.facts: list[int] = []
        self.kept = Kept(self.keys, self.numbers)
        self.joined: tuple[int, bytes | memoryview] = (0, b"")
        self.changed: set[int] = set()
        self.dirty: set[int] = set()
        self.touched: set[int] = set()
        self._keeping: Container[str] = ()
        self._linked: dict[int, Sequence[int]] = {}
        self._values: dict[int, Any] = {}
        self._stale: dict[int, Any] = {}
        self._answering: Answering | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def digest(self, number: int) -> bytes:
        """The digest of an answer; `UNKNOWN` where there is none."""
        return bytes(self.digests[number * DIGEST_LENGTH_B : (number + 1) * DIGEST_LENGTH_B])

    def is_known(self, number: int) -> bool:
        return self.digest(number) != UNKNOWN

    # A build begins and ends

    def begin(
        self,
        looking: Looking,
        answering: Answering,
        keeping: Container[str] = (),
        alike: tuple[str, ...] = (),
        doubted: Iterable[str] = (),
    ) -> None:
        """Look every known fact up again, and mark what depends on those that differ.

        `keeping` names the questions whose answers, which must be plain values, are written down whole. Facts whose
        keys begin with one of `alike` are known to be as they were, but for those that are `doubted`.
        """
        self._answering, self._keeping = answering, keeping
        self.changed.clear()
        self.touched.clear()
        waiting = [number for number in self.facts if not self.keys[number].startswith(alike)]
        waiting += [self.numbers[key] for key in doubted if key in self.numbers]
        for number in waiting:
            if self.is_known(number) and (found := looking(self.keys[number]) or GONE) != self.digest(number):
                self._set_digest(number, found)
        self._spread()

    def end(self) -> None:
        """What nobody wanted to know again is forgotten: nothing that was made depends on it."""
        for number in sorted(self.dirty):
            self.forget(number)
        self._stale.clear()
        self._link()

    def _link(self) -> None:
        """Write down who depends on what, for all that depends on something else than before."""
        users: dict[int, list[int]] = {}
        for number, before in self._linked.items():
            deps = self.deps.row(number)
            for dep in set(deps).difference(before) if before else deps:
                found = users.get(dep)
                if found is None:
                    users[dep] = [number]
                else:
                    found.append(number)
        for dep, added in users.items():
            self.dependents.extend(dep, added)
        self._linked.clear()

    def forget(self, number: int) -> None:
        """An answer that is in doubt for good, or a product that is made no more."""
        self.deps.put(number, ())
        self._set_digest(number, UNKNOWN)
        self.dirty.discard(number)
        self._values.pop(number, None)
        self.kept.pop(self.keys[number], None)

    def _spread(self) -> None:
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
        self.touched.add(number)

    # Asking

    def number(self, key: str) -> int:
        """The number of a key, which is new where nobody asked it before."""
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = len(self.keys)
            self.keys.append(key)
            self.digests.extend(UNKNOWN)
            self.touched.add(found)
        return found

    def fact(self, key: str, looking: Looking, notes: dict[int, None]) -> None:
        """Note that a fact was used; it is looked up the first time."""
        number = self.numbers.get(key)
        if number is None:
            number = self.number(key)
            self.look_at(number, looking(key) or GONE)
        notes[number] = None

    def look_at(self, number: int, found: bytes) -> None:
        """Write down what a fact is, unless that is known."""
        if not self.is_known(number):
            self.facts.append(number)
            self._set_digest(number, found)

    def ask(self, key: str, notes: dict[int, None]) -> Any:
        """The answer to a question, kept or found anew."""
        number = self.numbers.get(key)
        if number is None:
            number = self.number(key)
        notes[number] = None
        try:
            return self._values[number]
        except KeyError:
            return self._answer(number)

    def _answer(self, number: int) -> Any:
        key = self.keys[number]
        if (number in self._stale or key in self.kept) and not self.has_changed(number) and number not in self._values:
            self._values[number] = self._stale.pop(number) if number in self._stale else marshal.loads(self.kept[key])
        if number not in self._values:
            self._find(number)
        return self._values[number]

    def _find(self, number: int) -> None:
        """Answer a question anew, and see whether the answer is another one."""
        assert self._answering is not None
        notes: dict[int, None] = {}
        value = self._answering(self.keys[number], notes)
        self._stale.pop(number, None)
        self._values[number] = value
        key = self.keys[number]
        if key.partition(SEPARATOR)[0] in self._keeping:
            self.kept[key] = marshal.dumps(value)
        self.settle(number, digest(value), tuple(notes))

    def settle(self, number: int, new: bytes, deps: tuple[int, ...]) -> None:
        """Write down the digest of an answer or a product, and what it depends on."""
        self.dirty.discard(number)
        if self.digest(number) != new:
            self._set_digest(number, new)
        if deps != self.deps.row(number):
            self._linked.setdefault(number, self.deps.row(number))
            self.deps.put(number, deps)
            self.touched.add(number)

    # Checking

    def has_changed(self, number: int) -> bool:
        """Whether the answer differs from that of the last build; asks again only where something under it does."""
        if number not in self.dirty:
            return number in self.changed
        if any(map(self.has_changed, self._doubtful(number))):
            self._find(number)
            return number in self.changed
        self.dirty.discard(number)
        return False

    def is_current(self, number: int) -> bool:
        """Whether a product would be made of the same answers as the last time."""
        if not self.is_known(number):
            return False
        if number in self.dirty:
            if any(map(self.has_changed, self._doubtful(number))):
                return False
            self.dirty.discard(number)
        return True

    def _doubtful(self, number: int) -> Iterator[int]:
        """What a question asked that may have another answer than the last time, in the order of asking."""
        dirty, changed = self.dirty, self.changed
        return (dep for dep in self.deps.row(number) if dep in dirty or dep in changed)

    def facts_below(self, number: int, among: Container[int] | None = None) -> Iterator[str]:
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
