"""Twins are made once for the same bytes, and again where they are not as they were written."""

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

from openknowledge.engine import codecs, precompress
from openknowledge.engine.build_state import BuildState, file_stamp
from openknowledge.engine.precompress import TWIN, Precompressor
from openknowledge.engine.workers.pool import open_pool

TEXT = b"<p>Una parola, e poi un'altra parola.</p>\n" * 40


@dataclass
class Folder:
    """An output folder with its ledger, and what builds do to it. Names with `lasting` in them seldom change."""

    output: Path
    costly: Path
    ledger: BuildState = field(default_factory=BuildState)

    def write(self, path: str, data: bytes = TEXT) -> None:
        (self.output / path).parent.mkdir(parents=True, exist_ok=True)
        (self.output / path).write_bytes(data)
        stamp = file_stamp(f"{self.output}/{path}") or (0, 0)
        self.ledger.record_file(path, (*stamp, "page", sha256(data).hexdigest()))

    def make(self, executor: str = "inline") -> None:
        paths = {path for path, entry in self.ledger.files.items() if entry[2] != TWIN}
        damaged = self.ledger.modified_outputs(self.output)
        with open_pool(executor, count=2) as hands:
            made = Precompressor(self.ledger, self.output, self.costly)
            made.compress_outputs(paths, damaged, lambda path: "lasting" in path, hands)

    def rows(self, path: str) -> list[str]:
        return [row[0] for row in self.ledger.twins.get(path, ())]

    def bytes_of(self, path: str) -> bytes:
        return (self.output / path).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "output", tmp_path / "costly")
    made.write("index.html")
    made.write("lasting.svg")
    return made


@contextmanager
def counting() -> Iterator[list[tuple[str, int]]]:
    """What is compressed meanwhile: each time the form and Brotli's level."""
    found: list[tuple[str, int]] = []
    plain = codecs.compress

    def noted(data: bytes, encoding: str, quality: codecs.CompressionLevels) -> bytes:
        found.append((encoding, quality.brotli))
        return plain(data, encoding, quality)

    with mock.patch.object(precompress, "compress", noted):
        yield found


def test_a_page_has_both_forms_beside_it_and_the_ledger_knows_them(folder: Folder) -> None:
    folder.make()

    assert brotli.decompress(folder.bytes_of("index.html.br")) == TEXT
    assert gzip.decompress(folder.bytes_of("index.html.gz")) == TEXT
    for encoding, path, digest, size in folder.ledger.twins["index.html"]:
        assert path == f"index.html{codecs.TWIN_SUFFIXES[encoding]}"
        assert (digest, size) == (sha256(folder.bytes_of(path)).hexdigest(), len(folder.bytes_of(path)))
        assert folder.ledger.files[path][:2] == file_stamp(f"{folder.output}/{path}")
    assert folder.ledger.modified_outputs(folder.output) == set()


def test_the_same_bytes_are_not_compressed_again_even_when_written_anew(folder: Folder) -> None:
    folder.make()
    folder.write("index.html")

    with counting() as found:
        folder.make()

    assert found == []
    assert folder.rows("index.html") == ["br", "gzip"]


def test_other_bytes_are_compressed_and_those_of_other_files_are_not(folder: Folder) -> None:
    folder.make()
    folder.write("index.html", TEXT * 2)

    with counting() as found:
        folder.make()

    assert found == [("br", 5), ("gzip", 5)]
    assert gzip.decompress(folder.bytes_of("index.html.gz")) == TEXT * 2


def test_a_twin_that_is_gone_or_was_changed_is_made_again(folder: Folder) -> None:
    folder.make()
    (folder.output / "index.html.br").unlink()
    (folder.output / "lasting.svg.gz").write_bytes(b"other")

    folder.make()

    assert brotli.decompress(folder.bytes_of("index.html.br")) == TEXT
    assert gzip.decompress(folder.bytes_of("lasting.svg.gz")) == TEXT


