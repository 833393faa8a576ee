"""What was parsed before is found again or missing; it is never different, and never an error."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import LANGS, a_language, settings_for, write
from tests.chance import examples

from openknowledge.catalogue.assemble import AssembledSite, assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.content import parse_cache
from openknowledge.content.parse_cache import DATA, HEADER, INDEX, ParseCache
from openknowledge.model.values import Ref

KEYS = [bytes([number]) * 16 for number in range(40)]
FILES: dict[str, str | bytes] = {
    "courses/algebra/index.md": "---\ntitle: Algebra\nabstract: Vettori.\nstrand: maths\n---\nUn testo.\n",
    "courses/analisi/index.md": "---\ntitle: Analisi\nabstract: Limiti.\n---\nUn altro testo.\n",
    "strands/maths.md": "---\ntitle: Matematica\n---\n",
}


def a_cache(folder: Path) -> ParseCache:
    """Return the cache of a folder as a new process loads it."""
    cache = ParseCache(folder)
    cache.load()
    return cache


def fill(folder: Path, *keys: bytes, size: int = 10) -> None:
    """Add an entry of two blobs for each key, as a build does."""
    cache = a_cache(folder)
    for key in keys:
        cache.add(key, (key.hex(), 1), (key * size, b"second " + key))
    cache.save()


def entry_of(cache: ParseCache, key: bytes) -> tuple[object, bytes | None, bytes | None] | None:
    values = cache.find(key)
    return None if values is None else (values, cache.read_blob(key, 0), cache.read_blob(key, 1))


def expected_entry(key: bytes, size: int = 10) -> tuple[object, bytes, bytes]:
    return ((key.hex(), 1), key * size, b"second " + key)


def test_the_next_build_finds_what_a_build_added(tmp_path: Path) -> None:
    fill(tmp_path, *KEYS[:3])
    fill(tmp_path, KEYS[3])

    cache = a_cache(tmp_path)

    assert [entry_of(cache, key) for key in KEYS[:4]] == [expected_entry(key) for key in KEYS[:4]]
    assert entry_of(cache, KEYS[4]) is None


def test_the_extras_are_there_in_the_next_build(tmp_path: Path) -> None:
    cache = a_cache(tmp_path)
    cache.extras["files"] = {"a.md": ((1, 2, 3), b"x", True)}
    cache.is_dirty = True
    cache.save()

    assert a_cache(tmp_path).extras == {"files": {"a.md": ((1, 2, 3), b"x", True)}}


def test_a_build_without_new_entries_writes_nothing(tmp_path: Path) -> None:
    fill(tmp_path, KEYS[0])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name in (INDEX, DATA)}

    cache = a_cache(tmp_path)
    cache.find(KEYS[0])
    cache.save()

    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("name", [INDEX, DATA])
def test_a_truncated_file_loses_entries_and_changes_none(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "expected_entry", *KEYS[:3])
    length = (tmp_path / "expected_entry" / name).stat().st_size
    for cut in range(0, length, 7):
        folder = tmp_path / str(cut)
        shutil.copytree(tmp_path / "expected_entry", folder)
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[:cut])

        cache = a_cache(folder)

        assert_sound(cache)
        cache.save()
        fill(folder, *KEYS[:3])
        assert [entry_of(a_cache(folder), key) for key in KEYS[:3]] == [expected_entry(key) for key in KEYS[:3]]


@settings(max_examples=examples(150))
@given(name=st.sampled_from([INDEX, DATA]), position=st.integers(0, 2000), bits=st.integers(1, 255))
def test_a_flipped_byte_loses_entries_and_changes_none(tmp_path: Path, name: str, position: int, bits: int) -> None:
    folder = tmp_path / "cache"
    shutil.rmtree(folder, ignore_errors=True)
    fill(folder, *KEYS[:3])
    data = bytearray((folder / name).read_bytes())
    data[position % len(data)] ^= bits
    (folder / name).write_bytes(data)

    assert_sound(a_cache(folder))


def assert_sound(cache: ParseCache) -> None:
    """Assert that all entries are what was written, or missing."""
    for key in KEYS[:3]:
        entry = entry_of(cache, key)
        if entry is not None:
            assert all(part in (None, right) for part, right in zip(entry, expected_entry(key), strict=True))


def test_the_index_of_another_cache_is_not_used(tmp_path: Path) -> None:
    fill(tmp_path / "one", KEYS[0])
    fill(tmp_path / "two", KEYS[1])
    shutil.copy(tmp_path / "one" / INDEX, tmp_path / "two" / INDEX)

    assert entry_of(a_cache(tmp_path / "two"), KEYS[0]) is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"N", b")\x02NN", b"[\x00\x00\x00\x00"])
def test_an_index_with_other_contents_is_empty(tmp_path: Path, body: bytes) -> None:
    fill(tmp_path, KEYS[0])
    checksum = parse_cache.zlib.crc32(body).to_bytes(4, "big")
    (tmp_path / INDEX).write_bytes(HEADER + checksum + body)

    assert entry_of(a_cache(tmp_path), KEYS[0]) is None


def test_while_another_build_has_locked_the_folder_it_is_read_only(tmp_path: Path) -> None:
    fill(tmp_path, KEYS[0])
    first = a_cache(tmp_path)
    second = a_cache(tmp_path)
    second.add(KEYS[1], "own", (b"a", b"b"))

    assert entry_of(second, KEYS[0]) == expected_entry(KEYS[0])
    assert entry_of(second, KEYS[1]) == ("own", b"a", b"b")
    second.save()
    first.add(KEYS[2], (KEYS[2].hex(), 1), expected_entry(KEYS[2])[1:])
    first.save()

    third = a_cache(tmp_path)
    assert [entry_of(third, key) for key in KEYS[:3]] == [expected_entry(KEYS[0]), None, expected_entry(KEYS[2])]


def test_a_running_process_writes_again_once_the_folder_is_unlocked(tmp_path: Path) -> None:
    fill(tmp_path, KEYS[0])
    other = a_cache(tmp_path)
    running = a_cache(tmp_path)
    running.add(KEYS[1], "first", (b"a", b"b"))
    running.save()
    other.save()

    running.load()
    running.add(KEYS[1], (KEYS[1].hex(), 1), expected_entry(KEYS[1])[1:])
    assert entry_of(running, KEYS[1]) == expected_entry(KEYS[1])
    running.save()

    assert entry_of(a_cache(tmp_path), KEYS[1]) == expected_entry(KEYS[1])


def test_a_running_process_loads_what_another_process_has_written(tmp_path: Path) -> None:
    fill(tmp_path, KEYS[0])
    running = a_cache(tmp_path)
    running.save()
    fill(tmp_path, KEYS[1])

    running.load()

    assert [entry_of(running, key) for key in KEYS[:2]] == [expected_entry(KEYS[0]), expected_entry(KEYS[1])]


def test_without_a_folder_entries_are_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = a_cache(tmp_path / "file" / "cache")
    cache.add(KEYS[0], (KEYS[0].hex(), 1), expected_entry(KEYS[0])[1:])

    assert entry_of(cache, KEYS[0]) == expected_entry(KEYS[0])
    cache.save()


FULL_DISK = """
import resource, sys
from pathlib import Path
from openknowledge.content.parse_cache import ParseCache
cache = ParseCache(Path(sys.argv[1]))
cache.load()
known = cache.find(b"k" * 16)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for number in range(60):
    key = (number + 256).to_bytes(16, "big")
    cache.add(key, number, (bytes([number]) * 3000,))
    for earlier in range(number + 1):
        blob = cache.read_blob((earlier + 256).to_bytes(16, "big"), 0)
        assert blob in (None, bytes([earlier]) * 3000), (number, earlier)
