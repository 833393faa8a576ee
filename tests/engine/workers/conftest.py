"""A Dask cluster of two workers that see neither the site's content, nor its theme, nor its output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from distributed import Client
from tests.site.small import ROOT

PATIENCE_S = 120
"""How long the programs may take to start on a busy machine."""
GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True)
class Cluster:
    """The address and process of a scheduler, those of its workers, and a folder that none of them can open."""

    address: str
    scheduler: int
    workers: tuple[int, ...]
    out_of_sight: Path


@contextmanager
def program(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of Dask's programs in another folder for as long as the block runs."""
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def a_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a cluster in which each worker is a process of its own."""
    away, out_of_sight = folder / "away", folder / "here"
    away.mkdir()
    out_of_sight.mkdir()
    file = away / "scheduler.json"
    not_mine = os.pathsep.join(map(str, (out_of_sight, ROOT / "theme", ROOT / "content", ROOT / "output")))
    environment = {"NOT_MINE": not_mine, "COMPILED": str(away / "compiled"), "PYTHONPATH": str(ROOT)}
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", str(GUARD))
    with ExitStack() as stack:
        place = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        scheduler = stack.enter_context(program(away, "dask_scheduler", *place, "--scheduler-file", str(file)))
        address = wait_for_address(file)
        started = [
            stack.enter_context(program(away, "dask_worker", address, *options, **environment)) for _ in range(workers)
        ]
        if workers:
            with Client(address, timeout=PATIENCE_S) as client:
                client.wait_for_workers(workers, timeout=PATIENCE_S)
        yield Cluster(address, scheduler.pid, tuple(worker.pid for worker in started), out_of_sight)


def wait_for_address(file: Path) -> str:
    """Return the scheduler's address as soon as it is in a file."""
    for _ in range(10 * PATIENCE_S):
        try:
            return str(json.loads(file.read_text("utf-8"))["address"])
        except (OSError, ValueError):
            time.sleep(0.1)
    raise TimeoutError((file.parent / "log").read_text("utf-8"))


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return one cluster for all tests that leave it as it was; its programs are busy even when nobody asks them."""
    with a_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster
