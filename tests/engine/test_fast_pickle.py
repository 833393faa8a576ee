"""Values come back from a pickle as they were, whatever their fields are called."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from openknowledge.fast_pickle import FastPickle


@dataclass(frozen=True, slots=True)
class Named(FastPickle):
    state: str
    value: int
    set_state: str
    part_state: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Single(FastPickle):
    state: str


@dataclass(frozen=True, slots=True)
class Nothing(FastPickle):
    pass


def test_a_value_comes_back_whatever_its_fields_are_called() -> None:
    for value in (Named("a", 1, "b", (2,)), Single("a"), Nothing()):
        assert pickle.loads(pickle.dumps(value)) == value
