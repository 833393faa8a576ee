"""Where the programs are that tests of publishing run; a test without its program fails, and says how to get it."""

from __future__ import annotations

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
    """A program of requirements/servers.lock."""
    try:
        return server_program(name)
    except NotAvailable as error:
        pytest.fail(f"{name}: {error}", pytrace=False)


def debian_program(name: str, package: str) -> Path:
    """A program of the system."""
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if found is None:
        pytest.fail(f"There is no {name}: apt-get install {package}", pytrace=False)
    return Path(found)


def free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody uses at this moment."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def until(
    is_ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes] | None, timeout_s: float = 60
) -> None:
    """Wait until something is so; fails where the process ends before."""
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if process is not None and process.poll() is not None:
            pytest.fail(f"{what} ended with {process.returncode}", pytrace=False)
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not answer within {timeout_s:.0f} s", pytrace=False)
        time.sleep(0.05)
