"""Work in a fork beside this process, which prints nothing: questions to the file system, a file that is written."""

import marshal
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

from .pool import executor_settings

__all__ = ["start_beside"]

T = TypeVar("T")


def start_beside(settings: Mapping[str, Any], function: Callable[[], T]) -> Callable[[], T]:
    """Start a function in a fork, and return what waits for its result, which must be a plain value.

    It runs in this process when it is waited for, where the settings have all run in one process, where a fork is not
    safe, and where the fork is lost.
    """
    name, _, count = executor_settings(settings)
    is_parallel = name in ("processes", "dask") and (count or os.cpu_count() or 1) > 1
    if not is_parallel or sys.platform != "linux" or threading.active_count() - _count_displays() > 1:
        return function
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_and_exit(function, writing)
    os.close(writing)

    @cache
    def end() -> bytes:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        os.waitpid(pid, 0)
        return data

    def wait() -> T:
        with suppress(ValueError, EOFError, TypeError):
            result: T = marshal.loads(end())
            return result
        return function()

    return wait


def _count_displays() -> int:
    """Return the number of threads that show that a build goes on: a fork needs no lock that they hold."""
    return sum(type(thread).__module__ == "rich.live" for thread in threading.enumerate())


def _run_and_exit(function: Callable[[], Any], writing: int) -> None:
    """Write the function's result into a pipe, and end without what a process does at its end."""
    try:
        data = marshal.dumps(function())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
    finally:
        os._exit(0)
