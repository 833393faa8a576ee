"""A disk that refuses and files of others cost time at most: no wrong page, no traceback."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.rebuilding.workshop import Snapshot, Workshop, difference, remove
from tests.site.small import digest

OUTCOMES = ("Nothing was built.", "The build stopped; what is there is whole.")
LEDGER = "output/.ledger"
INDEX, DOCUMENTS = "cache/reading/index", "cache/reading/documents"
FILES_OF_BUILDS = (LEDGER, INDEX, DOCUMENTS)
FLIPS = 60


def edit(shop: Workshop) -> None:
    shop.replace("courses/algebra/index.md", "Algebra lineare", "Algebra")
    shop.remove("hub/article/fine.md")
    shop.settle()


@pytest.fixture(scope="module")
def wanted(small_shop: tuple[Workshop, Snapshot]) -> dict[str, str]:
    """Return what becomes of the site by the edits."""
    shop, snapshot = small_shop
    snapshot.restore()
    edit(shop)
    return shop.clean()


@pytest.fixture
def shop(small_shop: tuple[Workshop, Snapshot]) -> Workshop:
    """Return the site as it was built before the edits, with its content edited."""
    shop, snapshot = small_shop
    snapshot.restore()
    edit(shop)
    return shop


def put_something_else(path: Path) -> None:
    """Replace a folder by a file, or a file by a folder."""
    is_folder = path.is_dir()
    remove(path)
    if is_folder:
        path.write_text("a file")
    else:
        path.mkdir()


def ends_well(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "no problems." in done.stdout


def is_refused(done: subprocess.CompletedProcess[str], what: str) -> None:
    text = done.stdout + done.stderr
    assert done.returncode == 1, text
    assert "Traceback" not in text
    assert what in text
    assert any(outcome in text for outcome in OUTCOMES)


# A ledger and a cache that are not as they were written


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def flipped(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def of_another_version(data: bytes, dice: random.Random) -> bytes:
    return re.sub(rb" \d+\n", b" 99\n", data, count=1)


def noise(data: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(len(data))


def nothing(data: bytes, dice: random.Random) -> bytes:
    return b""


def zeros(data: bytes, dice: random.Random) -> bytes:
    """Return zeros, which some file systems leave after a power cut."""
    return bytes(len(data))


Spoiler = Callable[[bytes, random.Random], bytes]
SPOILERS: tuple[Spoiler, ...] = (
    cut,
    flipped,
    of_another_version,
    noise,
    nothing,
    zeros,
)


@pytest.mark.parametrize("spoil", SPOILERS)
def test_a_broken_file_is_detected_and_rebuilt(
    shop: Workshop, small_shop: tuple[Workshop, Snapshot], wanted: dict[str, str], spoil: Spoiler, chance: Chance
) -> None:
    """A quick run breaks one of the three files in each way."""
    for name in FILES_OF_BUILDS if chance.is_thorough else chance.sample(FILES_OF_BUILDS, 1):
        small_shop[1].restore("output", "cache")
        path = shop.folder / name
        path.write_bytes(spoil(path.read_bytes(), chance))

        reported = shop.build()

        assert reported.is_good, reported.problems
        # Whoever does not know what there was cannot know what is there no more.
        assert [one for one in difference(shop.read_output(), wanted) if not one.startswith("too much")] == []
        shop.forget()
        assert shop.build().is_good


@pytest.mark.conformance
@pytest.mark.parametrize("name", FILES_OF_BUILDS)
def test_a_flipped_bit_is_detected_wherever_it_is(
    shop: Workshop, small_shop: tuple[Workshop, Snapshot], wanted: dict[str, str], name: str, chance: Chance
) -> None:
    path = shop.folder / name
    for _ in range(chance.times(FLIPS)):
        small_shop[1].restore("output", "cache")
        path.write_bytes(flipped(path.read_bytes(), chance))

        reported = shop.build()

        assert reported.is_good, reported.problems
        assert [one for one in difference(shop.read_output(), wanted) if not one.startswith("too much")] == []


@pytest.mark.parametrize("name", [INDEX, DOCUMENTS, "cache/reading/lock", "cache/reading", "cache/templates", "cache"])
def test_a_cache_that_is_a_file_or_a_folder_of_others_costs_time_only(
    shop: Workshop, wanted: dict[str, str], name: str
) -> None:
    put_something_else(shop.folder / name)

    done = shop.run()

    ends_well(done)
    assert difference(shop.read_output(), wanted) == []


@pytest.mark.parametrize("name", [LEDGER, "output/.lock", "output/.unfinished", "output"])
def test_where_the_output_cannot_be_written_the_build_says_so(
    shop: Workshop, wanted: dict[str, str], name: str
) -> None:
    put_something_else(shop.folder / name)

    is_refused(shop.run(), "cannot be written")

    remove(shop.folder / name)
    assert shop.build().is_good
    assert [one for one in difference(shop.read_output(), wanted) if not one.startswith("too much")] == []


def test_a_folder_at_the_path_of_a_page_is_reported(shop: Workshop, wanted: dict[str, str]) -> None:
    page = shop.output / "corsi/algebra/index.html"
    page.unlink()
    page.mkdir()

    is_refused(shop.run(), "cannot be written")

    page.rmdir()
    assert shop.build().is_good
    assert difference(shop.read_output(), wanted) == []


# A disk that is full, a folder that cannot be written


def test_a_draft_that_a_killed_build_left_is_no_part_of_the_site(shop: Workshop, wanted: dict[str, str]) -> None:
    (shop.output / "corsi/.1-1.draft").write_text("half a fi")

    assert shop.build().is_good

    assert difference(digest(shop.output), wanted) == []


def test_files_that_may_not_grow_stop_a_build_and_leave_whole_files(shop: Workshop, wanted: dict[str, str]) -> None:
    """The system refuses to write more than so much into any one file, as a full disk does."""
    old = shop.read_output()
    limited = ["bash", "-c", 'ulimit -f 6; exec "$@"', "--", *shop.command()]
    done = subprocess.run(limited, capture_output=True, text=True, check=False, cwd=shop.folder)

    is_refused(done, "cannot be written")

    found = shop.read_output()
    assert [path for path, one in found.items() if one not in (old.get(path), wanted.get(path))] == []
    assert shop.build().is_good
    assert difference(shop.read_output(), wanted) == []


@contextmanager
def small_disk(place: Path, size_kb: int) -> Iterator[None]:
    """Mount a small disk at `place`, which takes root."""
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.conformance
@pytest.mark.parametrize("size_kb", [16, 64, 200, 400, 600, 800])
def test_a_full_disk_stops_a_build_and_leaves_whole_files(shop: Workshop, wanted: dict[str, str], size_kb: int) -> None:
    remove(shop.output)
    shop.forget()
    with small_disk(shop.output, size_kb):
        done = shop.run(BUILD_EXECUTOR="processes")
        is_refused(done, "cannot be written: the disk is full")
        found = shop.read_output()
        assert [path for path, one in found.items() if one != wanted.get(path)] == []

        subprocess.run(["mount", "-o", "remount,size=50m", str(shop.output)], check=True)
        ends_well(shop.run())
        assert difference(shop.read_output(), wanted) == []


@pytest.mark.conformance
@pytest.mark.parametrize("size_kb", [16, 64, 128])
def test_a_full_disk_under_the_cache_costs_time_only(shop: Workshop, wanted: dict[str, str], size_kb: int) -> None:
    remove(shop.cache)
    with small_disk(shop.cache, size_kb):
        ends_well(shop.run())
        assert difference(shop.read_output(), wanted) == []
        ends_well(shop.run())


@pytest.mark.conformance
def test_a_disk_that_can_only_be_read(shop: Workshop, wanted: dict[str, str]) -> None:
    """Nothing to do is still well; a change cannot be written, and the old site stands."""
    with small_disk(shop.folder / "disk", 50_000):
        output, cache = shop.folder / "disk/output", shop.folder / "disk/cache"
        shutil.copytree(shop.output, output)
        shutil.copytree(shop.cache, cache)
        before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
        subprocess.run(["mount", "-o", "remount,ro", str(shop.folder / "disk")], check=True)
        command = shop.command(output, cache)

        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=shop.folder)

        is_refused(done, "cannot be written: the build may not write here")
        assert {path: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before
        subprocess.run(["mount", "-o", "remount,rw", str(shop.folder / "disk")], check=True)
        ends_well(subprocess.run(command, capture_output=True, text=True, check=False, cwd=shop.folder))


# Two builds at once


def test_concurrent_builds_into_the_same_folder_end_alike(
    shop: Workshop, wanted: dict[str, str], chance: Chance
) -> None:
    for done in shop.run_at_once([shop.output] * (3 if chance.is_thorough else 2)):
        ends_well(done)

    assert difference(shop.read_output(), wanted) == []
    report = shop.build()
    assert (report.changed, report.removed) == ((), 0)
    assert difference(shop.read_output(), wanted) == []


def test_concurrent_builds_may_share_a_cache(shop: Workshop, wanted: dict[str, str], chance: Chance) -> None:
    remove(shop.cache)
    outputs = [shop.folder / f"beside-{number}" for number in range(3 if chance.is_thorough else 2)]

    for done in shop.run_at_once(outputs):
        ends_well(done)

    shop.forget()
    reported = shop.build()
    assert reported.is_good
    assert difference(shop.read_output(), wanted) == []
    for output in outputs:
        assert {path.name for path in output.glob(".*")} <= {".ledger", ".lock", ".manifest.json"}
        shutil.rmtree(output)
