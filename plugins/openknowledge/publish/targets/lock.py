"""A lock that says who has it and lives only while it is renewed."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ..errors import PublishFailed, PublishRefused, make_problem

__all__ = ["LEASE_S", "Lease", "awake_s", "lock_text", "lost", "owner_of", "refusal"]

LEASE_S = 120.0
"""How long a lock holds that nobody renews, by the clock of the place that it is for."""


class Lease:
    """A lock that is ours, renewed in the background.

    `renew` says whether it still is, and raises `Failed` where that cannot be known; `leave` lets go of it.
    """

    def __init__(self, where: str, renew: Callable[[], bool], leave: Callable[[], None]) -> None:
        self.where, self.renew, self.leave = where, renew, leave
        self.is_lost = False
        self._ended = threading.Event()
        self._alive_s = awake_s()
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()

    def check(self) -> None:
        """Raises `Failed` where the lock is not ours any more, or may not be: this machine has slept for long."""
        if self.is_lost or awake_s() - self._alive_s > LEASE_S * 0.8:
            raise lost(self.where)

    def _beat(self) -> None:
        while not self._ended.wait(LEASE_S / 5):
            began_s = awake_s()
            # A place that is out of reach for a moment is asked again.
            with suppress(PublishFailed):
                if not self.renew():
                    self.is_lost = True
                    return
                self._alive_s = began_s

    def end(self) -> None:
        """Stop renewing, and let go; where the place is out of reach, the lock expires."""
        self._ended.set()
        self._beating.join()
        if not self.is_lost:
            with suppress(PublishFailed):
                self.leave()


def lost(where: str) -> PublishFailed:
    message = "somebody else has taken over this publication, because it was not heard of for too long"
    return PublishFailed([make_problem(where, message, "Wait until that one has ended, then publish again.")])


def refusal(by: str, age_s: float, where: str, lease_s: float = LEASE_S) -> PublishRefused:
    """What somebody is told who finds the lock taken."""
    left_s = max(1, int(lease_s - age_s))
    message = f"{by} is publishing here; it was last heard of {max(0, int(age_s))} s ago"
    hint = f"Wait until it has ended. If it was killed, its lock expires by itself, in {left_s} s at the latest."
    return PublishRefused([make_problem(where, message, hint)])


def awake_s() -> float:
    """Seconds that go on while the machine sleeps, where the system can tell them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def lock_text(by: str) -> bytes:
    """What a lock holds; unlike any other's, so that whoever took it knows it for its own."""
    return json.dumps({"by": by, "token": secrets.token_hex(8)}).encode()


def owner_of(lock: bytes) -> str:
    """Who has taken a lock that holds this."""
    try:
        return str(json.loads(lock)["by"])
    except (ValueError, KeyError, TypeError):
        return "somebody"
