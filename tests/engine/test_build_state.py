"""The build state is what the last build wrote, or an empty one; the manifest is made from it."""

from __future__ import annotations

import marshal
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chance import examples

from openknowledge.engine.build_state import (
    BUILD_STATE,
    HEADER,
    TWIN_ARTIFACT,
    UNKNOWN_FILE,
    Artifact,
    BuildState,
    BuildTrace,
    OutputFile,
    class_by_path,
    file_stamp,
)
from openknowledge.engine.digest import digest
from openknowledge.engine.query_graph import QueryGraph
from openknowledge.engine.rules import FileClass, Rule, static_action
from openknowledge.manifest import MANIFEST, CacheClass, FileRole, Manifest, ManifestEntry, Twin
from openknowledge.media_types import guess_media_type


def a_state(output: Path) -> BuildState:
    """Return the state of one page, as it was written."""
    output.mkdir(exist_ok=True)
    (output / "index.html").write_text("<!doctype html>")
    size_b, mtime_ns = file_stamp(str(output / "index.html")) or (0, 0)
    graph = QueryGraph()
    deps: dict[int, None] = {}
    graph.read_input("today", lambda _key: digest(1), deps)
    graph.record(graph.intern("page"), digest("page"), tuple(deps))
    state = BuildState(
        inputs_digest=b"inputs",
        settings={"SITEURL": b"x"},
        counts={"pages": 1},
        files={"index.html": OutputFile(size_b, mtime_ns, "page", "0" * 64)},
        codec_fingerprint="quickly",
        descriptions={"page": ("a page", (), "")},
        twins={"index.html": (Twin("br", "index.html.br", "1" * 64, 7),)},
        artifacts={"page": Artifact(b"d", ("index.html",), ("new",))},
        trace=BuildTrace(("new",), changed_files=["a.md"], suspects=["course/a"]),
        extras={"templates": ("r", {})},
    )
    state.write(output, graph)
    return state


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = a_state(tmp_path)

    read = BuildState.read(tmp_path)

    assert read == state
    assert read.files["index.html"].artifact == "page"
    assert read.load_graph().keys == ["today", "page"]
    assert list(read.load_graph().deps[1]) == [0]


def test_a_graph_that_is_not_written_again_stays_as_it_was(tmp_path: Path) -> None:
    a_state(tmp_path)
    state = BuildState.read(tmp_path)
    state.inputs_digest = b"others"
    state.write(tmp_path, None)

    assert BuildState.read(tmp_path).inputs_digest == b"others"
    assert BuildState.read(tmp_path).load_graph().keys == ["today", "page"]


def test_a_folder_without_a_state_has_an_empty_one(tmp_path: Path) -> None:
    assert BuildState.read(tmp_path / "none") == BuildState()
    assert len(BuildState().load_graph()) == 0


@settings(max_examples=examples(100))
@given(index=st.integers(0, 5000), bits=st.integers(0, 255))
def test_a_state_that_is_cut_or_differs_in_a_byte_is_an_empty_one(tmp_path: Path, index: int, bits: int) -> None:
    a_state(tmp_path)
    data = bytearray((tmp_path / BUILD_STATE).read_bytes())
    index %= len(data)
    if bits:
        data[index] ^= bits
    else:
        del data[index:]
    (tmp_path / BUILD_STATE).write_bytes(data)

    assert BuildState.read(tmp_path) == BuildState()


@pytest.mark.parametrize("body", [b"", b"\xff", b"N", marshal.dumps(tuple(range(20)))])
def test_a_state_with_a_good_checksum_and_another_content_is_an_empty_one(tmp_path: Path, body: bytes) -> None:
    (tmp_path / BUILD_STATE).write_bytes(HEADER + zlib.crc32(body).to_bytes(4, "big") + body)

    assert BuildState.read(tmp_path) == BuildState()


def test_a_folder_without_a_readable_state_has_the_files_of_its_manifest(tmp_path: Path) -> None:
    """They are outputs of an earlier version, so a build removes those that it does not make again."""
    state = a_state(tmp_path)
    state.write_manifest(tmp_path, "https://example.edu", {})
    (tmp_path / BUILD_STATE).write_bytes(b"of another version")

    files = BuildState.read(tmp_path).files

    assert files == {"index.html": UNKNOWN_FILE, "index.html.br": UNKNOWN_FILE._replace(artifact=TWIN_ARTIFACT)}


def test_outputs_that_are_gone_or_were_changed_are_modified(tmp_path: Path) -> None:
    state = a_state(tmp_path)
    assert state.modified_outputs(tmp_path) == set()

    (tmp_path / "index.html").write_text("something else")
    assert state.modified_outputs(tmp_path) == {"index.html"}

    (tmp_path / "index.html").unlink()
    assert state.modified_outputs(tmp_path) == {"index.html"}


def test_the_paths_of_artifacts_are_named_by_their_keys(tmp_path: Path) -> None:
    assert a_state(tmp_path).paths_of(("page", "gone")) == {"index.html"}


# The manifest

KEYS = ("page\x1frecord\x1fit", "theme\x1fsite.css", "written", "gone")
CLASSES = {
    KEYS[0]: FileClass(CacheClass.PAGE, FileRole.PAGE),
    KEYS[1]: FileClass(CacheClass.IMMUTABLE, FileRole.ASSET),
}
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMES = st.text('abè."', min_size=1, max_size=4).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: f"{'/'.join(names)}.html") | st.just("data/x.json")


