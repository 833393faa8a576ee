"""A build without changes reads, makes and writes nothing, and imports little."""

from __future__ import annotations

import json
import os
import subprocess
import sys

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
        told = shop.build()

    assert (read, told) == ([], BuildReport())
    assert shop.times() == before


def test_in_a_new_process_nothing_is_read_made_or_written(shop: Workshop) -> None:
    before, cache = shop.times(), cache_times(shop)
    shop.forget()

    with counting_reads() as read:
        told = shop.build()

    assert (read, told) == ([], BuildReport())
    assert shop.times() == before
    assert cache_times(shop) == cache


def test_files_that_were_just_saved_are_looked_at_and_nothing_is_made(shop: Workshop) -> None:
    """Whether they changed again within the same moment is not known from the outside."""
    future = 1 << 62
    for path in shop.content.rglob("*.md"):
        os.utime(path, ns=(future, future))
    shop.build()
    shop.forget()
    before = shop.times()

    with counting_reads() as read:
        told = shop.build()

    assert read == []
    assert (told.planned, told.executed, told.changed, told.removed) == ({}, {}, (), 0)
    assert {path: time for path, time in shop.times().items() if path != ".ledger"} == {
        path: time for path, time in before.items() if path != ".ledger"
    }


def test_without_what_the_last_build_remembers_of_looks_only_the_views_are_asked(shop: Workshop) -> None:
    """All files bear other times, as after a checkout: their bytes are read, nothing else."""
    shop.forget()
    for path in shop.content.rglob("*"):
        if path.is_file():
            stamp = path.stat().st_mtime_ns - 10_000_000_000
            os.utime(path, ns=(stamp, stamp))

    with counting_reads() as read:
        told = shop.build()

    assert read == []
    assert (told.planned, told.executed, told.changed, told.removed) == ({}, {}, (), 0)


def test_our_code_imports_nothing_that_it_does_not_need(shop: Workshop) -> None:
    for _ in range(2):
        shop.settle()
        assert shop.run().returncode == 0
    code = OURS.replace("WANTED", repr(set(HEAVY)))
    command = shop.command()
    done = subprocess.run([sys.executable, "-c", code, *command[3:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = next(line for line in done.stdout.splitlines() if line.startswith("IMPORTS "))

    from_ours = [(name, place) for name, place in json.loads(told[8:]) if "openknowledge" in place]

    assert "0 files changed, 0 removed" in done.stdout
    assert from_ours == []


def cache_times(shop: Workshop) -> dict[str, int]:
    found = (path for path in shop.cache.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path): path.stat().st_mtime_ns for path in found}
