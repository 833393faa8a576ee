"""A side task has the result that the function has in this process, whatever becomes of the fork."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading

import pytest
from rich.console import Console

from openknowledge.engine.workers import side_task
from openknowledge.engine.workers.side_task import start_beside

PARALLEL = {"BUILD_EXECUTOR": "processes", "BUILD_WORKERS": 2}
ignores_threads = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return settings with which tasks are forked, although other tests may have left threads here."""
    monkeypatch.setattr(side_task.threading, "active_count", lambda: 1)
    return PARALLEL


def in_process() -> int:
    return os.getpid()


@ignores_threads
def test_a_side_task_runs_in_another_process_where_forks_are_safe(forking: dict[str, object]) -> None:
    assert (start_beside(forking, in_process)() != os.getpid()) is (sys.platform == "linux")


@pytest.mark.parametrize("settings", [{"BUILD_EXECUTOR": "inline"}, {**PARALLEL, "BUILD_WORKERS": 1}])
def test_a_build_in_one_process_runs_it_there(settings: dict[str, object]) -> None:
    assert start_beside(settings, in_process)() == os.getpid()


def test_a_process_with_threads_is_not_forked() -> None:
    ends = threading.Event()
    other = threading.Thread(target=ends.wait)
    other.start()
    try:
        assert start_beside(PARALLEL, in_process)() == os.getpid()
    finally:
        ends.set()
        other.join()


@ignores_threads
def test_a_thread_that_shows_progress_does_not_keep_a_task_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_task.threading, "active_count", lambda: 2)

    assert start_beside(PARALLEL, in_process)() == os.getpid()
    with Console(file=io.StringIO()).status("Generating..."):
        assert (start_beside(PARALLEL, in_process)() != os.getpid()) is (sys.platform == "linux")


@ignores_threads
def test_what_a_fork_cannot_say_is_found_in_this_process(forking: dict[str, object]) -> None:
    parent = os.getpid()

    def killed_elsewhere() -> int:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    assert start_beside(forking, killed_elsewhere)() == parent


@ignores_threads
def test_what_the_function_raises_is_raised_where_it_is_waited_for(forking: dict[str, object]) -> None:
    def fails() -> int:
        raise LookupError("it is not there")

    wait = start_beside(forking, fails)

    with pytest.raises(LookupError):
        wait()


@ignores_threads
def test_no_process_is_left_behind(forking: dict[str, object]) -> None:
    fork = start_beside(forking, in_process)()

    with pytest.raises(ChildProcessError):
        os.waitpid(fork, os.WNOHANG)
