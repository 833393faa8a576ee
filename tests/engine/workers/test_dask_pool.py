"""A Dask cluster runs batches on machines that have no file of this one."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys

import pytest
from tests.engine.workers import jobs
from tests.engine.workers.conftest import a_cluster

from openknowledge.engine.workers import dask_pool as dask
from openknowledge.engine.workers.pool import open_pool
from openknowledge.engine.workers.remote_call import ClusterUnavailable
from openknowledge.problems import ContentProblems


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Have connections wait for as long as a busy machine may take."""
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 120.0)


def refused(scheduler: str) -> ClusterUnavailable:
    """Return why a scheduler cannot be used."""
    with open_pool("dask", scheduler, 2) as pool, pytest.raises(ClusterUnavailable) as caught:
        list(pool.map(jobs.double, range(3)))
    return caught.value


def test_workers_of_a_cluster_return_results_in_order(cluster):
    with open_pool("dask", cluster.address) as pool:
        assert list(pool.map(jobs.double, range(50))) == [2 * number for number in range(50)]
        assert set(pool.map(jobs.process_id, range(20))) <= set(cluster.workers)
        assert pool.retried_inline == 0


def test_workers_of_a_cluster_see_no_file_of_this_machine(cluster):
    (cluster.out_of_sight / "tried").touch()
    with open_pool("dask", cluster.address) as pool, pytest.raises(PermissionError, match="another machine"):
        list(pool.map(jobs.fill_disk, [str(cluster.out_of_sight)]))

    assert not pool.shares_filesystem
    assert pool.local_pool.shares_filesystem, "what needs files of this machine runs in processes here"


def test_an_error_of_the_function_is_raised_as_it_is_and_not_retried(cluster, tmp_path):
    with open_pool("dask", cluster.address) as pool, pytest.raises(OSError, match="No space") as caught:
        list(pool.map(jobs.fill_disk, [str(tmp_path)]))

    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / "tried").read_bytes() == b"."


def test_content_problems_are_raised_as_they_are(cluster, tmp_path):
    with open_pool("dask", cluster.address) as pool, pytest.raises(ContentProblems) as caught:
        list(pool.map(jobs.raise_problem, [str(tmp_path)]))

    assert [problem.path for problem in caught.value.problems] == ["content/a.md"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes")
def test_a_killed_worker_of_a_cluster_loses_no_result(tmp_path):
    with a_cluster(tmp_path) as built, open_pool("dask", built.address) as pool:
        results = list(pool.map(jobs.die_once, [(str(tmp_path), number) for number in range(40)]))

        assert results == [2 * number for number in range(40)]
        assert (tmp_path / "died").exists()
        assert pool.retried_inline == 0, "the other worker ran it"


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes")
def test_when_the_scheduler_dies_the_rest_runs_in_this_process(tmp_path):
    with a_cluster(tmp_path, workers=1) as built, open_pool("dask", built.address) as pool:
        results = []
        for result in pool.map(jobs.double, range(200)):
            results.append(result)
            if len(results) == 20:
                os.kill(built.scheduler, signal.SIGKILL)

    assert results == [2 * number for number in range(200)]
    assert pool.retried_inline > 0


def test_an_address_where_nothing_listens_is_refused_before_dask_tries_it(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(dask, "Client", None)

    problem = refused(f"tcp://127.0.0.1:{port}")

    assert problem.setting == "BUILD_SCHEDULER"
    assert f"nobody answers at tcp://127.0.0.1:{port}" in problem.message
    assert "dask scheduler" in problem.hint


@pytest.mark.parametrize("address", ["", "localhost", "tcp://localhost", "tcp://localhost:no", "8786"])
def test_a_text_that_is_no_address_is_refused_with_how_to_write_one(address):
    problem = refused(address)

    assert f'"{address}" is not the address of a scheduler' in problem.message
    assert "tcp://host:8786" in problem.hint


def test_something_that_listens_and_is_no_scheduler_is_refused(monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 1.0)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()

        assert "is no scheduler of Dask" in refused(f"tcp://127.0.0.1:{deaf.getsockname()[1]}").message


def test_a_scheduler_without_workers_is_refused_with_how_to_start_some(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 2.0)
    with a_cluster(tmp_path, workers=0) as built:
        problem = refused(built.address)

    assert problem.message == "the scheduler has no workers"
    assert f"dask worker {built.address}" in problem.hint


def test_workers_with_other_versions_are_refused_with_what_differs():
    own = dask.collect_versions()
    others = {**own, "jinja2": "3.0.1", "openknowledge": "0123456789ab"}

    with pytest.raises(ClusterUnavailable) as caught:
        dask.check_versions({"tcp://a:1": others, "tcp://b:1": others, "tcp://c:1": own})

    assert caught.value.message.count("jinja2 3.0.1 (here ") == 1
    assert "openknowledge 0123456789ab" in caught.value.message
    assert "Python" not in caught.value.message
    assert "Install the same checkout" in caught.value.hint


def test_the_versions_that_are_compared_are_those_that_the_package_requires():
    versions = dask.collect_versions()

    assert {"Python", "openknowledge", "jinja2", "markdown", "nh3", "babel"} <= set(versions)
    assert "none" not in versions.values()


def test_a_cluster_without_dask_is_refused_with_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "openknowledge.engine.workers.dask_pool", None)

    problem = refused("tcp://127.0.0.1:8786")

    assert problem.setting == "BUILD_EXECUTOR"
    assert "requirements/install.py dask" in problem.hint