@st.composite
def states(draw: st.DrawFn) -> BuildState:
    """Draw files of known and of unknown artifacts and of other plugins, some of them with twins."""
    state = BuildState()
    for path in draw(st.lists(PATHS, unique=True, max_size=6)):
        state.files[path] = OutputFile(draw(st.integers(0, 9_999)), 1, draw(st.sampled_from(KEYS)), draw(HEX))
        if draw(st.booleans()):
            twins = Twin("br", f"{path}.br", draw(HEX), 7), Twin("gzip", f"{path}.gz", draw(HEX), 8)
            state.twins[path] = twins
            for twin in twins:
                state.files[twin.path] = OutputFile(twin.size_b, 1, TWIN_ARTIFACT, twin.digest)
    return state


def manifest_entries(state: BuildState) -> list[ManifestEntry]:
    """Return what the rows should be equal to."""
    entries = []
    for path, file in state.files.items():
        if file.artifact != TWIN_ARTIFACT:
            cache, role = CLASSES.get(file.artifact) or class_by_path(path)
            twins = state.twins.get(path, ())
            media_type = guess_media_type(path)
            entries.append(ManifestEntry(path, file.sha256, file.size_b, media_type, cache, role, twins))
    return entries


@given(state=states())
def test_rows_and_entries_are_the_same_manifest(state: BuildState) -> None:
    manifest = Manifest.from_entries("https://example.edu/è", manifest_entries(state))

    twins = {path for path, file in state.files.items() if file.artifact == TWIN_ARTIFACT}
    data = Manifest.dump_rows("https://example.edu/è", state.manifest_rows(CLASSES, sorted(state.files.keys() - twins)))

    assert data == manifest.dump()
    assert Manifest.load(data) == manifest


def test_the_manifest_does_not_list_itself_and_its_stamp_is_in_the_state(tmp_path: Path) -> None:
    state = BuildState(files={"index.html": OutputFile(3, 1, KEYS[0], "0" * 64)})

    state.write_manifest(tmp_path, "https://example.edu", CLASSES)
    first = (tmp_path / MANIFEST).read_bytes()
    state.write_manifest(tmp_path, "https://example.edu", CLASSES)

    assert (tmp_path / MANIFEST).read_bytes() == first
    assert [entry.path for entry in Manifest.load(first).entries] == ["index.html"]
    assert state.files[MANIFEST].size_b == len(first)


@given(before=states(), after=states(), again=st.booleans())
def test_the_next_manifest_is_the_one_that_would_be_written_as_a_whole(
    before: BuildState, after: BuildState, again: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("output")
    before.write_manifest(folder, "https://example.edu", CLASSES)
    if again:
        before.write(folder, None)
        before = BuildState.read(folder)

    before.files |= {path: file for path, file in after.files.items() if path not in before.files}
    before.twins |= after.twins
    for path in sorted(before.files)[::3]:
        before.files[path] = before.files[path]._replace(sha256="e" * 64)
    for path in sorted(before.files.keys() - {MANIFEST})[1::4]:
        del before.files[path]
    before.write_manifest(folder, "https://example.edu", CLASSES)

    whole = tmp_path_factory.mktemp("whole")
    BuildState(files=before.files, twins=before.twins).write_manifest(whole, "https://example.edu", CLASSES)
    assert (folder / MANIFEST).read_bytes() == (whole / MANIFEST).read_bytes()


@pytest.mark.parametrize("path", ["a]],[b.html", 'a"]],["b.html', "[[.html"])
def test_a_path_that_looks_like_json_is_a_row_like_any_other(tmp_path: Path, path: str) -> None:
    files = {path: OutputFile(3, 1, KEYS[0], "0" * 64), "z.html": OutputFile(3, 1, KEYS[0], "0" * 64)}
    state = BuildState(files={**files})
    state.write_manifest(tmp_path, "https://example.edu", CLASSES)

    state.files["z.html"] = files["z.html"]._replace(sha256="1" * 64)
    state.write_manifest(tmp_path, "https://example.edu", CLASSES)

    rows = Manifest.load_rows((tmp_path / MANIFEST).read_bytes())[1]
    assert [row[:2] for row in rows] == [[path, "0" * 64], ["z.html", "1" * 64]]


def test_a_manifest_that_something_else_changed_is_written_as_a_whole(tmp_path: Path) -> None:
    state = BuildState(files={"index.html": OutputFile(3, 1, KEYS[0], "0" * 64)})
    state.write_manifest(tmp_path, "https://example.edu", CLASSES)
    first = (tmp_path / MANIFEST).read_bytes()

    for other in (b"", first.replace(b"index", b"other"), first[:-9]):
        (tmp_path / MANIFEST).write_bytes(other)
        state.write_manifest(tmp_path, "https://example.edu", CLASSES)

        assert (tmp_path / MANIFEST).read_bytes() == first


def test_files_of_other_plugins_are_pages_or_data_by_their_names() -> None:
    assert class_by_path("a/index.html") == (CacheClass.PAGE, FileRole.PAGE)
    assert class_by_path("sitemap.xml") == (CacheClass.PAGE, FileRole.DATA)


def test_a_rule_has_one_class_of_files_or_one_for_each_first_part_of_a_key() -> None:
    role = {"list": FileRole.LIST, "record": FileRole.PAGE}
    keys = {"a": ("list",), "b": ("record",)}
    feeds = Rule("x", "", lambda _site: (), static_action, role=FileRole.FEED, cache=CacheClass.FEED)
    pages = Rule("x", "", lambda _site: (), static_action, role=role)

    assert feeds.file_classes(keys) == {"a": (CacheClass.FEED, FileRole.FEED), "b": (CacheClass.FEED, FileRole.FEED)}
    assert pages.file_classes(keys) == {"a": (CacheClass.PAGE, FileRole.LIST), "b": (CacheClass.PAGE, FileRole.PAGE)}