def test_what_is_small_not_text_or_not_smaller_has_none(folder: Folder) -> None:
    folder.write("small.html", TEXT[:255])
    folder.write("picture.png")
    folder.write("noise.txt", b"".join(sha256(bytes([number])).digest() for number in range(20)))

    folder.make()

    assert (folder.rows("small.html"), folder.rows("picture.png"), folder.rows("noise.txt")) == ([], [], [])
    assert {path.name for path in folder.output.glob("*.br")} == {"index.html.br", "lasting.svg.br"}


def test_what_seldom_changes_is_compressed_once_for_all_folders(folder: Folder, tmp_path: Path) -> None:
    folder.make()
    other = Folder(tmp_path / "other", folder.costly)
    other.write("lasting.svg")

    with counting() as found:
        other.make()

    assert found == [("gzip", 11)]
    assert other.bytes_of("lasting.svg.br") == folder.bytes_of("lasting.svg.br")


def test_a_broken_cache_costs_time_only(folder: Folder, tmp_path: Path) -> None:
    folder.make()
    (kept,) = folder.costly.iterdir()
    kept.write_bytes(brotli.compress(b"other bytes"))
    other = Folder(tmp_path / "other", folder.costly)
    other.write("lasting.svg")

    other.make()

    assert brotli.decompress(other.bytes_of("lasting.svg.br")) == TEXT
    assert brotli.decompress(kept.read_bytes()) == TEXT


def test_a_cache_that_cannot_be_written_costs_time_only(folder: Folder) -> None:
    folder.costly.write_bytes(b"a file in its place")

    folder.make()

    assert brotli.decompress(folder.bytes_of("lasting.svg.br")) == TEXT


def test_the_cache_lets_go_of_bytes_that_are_no_more(folder: Folder) -> None:
    folder.make()
    folder.write("lasting.svg", TEXT * 2)

    folder.make()

    assert [sha256(TEXT * 2).hexdigest() in path.name for path in folder.costly.iterdir()] == [True]


def test_other_levels_make_all_twins_again(folder: Folder) -> None:
    folder.make()

    with mock.patch.object(precompress, "codec_fingerprint", lambda: "other"), counting() as found:
        folder.make()

    assert len(found) == 4


def test_a_file_that_stands_where_a_twin_would_be_is_left_as_it_is(folder: Folder) -> None:
    folder.make()
    folder.write("index.html.gz", b"an editor's own")
    folder.make()
    assert folder.rows("index.html") == []
    assert folder.bytes_of("index.html.gz") == b"an editor's own"

    del folder.ledger.files["index.html.gz"]
    folder.make()

    assert folder.rows("index.html") == ["br", "gzip"]
    assert gzip.decompress(folder.bytes_of("index.html.gz")) == TEXT


def test_a_file_that_is_not_as_it_was_made_waits_for_the_next_build(folder: Folder) -> None:
    (folder.output / "index.html").write_bytes(b"somebody else was here")
    (folder.output / "lasting.svg").unlink()

    folder.make()

    assert not set(folder.ledger.twins)
    assert not list(folder.output.glob("*.gz"))


def test_twins_of_files_that_are_gone_are_forgotten(folder: Folder) -> None:
    folder.make()
    del folder.ledger.files["index.html"]

    folder.make()

    assert set(folder.ledger.twins) == {"lasting.svg"}


@pytest.mark.parametrize("executor", ["processes", "spawn"])
def test_other_hands_make_the_same_twins(folder: Folder, tmp_path: Path, executor: str) -> None:
    other = Folder(tmp_path / "other", tmp_path / "other-costly")
    other.write("index.html")
    other.write("lasting.svg")
    for one in (folder, other):
        for number in range(precompress.MANY + 5):
            one.write(f"{number}/index.html", TEXT + b"%d" % number)
    folder.make()

    other.make(executor)

    assert other.ledger.twins == folder.ledger.twins
    assert len(folder.ledger.twins) == precompress.MANY + 7
