"""The lease on a target: a lock that names its holder and expires unless it is renewed."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..errors import PublishFailed, PublishRefused

__all__ = ["LEASE_S", "Lease", "boottime", "dump_lock", "lock_held", "lock_holder", "lock_lost"]

LEASE_S = 120.0
"""Seconds, by the target's clock, for which a lock holds that is not renewed."""


@dataclass
class Lease:
    """A lock that is renewed in the background, and that fences off whatever is done after it may have expired.

    `renew` extends the lock and returns whether it still is this publisher's; it raises `PublishFailed` if the target
    does not answer. `release` releases the lock if it still is. `token` tells this lock from any later one. `safe_s` is
    for how long the lease is trusted after the last renewal that is known to have succeeded.
    """

    where: str
    renew: Callable[[], bool]
    release: Callable[[], None] = lambda: None
    token: str = ""
    duration_s: float = LEASE_S
    safe_s: float = LEASE_S * 0.8
    is_lost: bool = False

    def __post_init__(self) -> None:
        self._renewed_s = boottime()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def confirm(self, since_s: float) -> None:
        """Record a renewal that was sent at a moment of `boottime`."""
        self._renewed_s = since_s

    def lose(self) -> PublishFailed:
        """Record that another publisher has the lock; return the failure to raise."""
        self.is_lost = True
        return lock_lost(self.where)

    def check(self) -> None:
        """Raise `PublishFailed` if another publisher may have the lock, as after this machine was suspended."""
        if self.is_lost or boottime() - self._renewed_s > self.safe_s:
            raise lock_lost(self.where)

    def fence(self) -> None:
        """Renew the lock. Raises `PublishFailed` if it is another publisher's."""
        if not self.renew():
            raise self.lose()

    def start(self) -> None:
        """Renew the lock from now on, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop renewing the lock, which stays as it is."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def end(self) -> None:
        """Stop renewing the lock and release it; if the target does not answer, the lock expires."""
        self.stop()
        with suppress(PublishFailed):
            self.release()

    def _beat(self) -> None:
        while not self.is_lost and not self._stopped.wait(self.duration_s / 6):
            since_s = boottime()
            # A target that does not answer at the moment is asked again; the lease ends if it never does.
            with suppress(PublishFailed):
                if self.renew():
                    self.confirm(since_s)
                else:
                    self.is_lost = True


def lock_lost(where: str) -> PublishFailed:
    """Return the failure of a publisher whose lock another one has taken over."""
    message = "somebody else has taken over this publication, because it was not heard of for too long"
    return PublishFailed.at(where, message, "Wait until that one has ended, then publish again.")


def lock_held(by: str, age_s: float, where: str, lease_s: float = LEASE_S) -> PublishRefused:
    """Return the refusal of a publisher that finds a lock which was renewed `age_s` seconds ago."""
    if age_s < -lease_s:
        message = f"{by} holds the lock here, and its date is in the future"
        hint = "Is a publication under way? Wait until it has ended. If none is, remove the lock there: locks/ssh"
        return PublishRefused.at(where, message, hint)
    rest_s = max(1, int(lease_s - age_s))
    message = f"{by} is publishing here; it was last heard of {max(0, int(age_s))} s ago"
    hint = f"Wait until it has ended. If it was killed, its lock expires by itself, in {rest_s} s at the latest."
    return PublishRefused.at(where, message, hint)


def boottime() -> float:
    """Return seconds of a clock that goes on while the machine is suspended, if the system has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def dump_lock(by: str) -> bytes:
    """Return the content of a lock, which differs from that of any other lock."""
    return json.dumps({"by": by, "token": secrets.token_hex(8)}).encode()


def lock_holder(lock: bytes) -> str:
    """Return the name of the publisher that wrote a lock, as far as it can be read."""
    try:
        return str(json.loads(lock)["by"])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "somebody else"
