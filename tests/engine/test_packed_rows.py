"""Packed rows behave like a dictionary of rows, however often they are dumped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.query_graph import PackedRows

NUMBERS = st.integers(0, 2**32 - 1)
CHANGES = st.lists(st.tuples(st.integers(0, 15), st.lists(NUMBERS, max_size=5).map(tuple)), max_size=20)
BLOBS = st.lists(st.tuples(st.integers(0, 15), st.binary(max_size=5)), max_size=20)


@given(rounds=st.lists(CHANGES, min_size=1, max_size=4))
def test_rows_are_what_was_set_however_often_they_are_dumped(rounds: list[list[tuple[int, tuple[int, ...]]]]) -> None:
    rows, model = PackedRows("I"), dict[int, tuple[int, ...]]()
    for changes in rounds:
        for number, row in changes:
            rows[number] = model[number] = row
        assert [tuple(rows[number]) for number in range(20)] == [model.get(number, ()) for number in range(20)]

        rows = PackedRows("I", *rows.dump())
        assert [tuple(rows[number]) for number in range(20)] == [model.get(number, ()) for number in range(20)]


@given(rounds=st.lists(BLOBS, min_size=1, max_size=4))
def test_rows_of_bytes_are_what_was_set_however_often_they_are_dumped(rounds: list[list[tuple[int, bytes]]]) -> None:
    rows, model = PackedRows("B"), dict[int, bytes]()
    for changes in rounds:
        for number, row in changes:
            rows[number] = model[number] = row
        rows = PackedRows("B", *rows.dump())
        assert [rows[number].tobytes() for number in range(20)] == [model.get(number, b"") for number in range(20)]


@given(CHANGES)
def test_a_dump_without_changes_is_the_same(changes: list[tuple[int, tuple[int, ...]]]) -> None:
    rows = PackedRows("I")
    for number, row in changes:
        rows[number] = row

    first = rows.dump()

    assert rows.dump() == first
    assert PackedRows("I", *first).dump() == first


def test_a_row_that_is_set_over_and_over_does_not_fill_the_dump() -> None:
    rows = PackedRows("I")
    for number in range(1000):
        rows[3] = (number,) * 10

    assert sum(map(len, rows.dump())) < 500
    assert tuple(rows[3]) == (999,) * 10


def test_arrays_of_different_lengths_are_refused() -> None:
    starts, lengths, values = PackedRows("I").dump()

    with pytest.raises(ValueError, match="add up"):
        PackedRows("I", starts + bytes(4), lengths, values)
