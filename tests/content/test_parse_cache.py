"""What was read before is there again, or it is not; it is never something else, and never an error."""

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
    """The cache of a folder, as a new process finds it."""
    cache = ParseCache(folder)
    cache.load()
    return cache


def filled(folder: Path, *keys: bytes, size: int = 10) -> None:
    """A build that adds an entry of two blobs for each key."""
    cache = a_cache(folder)
    for key in keys:
        cache.add(key, (key.hex(), 1), (key * size, b"second " + key))
    cache.save()


def found(cache: ParseCache, key: bytes) -> tuple[object, bytes | None, bytes | None] | None:
    values = cache.find(key)
    return None if values is None else (values, cache.read_blob(key, 0), cache.read_blob(key, 1))


def whole(key: bytes, size: int = 10) -> tuple[object, bytes, bytes]:
    return ((key.hex(), 1), key * size, b"second " + key)


def test_what_one_build_adds_the_next_one_finds(tmp_path: Path) -> None:
    filled(tmp_path, *KEYS[:3])
    filled(tmp_path, KEYS[3])

    cache = a_cache(tmp_path)

    assert [found(cache, key) for key in KEYS[:4]] == [whole(key) for key in KEYS[:4]]
    assert found(cache, KEYS[4]) is None


def test_what_is_remembered_beside_the_entries_is_there_again(tmp_path: Path) -> None:
    cache = a_cache(tmp_path)
    cache.extras["files"] = {"a.md": ((1, 2, 3), b"x", True)}
    cache.is_dirty = True
    cache.save()

    assert a_cache(tmp_path).extras == {"files": {"a.md": ((1, 2, 3), b"x", True)}}


def test_a_build_without_news_writes_nothing(tmp_path: Path) -> None:
    filled(tmp_path, KEYS[0])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name in (INDEX, DATA)}

    cache = a_cache(tmp_path)
    cache.find(KEYS[0])
    cache.save()

    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("name", [INDEX, DATA])
def test_a_file_cut_anywhere_loses_entries_and_changes_none(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "whole", *KEYS[:3])
    length = (tmp_path / "whole" / name).stat().st_size
    for cut in range(0, length, 7):
        folder = tmp_path / str(cut)
        shutil.copytree(tmp_path / "whole", folder)
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[:cut])

        cache = a_cache(folder)

        assert_sound(cache)
        cache.save()
        filled(folder, *KEYS[:3])
        assert [found(a_cache(folder), key) for key in KEYS[:3]] == [whole(key) for key in KEYS[:3]]


@settings(max_examples=examples(150))
@given(name=st.sampled_from([INDEX, DATA]), place=st.integers(0, 2000), bits=st.integers(1, 255))
def test_a_byte_that_differs_loses_entries_and_changes_none(tmp_path: Path, name: str, place: int, bits: int) -> None:
    folder = tmp_path / "cache"
    shutil.rmtree(folder, ignore_errors=True)
    filled(folder, *KEYS[:3])
    data = bytearray((folder / name).read_bytes())
    data[place % len(data)] ^= bits
    (folder / name).write_bytes(data)

    assert_sound(a_cache(folder))


def assert_sound(cache: ParseCache) -> None:
    """Whatever is found is what was written, or known to be missing."""
    for key in KEYS[:3]:
        there = found(cache, key)
        if there is not None:
            assert all(one in (None, right) for one, right in zip(there, whole(key), strict=True))


def test_the_files_of_two_caches_are_not_taken_for_one(tmp_path: Path) -> None:
    filled(tmp_path / "one", KEYS[0])
    filled(tmp_path / "two", KEYS[1])
    shutil.copy(tmp_path / "one" / INDEX, tmp_path / "two" / INDEX)

    assert found(a_cache(tmp_path / "two"), KEYS[0]) is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"N", b")\x02NN", b"[\x00\x00\x00\x00"])
