"""Twins are compressed once for the same bytes, the same each time, and again where they were changed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from unittest import mock

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine import precompress
from openknowledge.engine.build_state import TWIN_ARTIFACT, BuildState, OutputFile, file_stamp
from openknowledge.engine.precompress import (
    BEST,
    FAST,
    TWIN_SUFFIXES,
    CompressionLevels,
    Precompressor,
    compress,
    decompress,
    is_compressible,
)
from openknowledge.engine.workers.pool import open_pool

TEXT = b"<p>Una parola, e poi un'altra parola.</p>\n" * 40

# The codecs


@pytest.mark.parametrize("levels", [BEST, FAST])
@given(data=st.binary(max_size=2_000))
def test_any_bytes_come_back(levels: CompressionLevels, data: bytes) -> None:
    assert brotli.decompress(compress(data, "br", levels)) == data
    assert gzip.decompress(compress(data, "gzip", levels)) == data
    assert [decompress(compress(data, name, levels), name) for name in TWIN_SUFFIXES] == [data, data]


def test_gzip_has_neither_time_nor_name_nor_machine() -> None:
    data = compress(b"a page" * 100, "gzip", FAST)

    assert data[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def test_the_best_levels_compress_harder_than_the_fast_ones() -> None:
    data = "".join(f"<li>{number * number}</li>" for number in range(3_000)).encode()

    assert len(compress(data, "br", BEST)) < len(compress(data, "br", FAST))


@pytest.mark.parametrize("encoding", TWIN_SUFFIXES)
def test_broken_bytes_decompress_to_none(encoding: str) -> None:
    data = compress(b"a page" * 100, encoding, FAST)

    assert decompress(data[: len(data) // 2], encoding) != b"a page" * 100
    assert decompress(b"something else", encoding) is None


def test_the_encodings_are_in_the_order_of_their_names() -> None:
    assert list(TWIN_SUFFIXES) == sorted(TWIN_SUFFIXES)


@pytest.mark.parametrize("path", ["a.html", "a.css", "a.js", "a.json", "a.svg", "a.rss.xml", "a.txt", "a.webmanifest"])
def test_texts_are_compressible(path: str) -> None:
    assert is_compressible(path)


@pytest.mark.parametrize("path", ["a.png", "a.woff2", "a.html.br", "a.svg.gz", "a.pdf", "html", "CNAME"])
def test_what_is_compressed_already_or_unknown_is_not_compressible(path: str) -> None:
    assert not is_compressible(path)


# The twins


@dataclass
class Folder:
    """An output folder with its state, and what builds do to it. Files with `lasting` in their names seldom change."""

    output: Path
    cache: Path
    state: BuildState = field(default_factory=BuildState)

    def write(self, path: str, data: bytes = TEXT) -> None:
        (self.output / path).parent.mkdir(parents=True, exist_ok=True)
        (self.output / path).write_bytes(data)
        stamp = file_stamp(f"{self.output}/{path}") or (0, 0)
        self.state.record_file(path, OutputFile(*stamp, "page", sha256(data).hexdigest()))

    def compress(self, executor: str = "inline") -> None:
        paths = {path for path, file in self.state.files.items() if file.artifact != TWIN_ARTIFACT}
        modified = self.state.modified_outputs(self.output)
        with open_pool(executor, count=2) as pool:
            precompressor = Precompressor(self.state, self.output, self.cache)
            precompressor.compress_outputs(paths, modified, lambda path: "lasting" in path, pool)

    def encodings(self, path: str) -> list[str]:
        return [twin.encoding for twin in self.state.twins.get(path, ())]

    def read(self, path: str) -> bytes:
        return (self.output / path).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "output", tmp_path / "cache")
    folder.write("index.html")
    folder.write("lasting.svg")
    return folder


@contextmanager
def counting() -> Iterator[list[tuple[str, int]]]:
    """Collect each call to a codec meanwhile: the encoding and Brotli's level."""
    calls: list[tuple[str, int]] = []
    original = precompress.compress

    def counted(data: bytes, encoding: str, levels: CompressionLevels) -> bytes:
        calls.append((encoding, levels.brotli))
        return original(data, encoding, levels)

    with mock.patch.object(precompress, "compress", counted):
        yield calls


def test_a_page_has_both_twins_beside_it_and_the_state_knows_them(folder: Folder) -> None:
    folder.compress()

    assert brotli.decompress(folder.read("index.html.br")) == TEXT
    assert gzip.decompress(folder.read("index.html.gz")) == TEXT
    for encoding, path, digest, size_b in folder.state.twins["index.html"]:
        assert path == f"index.html{TWIN_SUFFIXES[encoding]}"
        assert (digest, size_b) == (sha256(folder.read(path)).hexdigest(), len(folder.read(path)))
        assert folder.state.files[path][:2] == file_stamp(f"{folder.output}/{path}")
    assert folder.state.modified_outputs(folder.output) == set()


