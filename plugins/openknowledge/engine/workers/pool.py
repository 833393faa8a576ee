"""Worker pools: processes of this machine, a Dask cluster, or the calling process alone."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count as count_up
from typing import Any, Protocol, TypeVar

from .remote_call import (
    BroadcastRef,
    CallFailure,
    ClusterUnavailable,
    Relocatable,
    broadcast_values,
    pack,
    pickle_call,
    unpickle_result,
)

__all__ = ["EXECUTORS", "WorkerPool", "executor_settings", "open_pool", "split_batches"]

EXECUTORS = ("processes", "spawn", "dask", "inline")
"""`spawn` starts new interpreters, where to fork this process would not be safe."""
PREFETCH = 3
"""How many batches a worker has waiting: enough that it never idles, few enough that results do not pile up."""

_fork_numbers = count_up()

T = TypeVar("T")
R = TypeVar("R")


class CallExecutor(Protocol):
    """A number of workers that run pickled calls."""

    size: int

    def submit(self, call: bytes) -> Any:
        """Run a call on some worker; the future's `result` raises `BrokenExecutor` where the worker is lost."""

    def shutdown(self) -> None:
        """Stop the workers in the midst of their calls."""


class WorkerPool:
    """An executor that `start` makes when there is first enough to do; without one, all runs in the calling process.

    A pool `shares_filesystem` where its workers see the same files as this process; `local_pool` is one that does. It
    `is_forked` where workers begin as copies of this process. `retried_inline` counts the batches that were lost with
    their workers, and that this process ran instead.
    """

    def __init__(
        self, start: Callable[[], CallExecutor] | None, local_pool: WorkerPool | None = None, is_forked: bool = False
    ) -> None:
        self.shares_filesystem = local_pool is None
        self.local_pool = local_pool or self
        self.is_parallel = start is not None
        self.is_forked = is_forked
        self.retried_inline = 0
        self._start = start
        self._executor: CallExecutor | None = None
        self._broadcasts: dict[Any, BroadcastRef] = {}

    def map(self, function: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """Yield the function's result for each batch, in order; a batch that is lost with its worker runs again.

        What the function raises is raised here. Raises `ClusterUnavailable` where the cluster cannot be used.
        """
        if self._start is None:
            yield from map(function, batches)
            return
        executor = self._started()
        waiting: deque[tuple[T, Any]] = deque()
        for batch in batches:
            try:
                future = executor.submit(pickle_call(function, batch))
            except Exception:  # No worker is left.
                future = None
            waiting.append((batch, future))
            if len(waiting) >= executor.size * PREFETCH:
                yield self._result(function, *waiting.popleft())
        while waiting:
            yield self._result(function, *waiting.popleft())

    def broadcast(self, value: T) -> T | BroadcastRef:
        """Return what to send for a value: a reference where workers lack its files, which are sent once."""
        if self.shares_filesystem or not isinstance(value, Relocatable):
            return value
        if value not in self._broadcasts:
            payload = pack(value)
            self._started().broadcast(payload)  # type: ignore[attr-defined]
            broadcast_values[payload.token] = value  # For batches that run here after all.
            self._broadcasts[value] = BroadcastRef(payload.token)
        return self._broadcasts[value]

    @contextmanager
    def forked_with(self, value: Any) -> Iterator[tuple[WorkerPool, BroadcastRef]]:
        """Fork a second pool now, and yield it with a reference that its workers resolve to the value.

        Only for a pool that `is_forked`. The value is not pickled; a batch that runs here after all gets it too.
        """
        ref = BroadcastRef(f"forked {next(_fork_numbers)}")
        broadcast_values[ref.token] = value
        pool = WorkerPool(self._start)
        gc.freeze()  # A collection would write to all the memory that the forks share.
        try:
            pool._started()
            yield pool, ref
        finally:
            gc.unfreeze()
            pool.close()
            self.retried_inline += pool.retried_inline
            del broadcast_values[ref.token]

    def _started(self) -> CallExecutor:
        assert self._start is not None
        if self._executor is None:
            self._executor = self._start()
        return self._executor

    def _result(self, function: Callable[[T], R], batch: T, future: Any) -> R:
        result = unpickle_result(future)
        if isinstance(result, CallFailure):
            if result.error is not None:
                raise result.error
            self.retried_inline += result.is_worker_lost
            return function(batch)
        value: R = result
        return value

    def close(self) -> None:
        """Stop the workers, whatever they are doing. A second call does nothing."""
        executor, self._executor = self._executor, None
        self._broadcasts.clear()
        if executor is not None:
            executor.shutdown()
        if self.local_pool is not self:
            self.local_pool.close()


def executor_settings(settings: Mapping[str, Any]) -> tuple[str, str, int]:
    """Return the executor's name, the scheduler's address and the number of workers, for `open_pool`."""
    name = settings.get("BUILD_EXECUTOR", EXECUTORS[0])
    return name, settings.get("BUILD_SCHEDULER", ""), settings.get("BUILD_WORKERS", 0)


@contextmanager
def open_pool(name: str, scheduler: str = "", count: int = 0) -> Iterator[WorkerPool]:
    """Yield the pool that a setting names, closed at the end. A `count` of 0 is one worker for each core."""
    size = count or os.cpu_count() or 1
    # A fork has everything imported; elsewhere than on Linux it is not safe.
    method = "fork" if name in ("processes", "dask") and sys.platform == "linux" else "spawn"
    start = None if name == "inline" or size < 2 else partial(_start_processes, method, size)
    if name == "dask":
        pool = WorkerPool(partial(_start_cluster, scheduler), local_pool=WorkerPool(start))
    else:
        pool = WorkerPool(start, is_forked=start is not None and method == "fork")
    try:
        yield pool
    finally:
        pool.close()


def _start_processes(method: str, size: int) -> CallExecutor:
    from .process_pool import ProcessPool

    return ProcessPool(size, method)


def _start_cluster(scheduler: str) -> CallExecutor:
    try:
        from .dask_pool import DaskPool
    except ImportError:
        hint = "Install it with: python3 requirements/install.py dask."
        raise ClusterUnavailable("BUILD_EXECUTOR", "Dask is not installed", hint) from None
    return DaskPool(scheduler)


def split_batches(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield the items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
