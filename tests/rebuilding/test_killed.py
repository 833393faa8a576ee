"""A build that is killed leaves whole files, and the next one ends as a clean one: at any moment, also of a worker."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.rebuilding.workshop import Workshop, difference
from tests.site.small import digest

MOMENTS = 12
MANY_MOMENTS = 300
LAST_SHARE = 0.3
"""Of so many moments most lie where the ledger and the reading cache are written: in the last part of a build."""


@dataclass(frozen=True)
class Before:
    """A built site, kept aside, whose content and theme were changed afterwards, and what becomes of both."""

    shop: Workshop
    kept: Path
    old: dict[str, str]
    new: dict[str, str]
    durations_s: dict[str, float]

    def lay_out(self, sort: str) -> None:
        """The output and the cache as they were before the build that will be killed: `cold` has neither."""
        for folder in (self.shop.output, self.shop.cache):
            shutil.rmtree(folder, ignore_errors=True)
            if sort == "again":
                shutil.copytree(self.kept / folder.name, folder)
        self.shop.forget()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Before]:
    shop = Workshop(tmp_path_factory.mktemp("killed"), BUILD_EXECUTOR="processes", BUILD_WORKERS=2, TWINS=True)
    for number in range(30):
        shop.write(f"topics/tema-{number:02}.md", f"---\ntitle: Tema {number}\nabstract: Uno.\n---\n")
    shop.settle()
    assert shop.build().is_good
    old = shop.made()
    for folder in (shop.output, shop.cache):
        shutil.copytree(folder, shop.folder / "kept" / folder.name)
    change(shop)
    shop.settle()
    made = Before(shop, shop.folder / "kept", old, shop.clean(), {})
    for sort in ("cold", "again"):
        made.lay_out(sort)
        began = time.monotonic()
        assert shop.run().returncode == 0
        made.durations_s[sort] = time.monotonic() - began
        assert difference(shop.made(), made.new) == []
    yield made
    shop.forget()


def change(shop: Workshop) -> None:
    """Everything at once: all pages differ, some come, some go, a stylesheet has another name."""
    footer = shop.theme / "templates/components/colophon.html"
    footer.write_text(footer.read_text("utf-8").replace('class="', 'class="new ', 1), "utf-8")
    style = next((shop.theme / "static").rglob("*.css"))
    style.write_text(style.read_text("utf-8") + "\n/* new */\n", "utf-8")
    shop.replace("courses/algebra/index.md", "Algebra lineare", "Algebra")
    shop.remove("topics/tema-07.md")
    shop.write("topics/tema-99.md", "---\ntitle: Tema 99\nabstract: Nuovo.\n---\n")


def moments(count: int) -> list[tuple[str, float]]:
    """Sorts of builds, and shares of their time; the same ones in every run."""
    dice = random.Random(20)
    spread = [(index + dice.random()) / count for index in range(count)]
    late = [1 - LAST_SHARE * (1 - share) for share in spread]
    chosen = [late[index] if index % 3 == 2 else share for index, share in enumerate(spread)]
    return [("again" if index % 2 else "cold", share) for index, share in enumerate(chosen)]


def killed(before: Before, sort: str, share: float) -> bool:
    """Begin a build, kill it there, and say whether it was still at work.

    One that ended before teaches how long a build really takes: the machine may have been busy when that was measured.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        before.shop.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=before.shop.folder
    )
    try:
        process.wait(before.durations_s[sort] * share)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    was_at_work = process.wait() == -signal.SIGKILL
    if not was_at_work:
        before.durations_s[sort] = min(before.durations_s[sort], time.monotonic() - began)
    return was_at_work


def halves(before: Before, sort: str) -> list[str]:
    """The files in the output that are neither as they were nor as they will be."""
    old = before.old if sort == "again" else {}
    found = digest(before.shop.output) if before.shop.output.exists() else {}
    return [path for path, one in found.items() if one not in (old.get(path), before.new.get(path))]


def kill_at(before: Before, chosen: list[tuple[str, float]]) -> int:
    """How many of the builds were killed at work; each leaves whole files, and the next one ends well."""
    number = 0
    for sort, share in chosen:
        before.lay_out(sort)
        number += killed(before, sort, share)
        assert halves(before, sort) == [], (sort, share)

        told = before.shop.build(BUILD_EXECUTOR="inline")

        assert told.is_good, (sort, share, told.problems)
        assert difference(before.shop.made(), before.new) == [], (sort, share)
        before.shop.forget()
    return number


def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_ends_as_a_clean_one(before: Before) -> None:
    assert kill_at(before, moments(MOMENTS)) > MOMENTS / 2


@pytest.mark.conformance
def test_a_build_may_be_killed_at_hundreds_of_moments(before: Before) -> None:
    assert kill_at(before, moments(MANY_MOMENTS)) > MANY_MOMENTS / 2


def test_what_a_worker_had_before_it_when_it_was_killed_is_made_all_the_same(before: Before) -> None:
    for _ in range(10):
        before.lay_out("cold")
        process = subprocess.Popen(
            before.shop.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=before.shop.folder
        )
        hit = kill_a_child(process)
        said, _ = process.communicate()
        assert process.returncode == 0, said
        assert "Traceback" not in said
        assert difference(before.shop.made(), before.new) == []
        if hit:
            return
    raise AssertionError("no worker was there to be killed")


def kill_a_child(process: subprocess.Popen[str]) -> bool:
    """Kill the first worker that shows."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        try:
            found = children.read_text().split()
        except OSError:
            return False
        if found:
            os.kill(int(found[0]), signal.SIGKILL)
            return True
        time.sleep(0.001)
    return False


def test_no_worker_outlives_a_build_that_was_killed(before: Before) -> None:
    """It would hold the folder, or write into it when the next build is there."""
    for sort, share in (("cold", 0.7), ("cold", 0.8), ("cold", 0.9)):
        before.lay_out(sort)
        killed(before, sort, share)

    until = time.monotonic() + 5
    while (left := at_work(before.shop.folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def at_work(folder: Path) -> list[str]:
    """The processes whose command line names a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def test_the_digests_that_files_are_held_against_are_of_their_bytes(before: Before, tmp_path: Path) -> None:
    """Half a file would be noticed."""
    before.lay_out("again")
    page = before.shop.output / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole[: len(whole) // 2])

    assert halves(before, "again") == ["index.html"]
    assert before.old["index.html"] == hashlib.sha256(whole).hexdigest()
