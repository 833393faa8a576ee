"""Programs are measured as they are, and nothing of them is left."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from bench import command as command_module
from bench.command import BuildFailed, Command, can_measure_memory, measure_peak, run_command, session_processes

MEBIBYTE = 2**20
needs_memory = pytest.mark.skipif(not can_measure_memory(), reason="this machine does not say what is shared")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def python(folder: Path, code: str, *arguments: str) -> Command:
    return Command((sys.executable, "-c", code, *arguments), folder)


def test_a_program_that_sleeps_takes_at_least_as_long_as_it_sleeps(folder: Path) -> None:
    assert run_command(python(folder, "import time; time.sleep(0.3)")).wall_s >= 0.3


BUSY = "import time\nwhile time.process_time() < 0.3: pass"
CHILD_OF = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


@pytest.mark.parametrize("arguments", [(BUSY,), (CHILD_OF, BUSY)])
def test_the_processor_time_of_a_program_and_its_children_counts(folder: Path, arguments: tuple[str, ...]) -> None:
    assert run_command(python(folder, *arguments)).cpu_s >= 0.3


def test_a_build_that_fails_is_no_measurement_and_says_why(folder: Path) -> None:
    with pytest.raises(BuildFailed, match="exit status 3: no such theme"):
        run_command(python(folder, "import sys; print('no such theme'); sys.exit(3)"))


HOLD = """
import os, pathlib, sys, time
held = bytearray(b"x") * (int(sys.argv[1]) * 2**20)
if "fork" in sys.argv: child = os.fork()
pathlib.Path(f"holds-{os.getpid()}").touch()
while not pathlib.Path("seen").exists(): time.sleep(0.01)
del held
"""
"""Holds so many mebibytes until they were seen."""


def until_seen(folder: Path, processes: int, patch: pytest.MonkeyPatch) -> None:
    """Let programs in a folder go on as soon as a whole sample was taken while so many of them held their memory."""
    held: list[bool] = []

    def sampled(session: int) -> list[int]:
        if any(held):
            (folder / "seen").touch()
        held.append(len(list(folder.glob("holds-*"))) == processes)
        return session_processes(session)

    patch.setattr(command_module, "session_processes", sampled)


@needs_memory
def test_the_peak_is_measured_though_the_memory_was_freed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    until_seen(folder, 1, monkeypatch)

    assert 80 * MEBIBYTE <= measure_peak(python(folder, HOLD, "80")) < 160 * MEBIBYTE


PARENT = """
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", *sys.argv[1:]]) for _ in range(2)]
sys.exit(sum(child.wait() for child in children))
"""


@needs_memory
def test_the_memory_of_all_processes_counts_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    until_seen(folder, 2, monkeypatch)

    assert measure_peak(python(folder, PARENT, HOLD, "60")) >= 120 * MEBIBYTE


@needs_memory
def test_memory_that_processes_share_counts_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    until_seen(folder, 2, monkeypatch)

    assert 100 * MEBIBYTE <= measure_peak(python(folder, HOLD, "100", "fork")) < 180 * MEBIBYTE


@needs_memory
def test_what_a_server_started_ends_with_it(folder: Path) -> None:
    with python(folder, PARENT, "import time; time.sleep(60)").running() as process:
        deadline = time.monotonic() + 60
        while len(session_processes(process.pid)) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(session_processes(process.pid)) == 3
    deadline = time.monotonic() + 60
    while session_processes(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert session_processes(process.pid) == []
