"""Work in many hands: worker processes on this machine, a Dask cluster, or no other hands at all."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["EXECUTORS", "Workers", "in_batches", "workers"]

EXECUTORS = ("processes", "dask", "inline")
IN_FLIGHT = 3
"""How many batches a worker has before it: enough that it never waits, few enough that results do not pile up."""

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """Some executor, made when there is first enough to do, and how many hands it has.

    `share_a_disk` says whether what a worker writes is there for us.
    """

    def __init__(self, make: Callable[[], tuple[Executor, int]] | None, share_a_disk: bool = True) -> None:
        self.share_a_disk = share_a_disk
        self._make = make
        self._made: tuple[Executor, int] | None = None
        self.lost = 0

    @property
    def are_there(self) -> bool:
        return self._make is not None

    def each(self, function: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """`function` of each batch, in order; what a worker that dies had before it is done here."""
        if self._make is None:
            yield from map(function, batches)
            return
        if self._made is None:
            self._made = self._make()
        executor, hands = self._made
        waiting: deque[tuple[T, Future[R] | None]] = deque()
        for batch in batches:
            waiting.append((batch, self._handed(executor, function, batch)))
            if len(waiting) >= hands * IN_FLIGHT:
                yield self._result(function, *waiting.popleft())
        while waiting:
            yield self._result(function, *waiting.popleft())

    def _handed(self, executor: Executor, function: Callable[[T], R], batch: T) -> Future[R] | None:
        try:
            return executor.submit(function, batch)
        except (BrokenExecutor, RuntimeError):
            return None

    def _result(self, function: Callable[[T], R], batch: T, future: Future[R] | None) -> R:
        if future is not None:
            try:
                return future.result()
            except (BrokenExecutor, CancelledError, OSError, EOFError):
                pass
        self.lost += 1
        return function(batch)

    def close(self) -> None:
        if self._made is not None:
            self._made[0].shutdown(wait=True, cancel_futures=True)
            self._made = None


@contextmanager
def workers(name: str, scheduler: str = "", count: int = 0) -> Iterator[Workers]:
    """The hands that a setting names, let go at the end. `count` of 0 is one a core; `scheduler` is Dask's address."""
    found = Workers(_maker(name, scheduler, count or os.cpu_count() or 1), share_a_disk=name != "dask")
    try:
        yield found
    finally:
        found.close()


def _maker(name: str, scheduler: str, count: int) -> Callable[[], tuple[Executor, int]] | None:
    if name == "dask":
        return lambda: _dask(scheduler)
    if name == "processes" and count > 1:
        return lambda: (ProcessPoolExecutor(count, mp_context=_context()), count)
    return None


def _context() -> Any:
    """Forked workers have everything imported already; where that is not safe, new ones are started."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _dask(scheduler: str) -> tuple[Executor, int]:
    from distributed import Client

    client = Client(scheduler)
    return client.get_executor(), sum(client.nthreads().values()) or 1


def in_batches(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