def test_an_index_that_is_whole_and_says_something_else_is_none(tmp_path: Path, body: bytes) -> None:
    filled(tmp_path, KEYS[0])
    checksum = parse_cache.zlib.crc32(body).to_bytes(4, "big")
    (tmp_path / INDEX).write_bytes(HEADER + checksum + body)

    assert found(a_cache(tmp_path), KEYS[0]) is None


def test_while_another_build_has_the_folder_it_is_read_and_not_written(tmp_path: Path) -> None:
    filled(tmp_path, KEYS[0])
    first = a_cache(tmp_path)
    second = a_cache(tmp_path)
    second.add(KEYS[1], "own", (b"a", b"b"))

    assert found(second, KEYS[0]) == whole(KEYS[0])
    assert found(second, KEYS[1]) == ("own", b"a", b"b")
    second.save()
    first.add(KEYS[2], (KEYS[2].hex(), 1), whole(KEYS[2])[1:])
    first.save()

    third = a_cache(tmp_path)
    assert [found(third, key) for key in KEYS[:3]] == [whole(KEYS[0]), None, whole(KEYS[2])]


def test_a_living_process_writes_again_when_the_other_build_has_gone(tmp_path: Path) -> None:
    filled(tmp_path, KEYS[0])
    other = a_cache(tmp_path)
    living = a_cache(tmp_path)
    living.add(KEYS[1], "first", (b"a", b"b"))
    living.save()
    other.save()

    living.load()
    living.add(KEYS[1], (KEYS[1].hex(), 1), whole(KEYS[1])[1:])
    assert found(living, KEYS[1]) == whole(KEYS[1])
    living.save()

    assert found(a_cache(tmp_path), KEYS[1]) == whole(KEYS[1])


def test_a_living_process_sees_what_another_one_has_written(tmp_path: Path) -> None:
    filled(tmp_path, KEYS[0])
    living = a_cache(tmp_path)
    living.save()
    filled(tmp_path, KEYS[1])

    living.load()

    assert [found(living, key) for key in KEYS[:2]] == [whole(KEYS[0]), whole(KEYS[1])]


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = a_cache(tmp_path / "file" / "cache")
    cache.add(KEYS[0], (KEYS[0].hex(), 1), whole(KEYS[0])[1:])

    assert found(cache, KEYS[0]) == whole(KEYS[0])
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
    filled(tmp_path, KEYS[0])

    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert_sound(a_cache(tmp_path))
    filled(tmp_path, KEYS[1])
    assert found(a_cache(tmp_path), KEYS[1]) == whole(KEYS[1])


def test_the_oldest_entries_go_when_far_more_have_gathered_than_a_build_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_cache, "SLACK_ENTRIES", 10)
    filled(tmp_path, KEYS[0], KEYS[1])
    for number in range(30):
        cache = a_cache(tmp_path)
        cache.find(KEYS[1])
        cache.add(bytes([100 + number]) * 16, number, (b"", b""))
        cache.save()

    cache = a_cache(tmp_path)

    assert found(cache, KEYS[0]) is None
    assert found(cache, KEYS[1]) == whole(KEYS[1])
    assert cache.entry_count <= 2 * 2 + 10


def test_blobs_that_nobody_needs_are_thrown_away_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_cache, "MIN_COMPACTED_B", 1000)
    filled(tmp_path, KEYS[0])
    for number in range(30):
        cache = a_cache(tmp_path)
        cache.find(KEYS[0])
        cache.add(KEYS[1], (KEYS[1].hex(), 1), (bytes([number]) * 1000, b""))
        cache.save()

    assert (tmp_path / DATA).stat().st_size < 5000
    cache = a_cache(tmp_path)
    assert found(cache, KEYS[0]) == whole(KEYS[0])
    assert cache.read_blob(KEYS[1], 0) == bytes([29]) * 1000


CHANGES = st.lists(st.tuples(st.sampled_from(KEYS[:6]), st.integers(0, 9)), max_size=8)