def test_the_same_bytes_are_not_compressed_again_even_when_they_are_rewritten(folder: Folder) -> None:
    folder.compress()
    folder.write("index.html")

    with counting() as calls:
        folder.compress()

    assert calls == []
    assert folder.encodings("index.html") == ["br", "gzip"]


def test_other_bytes_are_compressed_and_those_of_other_files_are_not(folder: Folder) -> None:
    folder.compress()
    folder.write("index.html", TEXT * 2)

    with counting() as calls:
        folder.compress()

    assert calls == [("br", 5), ("gzip", 5)]
    assert gzip.decompress(folder.read("index.html.gz")) == TEXT * 2


def test_a_twin_that_is_gone_or_was_changed_is_compressed_again(folder: Folder) -> None:
    folder.compress()
    (folder.output / "index.html.br").unlink()
    (folder.output / "lasting.svg.gz").write_bytes(b"other")

    folder.compress()

    assert brotli.decompress(folder.read("index.html.br")) == TEXT
    assert gzip.decompress(folder.read("lasting.svg.gz")) == TEXT


def test_a_file_that_is_small_no_text_or_would_not_shrink_has_no_twins(folder: Folder) -> None:
    folder.write("small.html", TEXT[:255])
    folder.write("picture.png")
    folder.write("noise.txt", b"".join(sha256(bytes([number])).digest() for number in range(20)))

    folder.compress()

    assert [folder.encodings(path) for path in ("small.html", "picture.png", "noise.txt")] == [[], [], []]
    assert {path.name for path in folder.output.glob("*.br")} == {"index.html.br", "lasting.svg.br"}


def test_what_seldom_changes_is_compressed_once_for_all_folders(folder: Folder, tmp_path: Path) -> None:
    folder.compress()
    other = Folder(tmp_path / "other", folder.cache)
    other.write("lasting.svg")

    with counting() as calls:
        other.compress()

    assert calls == [("gzip", 11)]
    assert other.read("lasting.svg.br") == folder.read("lasting.svg.br")


def test_a_broken_cache_costs_time_only(folder: Folder, tmp_path: Path) -> None:
    folder.compress()
    (cached,) = folder.cache.iterdir()
    cached.write_bytes(brotli.compress(b"other bytes"))
    other = Folder(tmp_path / "other", folder.cache)
    other.write("lasting.svg")

    other.compress()

    assert brotli.decompress(other.read("lasting.svg.br")) == TEXT
    assert brotli.decompress(cached.read_bytes()) == TEXT


def test_a_cache_that_cannot_be_written_costs_time_only(folder: Folder) -> None:
    folder.cache.write_bytes(b"a file in its place")

    folder.compress()

    assert brotli.decompress(folder.read("lasting.svg.br")) == TEXT


def test_the_cache_is_pruned_of_bytes_that_the_site_no_longer_has(folder: Folder) -> None:
    folder.compress()
    folder.write("lasting.svg", TEXT * 2)

    folder.compress()

    assert [sha256(TEXT * 2).hexdigest() in path.name for path in folder.cache.iterdir()] == [True]


def test_other_levels_compress_all_twins_again(folder: Folder) -> None:
    folder.compress()

    with mock.patch.object(precompress, "codec_fingerprint", lambda: "other"), counting() as calls:
        folder.compress()

    assert len(calls) == 4


def test_a_file_of_the_site_where_a_twin_would_be_is_left_as_it_is(folder: Folder) -> None:
    folder.compress()
    folder.write("index.html.gz", b"an editor's own")
    folder.compress()
    assert folder.encodings("index.html") == []
    assert folder.read("index.html.gz") == b"an editor's own"

    del folder.state.files["index.html.gz"]
    folder.compress()

    assert folder.encodings("index.html") == ["br", "gzip"]
    assert gzip.decompress(folder.read("index.html.gz")) == TEXT


def test_a_file_that_is_not_as_it_was_made_waits_for_the_next_build(folder: Folder) -> None:
    (folder.output / "index.html").write_bytes(b"something else was here")
    (folder.output / "lasting.svg").unlink()

    folder.compress()

    assert not set(folder.state.twins)
    assert not list(folder.output.glob("*.gz"))


def test_the_twins_of_files_that_are_gone_are_dropped(folder: Folder) -> None:
    folder.compress()
    del folder.state.files["index.html"]

    folder.compress()

    assert set(folder.state.twins) == {"lasting.svg"}


@pytest.mark.parametrize("executor", ["processes", "spawn"])
def test_worker_processes_make_the_same_twins(folder: Folder, tmp_path: Path, executor: str) -> None:
    other = Folder(tmp_path / "other", tmp_path / "other-cache")
    other.write("index.html")
    other.write("lasting.svg")
    for target in (folder, other):
        for number in range(precompress.PARALLEL_THRESHOLD + 5):
            target.write(f"{number}/index.html", TEXT + b"%d" % number)
    folder.compress()

    other.compress(executor)

    assert other.state.twins == folder.state.twins
    assert len(folder.state.twins) == precompress.PARALLEL_THRESHOLD + 7
