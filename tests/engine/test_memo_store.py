"""Kept answers are those of a dictionary, packed or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.memo_store import MemoStore

NAMES = [f"q{number}" for number in range(9)]
NUMBERS = {name: number for number, name in enumerate(NAMES)}
CHANGES = st.lists(st.tuples(st.sampled_from(NAMES), st.none() | st.binary(max_size=5)), max_size=12)


@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_answers_are_what_was_kept_however_often_they_are_packed(rounds: list[list[tuple[str, bytes | None]]]) -> None:
    kept, model = MemoStore(NAMES, NUMBERS), dict[str, bytes]()
    for changes in rounds:
        for name, answer in changes:
            if answer is None:
                assert kept.pop(name, None) == model.pop(name, None)
            else:
                kept[name] = model[name] = answer
        assert dict(kept) == model
        assert [name in kept for name in NAMES] == [name in model for name in NAMES]
        kept = MemoStore(NAMES, NUMBERS, *kept.dump())
        assert dict(kept) == model


def test_answers_that_did_not_change_are_written_as_they_were_read() -> None:
    kept = MemoStore(NAMES, NUMBERS)
    kept["q1"] = b"one"
    told = kept.dump()
    again = MemoStore(NAMES, NUMBERS, *told)
    again["q1"] = b"one"

    assert all(one is other for one, other in zip(again.dump(), told, strict=True))


def test_answers_that_do_not_add_up_are_refused() -> None:
    kept = MemoStore(NAMES, NUMBERS)
    kept["q1"] = b"one"
    held, ends, joined = kept.dump()

    with pytest.raises(ValueError, match="add up"):
        MemoStore(NAMES, NUMBERS, held, ends, bytes(joined)[1:])
