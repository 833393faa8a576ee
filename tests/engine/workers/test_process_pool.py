"""Worker pools return results in order, whatever happens to a worker, and raise the function's own errors."""

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
from openknowledge.engine.workers.remote_call import pickle_call
from openknowledge.problems import ContentProblems

LOCAL = tuple(name for name in EXECUTORS if name != "dask")
STARTED = ("processes", "spawn")

pytestmark = pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="kills processes")


def is_running(number: int) -> bool:
    """Return whether a process exists; one that was not waited for counts as running."""
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


@pytest.mark.parametrize("name", LOCAL)
def test_results_come_in_the_order_of_the_batches(name):
    with open_pool(name, count=2) as pool:
        assert list(pool.map(jobs.double, range(50))) == [2 * number for number in range(50)]
        assert pool.retried_inline == 0


@pytest.mark.parametrize("name", STARTED)
def test_results_may_be_larger_than_a_pipe(name):
    with open_pool(name, count=2) as pool:
        results = list(pool.map(jobs.large, range(8)))

    assert results == [jobs.large(number) for number in range(8)]


def test_worker_processes_run_the_batches_and_not_this_one():
    with open_pool("processes", count=2) as pool:
        results = set(pool.map(jobs.process_id, range(40)))

    assert os.getpid() not in results
    assert len(results) == 2


def test_inline_runs_in_this_process():
    with open_pool("inline", count=2) as pool:
        assert set(pool.map(jobs.process_id, range(3))) == {os.getpid()}
        assert not pool.is_parallel


def test_a_pool_of_one_worker_is_not_parallel():
    with open_pool("processes", count=1) as pool:
        assert not pool.is_parallel


def test_no_process_starts_before_the_first_batch():
    with open_pool("processes", count=2) as pool:
        assert multiprocessing.active_children() == []
        list(pool.map(jobs.double, range(3)))
        assert len(multiprocessing.active_children()) == 2


def test_batches_are_taken_only_as_far_as_workers_can_prefetch():
    taken = []

    def batches() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    with open_pool("processes", count=2) as pool:
        results = pool.map(jobs.double, batches())
        next(results)
        assert len(taken) <= 6


@pytest.mark.parametrize("name", STARTED)
def test_a_killed_worker_loses_no_result(name, tmp_path):
    with open_pool(name, count=2) as pool:
        results = list(pool.map(jobs.die_once, [(str(tmp_path), number) for number in range(40)]))

    assert (tmp_path / "died").exists()
    assert results == [2 * number for number in range(40)]
    assert pool.retried_inline == 0, "another worker ran it"


def test_a_batch_that_kills_every_worker_runs_in_this_process_and_no_other_does():
    with open_pool("processes", count=2) as pool:
        results = list(pool.map(jobs.die_in_workers, [(os.getpid(), number) for number in range(40)]))

    assert results == [2 * number for number in range(40)]
    assert pool.retried_inline == 1


def test_when_no_worker_is_left_all_batches_run_in_this_process():
    with open_pool("processes", count=2) as pool:
        results = list(pool.map(jobs.die_always_in_workers, [(os.getpid(), number) for number in range(20)]))

    assert results == [2 * number for number in range(20)]
    assert pool.retried_inline == 20


def test_workers_killed_from_outside_at_any_moment_lose_no_result():
    """Also in the midst of a large result, where a shared queue would be stuck for good."""
    with open_pool("processes", count=2) as pool:
        results = []
        for number, result in enumerate(pool.map(jobs.large, range(60))):
            results.append(result)
            if number in (5, 25):
                for child in multiprocessing.active_children()[:1]:
                    os.kill(child.pid or 0, signal.SIGKILL)

    assert results == [jobs.large(number) for number in range(60)]


@pytest.mark.parametrize("name", LOCAL)
def test_an_error_of_the_disk_is_raised_as_it_is_and_not_retried(name, tmp_path):
    with open_pool(name, count=2) as pool, pytest.raises(OSError, match="No space left") as caught:
        list(pool.map(jobs.fill_disk, [str(tmp_path)]))

    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "output/index.html")
    assert (tmp_path / "tried").read_bytes() == b"."


def test_an_error_has_the_traceback_of_the_worker_as_a_note(tmp_path):
    with open_pool("processes", count=2) as pool, pytest.raises(OSError, match="No space left") as caught:
        list(pool.map(jobs.fill_disk, [str(tmp_path)]))

    assert "in fill_disk" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("name", LOCAL)
def test_content_problems_are_raised_as_they_are(name, tmp_path):
    """They are not the same after pickling, so the batch runs again in this process."""
    with open_pool(name, count=2) as pool, pytest.raises(ContentProblems) as caught:
        list(pool.map(jobs.raise_problem, [str(tmp_path)]))

    assert [one.path for one in caught.value.problems] == ["content/a.md"]
    assert pool.retried_inline == 0


