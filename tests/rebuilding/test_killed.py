"""A killed build leaves whole files, and the next build ends as a clean build: at any moment, also of a worker."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.rebuilding.workshop import Snapshot, Workshop, difference, remove
from tests.site.small import digest
from tests.site.warm import TOOK

MOMENTS = 20
MANY_MOMENTS = 300
LAST_SHARE = 0.3
"""Of so many moments most lie where the ledger and the reading cache are written: in the last part of a build."""
KILLED = -signal.SIGPROF
PATIENCE_S = 60
NEVER_S = 1e6


@dataclass(frozen=True)
class Before:
    """A built site whose content and theme were changed afterwards, and what becomes of both.

    `durations_s` is how long a build of each sort keeps the processor busy: `cold` or `again`.
    """

    shop: Workshop
    built: Snapshot
    old: dict[str, str]
    new: dict[str, str]
    durations_s: dict[str, float]

    def lay_out(self, sort: str) -> None:
        """Put back the output and the cache that the build to be killed finds: `cold` has neither."""
        if sort == "again":
            self.built.restore("output", "cache")
            return
        for folder in (self.shop.output, self.shop.cache):
            remove(folder)
        self.shop.forget()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Before]:
    shop = Workshop(tmp_path_factory.mktemp("killed"), BUILD_EXECUTOR="processes", BUILD_WORKERS=2, TWINS=True)
    for number in range(12):
        shop.write(f"topics/tema-{number:02}.md", f"---\ntitle: Tema {number}\nabstract: Uno.\n---\n")
    shop.settle()
    assert shop.build(BUILD_EXECUTOR="inline").is_good
    old, built = shop.read_output(), shop.snapshot()
    change(shop)
    shop.settle()
    created = Before(shop, built, old, {}, {})
    for sort in ("cold", "again"):
        created.lay_out(sort)
        created.durations_s[sort] = float(shop.run(NEVER_S).stdout.rpartition(TOOK)[2])
        # The cold one, which is the first, is a clean build.
        created.new.update({} if created.new else shop.read_output())
        assert difference(shop.read_output(), created.new) == []
    yield created
    shop.forget()


def start(shop: Workshop, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """Begin a build in a process whose children can be seen."""
    return subprocess.Popen(shop.command(), stdout=stdout, stderr=subprocess.STDOUT, text=True, cwd=shop.folder)


def change(shop: Workshop) -> None:
    """Change everything at once: all pages differ, some come, some go, a stylesheet has another name."""
    footer = shop.theme / "templates/components/colophon.html"
    footer.write_text(footer.read_text("utf-8").replace('class="', 'class="new ', 1), "utf-8")
    style = next((shop.theme / "static").rglob("*.css"))
    style.write_text(style.read_text("utf-8") + "\n/* new */\n", "utf-8")
    shop.replace("courses/algebra/index.md", "Algebra lineare", "Algebra")
    shop.remove("topics/tema-07.md")
    shop.write("topics/tema-99.md", "---\ntitle: Tema 99\nabstract: Nuovo.\n---\n")


def moments(chance: Chance, count: int) -> list[tuple[str, float]]:
    """Return sorts of builds, and shares of their time."""
    spread = [(index + chance.random()) / count for index in range(count)]
    chance.shuffle(spread)
    late = [1 - LAST_SHARE * (1 - share) for share in spread]
    chosen = [late[index] if index % 3 == 2 else share for index, share in enumerate(spread)]
    return [("again" if index % 2 else "cold", share) for index, share in enumerate(chosen)]


def kill(before: Before, sort: str, share: float) -> None:
    """Kill a build after a share of the time that it took; earlier where it is quicker now, and had ended by then."""
    for earlier in (1, 0.8, 0.6, 0.4, 0.2):
        before.lay_out(sort)
        if before.shop.run(before.durations_s[sort] * share * earlier).returncode == KILLED:
            return
    raise AssertionError(f"no {sort} build was at work after a fifth of {share:.0%} of the time that one took")


def halves(before: Before, sort: str) -> list[str]:
    """Return the files of the output that are neither as they were nor as they will be."""
    old = before.old if sort == "again" else {}
    found = digest(before.shop.output) if before.shop.output.exists() else {}
    return [path for path, one in found.items() if one not in (old.get(path), before.new.get(path))]


def kill_at(before: Before, chosen: list[tuple[str, float]]) -> None:
    """Kill a build at work at each moment, and check the output and the next build."""
    for sort, share in chosen:
        kill(before, sort, share)
        assert halves(before, sort) == [], (sort, share)

        output = before.shop.build(BUILD_EXECUTOR="inline")

        assert output.is_good, (sort, share, output.problems)
        assert difference(before.shop.read_output(), before.new) == [], (sort, share)
        before.shop.forget()


def test_a_killed_build_leaves_whole_files_and_the_next_build_ends_as_a_clean_build(
    before: Before, chance: Chance
) -> None:
    kill_at(before, moments(chance, chance.times(MOMENTS)))


@pytest.mark.conformance
def test_a_build_may_be_killed_at_hundreds_of_moments(before: Before, chance: Chance) -> None:
    kill_at(before, moments(chance, chance.times(MANY_MOMENTS)))


def test_what_a_worker_had_before_it_when_it_was_killed_is_made_all_the_same(before: Before) -> None:
    for _ in range(10):
        before.lay_out("cold")
        process = start(before.shop, stdout=subprocess.PIPE)
        hit = kill_a_child(process)
        text, _ = process.communicate()
        assert process.returncode == 0, text
        assert "Traceback" not in text
        assert difference(before.shop.read_output(), before.new) == []
        if hit:
            return
    raise AssertionError("no worker was there to be killed")


def kill_a_child(process: subprocess.Popen[str]) -> bool:
    """Kill the first worker that shows, and return whether there was one."""
    child = first_child(process)
    if child:
        os.kill(child, signal.SIGKILL)
    return child > 0


def first_child(process: subprocess.Popen[str]) -> int:
    """Return the first worker that shows; 0 where the build ends without one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        try:
            found = children.read_text().split()
        except OSError:
            return 0
        if found:
            return int(found[0])
        time.sleep(0.001)
    return 0


def test_no_worker_outlives_a_build_that_was_killed(before: Before) -> None:
    """A worker that lives on holds the folder, or writes into it during the next build."""
    before.lay_out("cold")
    process = start(before.shop)
    assert first_child(process)
    process.kill()
    process.wait()

    until = time.monotonic() + PATIENCE_S
    while (left := at_work(before.shop.folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def at_work(folder: Path) -> list[str]:
    """Return the processes whose command line names a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def test_the_digests_that_files_are_held_against_are_of_their_bytes(before: Before, tmp_path: Path) -> None:
    """A truncated file is noticed."""
    before.lay_out("again")
    page = before.shop.output / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole[: len(whole) // 2])

    assert halves(before, "again") == ["index.html"]
    assert before.old["index.html"] == hashlib.sha256(whole).hexdigest()
