"""Functions for the workers of these tests, which any process can import."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from openknowledge.engine.workers.remote_call import BroadcastRef, resolve
from openknowledge.problems import ContentProblems, Problem

LONG_S = 600
"""Longer than any test waits."""


def double(number: int) -> int:
    return 2 * number


def process_id(_: Any) -> int:
    return os.getpid()


def large(number: int) -> bytes:
    """Return more bytes than a pipe holds."""
    return bytes([number % 256]) * 1_000_000


def die_once(job: tuple[str, int]) -> int:
    """Kill the process the first time that the number is 7."""
    folder, number = job
    mark = Path(folder, "died")
    if number == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die_in_workers(job: tuple[int, int]) -> int:
    """Kill every process but the parent when the number is 7."""
    parent, number = job
    if number == 7 and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die_always_in_workers(job: tuple[int, int]) -> int:
    """Kill every process but the parent."""
    if os.getpid() != job[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * job[1]


def fill_disk(folder: str) -> None:
    """Fail as a full disk does, and count the attempts."""
    with Path(folder, "tried").open("ab") as tried:
        tried.write(b".")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "output/index.html")


def raise_problem(folder: str) -> None:
    with Path(folder, "tried").open("ab") as tried:
        tried.write(b".")
    raise ContentProblems((Problem("content/a.md", 3, "title", "is missing", "Write one."),))


def return_lambda(_: Any) -> Any:
    return lambda: None


def sleep(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()
    time.sleep(LONG_S)


def print_word(_: Any) -> str:
    """Print to a stream whose lock another thread of the parent may have held."""
    print("a word", file=sys.stderr, flush=True)
    return "printed"


BUILD = """
import sys
from pathlib import Path
from openknowledge.engine.workers.pool import open_pool
from tests.engine.workers import jobs

if __name__ == "__main__":
    with open_pool(sys.argv[1], count=2) as pool:
        list(pool.map(jobs.sleep, [sys.argv[2]] * 6))
"""
"""A program that runs until it is stopped."""


def apply(function: BroadcastRef, number: int) -> Any:
    """Call a function that the worker was forked with."""
    return resolve(function)(number)