cache.save()
cache.load()
cache.save()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files cannot be limited there")
def test_a_full_disk_costs_only_time(tmp_path: Path) -> None:
    fill(tmp_path, KEYS[0])

    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert_sound(a_cache(tmp_path))
    fill(tmp_path, KEYS[1])
    assert entry_of(a_cache(tmp_path), KEYS[1]) == expected_entry(KEYS[1])


def test_the_oldest_entries_are_evicted_when_builds_use_far_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_cache, "SLACK_ENTRIES", 10)
    fill(tmp_path, KEYS[0], KEYS[1])
    for number in range(30):
        cache = a_cache(tmp_path)
        cache.find(KEYS[1])
        cache.add(bytes([100 + number]) * 16, number, (b"", b""))
        cache.save()

    cache = a_cache(tmp_path)

    assert entry_of(cache, KEYS[0]) is None
    assert entry_of(cache, KEYS[1]) == expected_entry(KEYS[1])
    assert len(cache._entries) <= 2 * 2 + 10


def test_the_file_of_blobs_is_compacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_cache, "MIN_COMPACTED_B", 1000)
    fill(tmp_path, KEYS[0])
    for number in range(30):
        cache = a_cache(tmp_path)
        cache.find(KEYS[0])
        cache.add(KEYS[1], (KEYS[1].hex(), 1), (bytes([number]) * 1000, b""))
        cache.save()

    assert (tmp_path / DATA).stat().st_size < 5000
    cache = a_cache(tmp_path)
    assert entry_of(cache, KEYS[0]) == expected_entry(KEYS[0])
    assert cache.read_blob(KEYS[1], 0) == bytes([29]) * 1000


