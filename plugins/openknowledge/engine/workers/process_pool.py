"""Worker processes on this machine, each at the end of a line of its own: one that dies takes nobody along.

The standard library's pool shares one queue among its processes. One that is killed with half a result in that queue
holds up all others for good; forked ones outlive a parent that is killed; and one death is the death of all.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import signal
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Lock
from typing import Any

__all__ = ["ProcessPool"]

EXIT_TIMEOUT_S = 5.0
"""How long a process may take to end that was told to."""


class WorkerProcess:
    """One process, and our end of the line to it."""

    def __init__(self, start: str) -> None:
        context: Any = multiprocessing.get_context(start)
        self.pipe, there = context.Pipe()
        copied = self.pipe if start == "fork" else None
        self.process = context.Process(target=serve, args=(there, copied), daemon=True)
        self.process.start()
        there.close()

    def call(self, job: bytes) -> bytes:
        """What comes back for a job. Raises `EOFError` or `OSError` where the process dies over it."""
        self.pipe.send_bytes(job)
        found: bytes = self.pipe.recv_bytes()
        return found

    def kill(self) -> None:
        """It has nothing to lose: what it writes, it writes whole or not at all."""
        self.process.kill()
        self.process.join(EXIT_TIMEOUT_S)


class ProcessPool(Executor):
    """So many processes, each looked after by a thread of ours.

    A process that dies is replaced, as often as there are processes; what it was doing is done again. Over a job that
    also kills the new process, or when no more are to be had, the future raises `BrokenExecutor`.
    """

    def __init__(self, count: int, start: str) -> None:
        # All are forked here, before there are threads of ours: a fork while another thread holds a lock keeps it shut.
        self.workers = [WorkerProcess(start) for _ in range(count)]
        self._spares = count
        self._counting = Lock()
        self._is_over = False
        self._free: SimpleQueue[WorkerProcess] = SimpleQueue()
        for worker in self.workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="workers")

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        return self._threads.submit(self._dispatch, function, arguments, named)

    def _dispatch(self, *call: Any) -> Any:
        job = pickle.dumps(call, pickle.HIGHEST_PROTOCOL)
        worker = self._free.get()
        try:
            try:
                answer = worker.call(job)
            except (EOFError, OSError):
                worker = self._respawn(worker)
                answer = worker.call(job)
        except (EOFError, OSError) as death:
            raise BrokenExecutor("a worker process died, and there is none to replace it") from death
        finally:
            self._free.put(worker)
        is_well, found = pickle.loads(answer)
        if is_well:
            return found
        raise BrokenExecutor(found)

    def _respawn(self, worker: WorkerProcess) -> WorkerProcess:
        """A worker in place of one that died; started anew, for by now there are threads."""
        with self._counting:
            if self._is_over or not self._spares:
                raise EOFError
            self._spares -= 1
        worker.kill()
        new = WorkerProcess("spawn")
        self.workers.append(new)
        if self._is_over:
            new.kill()
        return new

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes; with `cancel_futures` in the midst of what they do."""
        self._threads.shutdown(wait=wait and not cancel_futures, cancel_futures=cancel_futures)
        self._is_over = True
        for worker in self.workers:
            worker.kill()
        self._threads.shutdown(wait=True)
        for worker in self.workers:
            worker.pipe.close()


def serve(line: Connection, copied: Connection | None) -> None:
    """What a worker process does until its line ends, with whoever holds the other end.

    A forked one has a `copied` other end as well, which would keep the line open when the build is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Who presses Ctrl-C means the build, and the build ends us.
    if copied is not None:
        copied.close()
        _reset_streams()
    while True:
        with suppress(EOFError, OSError):
            line.send_bytes(_run_job(line.recv_bytes()))
            continue
        return


def _run_job(job: bytes) -> bytes:
    """Whether all went well and what came of it, or why a job cannot be read or its result not be sent."""
    try:
        function, arguments, named = pickle.loads(job)
        return pickle.dumps((True, function(*arguments, **named)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((False, f"{type(error).__name__}: {error}"))


def _reset_streams() -> None:
    """Speak through streams of one's own: another thread may have held ours, such as a progress bar, at the fork."""
    with suppress(OSError):
        sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    logging.getLogger().handlers[:] = [logging.StreamHandler()]
