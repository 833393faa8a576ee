"""Choices that look free and are always the same for the same words."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_256
from typing import TypeVar

Choice = TypeVar("Choice")

DIGEST_BYTES = 96


class SeededRandom:
    """A row of choices fixed by `seed`: each call takes the next ones."""

    def __init__(self, seed: str) -> None:
        self._left = int.from_bytes(shake_256(seed.encode()).digest(DIGEST_BYTES))

    def below(self, end: int) -> int:
        """A whole number from 0 to `end` - 1."""
        self._left, number = divmod(self._left, end)
        return number

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def choose(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices."""
        return choices[self.below(len(choices))]
