"""Pseudo-random choices that are always the same for the same text."""

from collections.abc import Sequence
from hashlib import shake_256
from typing import TypeVar

Choice = TypeVar("Choice")

DIGEST_BYTES = 96


class SeededRandom:
    """A sequence of choices that `seed` determines: each call takes the next ones."""

    def __init__(self, seed: str) -> None:
        self._left = int.from_bytes(shake_256(seed.encode()).digest(DIGEST_BYTES))

    def below(self, end: int) -> int:
        """Return a whole number from 0 to `end` - 1."""
        self._left, number = divmod(self._left, end)
        return number

    def between(self, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def choose(self, choices: Sequence[Choice]) -> Choice:
        """Return one of the choices."""
        return choices[self.below(len(choices))]
