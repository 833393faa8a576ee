"""What is compressed can be read by everybody, and is the same each time."""

from __future__ import annotations

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.codecs import ENDINGS, LASTING, QUICK, Quality, compressed, expanded, is_compressible


@pytest.mark.parametrize("quality", [LASTING, QUICK])
@given(data=st.binary(max_size=2_000))
def test_any_bytes_come_back(quality: Quality, data: bytes) -> None:
    assert brotli.decompress(compressed(data, "br", quality)) == data
    assert gzip.decompress(compressed(data, "gzip", quality)) == data
    assert [expanded(compressed(data, one, quality), one) for one in ENDINGS] == [data, data]


def test_gzip_tells_neither_time_nor_name_nor_machine() -> None:
    data = compressed(b"a page" * 100, "gzip", QUICK)

    assert data[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def test_what_seldom_changes_is_compressed_harder() -> None:
    data = "".join(f"<li>{number * number}</li>" for number in range(3_000)).encode()

    assert len(compressed(data, "br", LASTING)) < len(compressed(data, "br", QUICK))


@pytest.mark.parametrize("encoding", ENDINGS)
def test_broken_bytes_are_nothing(encoding: str) -> None:
    whole = compressed(b"a page" * 100, encoding, QUICK)

    assert expanded(whole[: len(whole) // 2], encoding) != b"a page" * 100
    assert expanded(b"something else", encoding) is None


def test_the_forms_are_in_the_order_of_their_names() -> None:
    assert list(ENDINGS) == sorted(ENDINGS)


@pytest.mark.parametrize("path", ["a.html", "a.css", "a.js", "a.json", "a.svg", "a.rss.xml", "a.txt", "a.webmanifest"])
def test_texts_are_compressible(path: str) -> None:
    assert is_compressible(path)


@pytest.mark.parametrize("path", ["a.png", "a.woff2", "a.html.br", "a.svg.gz", "a.pdf", "html", "CNAME"])
def test_what_is_compressed_as_it_is_or_unknown_is_not(path: str) -> None:
    assert not is_compressible(path)
