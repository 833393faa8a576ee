"""Programs are measured as they are, and nothing of them is left."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
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


@needs_memory
def test_the_peak_is_measured_though_the_memory_was_freed(folder: Path) -> None:
    code = "import time; held = bytearray(b'x') * (80 * 2**20); time.sleep(0.4); del held; time.sleep(0.2)"

    assert 80 * MEBIBYTE <= measure_peak(python(folder, code)) < 160 * MEBIBYTE


PARENT = """
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", sys.argv[1]]) for _ in range(2)]
sys.exit(sum(child.wait() for child in children))
"""
CHILD = "import time; held = bytearray(b'x') * (60 * 2**20); time.sleep(0.6)"


@needs_memory
def test_the_memory_of_all_processes_counts_together(folder: Path) -> None:
    assert measure_peak(python(folder, PARENT, CHILD)) >= 120 * MEBIBYTE


FORK = """
import os, time
held = bytearray(b'x') * (100 * 2**20)
child = os.fork()
time.sleep(0.5)
if child: os.wait()
"""


@needs_memory
def test_memory_that_processes_share_counts_once(folder: Path) -> None:
    assert 100 * MEBIBYTE <= measure_peak(python(folder, FORK)) < 180 * MEBIBYTE


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
