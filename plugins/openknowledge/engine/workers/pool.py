"""Work in many hands: worker processes on this machine, a Dask cluster, or no other hands at all."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from itertools import count as counted
from typing import Any, TypeVar

from .broadcast import BroadcastRef, Relocatable, drop, pack, put
from .remote_call import CallFailure, pickle_call, run_call, unpickle_result

__all__ = ["EXECUTORS", "ClusterUnavailable", "WorkerPool", "open_pool", "resolve", "split_batches"]

EXECUTORS = ("processes", "spawn", "dask", "inline")
"""`spawn` are processes that are started anew: where a fork of this one would not be safe."""
PREFETCH = 3
"""How many batches a worker has before it: enough that it never waits, few enough that results do not pile up."""

_numbers = counted()

T = TypeVar("T")
R = TypeVar("R")

StartedExecutor = tuple[Executor, int]
"""An executor, and how many hands it has."""


class ClusterUnavailable(Exception):
    """The cluster that a setting names cannot be worked with; `hint` says what to do about it."""

    def __init__(self, setting: str, message: str, hint: str) -> None:
        super().__init__(setting, message, hint)
        self.setting, self.message, self.hint = setting, message, hint


class WorkerPool:
    """Some executor, made when there is first enough to do.

    `share_a_disk` says whether workers see our files and we theirs; `near` are hands that do. `are_copies` says whether
    they begin as copies of this process. `lost` counts the batches that no worker could bring back, and that were done
    here.
    """

    def __init__(
        self, start: Callable[[], StartedExecutor] | None, local_pool: WorkerPool | None = None, is_forked: bool = False
    ) -> None:
        self.shares_filesystem = local_pool is None
        self.local_pool = local_pool or self
        self.is_forked = is_forked
        self.retried_inline = 0
        self._start = start
        self._executor: StartedExecutor | None = None
        self._broadcasts: dict[Any, BroadcastRef] = {}

    @property
    def is_parallel(self) -> bool:
        return self._start is not None

    def map(self, function: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """`function` of each batch, in order; what a worker that dies had before it is done again.

        What the function raises is raised here. Raises `NoCluster` where there is none.
        """
        if self._start is None:
            yield from map(function, batches)
            return
        executor, hands = self._started()
        waiting: deque[tuple[T, Future[bytes] | None]] = deque()
        for batch in batches:
            waiting.append((batch, _submit(executor, function, batch)))
            if len(waiting) >= hands * PREFETCH:
                yield self._result(function, *waiting.popleft())
        while waiting:
            yield self._result(function, *waiting.popleft())

    def broadcast(self, value: T) -> T | BroadcastRef:
        """What workers are handed for a value that lives in files: where they have none, the files go there, once."""
        if self.shares_filesystem or not isinstance(value, Relocatable):
            return value
        if value not in self._broadcasts:
            executor, _ = self._started()
            packed = pack(value)
            executor.broadcast(packed)  # type: ignore[attr-defined]
            put(packed.token, value)  # For what no worker brings back.
            self._broadcasts[value] = packed.ref
        return self._broadcasts[value]

    @contextmanager
    def forked_with(self, value: Any) -> Iterator[tuple[WorkerPool, BroadcastRef]]:
        """More of these hands, copied now, and what `received` makes the value of there: it need not be sent.

        Only where they `are_copies`. What is done here in place of a worker gets the value itself.
        """
        given = BroadcastRef(f"known to copies: {next(_numbers)}")
        put(given.token, value)
        hands = WorkerPool(self._start)
        gc.freeze()  # Looking for cycles would write on all that the copies share.
        try:
            hands._started()
            yield hands, given
        finally:
            gc.unfreeze()
            hands.close()
            self.retried_inline += hands.retried_inline
            drop(given.token)

    def _started(self) -> StartedExecutor:
        assert self._start is not None
        if self._executor is None:
            self._executor = self._start()
        return self._executor

    def _result(self, function: Callable[[T], R], batch: T, future: Future[bytes] | None) -> R:
        found = unpickle_result(future)
        if isinstance(found, CallFailure):
            if found.error is not None:
                raise found.error
            self.retried_inline += found.is_worker_lost
            return function(batch)
        result: R = found
        return result

    def close(self) -> None:
        """Let the workers go, whatever they are doing; may be said twice."""
        made, self._executor = self._executor, None
        self._broadcasts.clear()
        if made is not None:
            made[0].shutdown(wait=True, cancel_futures=True)
        if self.local_pool is not self:
            self.local_pool.close()


def _submit(executor: Executor, function: Callable[[T], R], batch: T) -> Future[bytes] | None:
    try:
        return executor.submit(run_call, pickle_call(function, batch))
    except Exception:  # Nobody is left to take it.
        return None


def resolve(value: Any) -> Any:
    """In a worker: the value that `sent` was handed. Raises `BrokenExecutor` where it has not come."""
    return value.get() if isinstance(value, BroadcastRef) else value


@contextmanager
def open_pool(name: str, scheduler: str = "", count: int = 0) -> Iterator[WorkerPool]:
    """The hands that a setting names, let go at the end. `count` of 0 is one a core; `scheduler` is Dask's address."""
    hands = count or os.cpu_count() or 1
    if name == "dask":
        found = WorkerPool(partial(_cluster, scheduler), local_pool=WorkerPool(_maker("processes", hands)))
    else:
        found = WorkerPool(_maker(name, hands), is_forked=_start(name) == "fork" and hands > 1)
    try:
        yield found
    finally:
        found.close()


def _maker(name: str, count: int) -> Callable[[], StartedExecutor] | None:
    if name == "inline" or count < 2:
        return None
    return partial(_processes, _start(name), count)


def _start(name: str) -> str:
    """How processes begin. A forked one has everything imported already; elsewhere than on Linux that is not safe."""
    return "fork" if name == "processes" and sys.platform == "linux" else "spawn"


def _processes(start: str, count: int) -> StartedExecutor:
    from .process_pool import ProcessPool

    return ProcessPool(count, start), count


def _cluster(scheduler: str) -> StartedExecutor:
    try:
        from .dask_pool import DaskPool
    except ImportError:
        hint = "Install it with: python3 requirements/install.py dask."
        raise ClusterUnavailable("BUILD_EXECUTOR", "Dask is not installed", hint) from None
    found = DaskPool(scheduler)
    return found, found.size


def split_batches(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
