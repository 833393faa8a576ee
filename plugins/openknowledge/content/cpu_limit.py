"""A bound on the processor time of a block: what a text costs to read is not known before it is read."""

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["CpuLimitExceeded", "cpu_limit"]


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