CHANGES = st.lists(st.tuples(st.sampled_from(KEYS[:6]), st.integers(0, 9)), max_size=8)


@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_entries_are_what_the_last_of_many_builds_wrote(tmp_path: Path, rounds: list[list[tuple[bytes, int]]]) -> None:
    folder = tmp_path / "cache"
    shutil.rmtree(folder, ignore_errors=True)
    expected: dict[bytes, int] = {}
    for changes in rounds:
        cache = a_cache(folder)
        for key, value in changes:
            cache.add(key, value, (bytes([value]),))
            expected[key] = value
        cache.save()
        again = a_cache(folder)
        assert len(again._entries) == len(expected)
        assert {key: (again.find(key), again.read_blob(key, 0)) for key in expected} == {
            key: (value, bytes([value])) for key, value in expected.items()
        }
        again.save()


def build_site(content: Path, cache: ParseCache) -> AssembledSite:
    cache.load()
    built = assemble(settings_for(content), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)
    cache.save()
    return built


def test_unchanged_items_are_not_parsed_again(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)

    assert len(build_site(content, ParseCache(tmp_path / "cache")).content.parsed) == 3
    assert len(build_site(content, ParseCache(tmp_path / "cache")).content.parsed) == 0
    (content / "strands/maths.md").write_text("---\ntitle: Analisi matematica\n---\n")
    again = build_site(content, ParseCache(tmp_path / "cache"))
    assert len(again.content.parsed) == 1
    assert again.content.changed_fields == {Ref("strand", "maths"): ("title (it)",)}


@pytest.mark.parametrize(
    "text", ["![una onda](a.png)", "![una onda]({static}a.png)", "[una onda]({static}/courses/a.png)"]
)
def test_an_item_is_parsed_again_when_a_linked_file_is_deleted(tmp_path: Path, text: str) -> None:
    course = f"---\ntitle: Onde\nabstract: Onde.\n---\n{text}\n"
    content = write(tmp_path, {"courses/onde/index.md": course, "courses/onde/a.png": b"x", "courses/a.png": b"x"})

    assert len(build_site(content, ParseCache(tmp_path / "cache")).content.parsed) == 1
    assert len(build_site(content, ParseCache(tmp_path / "cache")).content.parsed) == 0
    for path in content.rglob("a.png"):
        path.unlink()
    assert len(build_site(content, ParseCache(tmp_path / "cache")).content.parsed) == 1


def broken_blobs(data: bytes) -> bytes:
    return data[:16] + bytes(len(data) - 16)


def foreign_pickles(data: bytes) -> bytes:
    return data[:16] + b"cos\nsystem\n(S'exit'\ntR.".ljust(len(data) - 16, b".")


@pytest.mark.parametrize("breaking", [broken_blobs, foreign_pickles])
def test_corrupt_blobs_are_parsed_again_from_the_files(tmp_path: Path, breaking: Callable[[bytes], bytes]) -> None:
    content = write(tmp_path, FILES)
    first = build_site(content, ParseCache(tmp_path / "cache")).site
    path = tmp_path / "cache" / DATA
    path.write_bytes(breaking(path.read_bytes()))

    again = build_site(content, ParseCache(tmp_path / "cache"))

    assert len(again.content.parsed) == 0
    for ref in first.refs():
        assert again.site.record(ref) == first.record(ref)
        assert again.site.title(again.site.stub_by_ref(str(ref)), "it") == first.title(
            first.stub_by_ref(str(ref)), "it"
        )


def test_a_hostile_pickle_in_the_cache_is_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write(tmp_path, FILES)
    first = build_site(content, ParseCache(tmp_path / "cache")).site
    monkeypatch.setattr(ParseCache, "read_blob", lambda *_: b"cos\nsystem\n(S'touch " + bytes(tmp_path) + b"/x'\ntR.")

    again = build_site(content, ParseCache(tmp_path / "cache")).site

    assert again.record(Ref("course", "algebra")) == first.record(Ref("course", "algebra"))
    assert not (tmp_path / "x").exists()


def test_cross_checks_are_made_also_where_the_cache_is_corrupt(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    build_site(content, ParseCache(tmp_path / "cache"))
    path = tmp_path / "cache" / DATA
    path.write_bytes(broken_blobs(path.read_bytes()))
    (content / "strands/maths.md").unlink()

    problems = build_site(content, ParseCache(tmp_path / "cache")).problems

    assert [problem.message for problem in problems] == ['there is no strand "maths"']
