"""Runs a build as a program of its own and measures it: its time, its processor time, the memory it held."""

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
from typing import NamedTuple

PROCESSES = Path("/proc")
SAMPLE_INTERVAL_S = 0.02
SESSION_FIELD = 3
"""The index of a process's session in its stat, counted from after its name."""
LAST_LINES = 5


class BuildFailed(Exception):
    """A build ended with an error; the message has the last lines that it printed."""


class Usage(NamedTuple):
    """What a command took: seconds from its start to its end, and of all its processes' processor time."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, its folder, and what its environment has besides ours."""

    arguments: tuple[str, ...]
    folder: Path
    environment: tuple[tuple[str, str], ...] = ()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the program as long as the block runs, in a session of its own, so that all it starts can be ended."""
        environment = {**os.environ, **dict(self.environment)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # On a real site Python keeps what it compiled.
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
        """Return the file that has what the program prints."""
        return self.folder.parent / f"{self.folder.name}.log"

    def last_lines(self) -> str:
        """Return the last lines that the program printed, as one."""
        lines = self.log.read_text("utf-8", errors="replace").split("\n") if self.log.exists() else []
        return " / ".join(line.strip() for line in [line for line in lines if line.strip()][-LAST_LINES:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what else of its session is still running."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_command(command: Command) -> Usage:
    """Run the command to its end; raises `BuildFailed` if it fails."""
    start = time.perf_counter()
    with command.running() as process:
        _, status, resources = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    _check(command, process.returncode)
    return Usage(wall_s, resources.ru_utime + resources.ru_stime)


def measure_peak(command: Command) -> float:
    """Return the most bytes that all processes of the command hold at one time; raises `BuildFailed` if it fails.

    Memory that processes share counts once: each has its proportional part. Sampling costs the command
    some of its time, so this run is for memory alone.
    """
    with command.running() as process:
        sampler = MemorySampler(process.pid)
        status = process.wait()
        peak_b = sampler.stop()
    _check(command, status)
    return peak_b


def _check(command: Command, status: int) -> None:
    if status:
        raise BuildFailed(f"exit status {status}: {command.last_lines()}")


class MemorySampler:
    """Reads the memory of a session's processes every 20 milliseconds until it is stopped."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._peak_b = 0
        self._is_over = Event()
        self._thread = Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._is_over.wait(SAMPLE_INTERVAL_S):
            self._peak_b = max(self._peak_b, sum(map(proportional_bytes, session_processes(self._session))))

    def stop(self) -> int:
        """Return the highest sum of all samples."""
        self._is_over.set()
        self._thread.join()
        return self._peak_b


def can_measure_memory() -> bool:
    """Return whether this system tells what memory processes share."""
    return (PROCESSES / "self/smaps_rollup").exists()


def session_processes(session: int) -> list[int]:
    """Return the processes of a session: all that a program started, but for one that leaves the session itself."""
    numbers = (int(path.name) for path in PROCESSES.iterdir() if path.name.isdigit())
    return [number for number in numbers if _session_of(number) == session]


def _session_of(number: int) -> int | None:
    try:
        stat = (PROCESSES / str(number) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[SESSION_FIELD])


def proportional_bytes(number: int) -> int:
    """Return the memory of a process with its part of what it shares (PSS); 0 once it has ended."""
    try:
        text = (PROCESSES / str(number) / "smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
