"""Rows are what was written into them, packed or not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.adjacency import AdjacencyLists

NUMBERS = st.integers(0, 2**32 - 1)
ROWS = st.lists(st.lists(NUMBERS, max_size=5), max_size=12)
PLACES = st.integers(0, 15)
CHANGES = st.lists(
    st.one_of(st.tuples(PLACES, st.lists(NUMBERS, max_size=5).map(tuple)), st.tuples(PLACES, NUMBERS)), max_size=20
)
COUNTS = st.integers(0, 18)


def written(
    rows: AdjacencyLists, model: dict[int, list[int]], changes: list[tuple[int, tuple[int, ...] | int]]
) -> None:
    for place, change in changes:
        if isinstance(change, tuple):
            rows.set(place, change)
            model[place] = list(change)
        else:
            rows.extend(place, [change])
            model.setdefault(place, []).append(change)


@given(st.lists(st.tuples(CHANGES, COUNTS), min_size=1, max_size=4))
def test_rows_are_what_was_written_however_often_they_are_packed(
    rounds: list[tuple[list[tuple[int, int]], int]],
) -> None:
    rows, model = AdjacencyLists(), dict[int, list[int]]()
    for changes, count in rounds:
        written(rows, model, changes)
        assert [list(rows.row(place)) for place in range(20)] == [model.get(place, []) for place in range(20)]

        rows = AdjacencyLists(*rows.dump(count))
        model = {place: row for place, row in model.items() if place < count}
        assert [list(rows.row(place)) for place in range(20)] == [model.get(place, []) for place in range(20)]


@given(CHANGES, COUNTS)
def test_packing_changes_nothing(changes: list[tuple[int, int]], count: int) -> None:
    rows, model = AdjacencyLists(), dict[int, list[int]]()
    written(rows, model, changes)

    first = rows.dump(count)

    assert rows.dump(count) == first
    assert AdjacencyLists(*first).dump(count) == first
