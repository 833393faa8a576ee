"""The query graph answers a query once, and again only where something below it may have changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.engine.digest import digest
from openknowledge.engine.query_graph import UNKNOWN, QueryGraph, join_key


class Build:
    """Inputs with values, queries that read them or each other, and the queries that ran in this build."""

    def __init__(self, inputs: dict[str, Any], queries: dict[str, Any], persisted: tuple[str, ...] = ()) -> None:
        self.inputs, self.queries, self.persisted = inputs, queries, persisted
        self.graph = QueryGraph()
        self.executed: list[str] = []
        self.start()

    def start(self) -> None:
        self.executed = []
        self.graph.start_build(self.digest_input, self.run_query, self.persisted)

    def digest_input(self, key: str) -> bytes | None:
        return digest(self.inputs[key]) if key in self.inputs else None

    def run_query(self, key: str, deps: dict[int, None]) -> Any:
        self.executed.append(key)

        def read(name: str) -> Any:
            self.graph.read_input(name, self.digest_input, deps)
            return self.inputs.get(name)

        return self.queries[key](read, lambda name: self.graph.query(name, deps))

    def query(self, key: str) -> Any:
        return self.graph.query(key, {})

    def make(self, action: str, *queries: str) -> tuple[Any, ...]:
        """Record an action whose output shows the answers to some queries."""
        deps: dict[int, None] = {}
        value = tuple(self.graph.query(key, deps) for key in queries)
        self.graph.record(self.graph.intern(action), digest(value), tuple(deps))
        return value

    def is_up_to_date(self, action: str) -> bool:
        return self.graph.is_up_to_date(self.graph.numbers[action])

    def next_process(self, **inputs: Any) -> None:
        """Start a build in a new process after some inputs changed."""
        self.graph.finish_build()
        actions = [key for key in self.graph.keys if "page" in key]
        self.graph = QueryGraph.load(self.graph.dump(actions))
        self.inputs.update(inputs)
        self.start()

    def next_build(self, **inputs: Any) -> None:
        """Start a build in the same process after some inputs changed."""
        self.graph.finish_build()
        self.inputs.update(inputs)
        self.start()


def a_build(**inputs: Any) -> Build:
    """Return a build with a page that shows the title in capitals, and a list that shows whether there is one."""
    queries = {
        "capitals": lambda read, query: read("title").upper(),
        "is-there": lambda read, query: bool(read("title")),
    }
    build = Build({"title": "algebra", "day": 1, **inputs}, queries)
    build.make("page", "capitals")
    build.make("list page", "is-there")
    return build


def test_a_query_runs_once() -> None:
    build = a_build()

    assert [build.query("capitals") for _ in range(3)] == ["ALGEBRA"] * 3
    assert build.executed == ["capitals", "is-there"]


def test_no_query_runs_again_when_nothing_changed() -> None:
    build = a_build()
    build.next_process()

    assert build.is_up_to_date("page") and build.is_up_to_date("list page")
    assert build.executed == []


def test_an_answer_that_comes_out_the_same_changes_nothing_above_it() -> None:
    build = a_build()
    build.next_process(title="analysis")

    assert not build.is_up_to_date("page")
    assert build.is_up_to_date("list page")
    assert build.executed == ["capitals", "is-there"]


def test_an_action_is_up_to_date_again_when_it_ran() -> None:
    build = a_build()
    build.next_process(title="analysis")
    build.make("page", "capitals")

    assert build.is_up_to_date("page")
    build.next_process()
    assert build.is_up_to_date("page")
    assert build.executed == []


def test_an_input_that_is_deleted_and_comes_back_has_changed_each_time() -> None:
    build = Build({"day": 1}, {"first": lambda read, query: read("day")})
    build.make("page", "first")
    del build.inputs["day"]
    build.next_process()
    assert not build.is_up_to_date("page")
    build.make("page", "first")

    build.next_process(day=1)

    assert not build.is_up_to_date("page")


def test_an_input_that_did_not_exist_has_changed_when_it_comes() -> None:
    build = Build({}, {"first": lambda read, query: read("day")})
    build.make("page", "first")
    build.next_process(day=1)

    assert not build.is_up_to_date("page")


def test_an_input_that_still_does_not_exist_has_not_changed() -> None:
    build = Build({"other": 1}, {"about": lambda read, query: read("missing")})
    build.make("page", "about")

    build.next_build()

    assert build.is_up_to_date("page")
    assert not build.graph.changed


def test_a_dirty_answer_that_no_action_asks_for_is_removed() -> None:
    build = a_build()
    build.next_process(title="analysis")
    build.make("page", "capitals")
    number = build.graph.numbers["is-there"]
    build.graph.finish_build()

    assert build.graph.digest(number) == UNKNOWN
    assert not build.graph.deps[number]
    build.next_process()
    assert not build.is_up_to_date("list page")


def test_an_action_that_was_removed_is_not_up_to_date() -> None:
    build = a_build()
    build.graph.remove(build.graph.numbers["page"])

    assert not build.is_up_to_date("page")


def test_an_answer_in_memory_serves_until_what_is_below_it_differs() -> None:
    build = a_build()
    build.next_build(day=2)
    assert build.query("capitals") == "ALGEBRA"
    assert build.executed == []

    build.next_build(title="analysis")

    assert build.query("capitals") == "ANALYSIS"


def test_a_persisted_answer_is_read_from_its_memo() -> None:
    build = Build({"title": "a"}, {"rows": lambda read, query: (read("title"), ("b", None))}, persisted=("rows",))
    build.make("page", "rows")
    build.next_process()

    assert build.query("rows") == ("a", ("b", None))
    assert build.executed == []
    build.next_process(title="c")
    assert build.query("rows") == ("c", ("b", None))
    assert build.executed == ["rows"]


def test_an_answer_that_ran_while_it_was_checked_is_at_hand() -> None:
    queries = {"parity": lambda read, query: read("count") % 2, "text": lambda read, query: f"is {query('parity')}"}
    build = Build({"count": 1}, queries)
    build.make("page", "text")

    build.next_build(count=3)

    assert build.make("page", "text") == ("is 1",)


def test_a_persisted_answer_that_ran_while_it_was_checked_is_the_new_one() -> None:
    build = Build({"count": 1}, {"count-of": lambda read, query: read("count")}, persisted=("count-of",))
    build.make("page", "count-of")

    build.next_build(count=2)

    assert build.make("page", "count-of") == (2,)


def test_the_inputs_below_an_action_are_named_once_at_any_distance() -> None:
    queries = {
        "near": lambda read, query: (read("a"), query("far")),
        "far": lambda read, query: (read("a"), read("b")),
    }
    build = Build({"a": 1, "b": 2, "c": 3}, queries)
    build.make("page", "near")
    number = build.graph.numbers["page"]

    assert sorted(build.graph.transitive_inputs(number)) == ["a", "b"]
    build.next_process(b=4)
    number = build.graph.numbers["page"]
    assert not build.is_up_to_date("page")
    assert list(build.graph.transitive_inputs(number, build.graph.changed)) == ["b"]


def test_inputs_with_an_unchanged_prefix_are_digested_only_if_they_are_suspects() -> None:
    build = Build(
        {"stub\x1fa": 1, "stub\x1fb": 1, "today": 1},
        {"q": lambda read, query: (read("stub\x1fa"), read("stub\x1fb"), read("today"))},
    )
    build.make("page", "q")
    digested: list[str] = []

    def digest_input(key: str) -> bytes | None:
        digested.append(key)
        return build.digest_input(key)

    build.graph.finish_build()
    build.graph.start_build(digest_input, build.run_query, (), ("stub\x1f",), ("stub\x1fb", "stub\x1fnever read"))

    assert sorted(digested) == ["stub\x1fb", "today"]


def test_sections_that_do_not_add_up_are_refused() -> None:
    sections = a_build().graph.dump(["page", "list page"])

    with pytest.raises(ValueError, match="add up"):
        QueryGraph.load({**sections, "keys": bytes(sections["keys"]) + b"\nmore"})


def test_a_dump_leaves_out_much_that_no_action_depends_on() -> None:
    queries = {f"q{number}": (lambda read, query, number=number: read(f"f{number}")) for number in range(200)}
    build = Build({f"f{number}": number for number in range(200)}, queries, persisted=("q199",))
    for number in range(200):
        build.make(f"page{number}", f"q{number}")
    for number in range(150):
        build.graph.remove(build.graph.numbers[f"page{number}"])
        build.graph.remove(build.graph.numbers[f"q{number}"])
    build.graph.finish_build()

    graph = QueryGraph.load(build.graph.dump([f"page{number}" for number in range(150, 200)]))

    assert len(graph) == 150
    assert sorted(graph.keys[number] for number in graph.inputs) == sorted(f"f{number}" for number in range(150, 200))
    build.graph = graph
    build.start()
    assert build.query("q199") == 199 and build.executed == []
    build.next_build(f199=-1)
    assert [number for number in range(150, 200) if not build.is_up_to_date(f"page{number}")] == [199]


def test_a_key_is_the_name_of_a_node_and_its_arguments() -> None:
    assert join_key("card", "course", "algebra") == "card\x1fcourse\x1falgebra"


SHAPES = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=3), st.lists(st.integers(0, 5), max_size=2), st.integers(1, 4)),
    min_size=1,
    max_size=6,
)
EDITS = st.lists(st.dictionaries(st.integers(0, 4), st.integers(0, 5), max_size=3), min_size=1, max_size=5)


@settings(max_examples=examples(200))
@given(SHAPES, EDITS, st.booleans())
def test_after_any_edits_an_action_is_up_to_date_if_a_new_graph_says_the_same(
    shapes: list[tuple[list[int], list[int], int]], edits: list[dict[int, int]], is_new_process: bool
) -> None:
    """Queries read inputs and the queries before them, and return a remainder, so that many answers stay the same."""

    def a_query(number: int) -> Any:
        inputs, others, divisor = shapes[number]
        below = [other for other in others if other < number]

        def run(read: Any, query: Any) -> int:
            total = sum(read(f"f{name}") for name in inputs)
            if total % 2:  # What is read depends on what was answered.
                total += sum(query(f"q{name}") for name in below)
            return total % divisor

        return run

    names = [f"q{number}" for number in range(len(shapes))]
    queries = {name: a_query(number) for number, name in enumerate(names)}
    build = Build({f"f{number}": number for number in range(5)}, queries)
    for name in names:
        build.make(f"page {name}", name)
    for edit in edits:
        before = {name: build.query(name) for name in names}
        start = build.next_process if is_new_process else build.next_build
        start(**{f"f{number}": value for number, value in edit.items()})
        fresh = Build(dict(build.inputs), build.queries)
        for name in names:
            assert build.is_up_to_date(f"page {name}") == (fresh.query(name) == before[name])
            build.make(f"page {name}", name)
            assert build.query(name) == fresh.query(name)
