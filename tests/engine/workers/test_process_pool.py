"""Work in many hands: in order, whatever becomes of a worker, and with the function's own errors."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from functools import partial

import pytest
from tests.engine.workers import jobs
from tests.site.small import ROOT

from openknowledge.engine.workers.pool import EXECUTORS, open_pool, split_batches
from openknowledge.engine.workers.process_pool import ProcessPool
from openknowledge.problems import ContentProblems

OURS = tuple(name for name in EXECUTORS if name != "dask")
STARTED = ("processes", "spawn")

pytestmark = pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="kills processes")


def is_running(number: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody has buried counts as running."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def until(is_so: Callable[[], object], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("name", OURS)
def test_results_come_in_the_order_of_the_batches(name):
    with open_pool(name, count=2) as hands:
        assert list(hands.map(jobs.doubled, range(50))) == [2 * number for number in range(50)]
        assert hands.retried_inline == 0


@pytest.mark.parametrize("name", STARTED)
def test_results_may_be_larger_than_a_pipe(name):
    with open_pool(name, count=2) as hands:
        found = list(hands.map(jobs.large, range(8)))

    assert found == [jobs.large(number) for number in range(8)]


def test_processes_do_it_and_not_this_one():
    with open_pool("processes", count=2) as hands:
        found = set(hands.map(jobs.process, range(40)))

    assert os.getpid() not in found
    assert len(found) == 2


def test_inline_is_this_process():
    with open_pool("inline", count=2) as hands:
        assert set(hands.map(jobs.process, range(3))) == {os.getpid()}
        assert not hands.is_parallel


def test_one_worker_is_as_good_as_none():
    with open_pool("processes", count=1) as hands:
        assert not hands.is_parallel


def test_nothing_is_started_before_there_is_work():
    with open_pool("processes", count=2) as hands:
        assert multiprocessing.active_children() == []
        list(hands.map(jobs.doubled, range(3)))
        assert len(multiprocessing.active_children()) == 2


def test_batches_are_asked_for_only_as_far_as_they_can_be_done():
    asked = []

    def batches() -> Iterator[int]:
        for number in range(1000):
            asked.append(number)
            yield number

    with open_pool("processes", count=2) as hands:
        found = hands.map(jobs.doubled, batches())
        next(found)
        assert len(asked) <= 6


@pytest.mark.parametrize("name", STARTED)
def test_a_worker_that_is_killed_loses_nothing(name, tmp_path):
    with open_pool(name, count=2) as hands:
        found = list(hands.map(jobs.dies_once, [(str(tmp_path), number) for number in range(40)]))

    assert (tmp_path / "died").exists()
    assert found == [2 * number for number in range(40)]
    assert hands.retried_inline == 0, "another worker did it"


def test_what_kills_every_worker_is_done_here_and_the_rest_goes_on_elsewhere():
    with open_pool("processes", count=2) as hands:
        found = list(hands.map(jobs.dies_elsewhere, [(os.getpid(), number) for number in range(40)]))

    assert found == [2 * number for number in range(40)]
    assert hands.retried_inline == 1


def test_when_no_worker_lives_all_is_done_here():
    with open_pool("processes", count=2) as hands:
        found = list(hands.map(jobs.exits, [(os.getpid(), number) for number in range(20)]))

    assert found == [2 * number for number in range(20)]
    assert hands.retried_inline == 20


def test_workers_killed_from_outside_at_any_moment_lose_nothing():
    """Also in the midst of a large result, where a shared queue would be stuck for good."""
    with open_pool("processes", count=2) as hands:
        found = []
        for number, one in enumerate(hands.map(jobs.large, range(60))):
            found.append(one)
            if number in (5, 25):
                for child in multiprocessing.active_children()[:1]:
                    os.kill(child.pid or 0, signal.SIGKILL)

    assert found == [jobs.large(number) for number in range(60)]


@pytest.mark.parametrize("name", OURS)
def test_an_error_of_the_disk_is_the_functions_own_and_not_tried_again(name, tmp_path):
    with open_pool(name, count=2) as hands, pytest.raises(OSError, match="No space left") as caught:
        list(hands.map(jobs.full_disk, [str(tmp_path)]))

    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "output/index.html")
    assert (tmp_path / "tried").read_bytes() == b"."


def test_an_error_says_where_in_the_worker_it_came_from(tmp_path):
    with open_pool("processes", count=2) as hands, pytest.raises(OSError, match="No space left") as caught:
        list(hands.map(jobs.full_disk, [str(tmp_path)]))

    assert "in full_disk" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("name", OURS)
def test_problems_reach_the_editor_as_they_are(name, tmp_path):
    """They cannot be sent as they are, so they are met again here."""
    with open_pool(name, count=2) as hands, pytest.raises(ContentProblems) as caught:
        list(hands.map(jobs.problem, [str(tmp_path)]))

    assert [one.path for one in caught.value.problems] == ["content/a.md"]
    assert hands.retried_inline == 0


def test_after_an_error_the_same_hands_go_on(tmp_path):
    with open_pool("processes", count=2) as hands:
        with pytest.raises(OSError, match="No space"):
            list(hands.map(jobs.full_disk, [str(tmp_path)] * 5))
        assert list(hands.map(jobs.doubled, range(5))) == [0, 2, 4, 6, 8]


def test_a_result_that_cannot_be_sent_is_made_here():
    with open_pool("processes", count=2) as hands:
        found = list(hands.map(jobs.unsendable, [1]))

    assert callable(found[0])
    assert hands.retried_inline == 1


def test_letting_go_twice_is_letting_go_once_and_leaves_no_process():
    with open_pool("processes", count=2) as hands:
        numbers = set(hands.map(jobs.process, range(40)))
        hands.close()
        hands.close()

        assert not any(is_running(number) for number in numbers)


def test_whoever_stops_in_the_middle_does_not_wait_for_the_rest(tmp_path):
    executor = ProcessPool(2, "fork")
    futures = [executor.submit(jobs.asleep, str(tmp_path)) for _ in range(6)]
    assert until(lambda: len(list(tmp_path.iterdir())) == 2)

    executor.shutdown(cancel_futures=True)

    assert not any(is_running(int(path.name)) for path in tmp_path.iterdir())
    assert all(one.cancelled() or isinstance(one.exception(), BrokenExecutor) for one in futures)


@pytest.mark.parametrize("name", STARTED)
@pytest.mark.parametrize("to_all", [True, False], ids=["ctrl-c", "kill -2"])
def test_an_interrupt_ends_the_build_and_its_workers_at_once(name, to_all, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(jobs.BUILD, "utf-8")
    marks = tmp_path / "marks"
    marks.mkdir()
    command = [sys.executable, str(program), name, str(marks)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert until(lambda: len(list(marks.iterdir())) == 2)

    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)

    assert process.returncode == -signal.SIGINT
    assert said.count("Traceback") == 1, "workers say nothing of it"
    assert not any(is_running(int(path.name)) for path in marks.iterdir())


def test_workers_do_not_outlive_a_build_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(KILLED, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, str(program)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    numbers = [int(one) for one in process.stdout.readline().split()]

    process.kill()
    process.communicate(timeout=120)

    assert len(numbers) == 2
    assert until(lambda: not any(is_running(number) for number in numbers))


KILLED = """
import time
from openknowledge.engine.workers.pool import open_pool
from tests.engine.workers import jobs

