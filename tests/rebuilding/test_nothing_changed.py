"""A build without changes reads, makes and writes nothing, and imports little."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.rebuilding.workshop import BuildReport, Workshop, counting_reads

HEAVY = ("markdown", "pyromark", "feedgen", "lxml", "pydantic", "pydantic_core", "babel", "PIL", "nh3", "yaml")
"""What a build without anything to do has no use for."""
OURS = """
import json, sys, threading
said = []
def watch(name):
    frame = sys._getframe(2)
    while frame is not None:
        place = frame.f_code.co_filename
        if "importlib" not in place and place != "<string>":
            said.append((name, place))
            return
        frame = frame.f_back
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in WANTED:
            watch(name)
        return None
sys.meta_path.insert(0, Watch())
from pelican.__main__ import main
sys.argv[0] = "pelican"
try:
    main()
finally:
    print("IMPORTS " + json.dumps(said))
"""


def test_in_a_living_process_nothing_is_read_made_or_written(shop: Workshop) -> None:
    before = shop.times()

    with counting_reads() as read:
        output = shop.build()

    assert (read, output) == ([], BuildReport())
    assert shop.times() == before


def test_in_a_new_process_nothing_is_read_made_or_written(shop: Workshop) -> None:
    before, cache = shop.times(), cache_times(shop)
    shop.forget()

    with counting_reads() as read:
        output = shop.build()

    assert (read, output) == ([], BuildReport())
    assert shop.times() == before
    assert cache_times(shop) == cache


FUTURE_NS = 1 << 62
STRAND, STRAND_TEXT = "strands/fisica.md", "---\ntitle: {}\nabstract: Altri corsi.\n---\n"


def stamp_as_just_saved(path: Path) -> None:
    os.utime(path, ns=(FUTURE_NS, FUTURE_NS))


def test_right_after_an_edit_a_build_without_changes_does_nothing(shop: Workshop) -> None:
    """The stamps of files that were just saved prove nothing, so their bytes are compared."""
    for path in shop.content.rglob("*.md"):
        stamp_as_just_saved(path)
    shop.build()
    shop.forget()
    before = shop.times()

    with counting_reads() as read:
        output = shop.build()

    assert (read, output) == ([], BuildReport())
    assert shop.times() == before


def test_a_second_save_within_the_same_moment_is_built(shop: Workshop) -> None:
    """The file has the same size, time and number as when it was read."""
    for word in ("Blu", "Oro"):
        shop.write(STRAND, STRAND_TEXT.format(word))
        stamp_as_just_saved(shop.content / STRAND)
        if word == "Blu":
            shop.build()
    shop.forget()

    output = shop.build()

    assert any("Oro" in (shop.output / path).read_text("utf-8", "replace") for path in output.changed)


def test_without_what_the_last_build_remembers_of_looks_only_the_views_are_asked(shop: Workshop) -> None:
    """All files bear other times, as after a checkout: their bytes are read, nothing else."""
    shop.forget()
    for path in shop.content.rglob("*"):
        if path.is_file():
            stamp = path.stat().st_mtime_ns - 10_000_000_000
            os.utime(path, ns=(stamp, stamp))

    with counting_reads() as read:
        output = shop.build()

    assert read == []
    assert (output.planned, output.executed, output.changed, output.removed) == ({}, {}, (), 0)


def test_our_code_imports_nothing_that_it_does_not_need(shop: Workshop) -> None:
    for _ in range(2):
        shop.settle()
        assert shop.run().returncode == 0
    code = OURS.replace("WANTED", repr(set(HEAVY)))
    command = shop.command()
    done = subprocess.run([sys.executable, "-c", code, *command[3:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    output = next(line for line in done.stdout.splitlines() if line.startswith("IMPORTS "))

    from_ours = [(name, place) for name, place in json.loads(output[8:]) if "openknowledge" in place]

    assert "0 files changed, 0 removed" in done.stdout
    assert from_ours == []


def cache_times(shop: Workshop) -> dict[str, int]:
    found = (path for path in shop.cache.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path): path.stat().st_mtime_ns for path in found}
