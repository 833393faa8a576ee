"""The ledger is what the last build wrote, or an empty one."""

from __future__ import annotations

import marshal
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.engine.build_state import BUILD_STATE, HEADER, BuildState, file_stamp
from openknowledge.engine.digest import digest
from openknowledge.engine.query_graph import QueryGraph


def a_ledger(output: Path) -> BuildState:
    """A ledger of one page, as it was written."""
    output.mkdir(exist_ok=True)
    (output / "index.html").write_text("<!doctype html>")
    size, time = file_stamp(str(output / "index.html")) or (0, 0)
    book = QueryGraph()
    notes: dict[int, None] = {}
    book.read_input("today", lambda _key: digest(1), notes)
    book.record(book.intern("page"), digest("page"), tuple(notes))
    ledger = BuildState(
        inputs_digest=b"inputs",
        settings={"SITEURL": b"x"},
        counts={"pages": 1},
        files={"index.html": (size, time, "page", "0" * 64)},
        codec_fingerprint="quickly",
        twins={"index.html": (("br", "index.html.br", "1" * 64, 7),)},
        artifacts={"page": (b"d", ("index.html",), ("new",))},
        extras={"templates": ("r", {})},
    )
    ledger.write(output, book)
    return ledger


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)

    found = BuildState.read(tmp_path)

    assert found == ledger
    assert found.load_graph().keys == ["today", "page"]
    assert list(found.load_graph().deps.row(1)) == [0]


def test_a_book_that_is_not_handed_over_stays_as_it_was(tmp_path: Path) -> None:
    a_ledger(tmp_path)
    again = BuildState.read(tmp_path)
    again.inputs_digest = b"others"
    again.write(tmp_path, None)

    assert BuildState.read(tmp_path).inputs_digest == b"others"
    assert BuildState.read(tmp_path).load_graph().keys == ["today", "page"]


def test_a_folder_without_a_ledger_has_an_empty_one(tmp_path: Path) -> None:
    assert BuildState.read(tmp_path / "none") == BuildState()
    assert len(BuildState().load_graph()) == 0


@settings(max_examples=examples(100))
@given(place=st.integers(0, 5000), bits=st.integers(0, 255))
def test_a_ledger_that_is_cut_or_differs_in_a_byte_is_an_empty_one(tmp_path: Path, place: int, bits: int) -> None:
    a_ledger(tmp_path)
    data = bytearray((tmp_path / BUILD_STATE).read_bytes())
    place %= len(data)
    if bits:
        data[place] ^= bits
    else:
        del data[place:]
    (tmp_path / BUILD_STATE).write_bytes(data)

    assert BuildState.read(tmp_path) == BuildState()


@pytest.mark.parametrize("body", [b"", b"\xff", b"N", marshal.dumps(tuple(range(20)))])
def test_a_ledger_that_is_whole_and_says_something_else_is_an_empty_one(tmp_path: Path, body: bytes) -> None:
    (tmp_path / BUILD_STATE).write_bytes(HEADER + zlib.crc32(body).to_bytes(4, "big") + body)

    assert BuildState.read(tmp_path) == BuildState()


def test_files_that_are_gone_or_were_touched_are_damaged(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    assert ledger.modified_outputs(tmp_path) == set()

    (tmp_path / "index.html").write_text("something else")
    assert ledger.modified_outputs(tmp_path) == {"index.html"}

    (tmp_path / "index.html").unlink()
    assert ledger.modified_outputs(tmp_path) == {"index.html"}


def test_the_files_of_products_are_found_by_their_keys(tmp_path: Path) -> None:
    assert a_ledger(tmp_path).paths_of(("page", "gone")) == {"index.html"}
