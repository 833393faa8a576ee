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

from .broadcast import Given, Movable, forget, keep, pack
from .remote_call import Failed, a_call, brought, called

__all__ = ["EXECUTORS", "NoCluster", "Workers", "in_batches", "received", "workers"]

EXECUTORS = ("processes", "spawn", "dask", "inline")
"""`spawn` are processes that are started anew: where a fork of this one would not be safe."""
IN_FLIGHT = 3
"""How many batches a worker has before it: enough that it never waits, few enough that results do not pile up."""

_numbers = counted()

T = TypeVar("T")
R = TypeVar("R")

Made = tuple[Executor, int]
"""An executor, and how many hands it has."""


class NoCluster(Exception):
    """The cluster that a setting names cannot be worked with; `hint` says what to do about it."""

    def __init__(self, setting: str, message: str, hint: str) -> None:
        super().__init__(setting, message, hint)
        self.setting, self.message, self.hint = setting, message, hint


class Workers:
    """Some executor, made when there is first enough to do.

    `share_a_disk` says whether workers see our files and we theirs; `near` are hands that do. `are_copies` says whether
    they begin as copies of this process. `lost` counts the batches that no worker could bring back, and that were done
    here.
    """

    def __init__(self, make: Callable[[], Made] | None, near: Workers | None = None, are_copies: bool = False) -> None:
        self.share_a_disk = near is None
        self.near = near or self
        self.are_copies = are_copies
        self.lost = 0
        self._make = make
        self._made: Made | None = None
        self._given: dict[Any, Given] = {}

    @property
    def are_there(self) -> bool:
        return self._make is not None

    def each(self, function: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """`function` of each batch, in order; what a worker that dies had before it is done again.

        What the function raises is raised here. Raises `NoCluster` where there is none.
        """
        if self._make is None:
            yield from map(function, batches)
            return
        executor, hands = self._begun()
        waiting: deque[tuple[T, Future[bytes] | None]] = deque()
        for batch in batches:
            waiting.append((batch, _handed(executor, function, batch)))
            if len(waiting) >= hands * IN_FLIGHT:
                yield self._result(function, *waiting.popleft())
        while waiting:
            yield self._result(function, *waiting.popleft())

    def sent(self, value: T) -> T | Given:
        """What workers are handed for a value that lives in files: where they have none, the files go there, once."""
        if self.share_a_disk or not isinstance(value, Movable):
            return value
        if value not in self._given:
            executor, _ = self._begun()
            packed = pack(value)
            executor.give(packed)  # type: ignore[attr-defined]
            keep(packed.token, value)  # For what no worker brings back.
            self._given[value] = packed.given
        return self._given[value]

    @contextmanager
    def knowing(self, value: Any) -> Iterator[tuple[Workers, Given]]:
        """More of these hands, copied now, and what `received` makes the value of there: it need not be sent.

        Only where they `are_copies`. What is done here in place of a worker gets the value itself.
        """
        given = Given(f"known to copies: {next(_numbers)}")
        keep(given.token, value)
        hands = Workers(self._make)
        gc.freeze()  # Looking for cycles would write on all that the copies share.
        try:
            hands._begun()
            yield hands, given
        finally:
            gc.unfreeze()
            hands.close()
            self.lost += hands.lost
            forget(given.token)

    def _begun(self) -> Made:
        assert self._make is not None
        if self._made is None:
            self._made = self._make()
        return self._made

    def _result(self, function: Callable[[T], R], batch: T, future: Future[bytes] | None) -> R:
        found = brought(future)
        if isinstance(found, Failed):
            if found.error is not None:
                raise found.error
            self.lost += found.is_lost
            return function(batch)
        result: R = found
        return result

    def close(self) -> None:
        """Let the workers go, whatever they are doing; may be said twice."""
        made, self._made = self._made, None
        self._given.clear()
        if made is not None:
            made[0].shutdown(wait=True, cancel_futures=True)
        if self.near is not self:
            self.near.close()


def _handed(executor: Executor, function: Callable[[T], R], batch: T) -> Future[bytes] | None:
    try:
        return executor.submit(called, a_call(function, batch))
    except Exception:  # Nobody is left to take it.
        return None


def received(value: Any) -> Any:
    """In a worker: the value that `sent` was handed. Raises `BrokenExecutor` where it has not come."""
    return value.there() if isinstance(value, Given) else value


@contextmanager
def workers(name: str, scheduler: str = "", count: int = 0) -> Iterator[Workers]:
    """The hands that a setting names, let go at the end. `count` of 0 is one a core; `scheduler` is Dask's address."""
    hands = count or os.cpu_count() or 1
    if name == "dask":
        found = Workers(partial(_cluster, scheduler), near=Workers(_maker("processes", hands)))
    else:
        found = Workers(_maker(name, hands), are_copies=_start(name) == "fork" and hands > 1)
    try:
        yield found
    finally:
        found.close()


def _maker(name: str, count: int) -> Callable[[], Made] | None:
    if name == "inline" or count < 2:
        return None
    return partial(_processes, _start(name), count)


def _start(name: str) -> str:
    """How processes begin. A forked one has everything imported already; elsewhere than on Linux that is not safe."""
    return "fork" if name == "processes" and sys.platform == "linux" else "spawn"


def _processes(start: str, count: int) -> Made:
    from .process_pool import Processes

    return Processes(count, start), count


def _cluster(scheduler: str) -> Made:
    try:
        from .dask_pool import Cluster
    except ImportError:
        hint = "Install it with: python3 requirements/install.py dask."
        raise NoCluster("BUILD_EXECUTOR", "Dask is not installed", hint) from None
    found = Cluster(scheduler)
    return found, found.hands


def in_batches(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
