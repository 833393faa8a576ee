"""A bound on the processor time of a block: what a text costs to read is not known before it is read."""

import ctypes
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

from openknowledge.problems import Message, Problem

__all__ = ["CpuLimitExceeded", "cpu_limit", "read_within_limit"]

T = TypeVar("T")
logger = logging.getLogger(__name__)

FILE_CPU_S = 1.5
"""The processor time that a file of up to `FILE_SIZE_B` may take; larger ones have more, in proportion."""
FILE_SIZE_B = 100_000

REPEAT_S = 0.1


class CpuLimitExceeded(BaseException):
    """A block took too long; no `except Exception` on the way holds it up."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise `CpuLimitExceeded` in a block that takes more than some seconds of processor time.

    The main thread of a process is interrupted by a timer of the system, also inside a regular expression. In another
    thread, such as a worker's of Dask, an exception is set, which it raises between two instructions; there the time is
    that of the clock.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        with _thread_limit(seconds):
            yield
        return
    earlier = signal.signal(signal.SIGPROF, _raise)
    # Python drops an exception that is raised while it finalises an object, so the timer goes on.
    signal.setitimer(signal.ITIMER_PROF, seconds, REPEAT_S)
    try:
        yield
    finally:
        is_running = True
        while is_running:
            with suppress(CpuLimitExceeded):
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.signal(signal.SIGPROF, earlier)
                is_running = False


def read_within_limit(read: Callable[[], T], path: str, size_b: int) -> T | Problem:
    """Return what `read` makes of a file that is no item; a Problem where it takes too long, or raises anything."""
    try:
        with cpu_limit(FILE_CPU_S * max(1.0, size_b / FILE_SIZE_B)):
            return read()
    except CpuLimitExceeded:
        hint = Message("Take out what is wrong or repeats, a half at a time.")
        return Problem(path, None, None, Message("the file takes too long to read"), hint)
    except RecursionError:
        hint = Message("Look for brackets and lists of many levels.")
        return Problem(path, None, None, Message("the file is nested too deep to be read"), hint)
    except Exception:
        # As in items: what a library raises of one file stops no other one.
        logger.debug("The readers stumble over %s", path, exc_info=True)
        hint = Message("Take out a half of it, and look whether the other half can be read.")
        return Problem(path, None, None, Message("something in this file makes the readers stumble"), hint)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise CpuLimitExceeded


@contextmanager
def _thread_limit(seconds: float) -> Iterator[None]:
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(seconds, raise_in, (thread, ctypes.py_object(CpuLimitExceeded)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
