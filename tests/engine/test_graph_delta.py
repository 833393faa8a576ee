"""What copies of a book learned is written into the book as if it had asked everything itself."""

from __future__ import annotations

import copy
import copyreg
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.test_query_graph import World

from openknowledge.engine.graph_delta import DeltaRecorder, GraphDelta, apply_delta
from openknowledge.engine.query_graph import QueryGraph

FACTS = {f"fact {number}": number for number in range(6)}


def reading(name: str) -> Any:
    return lambda fact, _ask: fact(name)


def asking(*names: str) -> Any:
    return lambda _fact, ask: [ask(name) for name in names]


QUESTIONS = {
    **{f"reads {number}": reading(f"fact {number}") for number in range(6)},
    "low": asking("reads 0", "reads 1", "reads 2"),
    "high": asking("reads 3", "reads 4", "reads 5"),
    "all": asking("low", "high"),
    "none": lambda _fact, _ask: "nothing",
}
NAMES = sorted(QUESTIONS)
PAGES = st.dictionaries(
    st.sampled_from([f"page {number}" for number in range(12)]), st.lists(st.sampled_from(NAMES), max_size=4)
)


# What a book has read of a file can be copied like all else.
copyreg.pickle(memoryview, lambda view: (bytes, (bytes(view),)))  # type: ignore[arg-type]


def a_world() -> World:
    return World(dict(FACTS), QUESTIONS, keeping=("reads 1", "none"))


def contents(book: QueryGraph) -> Any:
    """All that a book knows, by keys."""
    known = [number for number in range(len(book)) if book.is_known(number)]
    rows = {book.keys[one]: (book.digest(one), [book.keys[dep] for dep in book.deps.row(one)]) for one in known}
    changed = {book.keys[one] for one in book.changed if book.is_known(one)}
    return rows, sorted(book.keys[one] for one in book.inputs), dict(book.memos), changed, book.dirty


def heard(world: World, base: int, listener: DeltaRecorder) -> GraphDelta:
    """News as they arrive from another process."""
    assert base == listener.base
    sent: GraphDelta = pickle.loads(pickle.dumps(listener.take()))
    return sent


def make(world: World, pages: dict[str, list[str]]) -> None:
    for name, asked in pages.items():
        if name not in world.book.numbers or not world.is_current(name):
            world.made(name, *asked)


@settings(deadline=None)
@given(before=PAGES, shares=st.lists(PAGES, min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_copies_that_share_the_work_tell_all_that_one_would_have_known(before, shares, order):
    pages = {name: asked for share in shares for name, asked in share.items()}
    mine = [{name: asked for name, asked in share.items() if pages[name] is asked} for share in shares]
    alone, world = a_world(), a_world()
    for one in (alone, world):
        make(one, before)
        one.next_day(**{"fact 1": "new", "fact 5": "new"})
    make(alone, pages)
    base = len(world.book)
    copies = [copy.deepcopy(world) for _ in range(2)]
    listeners = [DeltaRecorder(one.book, base) for one in copies]

    told = []
    for number, share in enumerate(mine):
        make(copies[number % 2], share)
        told.append(heard(copies[number % 2], base, listeners[number % 2]))
    order.shuffle(told)
    for news in told:
        apply_delta(world.book, news)

    assert contents(world.book) == contents(alone.book)
    for one in (alone, world):
        one.next_day(**{"fact 0": "newer"})
    assert {name: world.is_current(name) for name in pages} == {name: alone.is_current(name) for name in pages}


def test_what_is_told_once_is_not_told_again():
    world = a_world()
    listener = DeltaRecorder(world.book, len(world.book))
    world.made("page", "all")

    assert listener.take().numbers
    assert not listener.take().numbers


@pytest.mark.parametrize("name", ["low", "none"])
def test_a_question_that_was_in_doubt_and_came_out_the_same_is_so_everywhere(name):
    world = a_world()
    world.made("page", name)
    world.next_day(**{"fact 0": "new"})
    world.facts["fact 0"] = FACTS["fact 0"]
    one = copy.deepcopy(world)
    listener = DeltaRecorder(one.book, len(one.book))
    one.ask(name)
    one.is_current("page")

    apply_delta(world.book, listener.take())

    assert world.book.dirty == one.book.dirty
