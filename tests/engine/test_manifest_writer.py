"""The manifest's rows say of the ledger's files what entries would."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from openknowledge.engine.build_state import BuildState
from openknowledge.engine.manifest_writer import class_by_path, manifest_rows, write_manifest
from openknowledge.engine.precompress import TWIN
from openknowledge.engine.rules import FileClass, Rule, static_action
from openknowledge.manifest import MANIFEST, CacheClass, FileRole, Manifest, ManifestEntry, Twin, dump_manifest
from openknowledge.media_types import guess_media_type

KEYS = ("page\x1frecord\x1fit", "theme\x1fsite.css", "written", "gone")
SORTS: dict[str, FileClass] = {
    KEYS[0]: (CacheClass.PAGE, FileRole.PAGE),
    KEYS[1]: (CacheClass.IMMUTABLE, FileRole.ASSET),
}
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
PATHS = st.text('ab/è."\\', min_size=1, max_size=8).map(lambda stem: f"{stem}.html") | st.just("data/x.json")


@st.composite
def ledgers(draw: st.DrawFn) -> BuildState:
    """Files of known, of unknown and of other plugins' products, some of them with twins."""
    ledger = BuildState()
    for path in draw(st.lists(PATHS, unique=True, max_size=6)):
        ledger.files[path] = (draw(st.integers(0, 9_999)), 1, draw(st.sampled_from(KEYS)), draw(HEX))
        if draw(st.booleans()):
            ledger.twins[path] = (("br", f"{path}.br", draw(HEX), 7), ("gzip", f"{path}.gz", draw(HEX), 8))
            ledger.files.update((twin[1], (twin[3], 1, TWIN, twin[2])) for twin in ledger.twins[path])
    return ledger


def entries(ledger: BuildState) -> list[ManifestEntry]:
    """The same, the long way round."""
    found = []
    for path, (size, _, key, digest) in ledger.files.items():
        if key != TWIN:
            cache, role = SORTS.get(key) or class_by_path(path)
            twins = tuple(Twin(*row) for row in ledger.twins.get(path, ()))
            found.append(ManifestEntry(path, digest, size, guess_media_type(path), cache, role, twins))
    return found


@given(ledger=ledgers())
def test_rows_and_entries_are_the_same_manifest(ledger: BuildState) -> None:
    manifest = Manifest.from_entries("https://example.edu/è", entries(ledger))

    data = dump_manifest("https://example.edu/è", manifest_rows(ledger, SORTS))

    assert data == manifest.dump()
    assert Manifest.load(data) == manifest


def test_the_manifest_is_no_file_of_its_own_and_its_stamp_is_in_the_ledger(tmp_path: Path) -> None:
    ledger = BuildState(files={"index.html": (3, 1, KEYS[0], "0" * 64)})

    write_manifest(tmp_path, "https://example.edu", ledger, SORTS)
    first = (tmp_path / MANIFEST).read_bytes()
    write_manifest(tmp_path, "https://example.edu", ledger, SORTS)

    assert (tmp_path / MANIFEST).read_bytes() == first
    assert [entry.path for entry in Manifest.load(first).entries] == ["index.html"]
    assert ledger.files[MANIFEST][0] == len(first)


def test_files_of_other_plugins_are_pages_or_data_by_their_names() -> None:
    assert class_by_path("a/index.html") == (CacheClass.PAGE, FileRole.PAGE)
    assert class_by_path("sitemap.xml") == (CacheClass.PAGE, FileRole.DATA)


def test_a_line_may_have_files_of_one_sort_or_ask_its_products() -> None:
    def role(parts: tuple[str, ...]) -> FileRole:
        return FileRole.LIST if parts[0] == "list" else FileRole.PAGE

    parts = {"a": ("list",), "b": ("record",)}
    one = Rule("x", "", lambda _site: (), static_action, role=FileRole.FEED, cache=CacheClass.FEED)
    other = Rule("x", "", lambda _site: (), static_action, role=role)

    assert one.file_classes(parts) == {"a": (CacheClass.FEED, FileRole.FEED), "b": (CacheClass.FEED, FileRole.FEED)}
    assert other.file_classes(parts) == {"a": (CacheClass.PAGE, FileRole.LIST), "b": (CacheClass.PAGE, FileRole.PAGE)}
