"""What the workers of these tests are given to do: functions that any process can import."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from openknowledge.engine.workers.broadcast import BroadcastRef
from openknowledge.engine.workers.pool import resolve
from openknowledge.problems import ContentProblems, Problem

LONG_S = 600
"""Longer than any test waits."""


def doubled(number: int) -> int:
    return 2 * number


def process(_: Any) -> int:
    return os.getpid()


def large(number: int) -> bytes:
    """More than a pipe holds."""
    return bytes([number % 256]) * 1_000_000


def dies_once(job: tuple[str, int]) -> int:
    """Kills its process the first time that it meets the number 7."""
    folder, number = job
    mark = Path(folder, "died")
    if number == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def dies_elsewhere(job: tuple[int, int]) -> int:
    """Kills every process but one when it meets the number 7."""
    here, number = job
    if number == 7 and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def exits(job: tuple[int, int]) -> int:
    """Kills every process but one, whatever it meets."""
    if os.getpid() != job[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * job[1]


def full_disk(folder: str) -> None:
    """Fails as a full disk does, and counts how often it was tried."""
    with Path(folder, "tried").open("ab") as tried:
        tried.write(b".")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "output/index.html")


def problem(folder: str) -> None:
    with Path(folder, "tried").open("ab") as tried:
        tried.write(b".")
    raise ContentProblems((Problem("content/a.md", 3, "title", "is missing", "Write one."),))


def unsendable(_: Any) -> Any:
    return lambda: None


def asleep(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()
    time.sleep(LONG_S)


def talks(_: Any) -> str:
    """Writes where another thread of the parent may have held the lock."""
    print("a word", file=sys.stderr, flush=True)
    return "said"


BUILD = """
import sys
from pathlib import Path
from openknowledge.engine.workers.pool import open_pool
from tests.engine.workers import jobs

if __name__ == "__main__":
    with open_pool(sys.argv[1], count=2) as pool:
        list(pool.map(jobs.asleep, [sys.argv[2]] * 6))
"""
"""A program that works until it is stopped."""


def applied(given: BroadcastRef, number: int) -> Any:
    """What a function that the worker knows makes of a number."""
    return resolve(given)(number)