def test_after_an_error_the_same_pool_runs_other_batches(tmp_path):
    with open_pool("processes", count=2) as pool:
        with pytest.raises(OSError, match="No space"):
            list(pool.map(jobs.fill_disk, [str(tmp_path)] * 5))
        assert list(pool.map(jobs.double, range(5))) == [0, 2, 4, 6, 8]


def test_a_batch_whose_result_cannot_be_pickled_runs_in_this_process():
    with open_pool("processes", count=2) as pool:
        results = list(pool.map(jobs.return_lambda, [1]))

    assert callable(results[0])
    assert pool.retried_inline == 1


def test_a_pool_that_is_closed_twice_leaves_no_process():
    with open_pool("processes", count=2) as pool:
        numbers = set(pool.map(jobs.process_id, range(40)))
        pool.close()
        pool.close()

        assert not any(is_running(number) for number in numbers)


def test_a_shutdown_does_not_wait_for_calls_that_run(tmp_path):
    """Each of them would take ten minutes and then have a result."""
    executor = ProcessPool(2, "fork")
    futures = [executor.submit(pickle_call(jobs.sleep, str(tmp_path))) for _ in range(6)]
    assert until(lambda: len(list(tmp_path.iterdir())) == 2)

    executor.shutdown()

    assert not any(is_running(int(path.name)) for path in tmp_path.iterdir())
    assert all(future.cancelled() or isinstance(future.exception(), BrokenExecutor) for future in futures)


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
    _, output = process.communicate(timeout=120)

    assert process.returncode == -signal.SIGINT
    assert output.count("Traceback") == 1, "workers print nothing of it"
    assert not any(is_running(int(path.name)) for path in marks.iterdir())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_interpreter_that_ends_shuts_down_a_pool_that_was_left_open(method, tmp_path):
    """An interruption may come at any line, and leave a pool that nobody knows yet; its calls take ten minutes."""
    program = tmp_path / "program.py"
    program.write_text(LEFT_OPEN, "utf-8")
    marks = tmp_path / "marks"
    marks.mkdir()
    command = [sys.executable, str(program), method, str(marks)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, timeout=120)

    assert (process.returncode, process.stderr) == (143, "")
    assert len(list(marks.iterdir())) == 2
    assert not any(is_running(int(path.name)) for path in marks.iterdir())


LEFT_OPEN = """
import sys, time
from pathlib import Path
from openknowledge.engine.workers.process_pool import ProcessPool
from openknowledge.engine.workers.remote_call import pickle_call
from tests.engine.workers import jobs

if __name__ == "__main__":
    pool = ProcessPool(2, sys.argv[1])
    futures = [pool.submit(pickle_call(jobs.sleep, sys.argv[2])) for _ in range(5)]
    while len(list(Path(sys.argv[2]).iterdir())) < 2:
        time.sleep(0.02)
    sys.exit(143)
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(KILLED, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, str(program)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    numbers = [int(word) for word in process.stdout.readline().split()]

    process.kill()
    process.communicate(timeout=120)

    assert len(numbers) == 2
    assert until(lambda: not any(is_running(number) for number in numbers))


KILLED = """
import time
from openknowledge.engine.workers.pool import open_pool
from tests.engine.workers import jobs

with open_pool("processes", count=2) as pool:
    print(*set(pool.map(jobs.process_id, range(100))), flush=True)
    time.sleep(60)
"""


def test_a_fork_can_print_though_another_thread_held_the_stream_at_the_fork():
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
        with open_pool("processes", count=2) as pool:
            assert list(pool.map(jobs.print_word, range(4))) == ["printed"] * 4
    finally:
        enough.set()
        sys.stderr = before


def test_items_are_split_into_batches_in_their_order():
    assert list(split_batches(range(5), 2)) == [(0, 1), (2, 3), (4,)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere forks are not safe")
def test_forks_have_a_value_that_cannot_be_pickled():
    with open_pool("processes", count=2) as pool:
        assert pool.is_forked
        with pool.forked_with(lambda number: (number, os.getpid())) as (forks, ref):
            results = list(forks.map(partial(jobs.apply, ref), range(20)))

    assert [number for number, _ in results] == list(range(20))
    assert os.getpid() not in {process for _, process in results}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere forks are not safe")
def test_a_batch_over_which_a_fork_died_runs_in_this_process():
    """No replacement has the value, because it does not fork."""
    parent = os.getpid()

    def deadly(number: int) -> int:
        if os.getpid() != parent and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with open_pool("processes", count=2) as pool:
        with pool.forked_with(deadly) as (forks, ref):
            results = list(forks.map(partial(jobs.apply, ref), range(20)))
        assert results == list(range(20))
        assert pool.retried_inline >= 1


@pytest.mark.parametrize("name", ["inline", "spawn"])
def test_a_pool_that_does_not_fork_is_not_forked(name):
    with open_pool(name, count=2) as pool:
        assert not pool.is_forked
