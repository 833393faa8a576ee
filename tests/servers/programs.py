"""Where the programs are that tests of publishing run; a test without its program fails, and says how to get it."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.programs import NotAvailable, server_program

__all__ = ["debian_program", "free_ports", "packaged_program", "until"]

PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def packaged_program(name: str) -> Path:
    """Return a program of requirements/servers.lock."""
    try:
        return server_program(name)
    except NotAvailable as error:
        pytest.fail(f"{name}: {error}", pytrace=False)


def debian_program(name: str, package: str) -> Path:
    """Return a program of the system."""
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if found is None:
        pytest.fail(f"There is no {name}: apt-get install {package}", pytrace=False)
    return Path(found)


PORTS = range(12_000, 30_000)
"""Below those that the system gives to connections."""
_candidates = itertools.cycle(random.Random(os.getpid()).sample(PORTS, len(PORTS)))


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that are free; processes of the same test run begin to look at different ones."""
    return list(itertools.islice(filter(_is_free, _candidates), number))


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def until(
    is_ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes] | None, timeout_s: float = 300
) -> None:
    """Wait until something is so; fails where the process ends before."""
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if process is not None and process.poll() is not None:
            pytest.fail(f"{what} ended with {process.returncode}", pytrace=False)
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not answer within {timeout_s:.0f} s", pytrace=False)
        time.sleep(0.05)
