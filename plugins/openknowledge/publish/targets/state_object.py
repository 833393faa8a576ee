"""The register of an object store: one object, each version of it written by who knew the one before."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ..errors import PublishFailed
from ..release import DeployState
from .lock import awake_s, lost
from .object_client import ObjectClient, PreconditionFailed

__all__ = ["CLOCK", "CONTROL", "PLAIN", "REGISTER", "StateWriter", "lock_age_s"]

CONTROL = "_openknowledge"
"""Where a store keeps what is not the site: it is no part of any address."""
REGISTER = f"{CONTROL}/register.json"
CLOCK = f"{CONTROL}/clock"
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class StateWriter:
    """Writes the register as long as nobody else does; beats in the meantime, so that the lock is seen to be alive."""

    def __init__(self, objects: ObjectClient, register: DeployState, version: str | None) -> None:
        self.objects, self.register, self.version = objects, register, version
        self.is_lost = False
        self._unsure: dict[bytes, DeployState] = {}
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._beating: threading.Thread | None = None
        self._alive = awake_s()

    def write(self, change: Callable[[DeployState], DeployState], *, is_hasty: bool = False) -> DeployState:
        """Change the register. Raises `Failed` where somebody else has changed it: nothing more may be written."""
        objects = self.objects.with_few_retries() if is_hasty else self.objects
        with self._turn:
            try:
                return self._written(change, objects)
            except PreconditionFailed as moved:
                self._recognise(moved)
            try:
                return self._written(change, objects)
            except PreconditionFailed:
                self.is_lost = True
                raise self.lost() from None

    def _written(self, change: Callable[[DeployState], DeployState], objects: ObjectClient) -> DeployState:
        wanted = replace(change(self.register), heartbeat=secrets.token_hex(8))
        data = wanted.dump()
        self._unsure[data] = wanted
        began = awake_s()
        self.version = objects.replace(REGISTER, data, self.version, PLAIN)
        self._unsure.clear()
        self.register, self._alive = wanted, began
        return wanted

    def _recognise(self, moved: PreconditionFailed) -> None:
        """Go on from what is there if we wrote it ourselves, and never heard that it was done."""
        mine = self._unsure.get(moved.current.data) if moved.current else None
        if mine is None or moved.current is None:
            self.is_lost = True
            raise self.lost() from None
        self.register, self.version = mine, moved.current.version

    def lost(self) -> PublishFailed:
        return lost(self.objects.where)

    def check(self) -> None:
        """Raises `Failed` where the lock is not ours any more, or may not be: this machine has slept for long."""
        if self.is_lost or awake_s() - self._alive > self.objects.policy.safe_lease_s:
            raise self.lost()

    def beat(self) -> None:
        """Renew the lock from now on, in the background."""
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()

    def _beat(self) -> None:
        while not self._ended.wait(self.objects.policy.lease_s / 6):
            try:
                self.write(lambda register: register, is_hasty=True)
            except PublishFailed:
                # A store that is out of reach for a moment is asked again; a lock that is lost stays lost.
                if self.is_lost:
                    return

    def remove(self) -> None:
        """Delete the register itself, last of all that there was. It is not written again."""
        self._ended.set()
        with self._turn:
            self.objects.delete([REGISTER])
            self.register = replace(self.register, lock="")

    def end(self) -> None:
        """Stop beating, and let go of the lock if it is still ours; where the store is out of reach, it expires."""
        self._ended.set()
        if self._beating is not None:
            self._beating.join()
        if not self.is_lost and (self.register.lock or self._unsure):
            with suppress(PublishFailed):
                self.write(lambda register: replace(register, lock=""), is_hasty=True)


def lock_age_s(objects: ObjectClient, written_s: float) -> float:
    """For how long a register has not been written, by the store's own clock: ours may be wrong."""
    objects.put(CLOCK, secrets.token_bytes(8), PLAIN)
    return objects.time_s(CLOCK) - written_s
