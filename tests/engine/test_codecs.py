"""What is compressed can be read by everybody, and is the same each time."""

from __future__ import annotations

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.codecs import (
    BEST,
    FAST,
    TWIN_SUFFIXES,
    CompressionLevels,
    compress,
    decompress,
    is_compressible,
)


@pytest.mark.parametrize("quality", [BEST, FAST])
@given(data=st.binary(max_size=2_000))
def test_any_bytes_come_back(quality: CompressionLevels, data: bytes) -> None:
    assert brotli.decompress(compress(data, "br", quality)) == data
    assert gzip.decompress(compress(data, "gzip", quality)) == data
    assert [decompress(compress(data, one, quality), one) for one in TWIN_SUFFIXES] == [data, data]


def test_gzip_tells_neither_time_nor_name_nor_machine() -> None:
    data = compress(b"a page" * 100, "gzip", FAST)

    assert data[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def test_what_seldom_changes_is_compressed_harder() -> None:
    data = "".join(f"<li>{number * number}</li>" for number in range(3_000)).encode()

    assert len(compress(data, "br", BEST)) < len(compress(data, "br", FAST))


@pytest.mark.parametrize("encoding", TWIN_SUFFIXES)
def test_broken_bytes_are_nothing(encoding: str) -> None:
    whole = compress(b"a page" * 100, encoding, FAST)

    assert decompress(whole[: len(whole) // 2], encoding) != b"a page" * 100
    assert decompress(b"something else", encoding) is None


def test_the_forms_are_in_the_order_of_their_names() -> None:
    assert list(TWIN_SUFFIXES) == sorted(TWIN_SUFFIXES)


@pytest.mark.parametrize("path", ["a.html", "a.css", "a.js", "a.json", "a.svg", "a.rss.xml", "a.txt", "a.webmanifest"])
def test_texts_are_compressible(path: str) -> None:
    assert is_compressible(path)


@pytest.mark.parametrize("path", ["a.png", "a.woff2", "a.html.br", "a.svg.gz", "a.pdf", "html", "CNAME"])
def test_what_is_compressed_as_it_is_or_unknown_is_not(path: str) -> None:
    assert not is_compressible(path)
