"""A book answers what was asked, and asks again only what may have changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.engine.digest import digest
from openknowledge.engine.graph_store import dump_graph, load_graph
from openknowledge.engine.query_graph import UNKNOWN, QueryGraph, key_of


class World:
    """Facts with values, questions that say what they ask of them, and how often each was answered."""

    def __init__(self, facts: dict[str, Any], questions: dict[str, Any], keeping: tuple[str, ...] = ()) -> None:
        self.facts, self.questions, self.keeping = facts, questions, keeping
        self.book = QueryGraph()
        self.answered: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.answered = []
        self.book.start_build(self.look, self.answer, self.keeping)

    def look(self, key: str) -> bytes | None:
        return digest(self.facts[key]) if key in self.facts else None

    def answer(self, key: str, notes: dict[int, None]) -> Any:
        self.answered.append(key)

        def fact(name: str) -> Any:
            self.book.read_input(name, self.look, notes)
            return self.facts.get(name)

        return self.questions[key](fact, lambda name: self.book.query(name, notes))

    def ask(self, key: str) -> Any:
        return self.book.query(key, {})

    def made(self, name: str, *asked: str) -> None:
        """A product of some answers."""
        notes: dict[int, None] = {}
        value = tuple(self.book.query(key, notes) for key in asked)
        self.book.record(self.book.intern(name), digest(value), tuple(notes))

    def is_current(self, name: str) -> bool:
        return self.book.is_up_to_date(self.book.numbers[name])

    def next_day(self, **facts: Any) -> None:
        """Another build, in a new process, when some facts have changed."""
        self.book.finish_build()
        self.book = load_graph(dump_graph(self.book, [key for key in self.book.keys if "page" in key]))
        self.facts.update(facts)
        self.begin()


def a_world(**given: Any) -> World:
    """A page shows the title in capitals; the list shows whether there is one."""
    questions = {
        "capitals": lambda fact, ask: fact("title").upper(),
        "is-there": lambda fact, ask: bool(fact("title")),
    }
    world = World({"title": "algebra", "day": 1, **given}, questions)
    world.made("page", "capitals")
    world.made("list page", "is-there")
    return world


def test_a_question_is_answered_once() -> None:
    world = a_world()

    assert [world.ask("capitals") for _ in range(3)] == ["ALGEBRA"] * 3
    assert world.answered == ["capitals", "is-there"]


def test_nothing_is_asked_again_when_nothing_has_changed() -> None:
    world = a_world()
    world.next_day()

    assert world.is_current("page") and world.is_current("list page")
    assert world.answered == []


def test_an_answer_that_comes_out_the_same_changes_nothing_above_it() -> None:
    world = a_world()
    world.next_day(title="analysis")

    assert not world.is_current("page")
    assert world.is_current("list page")
    assert world.answered == ["capitals", "is-there"]


def test_a_product_is_current_again_when_it_has_been_made() -> None:
    world = a_world()
    world.next_day(title="analysis")
    world.made("page", "capitals")

    assert world.is_current("page")
    world.next_day()
    assert world.is_current("page")
    assert world.answered == []


def test_a_fact_that_is_gone_and_comes_back_is_another_fact_each_time() -> None:
    world = World({"day": 1}, {"first": lambda fact, ask: fact("day")})
    world.made("page", "first")
    del world.facts["day"]
    world.next_day()
    assert not world.is_current("page")
    world.made("page", "first")

    world.next_day(day=1)

    assert not world.is_current("page")


def test_a_fact_that_was_not_there_is_noticed_when_it_comes() -> None:
    world = World({}, {"first": lambda fact, ask: fact("day")})
    world.made("page", "first")
    world.next_day(day=1)

    assert not world.is_current("page")


def test_what_nobody_wanted_to_know_again_is_forgotten() -> None:
    world = a_world()
    world.next_day(title="analysis")
    world.made("page", "capitals")
    number = world.book.numbers["is-there"]
    world.book.finish_build()

    assert world.book.digest(number) == UNKNOWN
    assert list(world.book.deps.row(number)) == []
    world.next_day()
    assert not world.is_current("list page")


def test_a_product_that_was_forgotten_is_not_current() -> None:
    world = a_world()
    world.book.remove(world.book.numbers["page"])

    assert not world.is_current("page")


def test_an_answer_in_memory_serves_until_what_is_under_it_differs() -> None:
    world = a_world()
    world.book.finish_build()
    world.facts["day"] = 2
    world.begin()
    assert world.ask("capitals") == "ALGEBRA"
    assert world.answered == []

    world.book.finish_build()
    world.facts["title"] = "analysis"
    world.begin()

    assert world.ask("capitals") == "ANALYSIS"


def test_kept_answers_are_read_and_not_found_again() -> None:
    world = World({"title": "a"}, {"rows": lambda fact, ask: (fact("title"), ("b", None))}, keeping=("rows",))
    world.made("page", "rows")
    world.next_day()

    assert world.ask("rows") == ("a", ("b", None))
    assert world.answered == []
    world.next_day(title="c")
    assert world.ask("rows") == ("c", ("b", None))
    assert world.answered == ["rows"]


def test_the_facts_below_a_product_are_named_once_and_near_or_far() -> None:
    questions = {
        "near": lambda fact, ask: (fact("a"), ask("far")),
        "far": lambda fact, ask: (fact("a"), fact("b")),
    }
    world = World({"a": 1, "b": 2, "c": 3}, questions)
    world.made("page", "near")
    number = world.book.numbers["page"]

    assert sorted(world.book.transitive_inputs(number)) == ["a", "b"]
    world.next_day(b=4)
    number = world.book.numbers["page"]
    assert not world.is_current("page")
    assert list(world.book.transitive_inputs(number, world.book.changed)) == ["b"]


def test_facts_that_are_known_to_be_alike_are_looked_up_only_where_they_are_doubted() -> None:
    world = World(
        {"light\x1fa": 1, "light\x1fb": 1, "today": 1},
        {"q": lambda fact, ask: (fact("light\x1fa"), fact("light\x1fb"), fact("today"))},
    )
    world.made("page", "q")
    looked: list[str] = []

    def look(key: str) -> bytes | None:
        looked.append(key)
        return world.look(key)

    world.book.finish_build()
    world.book.start_build(look, world.answer, (), ("light\x1f",), ("light\x1fb", "light\x1fnobody asked"))

    assert sorted(looked) == ["light\x1fb", "today"]


def test_a_book_that_does_not_add_up_is_refused() -> None:
    parts = dump_graph(a_world().book, ["page", "list page"])

    with pytest.raises(ValueError, match="add up"):
        load_graph({**parts, "keys": bytes(parts["keys"]) + b"\nmore"})


def test_a_book_is_written_anew_without_what_no_product_depends_on() -> None:
    questions = {f"q{number}": (lambda fact, ask, number=number: fact(f"f{number}")) for number in range(200)}
    world = World({f"f{number}": number for number in range(200)}, questions)
    for number in range(200):
        world.made(f"page{number}", f"q{number}")
    for number in range(150):
        world.book.remove(world.book.numbers[f"page{number}"])
        world.book.remove(world.book.numbers[f"q{number}"])
    world.book.finish_build()

    book = load_graph(dump_graph(world.book, [f"page{number}" for number in range(150, 200)]))

    assert len(book) == 150
    assert sorted(book.keys[number] for number in book.inputs) == sorted(f"f{number}" for number in range(150, 200))
    world.book = book
    world.facts["f199"] = -1
    world.begin()
    assert [number for number in range(150, 200) if not world.is_current(f"page{number}")] == [199]


def test_a_key_names_a_question_and_its_arguments() -> None:
    assert key_of("card", "course", "algebra") == "card\x1fcourse\x1falgebra"


SHAPES = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=3), st.lists(st.integers(0, 5), max_size=2), st.integers(1, 4)),
    min_size=1,
    max_size=6,
)
DAYS = st.lists(st.dictionaries(st.integers(0, 4), st.integers(0, 5), max_size=3), min_size=1, max_size=5)


@settings(max_examples=examples(200))
@given(SHAPES, DAYS, st.booleans())
def test_after_any_changes_what_is_current_is_what_a_new_book_would_say(
    shapes: list[tuple[list[int], list[int], int]], days: list[dict[int, int]], is_new_process: bool
) -> None:
    """Questions ask facts and questions before them, and tell only a remainder, so that many answers stay the same."""

    def question(number: int) -> Any:
        facts, others, divisor = shapes[number]
        below = [other for other in others if other < number]

        def answered(fact: Any, ask: Any) -> int:
            told = sum(fact(f"f{one}") for one in facts)
            if told % 2:  # What is asked depends on what was answered.
                told += sum(ask(f"q{one}") for one in below)
            return told % divisor

        return answered

    names = [f"q{number}" for number in range(len(shapes))]
    world = World({f"f{number}": number for number in range(5)}, {name: question(at) for at, name in enumerate(names)})
    for name in names:
        world.made(f"page {name}", name)
    for day in days:
        before = {name: world.ask(name) for name in names}
        changes = {f"f{number}": value for number, value in day.items()}
        if is_new_process:
            world.next_day(**changes)
        else:
            world.book.finish_build()
            world.facts.update(changes)
            world.begin()
        fresh = World(dict(world.facts), world.questions)
        for name in names:
            assert world.is_current(f"page {name}") == (fresh.ask(name) == before[name])
            world.made(f"page {name}", name)
            assert world.ask(name) == fresh.ask(name)
