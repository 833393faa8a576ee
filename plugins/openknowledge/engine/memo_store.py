"""Answers that are kept whole from build to build, each read only when somebody asks for it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, MutableMapping, Sequence

__all__ = ["MemoStore"]


class MemoStore(MutableMapping[str, bytes]):
    """Answers as bytes by the keys of their questions, of a book with these `keys` and their `numbers`.

    `held`, `ends` and `joined` are what `told` said: the numbers of the questions, sorted, where the answer to each
    ends, and all answers in one piece.
    """

    def __init__(
        self,
        keys: Sequence[str],
        numbers: dict[str, int],
        held: bytes | memoryview = b"",
        ends: bytes | memoryview = b"",
        joined: bytes | memoryview = b"",
    ) -> None:
        self._keys, self._numbers = keys, numbers
        self._told = (held, ends, joined)
        self._held, self._ends, self._joined = array("I", bytes(held)), array("Q", bytes(ends)), memoryview(joined)
        self._new: dict[str, bytes | None] = {}
        if len(self._held) != len(self._ends) or (self._ends[-1] if self._ends else 0) != len(self._joined):
            raise ValueError("the answers do not add up")

    def __getitem__(self, key: str) -> bytes:
        found = self._new[key] if key in self._new else self._packed(self._numbers.get(key, -1))
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, answer: bytes) -> None:
        if self.get(key) != answer:
            self._new[key] = answer

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._new[key] = None

    def __iter__(self) -> Iterator[str]:
        """The keys in the order of their numbers."""
        fresh = {self._numbers[key] for key, answer in self._new.items() if answer is not None}
        there = (number for number in self._held if self._keys[number] not in self._new)
        return (self._keys[number] for number in sorted((*there, *fresh)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _packed(self, number: int) -> bytes | None:
        place = bisect_left(self._held, number) if number >= 0 else len(self._held)
        if place == len(self._held) or self._held[place] != number:
            return None
        return bytes(self._joined[self._ends[place - 1] if place else 0 : self._ends[place]])

    def dump(self) -> tuple[bytes | memoryview, ...]:
        """All answers as bytes, for the constructor; those that were read, where there are no others."""
        if not self._new:
            return self._told
        held, ends, answers, end = array("I"), array("Q"), [], 0
        for key, answer in self.items():
            end += len(answer)
            held.append(self._numbers[key])
            ends.append(end)
            answers.append(answer)
        return held.tobytes(), ends.tobytes(), b"".join(answers)
