"""Processes that are killed before a step on the file system, and what they leave behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
STEPS = ("os.rename", "os.remove", "os.mkdir")
FAILED = 255


def count_steps(function: Callable[[], object], folder: Path) -> int:
    """Return how many steps on the file system a function takes below a folder; it takes them in a fork."""
    return _run(function, 0, folder)


def run_killed(function: Callable[[], object], number: int, folder: Path) -> bool:
    """Run a function in a fork that is killed (`kill -9`) before its step of a number; return whether it was.

    Of each file that is not synced to the disk by then, under whatever name it is now, the half is lost.
    """
    return _run(function, number, folder) == -signal.SIGKILL


def _run(function: Callable[[], object], number: int, folder: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            steps = _Steps(number, folder)
            function()
            os._exit(steps.done)
        except BaseException:
            os._exit(FAILED)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status != FAILED, "the function raised"
    return status


class _Steps:
    """Counts the steps of this process, and kills it before one of them."""

    def __init__(self, deadly: int, folder: Path) -> None:
        self.done, self.deadly, self.folder = 0, deadly, folder
        self.synced = {path.stat().st_ino for path in folder.rglob("*")}
        self._fsync = os.fsync
        os.fsync = self.fsync
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        is_writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if not (event in STEPS or is_writing) or isinstance(arguments[0], int):
            return
        path = Path(os.fsdecode(arguments[0]))
        if path.is_relative_to(self.folder):
            self.take()
            if is_writing and path.exists():
                self.synced.discard(path.stat().st_ino)

    def fsync(self, descriptor: int) -> None:
        self.take()
        self._fsync(descriptor)
        self.synced.add(os.fstat(descriptor).st_ino)

    def take(self) -> None:
        self.done += 1
        if self.done == self.deadly:
            for path in self.folder.rglob("*"):
                if path.is_file() and path.stat().st_ino not in self.synced:
                    os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)


def visible(root: Path) -> dict[str, bytes]:
    """Return what builds see below a folder: all files that are not hidden."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return {path: data for path, data in found.items() if not path.startswith(".")}
