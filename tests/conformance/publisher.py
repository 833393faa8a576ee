"""A publisher in a process of its own, for tests that stop, kill or deceive it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.conformance.place import Place
from tests.publish.small_sites import TARGETED
from tests.servers.seaweed import Seaweed

ROOT = Path(__file__).parents[2]

__all__ = ["ended", "started"]


def started(place: Place, output: Path, *before: str, port: int = 0, **tuning: float) -> subprocess.Popen[str]:
    """Start a process that publishes a built site; `before` are words of a command that runs it."""
    reported = {"port": port or place.server.port, "prefix": place.prefix, "output": str(output), "tuning": tuning}
    command = [*before, sys.executable, "-m", "tests.conformance.publisher", json.dumps(reported)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def ended(process: subprocess.Popen[str], seconds: float = 300) -> tuple[int, str]:
    """Wait for a publisher, and return its exit status and its output."""
    text, _ = process.communicate(timeout=seconds)
    return process.returncode, text


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def main(reported: dict[str, Any]) -> int:
    from openknowledge.publish.built_site import open_site
    from openknowledge.publish.errors import PublishFailed, PublishRefused
    from openknowledge.publish.targets.object_client import RetryPolicy

    usual = RetryPolicy(parallel=8, timeout_s=1.0, attempts=4, patience_s=4.0, backoff_s=0.1, lease_s=60.0)
    tuning = replace(usual, **reported["tuning"])
    server = Seaweed(Path(), [reported["port"]])
    place = Place(server, reported["prefix"], tuning=tuning, by="another process")
    try:
        outcome = place.publish(open_site(Path(reported["output"]), TARGETED))
    except PublishRefused as stopped:
        print(stopped)
        return 20
    except PublishFailed as stopped:
        print(stopped)
        return 30
    print(outcome.format_text())
    return int(outcome.status)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
