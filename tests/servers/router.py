"""The router at the edge, run by Node, in front of a store."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.programs import debian_program

import openknowledge.publish

__all__ = ["running_router"]

SERVE = Path(openknowledge.publish.__file__).parent / "edge/serve.mjs"


@contextmanager
def running_router(origin: str, fresh_ms: int = 0) -> Iterator[int]:
    """Run a router and yield its port; it trusts what it knows of releases for `fresh_ms`."""
    command = [str(debian_program("node", "nodejs")), str(SERVE)]
    environment = {"ORIGIN": origin, "PORT": "0", "FRESH_MS": str(fresh_ms)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline().rpartition(":")[2])
        finally:
            server.terminate()
