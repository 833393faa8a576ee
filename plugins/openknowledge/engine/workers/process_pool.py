"""Worker processes of this machine, each behind a pipe of its own, so that one that dies takes no other with it.

The standard library's pool shares one queue among its processes. A process that is killed with half a result in the
queue blocks all others for good, forks outlive a parent that is killed, and the death of one breaks the whole pool.
"""

import atexit
import logging
import multiprocessing
import signal
import sys
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from .remote_call import run_call

__all__ = ["ProcessPool"]

EXIT_TIMEOUT_S = 5.0
"""How long a process may take to end that was killed."""


class WorkerProcess:
    """A process and the parent's end of the pipe to it."""

    def __init__(self, method: str) -> None:
        context: Any = multiprocessing.get_context(method)
        self.pipe, child_end = context.Pipe()
        inherited = self.pipe if method == "fork" else None
        self.process = context.Process(target=serve, args=(child_end, inherited), daemon=True)
        self.process.start()
        child_end.close()

    def run(self, call: bytes) -> bytes:
        """Run a pickled call, and return its pickled result. Raises `EOFError` or `OSError` where the process dies."""
        self.pipe.send_bytes(call)
        result: bytes = self.pipe.recv_bytes()
        return result

    def kill(self) -> None:
        """End the process. It has nothing to lose, because it writes files atomically."""
        self.process.kill()
        self.process.join(EXIT_TIMEOUT_S)


class ProcessPool:
    """A number of processes, each attended by a thread of the parent.

    A process that dies is replaced, at most as often as there are processes, and its call runs again. Where that also
    kills the new process, or no replacement is left, the future raises `BrokenExecutor`.

    An interruption may leave the pool open, at any line. So it is shut down when the interpreter ends, and no thread of
    it is waited for before that: those of the standard library's executors are, and one of them never ends where the
    interruption came between its start and its registration.
    """

    def __init__(self, size: int, method: str) -> None:
        self.size = size
        self.workers: list[WorkerProcess] = []
        self._spares = size
        self._spares_lock = Lock()
        self._is_closed = False
        self._calls: SimpleQueue[tuple[bytes, Future[bytes]] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        atexit.register(self.shutdown)
        # All fork here, before the parent has threads: a lock that another thread holds at a fork stays locked in it.
        self.workers += (WorkerProcess(method) for _ in range(size))
        for worker in self.workers[:]:
            thread = Thread(target=self._attend, args=(worker,), name="workers", daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, call: bytes) -> Future[bytes]:
        """Run a pickled call in the next process that is idle."""
        future: Future[bytes] = Future()
        self._calls.put((call, future))
        return future

    def _attend(self, worker: WorkerProcess) -> None:
        """Hand calls to a process, and to the one that replaces it, until the pool is shut down."""
        while (item := self._calls.get()) is not None:
            call, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                try:
                    future.set_result(worker.run(call))
                except (EOFError, OSError):
                    worker = self._respawn(worker)
                    future.set_result(worker.run(call))
            except (EOFError, OSError) as death:
                broken = BrokenExecutor("a worker process died, and there is none to replace it")
                broken.__cause__ = death
                future.set_exception(broken)

    def _respawn(self, worker: WorkerProcess) -> WorkerProcess:
        """Return a process in place of one that died. It does not fork, because the parent has threads by now."""
        with self._spares_lock:
            if self._is_closed or not self._spares:
                raise EOFError
            self._spares -= 1
        worker.kill()
        new = WorkerProcess("spawn")
        self.workers.append(new)
        if self._is_closed:
            new.kill()
        return new

    def shutdown(self) -> None:
        """End all processes in the midst of their calls; calls that wait are cancelled."""
        self._is_closed = True
        with suppress(Empty):
            while item := self._calls.get_nowait():
                item[1].cancel()
        for _ in self._threads:
            self._calls.put(None)
        for worker in self.workers:
            worker.kill()
        for thread in self._threads:
            thread.join()
        for worker in self.workers:
            worker.pipe.close()
        atexit.unregister(self.shutdown)


def serve(pipe: Connection, inherited: Connection | None) -> None:
    """Run calls in a worker process until the parent's end of its pipe closes.

    A fork has `inherited` a copy of that end, which would hold the pipe open when the parent is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the build, which ends its workers.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if inherited is not None:
        inherited.close()
        _reset_streams()
    while True:
        with suppress(EOFError, OSError):
            pipe.send_bytes(run_call(pipe.recv_bytes()))
            continue
        return


def _reset_streams() -> None:
    """Reopen the streams, because another thread, such as a progress bar, may have held their locks at the fork."""
    with suppress(OSError):
        sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    logging.getLogger().handlers[:] = [logging.StreamHandler()]
