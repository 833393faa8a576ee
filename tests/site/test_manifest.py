"""The manifest lists every file of the output as it is."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import brotli
import pytest
from tests.rebuilding.workshop import Snapshot, Workshop, a_picture, difference
from tests.site.small import build, small_content

from openknowledge.engine.precompress import TWIN_SUFFIXES
from openknowledge.manifest import MANIFEST, CacheClass, FileRole, Manifest, ManifestEntry

PICTURED = """---
title: Figura
abstract: Con una figura.
image: {src: figura.png, alt: {it: Una figura, en: A picture}}
---
Legge [le note]({static}note.txt).
"""
AND_SMALLER = "\nE [quelle piccole]({static}note.txt.gz).\n"
OTHER_PLUGIN = """
from pathlib import Path
from openknowledge.engine.atomic_files import write_output
from pelican import signals

def write(pelican):
    write_output(Path(pelican.output_path, "extra/index.html"), b"<p>Uno.</p>" * 50)
    write_output(Path(pelican.output_path, "robots.txt"), b"User-agent: *")

def register():
    signals.finalized.connect(write)
"""


def manifest_of(output: Path) -> Manifest:
    return Manifest.load((output / MANIFEST).read_bytes())


def files_below(output: Path) -> dict[str, bytes]:
    """Return all files of the output that are for readers, by path."""
    found = (path for path in output.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in found}


def reported(manifest: Manifest) -> dict[str, tuple[str, int]]:
    """Return digest and size of every file and twin that a manifest lists, by path."""
    found = {entry.path: (entry.digest, entry.size_b) for entry in manifest.entries}
    twins = [twin for entry in manifest.entries for twin in entry.twins]
    return {**found, **{twin.path: (twin.digest, twin.size_b) for twin in twins}}


def is_true(output: Path) -> bool:
    """Return whether the manifest lists every file as it is, and nothing else."""
    really = {path: (sha256(data).hexdigest(), len(data)) for path, data in files_below(output).items()}
    return reported(manifest_of(output)) == really


@pytest.fixture(scope="module")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workshop, Snapshot]]:
    """Return a workshop with twins, a picture and a file, and how to get back to its built site."""
    shop = Workshop(tmp_path_factory.mktemp("listed"), TWINS=True, SITEURL="https://example.edu")
    shop.write("courses/figura/index.md", PICTURED)
    shop.write("courses/figura/figura.png", a_picture(60, 7))
    shop.write("courses/figura/note.txt", "Una nota. " * 60)
    shop.settle()
    assert shop.build().is_good
    yield shop, shop.snapshot()
    shop.forget()


@pytest.fixture
def shop(built_shop: tuple[Workshop, Snapshot]) -> Workshop:
    """Return the workshop as it was built."""
    shop, snapshot = built_shop
    snapshot.restore()
    return shop


@pytest.fixture(scope="module")
def entries(built_shop: tuple[Workshop, Snapshot]) -> dict[str, ManifestEntry]:
    shop, snapshot = built_shop
    snapshot.restore()
    return manifest_of(shop.output).by_path


def test_every_file_is_in_it_with_its_digest_and_size_and_nothing_else_is(shop: Workshop) -> None:
    assert is_true(shop.output)
    assert manifest_of(shop.output).site_url == "https://example.edu"


def test_entries_and_twins_are_in_order(shop: Workshop) -> None:
    manifest = manifest_of(shop.output)

    assert [entry.path for entry in manifest.entries] == sorted(manifest.by_path)
    assert all(list(entry.twins) == sorted(entry.twins, key=lambda twin: twin.encoding) for entry in manifest.entries)


def test_twins_have_the_same_bytes_compressed(shop: Workshop, entries: dict[str, ManifestEntry]) -> None:
    files = files_below(shop.output)
    undo = {"br": brotli.decompress, "gzip": gzip.decompress}
    twins = [(entry, twin) for entry in entries.values() for twin in entry.twins]

    assert len(twins) > 100
    for entry, twin in twins:
        assert twin.path == f"{entry.path}{TWIN_SUFFIXES[twin.encoding]}"
        assert undo[twin.encoding](files[twin.path]) == files[entry.path]
        assert twin.size_b < entry.size_b


def test_each_large_text_has_both_twins_and_no_picture_has_any(entries: dict[str, ManifestEntry]) -> None:
    pages = [entry for entry in entries.values() if entry.is_page]

    assert all([twin.encoding for twin in page.twins] == ["br", "gzip"] for page in pages)
    assert [entry.path for entry in entries.values() if entry.twins and entry.media_type == "image/png"] == []


@pytest.mark.parametrize(
    ("path", "role", "cache", "media_type"),
    [
        ("corsi/algebra/index.html", FileRole.PAGE, CacheClass.PAGE, "text/html; charset=utf-8"),
        ("404.html", FileRole.PAGE, CacheClass.PAGE, "text/html; charset=utf-8"),
        ("corsi/index.html", FileRole.LIST, CacheClass.PAGE, "text/html; charset=utf-8"),
        ("data/counters.json", FileRole.DATA, CacheClass.COUNTERS, "application/json; charset=utf-8"),
        ("data/counters/algebra.json", FileRole.DATA, CacheClass.COUNTERS, "application/json; charset=utf-8"),
        ("data/search/it/index.json", FileRole.DATA, CacheClass.PAGE, "application/json; charset=utf-8"),
        ("feed/all.rss.xml", FileRole.FEED, CacheClass.FEED, "application/rss+xml; charset=utf-8"),
        ("feed/all.atom.xml", FileRole.FEED, CacheClass.FEED, "application/atom+xml; charset=utf-8"),
        ("media/courses/figura/figura.png", FileRole.MEDIA, CacheClass.MEDIA, "image/png"),
        ("media/courses/figura/note.txt", FileRole.MEDIA, CacheClass.MEDIA, "text/plain; charset=utf-8"),
    ],
)
def test_each_type_of_file_has_its_role_and_its_cache_class(
    entries: dict[str, ManifestEntry], path: str, role: FileRole, cache: CacheClass, media_type: str
) -> None:
    entry = entries[path]

    assert (entry.role, entry.cache, entry.media_type) == (role, cache, media_type)


def test_what_may_be_cached_for_ever_has_its_own_digest_in_its_name(entries: dict[str, ManifestEntry]) -> None:
    forever = [entry for entry in entries.values() if entry.cache is CacheClass.IMMUTABLE]

    assert {entry.role for entry in forever} == {FileRole.ASSET, FileRole.MEDIA}
    assert [entry.path for entry in forever if f".{entry.digest[:8]}." not in entry.path] == []
    assert {entry.path for entry in entries.values() if entry.path.startswith(("theme/", "covers/", "pictures/"))} == {
        entry.path for entry in forever
    }


def test_an_edit_changes_and_removes_its_own_entries_and_leaves_the_others(shop: Workshop) -> None:
    before = manifest_of(shop.output).by_path
    shop.replace("courses/algebra/index.md", "Algebra lineare", "Algebra")
    shop.remove("hub/article/fine.md")

    assert shop.build().is_good

    after = manifest_of(shop.output).by_path
    assert is_true(shop.output)
    assert before["corsi/algebra/index.html"] != after["corsi/algebra/index.html"]
    assert before["corsi/geometria/index.html"] == after["corsi/geometria/index.html"]
    assert before.keys() - after.keys() >= {"imparare/articoli/fine/index.html"}
    assert difference(shop.read_output(), shop.clean()) == []


def test_a_build_without_anything_to_do_leaves_it_and_the_twins_alone(shop: Workshop) -> None:
    assert shop.build().is_good
    shop.forget()
    before = shop.times()

    shop.build()

    assert shop.times() == before


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_manifest_that_is_gone_or_was_changed_is_written_again(shop: Workshop, harm: str) -> None:
    whole = (shop.output / MANIFEST).read_bytes()
    if harm == "gone":
        (shop.output / MANIFEST).unlink()
    else:
        (shop.output / MANIFEST).write_bytes(whole[:100])

    reported = shop.build()

    assert (shop.output / MANIFEST).read_bytes() == whole
    assert reported.executed == {}


def test_twins_come_and_go_with_their_setting_and_no_page_is_made_for_it(shop: Workshop) -> None:
    whole, pages = shop.read_output(), page_times(shop)

    reported = shop.build(TWINS=False)

    assert (reported.planned, reported.executed, reported.removed) == ({}, {}, 0)
    assert {path for path in whole if not path.endswith((".br", ".gz"))} == set(shop.read_output())
    assert is_true(shop.output)
    reported = shop.build(TWINS=True)
    assert (reported.planned, reported.executed, reported.changed) == ({}, {}, ())
    assert len(list(shop.output.rglob("*.br"))) > 50
    assert shop.read_output() == whole
    assert page_times(shop) == pages


def page_times(shop: Workshop) -> dict[str, int]:
    return {path: time for path, time in shop.times().items() if path.endswith(".html")}


def test_a_twin_that_was_lost_is_made_again_and_its_page_is_not(shop: Workshop) -> None:
    whole = shop.read_output()
    (shop.output / "index.html.br").unlink()
    (shop.output / "corsi/index.html.gz").write_bytes(b"other")

    reported = shop.build()

    assert shop.read_output() == whole
    assert reported.executed == {}


def test_an_editors_own_compressed_file_is_no_twin(shop: Workshop) -> None:
    before = shop.read_output()
    shop.write("courses/figura/note.txt.gz", b"an editor's own")
    shop.write("courses/figura/index.md", PICTURED + AND_SMALLER)

    assert shop.build().is_good

    assert (shop.output / "media/courses/figura/note.txt.gz").read_bytes() == b"an editor's own"
    assert manifest_of(shop.output).by_path["media/courses/figura/note.txt"].twins == ()
    assert is_true(shop.output)
    assert difference(shop.read_output(), shop.clean()) == []
    shop.remove("courses/figura/note.txt.gz")
    shop.write("courses/figura/index.md", PICTURED)
    assert shop.build().is_good
    assert difference(shop.read_output(), before) == []


def test_a_build_that_fails_leaves_the_manifest_of_what_is_there(shop: Workshop) -> None:
    shop.write("courses/algebra/index.md", "---\ntitel: X\n---\n")

    assert not shop.build().is_good

    assert is_true(shop.output)


def test_files_of_other_plugins_are_in_it(tmp_path: Path) -> None:
    content, output = small_content(tmp_path), tmp_path / "output"
    (tmp_path / "otherplugin.py").write_text(OTHER_PLUGIN)
    plugins = ["otherplugin", *(f"openknowledge.{name}" for name in ("engine", "assets", "catalogue"))]
    settings = [f"PLUGINS={plugins}".replace("'", '"'), f'PLUGIN_PATHS=["{tmp_path}"]', "TWINS=true"]

    for _ in range(2):
        done = build(content, output, *settings, f'CACHE_PATH="{tmp_path / "cache"}"')

        assert done.returncode == 0, done.stderr
        entries = manifest_of(output).by_path
        assert is_true(output)
        assert (entries["extra/index.html"].role, entries["robots.txt"].role) == (FileRole.PAGE, FileRole.DATA)
        assert [twin.encoding for twin in entries["extra/index.html"].twins] == ["br", "gzip"]


def test_a_plugin_that_is_taken_away_takes_its_files_and_twins_with_it(shop: Workshop) -> None:
    rest = [f"openknowledge.{name}" for name in ("engine", "assets", "catalogue", "counters", "search")]

    assert shop.run(PLUGINS=rest).returncode == 0

    assert not list(shop.output.rglob("*.rss.xml*"))
    assert is_true(shop.output)