@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_entries_are_what_was_written_however_many_builds_write(
    tmp_path: Path, rounds: list[list[tuple[bytes, int]]]
) -> None:
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
        assert again.entry_count == len(expected)
        assert {key: (again.find(key), again.read_blob(key, 0)) for key in expected} == {
            key: (value, bytes([value])) for key, value in expected.items()
        }
        again.save()


def built(content: Path, cache: ParseCache) -> AssembledSite:
    cache.load()
    made = assemble(settings_for(content), KINDS, {lang: a_language(lang) for lang in LANGS}, cache=cache)
    cache.save()
    return made


def test_items_that_have_not_changed_are_not_read_again(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)

    assert built(content, ParseCache(tmp_path / "cache")).content.read_count == 3
    assert built(content, ParseCache(tmp_path / "cache")).content.read_count == 0
    (content / "strands/maths.md").write_text("---\ntitle: Analisi matematica\n---\n")
    again = built(content, ParseCache(tmp_path / "cache"))
    assert again.content.read_count == 1
    assert again.content.changed_fields == {Ref("strand", "maths"): ("title (it)",)}


@pytest.mark.parametrize(
    "text", ["![una onda](a.png)", "![una onda]({static}a.png)", "[una onda]({static}/courses/a.png)"]
)
def test_an_item_is_read_again_when_a_file_that_its_text_names_has_gone_and_not_before(
    tmp_path: Path, text: str
) -> None:
    course = f"---\ntitle: Onde\nabstract: Onde.\n---\n{text}\n"
    content = write(tmp_path, {"courses/onde/index.md": course, "courses/onde/a.png": b"x", "courses/a.png": b"x"})

    assert built(content, ParseCache(tmp_path / "cache")).content.read_count == 1
    assert built(content, ParseCache(tmp_path / "cache")).content.read_count == 0
    for path in content.rglob("a.png"):
        path.unlink()
    assert built(content, ParseCache(tmp_path / "cache")).content.read_count == 1


def broken_blobs(data: bytes) -> bytes:
    return data[:16] + bytes(len(data) - 16)


def foreign_pickles(data: bytes) -> bytes:
    return data[:16] + b"cos\nsystem\n(S'exit'\ntR.".ljust(len(data) - 16, b".")


@pytest.mark.parametrize("breaking", [broken_blobs, foreign_pickles])
def test_what_is_broken_in_the_cache_is_read_from_the_files(tmp_path: Path, breaking: Callable[[bytes], bytes]) -> None:
    content = write(tmp_path, FILES)
    first = built(content, ParseCache(tmp_path / "cache")).site
    path = tmp_path / "cache" / DATA
    path.write_bytes(breaking(path.read_bytes()))

    again = built(content, ParseCache(tmp_path / "cache"))

    assert again.content.read_count == 0
    for ref in first.refs():
        assert again.site.record(ref) == first.record(ref)
        assert again.site.title(again.site.stub_by_ref(str(ref)), "it") == first.title(
            first.stub_by_ref(str(ref)), "it"
        )


def test_bytes_that_somebody_else_has_written_make_no_objects_of_his(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write(tmp_path, FILES)
    first = built(content, ParseCache(tmp_path / "cache")).site
    monkeypatch.setattr(ParseCache, "read_blob", lambda *_: b"cos\nsystem\n(S'touch " + bytes(tmp_path) + b"/x'\ntR.")

    again = built(content, ParseCache(tmp_path / "cache")).site

    assert again.record(Ref("course", "algebra")) == first.record(Ref("course", "algebra"))
    assert not (tmp_path / "x").exists()


def test_what_files_take_for_granted_is_checked_also_where_the_cache_is_broken(tmp_path: Path) -> None:
    content = write(tmp_path, FILES)
    built(content, ParseCache(tmp_path / "cache"))
    path = tmp_path / "cache" / DATA
    path.write_bytes(broken_blobs(path.read_bytes()))
    (content / "strands/maths.md").unlink()

    problems = built(content, ParseCache(tmp_path / "cache")).problems

    assert [problem.message for problem in problems] == ['there is no strand "maths"']
