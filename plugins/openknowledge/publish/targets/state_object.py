"""The deploy state of an object store: one object, replaced only by a publisher that knows its current version."""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ..errors import PublishFailed
from ..release import DeployState
from .lease import Lease, boottime
from .object_client import ObjectClient, PreconditionFailed

__all__ = ["CLOCK", "CONTROL_PREFIX", "PLAIN", "STATE_KEY", "StateWriter", "lock_age_s"]

CONTROL_PREFIX = "_openknowledge"
"""The folder of all that a store holds beside the site; no URL leads there."""
STATE_KEY = f"{CONTROL_PREFIX}/register.json"
CLOCK = f"{CONTROL_PREFIX}/clock"
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class StateWriter:
    """Writes the deploy state as long as no other publisher does. The state holds the lock, which a lease renews."""

    def __init__(self, objects: ObjectClient, state: DeployState, version: str | None) -> None:
        self.objects, self.state, self.version = objects, state, version
        policy = objects.policy
        self.lease = Lease(objects.where, self._renew, duration_s=policy.lease_s, safe_s=policy.safe_lease_s)
        self._unconfirmed: dict[bytes, DeployState] = {}
        self._mutex = threading.Lock()

    def write(self, change: Callable[[DeployState], DeployState], *, is_hasty: bool = False) -> None:
        """Change the state. Raises `PublishFailed` if another publisher has changed it: then nothing may be written."""
        objects = self.objects.with_few_retries() if is_hasty else self.objects
        with self._mutex:
            for _ in range(2):
                state = replace(change(self.state), heartbeat=secrets.token_hex(8))
                data = state.dump()
                self._unconfirmed[data] = state
                since_s = boottime()
                try:
                    self.version = objects.replace(STATE_KEY, data, self.version, PLAIN)
                except PreconditionFailed as conflict:
                    current = conflict.current
                    if current is None or current.data not in self._unconfirmed:
                        break
                    # This publisher's own state is there: the answer was lost.
                    self.state, self.version = self._unconfirmed[current.data], current.version
                else:
                    self._unconfirmed.clear()
                    self.state = state
                    self.lease.confirm(since_s)
                    return
            raise self.lease.lose()

    def _renew(self) -> bool:
        self.write(lambda state: state, is_hasty=True)
        return True

    def remove(self) -> None:
        """Delete the state itself, as the last of all objects. It is not written again."""
        self.lease.stop()
        with self._mutex:
            self.objects.delete([STATE_KEY])
            self.state = replace(self.state, lock="")

    def end(self) -> None:
        """Stop renewing the lock and release it; if the store does not answer, the lock expires."""
        self.lease.stop()
        if not self.lease.is_lost and (self.state.lock or self._unconfirmed):
            with suppress(PublishFailed):
                self.write(lambda state: replace(state, lock=""), is_hasty=True)


def lock_age_s(objects: ObjectClient, written_s: float) -> float:
    """Return for how long the state has not been written, by the store's clock, because this machine's may be wrong."""
    objects.put(CLOCK, secrets.token_bytes(8), PLAIN)
    return objects.time_s(CLOCK) - written_s
