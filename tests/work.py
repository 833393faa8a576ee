"""How much work something is, by a count or by the processor's time, which do not depend on what else runs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["count_calls", "processor_limit"]


def count_calls(function: Callable[[], object]) -> int:
    """Return how many functions are called while a function runs, those of C included."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


@contextmanager
def processor_limit(seconds: float) -> Iterator[None]:
    """Fail where the block keeps the processor busy for longer: a generous bound for what takes no time at all."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"the processor was busy for {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
