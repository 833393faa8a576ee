"""The ledger is what the last build wrote, or an empty one."""

from __future__ import annotations

import marshal
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.engine.build_state import HEADER, LEDGER, Ledger, file_stamp
from openknowledge.engine.digest import digest
from openknowledge.engine.query_graph import Book


def a_ledger(output: Path) -> Ledger:
    """A ledger of one page, as it was written."""
    output.mkdir(exist_ok=True)
    (output / "index.html").write_text("<!doctype html>")
    size, time = file_stamp(str(output / "index.html")) or (0, 0)
    book = Book()
    notes: dict[int, None] = {}
    book.fact("today", lambda _key: digest(1), notes)
    book.settle(book.number("page"), digest("page"), tuple(notes))
    ledger = Ledger(
        inputs=b"inputs",
        settings={"SITEURL": b"x"},
        counts={"pages": 1},
        files={"index.html": (size, time, "page", "0" * 64)},
        pressed="quickly",
        twins={"index.html": (("br", "index.html.br", "1" * 64, 7),)},
        products={"page": (b"d", ("index.html",), ("new",))},
        memo={"templates": ("r", {})},
    )
    ledger.write(output, book)
    return ledger


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)

    found = Ledger.read(tmp_path)

    assert found == ledger
    assert found.book().keys == ["today", "page"]
    assert list(found.book().deps.row(1)) == [0]


def test_a_book_that_is_not_handed_over_stays_as_it_was(tmp_path: Path) -> None:
    a_ledger(tmp_path)
    again = Ledger.read(tmp_path)
    again.inputs = b"others"
    again.write(tmp_path, None)

    assert Ledger.read(tmp_path).inputs == b"others"
    assert Ledger.read(tmp_path).book().keys == ["today", "page"]


def test_a_folder_without_a_ledger_has_an_empty_one(tmp_path: Path) -> None:
    assert Ledger.read(tmp_path / "none") == Ledger()
    assert len(Ledger().book()) == 0


@settings(max_examples=examples(100))
@given(place=st.integers(0, 5000), bits=st.integers(0, 255))
def test_a_ledger_that_is_cut_or_differs_in_a_byte_is_an_empty_one(tmp_path: Path, place: int, bits: int) -> None:
    a_ledger(tmp_path)
    data = bytearray((tmp_path / LEDGER).read_bytes())
    place %= len(data)
    if bits:
        data[place] ^= bits
    else:
        del data[place:]
    (tmp_path / LEDGER).write_bytes(data)

    assert Ledger.read(tmp_path) == Ledger()


@pytest.mark.parametrize("body", [b"", b"\xff", b"N", marshal.dumps(tuple(range(20)))])
def test_a_ledger_that_is_whole_and_says_something_else_is_an_empty_one(tmp_path: Path, body: bytes) -> None:
    (tmp_path / LEDGER).write_bytes(HEADER + zlib.crc32(body).to_bytes(4, "big") + body)

    assert Ledger.read(tmp_path) == Ledger()


def test_files_that_are_gone_or_were_touched_are_damaged(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    assert ledger.damaged(tmp_path) == set()

    (tmp_path / "index.html").write_text("something else")
    assert ledger.damaged(tmp_path) == {"index.html"}

    (tmp_path / "index.html").unlink()
    assert ledger.damaged(tmp_path) == {"index.html"}


def test_the_files_of_products_are_found_by_their_keys(tmp_path: Path) -> None:
    assert a_ledger(tmp_path).files_of(("page", "gone")) == {"index.html"}
