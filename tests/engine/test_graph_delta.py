"""Deltas of forked copies leave the graph as if it had answered everything itself."""

from __future__ import annotations

import copy
import copyreg
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.test_query_graph import Build

from openknowledge.engine.query_graph import DeltaRecorder, GraphDelta, QueryGraph, apply_delta

INPUTS = {f"input {number}": number for number in range(6)}


def reads(name: str) -> Any:
    return lambda read, _query: read(name)


def asks(*names: str) -> Any:
    return lambda _read, query: [query(name) for name in names]


QUERIES = {
    **{f"reads {number}": reads(f"input {number}") for number in range(6)},
    "low": asks("reads 0", "reads 1", "reads 2"),
    "high": asks("reads 3", "reads 4", "reads 5"),
    "all": asks("low", "high"),
    "none": lambda _read, _query: "nothing",
}
PAGES = st.dictionaries(
    st.sampled_from([f"page {number}" for number in range(12)]), st.lists(st.sampled_from(sorted(QUERIES)), max_size=4)
)


def copy_of_view(data: bytes, typecode: str) -> memoryview:
    return memoryview(data).cast("I" if typecode == "I" else "B")


def reduce_view(view: memoryview) -> tuple[Any, ...]:
    return copy_of_view, (view.tobytes(), view.format)


@pytest.fixture(autouse=True)
def copied_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have views copied like all else, which a graph has that was loaded from a file."""
    monkeypatch.setitem(copyreg.dispatch_table, memoryview, reduce_view)


def a_build() -> Build:
    return Build(dict(INPUTS), QUERIES, persisted=("reads 1", "none"))


def contents(graph: QueryGraph) -> Any:
    """Return all that a graph knows, by keys."""
    known = [number for number in range(len(graph)) if graph.is_known(number)]
    nodes = {
        graph.keys[number]: (
            graph.digest(number),
            [graph.keys[dep] for dep in graph.deps[number]],
            graph.memos[number].tobytes(),
        )
        for number in known
    }
    changed = {graph.keys[number] for number in graph.changed if graph.is_known(number)}
    return nodes, sorted(graph.keys[number] for number in graph.inputs), changed, graph.dirty


def received(recorder: DeltaRecorder) -> GraphDelta:
    """Return a delta as it arrives from another process."""
    delta: GraphDelta = pickle.loads(pickle.dumps(recorder.take()))
    return delta


def make(build: Build, pages: dict[str, list[str]]) -> None:
    for name, queries in pages.items():
        if name not in build.graph.numbers or not build.is_up_to_date(name):
            build.make(name, *queries)


@settings(deadline=None)
@given(before=PAGES, shares=st.lists(PAGES, min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_copies_that_share_the_actions_record_what_one_build_would(before, shares, order):
    pages = {name: queries for share in shares for name, queries in share.items()}
    own = [{name: queries for name, queries in share.items() if pages[name] is queries} for share in shares]
    alone, parent = a_build(), a_build()
    for build in (alone, parent):
        make(build, before)
        build.next_process(**{"input 1": "new", "input 5": "new"})
    make(alone, pages)
    copies = [copy.deepcopy(parent) for _ in range(2)]
    recorders = [DeltaRecorder(build.graph, len(parent.graph)) for build in copies]

    deltas = []
    for number, share in enumerate(own):
        make(copies[number % 2], share)
        deltas.append(received(recorders[number % 2]))
    order.shuffle(deltas)
    for delta in deltas:
        apply_delta(parent.graph, delta)

    assert contents(parent.graph) == contents(alone.graph)
    for build in (alone, parent):
        build.next_process(**{"input 0": "newer"})
    assert {name: parent.is_up_to_date(name) for name in pages} == {name: alone.is_up_to_date(name) for name in pages}


def test_a_delta_has_only_what_was_recorded_since_the_one_before():
    build = a_build()
    recorder = DeltaRecorder(build.graph, len(build.graph))
    build.make("page", "all")

    assert recorder.take().nodes
    assert not recorder.take().nodes


@pytest.mark.parametrize("name", ["low", "none"])
def test_a_node_that_is_not_dirty_any_more_in_a_copy_is_not_dirty_in_the_graph(name):
    build = a_build()
    build.make("page", name)
    build.next_process(**{"input 0": "new"})
    build.inputs["input 0"] = INPUTS["input 0"]
    fork = copy.deepcopy(build)
    recorder = DeltaRecorder(fork.graph, len(fork.graph))
    fork.query(name)
    fork.is_up_to_date("page")

    apply_delta(build.graph, recorder.take())

    assert build.graph.dirty == fork.graph.dirty
