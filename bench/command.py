"""Runs a build as a program of its own and measures it: how long it took, how much memory it held."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

PROCESSES = Path("/proc")
SAMPLE_EVERY_S = 0.02
SESSION_FIELD = 3
"""Where a process's stat says its session, counted from after its name."""
LAST_LINES = 5


class BuildFailed(Exception):
    """A build ended with an error; the message has the last of what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, where it runs and what its environment has besides ours."""

    arguments: tuple[str, ...]
    folder: Path
    environment: tuple[tuple[str, str], ...] = ()

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run it as long as the block runs, in a session of its own, so that all it starts can be found and ended."""
        environment = {**os.environ, **dict(self.environment)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # Who builds a site lets Python keep what it compiled.
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                self.arguments, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield process
            finally:
                _end(process)

    @property
    def log(self) -> Path:
        """Where what it says goes."""
        return self.folder.parent / f"{self.folder.name}.log"

    def said(self) -> str:
        """The last of what it said, on one line."""
        lines = self.log.read_text("utf-8", errors="replace").split("\n") if self.log.exists() else []
        return " / ".join(line.strip() for line in [line for line in lines if line.strip()][-LAST_LINES:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all of its session, where any of it is still running."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def seconds(command: Command) -> float:
    """How long the command runs, from its start to its end; raises `BuildFailed`."""
    began = time.perf_counter()
    with command.started() as process:
        status = process.wait()
        taken = time.perf_counter() - began
    _check(command, status)
    return taken


def peak_bytes(command: Command) -> float:
    """The most memory that all processes of the command hold at one time; raises `BuildFailed`.

    Memory that processes share counts once: each has its proportional part. Sampling costs the command
    some of its time, so this run is for memory alone.
    """
    with command.started() as process:
        sampler = Sampler(process.pid)
        status = process.wait()
        peak = sampler.stopped()
    _check(command, status)
    return peak


def _check(command: Command, status: int) -> None:
    if status:
        raise BuildFailed(f"exit status {status}: {command.said()}")


class Sampler:
    """Looks at the memory of a session's processes every 20 milliseconds until it is stopped."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._peak = 0
        self._is_over = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._is_over.wait(SAMPLE_EVERY_S):
            self._peak = max(self._peak, sum(map(proportional_bytes, processes_of(self._session))))

    def stopped(self) -> int:
        """The highest sum that was seen."""
        self._is_over.set()
        self._thread.join()
        return self._peak


def memory_can_be_measured() -> bool:
    return (PROCESSES / "self/smaps_rollup").exists()


def processes_of(session: int) -> list[int]:
    """The processes of a session, which are all that a program started unless one of them left on purpose."""
    numbers = (int(path.name) for path in PROCESSES.iterdir() if path.name.isdigit())
    return [number for number in numbers if _session_of(number) == session]


def _session_of(number: int) -> int | None:
    try:
        stat = (PROCESSES / str(number) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[SESSION_FIELD])


def proportional_bytes(number: int) -> int:
    """The memory of a process with its part of what it shares (PSS); 0 once it has ended."""
    try:
        text = (PROCESSES / str(number) / "smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
