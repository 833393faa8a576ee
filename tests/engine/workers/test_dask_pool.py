"""Work on other machines: nothing of ours is there but our code."""

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
from openknowledge.engine.workers.pool import ClusterUnavailable, open_pool
from openknowledge.problems import ContentProblems


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Have connections wait for as long as a busy machine may take."""
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 120.0)


def refused(scheduler: str) -> ClusterUnavailable:
    """Return why there is no working with a scheduler."""
    with open_pool("dask", scheduler, 2) as hands, pytest.raises(ClusterUnavailable) as caught:
        list(hands.map(jobs.doubled, range(3)))
    return caught.value


def test_workers_elsewhere_do_it_in_order(cluster):
    with open_pool("dask", cluster.address) as hands:
        assert list(hands.map(jobs.doubled, range(50))) == [2 * number for number in range(50)]
        assert set(hands.map(jobs.process, range(20))) <= set(cluster.workers)
        assert hands.retried_inline == 0


def test_they_see_no_disk_of_ours(cluster):
    (cluster.out_of_sight / "tried").touch()
    with open_pool("dask", cluster.address) as hands, pytest.raises(PermissionError, match="another machine"):
        list(hands.map(jobs.full_disk, [str(cluster.out_of_sight)]))

    assert not hands.shares_filesystem
    assert hands.local_pool.shares_filesystem, "what takes our disk is done by processes here"


def test_an_error_is_the_functions_own_and_not_tried_again(cluster, tmp_path):
    with open_pool("dask", cluster.address) as hands, pytest.raises(OSError, match="No space") as caught:
        list(hands.map(jobs.full_disk, [str(tmp_path)]))

    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / "tried").read_bytes() == b"."


def test_problems_reach_the_editor_as_they_are(cluster, tmp_path):
    with open_pool("dask", cluster.address) as hands, pytest.raises(ContentProblems) as caught:
        list(hands.map(jobs.problem, [str(tmp_path)]))

    assert [one.path for one in caught.value.problems] == ["content/a.md"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes")
def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    with a_cluster(tmp_path) as made, open_pool("dask", made.address) as hands:
        found = list(hands.map(jobs.dies_once, [(str(tmp_path), number) for number in range(40)]))

        assert found == [2 * number for number in range(40)]
        assert (tmp_path / "died").exists()
        assert hands.retried_inline == 0, "the other worker did it"


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes")
def test_when_the_whole_cluster_goes_the_rest_is_done_here(tmp_path):
    with a_cluster(tmp_path, workers=1) as made, open_pool("dask", made.address) as hands:
        found = []
        for one in hands.map(jobs.doubled, range(200)):
            found.append(one)
            if len(found) == 20:
                os.kill(made.scheduler, signal.SIGKILL)

    assert found == [2 * number for number in range(200)]
    assert hands.retried_inline > 0


def test_an_address_where_nobody_listens_is_told_before_dask_tries_it_for_long(monkeypatch):
    monkeypatch.setattr(dask, "Client", None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    problem = refused(f"tcp://127.0.0.1:{port}")

    assert problem.setting == "BUILD_SCHEDULER"
    assert f"nobody answers at tcp://127.0.0.1:{port}" in problem.message
    assert "dask scheduler" in problem.hint


@pytest.mark.parametrize("address", ["", "localhost", "tcp://localhost", "tcp://localhost:no", "8786"])
def test_what_is_no_address_is_told_with_how_to_write_one(address):
    problem = refused(address)

    assert f'"{address}" is not the address of a scheduler' in problem.message
    assert "tcp://host:8786" in problem.hint


def test_something_that_listens_and_is_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 1.0)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()

        assert "is no scheduler of Dask" in refused(f"tcp://127.0.0.1:{deaf.getsockname()[1]}").message


def test_a_scheduler_without_workers_is_told_with_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT_S", 2.0)
    with a_cluster(tmp_path, workers=0) as made:
        problem = refused(made.address)

    assert problem.message == "the scheduler has no workers"
    assert f"dask worker {made.address}" in problem.hint


def test_workers_with_other_versions_are_told_with_what_differs():
    here = dask.versions()
    there = {**here, "jinja2": "3.0.1", "openknowledge": "0123456789ab"}

    with pytest.raises(ClusterUnavailable) as caught:
        dask.check_versions({"tcp://a:1": there, "tcp://b:1": there, "tcp://c:1": here})

    assert caught.value.message.count("jinja2 3.0.1 (here ") == 1
    assert "openknowledge 0123456789ab" in caught.value.message
    assert "Python" not in caught.value.message
    assert "Install the same checkout" in caught.value.hint


def test_what_is_compared_is_what_the_package_requires():
    found = dask.versions()

    assert {"Python", "openknowledge", "jinja2", "markdown", "nh3", "babel"} <= set(found)
    assert "none" not in found.values()


def test_a_cluster_without_dask_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "openknowledge.engine.workers.dask_pool", None)

    problem = refused("tcp://127.0.0.1:8786")

    assert problem.setting == "BUILD_EXECUTOR"
    assert "requirements/install.py dask" in problem.hint