with open_pool("processes", count=2) as pool:
    print(*set(pool.map(jobs.process, range(100))), flush=True)
    time.sleep(60)
"""


def test_a_forked_worker_can_speak_though_another_thread_held_the_stream_at_the_fork():
    held, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with stuck:
            held.set()
            enough.wait(30)

    stuck = threading.RLock()

    class Stream:
        def write(self, text: str) -> int:
            with stuck:
                return len(text)

        def flush(self) -> None: ...

    before, sys.stderr = sys.stderr, Stream()
    try:
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        with open_pool("processes", count=2) as hands:
            assert list(hands.map(jobs.talks, range(4))) == ["said"] * 4
    finally:
        enough.set()
        sys.stderr = before


def test_batches_are_whole_and_in_order():
    assert list(split_batches(range(5), 2)) == [(0, 1), (2, 3), (4,)]


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a copy of this process safe")
def test_copies_know_what_cannot_be_sent():
    with open_pool("processes", count=2) as hands:
        assert hands.is_forked
        with hands.forked_with(lambda number: (number, os.getpid())) as (copies, given):
            found = list(copies.map(partial(jobs.applied, given), range(20)))

    assert [number for number, _ in found] == list(range(20))
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a copy of this process safe")
def test_what_a_copy_died_over_is_done_here_for_no_other_process_knows_the_value():
    home = os.getpid()

    def deadly(number: int) -> int:
        if os.getpid() != home and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with open_pool("processes", count=2) as hands:
        with hands.forked_with(deadly) as (copies, given):
            found = list(copies.map(partial(jobs.applied, given), range(20)))
        assert found == list(range(20))
        assert hands.retried_inline >= 1


@pytest.mark.parametrize("name", ["inline", "spawn"])
def test_only_forked_workers_are_copies(name):
    with open_pool(name, count=2) as hands:
        assert not hands.is_forked
